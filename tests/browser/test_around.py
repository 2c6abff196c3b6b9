"""Around the text: the action bar, the post settings, pictures, links and rich paste."""

import base64
import re
from pathlib import Path

import pytest

from .conftest import PASSWORD
from .conftest import body
from .conftest import sql

CLIPBOARD = Path(__file__).with_name("clipboard")
SIZES = ((360, 640), (480, 800), (1024, 768), (1280, 800), (640, 400), (512, 384))
PASTE = """(field, {files, data}) => {
    const transfer = new DataTransfer();
    for (const [name, type, content] of files || []) {
        const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
        transfer.items.add(new File([bytes], name, { type }));
    }
    for (const [type, text] of Object.entries(data || {})) transfer.setData(type, text);
    const options = { bubbles: true, cancelable: true, clipboardData: transfer };
    field.dispatchEvent(new ClipboardEvent("paste", options));
}"""
DROP = """(field, files) => {
    const transfer = new DataTransfer();
    for (const [name, type, content] of files) {
        const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
        transfer.items.add(new File([bytes], name, { type }));
    }
    const { left, top } = field.getBoundingClientRect();
    const place = { clientX: left + 5, clientY: top + 5 };
    const options = { bubbles: true, cancelable: true, dataTransfer: transfer, ...place };
    field.dispatchEvent(new DragEvent("drop", options));
}"""
CARET = """
    const node = getSelection().focusNode;
    const line = (node.nodeType === Node.TEXT_NODE ? node.parentNode : node).closest(".cm-line");
    const { top, bottom } = line.getBoundingClientRect();
"""
CARET_TOP = "() => {" + CARET + "return top }"
CARET_IS_VISIBLE = "() => {" + CARET + "return top > 0 && bottom < innerHeight }"
PICTURE = re.compile(r"!\[([^\]]*)\]\((/media/[0-9a-f]{32}\.\w+)\)")


@pytest.fixture
def ada(full_blog, visitor, cookies_of_ada):
    """The owner of the full blog, without autosaves or files in the library."""
    sql(full_blog, "DELETE FROM unsaved")
    sql(full_blog, "DELETE FROM media")
    return visitor(full_blog, storage_state=cookies_of_ada, viewport={"width": 1280, "height": 800})


@pytest.fixture
def picture(draw):
    """Return a function that makes a picture file to paste, drop or upload."""

    def picture(name, color="teal"):
        content = base64.b64encode(draw(colours=(color,))).decode()
        return [name, "image/png", content]

    return picture


def text_of(page):
    """Return the text that the form would submit."""
    return page.evaluate(
        "() => new FormData(document.querySelector('form[data-editor]')).get('body')"
    ).replace("\r\n", "\n")


def wait_for_text(page, part):
    page.wait_for_function(
        "part => new FormData(document.querySelector('form[data-editor]')).get('body')"
        ".includes(part)",
        arg=part,
    )


def wait_for_pictures(page, count):
    page.wait_for_function(
        "count => new FormData(document.querySelector('form[data-editor]')).get('body')"
        ".split('](/media/').length > count",
        arg=count,
    )


def options(page, **how):
    return page.get_by_role("dialog").get_by_role("option", **how)


def start(person, path="/create"):
    person.open(path)
    body(person.page).click()
    return person.page


def paste(page, *files, **data):
    data = {name.replace("_", "/"): text for name, text in data.items()}
    body(page).evaluate(PASTE, {"files": list(files), "data": data})


def row(page):
    """Return the boxes of the visible parts of the action bar."""
    boxes = [part.bounding_box() for part in page.locator(".actions > *:visible").all()]
    return [box for box in boxes if box and box["width"] and box["height"]]


# The action bar


@pytest.mark.parametrize("scripts", (True, False), ids=("scripts", "no-scripts"))
@pytest.mark.parametrize("path", ("/create", "/13/update", "/10/update"))
def test_action_bar_is_one_row_at_every_size(full_blog, visitor, cookies_of_ada, path, scripts):
    person = visitor(full_blog, storage_state=cookies_of_ada, java_script_enabled=scripts)
    for width, height in SIZES:
        person.page.set_viewport_size({"width": width, "height": height})
        person.open(path)
        bar = person.page.locator(".actions").bounding_box()
        assert bar["height"] <= 60
        middles = [box["y"] + box["height"] / 2 for box in row(person.page)]
        assert max(middles) - min(middles) < 2
        assert all(box["x"] >= 0 and box["x"] + box["width"] <= width for box in row(person.page))


def test_action_bar_stays_in_view(ada):
    page = start(ada, "/14/update")
    page.mouse.wheel(0, 3000)
    page.wait_for_function("() => scrollY > 1000")
    assert page.locator(".actions").bounding_box()["y"] == 0


def test_menu_closes_with_escape_and_returns_focus(ada, post):
    page = start(ada, f"/{post}/update")
    ada.open_menu()
    assert page.get_by_role("link", name="Version history").is_visible()
    page.keyboard.press("Escape")
    assert not page.get_by_role("link", name="Version history").is_visible()
    assert page.evaluate("document.activeElement.ariaLabel") == "More actions"
    ada.open_menu()
    page.mouse.click(20, 600)
    assert not page.get_by_role("link", name="Version history").is_visible()


@pytest.mark.parametrize("size", ((360, 640), (1280, 800)))
@pytest.mark.parametrize("scheme", ("light", "dark"))
def test_panel_menu_and_dialogs_are_accessible(
    full_blog, visitor, cookies_of_ada, axe, picture, size, scheme, post
):
    viewport = dict(zip(("width", "height"), size, strict=True))
    ada = visitor(full_blog, storage_state=cookies_of_ada, viewport=viewport, color_scheme=scheme)
    page = start(ada, f"/{post}/update")
    paste(page, picture("a.png"))
    page.get_by_role("group", name="Alt text of a.png").wait_for()
    assert axe(page) == []
    ada.open_menu()
    assert axe(page) == []
    page.locator(".settings > summary").click()
    page.locator("[data-more-settings] > summary").click()
    assert axe(page) == []
    ada.press("Choose a cover")
    page.get_by_text("Upload one.").or_(options(page).first).first.wait_for()
    assert axe(page) == []
    page.keyboard.press("Escape")
    body(page).press("Control+k")
    options(page).first.wait_for()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_menu_of_a_new_post_is_completed_when_it_is_saved(ada):
    page = start(ada)
    ada.open_menu()
    assert not page.get_by_role("button", name="Delete").is_visible()
    page.locator("form.write").evaluate(
        """form => form.dispatchEvent(
            new CustomEvent("flaskr:saved", { detail: { post: 13, url: "/13/update" } })
        )"""
    )
    assert page.get_by_role("link", name="View post").get_attribute("href") == "/13"
    history = page.get_by_role("link", name="Version history")
    assert history.get_attribute("href") == "/13/revisions"
    assert page.locator("#delete-post").get_attribute("action") == "/13/delete"


# The post settings


def test_settings_open_at_the_tags_and_return_to_the_text(ada):
    page = start(ada)
    page.keyboard.type("Words")
    page.keyboard.press("Control+,")
    page.keyboard.type("zebra, apple")
    assert page.get_by_label("Tags", exact=True).input_value() == "zebra, apple"
    page.keyboard.press("Escape")
    assert not page.get_by_label("Tags", exact=True).is_visible()
    page.keyboard.type(" go on")
    assert text_of(page) == "Words go on"


def test_tags_keep_their_order(ada):
    page = start(ada)
    ada.fill(Title="In order")
    page.locator(".settings > summary").click()
    page.keyboard.type("zebra, apple, moon")
    page.keyboard.press("Enter")
    ada.press("Publish")
    page.wait_for_url(lambda address: not address.endswith(("/create", "/update")))
    ada.open("/in-order")
    assert page.locator(".whole .tag").all_inner_texts() == ["zebra", "apple", "moon"]
    sql(ada.server, "DELETE FROM post WHERE slug = 'in-order'")


def test_tags_are_suggested_and_chosen_by_keyboard(ada):
    sql(ada.server, "INSERT INTO tag (name, name_key, slug) VALUES ('Sépia', 'sépia', 'sepia')")
    sql(ada.server, "INSERT INTO tag (name, name_key, slug) VALUES ('Asia', 'asia', 'asia')")
    page = start(ada)
    page.keyboard.press("Control+,")
    field = page.get_by_role("combobox", name="Tags")
    field.press_sequentially("s")
    options = page.get_by_role("listbox", name="Suggested tags").get_by_role("option")
    assert options.all_inner_texts()[:2] == ["Sépia", "Asia"]
    field.press("Escape")
    assert options.count() == 0
    field.press_sequentially("ep")
    field.press("ArrowDown")
    assert field.get_attribute("aria-activedescendant") == "tags-option-0"
    field.press("Enter")
    field.press_sequentially("a")
    options.get_by_text("Asia").click()
    assert field.input_value() == "Sépia, Asia, "
    assert field.evaluate("field => field === document.activeElement")
    sql(ada.server, "DELETE FROM tag WHERE slug IN ('sepia', 'asia')")


@pytest.mark.parametrize("scripts", (True, False), ids=("scripts", "no-scripts"))
@pytest.mark.parametrize(
    ("label", "value", "sentence"),
    (
        ("Tags", "x" * 200, "is too long"),
        ("URL", "Not a slug", "URL can contain only"),
        ("Authors", "nobody", "There is no user nobody."),
    ),
)
def test_error_opens_the_panel_at_the_field(
    full_blog, visitor, cookies_of_ada, scripts, label, value, sentence, post
):
    sql(full_blog, "DELETE FROM unsaved")
    ada = visitor(full_blog, storage_state=cookies_of_ada, java_script_enabled=scripts)
    ada.open(f"/{post}/update")
    ada.page.locator(".settings > summary").click()
    if label != "Tags":
        ada.page.locator("[data-more-settings] > summary").click()
    field = ada.page.get_by_label(label, exact=True)
    field.fill(value)
    ada.press("Update")
    assert ada.sees(sentence)
    assert field.input_value() == value
    assert field.get_attribute("aria-invalid") == "true"
    assert field.evaluate("field => field === document.activeElement")


def test_number_that_the_browser_refuses_opens_the_panel(ada, post):
    page = start(ada, f"/{post}/update")
    page.locator(".settings > summary").click()
    page.locator("[data-more-settings] > summary").click()
    page.get_by_label("Part", exact=True).fill("-3")
    page.locator("[data-more-settings] > summary").click()
    ada.press("Close")
    ada.press("Update")
    assert page.get_by_label("Part", exact=True).is_visible()


def test_cover_is_chosen_from_the_library_and_removed(ada, picture):
    page = start(ada)
    paste(page, picture("a.png"))
    wait_for_pictures(page, 1)
    page.keyboard.press("Control+,")
    ada.press("Choose a cover")
    options(page).first.click()
    cover = page.get_by_label("Cover", exact=True)
    page.wait_for_function("field => field.value", arg=cover.element_handle())
    thumbnail = page.locator(".cover-image img")
    assert thumbnail.get_attribute("src") == cover.input_value()
    assert thumbnail.evaluate("image => image.decode().then(() => image.naturalWidth)") == 60
    ada.press("Remove")
    assert cover.input_value() == ""
    assert not thumbnail.is_visible()


# Pictures and files


def test_pictures_pasted_one_after_another_land_on_lines_of_their_own(ada, picture):
    page = start(ada)
    page.keyboard.type("Before")
    paste(page, picture("a.png"))
    wait_for_pictures(page, 1)
    paste(page, picture("b.png", "red"))
    wait_for_pictures(page, 2)
    page.keyboard.type("After")
    before, first, second, after = text_of(page).split("\n\n")
    assert (before, after) == ("Before", "After")
    assert PICTURE.fullmatch(first)[2] != PICTURE.fullmatch(second)[2]


@pytest.mark.parametrize("first_is_slower", (True, False))
def test_pictures_keep_their_order_while_the_first_still_uploads(ada, picture, first_is_slower):
    waiting = []
    page = start(ada)
    page.route("**/media", lambda route: waiting.append(route))
    page.keyboard.type("Before")
    paste(page, picture("a.png"))
    page.get_by_role("progressbar", name="Uploading a.png").wait_for()
    paste(page, picture("b.png", "red"))
    page.get_by_role("progressbar", name="Uploading b.png").wait_for()
    while len(waiting) < 2:
        page.wait_for_timeout(50)
    for route in reversed(waiting) if first_is_slower else waiting:
        route.continue_()
        page.wait_for_timeout(300)
    wait_for_pictures(page, 2)
    urls = [url for _, url in PICTURE.findall(text_of(page))]
    names = dict(sql(ada.server, "SELECT '/media/' || name, original_name FROM media"))
    assert [names[url] for url in urls] == ["a.png", "b.png"]


def test_author_writes_on_while_a_picture_uploads(ada, picture):
    waiting = []
    page = start(ada)
    page.route("**/media", lambda route: waiting.append(route))
    page.keyboard.type("One")
    paste(page, picture("a.png"))
    page.get_by_role("progressbar").wait_for()
    while not waiting:
        page.wait_for_timeout(50)
    page.keyboard.type(" more.\n\nTwo")
    waiting[0].continue_()
    wait_for_pictures(page, 1)
    page.keyboard.type(" too")
    one, image, two = re.split(r"\n{2,}", text_of(page))
    assert (one, two) == ("One more.", "Two too")
    assert PICTURE.fullmatch(image)


def test_several_dropped_files_become_picture_film_and_link(ada, picture):
    page = start(ada)
    page.keyboard.type("Text")
    encode = lambda content: base64.b64encode(content).decode()  # noqa: E731
    film = encode(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom")
    files = [
        picture("a.png"),
        ["b.mp4", "video/mp4", film],
        ["c.pdf", "application/pdf", encode(b"%PDF-1.7 ")],
    ]
    body(page).evaluate(DROP, files)
    wait_for_text(page, "c.pdf")
    parts = [part for part in re.split(r"\n{2,}", text_of(page)) if part and part != "Text"]
    assert PICTURE.fullmatch(parts[0])
    assert re.fullmatch(r'<video src="/media/\w+\.mp4" controls></video>', parts[1])
    assert re.fullmatch(r"\[c\.pdf\]\(/media/\w+\.pdf\)", parts[2])


def test_alt_text_is_asked_for_without_taking_the_focus(ada, picture):
    page = start(ada)
    paste(page, picture("a.png"), picture("b.png", "red"))
    wait_for_pictures(page, 2)
    page.keyboard.type("Goes on")
    field = page.get_by_role("group", name="Alt text of a.png").get_by_label("Alt text")
    field.fill("a [red] *boat*")
    field.press("Enter")
    page.get_by_role("group", name="Alt text of b.png").wait_for()
    page.keyboard.press("Escape")
    assert page.locator(".alt-text").count() == 0
    page.keyboard.type(".")
    assert text_of(page).startswith(r"![a \[red\] \*boat\*](/media/")
    assert text_of(page).endswith("Goes on.")


def test_broken_file_is_refused_with_a_sentence(ada):
    page = start(ada)
    paste(page, ["crate.png", "image/png", "iVBORw0KGgoAAAA="])
    alert = page.get_by_role("alert")
    alert.wait_for()
    assert alert.inner_text().startswith("crate.png: The image is broken")
    assert text_of(page) == ""
    ada.press("Dismiss")
    assert page.get_by_role("alert").count() == 0
    ada.problems.clear()


def test_upload_can_be_canceled(ada, picture):
    page = start(ada)
    page.route("**/media", lambda route: None)  # never answered
    paste(page, picture("a.png"))
    page.get_by_role("progressbar", name="Uploading a.png").wait_for()
    ada.press("Cancel")
    assert page.locator(".uploading").count() == 0
    assert text_of(page) == ""


def test_files_are_uploaded_found_and_inserted_by_keyboard(ada, draw, tmp_path):
    for name, color in (("tree.png", "green"), ("sea.png", "blue")):
        (tmp_path / name).write_bytes(draw(colours=(color,)))
    page = start(ada)
    ada.open_menu()
    ada.press("Insert image or file")
    with page.expect_file_chooser() as chooser:
        ada.press("Upload")
    chooser.value.set_files([tmp_path / "tree.png", tmp_path / "sea.png"])
    ada.press("Insert 2")
    wait_for_pictures(page, 2)
    ada.open_menu()
    ada.press("Insert image or file")
    options(page).first.wait_for()
    page.keyboard.type("tree")
    page.wait_for_function("() => document.querySelectorAll('dialog [role=option]').length === 1")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    wait_for_pictures(page, 3)
    page.keyboard.type("After")
    assert text_of(page).endswith("\n\nAfter")


def test_picker_moves_with_the_arrow_keys_and_closes_with_escape(ada, picture):
    page = start(ada)
    paste(page, *(picture(f"{color}.png", color) for color in ("red", "green", "blue")))
    wait_for_pictures(page, 3)
    before = text_of(page)
    body(page).evaluate(
        "field => field.closest('form').dispatchEvent(new Event('flaskr:insert-image'))"
    )
    options(page).first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    assert [option.get_attribute("aria-selected") for option in options(page).all()] == [
        "false",
        "true",
        "false",
    ]
    page.keyboard.press("Escape")
    assert page.get_by_role("dialog").count() == 0
    assert text_of(page) == before


# Links


def test_link_to_a_post_is_found_by_title(ada):
    page = start(ada)
    page.keyboard.type("See ")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").wait_for()
    page.keyboard.type("CHAPTERS")
    options(page, name="A post with chapters").wait_for()
    page.keyboard.press("Enter")
    page.keyboard.type(".")
    assert text_of(page) == "See [A post with chapters](/a-post-with-chapters)."


def test_link_card_is_shown_before_it_is_inserted(ada):
    page = start(ada)
    url = "https://www.youtube.com/watch?v=a"
    card = {"url": url, "title": "A <b> film", "site": "YouTube", "image": "", "picture": ""}
    page.route("**/media/cards", lambda route: route.fulfill(json=card))
    paste(page, text_plain=url)
    page.get_by_role("button", name="Show it as a card").click()
    dialog = page.get_by_role("dialog", name="Insert a link card")
    assert dialog.get_by_role("textbox").input_value() == url
    dialog.get_by_role("button", name="Fetch").click()
    dialog.get_by_text("A <b> film").wait_for()
    dialog.get_by_role("button", name="Insert").click()
    page.keyboard.type("After")
    assert text_of(page) == f"{url}\n\nAfter"


@pytest.mark.parametrize(
    ("typed", "url"),
    (
        ("https://example.org/a_(b)", "https://example.org/a_%28b%29"),
        ("example.org", "https://example.org"),
        ("ann@example.org", "mailto:ann@example.org"),
    ),
)
def test_address_is_linked_to_the_selection_and_changed(ada, typed, url):
    page = start(ada)
    page.keyboard.type("some [words]")
    page.keyboard.press("Control+Shift+ArrowLeft")
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill(typed)
    page.keyboard.press("Enter")
    assert text_of(page) == rf"[some \[words\]]({url})"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Control+k")
    assert page.get_by_role("combobox").input_value() == url
    ada.press("Remove link")
    assert text_of(page) == r"some \[words\]"


def test_dialog_asks_again_for_what_is_no_address(ada):
    page = start(ada)
    page.keyboard.press("Control+k")
    page.keyboard.type("javascript:alert(1)")
    page.get_by_text("No post has this title.").wait_for()
    page.keyboard.press("Enter")
    assert page.get_by_text("Enter an address, or choose a post.").is_visible()
    page.keyboard.press("Escape")
    assert text_of(page) == ""


def test_url_pasted_over_text_makes_a_link(ada):
    page = start(ada)
    page.keyboard.type("words")
    page.keyboard.press("Control+a")
    paste(page, text_plain="https://example.org/a_(b)")
    assert text_of(page) == "[words](https://example.org/a_%28b%29)"
    page.keyboard.press("Control+z")
    assert text_of(page) == "words"


# Rich paste


@pytest.mark.parametrize("name", ("word", "google_docs", "libreoffice", "chrome", "firefox"))
def test_formatted_text_becomes_markdown_in_one_step(ada, name):
    page = start(ada)
    page.keyboard.type("Before")
    html = (CLIPBOARD / f"{name}.html").read_text(encoding="utf-8")
    paste(page, text_plain="plain", text_html=html)
    expected = (CLIPBOARD / f"{name}.md").read_text(encoding="utf-8")
    wait_for_text(page, expected.strip()[-12:])
    assert text_of(page).startswith(f"Before\n\n{expected.strip()}")
    if name != "firefox":
        page.keyboard.press("Control+z")
        assert text_of(page) == "Before"
    # One of the texts has a picture on another site.
    ada.problems.clear()


def test_caret_is_visible_after_long_pasted_text(ada):
    page = start(ada)
    paste(page, text_plain="plain", text_html="<p>A <b>bold</b> word.</p>" * 60 + "<p>The end.</p>")
    wait_for_text(page, "The end.")
    page.wait_for_function(CARET_IS_VISIBLE)


def test_caret_is_visible_below_inserted_pictures(ada, picture):
    page = start(ada)
    page.keyboard.type("x\n" * 12)
    paste(page, *(picture(f"{color}.png", color) for color in ("red", "green", "blue")))
    wait_for_pictures(page, 3)
    page.wait_for_function(CARET_IS_VISIBLE)


def test_caret_keeps_its_place_while_images_load(ada, picture):
    page = start(ada)
    waiting = []
    page.route("**/media/*", lambda route: waiting.append(route))
    page.keyboard.type("x\n" * 40)
    for _ in range(20):
        page.keyboard.press("ArrowUp")
    page.keyboard.press("End")
    colors = ("red", "green", "blue", "teal")
    paste(page, *(picture(f"{color}.png", color) for color in colors))
    wait_for_pictures(page, len(colors))
    page.wait_for_function(CARET_IS_VISIBLE)
    page.wait_for_function("() => document.querySelectorAll('.cm-picture img').length > 2")
    place = page.evaluate(CARET_TOP)
    for route in waiting:
        route.continue_()
    page.unroute("**/media/*")
    page.wait_for_function(
        "() => [...document.querySelectorAll('.cm-picture')].every((one) => one.clientHeight < 200)"
    )
    assert page.evaluate(CARET_TOP) == pytest.approx(place, abs=1)


def test_pasted_text_leaves_scripts_styles_and_comments_behind(ada):
    page = start(ada)
    html = (CLIPBOARD / "chrome.html").read_text(encoding="utf-8")
    paste(page, text_plain="plain", text_html=html)
    wait_for_text(page, "Making tea")
    for word in ("alert", "javascript", "color", "secret", "<"):
        assert word not in text_of(page)
    ada.problems.clear()


TASKS = "- [x] done\n- [ ] open"


@pytest.mark.parametrize(
    "html",
    (
        '<ul><li><input type="checkbox" checked disabled> done</li>'
        '<li><input type="checkbox" disabled> open</li></ul>',
        '<ul><li><p><input type="checkbox" checked> done</p></li>'
        '<li><p><input type="checkbox"> open</p></li></ul>',
        '<ul><li><label><input type="checkbox" checked> done</label></li>'
        '<li><label><input type="checkbox"> open</label></li></ul>',
        '<ul><li role="checkbox" aria-checked="true"><img src="data:image/png;base64,AA==" alt="">'
        '<p>done</p></li><li role="checkbox" aria-checked="false"><p>open</p></li></ul>',
        '<ul><li class="task-list-item"><span><input type="checkbox" checked></span> done</li>'
        '<li class="task-list-item"><span><input type="checkbox"></span> open</li></ul>',
    ),
)
def test_pasted_task_list_keeps_its_marks(ada, html):
    page = start(ada)
    paste(page, text_plain="plain", text_html=html)
    wait_for_text(page, "open")
    assert text_of(page) == TASKS


def test_picture_inside_pasted_text_is_uploaded_or_missed(ada):
    page = start(ada)
    html = (CLIPBOARD / "firefox.html").read_text(encoding="utf-8")
    paste(page, text_plain="plain", text_html=html)
    wait_for_pictures(page, 1)
    paste(page, text_plain="x", text_html='<b>x</b><img src="file:///C:/a.png">')
    page.get_by_text("An image could not be pasted.").wait_for()


@pytest.mark.parametrize(
    ("typed", "html"),
    (
        ("", "<span>Only *words*</span>"),
        ("```\n", "<b>Only</b> *words*"),
    ),
)
def test_text_without_formatting_and_in_code_is_pasted_as_it_is(ada, typed, html):
    page = start(ada)
    page.keyboard.insert_text(typed)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    write = """html => navigator.clipboard.write([new ClipboardItem({
        "text/plain": new Blob(["Only *words*"], {type: "text/plain"}),
        "text/html": new Blob([html], {type: "text/html"}),
    })])"""
    page.evaluate(write, html)
    body(page).press("Control+v")
    wait_for_text(page, "words")
    assert text_of(page) == f"{typed}Only *words*"


def test_shift_pastes_plain_text(ada):
    page = start(ada)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate(
        """() => navigator.clipboard.write([new ClipboardItem({
            "text/plain": new Blob(["plain *words*"], {type: "text/plain"}),
            "text/html": new Blob(["<b>rich</b>"], {type: "text/html"}),
        })])"""
    )
    body(page).press("Control+v")
    wait_for_text(page, "**rich**")
    body(page).press("Control+Shift+v")
    wait_for_text(page, "plain *words*")


# From log-in to the published post


def test_post_with_picture_and_tags_takes_five_clicks(full_blog, visitor, picture):
    ada = visitor(full_blog)
    page, clicks = ada.page, 0

    def click(target):
        nonlocal clicks
        clicks += 1
        target.click()

    ada.open("/auth/login")
    log_in_by_keyboard(page)
    click(page.get_by_role("button", name="Log In"))
    click(page.get_by_role("link", name="New", exact=True))
    page.wait_for_url("**/create")
    body(page)  # waits for the scripts
    page.keyboard.type("Five clicks\nWords")
    paste(page, picture("five.png"))
    wait_for_pictures(page, 1)
    click(page.locator(".settings > summary"))
    page.keyboard.type("one, two")
    click(page.get_by_role("button", name="Publish"))
    page.wait_for_url(lambda address: not address.endswith(("/create", "/update")))
    ada.open("/five-clicks")
    assert page.locator(".whole .text img").count() == 1
    assert page.locator(".whole .tag").all_inner_texts() == ["one", "two"]
    assert clicks <= 5
    sql(full_blog, "DELETE FROM post WHERE slug = 'five-clicks'")


def test_post_with_picture_and_tags_is_published_by_keyboard(full_blog, visitor, picture):
    ada = visitor(full_blog)
    page = ada.page
    ada.open("/auth/login")
    page.locator("#username:focus").wait_for()
    log_in_by_keyboard(page)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "/auth" not in address)
    reach(page, "New")
    page.keyboard.press("Enter")
    page.wait_for_url("**/create")
    body(page)  # waits for the scripts
    page.keyboard.type("By keyboard\nWords")
    paste(page, picture("keys.png"))
    wait_for_pictures(page, 1)
    page.keyboard.press("Control+,")
    page.keyboard.type("one, two")
    page.keyboard.press("Escape")
    reach(page, "Publish", "Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/by-keyboard")
    assert page.locator(".whole .tag").all_inner_texts() == ["one", "two"]
    sql(full_blog, "DELETE FROM post WHERE slug = 'by-keyboard'")


def log_in_by_keyboard(page):
    page.wait_for_function("document.activeElement.name === 'username'")
    page.keyboard.type("ada")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)


def reach(page, name, key="Tab"):
    """Press a key until the focus is on the element with this text."""
    for _ in range(60):
        page.keyboard.press(key)
        if page.evaluate("document.activeElement.textContent.trim()") == name:
            return
    raise AssertionError(f"{name} is not reached with {key}")
