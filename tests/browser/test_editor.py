"""The editor: preview, shortcuts, tags and uploads."""

import pytest

from .conftest import BODY
from .conftest import body
from .conftest import select
from .conftest import sql
from .conftest import text_of


@pytest.fixture
def ada(full_blog, visitor, cookies_of_ada):
    """The owner of the full blog, without autosaves."""
    sql(full_blog, "DELETE FROM unsaved")
    yield visitor(full_blog, storage_state=cookies_of_ada, viewport={"width": 1280, "height": 800})
    sql(full_blog, "DELETE FROM post WHERE status = 'draft'")


@pytest.fixture
def without_scripts(full_blog, visitor, cookies_of_ada):
    """The owner of the full blog in a browser without scripts."""
    sql(full_blog, "DELETE FROM unsaved")
    return visitor(full_blog, storage_state=cookies_of_ada, java_script_enabled=False)


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


def test_state_is_not_cut_off_on_a_narrow_screen(ada):
    ada.page.set_viewport_size({"width": 320, "height": 800})
    ada.open("/create")
    ada.fill(Title="Hello")
    state = ada.page.locator("[data-status]", has_text="Saved ")
    width, room, height, lines = state.evaluate(
        "({scrollWidth, clientWidth, scrollHeight, clientHeight}) =>"
        " [scrollWidth, clientWidth, scrollHeight, clientHeight]"
    )
    assert width <= room
    assert height < lines + 5


def test_preview_works_without_scripts(without_scripts):
    person = without_scripts
    person.open("/create")
    person.fill(Title="Hello", Body="Some *stress*.")
    person.press("Preview")
    assert person.page.locator(".text em").inner_text() == "stress"
    assert body(person.page).input_value() == "Some *stress*."
    assert sql(person.server, "SELECT * FROM unsaved WHERE instr(fields, 'stress')") == []


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


def test_status_counts_words(ada, post):
    ada.open(f"/{post}/update")
    ada.fill(Body="just four words here")
    ada.page.get_by_text("4 words · 1 minute").wait_for()


def test_status_counts_images_without_alt_text(ada):
    ada.open("/create")
    ada.fill(Body="![](data:,) one ![ ](data:,) two ![three](data:,)")
    ada.page.get_by_text("· 2 images without alt text").wait_for()
    ada.problems.clear()
