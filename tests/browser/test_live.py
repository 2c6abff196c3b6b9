"""Pages that are open follow what is saved elsewhere."""

import re

import pytest

from .conftest import body
from .conftest import sql


@pytest.fixture
def connect(full_blog, visitor, cookies_of_ada):
    """Opens the full blog on another device of its owner. New posts are deleted after the test."""
    yield lambda: visitor(full_blog, storage_state=cookies_of_ada)
    sql(full_blog, "DELETE FROM post WHERE id > 16")
    sql(full_blog, "DELETE FROM unsaved")


def start_draft(person, title):
    """Write a draft, and wait for it to be saved."""
    person.open("/create")
    person.fill(Title=title, Body="One.\n\nTwo.")
    person.page.locator("form[data-post]").wait_for()
    return person.page.url.removeprefix(person.server.address)


def test_draft_takes_in_what_is_saved_on_another_device(connect):
    here, there = connect(), connect()
    path = start_draft(here, "Both")
    there.open(path)
    there.fill(Body="One.\n\nTwo.\n\nThree.")
    here.page.get_by_text("Three.").first.wait_for()
    state = re.compile(r"^You changed this draft elsewhere at \d\d:\d\d\.")
    here.page.locator("[data-status]", has_text=state).wait_for()
    assert here.problems == there.problems == []


def test_editor_of_a_published_post_offers_the_new_version(connect):
    here, there = connect(), connect()
    path = start_draft(here, "Published")
    here.press("Publish")
    assert here.sees("Published.")
    for person in (here, there):
        person.open(path)
        body(person.page)
    there.fill(Body="Another version.")
    there.press("Update")
    assert there.sees("Updated.")
    notice = here.page.get_by_role("status").filter(has_text="You updated this post elsewhere")
    notice.get_by_role("link", name="Show the new version").click()
    here.page.get_by_text("Another version.").first.wait_for()
    assert here.problems == []


def test_list_of_drafts_follows_unless_it_is_in_use(connect):
    here, there = connect(), connect()
    here.open("/posts?show=drafts")
    start_draft(there, "First")
    here.page.get_by_role("link", name="First", exact=True).wait_for()
    box = here.page.get_by_role("checkbox", name="Select “First”")
    box.check()
    here.page.evaluate(
        "import('/static/live.js').then(({ listen }) =>"
        " listen('/api/v1/events', { posts: () => (window.hasHeard = true) }))"
    )
    start_draft(there, "Second")
    here.page.wait_for_function("() => window.hasHeard")
    assert here.page.get_by_role("link", name="Second", exact=True).count() == 0
    box.uncheck()
    box.blur()
    here.page.get_by_role("link", name="Second", exact=True).wait_for()
    number = here.page.get_by_label("Filters").get_by_role("link", name="Drafts").locator("span")
    assert number.text_content() == f"{here.page.locator('.tick').count()}"
