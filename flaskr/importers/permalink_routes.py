"""Compute the paths that programs with routes in their code give to posts."""

import re
from collections.abc import Iterator
from pathlib import Path

from ..text.slugs import github_slug
from . import dates
from . import permalink_patterns
from . import site_configs
from .permalink_patterns import Place
from .permalink_patterns import join
from .post_metadata import first
from .sites import SCRIPT_SUFFIXES
from .sites import Site

# The place of the blog or of the documents, in the configuration of Docusaurus.
ROUTE = re.compile(
    r"\b(blog|docs)\s*:\s*\{(?:[^{}]|\{[^{}]{0,500}\}){0,1000}?\brouteBasePath\s*:\s*"
    r"[\"']([^\"'\n]{0,100})"
)
# The places of sources, in the configuration of Gatsby.
SOURCE_PATH = re.compile(r"\bpath\s*:\s*[\"'`](?:\$\{__dirname\})?/?([\w./-]{1,100})[\"'`]")
NUMBER_PREFIX = re.compile(r"\d{1,4}\s*[-_.]+\s*(?=\S)")


def astro_paths(place: Place, site: Site) -> Iterator[str]:
    """Return the paths that routes of `src/pages` give to a post of Astro."""
    own = first(place.fields, "slug", "postslug")
    name = own or _astro_id(permalink_patterns.stem_of(place))
    folder = site.content_folder(place.file)
    sections = [_astro_id(part) for part in permalink_patterns.sections_of(place)]
    parts = [*sections, name]
    if folder.name == "pages":
        yield join(*place.relative.parts[:-1], place.relative.stem)
        return
    if folder.name in ("content", "data"):
        collection, inner = parts[0], parts[1:]
    else:
        collection, inner = folder.name, parts
    code = place.language.code if place.language.is_in_path else ""
    for prefix in (*_astro_routes(str(site.root), collection), collection):
        if code:
            yield join(code, prefix, *inner)
            yield join(prefix, code, *inner)
        yield join(prefix, *inner)
    if len(inner) > 1:
        yield join(collection, inner[-1])


def _astro_id(name: str) -> str:
    return github_slug(name) or name.lower()


def _astro_routes(root: str, collection: str) -> list[str]:
    """Return the folders of `src/pages` with routes that show the posts of a collection."""
    pages = Path(root, "src", "pages")
    found = []
    routes = [*pages.glob("**/[[]*.astro"), *pages.glob("**/[[]*/index.astro")]
    for file in sorted(routes) if pages.is_dir() else ():
        route = file.parent if file.stem == "index" else file
        folder = route.parent.relative_to(pages).as_posix()
        code = site_configs.read_start(file)
        shows = re.search(rf"[\"']{re.escape(collection)}[\"']", code)
        if shows and "[" not in folder and "page" not in route.name:
            found.append("" if folder == "." else folder)
    return found


def docusaurus_paths(place: Place, site: Site) -> Iterator[str]:
    """Return the paths that Docusaurus gives to a post, a document or a page."""
    top = site.content_folder(place.file)
    own = first(place.fields, "slug")
    name = permalink_patterns.stem_of(place)
    sections = permalink_patterns.sections_of(place)
    if top.name == "pages":
        yield join(*sections, name)
        return
    place_name = "blog" if top.name == "docusaurus-plugin-content-blog" else top.name
    route = _docusaurus_routes(site).get(place_name, place_name)
    if top.name != place_name:
        route = join(top.parent.name, route)
    if top.name == "docs":
        parts = [NUMBER_PREFIX.sub("", part, count=1) for part in (*sections, name)]
        parts[-1] = first(place.fields, "id") or parts[-1]
        yield (
            join(route, own) if own.startswith("/") else join(route, *parts[:-1], own or parts[-1])
        )
        return
    day, short = dates.split_name("-".join([*sections, name]))
    dated = [*f"{day:%Y/%m/%d}".split("/"), short] if day else [*sections, name]
    yield join(route, own) if own else join(route, *dated)


def gatsby_paths(place: Place, site: Site) -> Iterator[str]:
    """Return the paths below the folders that Gatsby's configuration names, then below others."""
    parts = [*permalink_patterns.sections_of(place), permalink_patterns.stem_of(place)]
    names = (f"gatsby-config.{suffix}" for suffix in SCRIPT_SUFFIXES)
    script = "".join(site_configs.read_start(site.root / name) for name in names)
    top = site.content_folder(place.file)
    for source in SOURCE_PATH.findall(script):
        folder = site.root / source.strip("./")
        if place.file.is_relative_to(folder) and folder.is_relative_to(top):
            yield join(*parts[len(folder.relative_to(top).parts) :])
    yield join(*parts)


def next_paths(place: Place, site: Site) -> Iterator[str]:
    """Return the paths at which the usual routes of Next.js show a post."""
    own = first(place.fields, "slug")
    parts = [*permalink_patterns.sections_of(place), own or permalink_patterns.stem_of(place)]
    if parts[-1] == "page" and parts[1:]:
        parts.pop()
    if site.content_folder(place.file).name in ("posts", "_posts", "blog"):
        yield from (join(prefix, *parts) for prefix in ("posts", "blog", ""))
        return
    yield join(*parts)
    if "posts" in parts[1:-1]:
        yield join(*(part for part in parts[:-1] if part != "posts"), parts[-1])


def _docusaurus_routes(site: Site) -> dict[str, str]:
    names = (f"docusaurus.config.{suffix}" for suffix in SCRIPT_SUFFIXES)
    script = "".join(site_configs.read_start(site.root / name) for name in names)
    return dict(ROUTE.findall(script))
