"""Find the site that a folder belongs to, the program that generates it, and its settings."""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC
from datetime import datetime
from datetime import tzinfo
from functools import lru_cache
from pathlib import Path
from typing import Any
from typing import NamedTuple

from . import authors
from . import dates
from . import post_metadata
from . import site_configs
from .generators import BY_CONFIG
from .generators import ELEVENTY_CONFIGS
from .generators import NAMES
from .generators import SCRIPT_SUFFIXES
from .generators import SITE_DATA
from .generators import SOURCE_FIELDS

POST_FOLDERS = ("_posts", "_drafts")
SKIPPED_FOLDERS = frozenset(
    "node_modules vendor venv env dist build public _site target bower_components".split()
)
JEKYLL_CONFIGS = ("_config.yml", "_config.yaml", "_config.toml")
MAX_DEPTH = 3
# Generators serve the files in these as they are, or after processing them.
SERVED_FOLDERS = ("static", "public", "assets", "source", "images", "themes")
HUGO_CONFIG = re.compile(r"(?:hugo|config)\.(?:toml|ya?ml|json)")
# Folders of notes, which may come from Obsidian.
NOTE_GENERATORS = frozenset(("obsidian", "quartz", "folder"))
# Taxonomies that flaskr has, too, and imports under their own names.
OTHER_TAXONOMIES = frozenset("tags categories topics series authors author contributors".split())
LANGUAGE = re.compile(r"[a-z]{2,3}(?:[-_][a-zA-Z]{2,4})?")


class Site(NamedTuple):
    """A site: the folder of its configuration, the folders of its posts, and its settings.

    `zone` is the site's time zone or else the blog's, `host` and `base` are its old address.
    """

    root: Path
    zone: tzinfo
    generator: str = "folder"
    content: tuple[Path, ...] = ()
    config: dict[str, Any] = {}  # noqa: RUF012  # never written to
    host: str = ""
    base: str = ""
    language: str = ""
    languages: tuple[str, ...] = ()
    blog_zone: tzinfo | None = None
    zone_name: str = ""
    permalink: str = ""
    # Folders of posts in one language.
    folder_languages: tuple[tuple[Path, str], ...] = ()
    # Patterns of the paths that the generator leaves out.
    ignored: tuple[str, ...] = ()
    now: datetime = datetime.max.replace(tzinfo=UTC)

    @property
    def folders(self) -> tuple[Path, ...]:
        """Return the folders of the posts."""
        return self.content or (self.root,)

    @property
    def name(self) -> str:
        """Return the generator's name for people."""
        return NAMES[self.generator]

    def relative(self, file: Path) -> Path:
        """Return the path below the folder of posts that holds it, or else below the site."""
        return _find_place(self.folders, self.root, file)[1]

    def content_folder(self, file: Path) -> Path:
        """Return the folder of posts that holds a file, or else that of the site."""
        return _find_place(self.folders, self.root, file)[0]

    def author(self) -> str:
        """Return the author of posts without one, or an empty string."""
        tables = (self.config, site_configs.table(self.config, "params"))
        return next((name for table in tables for name in authors.find(table)), "")

    def taxonomies(self) -> list[str]:
        """Return the fields that hold names like tags, apart from the usual ones."""
        found = self.config.get("taxonomies")
        if isinstance(found, dict):
            names = [post_metadata.text(name) for name in found.values()]
        else:
            tables = [one for one in post_metadata.as_list(found) if isinstance(one, dict)]
            names = [post_metadata.first(one, "name") for one in tables]
        return [name for name in names if name.lower() not in OTHER_TAXONOMIES and name]

    def known_authors(self) -> dict[str, str]:
        """Return the names of people by the keys in the site's own list."""
        return load_people((self.root, *self.folders))


# All steps of reading one file ask for its place before those of the next file do.
@lru_cache(maxsize=16)
def _find_place(folders: tuple[Path, ...], root: Path, file: Path) -> tuple[Path, Path]:
    for folder in (*folders, root):
        with suppress(ValueError):
            return folder, file.relative_to(folder)
    return root, Path(file.name)


@lru_cache(maxsize=16)
def load_people(folders: tuple[Path, ...]) -> dict[str, str]:
    """Return the names of people by their keys in the lists in these folders."""
    people = [one for folder in folders for one in _load_people(folder)]
    named = {key: post_metadata.first(one, "name", "display_name") for key, one in people}
    return {key.lower(): name for key, name in named.items() if name}


def _load_people(root: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for file in ("_data/authors.yml", "data/authors.yml", "blog/authors.yml", "data/authors.json"):
        for key, one in site_configs.load(root / Path(file).parent, Path(file).name).items():
            if isinstance(one, dict):
                yield key, one


def detect(path: Path, zone: tzinfo, *, permalink: str = "", now: datetime | None = None) -> Site:
    """Find the site of a file or folder by searching upwards, then in the folders below.

    `zone` is the time zone of the blog; `permalink` replaces the site's own pattern of addresses.
    """
    start = path.resolve()
    folder = start if start.is_dir() else start.parent
    above = (folder, *folder.parents)
    found = next((kind for one in above if (kind := _detect_at(one, folder))), None)
    if found is None and start.is_dir():
        below = sorted(_folders_below(folder), key=lambda one: len(one.parts))
        found = next((kind for one in below if (kind := _detect_at(one, one))), None)
    generator, root, content = found or ("folder", folder, (folder,))
    site = _build(generator, root, content, zone)
    return site._replace(permalink=permalink, now=now or datetime.now(UTC))


def _folders_below(folder: Path, depth: int = MAX_DEPTH) -> Iterator[Path]:
    for name in sorted(_list(folder)):
        place = folder / name
        is_skipped = name.startswith(".") or name.lower() in SKIPPED_FOLDERS
        if not is_skipped and place.is_dir() and not place.is_symlink():
            yield place
            if depth > 1:
                yield from _folders_below(place, depth - 1)


Found = tuple[str, Path, tuple[Path, ...]]


def _detect_at(folder: Path, start: Path) -> Found | None:
    """Return the generator of a site in this folder; `start` is the folder to import."""
    names = set(_list(folder))
    for detector in (_by_script, _pelican, _hexo_or_jekyll, _hugo_or_zola, _content_folder):
        if found := detector(folder, names, start):
            return found
    return ("obsidian", folder, (folder,)) if ".obsidian" in names else None


def _list(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _by_script(folder: Path, names: set[str], start: Path) -> Found | None:
    for generator, (config, places) in BY_CONFIG.items():
        files = [folder / f"{config}.{suffix}" for suffix in SCRIPT_SUFFIXES]
        if any(map(Path.is_file, files)):
            return generator, folder, _script_folders(generator, folder, places)
    if names & set(ELEVENTY_CONFIGS):
        return "eleventy", folder, _script_folders("eleventy", folder, ())
    return None


def _script_folders(generator: str, folder: Path, places: tuple[str, ...]) -> tuple[Path, ...]:
    if generator == "docusaurus":
        translated = [one for one, _ in _translated_folders(folder)]
        return (*translated, *_existing(folder, places))
    if generator == "astro":
        places += tuple(site_configs.astro_folders(folder, places))
    if generator not in SOURCE_FIELDS:
        return _existing(folder, places)
    place = post_metadata.first(_load_config(generator, folder), SOURCE_FIELDS[generator])
    return (_inside(folder, place.strip("./")) or folder,)


def _translated_folders(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield the folders in which Docusaurus keeps the posts of another language."""
    for place in sorted(folder.glob("i18n/*/docusaurus-plugin-content-blog")):
        yield place, place.parent.name


def _existing(folder: Path, places: tuple[str, ...]) -> tuple[Path, ...]:
    found = [folder / place for place in places if (folder / place).is_dir()]
    return tuple(found) or (folder,)


def _pelican(folder: Path, names: set[str], start: Path) -> Found | None:
    if "pelicanconf.py" not in names:
        return None
    config = site_configs.load(folder, "pelicanconf.py")
    place = post_metadata.first(config, "path") or "content"
    return "pelican", folder, _existing(folder, (place,)) if ".." not in place else (folder,)


def _hexo_or_jekyll(folder: Path, names: set[str], start: Path) -> Found | None:
    has_config = any((folder / name).is_file() for name in JEKYLL_CONFIGS if name in names)
    config = _jekyll_config(folder) if has_config else {}
    source = _inside(folder, post_metadata.first(config, "source_dir")) or folder / "source"
    if (
        has_config
        and source.is_dir()
        and ((source / "_posts").is_dir() or _mentions(folder / "package.json", "hexo"))
    ):
        return "hexo", folder, (source,)
    if folder.name == "source" and _is_hexo(folder.parent):
        return None
    if has_config or "_posts" in names:
        return "jekyll", folder, _jekyll_folders(folder)
    return None


def _jekyll_folders(folder: Path) -> tuple[Path, ...]:
    config = _jekyll_config(folder)
    source = _inside(folder, post_metadata.first(config, "source")) or folder
    collections = _inside(source, post_metadata.first(config, "collections_dir"))
    return (collections, source) if collections else (source,)


def _inside(folder: Path, place: str) -> Path | None:
    """Return the folder at a place in another one, if it is there."""
    is_inside = place and not place.startswith("/") and ".." not in Path(place).parts
    return folder / place if is_inside and (folder / place).is_dir() else None


def _is_hexo(folder: Path) -> bool:
    return (folder / "_config.yml").is_file()


def _jekyll_config(folder: Path) -> dict[str, Any]:
    return site_configs.load(folder, *JEKYLL_CONFIGS)


def _mentions(file: Path, word: str) -> bool:
    return word in site_configs.read_start(file)


def _hugo_or_zola(folder: Path, names: set[str], start: Path) -> Found | None:
    configs = [name for name in names if HUGO_CONFIG.fullmatch(name) or name == "zola.toml"]
    is_split = (folder / "config" / "_default").is_dir()
    if not (configs or is_split) or not (
        (folder / "content").is_dir() or names & {"archetypes", "hugo.toml", "hugo.yaml"}
    ):
        return None
    config = _load_hugo_config(folder)
    is_zola = "zola.toml" in names or "base_url" in config or "generate_feeds" in config
    place = post_metadata.first(config, "contentdir") or "content"
    generator = "zola" if is_zola and not is_split else "hugo"
    places = [one for one, _ in _language_folders(folder, config)]
    top = _inside(folder, place)
    is_apart = top and not any(one.is_relative_to(top) for one in places)
    found = [*places, *([top] if top and (is_apart or not places) else [])]
    return generator, folder, tuple(found) or (folder,)


def _language_folders(folder: Path, config: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """Yield the folders that Hugo keeps the posts of one language in."""
    top = post_metadata.first(config, "contentdir") or "content"
    main = post_metadata.first(config, "defaultcontentlanguage") or "en"
    for code, table in site_configs.table(config, "languages").items():
        place = post_metadata.first(table, "contentdir") if isinstance(table, dict) else ""
        found = _inside(folder, place)
        if found and (code == main or Path(place) != Path(top)):
            yield found, code
    for mount in post_metadata.as_list(site_configs.table(config, "module").get("mounts")):
        plain = post_metadata.plain_names(mount) if isinstance(mount, dict) else {}
        target = post_metadata.first(plain, "target").partition("/")[0]
        found = _inside(folder, post_metadata.first(plain, "source"))
        if target == "content" and found:
            yield found, post_metadata.first(plain, "lang")


def _content_folder(folder: Path, names: set[str], start: Path) -> Found | None:
    """Take a folder named `content` for one of Hugo or Zola, of which only this was copied."""
    if folder.name == "content":
        # The configuration is next to it, or one folder higher in Astro.
        for above in (folder.parent, folder.parent.parent):
            for detector in (_by_script, _pelican, _hugo_or_zola):
                if found := detector(above, set(_list(above)), start):
                    return found
        return _guess_from_sections(folder), folder.parent, (folder,)
    if (folder / "content").is_dir() and folder == start:
        return _guess_from_sections(folder / "content"), folder, (folder / "content",)
    return None


def _guess_from_sections(content: Path) -> str:
    for file in (content / "_index.md", *sorted(content.glob("*/_index.md"))):
        head = site_configs.read_start(file)[:2000]
        if re.search(r"^(?:sort_by|paginate_by|page_template|insert_anchor_links)\s*=", head, re.M):
            return "zola"
    return "folder"


def _build(generator: str, root: Path, content: tuple[Path, ...], zone: tzinfo) -> Site:
    config = _load_config(generator, root)
    host, base = site_configs.find_origin(config)
    name = post_metadata.first(config, "timezone", "time_zone", "tz")
    language = post_metadata.first(
        config, "defaultcontentlanguage", "default_language", "default_lang", "language", "lang",
        "languagecode", "locale", "defaultlocale",
    )  # fmt: skip
    if generator in ("hugo", "zola"):
        language = language or "en"
    languages = [
        *site_configs.table(config, "languages"),
        *post_metadata.texts(config, "languages"),
    ]
    return Site(
        root,
        dates.find_zone(name) or zone,
        generator,
        content,
        config,
        host,
        base,
        language if LANGUAGE.fullmatch(language) else "",
        tuple(code for code in languages if LANGUAGE.fullmatch(code)),
        zone,
        name if dates.find_zone(name) else "",
        folder_languages=tuple(_folder_languages(generator, root, config)),
    )


def _folder_languages(
    generator: str, root: Path, config: dict[str, Any]
) -> Iterator[tuple[Path, str]]:
    if generator == "hugo":
        yield from _language_folders(root, config)
    if generator == "docusaurus":
        yield from _translated_folders(root)


def _load_config(generator: str, root: Path) -> dict[str, Any]:
    if generator in ("jekyll", "hexo"):
        return _jekyll_config(root)
    if generator == "pelican":
        drafts = site_configs.load(root, "pelicanconf.py")
        return {**drafts, **site_configs.load(root, "publishconf.py")}
    if generator in BY_CONFIG:
        config = root / BY_CONFIG[generator][0]
        names = [f"{config.name}.{suffix}" for suffix in SCRIPT_SUFFIXES]
        scripts = site_configs.load(config.parent, *ELEVENTY_CONFIGS, *names)
        place = _inside(root, post_metadata.first(scripts, "input").strip("./")) or root
        folders = (root / "data", root / "_data", place / "_data")
        data = [site_configs.load(one, *SITE_DATA) for one in folders]
        return {**data[0], **data[1], **data[2], **scripts}
    if generator in ("hugo", "zola", "folder"):
        return _load_hugo_config(root)
    return {}


def _load_hugo_config(root: Path) -> dict[str, Any]:
    names = [f"{name}.{suffix}" for name in ("hugo", "zola", "config")
             for suffix in ("toml", "yaml", "yml", "json")]  # fmt: skip
    config = site_configs.load(root, *names)
    parts = root / "config" / "_default"
    if not parts.is_dir():
        return config
    for file in sorted(parts.iterdir()):
        found = site_configs.load(parts, file.name)
        if file.stem.lower() in ("hugo", "config"):
            config = {**found, **config}
        else:
            config = {file.stem.lower(): found, **config}
    return config


def contains(site: Site, file: Path) -> bool:
    """Return True if a file is part of the site after all links are resolved."""
    place = Path(os.path.realpath(file))
    folders = list(site.folders)
    # Without a configuration, the folder around `content` may be anybody's.
    if site.config or site.generator in BY_CONFIG or site.generator == "jekyll":
        folders.append(site.root)
    else:
        folders += [site.root / name for name in SERVED_FOLDERS]
    return any(place.is_relative_to(folder) for folder in folders)
