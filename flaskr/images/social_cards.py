"""Draw a picture with the title of a post, for link previews."""

import math
import threading
import unicodedata
import zlib
from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING
from typing import Any
from typing import NamedTuple

from .. import errors
from . import fonts

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

WIDTH, HEIGHT = 1200, 630
MARGIN = 84
MAX_WIDTH = WIDTH - 2 * MARGIN
TITLE_HEIGHT = 370
TITLE_SIZES = (120, 100, 84, 70, 58)
LINE_HEIGHT = 1.2
CAP_HEIGHT = 0.8
MAX_LINES = 4
NAME_SIZE = 38
NAME_BASELINE = HEIGHT - 76
RULE_TOP, RULE_WIDTH, RULE_HEIGHT = HEIGHT - 160, 96, 8
# The brightness of the title and of less important text, on the background.
STRONG, FAINT = 255, 205
# Not every font has the first.
ELLIPSES = ("…", "...", "")
MAX_WORD_CHARS = 15
WHITE, BLACK = (255, 255, 255), (16, 20, 20)
# On a darker background white has more contrast, on a lighter one black (WCAG 2.2).
MIDDLE_LUMINANCE = 0.19
MAX_CARDS_IN_MEMORY = 64
MEASURED_SIZE = 100
MAX_WORDS_IN_MEMORY = 4096
# A card takes about 10 ms. Drawing one at a time leaves the other cores to readers.
DRAWING_LOCK = threading.Lock()
MAX_WAIT_SECONDS = 1


class Line(NamedTuple):
    """A text with the font to draw it in; it may be broken between its pieces."""

    pieces: tuple[str, ...]
    face: fonts.Face
    language: str

    @property
    def is_rtl(self) -> bool:
        """True if the text is written from right to left, as its first letter is."""
        kinds = map(unicodedata.bidirectional, "".join(self.pieces))
        return next((kind for kind in kinds if kind in ("L", "R", "AL")), "L") != "L"


class Extent(NamedTuple):
    """The width of a word, and its top and bottom from the baseline, in pixels."""

    width: float
    top: float
    bottom: float


@lru_cache(maxsize=MAX_WORDS_IN_MEMORY)
def _measure(word: str, face: fonts.Face, options: tuple[tuple[str, Any], ...]) -> Extent:
    """Measure a word at the size `MEASURED_SIZE`."""
    font = fonts.load(face, MEASURED_SIZE)
    _, top, _, bottom = font.getbbox(word, anchor="ls", **dict(options))
    return Extent(font.getlength(word, **dict(options)), top, bottom)


class Pen:
    """Measures and writes lines of one text in one size.

    Measuring the same word again in each size and title would take as long as drawing it.
    """

    def __init__(self, text: Line, size: int) -> None:
        self.face = text.face
        self.font = fonts.load(text.face, size)
        direction = "rtl" if text.is_rtl else "ltr"
        # Without Raqm, Pillow knows neither.
        self.options: dict[str, Any] = (
            {"direction": direction, "language": text.language} if fonts.has_raqm() else {}
        )
        self._scale = size / MEASURED_SIZE

    @cached_property
    def ellipsis(self) -> str:
        """The mark at the end of a text that was cut."""
        return next(mark for mark in ELLIPSES if fonts.has_all(self.face, mark))

    def width(self, line: str) -> float:
        """Return the width of a line in pixels."""
        words = [self._measure(word).width for word in line.rstrip().split(" ")]
        return (sum(words) + (len(words) - 1) * self._measure(" ").width) * self._scale

    def height(self, lines: Sequence[str]) -> float:
        """Return the height of the highest line in pixels: scripts differ."""
        words = [self._measure(word) for line in lines for word in line.split(" ")]
        highest, lowest = min(word.top for word in words), max(word.bottom for word in words)
        return (lowest - highest) * self._scale

    def _measure(self, word: str) -> Extent:
        return _measure(word, self.face, tuple(self.options.items()))

    def write(
        self, canvas: "ImageDraw", line: str, baseline: float, ink: int, *, at_right: bool
    ) -> None:
        """Write a line at the left or right margin."""
        place = (WIDTH - MARGIN if at_right else MARGIN, baseline)
        anchor = "rs" if at_right else "ls"
        canvas.text(place, line.rstrip(), ink, self.font, anchor, **self.options)


@lru_cache(maxsize=MAX_CARDS_IN_MEMORY)
def draw(title: Line, name: Line | None, color: str) -> bytes:
    """Return a PNG file with a title and the name of a blog. Raises `Unavailable` if busy."""
    if not DRAWING_LOCK.acquire(timeout=MAX_WAIT_SECONDS):
        raise errors.Unavailable("Other images are being drawn. Try again.")
    try:
        return _draw(title, name, color)
    finally:
        DRAWING_LOCK.release()


def _draw(title: Line, name: Line | None, color: str) -> bytes:
    from PIL import ImageDraw

    picture = _draw_frame(name, is_rtl=title.is_rtl).copy()
    _write_title(ImageDraw.Draw(picture), title)
    picture.putpalette(_make_palette(color))
    out = BytesIO()
    # The default takes twice the time for a tenth fewer bytes.
    picture.save(out, "PNG", compress_type=zlib.Z_RLE)
    return out.getvalue()


@lru_cache(maxsize=2)
def _draw_frame(name: Line | None, *, is_rtl: bool) -> "Image":
    """Return a picture with all but the title."""
    from PIL import Image
    from PIL import ImageDraw

    # The picture has only shades between two colors, which makes it small.
    picture = Image.new("L", (WIDTH, HEIGHT))
    canvas = ImageDraw.Draw(picture)
    left = WIDTH - MARGIN - RULE_WIDTH if is_rtl else MARGIN
    canvas.rectangle((left, RULE_TOP, left + RULE_WIDTH, RULE_TOP + RULE_HEIGHT), FAINT)
    if name is not None:
        _write_name(canvas, name, is_rtl)
    return picture


def _write_title(canvas: "ImageDraw", title: Line) -> None:
    pen, lines, step = _fit(title)
    for number, line in enumerate(lines):
        baseline = MARGIN + pen.font.size * CAP_HEIGHT + number * step
        pen.write(canvas, line, baseline, STRONG, at_right=title.is_rtl)


def _fit(title: Line) -> tuple[Pen, list[str], float]:
    """Return the largest pen with which the title fits, its lines, and their distance."""
    for size in TITLE_SIZES:
        pen = Pen(title, size)
        is_last = size == TITLE_SIZES[-1]
        if not is_last and max(map(pen.width, title.pieces)) > MAX_WIDTH:
            continue
        lines = _break_lines(title.pieces, pen)
        if not is_last and len(lines) > MAX_LINES:
            continue
        step = max(size * LINE_HEIGHT, pen.height(lines) * 1.05)
        count = max(1, min(MAX_LINES, int(TITLE_HEIGHT // step)))
        if len(lines) <= count:
            break
    return pen, lines if len(lines) <= count else _shorten(lines, count, pen), step


def _break_lines(pieces: Sequence[str], pen: Pen) -> list[str]:
    """Return the lines of a text, or its beginning if there are too many."""
    lines = [""]
    for piece in pieces:
        if lines[-1] and pen.width(lines[-1] + piece) > MAX_WIDTH:
            lines.append("")
        lines[-1] += piece
        while (cut := _cut(lines[-1], pen)) < len(lines[-1].rstrip()):
            lines[-1:] = [lines[-1][:cut], lines[-1][cut:]]
        if len(lines) > MAX_LINES:
            break
    return lines


def _cut(line: str, pen: Pen) -> int:
    """Return how many characters of a line fit, without taking marks from their letter."""
    # In a joined script, the beginning of a line may be wider than the line.
    if pen.width(line) <= MAX_WIDTH:
        return len(line)
    ends = range(1, len(line) + 1)
    fitting = max(1, bisect_right(ends, x=False, key=lambda end: pen.width(line[:end]) > MAX_WIDTH))
    while 1 < fitting < len(line) and unicodedata.category(line[fitting])[0] == "M":
        fitting -= 1
    return fitting


def _shorten(lines: list[str], count: int, pen: Pen) -> list[str]:
    """Return the first lines, of which the last ends in an ellipsis."""
    *first, last = lines[:count]
    fitting = last.rstrip()
    while pen.width(fitting + pen.ellipsis) > MAX_WIDTH:
        fitting = fitting[:-1]
    words, _, cut_word = fitting.rpartition(" ")
    if fitting != last.rstrip() and words and len(cut_word) < MAX_WORD_CHARS:
        fitting = words
    return [*first, fitting.rstrip() + pen.ellipsis]


def _write_name(canvas: "ImageDraw", name: Line, at_right: bool) -> None:
    pen = Pen(name, NAME_SIZE)
    line = "".join(name.pieces)
    if pen.width(line) > MAX_WIDTH:
        (line,) = _shorten([line[: _cut(line, pen)]], 1, pen)
    pen.write(canvas, line, NAME_BASELINE, FAINT, at_right=at_right)


@lru_cache(maxsize=8)
def _make_palette(color: str) -> bytes:
    """Return 256 shades from a color to white or black, whichever is easier to read on it."""
    paper = bytes.fromhex(color.removeprefix("#"))
    ink = WHITE if _luminance(paper) < MIDDLE_LUMINANCE else BLACK
    return bytes(
        round(start + (end - start) * shade / 255)
        for shade in range(256)
        for start, end in zip(paper, ink, strict=True)
    )


def _luminance(color: bytes) -> float:
    red, green, blue = (math.pow(part / 255, 2.2) for part in color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
