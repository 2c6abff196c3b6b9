"""Find the language of a post, and the posts that are its translations."""

import os
import re
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from . import post_metadata
from . import site_configs
from .post_metadata import Fields
from .sites import Site

FIELDS = ("lang", "language", "locale", "languagecode", "hreflang", "inlanguage")
KEY_FIELDS = ("translationkey", "translationid", "langref", "ref", "i18nkey", "translationof")
CODE = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z0-9]{2,8}))?(?:[-_.].*)?")
SIMPLE_CODE = re.compile(r"[a-z]{2}(?:[-_][a-zA-Z]{2,4})?")
ISO_CODES = frozenset(
    "aa ab af ak am ar as ay az ba be bg bm bn bo br bs ca ce co cs cy da de dv dz ee el en eo es "
    "et eu fa ff fi fj fo fr fy ga gd gl gn gu ha he hi hr ht hu hy ia id ig is it ja jv ka kk km "
    "kn ko ku ky la lb lg ln lo lt lv mg mi mk ml mn mr ms mt my nb ne nl nn no ny oc om or pa pl "
    "ps pt qu rm ro ru rw sa sc sd se si sk sl sm sn so sq sr st su sv sw ta te tg th ti tk tl tn "
    "to tr ts tt tw ug uk ur uz ve vi wo xh yi yo za zh zu".split()
)
NAMES = {
    "english": "en", "german": "de", "deutsch": "de", "french": "fr", "français": "fr",
    "spanish": "es", "español": "es", "italian": "it", "portuguese": "pt", "dutch": "nl",
    "japanese": "ja", "chinese": "zh", "korean": "ko", "russian": "ru", "polish": "pl",
}  # fmt: skip


class Language(NamedTuple):
    """The language code of a post, or an empty string, and its path without the language."""

    code: str
    path: Path
    is_in_path: bool = False


def find(fields: Fields, relative: Path, site: Site, folder: Path) -> Language:
    """Return the language that the front matter, the file's name or a folder gives."""
    written = parse(post_metadata.text(post_metadata.find_value(fields, *FIELDS)))
    from_path = _find_in_path(relative, site, folder)
    if not from_path.code and (own := dict(site.folder_languages).get(folder)):
        from_path = Language(parse(own), relative, True)
    code = written or from_path.code
    if not code and len(_known(site)) > 1:
        code = parse(site.language)
    return from_path._replace(code=code)


def is_turned_off(language: Language, site: Site) -> bool:
    """Return True if the site's configuration leaves out the language of a post."""
    table = site_configs.table(site.config, "languages", language.code.lower())
    off = [parse(code) for code in post_metadata.texts(site.config, "disablelanguages")]
    return post_metadata.is_true(table.get("disabled")) or language.code in filter(None, off)


def parse(written: str) -> str:
    """Return a code like `pt-BR` for `pt_BR.UTF-8`, or an empty string."""
    written = NAMES.get(written.lower(), written)
    match = CODE.fullmatch(written)
    if match is None or (len(match[1]) == 2 and match[1].lower() not in ISO_CODES):
        return ""
    region = match[2] or ""
    return match[1].lower() + (
        f"-{region.upper() if len(region) == 2 else region}" if region else ""
    )


def _known(site: Site) -> set[str]:
    return {code.lower().replace("_", "-") for code in (*site.languages, site.language) if code}


def _find_in_path(relative: Path, site: Site, folder: Path) -> Language:
    stem, _, suffix = relative.stem.rpartition(".")
    if stem and _is_language(suffix, site, site.generator not in ("jekyll", "hexo")):
        path = relative.with_name(stem + relative.suffix)
        return Language(parse(suffix), path, True)
    for at, part in enumerate(relative.parts[:-1][:4]):
        parent = folder.joinpath(*relative.parts[:at])
        if _is_language(part, site, False) or _has_sibling_languages(parent, part):
            rest = [*relative.parts[:at], *relative.parts[at + 1 :]]
            return Language(parse(part), Path(*rest), True)
    return Language("", relative)


def _is_language(part: str, site: Site, guess: bool) -> bool:
    if part.lower().replace("_", "-") in _known(site) and len(_known(site)) > 1:
        return bool(parse(part))
    return guess and bool(SIMPLE_CODE.fullmatch(part)) and part[:2].lower() in ISO_CODES


def _has_sibling_languages(parent: Path, part: str) -> bool:
    return part in language_folders(str(parent))


@lru_cache(maxsize=4096)
def language_folders(parent: str) -> frozenset[str]:
    """Return the folders named by languages, if there are several."""
    try:
        names = [entry.name for entry in os.scandir(parent) if entry.is_dir()]
    except OSError:
        return frozenset()
    found = {name for name in names if SIMPLE_CODE.fullmatch(name) and name[:2] in ISO_CODES}
    return frozenset(found if len(found) > 1 else ())


def translation_key(fields: Fields, language: Language, site: Site) -> str:
    """Return a key that translations of one post share."""
    # In Pelican, translations have the same slug.
    names = (*KEY_FIELDS, "slug") if site.generator == "pelican" else KEY_FIELDS
    written = post_metadata.text(post_metadata.find_value(fields, *names))
    return written or language.path.with_suffix("").as_posix()
