"""Detect the type of a static site, and find the files of its posts."""

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

MARKDOWN_SUFFIXES = (".md", ".markdown", ".mdown", ".mkd", ".mkdn")
JEKYLL_CONFIGS = ("_config.yml", "_config.yaml")
CONFIG_NAME = re.compile(r"(?:hugo|zola|config)\.(?:toml|ya?ml|json)")
POST_FOLDERS = ("_posts", "_drafts")
# Hugo keeps images in these folders.
ASSET_FOLDERS = ("assets", "static")
GENERATOR_FOLDERS = (
    "_data",
    "_includes",
    "_layouts",
    "_sass",
    "_site",
    "archetypes",
    "node_modules",
)


class Site(NamedTuple):
    """A static site: its content folder, and the settings for the URLs of its posts."""

    root: Path
    zone: tzinfo
    jekyll: bool = False
    permalink: str = ""
    base: str = ""
    author: str = ""


class FoundFiles(NamedTuple):
    """The files that may be posts; skipped and unreadable files, each with a reason."""

    files: list[str]
    no_posts: list[tuple[str, str]]
    failed: list[tuple[str, str]]


def detect(path: Path, zone: tzinfo) -> Site:
    """Find the site of a file or folder by searching upwards.

    `zone` is the time zone for dates without one.
    """
    start = path.resolve()
    if not start.is_dir():
        start = start.parent
    for folder in (start, *start.parents):
        if any((folder / name).is_file() for name in JEKYLL_CONFIGS) or _has_folder(
            folder, *POST_FOLDERS
        ):
            return _build_jekyll_site(folder, zone)
        if folder.name == "content":
            return Site(folder, zone)
        if _has_folder(folder, "content") and (folder == start or _is_configured(folder)):
            return Site(folder / "content", zone)
    return Site(start, zone)


def _has_folder(folder: Path, *names: str) -> bool:
    return any((folder / name).is_dir() for name in names)


def _is_configured(folder: Path) -> bool:
    return any(CONFIG_NAME.fullmatch(name) for name in os.listdir(folder))


def _build_jekyll_site(root: Path, zone: tzinfo) -> Site:
    config = _load_config(root)
    posts = config.get("collections")
    posts = posts.get("posts") if isinstance(posts, dict) else {}
    permalink = post_metadata.first(posts, "permalink") if isinstance(posts, dict) else ""
    return Site(
        root,
        _find_zone(post_metadata.text(config.get("timezone"))) or zone,
        jekyll=True,
        permalink=permalink or post_metadata.first(config, "permalink") or "date",
        base=post_metadata.first(config, "baseurl"),
        author=next(iter(post_metadata.authors(config)), ""),
    )


def _load_config(root: Path) -> dict[str, Any]:
    for name in JEKYLL_CONFIGS:
        file = root / name
        # A link may lead to an endless device, or out of the site.
        if not (file.is_file() and file.resolve().parent == root):
            continue
        try:
            config = yaml.load(file.read_bytes(), LOADER)  # noqa: S506 - a base loader
        except (OSError, yaml.YAMLError):
            continue
        if isinstance(config, dict):
            return config
    return {}


def _find_zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (LookupError, OSError, ValueError):
        return None


def contains(site: Site, file: Path) -> bool:
    """Return True if a file is part of the site after all links are resolved."""
    place = Path(os.path.realpath(file))
    folders = [site.root]
    if site.root.name == "content":
        folders += [site.root.parent / name for name in ASSET_FOLDERS]
    return any(place.is_relative_to(folder) for folder in folders)


def find_posts(path: Path, site: Site) -> FoundFiles:
    """Find the Markdown files under a path, in a stable order.

    A path to a file is always included. Links are followed, each file and folder once, unless they
    lead out of both the site and the path.
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
        if name in seen or not (is_folder or entry.name.lower().endswith(MARKDOWN_SUFFIXES)):
            continue
        seen.add(name)
        printable = os.fsencode(name).decode(errors="replace")
        if printable != name:
            yield printable, "Its name is not UTF-8; rename it.", True
        elif entry.is_symlink() and not (
            contains(site, Path(name)) or Path(name).is_relative_to(top)
        ):
            yield (
                entry.path,
                "It is a link that leads out of the site. Copy the file into the site.",
                True,
            )
        elif is_folder:
            reason = _folder_skip_reason(entry.name, Path(folder), site)
            yield from [(name, reason, False)] if reason else _walk(name, site, seen, top)
        else:
            yield name, _file_skip_reason(entry.name, Path(folder), site), False


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _folder_skip_reason(name: str, parent: Path, site: Site) -> str:
    folder = parent / name
    if name.startswith("."):
        return "a hidden folder"
    if name in GENERATOR_FOLDERS or (
        site.jekyll and name.startswith("_") and name not in POST_FOLDERS
    ):
        return "a folder of the site generator"
    if not (folder.is_relative_to(site.root) or site.root.is_relative_to(folder)):
        return "outside the content folder"
    return ""


def _file_skip_reason(name: str, folder: Path, site: Site) -> str:
    if name.startswith("."):
        return "a hidden file"
    if not folder.is_relative_to(site.root):
        return "outside the content folder"
    if site.jekyll and not any(part in POST_FOLDERS for part in folder.parts):
        return "a page, not a post"
    return ""
