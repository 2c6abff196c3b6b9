import re

import pytest

from flaskr.models import post_lists
from flaskr.models import posts
from flaskr.models import users


@pytest.fixture
def writer(app, client, auth):
    with app.app_context():
        users.set_role("test", "owner")
    auth.login()
    return client


def follow(writer, response):
    """Open the page that an answer redirects to. Return its path, status message and undo URL."""
    assert response.status_code == 302
    page = writer.get(response.location, follow_redirects=True)
    message = re.findall(r'class="flash[^>]*>\s*([^<]*?)\s*<', page.text)[-1]
    undo = re.findall(r'action="(/undo/[^"]+)"', page.text)
    query = page.request.query_string.decode()
    path = f"{page.request.path}?{query}" if query else page.request.path
    return path, message, undo and undo[-1].replace("&amp;", "&")


def stored(app, post_id=1):
    with app.app_context():
        return posts.get_stored(post_id)


FORM = {"title": "A title", "body": "words"}


@pytest.mark.parametrize("kind", ("post", "page"))
def test_new_post_is_published_and_taken_back(app, writer, kind):
    response = writer.post("/publications", data=FORM | {"kind": kind})
    place, message, undo = follow(writer, response)
    assert (place, message) == ("/a-title", "Published.")
    assert follow(writer, writer.post(undo))[:2] == ("/2/update", "Undone. It is a draft again.")
    assert (stored(app, 2)["status"], stored(app, 2)["dated"]) == ("draft", 0)


def test_draft_that_the_script_stored_is_published_and_not_copied(app, writer):
    key = "k" * 20
    writer.put(f"/unsaved/{key}", data=FORM)
    response = writer.post("/publications", data=FORM | {"key": key, "body": "finished"})
    assert follow(writer, response)[0] == "/a-title"
    with app.app_context():
        assert [post["id"] for post in post_lists.newest().posts] == [2, 1]
        assert posts.get_stored(2)["body"] == "finished"


@pytest.mark.parametrize("kind", ("post", "page"))
def test_draft_is_scheduled_and_taken_back(app, writer, kind):
    writer.post("/drafts", data=FORM | {"kind": kind})
    data = FORM | {"created": "2999-01-01T09:00"}
    place, message, undo = follow(writer, writer.post("/2/publication", data=data))
    assert place == "/posts?show=scheduled"
    assert message == "Scheduled for 2999-01-01 09:00."
    assert follow(writer, writer.post(undo))[0] == "/2/update"
    assert stored(app, 2)["dated"] == 0


@pytest.mark.parametrize("kind", ("post", "page"))
def test_published_post_is_updated_and_put_back(app, writer, kind):
    writer.post("/publications", data=FORM | {"kind": kind})
    response = writer.post("/2/publication", data={"title": "New", "body": "new"})
    place, message, undo = follow(writer, response)
    assert (place, message) == ("/a-title", "Updated.")
    place, message, _ = follow(writer, writer.post(undo))
    assert (place, message) == ("/a-title", "Undone. Readers see the previous version.")
    assert stored(app, 2)["body"] == "words"


def test_published_post_is_moved_to_the_future_and_back(app, writer):
    data = FORM | {"created": "2999-01-01T09:00"}
    _, message, undo = follow(writer, writer.post("/1/publication", data=data))
    assert message == "Scheduled for 2999-01-01 09:00."
    assert follow(writer, writer.post(undo))[0] == "/a-title"
    assert stored(app)["stored_created"] == "2018-01-01 00:00:00"


def test_scheduled_post_is_published_now_and_scheduled_again(app, writer):
    writer.post("/publications", data=FORM | {"created": "2999-01-01T09:00"})
    response = writer.post("/2/publication", data=FORM | {"created": "2020-01-01T09:00"})
    place, message, undo = follow(writer, response)
    assert (place, message) == ("/a-title", "Published.")
    place, message, _ = follow(writer, writer.post(undo))
    assert place == "/posts?show=scheduled"
    assert message == "Undone. Scheduled for 2999-01-01 09:00."


@pytest.mark.parametrize("kind", ("post", "page"))
def test_post_is_unpublished_and_put_back(app, writer, kind):
    writer.post("/publications", data=FORM | {"kind": kind})
    before = stored(app, 2)["stored_created"]
    place, message, undo = follow(writer, writer.post("/2/withdrawal", data=FORM))
    assert (place, message) == ("/a-title", "Unpublished. It is a draft again.")
    assert follow(writer, writer.post(undo))[0] == "/a-title"
    assert (stored(app, 2)["status"], stored(app, 2)["stored_created"]) == ("published", before)


def test_bulk_action_is_undone_in_its_list(writer):
    for _ in "12":
        writer.post("/drafts", data=FORM)
    data = {"action": "publish", "id": ["2", "3"], "show": "drafts"}
    _, message, undo = follow(writer, writer.post("/posts", data=data))
    assert message == "Published 2 posts."
    assert follow(writer, writer.post(undo))[:2] == ("/posts?show=drafts", "Undone.")


def test_changed_post_is_kept_with_a_sentence(writer):
    _, _, undo = follow(writer, writer.post("/1/publication", data=FORM))
    writer.post("/1/update", data=FORM | {"body": "later"})
    message = "“A title” has changed since, so nothing was undone."
    assert follow(writer, writer.post(undo))[:2] == ("/posts", message)


@pytest.mark.parametrize("key", ("x", "x" * 5000, "%00", "%F0%9F%91%8B"))
def test_unknown_change_is_not_undone(writer, key):
    message = "This can no longer be undone."
    assert follow(writer, writer.post(f"/undo/{key}"))[:2] == ("/posts", message)


def test_another_users_change_is_not_undone(app, writer):
    _, _, undo = follow(writer, writer.post("/1/publication", data=FORM))
    other = app.test_client()
    other.post("/auth/login", data={"username": "other", "password": "other"})
    assert follow(other, other.post(undo))[1] == "This can no longer be undone."
    assert stored(app)["title"] == "A title"
