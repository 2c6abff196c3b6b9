from datetime import date

import pytest

from flaskr.importers import post_metadata


@pytest.mark.parametrize(
    ("value", "expected"),
    (
        ("  a\n b ", "a b"),
        (None, ""),
        (["a"], ""),
        ({"a": 1}, ""),
        (True, "true"),
        (7, "7"),
        ("a\0\ud800", "a"),
        (date(2024, 1, 2), "2024-01-02"),
    ),
)
def test_any_single_value_becomes_a_line_of_text(value, expected):
    assert post_metadata.text(value) == expected


@pytest.mark.parametrize(
    ("front_matter", "expected"),
    (
        ({"tags": ["a b", "c", "C", ""]}, ["a b", "c"]),
        ({"tags": "a b"}, ["a", "b"]),
        ({"tags": "a b, c"}, ["a b", "c"]),
        ({"categories": "x", "tags": ["a"], "category": "two words"}, ["a", "x", "two words"]),
        ({"taxonomies": {"tags": ["a"], "categories": ["b"]}}, ["a", "b"]),
        ({"tags": [["nested", ["deep"]], None, 2024]}, ["nested", "2024"]),
        ({"tags": [{"name": "Alpha", "slug": "a"}, {"Beta": 1}]}, ["Alpha", "Beta"]),
        ({"tags": {"name": "Alpha"}}, ["Alpha"]),
        ({"tags": "#one #two", "topics": "[x, 'y z']"}, ["one", "two", "x", "y z"]),
        ({"taxonomies": ["a"]}, []),
    ),
)
def test_tags_are_found_in_any_shape(front_matter, expected):
    assert post_metadata.tags(front_matter) == expected


def test_text_with_spaces_is_one_tag_outside_jekyll():
    found = post_metadata.tags({"tags": "machine learning"}, split_at_spaces=False)
    assert found == ["machine learning"]


@pytest.mark.parametrize(
    ("value", "true", "false"),
    ((True, True, False), ("Yes", True, False), ("off", False, True), (None, False, False)),
)
def test_yes_and_no_are_recognized(value, true, false):
    assert post_metadata.is_true(value) is true
    assert post_metadata.is_false(value) is false


@pytest.mark.parametrize(
    ("front_matter", "expected"),
    (
        ({"cover": "a.png"}, ("a.png", "")),
        ({"cover": {"image": "a.png", "alt": "A"}}, ("a.png", "A")),
        ({"featured_image": "/a.png", "featured_image_alt": "A"}, ("/a.png", "A")),
        ({"featureimage": "a.png"}, ("a.png", "")),
        ({"images": ["a.png", "b.png"]}, ("a.png", "")),
        ({"images": []}, ("", "")),
        ({"image": {"path": "/a.png"}}, ("/a.png", "")),
        ({"header": {"overlay_image": "/a.png", "teaser": "/b.png"}}, ("/a.png", "")),
        ({"extra": {"cover_image": "a.png"}}, ("a.png", "")),
        ({"image": True, "cover": "false"}, ("", "")),
        ({"image": {"src": False}}, ("", "")),
        ({}, ("", "")),
    ),
)
def test_a_cover_is_found_in_any_shape(front_matter, expected):
    assert post_metadata.cover(front_matter) == expected


@pytest.mark.parametrize(
    ("front_matter", "expected"),
    (
        ({"series": "A"}, ("A", None)),
        ({"series": ["A", "B"], "series_order": "2"}, ("A", 2)),
        ({"taxonomies": {"series": ["A"]}, "extra": {"part": 3}}, ("A", 3)),
        ({"extra": {"series": {"title": "A", "order": 4}}}, ("A", 4)),
        ({"series": "A", "part": "the second"}, ("A", None)),
        ({"series": True, "part": 1}, ("", None)),
        ({"part": 1}, ("", None)),
    ),
)
def test_a_series_and_the_part_are_found_in_any_shape(front_matter, expected):
    assert post_metadata.series(front_matter) == expected
