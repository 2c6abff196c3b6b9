"""Find a font on this machine that has all letters of a text.

Pillow draws each text with one font and shows missing letters as boxes.
"""

import os
import re
import shutil
import subprocess
import unicodedata
from collections.abc import Iterable
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from typing import NamedTuple

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

FOLDERS = (
    *("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts"),
    *("/System/Library/Fonts", "/Library/Fonts", "~/Library/Fonts", "C:/Windows/Fonts"),
)
FC_MATCH = "fc-match"
SUFFIXES = (".otf", ".ttc", ".ttf")
MAX_FONTS = 1000
MAX_SECONDS = 5
CHECK_SIZE = 24
# No font has a glyph for the last code point.
UNKNOWN = "\U0010ffff"
# It has a box with the name of the script for every letter.
LAST_RESORT = "lastresort"
# Scripts whose letters stand side by side, unchanged and from left to right. All others need
# Raqm, which not every build of Pillow has.
SIMPLE = re.compile(
    "[ -\u02ff\u0370-\u058f\u10a0-\u10ff\u1e00-\u1fff\u2010-\u2027\u2030-\u2bff\u2c60-\u2c7f"
    "\u3000-\u30ff\u3105-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff01-\uff9f\U00020000-\U000323af]*"
)
# Fontconfig knows Chinese by region, and the shapes of its characters differ.
CHINESE = {"zh": "zh-cn", "zh-hans": "zh-cn", "zh-hant": "zh-tw"}
# The order of the fonts in the collections of Noto and Source Han.
CJK_ORDER = ("ja", "ko", "zh-cn", "zh-tw", "zh-hk")


class Face(NamedTuple):
    """A font file, and the place of the font in it if it is a collection."""

    path: str
    place: int


@lru_cache(maxsize=32)
def load(face: Face, size: int, *, simple: bool = False) -> "FreeTypeFont":
    """Open a font; `simple` draws letter by letter, for scripts that need no more."""
    from PIL import ImageFont

    layout = ImageFont.Layout.BASIC if simple else None
    return ImageFont.truetype(face.path, size, face.place, layout_engine=layout)


def has_raqm() -> bool:
    """Return True if Pillow can shape scripts like Arabic and Devanagari."""
    from PIL import features

    return bool(features.check("raqm"))


@lru_cache(maxsize=1024)
def find(text: str, language: str) -> Face | None:
    """Return the font to draw a text in a language with, preferably bold, if there is one."""
    if not has_raqm() and not SIMPLE.fullmatch(text):
        return None
    letters = frozenset(char for char in text if not _is_invisible(char))
    faces = list_faces(fontconfig_language(language))
    return next((face for face in faces if letters and has_all(face, letters)), None)


def _is_invisible(char: str) -> bool:
    return char.isspace() or unicodedata.category(char) == "Cf" or "\ufe00" <= char <= "\ufe0f"


def fontconfig_language(language: str) -> str:
    code = re.sub("[^a-z-]", "", language.lower())[:20]
    return CHINESE.get(code, code)


@lru_cache(maxsize=32)
def list_faces(language: str) -> list[Face]:
    """Return the fonts in the order to try them."""
    return _ask_fontconfig(language) or _search_folders(language)


def _ask_fontconfig(language: str) -> list[Face]:
    program = shutil.which(FC_MATCH)
    if program is None:
        return []
    pattern = f"sans-serif:bold:lang={language or 'en'}"
    command = [program, "--sort", "--format", "%{file}\t%{index}\n", pattern]
    try:
        done = subprocess.run(  # noqa: S603  # the language has only letters and hyphens
            command, capture_output=True, timeout=MAX_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    lines = done.stdout.decode(errors="replace").splitlines()[:MAX_FONTS]
    parts = [line.rpartition("\t") for line in lines]
    return [Face(path, int(place)) for path, _, place in parts if place.isdecimal()]


def _search_folders(language: str) -> list[Face]:
    place = CJK_ORDER.index(language) if language in CJK_ORDER else 0
    faces = [
        Face(str(path), place if "CJK" in path.name else 0)
        for folder in FOLDERS
        for path in _font_files(Path(folder).expanduser())
    ]
    return sorted(faces, key=_rank)[:MAX_FONTS]


def _font_files(folder: Path) -> Iterator[Path]:
    # Folders that cannot be read are left out.
    for root, _, names in os.walk(folder):
        yield from (Path(root, name) for name in names if name.lower().endswith(SUFFIXES))


def _rank(face: Face) -> tuple[int, str]:
    """Return the sort key of a font without fontconfig: plain bold fonts come first."""
    name = Path(face.path).stem.lower()
    wanted = ("bold" in name or "w6" in name, "sans" in name, "serif" not in name)
    unwanted = ("italic", "oblique", "mono", "condensed", "light", "thin", "black")
    return sum(word in name for word in unwanted) * 4 - sum(wanted), name


def has_all(face: Face, letters: Iterable[str]) -> bool:
    """Return True if a font has a glyph for each of these letters."""
    if LAST_RESORT in face.path.lower():
        return False
    try:
        return all(_has(face, letter) for letter in letters)
    except (OSError, ValueError):
        # The font is broken, or has only pictures of another size.
        return False


# Drawing the letters of a title again takes a tenth of the time of its page.
@lru_cache(maxsize=8192)
def _has(face: Face, letter: str) -> bool:
    return _draw(face, letter) != _draw_unknown(face)


@lru_cache(maxsize=32)
def _draw_unknown(face: Face) -> tuple[tuple[int, int], bytes]:
    return _draw(face, UNKNOWN)


def _draw(face: Face, letter: str) -> tuple[tuple[int, int], bytes]:
    mask = load(face, CHECK_SIZE, simple=True).getmask(letter)
    return mask.size, bytes(mask)
