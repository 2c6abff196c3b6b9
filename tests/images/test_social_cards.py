"""Test the pictures that are drawn for link previews."""

from io import BytesIO

import pytest
from PIL import Image

from flaskr import errors
from flaskr.images import fonts
from flaskr.images import social_cards
from flaskr.text.line_breaking import split_for_lines

BLUE = "#224488"


@pytest.fixture
def line(one_font):
    """Make a text with the only font."""
    face = fonts.Face(str(one_font), 0)
    return lambda text: social_cards.Line(tuple(split_for_lines(text)), face, "en")


def draw(title, name=None, color=BLUE):
    """Return a card as a picture."""
    return Image.open(BytesIO(social_cards.draw(title, name, color))).convert("RGB")


def ink(picture, top=0, bottom=social_cards.RULE_TOP - 2):
    """Return the box of what is drawn between two heights: of the title, by default."""
    part = picture.crop((0, top, picture.width, bottom)).convert("L")
    paper = part.getpixel((0, 0))
    return part.point(lambda shade: 255 * (abs(shade - paper) > 8)).getbbox()


def test_card_is_a_small_png_of_the_size_that_networks_show(line):
    content = social_cards.draw(line("A title"), line("A blog"), BLUE)
    picture = Image.open(BytesIO(content))
    assert (picture.format, picture.size) == ("PNG", (1200, 630))
    assert len(content) < 50_000


@pytest.mark.parametrize(
    ("color", "ink"), (("#224488", 255), ("#ffd23f", 20), ("#ffffff", 20), ("#000000", 255))
)
def test_text_contrasts_with_the_color(line, color, ink):
    shades = {pixel for _, pixel in draw(line("WWW"), color=color).getcolors(10**6)}
    assert bytes.fromhex(color[1:]) in map(bytes, shades)
    assert any(abs(sum(shade) / 3 - ink) < 5 for shade in shades)


@pytest.mark.parametrize(
    "title",
    ("A title", "A long title " * 30, "W" * 300, "W " * 150, "Un" + "believably" * 4, "i"),
)
def test_title_stays_within_its_place(line, title):
    left, top, right, bottom = ink(draw(line(title)))
    assert left >= social_cards.MARGIN - 2
    assert right <= social_cards.WIDTH - social_cards.MARGIN + 2
    assert social_cards.MARGIN - 10 <= top < bottom <= social_cards.RULE_TOP - 10


def test_joined_word_that_fits_is_not_broken(line, monkeypatch):
    # An Arabic letter is wider at the end of a word than within it.
    width = social_cards.Pen.width

    def joined_width(pen, text):
        return width(pen, text) + (900 if text.endswith("t") else 0)

    expected = draw(line("Boasting gulls"))
    social_cards.draw.cache_clear()
    monkeypatch.setattr(social_cards.Pen, "width", joined_width)
    assert draw(line("Boasting gulls")) == expected


def test_short_title_is_larger_than_a_long_one(line):
    heights = [ink(draw(line(title)))[3] for title in ("Sea", "A walk along the sea " * 20)]
    assert heights[0] < heights[1]


def test_name_stays_within_its_place(line):
    left, _, right, _ = ink(draw(line("Sea"), line("A blog " * 100)), 500, 630)
    assert (left >= social_cards.MARGIN - 2, right <= social_cards.WIDTH - 80) == (True, True)


@pytest.mark.parametrize("beginning", ("", "i", "ii", "m"))
def test_long_word_with_marks_is_cut(line, beginning):
    assert ink(draw(line(beginning + "W\u0301" * 200)))[3] > social_cards.RULE_TOP / 2


def test_right_to_left_title_begins_at_the_right(line):
    left, _, right, _ = ink(draw(line("\u05d0\u05d1")))
    assert left > social_cards.WIDTH / 2
    assert right <= social_cards.WIDTH - social_cards.MARGIN + 2


def test_text_is_drawn_without_raqm(line, monkeypatch):
    monkeypatch.setattr(fonts, "has_raqm", lambda: False)
    assert ink(draw(line("Without shaping")))


def test_card_is_drawn_once(line):
    arguments = (line("Drawn once"), None, BLUE)
    assert social_cards.draw(*arguments) is social_cards.draw(*arguments)


def test_one_card_is_drawn_at_a_time(line, monkeypatch):
    monkeypatch.setattr(social_cards, "MAX_WAIT_SECONDS", 0.01)
    with social_cards.DRAWING_LOCK, pytest.raises(errors.Unavailable):
        social_cards.draw(line("While others are drawn"), None, BLUE)
    assert social_cards.draw(line("While others are drawn"), None, BLUE)
