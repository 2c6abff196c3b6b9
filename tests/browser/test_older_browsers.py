"""Pages are readable in browsers that lack one of the newer features of CSS, or all of them."""

import itertools
import re
from pathlib import Path

import pytest

import flaskr
from flaskr.models import looks

from .conftest import body
from .contrast import contrast

STATIC = Path(flaskr.__file__).with_name("static")
FEATURES = (
    "light-dark(",
    "color-mix(",
    "oklch(",
    ":is(",
    ":has(",
    "dvh",
    "@supports",
    "@layer",
    "(scripting",
    '/ ""',
)
LOSSES = (*((feature,) for feature in FEATURES), FEATURES)
PAGES = ("/", "/a-post-with-everything", "/auth/login", "/13/update", "/settings", "/posts")
# Replace the style sheets, and return the colors of all visible texts, fields and buttons.
MEASURE = """sheets => {
  document.querySelectorAll("style[data-test]").forEach(style => style.remove());
  for (const link of document.querySelectorAll("link[rel=stylesheet]")) {
    const style = document.createElement("style");
    style.dataset.test = "";
    style.textContent = sheets[Object.keys(sheets).find(name => link.href.endsWith(`/${name}`))];
    link.after(style);
    link.disabled = true;
  }
  const context = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgb = color => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = color;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
  };
  const backgroundOf = element => {
    const color = rgb(getComputedStyle(element).backgroundColor);
    if (color[3] === 255) return color;
    return element.parentElement ? backgroundOf(element.parentElement) : [255, 255, 255, 255];
  };
  const hasText = element => [...element.childNodes].some(
    node => node.nodeType === Node.TEXT_NODE && node.data.trim());
  const isField = element =>
    element.matches("input:not([type=checkbox], [type=file]), select, button.main");
  return [...document.body.querySelectorAll("*:not(option, noscript, script, style)")]
    .filter(element => element.checkVisibility({opacityProperty: true, visibilityProperty: true}))
    .filter(element => hasText(element) || isField(element))
    .map(element => {
      const {color, borderTopColor, borderTopStyle} = getComputedStyle(element);
      const around = backgroundOf(element.parentElement);
      const edge = borderTopStyle === "solid" ? rgb(borderTopColor) : around;
      return {
        name: element.outerHTML.slice(0, 60),
        text: [rgb(color), backgroundOf(element)],
        edge: isField(element) ? [edge, around] : null,
      };
    });
}"""


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_readable_without_newer_css(full_blog, visitor, cookies_of_ada, path):
    cookies = None if "login" in path else cookies_of_ada
    # The page's policy forbids the style elements by which this test replaces the style sheets.
    person = visitor(full_blog, bypass_csp=True, reduced_motion="reduce", storage_state=cookies)
    person.open(path)
    body(person.page)
    for scheme, features in itertools.product(("light", "dark"), LOSSES):
        person.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        shown = person.page.evaluate(MEASURE, style_sheets(without=features))
        assert len(shown) > 5
        assert unreadable(shown) == [], (scheme, features)


def test_looks_are_readable_and_show_the_menu_without_newer_css(full_blog, visitor, choose_look):
    person = visitor(full_blog, bypass_csp=True, reduced_motion="reduce")
    page = person.page
    for look in looks.LOOKS:
        choose_look(look)
        person.open("/")
        for scheme, width in (("light", 320), ("dark", 1280)):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 800})
            assert unreadable(page.evaluate(MEASURE, style_sheets(without=FEATURES))) == [], look
            assert page.get_by_role("link", name="Search").is_visible() == (width == 1280)
        page.set_viewport_size({"width": 320, "height": 800})
        page.get_by_text("Menu", exact=True).click()
        assert page.get_by_role("link", name="Search").is_visible()


def style_sheets(without):
    """Return the style sheets in which the names of these features are unknown."""
    return {
        path.name: replace_names(path.read_text(), without)
        for path in (STATIC / "style.css", *STATIC.glob("*/*.css"))
    }


def replace_names(css, features):
    for feature in features:
        sign, name = re.fullmatch(r"(\W*)(.*)", feature).groups()
        css = css.replace(feature, f"{sign}unknown-{name}")
    return css


def unreadable(shown):
    return [
        element
        for element in shown
        if contrast_of(element["text"]) < 4.5
        or (element["edge"] and contrast_of(element["edge"]) < 3)
    ]


def contrast_of(colors):
    return contrast(*(channels[:3] for channels in colors))
