"""Check the characters in user names, and find names that look the same.

The rules follow Unicode Technical Standard 39 as far as Python's own data allows.
"""

import re
import unicodedata
from functools import lru_cache

from .. import errors
from .normalization import casefold_key
from .normalization import normalize

MAX_CHARS = 64
# Composition shortens a name, but not to less than a quarter.
MAX_TYPED_CHARS = 4 * MAX_CHARS
MAX_MARKS_IN_A_ROW = 4
# Default_Ignorable_Code_Point, and two characters that look blank.
IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3"
    "\U0001d159\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
UNSEEN_CATEGORIES = ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")
ZERO_WIDTH_NON_JOINER = "\u200c"
ZERO_WIDTH_JOINER = "\u200d"
VARIATION_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
IDEOGRAPH = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
VIRAMA_CLASS = 9
# Scripts with similar letters, as the first word of their characters' Unicode names.
ALIKE_SCRIPTS = frozenset("ARMENIAN CHEROKEE COPTIC CYRILLIC GREEK LATIN LISU".split())
# Pairs of a character and the Latin letter (or other character) that it resembles.
LOOKALIKES = {
    ord(pair[0]): pair[1]
    for pair in """
    0o 1l Il ıi |l ɑa ɡg ɩi ʏy
    АA ВB ЕE ЅS Іl ЈJ КK МM НH ОO РP СC ТT ХX УY ҮY ԀD ԌG ԚQ ԜW ѴV Ӏl
    аa еe ѕs іi јj кk оo рp сc уy хx ԁd һh ԛq ԝw ѵv ӏl
    ΑA ΒB ΕE ΖZ ΗH Ιl ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX αa γy ιi κk νv οo ρp υu χx
    ՕO ՍU ՏS ԼL օo սu հh ոn ցg զq
    ニ二 ロ口 エ工 カ力 タ夕 ト卜 ハ八 ヘへ ー一
    """.split()  # noqa: RUF001
}
APOSTROPHES = re.compile("[\u2018\u2019\u02bb\u02bc\u02b9\u2032`\u00b4]")


def normalize_name(name: str) -> str:
    """Return the name as it is stored: trimmed and composed (NFC)."""
    return normalize("NFC", _encodable(name).strip())


def _encodable(name: str) -> str:
    # A lone surrogate cannot be stored. It becomes a question mark, which a new name may not have.
    return name.encode(errors="replace").decode()


def is_too_long(name: str) -> bool:
    """Return True if the name is too long for any account, regardless of spelling."""
    return len(name) > MAX_TYPED_CHARS


def key(name: str) -> str:
    """Return the key that all spellings of the same account's name share."""
    return " ".join(casefold_key(IGNORABLE.sub("", normalize_name(name))).split())


def look_same(name: str, other: str) -> bool:
    """Return True if a reader could mistake one name for the other."""
    if is_too_long(name) or is_too_long(other):
        return False
    return not _appearances(name).isdisjoint(_appearances(other))


@lru_cache(maxsize=4096)
def _appearances(name: str) -> frozenset[str]:
    shown = normalize("NFKC", IGNORABLE.sub("", normalize_name(name)))
    shown = APOSTROPHES.sub("'", shown).translate(LOOKALIKES)
    shown = "".join("-" if unicodedata.category(one) == "Pd" else one for one in shown)
    return frozenset((key(name), key(shown)))


def check(name: str, *, label: str, field: str, max_chars: int = MAX_CHARS) -> None:
    """Raise `Invalid` if the name is too long or misleading."""
    if len(name) > max_chars:
        raise errors.Invalid(f"{label} is too long: at most {max_chars} characters.", field)
    if any(_is_unseen(name, place) for place in range(len(name))):
        raise errors.Invalid(f"{label} contains an invisible character.", field)
    if unicodedata.category(name[0])[0] == "M" or _has_stacked_marks(name):
        raise errors.Invalid(f"{label} contains misplaced accents.", field)
    if len(_find_alike_scripts(name)) > 1:
        raise errors.Invalid(
            f"{label} mixes similar letters of different scripts, such as Latin and Cyrillic. Use"
            " one script.",
            field,
        )


def _is_unseen(name: str, place: int) -> bool:
    character = name[place]
    before, after = name[:place], name[place + 1 :]
    if VARIATION_SELECTORS.match(character):
        return not _can_vary(before)
    if character == ZERO_WIDTH_NON_JOINER:
        return not (_joins_indic(before, after) or _parts_arabic(before, after))
    if character == ZERO_WIDTH_JOINER:
        return not (_joins_indic(before, after) or _joins_emoji(before, after))
    return bool(IGNORABLE.match(character)) or unicodedata.category(character) in UNSEEN_CATEGORIES


def _can_vary(before: str) -> bool:
    return bool(IDEOGRAPH.match(before[-1:])) or _is_symbol(before[-1:])


def _joins_indic(before: str, after: str) -> bool:
    around = before[-1:] + after[:1]
    return bool(before) and VIRAMA_CLASS in map(unicodedata.combining, around)


def _parts_arabic(before: str, after: str) -> bool:
    around = (before[-1:], after[:1])
    return all(one and unicodedata.bidirectional(one) in ("AL", "NSM") for one in around)


def _joins_emoji(before: str, after: str) -> bool:
    return _is_symbol(VARIATION_SELECTORS.sub("", before)[-1:]) and _is_symbol(after[:1])


def _is_symbol(character: str) -> bool:
    # Emoji, and the skin tone modifiers that follow them.
    return bool(character) and unicodedata.category(character) in ("So", "Sk")


def _has_stacked_marks(name: str) -> bool:
    row = 0
    for character in normalize("NFD", name):
        row = row + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if row > MAX_MARKS_IN_A_ROW:
            return True
    return False


def _find_alike_scripts(name: str) -> frozenset[str]:
    words = (
        unicodedata.name(character, "").partition(" ")[0]
        for character in normalize("NFKC", name)
        if unicodedata.category(character)[0] == "L"
    )
    return ALIKE_SCRIPTS & set(words)
