"""The editor: autosaves, preview, shortcuts, tags and uploads."""

import contextlib
import json
import re
import sqlite3

import pytest

from .conftest import BODY
from .conftest import select
from .conftest import text_of

POST = "/13/update"
LOGGED_OUT = "You are logged out. Log in in another tab, then continue here."
SERVER_DOWN = "The server is not responding. Your text is stored in this browser."


def sql(server, statement, *values):
    with contextlib.closing(sqlite3.connect(server.instance / "flaskr.sqlite")) as db, db:
        return db.execute(statement, values).fetchall()


@pytest.fixture
def ada(full_blog, visitor, cookies_of_ada):
    """The owner of the full blog, without autosaves. Her post is restored after the test."""
    sql(full_blog, "DELETE FROM unsaved")
    before = sql(full_blog, "SELECT title, body FROM post WHERE id = 13")[0]
    yield visitor(full_blog, storage_state=cookies_of_ada, viewport={"width": 1280, "height": 800})
    sql(full_blog, "UPDATE post SET title = ?, body = ? WHERE id = 13", *before)


@pytest.fixture
def without_scripts(full_blog, visitor, cookies_of_ada):
    """The owner of the full blog in a browser without scripts."""
    sql(full_blog, "DELETE FROM unsaved")
    return visitor(full_blog, storage_state=cookies_of_ada, java_script_enabled=False)


@pytest.fixture
def writer(new_blog, visitor):
    """The owner of a new blog that the test may stop."""
    person = visitor(new_blog)
    person.page.goto(person.server.setup_link())
    person.register()
    assert person.sees("Your posts will appear here.")
    return person


def body(page):
    return page.get_by_label("Body", exact=True)


def wait_for_status(page, text):
    page.locator("[data-status]", has_text=text).wait_for(timeout=15_000)


def wait_for_text(page, start):
    page.wait_for_function(
        "start => new FormData(document.querySelector('form.write')).get('body').startsWith(start)",
        arg=start,
    )


def wait_for_offer(page):
    page.get_by_role("group", name="Autosave").first.wait_for()


def another_tab(person, path):
    """Open a second tab of the same browser."""
    page = person.page.context.new_page()
    page.goto(person.server.address + path)
    return page


def wait_until_stored_in_browser(page):
    page.wait_for_function(
        "() => Object.keys(localStorage).some((key) => key.startsWith('unsaved:'))"
    )


def save(person):
    person.page.locator("form.write button.main").click()


def test_preview_keeps_unchanged_blocks(ada):
    ada.open("/create")
    ada.fill(Title="Hello", Body=BODY)
    ada.press("Preview")
    preview = ada.page.get_by_role("region", name="Preview")
    preview.get_by_role("heading", name="How it came").wait_for()
    assert preview.locator("pre").count() == 1
    first = preview.locator(".text p").first
    first.evaluate("block => { block.kept = true }")
    ada.press("Write")
    body(ada.page).press("Control+End")
    ada.page.keyboard.type("And more.")
    ada.press("Preview")
    preview.get_by_text("And more.").wait_for()
    assert first.evaluate("block => block.kept")


def test_preview_runs_no_scripts(ada):
    ada.open("/create")
    ada.fill(Body="<img src=x onerror=\"document.title = 'hacked'\"><script>x</script>\n\nThe end.")
    ada.press("Preview")
    ada.page.get_by_role("region", name="Preview").get_by_text("The end.").wait_for()
    assert "hacked" not in ada.page.title()
    # The image does not exist.
    ada.problems.clear()


def test_narrow_screen_toggles_text_and_preview(ada):
    ada.page.set_viewport_size({"width": 320, "height": 800})
    ada.open("/create")
    ada.fill(Title="Hello", Body="Some *stress*.")
    ada.open_menu()
    ada.press("Preview")
    ada.page.get_by_role("region", name="Preview").get_by_text("stress").wait_for()
    assert not body(ada.page).is_visible()
    ada.open_menu()
    ada.press("Write")
    assert body(ada.page).is_visible()
    assert not ada.page.get_by_role("region", name="Preview").is_visible()


def test_preview_works_without_scripts(without_scripts):
    person = without_scripts
    person.open("/create")
    person.fill(Title="Hello", Body="Some *stress*.")
    person.press("Preview")
    assert person.page.locator(".text em").inner_text() == "stress"
    assert body(person.page).input_value() == "Some *stress*."
    assert sql(person.server, "SELECT * FROM unsaved") == []


def test_url_pasted_over_text_makes_a_link(ada):
    ada.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ada.open("/create")
    field = body(ada.page)
    field.press_sequentially("some words")
    select(ada.page, 5, 10)
    ada.page.evaluate("navigator.clipboard.writeText('https://example.org/a_(b)')")
    field.press("Control+v")
    assert text_of(ada.page) == "some [words](https://example.org/a_%28b%29)"
    field.press("Control+z")
    assert text_of(ada.page) == "some words"


def test_ctrl_s_saves(ada):
    ada.open(POST)
    body(ada.page).press("Control+End")
    ada.page.keyboard.type("\n\nSaved by a key.")
    ada.page.keyboard.press("Control+s")
    ada.page.wait_for_url("**/a-post-with-everything")
    assert ada.sees("Saved by a key.")
    assert sql(ada.server, "SELECT * FROM unsaved") == []


def test_status_shows_autosave_and_word_count(ada):
    ada.open(POST)
    assert re.match(r"Saved .*\d\d:\d\d\.", ada.page.get_by_role("status").last.inner_text())
    ada.fill(Body="just four words here")
    ada.page.get_by_text("4 words · 1 minute").wait_for()
    wait_for_status(ada.page, "Autosaved at ")
    ada.fill(Body=sql(ada.server, "SELECT body FROM post WHERE id = 13")[0][0])
    wait_for_status(ada.page, "No unsaved changes.")
    assert sql(ada.server, "SELECT * FROM unsaved") == []


def test_publish_button_is_labeled_schedule_for_a_future_date(ada):
    ada.open("/create")
    ada.page.locator(".settings > summary").click()
    ada.page.locator("[data-more-settings] > summary").click()
    ada.fill(Date="2999-01-01T10:00")
    ada.page.get_by_role("button", name="Schedule").wait_for()
    ada.fill(Date="2001-01-01T10:00")
    ada.page.get_by_role("button", name="Publish").wait_for()


def test_status_counts_images_without_alt_text(ada):
    ada.open("/create")
    ada.fill(Body="![](data:,) one ![ ](data:,) two ![three](data:,)")
    ada.page.get_by_text("· 2 images without alt text").wait_for()
    ada.problems.clear()


def test_autosaved_text_is_saved_by_the_first_click(ada):
    ada.open("/create")
    ada.fill(Title="Written before", Body="A while ago.")
    wait_for_status(ada.page, "Autosaved at ")
    save(ada)
    assert ada.sees("A while ago.")


@pytest.mark.parametrize("path", ("/create", POST))
def test_text_of_a_closed_tab_is_restored(ada, path):
    tab = another_tab(ada, path)
    body(tab).fill("Half a sente")
    wait_for_status(tab, "Autosaved at ")
    tab.close()
    ada.open(path)
    ada.follow("Restore")
    assert text_of(ada.page) == "Half a sente"
    ada.fill(Title="A whole one", Body="Half a sentence.")
    save(ada)
    ada.page.wait_for_url(lambda address: "/create" not in address and "/update" not in address)
    ada.open(path)
    assert ada.page.get_by_text("Autosave from").count() == 0


def test_text_typed_before_a_crash_is_restored(ada):
    tab = another_tab(ada, "/create")
    body(tab).fill("Half a sente")
    wait_until_stored_in_browser(tab)
    assert sql(ada.server, "SELECT * FROM unsaved") == []
    with tab.expect_event("crash"), contextlib.suppress(Exception):
        tab.goto("chrome://crash", timeout=3_000)
    ada.open("/create")
    wait_for_offer(ada.page)
    ada.follow("Restore")
    assert text_of(ada.page) == "Half a sente"
    assert ada.page.evaluate("Object.keys(localStorage).length") == 0


def test_autosave_is_compared_discarded_and_restored(ada, axe):
    tab = another_tab(ada, POST)
    body(tab).fill("Other words.")
    wait_for_status(tab, "Autosaved at ")
    ada.open(POST)
    assert axe(ada.page) == []
    ada.follow("Compare")
    assert "Other" in ada.page.locator("ins").last.inner_text()
    assert axe(ada.page) == []
    ada.press("Discard")
    assert ada.sees("Discarded.")
    assert ada.page.get_by_text("Autosave from").count() == 0
    ada.follow("Undo")
    assert text_of(ada.page) == "Other words."


def test_autosave_is_offered_without_scripts(ada, without_scripts):
    ada.open("/create")
    ada.fill(Title="Half")
    wait_for_status(ada.page, "Autosaved at ")
    person = without_scripts
    person.open("/create")
    person.follow("Compare")
    person.follow("Restore")
    assert person.page.get_by_label("Title", exact=True).input_value() == "Half"
    person.open("/create")
    person.press("Discard")
    person.follow("Undo")
    assert person.page.get_by_label("Title", exact=True).input_value() == "Half"


def test_two_tabs_of_a_post_have_separate_autosaves(ada):
    first, second = another_tab(ada, POST), another_tab(ada, POST)
    body(first).fill("The first tab.")
    body(second).fill("The second tab.")
    for tab in (first, second):
        wait_for_status(tab, "Autosaved at ")
    rows = sql(ada.server, "SELECT post_id, fields FROM unsaved")
    texts = {json.loads(fields)["body"] for _, fields in rows}
    assert texts == {"The first tab.", "The second tab."}
    assert {post_id for post_id, _ in rows} == {13}
    ada.open(POST)
    assert ada.page.get_by_role("group", name="Autosave").count() == 2


def test_autosave_restored_in_two_tabs_becomes_two(ada):
    sql(
        ada.server,
        "INSERT INTO unsaved (user_id, key, fields, kept) VALUES"
        " (1, 'a-key-of-a-form-1', '{\"body\": \"One.\"}', datetime('now'))",
    )
    first = another_tab(ada, "/create?unsaved=a-key-of-a-form-1")
    second = another_tab(ada, "/create?unsaved=a-key-of-a-form-1")
    body(first).fill("One. First.")
    body(second).fill("One. Second.")
    for tab in (first, second):
        wait_for_status(tab, "Autosaved at ")
    assert sql(ada.server, "SELECT count(*) FROM unsaved") == [(2,)]


def test_author_keeps_writing_while_the_server_is_down(writer):
    writer.open("/create")
    writer.server.kill()
    writer.fill(Title="Written alone", Body="But not lost.")
    save(writer)
    wait_for_status(writer.page, SERVER_DOWN)
    assert text_of(writer.page) == "But not lost."
    writer.server.start()
    save(writer)
    assert writer.sees("But not lost.")
    writer.problems.clear()


def test_text_stored_in_the_browser_is_offered_when_the_server_is_back(writer):
    writer.open("/create")
    tab = another_tab(writer, "/create")
    writer.server.kill()
    body(tab).fill("Written alone.")
    wait_until_stored_in_browser(tab)
    tab.close()
    writer.server.start()
    writer.open("/create")
    wait_for_offer(writer.page)
    writer.follow("Restore")
    assert text_of(writer.page) == "Written alone."
    writer.problems.clear()


def test_author_logs_in_in_another_tab_after_the_session_ended(writer):
    writer.open("/create")
    sql(writer.server, "DELETE FROM session")
    writer.fill(Title="Written long", Body="Half a sentence.")
    save(writer)
    wait_for_status(writer.page, LOGGED_OUT)
    with writer.page.expect_popup() as opened:
        writer.page.locator("[data-status]").get_by_role("link", name="Log In").click()
    tab = opened.value
    tab.get_by_label("Username").fill("ada")
    tab.get_by_label("Password").fill("correct horse")
    tab.get_by_role("button", name="Log In").click()
    tab.get_by_text("Your posts will appear here.").wait_for()
    tab.close()
    writer.page.bring_to_front()
    wait_for_status(writer.page, "Autosaved at ")
    save(writer)
    assert writer.sees("Half a sentence.")
    # Chromium logs the responses that say the user is logged out.
    assert all("401" in problem for problem in writer.problems)
    writer.problems.clear()


def test_text_of_an_ended_session_is_offered_without_scripts(new_blog, visitor):
    person = visitor(new_blog, java_script_enabled=False)
    person.page.goto(person.server.setup_link())
    person.register()
    person.open("/create")
    sql(new_blog, "DELETE FROM session")
    person.fill(Title="Written long", Body="Half a sentence.")
    save(person)
    assert person.sees("Your text is autosaved.")
    person.log_in()
    person.follow("Continue editing")
    assert body(person.page).input_value() == "Half a sentence."
    save(person)
    assert person.sees("Half a sentence.")
