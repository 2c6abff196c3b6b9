"""Find reasons why a generator may not have published a post that does not say so itself."""

import re
from pathlib import Path
from typing import NamedTuple

from . import code_spans
from . import dates
from . import languages
from . import post_kinds
from . import post_metadata
from . import site_configs
from . import visibility
from .front_matter import Parts
from .languages import Language
from .post_metadata import Fields
from .sites import NOTE_GENERATORS
from .sites import POST_FOLDERS
from .sites import Site

# These make no pages of the files in folders like `_components`.
UNDERSCORE_GENERATORS = frozenset(("astro", "docusaurus", "hexo"))
# People tag notes with these to keep them to themselves.
HIDING_TAGS = frozenset("draft drafts private unpublished secret".split())
# Shortcodes like `hugo-encryptor`, which ask for a password, and `private-note`.
LOCKING_TAG = re.compile(
    r"\{(?:\{[<%]|%)[-\s]{0,4}"
    r"([\w-]{0,40}?(?:encrypt|passw|protected|paywall|members?[-_]?only)[\w-]{0,40}"
    r"|(?:private|secret|hidden|internal|draft)[-_][\w-]{1,40})",
    re.I,
)
# These know components in every file, others in those of MDX.
COMPONENT_GENERATORS = frozenset(("docusaurus", "vitepress"))
# Components of MDX and Vue that show a part to some people only.
LOCKING_COMPONENT = re.compile(
    r"<((?:Private|Secret|Hidden|Internal|Drafts?|Dev|Members?|Subscribers?|Premium|Paywall|Locked|"
    r"Protected|Password\w{0,20}|Encrypt\w{0,20})"
    r"(?:Only|Content|Section|Note|Text|Block|Part)?)(?=[\s/>])"
)
HIDING_HASHTAG = re.compile(r"(?:^|(?<=\s))#(draft|drafts|private|unpublished)(?![\w/-])", re.I)


class Source(NamedTuple):
    """A file as read: its fields with the inherited ones, its parts, path, site and language."""

    fields: Fields
    parts: Parts
    file: Path
    site: Site
    language: Language
    is_dated: bool


def find(source: Source) -> str:
    """Return why the generator may not have published the post, or an empty string."""
    fields, parts, file, site, language, is_dated = source
    if twice := next(filter(visibility.is_about_visibility, parts.repeated), ""):
        return f"“{twice}” is given twice"
    if languages.is_turned_off(language, site):
        return f"the site's configuration turns off the language “{language.code}”"
    if tag := _find_hiding_tag(fields, parts.body, site):
        return f"of its tag “{tag}”"
    hiding = post_metadata.first(site_configs.table(site.config, "hide_posts"), "filter")
    if hiding and post_metadata.is_true(fields.get(hiding.lower())):
        return f"of “{hiding}: true”"
    if tag := _find_locking_tag(source):
        return f"it has a part that “{tag}” hid"
    if collection := post_kinds.find_data_collection(file, site):
        return f"it is in the collection “{collection}”, which holds no posts"
    if post_kinds.is_documentation(file, site, is_dated=is_dated):
        return "it is documentation, and the menu would list it"
    folders = site.relative(file).parts[:-1]
    hidden = [part for part in folders if part.startswith("_") and part not in POST_FOLDERS]
    if hidden and site.generator in UNDERSCORE_GENERATORS:
        return f"it is in the folder “{hidden[0]}”, whose name keeps it off the site"
    if not post_kinds.is_in_post_folder(file, site):
        is_front = file.stem == "index" and file.parent in site.folders
        return "it was the front page" if is_front and not is_dated else ""
    if site.generator == "jekyll":
        if not parts.is_marked:
            return "Jekyll makes no post of a file without front matter"
        if dates.split_name(file.stem)[0] is None:
            return "Jekyll makes no post of a file without a date in its name"
    return ""


def _find_hiding_tag(fields: Fields, body: str, site: Site) -> str:
    """Return a tag that hides the post: behind a password of Hexo's, or in a folder of notes."""
    names = post_metadata.tags(fields)
    tables = post_metadata.as_list(site_configs.table(site.config, "encrypt").get("tags"))
    locked = {
        post_metadata.first(one, "name").casefold() for one in tables if isinstance(one, dict)
    }
    if site.generator in NOTE_GENERATORS:
        locked |= HIDING_TAGS
        names += _hashtags(body)
    return next((name for name in names if name.casefold() in locked), "")


def _find_locking_tag(source: Source) -> str:
    """Return the name of a shortcode or component that hides a part from most readers."""
    body, generator = source.parts.body, source.site.generator
    has_components = source.file.suffix == ".mdx" or generator in COMPONENT_GENERATORS
    for pattern in (LOCKING_TAG, LOCKING_COMPONENT) if has_components else (LOCKING_TAG,):
        if pattern.search(body) and (found := pattern.search(code_spans.Masks().hide_code(body))):
            return found[1]
    return ""


def _hashtags(body: str) -> list[str]:
    if not HIDING_HASHTAG.search(body):
        return []
    return HIDING_HASHTAG.findall(code_spans.Masks().hide_code(body))
