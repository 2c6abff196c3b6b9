"""Tells what kind of site a file belongs to, and finds the files of posts in it."""

import os
import re
from collections.abc import Iterator
from datetime import tzinfo
from pathlib import Path
from typing import Any
from typing import NamedTuple
from zoneinfo import ZoneInfo

import yaml

from . import post_metadata
from .front_matter import LOADER

MARKDOWN = (".md", ".markdown", ".mdown", ".mkd", ".mkdn")
JEKYLL_CONFIGS = ("_config.yml", "_config.yaml")
CONFIGS = re.compile(r"(?:hugo|zola|config)\.(?:toml|ya?ml|json)")
POST_FOLDERS = ("_posts", "_drafts")
# The folders in which Hugo has its pictures.
BESIDE_CONTENT = ("assets", "static")
MACHINERY = ("_data", "_includes", "_layouts", "_sass", "_site", "archetypes", "node_modules")


class Site(NamedTuple):
    """The folder that addresses are relative to, and how its posts are addressed."""

    root: Path
    zone: tzinfo
    jekyll: bool = False
    permalink: str = ""
    base: str = ""
    author: str = ""


class FoundFiles(NamedTuple):
    """The files of a folder that may be posts; what is none or cannot be read, each with why."""

    files: list[str]
    no_posts: list[tuple[str, str]]
    failed: list[tuple[str, str]]


def detect(path: Path, zone: tzinfo) -> Site:
    """The site around a file or folder, looked for upwards; `zone` is for dates without one."""
    start = path.resolve()
    if not start.is_dir():
        start = start.parent
    for folder in (start, *start.parents):
        if any((folder / name).is_file() for name in JEKYLL_CONFIGS) or _has(folder, *POST_FOLDERS):
            return _jekyll(folder, zone)
        if folder.name == "content":
            return Site(folder, zone)
        if _has(folder, "content") and (folder == start or _is_configured(folder)):
            return Site(folder / "content", zone)
    return Site(start, zone)


def _has(folder: Path, *names: str) -> bool:
    return any((folder / name).is_dir() for name in names)


def _is_configured(folder: Path) -> bool:
    return any(CONFIGS.fullmatch(name) for name in os.listdir(folder))


def _jekyll(root: Path, zone: tzinfo) -> Site:
    config = _config(root)
    posts = config.get("collections")
    posts = posts.get("posts") if isinstance(posts, dict) else {}
    permalink = post_metadata.first(posts, "permalink") if isinstance(posts, dict) else ""
    return Site(
        root,
        _zone(post_metadata.text(config.get("timezone"))) or zone,
        jekyll=True,
        permalink=permalink or post_metadata.first(config, "permalink") or "date",
        base=post_metadata.first(config, "baseurl"),
        author=next(iter(post_metadata.authors(config)), ""),
    )


def _config(root: Path) -> dict[str, Any]:
    for name in JEKYLL_CONFIGS:
        file = root / name
        # Anything else may be without end, or nobody's to read.
        if not (file.is_file() and file.resolve().parent == root):
            continue
        try:
            config = yaml.load(file.read_bytes(), LOADER)  # noqa: S506 - only makes text
        except (OSError, yaml.YAMLError):
            continue
        if isinstance(config, dict):
            return config
    return {}


def _zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (LookupError, OSError, ValueError):
        return None


def contains(site: Site, file: Path) -> bool:
    """Return true if a file lies in the site, once all links are followed."""
    place = Path(os.path.realpath(file))
    folders = [site.root]
    if site.root.name == "content":
        folders += [site.root.parent / name for name in BESIDE_CONTENT]
    return any(place.is_relative_to(folder) for folder in folders)


def find_posts(path: Path, site: Site) -> FoundFiles:
    """The Markdown files under a path, in an order that is the same on every run.

    A file that is named itself is always taken. Links are followed, each file and folder once,
    unless they lead out of the site and the path.
    """
    found = FoundFiles([], [], [])
    if not path.is_dir():
        found.files.append(str(path.resolve()))
        return found
    folder = os.path.realpath(path)
    for name, reason, failed in _walk(folder, site, {folder}, Path(folder)):
        if reason:
            (found.failed if failed else found.no_posts).append((name, reason))
        else:
            found.files.append(name)
    return found


def _walk(folder: str, site: Site, seen: set[str], top: Path) -> Iterator[tuple[str, str, bool]]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        yield folder, f"The folder cannot be read: {error.strerror}.", True
        return
    for entry in entries:
        name = os.path.realpath(entry.path) if entry.is_symlink() else entry.path
        is_folder = _is_folder(entry)
        if name in seen or not (is_folder or entry.name.lower().endswith(MARKDOWN)):
            continue
        seen.add(name)
        printable = os.fsencode(name).decode(errors="replace")
        if printable != name:
            yield printable, "Its name is not UTF-8; give it another.", True
        elif entry.is_symlink() and not (
            contains(site, Path(name)) or Path(name).is_relative_to(top)
        ):
            yield entry.path, "It is a link that leads out of the site. Copy it there.", True
        elif is_folder:
            reason = _no_posts_in(entry.name, Path(folder), site)
            yield from [(name, reason, False)] if reason else _walk(name, site, seen, top)
        else:
            yield name, _no_post(entry.name, Path(folder), site), False


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _no_posts_in(name: str, parent: Path, site: Site) -> str:
    folder = parent / name
    if name.startswith("."):
        return "a hidden folder"
    if name in MACHINERY or (site.jekyll and name.startswith("_") and name not in POST_FOLDERS):
        return "a folder of the site's machinery"
    if not (folder.is_relative_to(site.root) or site.root.is_relative_to(folder)):
        return "outside the content folder"
    return ""


def _no_post(name: str, folder: Path, site: Site) -> str:
    if name.startswith("."):
        return "a hidden file"
    if not folder.is_relative_to(site.root):
        return "outside the content folder"
    if site.jekyll and not any(part in POST_FOLDERS for part in folder.parts):
        return "a page, not a post"
    return ""
