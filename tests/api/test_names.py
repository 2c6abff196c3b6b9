import pytest

from flaskr.models import users


@pytest.fixture
def sea(write):
    """A post with a tag and in a series, and a draft with others."""
    write("Draft", status="draft", tags=["Hidden"], series="Secret")
    return write("Sea", tags=["Sea"], series="Tides")


def names(response):
    return [one["name"] for one in response.json]


@pytest.mark.parametrize(
    ("path", "public", "hidden"), (("/tags", "Sea", "Hidden"), ("/series", "Tides", "Secret"))
)
def test_visitors_see_the_names_on_published_posts(api, visitor, sea, path, public, hidden):
    assert names(visitor("GET", path)) == [public]
    assert set(names(api("GET", path))) == {public, hidden}
    (found,) = visitor("GET", path).json
    assert found.pop("posts") == 1
    assert visitor("GET", f"{path}/{public.lower()}").json == found
    assert visitor("GET", f"{path}/{hidden.lower()}").status_code == 404


@pytest.mark.parametrize("path", ("/tags/sea", "/series/tides"))
def test_only_the_owner_renames(api, program, visitor, sea, path):
    assert api("PATCH", path, {"name": "Ocean"}).status_code == 403
    owner = program(2, role="owner")
    assert owner("PATCH", path, {"name": "Ocean"}).json["slug"] == "ocean"
    moved = visitor("GET", path)
    assert (moved.status_code, moved.location[-6:]) == (301, "/ocean")
    assert owner("PATCH", path.rpartition("/")[0] + "/ocean", {"name": ""}).status_code == 422


def test_a_deleted_tag_leaves_its_posts(owner, visitor, sea):
    assert owner("DELETE", "/tags/sea").status_code == 204
    assert visitor("GET", f"/posts/{sea}").json["tags"] == []


def test_users_are_listed_with_roles_only_for_the_owner(api, program):
    assert [one["username"] for one in api("GET", "/users").json] == ["other", "test"]
    assert [one.get("role") for one in api("GET", "/users").json] == [None, "author"]
    owner = program(role="owner")
    assert [one["role"] for one in owner("GET", "/users").json] == ["author", "owner"]


def test_a_user_changes_their_own_profile(app, api):
    changed = api("PATCH", "/users/me", {"display_name": "Tess", "bio": "About"}).json
    assert changed == api("GET", "/users/me").json == api("GET", "/users/1").json
    assert (changed["display_name"], changed["bio"], changed["role"]) == ("Tess", "About", "author")
    taken = api("PATCH", "/users/me", {"display_name": "other"})
    assert taken.json["errors"][0]["pointer"] == "#/display_name"
    with app.app_context():
        assert users.find(2)["display_name"] == ""
