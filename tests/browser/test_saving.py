"""Saving in the editor, as somebody types: no character is lost, and neither is the place."""

import contextlib
import json
import re

import pytest

from .conftest import body
from .conftest import sql

WORDS = "the quick brown fox jumps over the lazy dog while it is raining in the old town "
# 170 words a minute are 14 characters a second.
DELAY_MS = 70
LONG_TEXT = "\n\n".join(f"Paragraph {number} of a long text." for number in range(200))
PROXY_PAGE = {"content_type": "text/html", "body": "<h1>nginx</h1>"}


@pytest.fixture
def ada(full_blog, visitor, cookies_of_ada):
    """The owner of the full blog. Its new posts are deleted after the test."""
    yield visitor(full_blog, storage_state=cookies_of_ada, viewport={"width": 1280, "height": 800})
    sql(full_blog, "DELETE FROM post WHERE id > 16")
    sql(full_blog, "DELETE FROM unsaved")


@pytest.fixture
def writer(new_blog, visitor):
    """The owner of a new blog that the test may stop."""
    person = visitor(new_blog)
    person.page.goto(person.server.setup_link())
    person.register()
    assert person.sees("Your posts will appear here.")
    yield person
    # Chromium logs the failed requests of these tests.
    person.problems.clear()


@pytest.fixture
def without_scripts(full_blog, visitor, cookies_of_ada):
    """The owner of the full blog in a browser without scripts."""
    yield visitor(full_blog, storage_state=cookies_of_ada, java_script_enabled=False)
    sql(full_blog, "DELETE FROM post WHERE id > 16")
    sql(full_blog, "DELETE FROM unsaved")


def text_of(page):
    """Return the body as the form submits it."""
    return page.evaluate("new FormData(document.querySelector('form.write')).get('body')")


def wait_for_text(page, pattern):
    page.wait_for_function(
        "pattern => RegExp(pattern).test("
        "new FormData(document.querySelector('form.write')).get('body'))",
        arg=pattern,
    )


def wait_for_state(page, pattern):
    page.locator("[data-status]", has_text=re.compile(f"^{pattern}$")).wait_for()


def wait_for_alert(page, words):
    page.get_by_role("alert").filter(has_text=words).wait_for()


def pending(page):
    return page.get_by_role("group", name="Unsaved changes")


def another_tab(person, path):
    """Open a second tab of the same browser."""
    page = person.page.context.new_page()
    page.goto(person.server.address + path)
    return page


def wait_until_stored_in_browser(page):
    page.wait_for_function("() => Object.keys(localStorage).some((key) => /^unsaved:/.test(key))")


def bodies(server, post_id):
    return [row[0] for row in sql(server, "SELECT body FROM post WHERE id = ?", post_id)]


def rows(server):
    return [
        json.loads(row[0])["body"]
        for row in sql(server, "SELECT fields FROM unsaved")
        if row[0] != "{}"
    ]


def wait_for_body(page, server, post_id, text):
    """Wait until the post has this text, as the state line may be the same before and after."""
    for _ in range(100):
        if bodies(server, post_id) == [text]:
            break
        page.wait_for_timeout(100)
    assert bodies(server, post_id) == [text]
    wait_for_state(page, r"Saved \d\d:\d\d\.")


def draft(server, text="one\n\ntwo\n\nthree", title="A draft"):
    sql(
        server,
        "INSERT INTO post (author_id, title, body, status, slug)"
        " VALUES (1, ?, ?, 'draft', 'a-draft-' || (SELECT max(id) FROM post))",
        title,
        text,
    )
    return sql(server, "SELECT max(id) FROM post")[0][0]


def count_navigations(page):
    """Return a list that grows with each page that is loaded."""
    loaded = []
    page.on("load", lambda: loaded.append(page.url))
    return loaded


def test_fast_typing_with_saving_in_the_middle_loses_nothing(ada):
    post_id = draft(ada.server, LONG_TEXT)
    ada.open(f"/{post_id}/update")
    body(ada.page).press("Control+End")
    loaded = count_navigations(ada.page)
    ada.page.keyboard.type(f"\n\n{WORDS}", delay=DELAY_MS)
    scrolled = ada.page.evaluate("scrollY")
    for _ in range(3):
        ada.page.keyboard.press("Control+s")
        ada.page.keyboard.type(WORDS, delay=DELAY_MS)
    expected = f"{LONG_TEXT}\n\n{WORDS * 4}"
    assert text_of(ada.page) == expected
    wait_for_body(ada.page, ada.server, post_id, expected)
    assert abs(ada.page.evaluate("scrollY") - scrolled) < 200
    assert loaded == []


def test_saving_keeps_caret_focus_and_scroll(ada):
    post_id = draft(ada.server, LONG_TEXT)
    ada.open(f"/{post_id}/update")
    body(ada.page).press("Control+End")
    for _ in range(40):
        ada.page.keyboard.press("ArrowUp")
    ada.page.keyboard.type("Here")
    place = ada.page.evaluate("scrollY")
    ada.page.keyboard.press("Control+s")
    ada.page.wait_for_timeout(500)
    assert "Here" in bodies(ada.server, post_id)[0]
    assert ada.page.evaluate("scrollY") == place
    ada.page.keyboard.type(" and there")
    assert "Here and there" in text_of(ada.page)


def test_undo_goes_back_beyond_a_save(ada):
    post_id = draft(ada.server, "one")
    ada.open(f"/{post_id}/update")
    body(ada.page).press("Control+End")
    ada.page.keyboard.type(" two")
    ada.page.keyboard.press("Control+s")
    wait_for_body(ada.page, ada.server, post_id, "one two")
    for _ in range(5):
        ada.page.keyboard.press("Control+z")
    assert text_of(ada.page) == "one"


def test_new_text_is_a_draft_from_its_first_words(ada):
    ada.open("/create")
    body(ada.page).press_sequentially("Once upon a time")
    ada.page.wait_for_url("**/update")
    wait_for_state(ada.page, r"Saved \d\d:\d\d\.")
    ada.open("/posts?show=drafts")
    assert ada.page.locator("q.opening").first.inner_text() == "Once upon a time"
    ada.follow("Untitled")
    assert text_of(ada.page) == "Once upon a time"
    assert pending(ada.page).count() == 0


def test_text_that_is_deleted_again_leaves_no_draft(ada):
    ada.open("/create")
    body(ada.page).press_sequentially("Never mind")
    ada.page.wait_for_url("**/update")
    ada.page.keyboard.press("Control+a")
    ada.page.keyboard.press("Delete")
    ada.page.wait_for_url("**/create")
    assert sql(ada.server, "SELECT count(*) FROM post WHERE id > 16") == [(0,)]
    ada.page.keyboard.type("Once more")
    ada.page.wait_for_url("**/update")
    assert sql(ada.server, "SELECT body FROM post WHERE id > 16") == [("Once more",)]


def test_new_post_is_published_once(ada):
    ada.open("/create")
    ada.fill(Title="Written before", Body="A while ago.")
    ada.page.wait_for_url("**/update")
    ada.press("Publish")
    ada.page.wait_for_url(lambda address: "/update" not in address)
    assert ada.sees("A while ago.")
    assert sql(ada.server, "SELECT status FROM post WHERE id > 16") == [("published",)]


def test_lost_answer_makes_no_second_draft(ada):
    ada.open("/create")
    answers = []

    def lose(route):
        answers.append(route.fetch())
        route.abort()

    ada.page.route("**/unsaved/*", lose)
    ada.fill(Title="Once", Body="Only.")
    ada.page.wait_for_timeout(2500)
    assert len(answers) >= 1
    ada.page.unroute("**/unsaved/*")
    ada.page.keyboard.press("Control+s")
    wait_for_state(ada.page, r"Saved \d\d:\d\d\.")
    ada.press("Publish")
    ada.page.wait_for_url(lambda address: "/update" not in address)
    assert sql(ada.server, "SELECT title FROM post WHERE id > 16") == [("Once",)]
    ada.problems.clear()


def test_published_post_is_saved_privately_until_it_is_updated(ada, post):
    before = bodies(ada.server, post)
    ada.open(f"/{post}/update")
    body(ada.page).press("Control+End")
    ada.page.keyboard.type("\n\nSoon.")
    ada.page.keyboard.press("Control+s")
    readers = r"Readers see the version of .*\d\d:\d\d\."
    wait_for_state(ada.page, rf"Saved privately \d\d:\d\d\. {readers}")
    assert bodies(ada.server, post) == before
    ada.page.reload()
    assert text_of(ada.page).endswith("Soon.")
    assert re.match(r"Unpublished changes from \d\d:\d\d", pending(ada.page).inner_text())
    ada.press("Update")
    ada.page.wait_for_url(lambda address: "/update" not in address)
    assert bodies(ada.server, post)[0].endswith("Soon.")
    assert rows(ada.server) == []


def test_post_that_was_only_opened_has_no_unpublished_changes(ada, full_blog, post):
    sql(
        full_blog,
        "UPDATE post SET created = '2020-01-01 00:00:00', summary = 'Two\nlines' WHERE id = ?",
        post,
    )
    ada.open(f"/{post}/update")
    body(ada.page)
    ada.open("/unsaved")
    ada.open(f"/{post}/update")
    body(ada.page)
    assert not ada.page.get_by_text("Unpublished changes").is_visible()


def test_unpublished_changes_are_compared_discarded_and_restored(ada, axe, post):
    ada.open(f"/{post}/update")
    ada.fill(Body="Other words.")
    wait_for_state(ada.page, "Saved privately .*")
    ada.open(f"/{post}/update")
    assert axe(ada.page) == []
    body(ada.page).press("Control+End")
    ada.page.keyboard.type(" And more.")
    wait_for_state(ada.page, "Saved privately .*")
    ada.page.wait_for_timeout(2500)
    ada.follow("Compare")
    assert "more" in ada.page.locator("ins").last.inner_text()
    assert axe(ada.page) == []
    ada.page.go_back(wait_until="commit")
    ada.press("Discard")
    assert ada.sees("Discarded.")
    assert "Other words." not in text_of(ada.page)
    assert pending(ada.page).count() == 0
    ada.follow("Undo")
    assert text_of(ada.page) == "Other words. And more."


def test_other_unsaved_versions_are_reviewed(ada, axe, post):
    first, second = (another_tab(ada, f"/{post}/update") for _ in range(2))
    for tab, text in ((first, "The first tab."), (second, "The second tab.")):
        body(tab).fill(text)
        wait_for_state(tab, "Saved privately .*")
        sql(ada.server, "UPDATE unsaved SET kept = datetime(kept, '-1 second')")
        tab.close()
    ada.open(f"/{post}/update")
    assert text_of(ada.page) == "The second tab."
    assert "1 other unsaved version" in pending(ada.page).inner_text()
    ada.follow("Review")
    assert ada.sees("Unsaved versions")
    assert axe(ada.page) == []


def test_two_tabs_on_different_paragraphs_are_merged_into_both(ada):
    post_id = draft(ada.server)
    first, second = (another_tab(ada, f"/{post_id}/update") for _ in range(2))
    body(second).press("Control+End")
    second.keyboard.type(" and three more")
    body(first).press("Control+Home")
    first.keyboard.type("Number ")
    expected = "Number one\n\ntwo\n\nthree and three more"
    for tab in (first, second):
        wait_for_text(tab, f"^{expected}$")
    assert bodies(ada.server, post_id) == [expected]


def test_two_tabs_on_one_paragraph_overwrite_nothing(ada):
    post_id = draft(ada.server)
    first, second = (another_tab(ada, f"/{post_id}/update") for _ in range(2))
    body(first).fill("The first tab.")
    body(second).fill("The second tab.")
    first.keyboard.press("Control+s")
    wait_for_body(first, ada.server, post_id, "The first tab.")
    wait_for_state(second, "Not saved: .*")
    assert bodies(ada.server, post_id) == ["The first tab."]
    assert rows(ada.server) == ["The second tab."]
    second.keyboard.type(" More.")
    second.wait_for_timeout(2500)
    assert rows(ada.server) == ["The second tab. More."]
    ada.problems.clear()


def test_duplicated_tab_does_not_overwrite_the_first(ada):
    post_id = draft(ada.server)
    first = another_tab(ada, f"/{post_id}/update")
    key = "document.querySelector('[name=key]').value"
    second = another_tab(ada, f"/{post_id}/update")
    second.route(
        f"**/{post_id}/update",
        lambda route: route.fulfill(
            body=re.sub(
                r'name="key" value="[^"]*"',
                f'name="key" value="{first.evaluate(key)}"',
                route.fetch().text(),
            ),
            content_type="text/html",
        ),
    )
    second.reload()
    second.wait_for_function(f"key => {key} !== key", arg=first.evaluate(key))


def test_text_is_there_after_the_tab_crashed(writer):
    tab = another_tab(writer, "/create")
    tab.route("**/unsaved/*", lambda route: route.abort())
    body(tab).press_sequentially("Half a sente")
    wait_until_stored_in_browser(tab)
    with tab.expect_event("crash"), contextlib.suppress(Exception):
        tab.goto("chrome://crash", timeout=3_000)
    tab.close()
    writer.open("/create")
    notice = writer.page.get_by_text(re.compile(r"Restored what you typed until \d\d:\d\d\."))
    notice.wait_for()
    assert text_of(writer.page) == "Half a sente"
    wait_for_state(writer.page, r"Saved \d\d:\d\d\.")
    assert writer.page.evaluate("Object.keys(localStorage).length") == 0
    writer.press("Go back")
    assert text_of(writer.page) == ""


def test_text_of_another_new_post_becomes_a_draft_after_a_crash(writer):
    writer.open("/create")
    body(writer.page).fill("First.")
    writer.page.wait_for_url("**/update")
    tab = another_tab(writer, "/create")
    tab.route("**/unsaved/*", lambda route: route.abort())
    body(tab).press_sequentially("Second.")
    wait_until_stored_in_browser(tab)
    tab.close()
    writer.open("/1/update")
    writer.page.wait_for_function("() => Object.keys(localStorage).length === 0")
    assert bodies(writer.server, 2) == ["Second."]
    assert text_of(writer.page) == "First."


def test_server_is_killed_while_somebody_types(writer):
    writer.open("/create")
    writer.fill(Title="Written alone")
    body(writer.page).click()
    writer.page.keyboard.type(WORDS, delay=20)
    writer.server.kill()
    writer.page.keyboard.type(WORDS, delay=DELAY_MS)
    wait_for_state(writer.page, r"Not saved: The server is not responding\.")
    writer.server.start()
    writer.page.keyboard.type(WORDS, delay=20)
    wait_for_state(writer.page, r"Saved \d\d:\d\d\.")
    writer.page.wait_for_timeout(2500)
    assert sql(writer.server, "SELECT body FROM post") == [(WORDS * 3,)]
    assert writer.page.get_by_role("alert").count() == 0


def test_saving_without_a_server_says_so_each_time(writer):
    writer.open("/create")
    writer.server.kill()
    writer.fill(Title="Written alone", Body="But not lost.")
    for _ in range(2):
        writer.press("Publish")
        wait_for_alert(writer.page, "The server is not responding.")
        wait_for_alert(writer.page, "Your text is stored in this browser.")
        writer.page.evaluate("document.querySelector('[data-save-alert]').remove()")
    assert text_of(writer.page) == "But not lost."
    writer.server.start()
    writer.press("Publish")
    assert writer.sees("But not lost.")


def test_text_is_saved_by_itself_after_logging_in_again(writer):
    writer.open("/create")
    sql(writer.server, "DELETE FROM session")
    writer.fill(Title="Written long", Body="Half a sentence.")
    writer.press("Publish")
    wait_for_alert(writer.page, "You are logged out.")
    with writer.page.expect_popup() as opened:
        writer.page.get_by_role("alert").get_by_role("link", name="Log in in a new tab").click()
    tab = opened.value
    tab.get_by_label("Username").fill("ada")
    tab.get_by_label("Password").fill("correct horse")
    tab.get_by_role("button", name="Log In").click()
    tab.get_by_text("Your posts will appear here.").wait_for()
    tab.close()
    writer.page.bring_to_front()
    wait_for_state(writer.page, r"Saved \d\d:\d\d\.")
    assert sql(writer.server, "SELECT body, status FROM post") == [("Half a sentence.", "draft")]
    assert writer.page.get_by_role("alert").count() == 0


@pytest.mark.parametrize(
    ("status", "words"),
    (
        (413, "larger than the web server in front of the blog accepts"),
        (502, "It may be restarting"),
        (503, "It may be restarting"),
        (504, "It may be restarting"),
        (401, "requires its own login"),
        (200, "Something other than the blog responded"),
    ),
)
def test_answers_of_a_proxy_are_told_apart(ada, status, words):
    post_id = draft(ada.server)
    ada.open(f"/{post_id}/update")
    ada.page.route("**/unsaved/*", lambda route: route.fulfill(status=status, **PROXY_PAGE))
    ada.fill(Body="Typed.")
    for _ in range(2):
        ada.page.keyboard.press("Control+s")
        wait_for_alert(ada.page, words)
        assert "logged out" not in ada.page.get_by_role("alert").inner_text()
        ada.page.evaluate("document.querySelector('[data-save-alert]').remove()")
    ada.page.unroute("**/unsaved/*")
    ada.page.keyboard.press("Control+s")
    wait_for_body(ada.page, ada.server, post_id, "Typed.")
    ada.problems.clear()


def test_drafts_are_saved_where_put_is_blocked(ada):
    post_id = draft(ada.server)
    ada.open(f"/{post_id}/update")
    ada.page.route(
        "**/unsaved/*",
        lambda route: (
            route.fulfill(status=405, **PROXY_PAGE)
            if route.request.method == "PUT"
            else route.continue_()
        ),
    )
    ada.fill(Body="Typed.")
    wait_for_body(ada.page, ada.server, post_id, "Typed.")
    ada.problems.clear()


def test_form_is_submitted_where_scripts_cannot_save(ada):
    post_id = draft(ada.server)
    ada.open(f"/{post_id}/update")
    ada.page.route("**/unsaved/*", lambda route: route.fulfill(status=405, **PROXY_PAGE))
    ada.fill(Body="Typed.")
    ada.page.keyboard.press("Control+s")
    # The text "Saved." alone may be a part of an earlier notice.
    wait_for_body(ada.page, ada.server, post_id, "Typed.")
    assert ada.sees("Saved.")
    ada.problems.clear()


def test_text_typed_just_before_leaving_is_saved(ada):
    post_id = draft(ada.server)
    ada.open(f"/{post_id}/update")
    body(ada.page).press("Control+End")
    ada.page.keyboard.type(" and gone")
    ada.open("/")
    ada.open(f"/{post_id}/update")
    wait_for_text(ada.page, "three and gone$")


def test_back_button_shows_the_newest_text(ada):
    post_id = draft(ada.server)
    ada.open(f"/{post_id}/update")
    body(ada.page).press("Control+End")
    ada.page.keyboard.type(" and on")
    ada.page.keyboard.press("Control+s")
    wait_for_body(ada.page, ada.server, post_id, "one\n\ntwo\n\nthree and on")
    ada.open("/")
    tab = another_tab(ada, f"/{post_id}/update")
    body(tab).press("Control+Home")
    tab.keyboard.type("Number ")
    tab.keyboard.press("Control+s")
    wait_for_body(tab, ada.server, post_id, "Number one\n\ntwo\n\nthree and on")
    tab.close()
    ada.page.go_back(wait_until="commit")
    wait_for_text(ada.page, "^Number one[^]*three and on$")


def test_reload_shows_what_another_tab_saved(ada):
    post_id = draft(ada.server)
    ada.open(f"/{post_id}/update")
    body(ada.page).press("Control+End")
    ada.page.keyboard.type(" and on")
    ada.page.keyboard.press("Control+s")
    wait_for_body(ada.page, ada.server, post_id, "one\n\ntwo\n\nthree and on")
    sql(ada.server, "UPDATE post SET body = 'By SQL' WHERE id = ?", post_id)
    ada.page.reload()
    assert text_of(ada.page) == "By SQL"


def test_bad_date_does_not_keep_the_text_from_being_saved(ada):
    post_id = draft(ada.server)
    ada.open(f"/{post_id}/update")
    ada.page.locator(".settings summary").first.click()
    ada.page.get_by_label("URL", exact=True).evaluate("field => { field.value = 'No Slug' }")
    ada.page.get_by_label("Title", exact=True).fill("Another")
    ada.fill(Body="Typed.")
    wait_for_state(ada.page, r"Saved \d\d:\d\d\. Not saved: URL can contain only .*")
    assert bodies(ada.server, post_id) == ["Typed."]


@pytest.mark.parametrize(("status", "label"), (("draft", "Publish"), ("published", "Update")))
def test_main_button_schedules_for_a_future_date(ada, status, label, post):
    sql(ada.server, "UPDATE post SET status = ? WHERE id = ?", status, post)
    ada.open(f"/{post}/update")
    button = ada.page.locator("[data-publish]")
    assert button.inner_text() == label
    ada.page.locator(".settings summary").first.click()
    ada.page.locator("[data-more-settings] > summary").click()
    ada.fill(Date="2999-01-01T10:00")
    assert button.inner_text() == "Schedule"
    ada.fill(Date="2001-01-01T10:00")
    assert button.inner_text() == label


def test_scheduled_post_is_saved_privately(ada, post):
    sql(ada.server, "UPDATE post SET created = '2999-01-01 10:00:00' WHERE id = ?", post)
    ada.open(f"/{post}/update")
    assert ada.page.locator("[data-publish]").inner_text() == "Schedule"
    ada.fill(Body="Later.")
    wait_for_state(ada.page, r"Saved privately \d\d:\d\d\. Scheduled: the version of .*")
    sql(ada.server, "UPDATE post SET created = '2020-01-01 10:00:00' WHERE id = ?", post)


def test_editor_saves_without_scripts(without_scripts):
    person = without_scripts
    person.open("/create")
    person.fill(Title="Plain", Body="Without scripts.")
    person.press("Save draft")
    assert person.sees("Draft saved.")
    person.fill(Body="Still without.")
    person.press("Publish")
    assert person.sees("Still without.")
    person.page.get_by_role("link", name="Edit", exact=True).click()
    person.fill(Body="Updated without.")
    person.press("Update")
    person.open("/plain")
    assert person.sees("Updated without.")
    assert rows(person.server) == []


def test_unpublished_changes_are_offered_without_scripts(ada, without_scripts, post):
    ada.open(f"/{post}/update")
    ada.fill(Body="Half a sente")
    wait_for_state(ada.page, "Saved privately .*")
    person = without_scripts
    person.open(f"/{post}/update")
    assert body(person.page).input_value() == "Half a sente"
    person.follow("Compare")
    person.follow("Continue editing")
    person.press("Discard")
    person.follow("Undo")
    assert body(person.page).input_value() == "Half a sente"


def test_text_of_an_ended_session_is_offered_without_scripts(new_blog, visitor):
    person = visitor(new_blog, java_script_enabled=False)
    person.page.goto(person.server.setup_link())
    person.register()
    person.open("/create")
    sql(new_blog, "DELETE FROM session")
    person.fill(Title="Written long", Body="Half a sentence.")
    person.press("Publish")
    assert person.sees("Your text is autosaved.")
    person.log_in()
    person.follow("Continue editing")
    assert body(person.page).input_value() == "Half a sentence."
    person.press("Publish")
    assert person.sees("Half a sentence.")
