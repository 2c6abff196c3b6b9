"""Compute the URL paths that a static site generator gave a post."""

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..text import slugify
from ..text import url_paths
from . import dates
from . import permalink_patterns
from . import permalink_routes
from . import post_metadata
from . import site_configs
from .permalink_patterns import Place as Place
from .permalink_patterns import join
from .post_metadata import Fields
from .post_metadata import first
from .post_metadata import texts
from .sites import POST_FOLDERS
from .sites import Site

DATE_STYLE = "/:categories/:year/:month/:day/:title.html"
STYLES = {
    "date": DATE_STYLE,
    "pretty": DATE_STYLE,
    "ordinal": "/:categories/:year/:y_day/:title.html",
    "weekdate": "/:categories/:year/W:week/:short_day/:title.html",
    "none": "/:categories/:title.html",
}
OWN_FIELDS = ("path", "permalink", "url", "save_as")
ALIAS_FIELDS = (
    "aliases alias redirect_from redirectfrom redirects old_url oldurl old_urls legacy_url "
    "wordpress_url original_url previous_url guid"
).split()
WORDPRESS_FIELDS = ("wordpress_id", "wordpressid", "wp_id", "post_id", "wp_post_id")
QUERY_ADDRESS = re.compile(r"(?:https?://[^/?#]+)?/?(?:index\.php)?\?(p|page_id)=(\d{1,12})")


def find_own_path(fields: Fields) -> str:
    """Return the path that the front matter gives the post, or an empty string."""
    found = first(fields, *OWN_FIELDS)
    is_pattern = found in STYLES or permalink_patterns.PLACEHOLDER.search(found) or "{" in found
    # Hugo and Zola reserve no other meaning for these; an address of another site is a link.
    if not found or is_pattern or post_metadata.is_false(found) or post_metadata.is_true(found):
        return ""
    return url_paths.path_from_url(found)


def list_paths(place: Place, site: Site) -> list[str]:
    """Return the paths that the post may have had, the most likely first."""
    own = find_own_path(place.fields)
    main = [own] if own and site.generator != "pelican" else list(_generated(place, site))
    if own and site.generator in ("zola", "hugo", "folder") and _has_prefix(place, site):
        main.append(join(place.language.code, own))
    return _with_base(main, site)


def list_aliases(place: Place, site: Site) -> list[str]:
    """Return the paths from which the old site redirected to the post."""
    found = texts(place.fields, *ALIAS_FIELDS)
    numbers = [one for one in texts(place.fields, *WORDPRESS_FIELDS) if one.isdigit()]
    found += [f"/?{name}={number}" for number in numbers for name in ("p", "page_id")]
    main = list_paths(place, site) if found else []
    return _with_base([path for url in found for path in _alias(url, main, site)], site)


def _with_base(paths: list[str], site: Site) -> list[str]:
    if site.base:
        paths = paths + [join(site.base, path) for path in paths if path and "?" not in path]
    return [path for path in dict.fromkeys(paths) if path not in ("", "/")]


def _resolve(*parts: str) -> str:
    """Return a path without the steps upwards in it."""
    return join(posixpath.normpath(join("/", *parts)))


def _alias(url: str, main: list[str], site: Site) -> Iterator[str]:
    if query := QUERY_ADDRESS.fullmatch(url.strip()):
        yield f"/?{query[1]}={query[2]}"
        return
    split = site_configs.urlsplit_or_none(url)
    if (
        split
        and site.host
        and split.netloc.lower().removeprefix("www.") != (site.host.removeprefix("www."))
    ):
        return
    if not url.startswith("/") and split is None and site.generator == "hugo" and main:
        # In Hugo, they are relative to the folder of the post's own address.
        yield _resolve(main[0].rpartition("/")[0], url_paths.path_from_url(url))
    if not url.startswith("."):
        yield url_paths.path_from_url(url)


def _generated(place: Place, site: Site) -> Iterator[str]:
    if site.permalink and place.written and not place.is_page:
        yield permalink_patterns.fill(site.permalink, place, site)
    for path in GENERATORS.get(site.generator, _folder_paths)(place, site):
        yield path
        # A plugin of Jekyll puts the translations into folders.
        if site.generator == "jekyll" and path and _is_translation(place, site):
            yield join(place.language.code, path)


def _is_translation(place: Place, site: Site) -> bool:
    return place.language.code in site.languages and place.language.code != site.language


def _jekyll_paths(place: Place, site: Site) -> Iterator[str]:
    parts = place.relative.parts
    collection = parts[0][1:] if parts[0].startswith("_") and parts[0] not in POST_FOLDERS else ""
    is_post = any(part in POST_FOLDERS for part in parts)
    if collection or not is_post:
        settings = site_configs.table(site.config, "collections", collection)
        pattern = first(place.fields, "permalink") or first(settings, "permalink")
        if pattern and pattern not in STYLES:
            inside = Path(*parts[1:]) if collection else place.relative
            pattern = pattern.replace(":path", inside.with_suffix("").as_posix())
            yield permalink_patterns.fill(pattern, place, site)
        name = "" if place.relative.stem == "index" else place.relative.stem
        yield join(*(part.lstrip("_") for part in parts[:-1]), name)
        return
    if place.written is None or "_drafts" in parts:
        return
    settings = site_configs.table(site.config, "collections", "posts")
    pattern = (
        first(place.fields, "permalink")
        or first(settings, "permalink")
        or first(site.config, "permalink")
        or "date"
    )
    yield permalink_patterns.fill(STYLES.get(pattern, pattern), place, site)


def _hexo_paths(place: Place, site: Site) -> Iterator[str]:
    if "_posts" not in place.relative.parts:
        yield from _folder_paths(place, site)
        return
    own = first(place.fields, "permalink")
    pattern = own or first(site.config, "permalink") or ":year/:month/:day/:title/"
    if place.written:
        yield permalink_patterns.fill(pattern, place, site)
        yield permalink_patterns.fill(pattern, place, site, short_names=True)


def _hugo_paths(place: Place, site: Site) -> Iterator[str]:
    sections = permalink_patterns.sections_of(place)
    own_rules = site_configs.table(site.config, "languages", place.language.code.lower())
    tables = site_configs.table(own_rules, "permalinks") or site_configs.table(
        site.config, "permalinks"
    )
    patterns = {**tables, **site_configs.table(tables, "page")}
    section = sections[0] if sections else ""
    pattern = first(patterns, section.lower(), "/") if section else ""
    own = first(place.fields, "url")
    if own and ":" in own:
        pattern = own
    pattern = permalink_patterns.name_date_parts(pattern)
    name = first(place.fields, "slug") or permalink_patterns.stem_of(place)
    plain = "/".join(permalink_patterns.urlize(part, site) for part in [*sections, name])
    can_fill = pattern and (place.written or not permalink_patterns.needs_date(pattern))
    filled = [permalink_patterns.fill(pattern, place, site)] if can_fill else []
    # Without a slug, Hugo does not read the date at the beginning of a file's name.
    for path in [*filter(None, filled), join(plain)]:
        is_prefixed = _has_prefix(place, site)
        yield join(place.language.code.lower(), path) if is_prefixed else path


def _has_prefix(place: Place, site: Site) -> bool:
    code = place.language.code.lower()
    in_folder = post_metadata.is_true(site.config.get("defaultcontentlanguageinsubdir"))
    return bool(code) and (in_folder or code != site.language.lower()) and place.language.is_in_path


def _zola_paths(place: Place, site: Site) -> Iterator[str]:
    stem = permalink_patterns.stem_of(place)
    rules = site_configs.table(site.config, "slugify")
    keeps_date = post_metadata.is_true(rules.get("paths_keep_dates"))
    name = first(place.fields, "slug") or (stem if keeps_date else dates.split_name(stem)[1])
    parts = [*permalink_patterns.sections_of(place), name]
    slugs = join(*(part if part.isdigit() else slugify(part) for part in parts))
    # Versions of Zola replace spaces differently.
    safe = [join(*(part.replace(" ", other) for part in parts)) for other in ("_", " ", "-")]
    is_safe = first(rules, "paths") in ("safe", "off")
    for path in dict.fromkeys((*safe, slugs) if is_safe else (slugs, *safe)):
        yield join(place.language.code, path) if _has_prefix(place, site) else path


def _eleventy_paths(place: Place, site: Site) -> Iterator[str]:
    pattern = first(place.fields, "permalink")
    is_known = not post_metadata.is_false(pattern) and "function" not in pattern
    if pattern and is_known and (place.written or "date" not in pattern):
        yield permalink_patterns.fill(pattern, place, site)
    yield from _folder_paths(place, site)


def _pelican_paths(place: Place, site: Site) -> Iterator[str]:
    kind = "page" if place.is_page else "article"
    is_default = not place.language.code or place.language.code == site.language.lower()
    patterns = [first(place.fields, "url"), first(place.fields, "save_as")]
    if not is_default:
        patterns += [first(site.config, f"{kind}_lang_url"), f"{{slug}}-{place.language.code}.html"]
    patterns += [first(site.config, f"{kind}_url"), first(site.config, f"{kind}_save_as")]
    patterns.append("pages/{slug}.html" if place.is_page else "{slug}.html")
    for pattern in dict.fromkeys(filter(None, patterns)):
        yield permalink_patterns.fill(pattern, place, site)


def _folder_paths(place: Place, site: Site) -> Iterator[str]:
    """Return the path as Hugo would have it, then without the date, as others do."""
    name = first(place.fields, "slug") or permalink_patterns.stem_of(place)
    parts = [*permalink_patterns.sections_of(place), name]
    if place.language.is_in_path:
        yield from _with_language(parts, place)
    yield join(*(re.sub(r"\s+", "-", part.lower()) for part in parts))
    short = first(place.fields, "slug") or dates.split_name(parts[-1])[1]
    yield join(*(part if part.isdigit() else slugify(part) for part in [*parts[:-1], short]))


def _with_language(parts: list[str], place: Place) -> Iterator[str]:
    code = place.language.code.lower()
    slugs = [part if part.isdigit() else slugify(part) for part in parts]
    yield join(code, *slugs)
    yield join(*slugs[:-1], code, slugs[-1])


GENERATORS: dict[str, Any] = {
    "jekyll": _jekyll_paths,
    "hexo": _hexo_paths,
    "hugo": _hugo_paths,
    "zola": _zola_paths,
    "eleventy": _eleventy_paths,
    "astro": permalink_routes.astro_paths,
    "pelican": _pelican_paths,
    "docusaurus": permalink_routes.docusaurus_paths,
    "gatsby": permalink_routes.gatsby_paths,
    "next": permalink_routes.next_paths,
}
