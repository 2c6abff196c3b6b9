"""Conflicts, version history and undo, as a person uses them."""

import re

import pytest

from . import conftest

BODY = "First paragraph.\n\nSecond paragraph.\n\nThird paragraph.\n"
MINE = BODY.replace("Second", "My second")
THEIRS = BODY.replace("Second", "Their second").replace("Third", "Their third")
KEPT = {
    "mine": "My second paragraph.",
    "theirs": "Their second paragraph.",
    "both": "My second paragraph.\n\nTheir second paragraph.",
}
LOOKS = [
    pytest.param({"color_scheme": scheme, "viewport": {"width": width, "height": 800}}, id=name)
    for scheme, width, name in (("light", 1280, "wide"), ("dark", 360, "narrow"))
]


@pytest.fixture
def open_blog(full_blog, visitor, cookies_of_ada):
    """Return a function that opens a browser in which `ada` is logged in."""

    def open_browser(**options):
        ada = visitor(full_blog, storage_state=cookies_of_ada, **options)
        # The status of a page with a conflict is 409.
        ada.open()
        return ada

    return open_browser


@pytest.fixture(params=[True, False], ids=["scripts", "no-scripts"])
def ada(request, open_blog):
    return open_blog(java_script_enabled=request.param)


def send(ada, path, **form):
    return ada.page.request.post(ada.server.address + path, form=form).text()


def publish(ada, title="Two tabs", body=BODY):
    """Publish a post without its form, and return its id."""
    return re.search(r"/(\d+)/update", send(ada, "/publications", title=title, body=body))[1]


def text_of(ada, post):
    """Return the body that the form of a post has when it is opened."""
    page = ada.page.request.get(f"{ada.server.address}/{post}/update").text()
    return re.search(r'name="body".*?>\n(.*?)</textarea>', page, re.DOTALL)[1]


def meet_conflict(ada):
    """Change the same paragraph in two tabs, and return the id of the post."""
    post = publish(ada)
    ada.open(f"/{post}/update")
    base = ada.page.locator("[name=base]").input_value()
    send(ada, f"/{post}/update", title="Two tabs", body=THEIRS, base=base)
    ada.fill(Body=MINE)
    ada.press("Update")
    assert ada.sees("You changed the same passage in another tab while you were writing.")
    return post


def choose(ada, choice):
    ada.page.get_by_role("radio", name=re.compile(f"^Keep {choice}")).check()


@pytest.mark.parametrize("choice", KEPT)
def test_conflict_is_resolved_with_the_mouse(ada, choice):
    post = meet_conflict(ada)
    choose(ada, choice)
    ada.press("Update")
    assert ada.sees("Updated.")
    kept = BODY.replace("Second paragraph.", KEPT[choice]).replace("Third", "Their third")
    assert text_of(ada, post) == kept


@pytest.mark.parametrize(("choice", "keys"), (("mine", 0), ("theirs", 1), ("both", 2)))
def test_conflict_is_resolved_with_the_keyboard(ada, choice, keys):
    post = meet_conflict(ada)
    ada.page.get_by_role("radio").first.focus()
    ada.page.keyboard.press("Space")
    for _ in range(keys):
        ada.page.keyboard.press("ArrowDown")
    ada.page.keyboard.press("Enter")
    assert ada.sees("Updated.")
    assert KEPT[choice] in text_of(ada, post)


def test_conflict_waits_for_a_choice_and_keeps_the_other_fields(ada):
    post = meet_conflict(ada)
    ada.press("Update")
    assert ada.page.get_by_role("heading", name="Choose what to keep").is_visible()
    ada.press("Continue editing")
    assert "My second paragraph." in ada.page.locator("[name=body]").input_value()
    assert "Their second" in ada.page.request.get(f"{ada.server.address}/{post}").text()


@pytest.mark.parametrize("look", LOOKS)
def test_conflict_is_accessible_and_fits(open_blog, axe, look):
    ada = open_blog(reduced_motion="reduce", **look)
    meet_conflict(ada)
    choose(ada, "theirs")
    assert axe(ada.page) == []
    assert ada.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    ada.screenshot(f"conflict-{look['color_scheme']}-{look['viewport']['width']}")


CONFLICT = {
    "blocks": [
        {"kind": "same", "text": "First paragraph.\n\n"},
        {
            "kind": "conflict",
            "mine": "My second paragraph.\n",
            "theirs": "Their second paragraph.\n",
            "both": "My second paragraph.\n\nTheir second paragraph.\n",
        },
        {"kind": "same", "text": "\n"},
        {
            "kind": "theirs",
            "text": "Their third paragraph.\n\n",
            "mine": "Third paragraph.\n\n",
            "theirs": "Their third paragraph.\n\n",
        },
    ],
    "title": {"kind": "theirs", "text": "Theirs", "mine": "Two tabs", "theirs": "Theirs"},
    "theirs": {"who": "You, in another tab", "when": "14:03", "revision": 7, "title": "Theirs"},
    "message": "You changed the same passage in another tab while you were writing.",
}


def open_choices(ada):
    """Let the form of a new post report a conflict, and open the dialog."""
    post = publish(ada)
    form = {"title": "Two tabs", "base": "0"}
    send(ada, f"/{post}/update", **form, body=THEIRS)
    page = send(ada, f"/{post}/update", **form, body=MINE)
    html = re.search("<fieldset.*</fieldset>", page, re.DOTALL)[0]
    ada.open(f"/{post}/update")
    ada.fill(Title="Two tabs", Body=MINE)
    ada.page.evaluate(
        """detail => document.querySelector("[data-editor]")
            .dispatchEvent(new CustomEvent("flaskr:conflict", { detail }))""",
        {**CONFLICT, "html": html},
    )
    ada.press("Choose what to keep")


@pytest.mark.parametrize("choice", KEPT)
def test_conflict_is_resolved_in_the_editor(open_blog, choice):
    ada = open_blog()
    open_choices(ada)
    choose(ada, choice)
    ada.press("Apply")
    assert ada.page.get_by_role("dialog").count() == 0
    assert ada.page.get_by_text("Choose what to keep").count() == 0
    values = ada.page.evaluate(
        "Object.fromEntries(new FormData(document.querySelector('[data-editor]')))"
    )
    assert values["title"] == "Theirs"
    assert values["base"] == "7"
    assert KEPT[choice] in values["body"].replace("\r\n", "\n")
    assert "Their third" in values["body"]


def test_dialog_is_left_with_escape_and_opened_again(open_blog):
    ada = open_blog()
    open_choices(ada)
    ada.page.keyboard.press("Escape")
    assert ada.page.get_by_role("dialog").count() == 0
    ada.press("Choose what to keep")
    ada.press("Apply")
    assert ada.page.get_by_role("dialog").is_visible()
    ada.press("Continue editing")
    ada.page.locator(".cm-content:focus").wait_for()
    assert "My second" in conftest.text_of(ada.page)


def test_choices_are_offered_until_a_newer_version_is_saved(open_blog):
    ada = open_blog()
    open_choices(ada)
    ada.page.keyboard.press("Escape")
    saved = """base => document.querySelector("[data-editor]")
        .dispatchEvent(new CustomEvent("flaskr:saved", { detail: { base } }))"""
    ada.page.evaluate(saved, ada.page.locator("[data-editor] [name=base]").input_value())
    assert ada.page.get_by_role("button", name="Choose what to keep").count() == 1
    ada.page.evaluate(saved, 10**6)
    assert ada.page.get_by_role("button", name="Choose what to keep").count() == 0


@pytest.mark.parametrize("look", LOOKS)
def test_dialog_is_accessible_and_fits(open_blog, axe, look):
    ada = open_blog(reduced_motion="reduce", **look)
    open_choices(ada)
    choose(ada, "both")
    assert axe(ada.page) == []
    assert ada.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    ada.screenshot(f"dialog-{look['color_scheme']}-{look['viewport']['width']}")


def test_versions_are_compared_restored_and_restored_back(ada):
    post = publish(ada, body="One house.")
    for body in ("One big house.", "One big red house."):
        send(ada, f"/{post}/publication", title="Two tabs", body=body)
    ada.open(f"/{post}/revisions")
    assert ada.page.get_by_text("Current", exact=True).count() == 1
    ada.page.locator(".versions .title").last.click()
    ada.page.get_by_label("Compare with").select_option("the current version")
    ada.press("Compare")
    assert ada.page.locator("ins").text_content() == "[added: big red ]"
    ada.press("Restore this version")
    assert ada.sees("Version restored.")
    assert text_of(ada, post) == "One house."
    ada.open(f"/{post}/update")
    ada.open(f"/{post}/revisions")
    assert ada.page.locator(".versions li").count() == 4


def test_publishing_is_undone(ada):
    ada.open("/create")
    ada.fill(Title="Too early", Body="Not finished.")
    ada.press("Publish")
    assert ada.sees("Published.")
    ada.press("Undo")
    assert ada.sees("Undone. It is a draft again.")
    ada.press("Publish")
    ada.follow("Edit")
    ada.fill(Body="Finished.")
    ada.press("Update")
    assert ada.sees("Updated.")
    ada.press("Undo")
    assert ada.sees("Undone. Readers see the previous version.")
    assert ada.sees("Not finished.")


@pytest.mark.parametrize("look", LOOKS)
def test_version_pages_are_accessible_and_fit(open_blog, axe, look):
    ada = open_blog(reduced_motion="reduce", **look)
    post = publish(ada, title="A title that is long " * 9, body=BODY)
    send(ada, f"/{post}/publication", title="مرحبا بالعالم", body=MINE + "これは日本語です。")
    ada.open(f"/{post}/revisions")
    newest = ada.page.locator(".versions .title").first.get_attribute("href")
    pages = {"list": f"/{post}/revisions", "changes": newest, "page": f"{newest}?view=page"}
    for name, path in pages.items():
        ada.open(path)
        assert axe(ada.page) == []
        assert ada.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        ada.screenshot(f"versions-{name}-{look['color_scheme']}-{look['viewport']['width']}")
