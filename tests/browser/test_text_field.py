"""The text field: live Markdown, toolbar, menu, shortcuts, and the text exactly as typed."""

import json

import pytest

from .conftest import body
from .conftest import select
from .conftest import sql
from .conftest import text_of

SAMPLE = """\
Some *stress*, **strength**, ~~doubt~~, `code` and a [link](https://example.org/).

# Large

- an item
  - a nested one
- [ ] a task

> A quotation

| a | long heading |
| - | -----------: |
| longer | 1 |

---
"""
ODD_TEXTS = (
    "",
    "\n",
    "no newline at the end",
    "\n\nblank lines around\n\n\n",
    "trailing  \nspaces \t\n\ttab\n   indented",
    "* one\n+ two\n\n1) three\n__bold__ and _this_\n",
    "Setext\n======\n\n***\n\n| a|b |\n|-|-|\n",
    "\ufeffbyte order mark, \u2028 line separator, \u200e mark, \xa0 space",
    "e\u0301 and \u00e9 and \U0001f468\u200d\U0001f469\n\n``` \nunclosed",
    "مرحبا **بالعالم**\n\nこんにちは世界\n",
)
EDGES_OF_TEXT = """rows => rows.map((row) => {
    const range = document.createRange();
    range.selectNodeContents(row);
    const { left, right } = range.getBoundingClientRect();
    return [Math.round(left), Math.round(right)];
})"""
SHOWS_ITS_EDGES = """menu => {
    const { left, top, bottom } = menu.getBoundingClientRect();
    const isShown = (y) => menu.contains(document.elementFromPoint(left + 8, y));
    return isShown(top + 8) && isShown(bottom - 8);
}"""


@pytest.fixture
def write(full_blog, post):
    """A function that gives the post a body."""
    sql(full_blog, "DELETE FROM unsaved")
    return lambda body: sql(full_blog, "UPDATE post SET body = ? WHERE id = ?", body, post)


@pytest.fixture
def ada(full_blog, write, visitor, cookies_of_ada):
    """The owner of the full blog, without autosaves."""
    size = {"width": 1280, "height": 800}
    return visitor(full_blog, storage_state=cookies_of_ada, viewport=size)


@pytest.fixture
def sample(ada, write, post):
    """The owner with a post that has every kind of formatting open."""
    write(SAMPLE)
    ada.open(f"/{post}/update")
    return ada


def line(page, text):
    return page.locator(".cm-line", has_text=text)


def style(locator, name):
    return locator.evaluate("(element, name) => getComputedStyle(element)[name]", name)


def put_caret(page, text):
    """Place the caret in the first line with the text, as a click does."""
    line(page, text).first.click(position={"x": 2, "y": 8})


def type_with_ime(page, *steps):
    """Compose text through steps, and commit the last one."""
    session = page.context.new_cdp_session(page)
    for text in steps:
        caret = len(text)
        session.send(
            "Input.imeSetComposition",
            {"text": text, "selectionStart": caret, "selectionEnd": caret},
        )
    session.send("Input.insertText", {"text": steps[-1]})


def test_text_typed_at_170_words_a_minute_is_exact(ada):
    typed = "I *really* wrote this, key by key; with `code` and a [link](/x).\nAnd more of it."
    ada.open("/create")
    body(ada.page).press_sequentially(typed, delay=60)
    assert text_of(ada.page) == typed


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_text_that_is_not_touched_stays_the_same(ada, write, text, post):
    write(text)
    ada.open(f"/{post}/update")
    body(ada.page).press("Control+End")
    ada.page.keyboard.type("x")
    ada.page.keyboard.press("Backspace")
    assert text_of(ada.page) == text
    ada.page.locator("form.write button.main").click()
    ada.page.wait_for_url(lambda address: "/update" not in address)
    assert sql(ada.server, "SELECT body FROM post WHERE id = ?", post) == [(text,)]


def test_formatting_is_shown(sample):
    page = sample.page
    assert style(page.locator(".cm-strong"), "fontWeight") == "700"
    assert style(page.locator(".cm-emphasis"), "fontStyle") == "italic"
    assert "line-through" in style(page.locator(".cm-strike"), "textDecoration")
    assert "Mono" in style(page.locator(".cm-code"), "fontFamily")
    assert "underline" in style(page.locator(".cm-link"), "textDecoration")
    sizes = [
        float(style(line(page, text), "fontSize")[:-2]) for text in ("Large", "stress", "an item")
    ]
    assert sizes[0] > 1.5 * sizes[1] == 1.5 * sizes[2]
    assert style(line(page, "A quotation"), "borderInlineStartStyle") == "solid"


def test_marks_are_hidden_on_other_lines(sample):
    page = sample.page
    shown = "Some stress, strength, doubt, code and a link."
    assert page.locator(".cm-line").first.inner_text() == shown
    put_caret(page, "Some")
    assert page.locator(".cm-line").first.inner_text() == SAMPLE.split("\n")[0]
    assert line(page, "Large").inner_text() == "Large"
    put_caret(page, "Large")
    assert line(page, "Large").inner_text() == "# Large"
    assert page.locator(".cm-line").first.inner_text() == shown


def test_list_items_hang(sample):
    nested, outer = (
        line(sample.page, text).locator(".cm-prefix").bounding_box()
        for text in ("a nested one", "an item")
    )
    assert nested["width"] > outer["width"] > 15
    assert line(sample.page, "an item").inner_text() == "• an item"


def test_task_is_completed_by_a_click_and_by_a_key(sample):
    task = sample.page.get_by_role("checkbox", name="a task")
    task.click()
    assert "- [x] a task" in text_of(sample.page)
    assert task.is_checked()
    put_caret(sample.page, "Some")
    line(sample.page, "a task").click()
    sample.page.keyboard.press("Control+Enter")
    assert text_of(sample.page) == SAMPLE


def test_columns_of_a_table_are_aligned(sample):
    pipes = """lines => lines.map((line) => {
        const marks = [...line.querySelectorAll(".cm-mark")];
        const [, mark] = marks.filter(({ textContent }) => textContent === "|");
        return mark && Math.round(mark.getBoundingClientRect().right);
    })"""
    lines = sample.page.locator(".cm-table")
    positions = [left for left in lines.evaluate_all(pipes) if left]
    assert len(positions) == 2
    assert len(set(positions)) == 1
    assert text_of(sample.page) == SAMPLE


def test_image_is_shown_below_its_line_without_moving_the_text(ada, write, post):
    write("![An icon](/static/icon.svg)\n\nBelow.\n")
    ada.open(f"/{post}/update")
    image = ada.page.get_by_role("img", name="An icon")
    image.evaluate("image => image.decode()")
    top = line(ada.page, "Below.").bounding_box()["y"]
    assert top >= image.bounding_box()["y"] + image.bounding_box()["height"]
    put_caret(ada.page, "An icon")
    assert line(ada.page, "Below.").bounding_box()["y"] == top


def test_image_stays_while_its_alt_text_is_typed(ada, write, post):
    write("![](/static/icon.svg)\n")
    ada.open(f"/{post}/update")
    image = ada.page.locator(".cm-picture img")
    image.evaluate("image => { image.kept = true }")
    select(ada.page, 2, 2)
    ada.page.keyboard.type("An icon")
    assert image.get_attribute("alt") == "An icon"
    assert image.evaluate("image => image.kept")


def test_unfinished_url_of_an_image_is_not_requested(ada):
    ada.open("/create")
    body(ada.page).press_sequentially("![x](/static/icon.sv")
    assert ada.page.locator(".cm-picture").count() == 0
    ada.page.keyboard.type("g)\n\n")
    assert ada.page.locator(".cm-picture img").count() == 1


def test_link_opens_with_control_and_click(sample):
    sample.page.context.route("https://example.org/", lambda route: route.fulfill(body="There."))
    with sample.page.context.expect_page() as opened:
        sample.page.locator(".cm-link", has_text="link").click(modifiers=["Control"])
    opened.value.get_by_text("There.").wait_for()


def test_dangerous_link_does_not_open(ada, write, post):
    write("[here](javascript:document.title='hacked')")
    ada.open(f"/{post}/update")
    ada.page.locator(".cm-link").click(modifiers=["Control"])
    assert "hacked" not in ada.page.title()
    assert len(ada.page.context.pages) == 1


def test_html_in_the_text_stays_text(ada, write, post):
    html = "<img src=x onerror=\"document.title = 'hacked'\"> <script>document.title = 1</script>"
    write(html)
    ada.open(f"/{post}/update")
    assert ada.page.locator(".cm-content :is(img, script)").count() == 0
    assert "hacked" not in ada.page.title()
    assert text_of(ada.page) == html


@pytest.mark.parametrize(
    ("keys", "text"),
    (
        ("Control+b", "some **words**"),
        ("Control+i", "some *words*"),
        ("Control+e", "some `words`"),
        ("Control+Shift+x", "some ~~words~~"),
        ("Control+Shift+8", "- some words"),
        ("Control+Shift+7", "1. some words"),
        ("Control+Shift+9", "- [ ] some words"),
        ("Control+Alt+2", "## some words"),
        ("Control+]", "  some words"),
        ("Control+Alt+c", "```\nsome words\n```"),
    ),
)
def test_shortcut_formats_and_is_undone(ada, keys, text):
    ada.open("/create")
    body(ada.page).press_sequentially("some words")
    select(ada.page, 5, 10)
    ada.page.keyboard.press(keys)
    assert text_of(ada.page) == text
    ada.page.keyboard.press("Control+z")
    assert text_of(ada.page) == "some words"
    ada.page.keyboard.press("Control+Shift+Z")
    assert text_of(ada.page) == text


@pytest.mark.parametrize(
    "keys",
    ("Control+b", "Control+i", "Control+e", "Control+Shift+x", "Control+Shift+8", "Control+Alt+1"),
)
def test_shortcut_pressed_twice_changes_nothing(ada, keys):
    ada.open("/create")
    body(ada.page).press_sequentially("some words")
    select(ada.page, 5, 10)
    ada.page.keyboard.press(keys)
    ada.page.keyboard.press(keys)
    assert text_of(ada.page) == "some words"


def test_shortcut_formats_the_word_at_the_caret_and_typing_goes_on(ada):
    ada.open("/create")
    body(ada.page).press_sequentially("one two")
    for _ in range(2):
        ada.page.keyboard.press("ArrowLeft")
    ada.page.keyboard.press("Control+b")
    ada.page.keyboard.type("x")
    assert text_of(ada.page) == "one **txwo**"
    ada.page.keyboard.press("Control+b")
    assert text_of(ada.page) == "one txwo"


def test_lists_change_kind(ada):
    ada.open("/create")
    body(ada.page).press_sequentially("- one\ntwo")
    ada.page.keyboard.press("Control+a")
    for keys, text in (
        ("7", "1. one\n2. two"),
        ("9", "- [ ] one\n- [ ] two"),
        ("8", "- one\n- two"),
        ("8", "one\ntwo"),
    ):
        ada.page.keyboard.press(f"Control+Shift+{keys}")
        assert text_of(ada.page) == text


def test_enter_continues_a_list_and_leaves_the_title(ada):
    ada.open("/create")
    body(ada.page)  # waits for the scripts
    ada.page.get_by_label("Title", exact=True).press_sequentially("A list\n")
    ada.page.keyboard.type("- one\ntwo\n\n9. nine\nten")
    assert text_of(ada.page) == "- one\n- two\n\n9. nine\n10. ten"
    assert ada.page.get_by_label("Title", exact=True).input_value() == "A list"


@pytest.mark.parametrize(
    ("typed", "text"),
    (
        ("- one\n\nWords", "- one\n\nWords"),
        ("> one\n\nWords", "> one\n\nWords"),
        ("- one\n\n> two\n\nWords", "- one\n\n> two\n\nWords"),
        ("> - one\n\nWords", "> - one\n\nWords"),
        ("- \nWords", "Words"),
        ("Before\n\n- \nWords", "Before\n\nWords"),
    ),
)
def test_words_after_the_end_of_a_list_are_a_paragraph(ada, typed, text):
    ada.open("/create")
    body(ada.page).press_sequentially(typed)
    assert text_of(ada.page) == text


def test_enter_in_an_empty_nested_item_goes_back_to_the_list_around_it(ada):
    ada.open("/create")
    body(ada.page).press_sequentially("1. one\n")
    for key in ("Backspace", "Backspace", "Backspace"):
        ada.page.keyboard.press(key)
    ada.page.keyboard.type("   - two\n\nthree\n\nWords")
    assert text_of(ada.page) == "1. one\n   - two\n2. three\n\nWords"


def test_tab_leaves_the_body(ada):
    ada.open("/create")
    body(ada.page).press_sequentially("x")
    ada.page.keyboard.press("Tab")
    assert text_of(ada.page) == "x"
    assert not body(ada.page).evaluate("field => field === document.activeElement")


def test_enter_continues_tasks_and_quotes_but_not_code(ada):
    ada.open("/create")
    body(ada.page).press_sequentially("- [x] one\ntwo\n\n> three\nfour\n\n```\n- five\nsix")
    assert text_of(ada.page) == "- [x] one\n- [ ] two\n\n> three\n> four\n\n```\n- five\nsix"


def test_undo_survives_saving(ada):
    ada.open("/create")
    ada.fill(Title="Undone")
    body(ada.page).press_sequentially("First. ")
    ada.page.wait_for_timeout(700)
    ada.page.keyboard.type("Second.")
    with ada.page.expect_response("**/unsaved/*"):
        pass
    ada.page.keyboard.press("Control+z")
    assert text_of(ada.page) == "First. "


def test_composition_is_typed_and_undone(ada):
    ada.open("/create")
    body(ada.page).press_sequentially("**")
    type_with_ime(ada.page, "k", "か", "かn", "かん", "漢")
    ada.page.keyboard.type("** end")
    assert text_of(ada.page) == "**漢** end"
    assert ada.page.locator(".cm-strong").inner_text() == "**漢**"
    ada.page.keyboard.press("Control+z")
    ada.page.keyboard.press("Control+z")
    assert "漢" not in text_of(ada.page)


def test_composition_in_a_formatted_line_keeps_its_neighbors(sample):
    put_caret(sample.page, "Some")
    sample.page.keyboard.press("Home")
    type_with_ime(sample.page, "に", "日")
    assert text_of(sample.page) == f"日{SAMPLE}"


def test_menu_opens_at_the_start_of_a_line_and_filters(ada):
    ada.open("/create")
    body(ada.page).press_sequentially("and/or\n/")
    options = ada.page.get_by_role("listbox", name="Insert").get_by_role("option")
    assert options.count() > 8
    ada.page.keyboard.type("head")
    assert [text.partition("Ctrl")[0] for text in options.all_inner_texts()] == [
        "Heading 1\n",
        "Heading 2\n",
        "Heading 3\n",
    ] or options.count() == 3
    ada.page.keyboard.press("ArrowDown")
    ada.page.keyboard.press("Enter")
    ada.page.keyboard.type("Two")
    assert text_of(ada.page) == "and/or\n## Two"


def test_menu_is_never_behind_the_bars(ada):
    ada.open("/create")
    menu = ada.page.get_by_role("listbox", name="Insert")
    for _ in range(8):
        body(ada.page).press_sequentially("\n\n/")
        menu.wait_for()
        ada.page.wait_for_function(SHOWS_ITS_EDGES, arg=menu.element_handle())
        ada.page.keyboard.press("Escape")
        ada.page.keyboard.press("Backspace")


def test_menu_closes_with_escape_and_after_a_composition(ada):
    ada.open("/create")
    body(ada.page).press_sequentially("/")
    menu = ada.page.get_by_role("listbox", name="Insert")
    menu.wait_for()
    ada.page.keyboard.press("Escape")
    assert not menu.is_visible()
    ada.page.keyboard.type("x\n")
    type_with_ime(ada.page, "/", "/か")
    assert not menu.is_visible()
    assert text_of(ada.page) == "/x\n/か"


def test_menu_names_its_active_option(ada, axe):
    ada.open("/create")
    body(ada.page).press_sequentially("/")
    ada.page.keyboard.press("ArrowUp")
    active = body(ada.page).get_attribute("aria-activedescendant")
    assert "Footnote" in ada.page.locator(f"#{active}").inner_text()
    assert axe(ada.page) == []


@pytest.mark.parametrize(
    ("query", "text"),
    (
        ("table", "| Heading | Heading |\n| ------- | ------- |\n|         |         |\n\n"),
        ("divider", "---\n\nx"),
        ("code block", "```\nx\n```\n\n"),
        ("quote", "> x"),
        ("task", "- [ ] x"),
        ("numbered", "1. x"),
    ),
)
def test_menu_inserts_blocks(ada, query, text):
    ada.open("/create")
    body(ada.page).press_sequentially(f"/{query}\nx")
    assert text_of(ada.page) == text.replace("Heading", "x", 1 if query == "table" else 0)


def test_footnote_is_written_at_the_end(ada):
    ada.open("/create")
    body(ada.page).press_sequentially("One.\n\nTwo.")
    select(ada.page, 4, 4)
    ada.page.keyboard.press("Control+Alt+f")
    ada.page.keyboard.type("Note.")
    assert text_of(ada.page) == "One.[^1]\n\nTwo.\n\n[^1]: Note."


def test_toolbar_is_used_with_the_keyboard(ada):
    ada.open("/create")
    body(ada.page).press_sequentially("words")
    ada.page.keyboard.press("Control+a")
    ada.page.keyboard.press("Alt+F10")
    toolbar = ada.page.get_by_role("toolbar", name="Formatting")
    assert toolbar.locator("button[tabindex='0']").count() == 1
    ada.page.keyboard.press("ArrowRight")
    ada.page.keyboard.press("Enter")
    assert text_of(ada.page) == "*words*"
    italic = toolbar.get_by_role("button", name="Italic")
    assert italic.get_attribute("aria-pressed") == "true"
    assert italic.get_attribute("title") == "Italic (Ctrl+I)"
    ada.page.keyboard.type("now")
    assert text_of(ada.page) == "*now*"


def test_more_menu_of_the_toolbar_is_used_with_the_keyboard(ada):
    ada.open("/create")
    body(ada.page).press_sequentially("words")
    for keys in ("Alt+F10", "End", "Enter"):
        ada.page.keyboard.press(keys)
    menu = ada.page.get_by_role("menu", name="More formatting")
    assert menu.get_by_role("menuitem").first.evaluate("item => item === document.activeElement")
    ada.page.keyboard.press("Escape")
    assert not menu.is_visible()
    ada.page.keyboard.press("ArrowDown")
    ada.page.keyboard.press("ArrowDown")
    ada.page.keyboard.press("Enter")
    assert text_of(ada.page) == "- [ ] words"


def test_toolbar_keeps_the_selection(ada):
    ada.open("/create")
    body(ada.page).press_sequentially("some words")
    select(ada.page, 5, 10)
    ada.press("Bold")
    ada.press("Italic")
    assert text_of(ada.page) == "some ***words***"
    ada.press("Bold")
    assert text_of(ada.page) == "some *words*"


def test_menu_of_the_toolbar_closes_with_escape_after_a_click(ada):
    ada.open("/create")
    body(ada.page).click()
    toolbar = ada.page.get_by_role("toolbar", name="Formatting")
    toolbar.locator("[data-more]").click()
    toolbar.get_by_role("menu").wait_for()
    ada.page.keyboard.press("Escape")
    toolbar.get_by_role("menu").wait_for(state="hidden")


def test_find_and_replace(ada, axe):
    ada.open("/create")
    body(ada.page).press_sequentially("one two one")
    ada.page.keyboard.press("Control+f")
    ada.page.keyboard.type("one")
    assert ada.page.locator(".cm-searchMatch").count() == 2
    assert axe(ada.page) == []
    names = ada.page.evaluate("[...new FormData(document.querySelector('form.write')).keys()]")
    assert not {"search", "replace"} & set(names)
    ada.page.get_by_placeholder("Replace").fill("three")
    ada.press("Replace all")
    assert text_of(ada.page) == "three two three"
    ada.page.keyboard.press("Escape")
    assert ada.page.locator(".cm-search").count() == 0


def test_shortcuts_are_listed(ada, axe):
    ada.open("/create")
    body(ada.page).press("Control+/")
    dialog = ada.page.get_by_role("dialog", name="Keyboard shortcuts")
    assert "Ctrl+Shift+X" in dialog.inner_text()
    assert axe(ada.page) == []
    ada.page.keyboard.press("Escape")
    assert not dialog.is_visible()
    assert body(ada.page).evaluate("field => field === document.activeElement")


def test_list_of_shortcuts_starts_with_its_heading_on_phones(ada):
    ada.page.set_viewport_size({"width": 320, "height": 640})
    ada.open("/create")
    body(ada.page).press("Control+/")
    dialog = ada.page.get_by_role("dialog", name="Keyboard shortcuts")
    dialog.get_by_role("button", name="Close").wait_for()
    heading = dialog.get_by_role("heading").bounding_box()
    assert heading["y"] > dialog.bounding_box()["y"]


def test_focus_mode_dims_other_paragraphs_and_is_remembered(sample):
    put_caret(sample.page, "Large")
    sample.page.keyboard.press("Control+Shift+F")
    sample.page.wait_for_timeout(300)
    assert float(style(line(sample.page, "A quotation"), "opacity")) < 0.5
    assert style(line(sample.page, "Large"), "opacity") == "1"
    sample.page.reload()
    put_caret(sample.page, "Large")
    sample.page.wait_for_timeout(300)
    assert float(style(line(sample.page, "A quotation"), "opacity")) < 0.5
    sample.page.evaluate("localStorage.clear()")


def test_words_are_counted_without_urls(ada):
    ada.open("/create")
    ada.fill(Body='Two [words](https://example.org/a-long/address "t") <https://example.org/> [^1]')
    ada.page.get_by_text("2 words · 1 minute").wait_for()


def test_fifty_thousand_words_open_and_can_be_edited(ada, write, post):
    text = "\n\n".join(f"Part {n}: " + "a *few* words of it, " * 10 for n in range(1000))
    write(text)
    ada.open(f"/{post}/update")
    body(ada.page).press("Control+End")
    ada.page.keyboard.type(" The **end**")
    body(ada.page).press("Control+Home")
    ada.page.keyboard.type("The beginning ")
    assert text_of(ada.page) == f"The beginning {text} The **end**"
    assert ada.page.locator(".cm-line").count() < 200


def test_rows_of_a_table_have_one_direction(ada, write, post):
    write("| مدينة | Name |\n| --- | --- |\n| Oslo | |\n\n| Name | مدينة |\n| --- | --- |\n")
    ada.open(f"/{post}/update")
    rows = ada.page.locator(".cm-line.cm-table")
    rows.first.wait_for()
    edges = rows.evaluate_all(EDGES_OF_TEXT)
    assert len({right for left, right in edges[:3]}) == 1
    assert len({left for left, right in edges[3:]}) == 1


def test_lines_have_the_direction_of_their_script(ada, write, post):
    write("مرحبا **بالعالم** اليوم\n\n- واحد\n\nこれは**強調**です\n\nleft")
    ada.open(f"/{post}/update")
    assert style(line(ada.page, "مرحبا"), "direction") == "rtl"
    assert style(line(ada.page, "واحد"), "direction") == "rtl"
    assert style(line(ada.page, "left"), "direction") == "ltr"
    body(ada.page).press("Control+Home")
    ada.page.keyboard.press("ArrowLeft")
    ada.page.keyboard.type("ب")
    assert text_of(ada.page).startswith("مبرحبا")


@pytest.mark.parametrize(
    ("width", "height", "zoom"),
    ((360, 640, 1), (1024, 768, 1), (1280, 800, 1), (640, 400, 2)),
)
def test_caret_is_visible_while_sixty_lines_are_typed(
    full_blog, write, visitor, cookies_of_ada, width, height, zoom
):
    person = visitor(
        full_blog,
        storage_state=cookies_of_ada,
        viewport={"width": width, "height": height},
        device_scale_factor=zoom,
    )
    person.open("/create")
    body(person.page).focus()
    for number in range(60):
        person.page.keyboard.type(f"Line {number}\n")
        if number % 5 == 4:
            person.page.wait_for_timeout(50)
            assert hidden_part_of_caret(person.page) == 0, number


def hidden_part_of_caret(page):
    """Return how many pixels of the caret are outside the window or below a bar."""
    return page.evaluate("""() => {
        const { top, bottom, left } = caretRect();
        const covering = document.elementFromPoint(left + 1, bottom - 2);
        const isCovered = !covering?.closest(".cm-content") || top < 0 || bottom > innerHeight;
        return isCovered ? bottom - top : 0;

        function caretRect() {
            const { focusNode, focusOffset } = getSelection();
            const element = focusNode.nodeType === 1 ? focusNode : focusNode.parentElement;
            return element.closest(".cm-line").getBoundingClientRect();
        }
    }""")


@pytest.mark.parametrize("scheme", ("light", "dark"))
@pytest.mark.parametrize("width", (320, 1280))
def test_axe_finds_nothing(full_blog, write, visitor, cookies_of_ada, axe, scheme, width, post):
    write(SAMPLE)
    person = visitor(
        full_blog,
        storage_state=cookies_of_ada,
        viewport={"width": width, "height": 800},
        color_scheme=scheme,
    )
    person.open(f"/{post}/update")
    put_caret(person.page, "Some")
    person.press("More formatting")
    assert axe(person.page) == []
    assert person.page.evaluate("document.documentElement.scrollWidth") <= width


def test_field_has_a_name_a_hint_and_checks_spelling(ada):
    ada.open("/create")
    field = ada.page.get_by_role("textbox", name="Body")
    assert field.get_attribute("aria-multiline") == "true"
    assert field.get_attribute("spellcheck") == "true"
    assert field.get_attribute("autocapitalize") == "sentences"
    assert field.get_attribute("lang") == "en"
    assert ada.page.get_by_text("Write, or press / for a menu").is_visible()


def test_plain_field_is_used_if_the_text_field_cannot_be_loaded(ada, write, post):
    write("Plain.")
    ada.page.route("**/codemirror.js", lambda route: route.abort())
    ada.open(f"/{post}/update")
    ada.page.get_by_role("toolbar").wait_for(state="detached")
    body(ada.page).press("Control+End")
    ada.page.keyboard.type(" Text.")
    assert text_of(ada.page) == body(ada.page).input_value() == "Plain. Text."
    ada.page.get_by_text("2 words").wait_for()
    ada.problems.clear()


def test_text_is_there_after_going_back(ada):
    ada.open("/create")
    body(ada.page).press_sequentially("Not lost")
    ada.open("/posts")
    ada.page.go_back(wait_until="commit")
    assert text_of(ada.page) == "Not lost"


def test_text_that_came_from_elsewhere_keeps_the_caret_and_newer_typing(ada):
    ada.open("/create")
    changed = ada.page.evaluate("""async () => {
        const main = document.querySelector("script[src$='field_with_tools.js']").src;
        const { createTextField } = await import(main.replace("field_with_tools", "text_field"));
        const form = document.createElement("form");
        form.innerHTML = "<label for=x>X</label><textarea id=x name=x>one two three</textarea>";
        document.body.append(form);
        const field = createTextField(form.querySelector("textarea"));
        field.replace(13, 13, " four");
        field.applyRemoteText("one two three", "zero one TWO three");
        return [field.text, field.selection, new FormData(form).get("x")];
    }""")
    text = "zero one TWO three four"
    assert changed == [text, {"from": len(text), "to": len(text)}, text]


def test_blocks_are_inserted_on_lines_of_their_own(ada):
    ada.open("/create")
    texts = ["|", "a|", "a|\nb", "a|\n\nb", "a\n|", "a\n\n|\n\nb", "a|b\n"]
    blocks = json.loads(
        ada.page.evaluate(
            """async (texts) => {
        const url = document.querySelector("script[src$='field_with_tools.js']").src;
        const { surroundWithBlankLines } = await import(url.replace("field_with_tools", "blocks"));
        const insert = (text) => {
            const at = text.indexOf("|");
            const plain = text.replace("|", "");
            const change = surroundWithBlankLines(plain, at, "B");
            const result = plain.slice(0, change.from) + change.text + plain.slice(change.to);
            const caret = change.from + change.caret;
            return `${result.slice(0, caret)}|${result.slice(caret)}`;
        };
        return JSON.stringify(texts.map(insert));
    }""",
            texts,
        )
    )
    assert blocks == [
        "B\n\n|",
        "a\n\nB\n\n|",
        "a\n\nB\n\n|\n\nb",
        "a\n\nB\n\n|\n\nb",
        "a\n\nB\n\n|",
        "a\n\nB\n\n|\n\nb",
        "ab\n\nB\n\n|\n",
    ]


def test_text_field_works_without_a_toolbar_that_fails(ada, write, post):
    write("Text")
    failing = "export function addToolbar() { throw new Error('no toolbar') }"
    options = {"body": failing, "content_type": "text/javascript"}
    ada.page.route("**/editor/toolbar.js*", lambda route: route.fulfill(**options))
    ada.open(f"/{post}/update")
    body(ada.page).click()
    ada.page.keyboard.press("Control+End")
    ada.page.keyboard.type(" typed")
    assert text_of(ada.page) == "Text typed"
    assert ada.page.locator("[data-body]:visible, .cm-editor:visible").count() == 1
    assert ada.page.locator("[data-toolbar]").count() == 0
    ada.problems.clear()
