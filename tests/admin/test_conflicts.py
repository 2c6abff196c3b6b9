import re
from html.parser import HTMLParser

import pytest

from flaskr import errors
from flaskr.db import get_db
from flaskr.models import posts
from flaskr.models import revisions
from flaskr.models import users
from flaskr.web import conflicts

MINE = "one\n<script>alert(1)</script> mine\nthree\n"


class Form(HTMLParser):
    """The fields of a page's form with class "conflict", and its visible text."""

    def __init__(self, page):
        super().__init__()
        self.fields, self.radios, self.text, self.action = {}, {}, "", None
        self._inside, self._textarea = False, None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form":
            self._inside = attributes.get("class") == "conflict"
            self.action = attributes["action"] if self._inside else self.action
        elif self._inside and attributes.get("type") == "radio":
            self.radios.setdefault(attributes["name"], []).append(attributes["value"])
            if "checked" in attributes:
                self.fields[attributes["name"]] = attributes["value"]
        elif self._inside and tag == "input":
            self.fields[attributes["name"]] = attributes["value"]
        elif self._inside and tag == "textarea":
            self._textarea = attributes["name"]
            self.fields[self._textarea] = ""

    def handle_endtag(self, tag):
        if tag == "textarea" and self._textarea:
            # Browsers ignore a newline at the beginning, and send CRLF.
            body = self.fields[self._textarea].removeprefix("\n")
            self.fields[self._textarea] = body.replace("\n", "\r\n")
            self._textarea = None

    def handle_data(self, data):
        if self._textarea:
            self.fields[self._textarea] += data
        elif self._inside:
            self.text += data


@pytest.fixture
def theirs(client, auth):
    """A post whose second line was changed after `base`, its title and tags since the creation."""
    auth.login()
    client.post("/1/update", data={"title": "New", "body": "one\ntwo\nthree\n"})
    client.post("/1/update", data={"title": "New", "body": "one\nTheirs.\nthree\n", "base": "2"})
    return {"title": "New", "body": MINE, "base": "2", "tags": "a, b", "key": "k" * 20}


def test_conflict_is_a_form_that_carries_everything_along(client, theirs):
    response = client.post("/1/update", data=theirs)
    form = Form(response.text)
    assert response.status_code == 409
    assert form.action == "/1/update"
    assert form.radios == {"keep-1": ["mine", "theirs", "both"]}
    assert form.fields == {
        **theirs,
        "body": MINE.replace("\n", "\r\n"),
        "against": "3",
    }
    assert re.search("You, in another tab, [0-9]{2}:[0-9]{2}", form.text)
    assert "<script>alert(1)</script> mine" in form.text


@pytest.mark.parametrize("choice", ("mine", "theirs", "both"))
def test_chosen_text_is_saved_with_the_other_fields(app, client, theirs, choice):
    form = Form(client.post("/1/update", data=theirs).text)
    response = client.post(form.action, data={**form.fields, "keep-1": choice})
    assert response.headers["Location"] == "/"
    mine, others = MINE.split("\n")[1], "Theirs."
    kept = {"mine": mine, "theirs": others, "both": f"{mine}\n\n{others}"}[choice]
    with app.app_context():
        assert posts.get_stored(1)["body"] == f"one\n{kept}\nthree\n"
        assert get_db().execute("SELECT count(*) FROM post_tag").fetchone()[0] == 2


def test_missing_choice_is_asked_for_again(client, theirs):
    form = Form(client.post("/1/publication", data=theirs).text)
    again = client.post(form.action, data=form.fields)
    assert again.status_code == 409
    assert Form(again.text).fields == form.fields


def test_second_conflict_keeps_the_resolved_text(app, client, theirs):
    form = Form(client.post("/1/update", data=theirs).text)
    client.post("/1/update", data={"title": "New", "body": "one\nNewer.\nthree\n"})
    again = Form(client.post(form.action, data={**form.fields, "keep-1": "both"}).text)
    assert (again.fields["base"], again.fields["against"]) == ("3", "4")
    assert again.fields["body"].endswith("mine\r\n\r\nTheirs.\r\nthree\r\n")
    assert "keep-1" not in again.fields


def test_two_titles_are_chosen_from_and_choices_stay(client, theirs):
    data = {**theirs, "title": "<b>Mine"}
    client.post("/1/update", data={"title": "Theirs", "body": "one\nTheirs.\nthree\n"})
    form = Form(client.post("/1/update", data=data).text)
    assert form.radios["keep-title"] == ["mine", "theirs"]
    again = Form(client.post(form.action, data={**form.fields, "keep-title": "mine"}).text)
    assert again.fields["keep-title"] == "mine"
    client.post(form.action, data={**again.fields, "keep-1": "theirs"})
    assert '<h1 class="p-name">&lt;b&gt;Mine</h1>' in client.get("/1", follow_redirects=True).text


@pytest.mark.parametrize("against", ("", "x", "-1", "99", "9" * 40, "²"))
def test_invalid_version_to_compare_with_is_refused_or_ignored(client, theirs, against):
    data = {**theirs, "against": against, "keep-1": "mine"}
    assert client.post("/1/update", data=data).status_code in (404, 409)


def test_scripts_receive_the_blocks_and_the_form_fragment(app, client, theirs):
    with app.test_request_context():
        with pytest.raises(errors.EditConflict) as clash:
            posts.update(1, users.find(1), title="Mine", body=MINE, base=2)
        found = conflicts.describe(clash.value)
        newest = revisions.newest_id(1)
    assert found["theirs"].keys() == {"who", "when", "revision", "title"}
    assert found["theirs"]["revision"] == newest
    assert found["title"] == {"kind": "mine", "text": "Mine", "mine": "Mine", "theirs": "New"}
    assert [block["kind"] for block in found["blocks"]] == ["same", "conflict", "same"]
    assert "".join(block.get("mine", block.get("text")) for block in found["blocks"])[:-1] == MINE
    assert found["blocks"][1]["both"].endswith("mine\n\nTheirs.\n")
    assert 'name="keep-1" value="both"' in found["html"]
