"""The editor: preview, shortcuts, tags and uploads."""

import contextlib
import sqlite3

import pytest

from .conftest import BODY

POST = "/13/update"


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
    sql(full_blog, "DELETE FROM post WHERE status = 'draft'")


@pytest.fixture
def without_scripts(full_blog, visitor, cookies_of_ada):
    """The owner of the full blog in a browser without scripts."""
    sql(full_blog, "DELETE FROM unsaved")
    return visitor(full_blog, storage_state=cookies_of_ada, java_script_enabled=False)


@pytest.fixture
def picture(draw, tmp_path):
    """The path of an image file."""
    path = tmp_path / "a.png"
    path.write_bytes(draw())
    return path


def body(page):
    return page.get_by_label("Body", exact=True)


def save(person):
    person.page.locator("form.write button.main").click()


def test_preview_updates_while_typing(ada):
    ada.open("/create")
    ada.fill(Title="Hello", Body=BODY)
    preview = ada.page.get_by_role("region", name="Preview")
    preview.get_by_role("heading", name="How it came").wait_for()
    assert preview.locator("pre").count() == 1
    first = preview.locator(".text p").first
    first.evaluate("block => { block.kept = true }")
    body(ada.page).press("Control+End")
    ada.page.keyboard.type("And more.")
    preview.get_by_text("And more.").wait_for()
    assert first.evaluate("block => block.kept")


def test_preview_runs_no_scripts(ada):
    ada.open("/create")
    ada.fill(Body="<img src=x onerror=\"document.title = 'hacked'\"><script>x</script>\n\nThe end.")
    ada.page.get_by_role("region", name="Preview").get_by_text("The end.").wait_for()
    assert "hacked" not in ada.page.title()
    # The image does not exist.
    ada.problems.clear()


def test_narrow_screen_toggles_text_and_preview(ada):
    ada.page.set_viewport_size({"width": 320, "height": 800})
    ada.open("/create")
    ada.fill(Title="Hello", Body="Some *stress*.")
    ada.press("Preview")
    ada.page.get_by_role("region", name="Preview").get_by_text("stress").wait_for()
    assert not body(ada.page).is_visible()
    ada.press("Write")
    assert body(ada.page).is_visible()
    assert not ada.page.get_by_role("region", name="Preview").is_visible()


def test_preview_scrolls_with_the_text(ada):
    ada.open("/create")
    ada.fill(Body="\n\n".join(f"Paragraph {number}" for number in range(200)))
    preview = ada.page.get_by_role("region", name="Preview")
    preview.get_by_text("Paragraph 199").wait_for()
    ada.page.mouse.move(300, 400)
    ada.page.mouse.wheel(0, 100_000)
    ada.page.wait_for_function("pane => pane.scrollTop > 1000", arg=preview.element_handle())


def test_preview_works_without_scripts(without_scripts):
    person = without_scripts
    person.open("/create")
    person.fill(Title="Hello", Body="Some *stress*.")
    person.press("Preview")
    assert person.page.locator(".text em").inner_text() == "stress"
    assert body(person.page).input_value() == "Some *stress*."
    assert sql(person.server, "SELECT * FROM unsaved") == []


@pytest.mark.parametrize(
    ("keys", "text", "selected"),
    (
        ("Control+b", "some **words**", "words"),
        ("Control+i", "some *words*", "words"),
        ("Control+k", "some [words](https://)", "https://"),
        ("Control+]", "  some words", "words"),
    ),
)
def test_shortcuts_format_the_selection_and_can_be_undone(ada, keys, text, selected):
    ada.open("/create")
    field = body(ada.page)
    field.press_sequentially("some words")
    field.evaluate("field => field.setSelectionRange(5, 10)")
    field.press(keys)
    assert field.input_value() == text
    assert ada.page.evaluate("getSelection().toString()") == selected
    field.press("Control+z")
    assert field.input_value() == "some words"


@pytest.mark.parametrize("keys", ("Control+b", "Control+i"))
def test_shortcuts_toggle_formatting(ada, keys):
    ada.open("/create")
    field = body(ada.page)
    field.press_sequentially("some words")
    field.evaluate("field => field.setSelectionRange(5, 10)")
    field.press(keys)
    field.press(keys)
    assert field.input_value() == "some words"


def test_url_pasted_over_text_makes_a_link(ada):
    ada.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ada.open("/create")
    field = body(ada.page)
    field.press_sequentially("some words")
    field.evaluate("field => field.setSelectionRange(5, 10)")
    ada.page.evaluate("navigator.clipboard.writeText('https://example.org/a_(b)')")
    field.press("Control+v")
    assert field.input_value() == "some [words](https://example.org/a_%28b%29)"
    field.press("Control+z")
    assert field.input_value() == "some words"


def test_enter_continues_a_list_and_leaves_the_title(ada):
    ada.open("/create")
    ada.page.get_by_label("Title", exact=True).press_sequentially("A list\n")
    ada.page.keyboard.type("- one\ntwo\n\n9. nine\nten")
    assert body(ada.page).input_value() == "- one\n- two\n9. nine\n10. ten"
    assert ada.page.get_by_label("Title", exact=True).input_value() == "A list"


def test_tab_leaves_the_body(ada):
    ada.open("/create")
    body(ada.page).press_sequentially("x")
    ada.page.keyboard.press("Tab")
    assert body(ada.page).input_value() == "x"
    assert not body(ada.page).evaluate("field => field === document.activeElement")


def test_status_counts_words(ada):
    ada.open(POST)
    ada.fill(Body="just four words here")
    ada.page.get_by_text("4 words · 1 minute").wait_for()


def test_tags_are_suggested_and_chosen_by_keyboard(ada):
    sql(ada.server, "INSERT INTO tag (name, name_key, slug) VALUES ('Sépia', 'sépia', 'sepia')")
    sql(ada.server, "INSERT INTO tag (name, name_key, slug) VALUES ('Asia', 'asia', 'asia')")
    ada.open("/create")
    ada.page.locator(".settings summary").click()
    field = ada.page.get_by_role("combobox", name="Tags")
    field.press_sequentially("s")
    options = ada.page.get_by_role("listbox", name="Tags").get_by_role("option")
    assert options.all_inner_texts()[:2] == ["Sépia", "Asia"]
    field.press("Escape")
    assert options.count() == 0
    field.press_sequentially("ep")
    field.press("ArrowDown")
    assert field.get_attribute("aria-activedescendant") == "tag-option-0"
    field.press("Enter")
    field.press_sequentially("a")
    options.get_by_text("Asia").click()
    assert field.input_value() == "Sépia, Asia, "
    assert field.evaluate("field => field === document.activeElement")
    sql(ada.server, "DELETE FROM tag WHERE slug IN ('sepia', 'asia')")


def test_cover_is_uploaded_and_previewed(ada, picture):
    ada.open("/create")
    ada.page.locator(".settings summary").click()
    with ada.page.expect_file_chooser() as chooser:
        ada.press("Upload a cover image")
    chooser.value.set_files(picture)
    shown = ada.page.get_by_role("region", name="Preview").locator(".cover img")
    shown.wait_for()
    assert shown.get_attribute("src") == ada.page.get_by_label("Cover", exact=True).input_value()


def test_chosen_file_is_inserted(ada, picture):
    ada.open("/create")
    with ada.page.expect_file_chooser() as chooser:
        ada.press("Insert image or file")
    chooser.value.set_files([picture])
    ada.page.wait_for_function(
        "() => document.querySelector('[data-body]').value.startsWith('![](/media/')"
    )


def test_dropped_file_is_inserted(ada, picture):
    ada.open("/create")
    content = list(picture.read_bytes())
    ada.page.evaluate(
        """bytes => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(bytes)], "a.png", { type: "image/png" }));
            const options = { dataTransfer: transfer, bubbles: true, cancelable: true };
            document.querySelector("[data-body]").dispatchEvent(new DragEvent("drop", options));
        }""",
        content,
    )
    ada.page.wait_for_function(
        "() => document.querySelector('[data-body]').value.startsWith('![](/media/')"
    )


def test_upload_can_be_canceled(ada, picture):
    ada.open("/create")
    waiting = []
    ada.page.route("**/media", lambda route: waiting.append(route))  # never answered
    with ada.page.expect_file_chooser() as chooser:
        ada.press("Insert image or file")
    chooser.value.set_files([picture])
    ada.page.get_by_role("progressbar", name="Uploading a.png").wait_for()
    ada.press("Cancel")
    assert ada.page.locator(".uploading").count() == 0
    assert body(ada.page).input_value() == ""


def test_status_counts_images_without_alt_text(ada):
    ada.open("/create")
    ada.fill(Body="![](data:,) one ![ ](data:,) two ![three](data:,)")
    ada.page.get_by_text("· 2 images without alt text").wait_for()
    ada.problems.clear()


# A PNG of one pixel, and the beginning of one.
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg"
)
BROKEN_PNG = "iVBORw0KGgoAAAA"
PASTE = """(field, content) => {
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    const files = new DataTransfer();
    files.items.add(new File([bytes], "crate.png", { type: "image/png" }));
    field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: files, bubbles: true }));
}"""


def test_pasted_image_is_inserted_with_its_size(ada):
    ada.open("/create")
    ada.fill(Title="A crate")
    body(ada.page).evaluate(PASTE, PNG)
    ada.page.wait_for_function("() => document.activeElement.value.includes('](/media/')")
    ada.page.keyboard.type("the crate")
    assert body(ada.page).input_value().startswith("![the crate](/media/")
    save(ada)
    ada.page.wait_for_url("**/a-crate*")
    picture = ada.page.get_by_alt_text("the crate")
    assert picture.get_attribute("width") == picture.get_attribute("height") == "1"
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1


def test_pasted_file_that_is_not_an_image_is_refused(ada):
    ada.open("/create")
    body(ada.page).evaluate(PASTE, BROKEN_PNG)
    ada.page.get_by_role("alert").wait_for()
    assert ada.page.get_by_role("alert").inner_text().startswith("crate.png: ")
    ada.problems.clear()
