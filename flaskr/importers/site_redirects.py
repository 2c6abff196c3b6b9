"""Read the redirects of the old site that its host or its generator made."""

import re
from collections.abc import Iterator
from typing import Any

from ..text import url_paths
from . import post_metadata
from . import site_configs
from .link_index import Index
from .link_index import Origin
from .links import Target
from .sites import SCRIPT_SUFFIXES
from .sites import SERVED_FOLDERS
from .sites import Site

MAX_REDIRECTS = 10_000
MAX_STEPS = 5
# A line of Netlify's and Cloudflare's file: /old /new 301
LINE = re.compile(r"\s*(/\S{0,500})\s+(\S{1,1000})(?:\s+(\d{3})!?)?\s*(?:#.*)?", re.ASCII)
TABLES = (("netlify.toml", "from", "to"), ("vercel.json", "source", "destination"))
# The old path stands for many.
MANY = re.compile(r"[*(]|/:")
STATUSES = frozenset(("", "301", "302", "303", "307", "308"))
# In Astro: redirects: { '/old': '/new', '/older': { status: 301, destination: '/new' } }
TABLE = re.compile(r"\bredirects\s{0,9}:\s{0,9}\{((?:[^{}]|\{[^{}]{0,300}\}){0,50000})\}")
PAIR = re.compile(
    r"[\"'`](/[^\"'`\n]{0,500})[\"'`]\s{0,9}:\s{0,9}"
    r"(?:\{[^{}]{0,300}?destination\s{0,9}:\s{0,9})?[\"'`]([^\"'`\n]{1,1000})[\"'`]"
)


def add(index: Index, site: Site) -> dict[str, str]:
    """Return the URLs on this blog by the old paths that led to them, and add them to the index.

    Redirects to other sites, and those for many addresses at once, are left out.
    """
    table = dict(_list(site))
    known = (path for path in table if path.lower() not in index.addresses)
    followed = {path: _follow(path, table, index) for path in known}
    found = {path: url for path, url in followed.items() if url}
    index.addresses.update((path.lower(), url) for path, url in found.items())
    return found


def _follow(path: str, table: dict[str, str], index: Index) -> str:
    origin = Origin(index.site.root / "_redirects", "/")
    for _ in range(MAX_STEPS):
        target = table.get(path, "")
        found = index.find(Target(target), origin)
        if found and found.url:
            return found.url + found.fragment
        path = url_paths.path_from_url(target)
    return ""


def _list(site: Site) -> Iterator[tuple[str, str]]:
    for _, (path, target, status) in zip(range(MAX_REDIRECTS), _read(site), strict=False):
        old = url_paths.path_from_url(path)
        if status in STATUSES and old != "/" and not MANY.search(path):
            yield old, target
            yield url_paths.normalize_path(f"{site.base}/{old}"), target


def _read(site: Site) -> Iterator[tuple[str, str, str]]:
    """Yield the old path, the target and the status of each redirect."""
    places = [site.root, *site.folders, *(site.root / name for name in SERVED_FOLDERS)]
    for folder in dict.fromkeys(places):
        for line in site_configs.read_start(folder / "_redirects").splitlines():
            if match := LINE.fullmatch(line):
                yield match[1], match[2], match[3] or ""
    for name, old, new in TABLES:
        rows: Any = site_configs.load(site.root, name).get("redirects")
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict):
                yield (
                    post_metadata.first(row, old),
                    post_metadata.first(row, new),
                    post_metadata.first(row, "status"),
                )
    names = [f"astro.config.{suffix}" for suffix in SCRIPT_SUFFIXES]
    for table in TABLE.findall("".join(site_configs.read_start(site.root / one) for one in names)):
        yield from ((old, new, "") for old, new in PAIR.findall(table))
