"""The looks that a blog can have are accessible, in light and dark, narrow and wide."""

import itertools

from flaskr.models import looks
from flaskr.public import branding

from .test_accent import COLORS
from .test_accent import MEASURE
from .test_accent import contrast

PAGES = ("/", "/a-post-with-everything")


def test_every_look_is_accessible_with_any_accent_and_fits(full_blog, visitor, axe, choose_look):
    # The page's policy forbids the style elements by which this test sets the accent.
    reader = visitor(full_blog, reduced_motion="reduce", bypass_csp=True)
    page = reader.page
    for look, path in itertools.product(looks.LOOKS, PAGES):
        choose_look(look)
        reader.open(path)
        assert page.locator(f'link[href$="/looks/{look}.css"]').count() == 1
        for scheme, width in (("light", 320), ("dark", 1280)):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), look
            assert axe(page) == [], (look, path, scheme)
        assert_accents_are_readable(page)


def assert_accents_are_readable(page):
    styles = [branding.STYLE.format(color=color) for color in COLORS[::7]]
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for accent, *others in page.evaluate(MEASURE, styles):
            assert min(contrast(accent, other) for other in others) >= 4.5


def test_menus_stay_in_one_row_and_fold_on_phones(full_blog, visitor, cookies_of_ada):
    ada = visitor(full_blog, storage_state=cookies_of_ada)
    page = ada.page
    page.set_viewport_size({"width": 1280, "height": 800})
    lefts = set()
    for path in ("/", "/posts", "/create", "/settings/design"):
        ada.open(path)
        boxes = [link.bounding_box() for link in page.locator("nav.own a").all()]
        assert len({box["y"] for box in boxes}) == 1
        lefts.add((boxes[0]["x"], page.locator("header .name").bounding_box()["x"]))
    assert len(lefts) == 1
    page.set_viewport_size({"width": 360, "height": 700})
    settings = page.locator("nav.own").get_by_role("link", name="Settings")
    assert not settings.is_visible()
    page.get_by_text("More", exact=True).click()
    settings.click()
    ada.sees("Time zone")


def test_changed_design_is_previewed_at_once(full_blog, visitor, cookies_of_ada):
    ada = visitor(full_blog, storage_state=cookies_of_ada)
    ada.open("/settings/design")
    page, steps = ada.page, ada.page.evaluate("history.length")
    preview = page.frame_locator(".preview iframe >> nth=0")
    page.get_by_label("Notebook").check()
    preview.locator('link[href$="/looks/notebook.css"]').wait_for(state="attached")
    page.get_by_label("Style rules").fill(".post { display: none }")
    preview.locator(".post").first.wait_for(state="hidden")
    preview.locator("style").wait_for(state="attached")
    # The Back button leaves the page.
    assert page.evaluate("history.length") == steps
