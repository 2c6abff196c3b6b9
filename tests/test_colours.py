import itertools
import re
from pathlib import Path

import pytest

import flaskr
from flaskr import colours

STYLE = Path(flaskr.__file__).parent / "static" / "style.css"
GRID = [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in itertools.product(range(0, 256, 85), repeat=3)] + [
    "#767676",
    "#0a6560",
    "#e91e63",
]


@pytest.mark.parametrize("colour", GRID)
def test_every_colour_can_be_read_by_day_and_by_night(colour):
    accent = colours.accent(colour)
    for paper in (*colours.LIGHT_PAPERS, "#ffffff"):
        assert colours.contrast(accent.light, paper) >= 4.5
    for paper in (*colours.DARK_PAPERS, "#000000"):
        assert colours.contrast(accent.dark, paper) >= 4.5


def test_a_colour_that_can_be_read_stays():
    assert colours.accent("#0a6560")[::2] == ("#0a6560", False)
    assert colours.accent("#62c9bd")[1::2] == ("#62c9bd", False)


@pytest.mark.parametrize("colour", ("#ffff00", "#00ff00", "#ff0000", "#0000ff"))
def test_a_colour_is_mended_no_more_than_it_has_to_be(colour):
    accent = colours.accent(colour)
    lowest = min(colours.contrast(accent.light, paper) for paper in colours.LIGHT_PAPERS)
    assert not accent.light_is_mended or lowest < 4.7
    lowest = min(colours.contrast(accent.dark, paper) for paper in colours.DARK_PAPERS)
    assert not accent.dark_is_mended or lowest < 4.7


def test_a_mended_colour_keeps_its_hue():
    red, green, blue = (int(colours.accent("#ff8080").light[at : at + 2], 16) for at in (1, 3, 5))
    assert red > 1.5 * max(green, blue)


def test_contrast_is_that_of_wcag():
    assert colours.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert colours.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


def test_the_papers_are_those_of_the_style_sheet():
    style = STYLE.read_text()
    pairs = [
        re.search(rf"--{name}: light-dark\((\S+), (\S+)\)", style).groups()
        for name in ("paper", "raised")
    ]
    assert list(zip(*pairs, strict=True)) == [colours.LIGHT_PAPERS, colours.DARK_PAPERS]


@pytest.mark.parametrize(
    ("typed", "colour"),
    (
        ("#0A6560", "#0a6560"),
        (" 0a6560 ", "#0a6560"),
        ("abc", "#aabbcc"),
        ("#abcd", None),
        ("red", None),
        ("", None),
        ("#0a6560;}", None),
        ("\u0660" * 3, None),
    ),
)
def test_colours_are_read_as_people_write_them(typed, colour):
    assert colours.parse(typed) == colour
