"""Find the fields that a post takes from its folders and the site's configuration."""

import fnmatch
import re
from collections.abc import Iterator
from datetime import UTC
from functools import lru_cache
from itertools import takewhile
from pathlib import Path

from ..errors import Invalid
from . import front_matter
from . import globs
from . import languages
from . import post_metadata
from . import site_configs
from .languages import Language
from .post_metadata import Fields
from .sites import Site
from .sites import contains

SECTION_FILES = ("_index.md", "_index.markdown", "_index.html", "_index.mdx")
FEATURED = re.compile(r"feature[\w.-]{0,60}\.(?:png|jpe?g|webp|gif|avif)", re.I)
MAX_SECTION_BYTES = 256 * 1024


def add_defaults(fields: Fields, file: Path, site: Site) -> Fields:
    """Return the fields with those that the post inherits; those of nearer folders come first."""
    found = dict(fields)
    for table in _inherited(file, site):
        for name, value in table.items():
            key = str(name).lower()
            near = found.setdefault(key, value)
            if isinstance(near, dict) and isinstance(value, dict):
                found[key] = {**value, **near}
            elif near is not value and site.generator == "eleventy" and _is_list(key, value):
                found[key] = [*post_metadata.as_list(value), *post_metadata.as_list(near)]
    return found


def _is_list(name: str, value: object) -> bool:
    return name == "tags" or isinstance(value, list)


def _inherited(file: Path, site: Site) -> Iterator[Fields]:
    if site.generator in ("hugo", "zola", "folder"):
        yield from _inherit_from_sections(file, site)
    if site.generator == "jekyll":
        yield from _inherit_from_scopes(file, site)
    if site.generator == "eleventy":
        yield from _inherit_from_data_files(file, site)
    if site.generator == "pelican":
        yield _read_pelican_defaults(site)


def _inherit_from_sections(file: Path, site: Site) -> Iterator[Fields]:
    top = site.content_folder(file)
    place = languages.find({}, site.relative(file), site, top)
    for folder in _folders_up(file, site):
        fields = read_section(folder, site.root)
        yield from _cascades(fields, place)
        # Zola leaves out the pages of a draft, but not those of a section that is not rendered.
        if site.generator != "hugo" and "draft" in fields:
            yield {"draft": fields["draft"]}
    yield from _cascades(site.config, place)


def _cascades(fields: Fields, place: Language) -> Iterator[Fields]:
    """Yield the fields that Hugo gives to the posts below a section which are meant."""
    for cascade in post_metadata.as_list(fields.get("cascade")):
        if isinstance(cascade, dict) and _is_target(cascade, place):
            yield {name: value for name, value in cascade.items() if "target" not in name}


def _is_target(cascade: Fields, place: Language) -> bool:
    target = cascade.get("target") or cascade.get("_target")
    path = place.path.with_suffix("")
    values = {
        "path": (path.parent if path.name == "index" else path).as_posix().lower(),
        "kind": "page",
        "lang": place.code.lower(),
        "environment": "production",
    }
    patterns = post_metadata.plain_names(target) if isinstance(target, dict) else {}
    return all(
        globs.matches(value, pattern.lower())
        for name, value in values.items()
        if (pattern := post_metadata.first(patterns, name)) and (value or name != "lang")
    )


def _folders_up(file: Path, site: Site) -> Iterator[Path]:
    folder = file.parent
    while any(folder.is_relative_to(top) for top in site.folders):
        yield folder
        folder = folder.parent


@lru_cache(maxsize=4096)
def read_section(folder: Path, root: Path) -> Fields:
    """Return the front matter of a folder's own page."""
    for name in SECTION_FILES:
        if fields := read_fields(folder / name, root):
            return fields
    return {}


def read_fields(file: Path, root: Path) -> Fields:
    """Return the front matter of a file in the site; empty if it cannot be read."""
    try:
        if not file.is_file() or not contains(Site(root, UTC, "jekyll"), file):
            return {}
        with file.open("rb") as stream:
            content = stream.read(MAX_SECTION_BYTES).decode("utf-8-sig", "replace")
        return front_matter.split(content.replace("\r\n", "\n")).fields
    except (OSError, Invalid):
        return {}


def _inherit_from_scopes(file: Path, site: Site) -> Iterator[Fields]:
    relative = site.relative(file).as_posix()
    kind = "drafts" if "_drafts/" in relative else "posts" if "_posts/" in relative else "pages"
    if kind == "pages" and relative.startswith("_"):
        kind = relative.partition("/")[0][1:]
    scopes = site.config.get("defaults")
    matching = []
    for entry in scopes if isinstance(scopes, list) else ():
        scope, values = (
            site_configs.table(entry, name) if isinstance(entry, dict) else {}
            for name in ("scope", "values")
        )
        path = post_metadata.first(scope, "path").strip("/")
        wanted = post_metadata.first(scope, "type")
        if wanted in ("", kind) and _is_below(relative, path):
            matching.append((len(path), bool(wanted), values))
    for *_, values in sorted(matching, key=lambda one: one[:2], reverse=True):
        yield values


def _is_below(relative: str, path: str) -> bool:
    if "*" in path:
        return fnmatch.fnmatchcase(relative, f"{path}*")
    return not path or relative == path or relative.startswith(f"{path}/")


def _inherit_from_data_files(file: Path, site: Site) -> Iterator[Fields]:
    names = [file.with_suffix(f".{end}") for end in ("11tydata.json", "11tydata.js", "json")]
    folders = (file.parent, *file.parent.parents)
    for folder in takewhile(lambda folder: folder.is_relative_to(site.root), folders):
        names += [
            folder / f"{folder.name}.{end}"
            for end in ("11tydata.json", "11tydata.js", "11tydata.cjs", "11tydata.mjs", "json")
        ]
    for name in names:
        if name.is_file() and contains(site, name):
            yield site_configs.load_file(name)


def _read_pelican_defaults(site: Site) -> Fields:
    text = site_configs.read_start(site.root / "pelicanconf.py")
    found = re.search(r"DEFAULT_METADATA\s*=\s*\{([^{}]{0,2000})\}", text)
    pairs = re.findall(
        r"[\"'](\w{1,40})[\"']\s*:\s*[\"']([^\"'\n]{0,200})[\"']", found[1] if found else ""
    )
    return dict(pairs)


def is_bundle_resource(file: Path, site: Site) -> bool:
    """Return True if the file only belongs to the page of Hugo in its folder."""
    if site.generator != "hugo":
        return False
    for folder in _folders_up(file, site):
        if folder in site.folders:
            return False
        if any(map(Path.is_file, (folder / f"index.{end}" for end in ("md", "html", "markdown")))):
            return file.parent != folder or file.stem.partition(".")[0] != "index"
    return False


def find_featured(file: Path, site: Site) -> str:
    """Return the picture that themes of Hugo show with the page in its folder, if there is one."""
    if site.generator != "hugo" or file.stem.partition(".")[0] != "index":
        return ""
    names = sorted(one.name for one in file.parent.glob("[Ff]eature*"))
    return next(filter(FEATURED.fullmatch, names), "")


def is_headless(fields: Fields, file: Path) -> bool:
    """Return True for a bundle that is never a page of its own."""
    return file.stem.partition(".")[0] == "index" and post_metadata.is_true(fields.get("headless"))
