"""Read the texts that posts include."""

from pathlib import Path

from . import front_matter
from . import site_configs
from .sites import Site
from .sites import contains

SUFFIXES = (".md", ".markdown", ".txt", ".html", ".htm")


def read(file: Path, site: Site, tag: str, name: str) -> str:
    """Return the body of a text that a post includes, or nothing unless it is in the site."""
    folders = [file.parent]
    if tag != "include_relative":
        folders = [one / "_includes" for one in dict.fromkeys((site.root, *site.folders))]
    for place in (folder / name for folder in folders):
        is_text = place.suffix.lower() in SUFFIXES and contains(site, place)
        if is_text and (text := site_configs.read_start(place)):
            return front_matter.split(text.replace("\r\n", "\n")).body
    return ""
