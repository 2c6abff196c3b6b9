import pytest

from flaskr.importers import authors


@pytest.mark.parametrize(
    ("front_matter", "expected"),
    (
        ({"author": "Ada"}, ["Ada"]),
        ({"authors": ["Ada", "Grace", "ada"]}, ["Ada", "Grace"]),
        ({"author": [{"name": "Ada", "url": "/ada"}, "Grace", {"url": "/"}]}, ["Ada", "Grace"]),
        ({"author": {"name": "Ada"}}, ["Ada"]),
        ({"extra": {"author": "Ada"}}, ["Ada"]),
        ({"taxonomies": {"authors": ["Ada"]}, "author": "Grace"}, ["Ada"]),
        ({"extra": "nothing"}, []),
        ({"author": "Anna Berg, Bo Dahl and Cy Eng"}, ["Anna Berg", "Bo Dahl", "Cy Eng"]),
        ({"author": "Sammy Davis, Jr."}, ["Sammy Davis, Jr."]),
        ({"author": "Anna Berg <anna@example.org>"}, ["Anna Berg"]),
        ({"author": "anna@example.org"}, []),
        ({"authors": ["anna@example.org (Anna)", "b@c"]}, ["Anna"]),
        ({"author": {"email": "a@b.c", "first_name": "Anna", "last_name": "Berg"}}, ["Anna Berg"]),
        ({"author": {"display_name": "Jo Doe", "login": "jo"}}, ["Jo Doe"]),
        ({"author": "AC/DC? 100%"}, ["AC DC 100"]),
        ({"author": "Anna " * 40}, ["Anna " * 11 + "Anna"]),
        ({"author": "x" * 100}, ["x" * 63]),
        ({"author": ".."}, []),
        ({}, []),
    ),
)
def test_authors_are_found_in_any_shape(front_matter, expected):
    assert authors.find(front_matter) == expected


def test_names_are_looked_up_in_the_list_of_the_site():
    assert authors.find({"author": "ADA"}, {"ada": "Ada Lovelace"}) == ["Ada Lovelace"]
