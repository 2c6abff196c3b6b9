"""Read the settings of a site from its configuration: YAML, TOML, JSON, or a script."""

import json
import re
import tomllib
from pathlib import Path
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import yaml

from . import lenient
from . import post_metadata
from . import scripts
from .front_matter import LOADER

MAX_CONFIG_BYTES = 1024 * 1024
# In Astro: glob({ base: './notes', pattern: '**/*.md' })
ASTRO_COLLECTIONS = tuple(
    f"src/{name}.{end}"
    for name in ("content.config", "content/config")
    for end in ("ts", "js", "mjs")
)
BASE = re.compile(r"\bbase\s{0,9}:\s{0,9}[\"'`](?:\./)?(\w[\w./-]{0,100})[\"'`]")


def load(folder: Path, *names: str) -> dict[str, Any]:
    """Return the settings of the first configuration that can be read.

    A link may lead to an endless device, or out of the site: it is not followed.
    """
    for name in names:
        file = folder / name
        if file.is_file() and file.resolve().parent == folder:
            found = load_file(file)
            if found:
                return found
    return {}


def astro_folders(root: Path, usual: tuple[str, ...]) -> list[str]:
    """Return the folders of Astro's collections that are apart from the usual ones."""
    text = "".join(read_start(root / name) for name in ASTRO_COLLECTIONS)
    found = [one.rstrip("/") for one in BASE.findall(text) if ".." not in one]
    return [
        one
        for one in dict.fromkeys(found)
        if not any(_overlap(PurePosixPath(one), PurePosixPath(place)) for place in usual)
    ]


def _overlap(one: PurePosixPath, other: PurePosixPath) -> bool:
    return one.is_relative_to(other) or other.is_relative_to(one)


def read_start(file: Path) -> str:
    """Return the beginning of a text file; nothing of a link or a device."""
    try:
        if file.is_symlink() or not file.is_file():
            return ""
        with file.open("rb") as stream:
            return stream.read(MAX_CONFIG_BYTES).decode("utf-8-sig", "replace")
    except OSError:
        return ""


def load_file(file: Path) -> dict[str, Any]:
    """Return the settings in a file, with names in lower case; empty if it cannot be read."""
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_CONFIG_BYTES).decode("utf-8-sig")
        found = _parse(content, file.suffix.lower())
    except (OSError, ValueError, RecursionError, yaml.YAMLError):
        return {}
    return _lower_names(found) if isinstance(found, dict) else {}


def _parse(content: str, suffix: str) -> Any:
    if suffix in (".yml", ".yaml"):
        try:
            return yaml.load(content, LOADER)  # noqa: S506 - a base loader
        except yaml.YAMLError:
            return lenient.parse_fields(content, lambda text: yaml.load(text, LOADER))  # noqa: S506 - a base loader
    if suffix == ".toml":
        return tomllib.loads(content)
    if suffix == ".json":
        return json.loads(content)
    return scripts.parse(content, suffix)


def _lower_names(table: dict[Any, Any]) -> dict[str, Any]:
    return {
        str(name).lower(): _lower_names(value) if isinstance(value, dict) else value
        for name, value in table.items()
    }


def table(config: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return a table in a configuration, by the names on the way to it; empty if it is missing."""
    found: Any = config
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def find_origin(config: dict[str, Any]) -> tuple[str, str]:
    """Return the host of the site's address, and the path below which the site is."""
    address = post_metadata.first(
        config, "baseurl", "base_url", "url", "siteurl", "site", "siteurl", "domain"
    )
    base = post_metadata.first(config, "baseurl", "base", "root", "pathprefix")
    full = urlsplit_or_none(address)
    host, path = (full.netloc.lower(), full.path) if full else ("", "")
    if base.startswith("/"):
        path = base
        named = urlsplit_or_none(post_metadata.first(config, "url", "siteurl", "site"))
        host = named.netloc.lower() if named else host
    return host, f"/{path.strip('/')}" if path.strip("/") else ""


def urlsplit_or_none(url: str) -> Any:
    """Return the parts of a web address, if it is absolute."""
    try:
        found = urlsplit(url)
    except ValueError:
        return None
    return found if found.scheme in ("http", "https") and found.netloc else None
