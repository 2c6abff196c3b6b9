"""Build slugs for posts, and ids for headings as other programs build them."""

import re
import unicodedata

from .normalization import normalize

MAX_SLUG_CHARS = 80
# The name of a file has at most 255 bytes on most disks.
MAX_SLUG_BYTES = 200
HAN = re.compile("[\u3005\u3007\u3400-\u9fff\uf900-\uface\U00020000-\U000323af]")
# Japanese kana and the Korean alphabet.
NOT_CHINESE = re.compile("[\u3041-\u30ff\uff66-\uff9f\u1100-\u11ff\uac00-\ud7a3]")
MAX_HEADING_CHARS = 1000
# Letters, marks, digits, and connectors such as the underscore, as Ruby's `\p{Word}`.
WORD_CATEGORIES = {"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "Pc"}


def slugify(title: str) -> str:
    """Return a slug: `[a-z0-9-]`, at most 80 characters, with at least one letter."""
    slug = _truncate_slug(hyphenate(title))
    return slug if re.search("[a-z]", slug) else _truncate_slug(f"post-{slug}").strip("-")


def title_slug(title: str, language: str, *, keep_letters: bool = False) -> str:
    """Return the slug for a title in a language.

    Its letters become Latin ones, unless they are kept or their reading is unknown: Chinese
    characters are read as Chinese only in Chinese titles.
    """
    if keep_letters or (HAN.search(title) and not _is_chinese(title, language)):
        return letter_slug(title)
    return slugify(title)


def _is_chinese(title: str, language: str) -> bool:
    return language.lower().partition("-")[0] == "zh" and not NOT_CHINESE.search(title)


def letter_slug(title: str) -> str:
    """Return a slug with the letters, marks and digits of any script, in lower case."""
    lowered = normalize("NFKC", title[:MAX_HEADING_CHARS]).lower()
    plain = re.sub("['\u2019]", "", lowered)
    kept = (char if _is_word_character(char) else "-" for char in plain)
    slug = re.sub("-+", "-", "".join(kept)).strip("-")
    slug = _truncate_slug(slug if any(map(str.isalpha, slug)) else f"post-{slug}")
    return _limit_bytes(slug).strip("-")


def _is_word_character(char: str) -> bool:
    return char != "_" and unicodedata.category(char) in WORD_CATEGORIES


def _limit_bytes(slug: str) -> str:
    """Cut a slug to the length of a file name, without separating marks from their letter."""
    cut = slug.encode()[:MAX_SLUG_BYTES].decode(errors="ignore")
    while len(cut) < len(slug) and cut and unicodedata.category(slug[len(cut)])[0] == "M":
        cut = cut[:-1]
    return cut


def _truncate_slug(slug: str) -> str:
    if len(slug) <= MAX_SLUG_CHARS:
        return slug
    return slug[: MAX_SLUG_CHARS + 1].rpartition("-")[0] or slug[:MAX_SLUG_CHARS]


def hyphenate(text: str, apostrophe: str = "") -> str:
    """Return the transliterated words of a text, joined by hyphens."""
    from anyascii import anyascii

    text = anyascii(text[:MAX_HEADING_CHARS]).lower().replace("'", apostrophe)
    return re.sub("[^a-z0-9]+", "-", text).strip("-")


def github_slug(heading: str) -> str:
    """Return the id that GitHub gives to a heading, before it numbers equal ones."""
    heading = heading.strip()[:MAX_HEADING_CHARS].lower()
    if heading.isascii():
        return re.sub(r"[^\w -]", "", heading).replace(" ", "-")
    kept = (
        char for char in heading if char in " -" or unicodedata.category(char) in WORD_CATEGORIES
    )
    return "".join(kept).replace(" ", "-")


class Numbering:
    """Makes ids unique by appending a number, as GitHub does: `a`, `a-1`, `a-2`."""

    def __init__(self, taken: set[str], first: int = 1) -> None:
        self.taken = taken
        self.first = first
        self.repeated: dict[str, int] = {}

    def unused(self, slug: str) -> str:
        """Return the slug, or the slug with the next number."""
        name = slug
        number = self.repeated.get(slug, self.first)
        while name in self.taken:
            name = f"{slug}-{number}"
            number += 1
        self.repeated[slug] = number
        self.taken.add(name)
        return name


class HeadingIds:
    """Gives each heading of a text an id, and the ids that it has had elsewhere.

    GitHub's is the id. Up to version 0.5, flaskr transliterated headings and began numbering
    with 2; Zola does the same, but numbers from 1 and turns apostrophes into hyphens.
    """

    def __init__(self, taken: set[str]) -> None:
        self.current = Numbering(taken)
        self.former = Numbering(set(taken), first=2)
        self.zola = Numbering(set(taken))

    def add(self, heading: str) -> tuple[str, list[str]]:
        """Return the id of the next heading and its former ids, the last flaskr's first."""
        name = self.current.unused(github_slug(heading) or "section")
        former = self.former.unused(hyphenate(heading) or "section")
        return name, [former, self.zola.unused(hyphenate(heading, "-") or "section")]
