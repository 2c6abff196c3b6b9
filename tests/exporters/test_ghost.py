"""The structure is that of https://docs.ghost.org/migration/custom."""

import json

import pytest

from flaskr.exporters import ghost

HASH = "0123456789abcdef" * 2
PICTURE = f"/media/{'0' * 32}.png"
SITE = {
    "title": "A",
    "description": "B",
    "users": [
        {"id": 1, "username": "Ann B", "display_name": "", "bio": "", "picture": ""},
        {"id": 2, "username": "bob", "display_name": "Bob", "bio": "x" * 300, "picture": PICTURE},
    ],
    "roles": {1: "owner", 2: "author"},
    "tags": [{"id": 4, "slug": "sea", "name": "Sea"}],
}
POST = {
    "id": 7,
    "title": 'T "quoted"\0',
    "slug": "t",
    "html": f'<p><img src="/media/{HASH}.png"></p>',
    "cover": f"/media/{HASH}.png",
    "summary": "S",
    "created": "2020-01-02 03:04:05",
    "updated": "",
    "state": "published",
    "kind": "page",
    "authors": ["bob", "Ann B", "nobody"],
    "tags": ["Sea"],
}


def read(*posts):
    (export,) = json.loads("".join(ghost.write(SITE, posts, 5)))["db"]
    return export["meta"], export["data"]


def test_file_says_when_and_for_which_version_it_was_made():
    assert read()[0] == {"exported_on": 5, "version": "5.0.0"}


def test_posts_have_the_fields_that_ghost_reads():
    (post,) = read(POST)[1]["posts"]
    assert post == {
        "id": "000000000000000000000007",
        "title": 'T "quoted"\0',
        "slug": "t",
        "html": f'<p><img src="/content/images/{HASH}.png"></p>',
        "feature_image": f"/content/images/{HASH}.png",
        "type": "page",
        "status": "published",
        "visibility": "public",
        "custom_excerpt": "S",
        "created_at": "2020-01-02T03:04:05.000Z",
        "updated_at": "2020-01-02T03:04:05.000Z",
        "published_at": "2020-01-02T03:04:05.000Z",
    }


def test_authors_and_tags_are_linked_in_order():
    data = read(POST, {**POST, "id": 8, "state": "draft", "authors": [], "tags": []})[1]
    names = {user["id"]: user["name"] for user in data["users"]}
    links = sorted(data["posts_authors"], key=lambda link: link["sort_order"])
    assert [names[link["author_id"]] for link in links] == ["Bob", "Ann B"]
    assert [link["tag_id"] for link in data["posts_tags"]] == [data["tags"][0]["id"]]
    assert data["posts"][1]["published_at"] is None


def test_picture_of_an_author_is_in_the_folder_of_ghost():
    pictures = [user["profile_image"] for user in read()[1]["users"]]
    assert pictures == [None, f"/content/images/{'0' * 32}.png"]


def test_roles_are_given_out_by_their_names_in_ghost():
    data = read()[1]
    assert [link["role_id"] for link in data["roles_users"]] == ["owner", "author"]
    assert [role["name"] for role in data["roles"]] == ["Author", "Owner"]


@pytest.mark.parametrize(
    ("name", "folder"),
    (("a.png", "content/images"), ("a.mp4", "content/media"), ("a.pdf", "content/files")),
)
def test_files_are_in_the_folders_of_ghost(name, folder):
    assert ghost.media_path(name) == f"{folder}/{name}"
