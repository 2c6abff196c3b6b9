"""Find the files of a site's posts."""

import fnmatch
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from . import globs
from . import post_kinds
from . import post_metadata
from . import site_configs
from .sites import ELEVENTY_CONFIGS
from .sites import POST_FOLDERS
from .sites import SCRIPT_SUFFIXES
from .sites import Site
from .sites import contains

MARKDOWN_SUFFIXES = (".md", ".markdown", ".mdown", ".mkd", ".mkdn", ".mdx")
HTML_SUFFIXES = (".html", ".htm")
UNREAD_SUFFIXES = {
    ".textile": "Textile",
    ".org": "Org mode",
    ".rst": "reStructuredText",
    ".adoc": "AsciiDoc",
    ".asciidoc": "AsciiDoc",
    ".ipynb": "Jupyter notebooks",
    ".rmd": "R Markdown",
    ".qmd": "Quarto",
    ".pug": "Pug",
    ".haml": "Haml",
    ".njk": "Nunjucks",
    ".liquid": "Liquid",
    ".ejs": "EJS",
    ".hbs": "Handlebars",
    ".astro": "Astro",
    ".pandoc": "Pandoc",
    ".wiki": "MediaWiki",
    ".mediawiki": "MediaWiki",
    ".canvas": "a canvas of Obsidian",
    ".txt": "plain text",
}
GENERATOR_FOLDERS = frozenset(
    "_data _includes _layouts _sass _site _plugins archetypes bower_components i18n layouts "
    "node_modules scaffolds templates themes vendor venv".split()
)
# Folders of files that are served as they are.
STATIC_FOLDERS = frozenset(("static", "public"))
# The settings that leave out files.
IGNORING_FIELDS = {
    "jekyll": ("exclude",),
    "vitepress": ("srcexclude",),
    "zola": ("ignored_content",),
    "hexo": ("exclude", "ignore", "skip_render"),
    "pelican": ("ignore_files",),
}
ELEVENTY_SCRIPTS = (*ELEVENTY_CONFIGS, *(f"eleventy.config.{end}" for end in SCRIPT_SUFFIXES))
IGNORED_IN_SCRIPT = re.compile(r"\bignores\.add\(\s*[\"'`]([^\"'`\n]{1,300})[\"'`]")
PROJECT_MARKS = (".git", ".github", "package.json", "Gemfile", "pyproject.toml", "README.md")


class FoundFiles(NamedTuple):
    """The files that may be posts; skipped and unreadable files and folders, with reasons."""

    files: list[str]
    no_posts: list[tuple[str, str]]
    failed: list[tuple[str, str]]
    folders: list[tuple[str, str]]


def find_posts(path: Path, site: Site) -> FoundFiles:
    """Find the files of posts under a path, in a stable order.

    A path to a file is always included. Links are followed, each file and folder once, unless they
    lead out of both the site and the path.
    """
    found = FoundFiles([], [], [], [])
    if not path.is_dir():
        found.files.append(str(path.resolve()))
        return found
    folder = os.path.realpath(path)
    site = site._replace(ignored=tuple(_ignored_patterns(site)))
    for name, reason, failed in _walk(folder, site, {folder}, Path(folder)):
        if not reason:
            found.files.append(name)
        elif failed:
            found.failed.append((name, reason))
        else:
            (found.folders if os.path.isdir(name) else found.no_posts).append((name, reason))
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
        if name in seen or not (is_folder or _may_be_post(entry.name, Path(folder), site)):
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


def _may_be_post(name: str, folder: Path, site: Site) -> bool:
    suffix = Path(name).suffix.lower()
    if suffix in HTML_SUFFIXES:
        return _is_content(folder, site)
    if suffix == ".txt":
        return _is_content(folder, site) and _has_front_matter(folder / name)
    # Lists and the pages of collections are no posts.
    is_template = suffix == ".astro" and name.startswith(("[", "index."))
    return suffix in MARKDOWN_SUFFIXES or (suffix in UNREAD_SUFFIXES and not is_template)


def _has_front_matter(file: Path) -> bool:
    return site_configs.read_start(file).startswith(("---\n", "+++\n", "---\r\n", "+++\r\n"))


def _is_content(folder: Path, site: Site) -> bool:
    return any(folder.is_relative_to(one) for one in site.folders)


def _folder_skip_reason(name: str, parent: Path, site: Site) -> str:
    folder = parent / name
    if any(one.is_relative_to(folder) for one in site.folders):
        return ""
    if name.startswith("."):
        return "a hidden folder"
    if name.lower() in GENERATOR_FOLDERS or _is_left_out(name, folder, site):
        return "a folder of the site generator"
    if not _is_content(folder, site):
        return "outside the content folder"
    if site.generator in ("jekyll", "eleventy", "folder") and name in STATIC_FOLDERS:
        return "files that are served as they are"
    if name == "docs" and parent in site.folders and _is_project(parent):
        return "the documentation of a project"
    return ""


def _is_left_out(name: str, folder: Path, site: Site) -> bool:
    """Return True if the generator makes no pages of the files in the folder."""
    if _is_ignored(folder, site):
        return True
    if site.generator != "jekyll" or not name.startswith("_") or name in POST_FOLDERS:
        return False
    collection = site_configs.table(site.config, "collections", name[1:])
    included = name in post_metadata.texts(site.config, "include")
    return not (included or post_metadata.is_true(collection.get("output")))


def _is_ignored(place: Path, site: Site) -> bool:
    """Return True if the site's configuration leaves out the file or folder."""
    # Hugo has regular expressions, of which the plain text is compared.
    texts = post_metadata.texts(site.config, "ignorefiles") if site.generator == "hugo" else []
    if not (texts or site.ignored) or not place.is_relative_to(site.root):
        return False
    path = place.relative_to(site.root).as_posix()
    inside = site.relative(place).as_posix()
    patterns = site.ignored
    if site.generator == "jekyll":
        # Jekyll names files from the site's root, and its wildcards stand for folders as well.
        plain = (one.strip("/").removeprefix("./").removesuffix("/**") for one in patterns)
        return any(fnmatch.fnmatchcase(inside, one) for one in plain)
    kept = [one.removeprefix("!") for one in patterns if one.startswith("!")]
    for one in {path, inside}:
        if globs.matches_any(one, patterns) and not globs.matches_any(one, kept):
            return True
    plain_texts = (re.sub(r"\\(.)|\.\*|[\^$]", r"\1", one) for one in texts)
    return any(one and one in f"/{path}" for one in plain_texts)


def _is_excluded_by_mounts(file: Path, site: Site) -> bool:
    """Return True if Hugo leaves out the file of a folder that it uses."""
    if site.generator != "hugo":
        return False
    for mount in post_metadata.as_list(site_configs.table(site.config, "module").get("mounts")):
        fields = post_metadata.plain_names(mount) if isinstance(mount, dict) else {}
        folder = site.root / (post_metadata.first(fields, "source") or "-")
        if not file.is_relative_to(folder):
            continue
        path = file.relative_to(folder).as_posix()
        named = post_metadata.texts(fields, "includefiles") + post_metadata.texts(fields, "files")
        wanted = [one for one in named if not one.startswith("!")]
        others = [one.lstrip("! ") for one in named if one.startswith("!")]
        others += post_metadata.texts(fields, "excludefiles")
        if globs.matches_any(path, others) or (wanted and not globs.matches_any(path, wanted)):
            return True
    return False


def _ignored_patterns(site: Site) -> list[str]:
    if site.generator == "eleventy":
        return _read_eleventy_ignores(site)
    return post_metadata.texts(site.config, *IGNORING_FIELDS.get(site.generator, ()))


def _read_eleventy_ignores(site: Site) -> list[str]:
    script = "".join(site_configs.read_start(site.root / name) for name in ELEVENTY_SCRIPTS)
    found = IGNORED_IN_SCRIPT.findall(script)
    files = [folder / ".eleventyignore" for folder in (site.root, *site.folders)]
    if "setUseGitIgnore(false)" not in script:
        files.append(site.root / ".gitignore")
    for file in dict.fromkeys(files):
        lines = map(str.strip, site_configs.read_start(file).splitlines())
        found += [line for line in lines if line and not line.startswith("#")]
    return found


def _is_excluded_by_pelican(file: Path, site: Site) -> bool:
    """Return True for a file outside the folders in which Pelican looks for articles and pages."""
    if site.generator != "pelican" or post_kinds.is_below(file, post_kinds.page_paths(site), site):
        return False
    articles = post_metadata.texts(site.config, "article_paths", "article_dir")
    excluded = post_metadata.texts(site.config, "article_excludes")
    is_outside = bool(articles) and not post_kinds.is_below(file, articles, site)
    return is_outside or post_kinds.is_below(file, excluded, site)


def _is_project(folder: Path) -> bool:
    return any((folder / name).exists() for name in PROJECT_MARKS)


def _file_skip_reason(name: str, folder: Path, site: Site) -> str:
    if name.startswith("."):
        return "a hidden file"
    if not _is_content(folder, site):
        return "outside the content folder"
    file = folder / name
    if (
        _is_ignored(file, site)
        or _is_excluded_by_pelican(file, site)
        or _is_excluded_by_mounts(file, site)
    ):
        return "left out by the configuration of the site"
    if kind := UNREAD_SUFFIXES.get(Path(name).suffix.lower()):
        return f"not read, because {kind} cannot be imported"
    return ""
