from datetime import UTC
from datetime import datetime
from pathlib import Path

import pytest

from flaskr.importers import dates
from flaskr.importers import visibility

NOW = datetime(2024, 6, 1, tzinfo=UTC)


def decide(fields, name="a.md", created=None):
    return visibility.decide(fields, Path(name), zone=UTC, created=created, now=NOW)


def pairs(names, values):
    return [{name: value} for name in names for value in values]


@pytest.mark.parametrize(
    "fields",
    (
        *pairs(
            ("draft", "isDraft", "private", "unlisted", "hidden", "eleventyExcludeFromCollections"),
            ("true", "True", "YES", "1", 1, True, "on"),
        ),
        *pairs(
            ("published", "publish", "public", "render"),
            ("false", "No", "0", 0, False, "off", "never"),
        ),
        *pairs(
            ("status", "visibility", "post_status"),
            ("draft", "Private", "hidden", "pending", "unlisted", "unheard-of"),
        ),
        {"wip": "true"},
        {"state": "draft"},
        {"type": "private"},
        {"published": "soon"},
        {"draft": "maybe"},
        {"draft": ["true"]},
        {"password": "hunter22"},
        {"post_password": "hunter22"},
        {"headless": "true"},
        {"active": "no"},
        {"permalink": "false"},
        {"permalink": {"build": False}},
        {"params": {"draft": True}},
        {"extra": {"private": "yes"}},
        {"build": {"render": "never"}},
        {"_build": {"list": "never"}},
        {"expiryDate": "2024-05-31"},
        {"expiryDate": "one day"},
        {"publishDate": "some day"},
    ),
)
def test_a_post_that_was_not_public_becomes_a_draft(fields):
    found = decide(fields)
    assert (found.status, len(found.reasons)) == ("draft", 1)


@pytest.mark.parametrize(
    "fields",
    (
        {},
        {"draft": "false", "private": False, "hidden": 0, "wip": "no", "unlisted": None},
        {"published": "true", "publish": True, "public": "yes", "render": "always"},
        {"published": "2020-05-05", "publish": "2020-05-05 10:00"},
        {"status": "Published", "visibility": "public", "post_status": ["publish"]},
        {"state": "California", "type": "post", "layout": "post", "access": "all"},
        {"password": "", "permalink": "/a/", "build": {"render": "always", "list": "always"}},
        {"expiryDate": "0001-01-01T00:00:00Z", "publishDate": "2020-01-01"},
        {"hide": ["toc"], "expires": False},
        {"live": "https://demo.example", "exclude": [], "show": "always", "post_password": ""},
    ),
)
def test_a_public_post_stays_public(fields):
    assert decide(fields) == ("published", None, [])


@pytest.mark.parametrize(
    "name", ("_drafts/a.md", "posts/Drafts/a.md", "private/a.md", "_a.md", "a.draft.md")
)
def test_the_path_may_say_that_a_post_is_a_draft(name):
    assert decide({}, name).status == "draft"


@pytest.mark.parametrize(
    "fields", ({"publishDate": "2099-01-01"}, {"pubDate": "2099-01-01"}, {"embargo": "2099-01-01"})
)
def test_a_post_for_later_is_scheduled(fields):
    found = decide(fields, created=datetime(2020, 1, 1, tzinfo=UTC))
    assert (found.status, found.appears) == ("published", dates.parse("2099-01-01", UTC))
    assert "It is scheduled for 2099-01-01" in found.reasons[0]


def test_a_date_in_the_future_is_told():
    found = decide({}, created=datetime(2099, 1, 1, tzinfo=UTC))
    assert found.reasons == ["It is scheduled for 2099-01-01 00:00:00 UTC, its date."]


def test_a_post_that_was_to_disappear_is_told():
    assert "It was to disappear on 2099-01-01" in decide({"expires": "2099-01-01"}).reasons[0]


def test_the_report_does_not_tell_passwords():
    assert "hunter22" not in str(decide({"password": "hunter22"}))
