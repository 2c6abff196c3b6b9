"""Markup errors that an HTML checker would report, on every page."""

from collections import Counter
from html.parser import HTMLParser

import pytest

from flaskr.models import posts
from flaskr.models import profiles
from flaskr.models import users

PUBLIC_PATHS = (
    "/",
    "/everything",
    "/tag",
    "/tag/a",
    "/user/test",
    "/archive",
    "/feeds",
    "/tag/a/feeds",
    "/2018/",
    "/2018/01/",
    "/series/s",
    "/search",
    "/search?q=test",
    "/search?q=nothing",
    "/auth/login",
    "/auth/register",
    "/nothing",
)
ADMIN_PATHS = (
    "/",
    "/everything",
    "/series/s",
    "/tag",
    "/create",
    "/2/update",
    "/2/revisions",
    "/posts",
    "/posts?show=trash",
    "/tags",
    "/media",
    "/settings",
    "/account",
    "/auth/password",
)
BODY = "#### Deep\n\n# High\n\nA note[^1] and [a way](#high).\n\n[^1]: Here.\n\n## Between\n"
ID_ATTRIBUTES = ("for", "list", "form", "aria-labelledby", "aria-describedby", "aria-controls")


class Markup(HTMLParser):
    """The ids, references, headings and misplaced elements of a page."""

    def __init__(self, page):
        super().__init__()
        self.ids, self.references, self.levels, self.misplaced = [], [], [], []
        self.in_body = False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.in_body |= tag == "body"
        self.ids += [values["id"]] if "id" in values else []
        for name in ID_ATTRIBUTES:
            self.references += (values.get(name) or "").split()
        if (values.get("href") or "").startswith("#"):
            self.references.append(values["href"][1:])
        if tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            self.levels.append(int(tag[1]))
        if self.in_body and tag in ("link", "meta", "title", "style", "base"):
            self.misplaced.append(tag)


@pytest.fixture
def blog(app):
    with app.app_context():
        users.set_role("test", "owner")
        profiles.update(1, display_name="", bio="# I\n\nwrite.")
        posts.create(
            author_id=1, title="Everything", body=BODY, tags=["a"], series="S", summary="All."
        )
    return app


def find_errors(page):
    markup = Markup(page)
    return {
        "duplicate ids": [name for name, n in Counter(markup.ids).items() if n > 1],
        "broken references": sorted(set(markup.references) - set(markup.ids)),
        "elements outside head": markup.misplaced,
        "skipped heading levels": [
            (before, after)
            for before, after in zip([0, *markup.levels], markup.levels, strict=False)
            if after > before + 1
        ],
        "extra h1 elements": markup.levels.count(1) - 1,
    }


def without_empty(found):
    return {kind: errors for kind, errors in found.items() if errors}


@pytest.mark.parametrize("path", PUBLIC_PATHS)
def test_public_pages_have_valid_markup(blog, client, path):
    assert without_empty(find_errors(client.get(path).text)) == {}


@pytest.mark.parametrize("path", ADMIN_PATHS)
def test_admin_pages_have_valid_markup(blog, client, auth, path):
    auth.login()
    assert without_empty(find_errors(client.get(path).text)) == {}
