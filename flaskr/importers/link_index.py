"""Find the post or the file that a link of the old site leads to."""

import os
import re
from collections.abc import Iterator
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote
from urllib.parse import unquote

from ..text import url_paths
from ..text.normalization import normalize
from . import anchors
from . import dates
from . import site_configs
from .links import FILE_SUFFIX
from .links import Target
from .locations import Locations
from .shortcodes import REFERENCE
from .site_files import HTML_SUFFIXES
from .site_files import MARKDOWN_SUFFIXES
from .sites import SERVED_FOLDERS
from .sites import SKIPPED_FOLDERS
from .sites import Site
from .sites import contains

# Pelican marks the kind of a target: {filename}post.md, {static}/map.png, {tag}rivers.
PELICAN_MARK = re.compile(r"\A[{|](filename|static|attach|tag|category|author|index)[}|]")
FRAGMENT_SAFE = "/:?@!$&'*+,;=~-._"
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
POST_SUFFIXES = (*MARKDOWN_SUFFIXES, *HTML_SUFFIXES)
# Posts that are not read.
SOURCE_SUFFIXES = (".rst", ".org", ".adoc", ".asciidoc", ".textile", ".pandoc")
# Where generators find files that are named from the root of the site.
FILE_FOLDERS = (
    "",
    *SERVED_FOLDERS,
    *"src src/assets src/images content content/images docs _assets uploads".split(),
    *(f"{folder}/images" for folder in ("source", "assets", "static", "public")),
)
MAX_FILES = 200_000
ABSOLUTE = re.compile(r"https?://([\w.-]{1,200})(/[^\s()<>\"'?#]{1,500})")
# The page of a section in Hugo or Zola.
SECTION_FILE = re.compile(r"/_index(?:\.\w{2,10}){0,2}\Z")
# Short names that scripts give to folders: @/a.png, ~/a.png, @site/static/a.png, @assets/a.png.
ALIAS = re.compile(r"[@~]([\w-]{0,40})/(.*)", re.DOTALL)
MIN_OWN_LINKS = 3
# WordPress keeps pictures by month, which exports do not, and in several sizes.
UPLOADS = "/wp-content/uploads/"
SIZE = re.compile(r"-\d{2,4}x\d{2,4}(?=\.\w{2,5}\Z)")
LOCAL_HOST = re.compile(r"(?:localhost|127\.0\.0\.1|0\.0\.0\.0)(?::\d{1,5})?")
# Files of the site that it never served, and that may hold secrets.
PRIVATE_FILE = re.compile(
    r"(?i)(?:\..*|_config\.\w+|.*\.(?:key|pem|env|sqlite\d?|db|lock|py|toml|sh|bak|log)|"
    r"package(?:-lock)?\.json|gemfile.*|makefile|dockerfile.*)"
)


class Entry(NamedTuple):
    """A post in the index: its file, its URL on this blog, its old addresses, title and body."""

    source: str
    url: str
    addresses: list[str]
    title: str = ""
    body: str = ""


class Origin(NamedTuple):
    """The post that holds a link: its file, and its old main address, if known."""

    file: Path
    address: str


class Found(NamedTuple):
    """The result for a link: a URL on this blog, a file, or the name that is missing."""

    url: str = ""
    file: str = ""
    fragment: str = ""
    missing: str = ""


class Index:
    """All posts of a site by file, old address and name, and all its other files."""

    def __init__(self, site: Site, entries: list[Entry], locations: Locations) -> None:
        self.site = site
        self.locations = locations
        self.addresses: dict[str, str] = {}
        self.by_file: dict[str, str] = {}
        self.by_name: dict[str, str] = {}
        self.bodies = {entry.url: entry.body for entry in entries}
        self.anchors: dict[str, dict[str, str]] = {}
        for entry in entries:
            self._add(entry)
        for entry in entries:
            self._add_translation(entry)
        for entry in entries:
            for address in entry.addresses[1:]:
                self.addresses.setdefault(address.lower(), entry.url)
        self.sources = {entry.url: Path(entry.source) for entry in entries}
        self.host = (site.host or _guess_host(entries, self.addresses)).removeprefix("www.")

    def _add(self, entry: Entry) -> None:
        file = Path(entry.source)
        for address in entry.addresses[:1]:
            self.addresses.setdefault(address.lower(), entry.url)
        key = _file_key(entry.source)
        self.by_file.setdefault(key, entry.url)
        stem = file.parent.name if file.stem == "index" else file.stem
        for name in (stem, dates.split_name(stem)[1], entry.title):
            self.by_name.setdefault(_name_key(name), entry.url)

    def _add_translation(self, entry: Entry) -> None:
        # A link to index.md also leads to index.de.md, if there is no index.md.
        key = _file_key(entry.source)
        plain = re.sub(r"\.[a-z]{2}(?:-[a-z]{2})?$", "", key).removesuffix("/index")
        self.by_file.setdefault(plain, entry.url)

    def find(self, target: Target, origin: Origin) -> Found | None:
        """Return the post or file of a link, or None for a link to another site."""
        written = target.written.strip()
        if written.startswith("#"):
            page = self.by_file.get(_file_key(str(origin.file)), "")
            fitting = self._fit(page, _split_target(written)[1])
            return Found(fragment=fitting) if fitting not in (written, "") else None
        if not written:
            return None
        is_reference = written.startswith(REFERENCE)
        # Docusaurus marks files that it serves as they are, and paths from the site's root.
        written = written.removeprefix(REFERENCE).removeprefix("pathname://").removeprefix("@site")
        if not is_reference and SCHEME.match(written):
            own = self._strip_host(written)
            if own is None:
                return None
            written = own
        path, fragment = _split_target(PELICAN_MARK.sub(_replace_mark, written))
        if is_reference or target.by_name:
            found = self._find_by_name(path, origin)
        else:
            found = self._find_post(path, origin)
        url = found or ("" if target.by_name else self._find_list(path, origin))
        if url:
            return Found(url=url, fragment=self._fit(url, fragment))
        if not path or path.startswith(("?", "/?")):
            return None
        if file := self.find_file(path, origin, by_name=target.by_name):
            return Found(file=file)
        if self._clean(SECTION_FILE.sub("/", path.removeprefix("@"))) == "/":
            return Found(url="/", fragment=fragment)
        return Found(missing=unquote(target.written.removeprefix(REFERENCE)))

    def _find_list(self, path: str, origin: Origin) -> str:
        if not path or path.startswith(("?", "/?")):
            return ""
        path = SECTION_FILE.sub("/", path.removeprefix("@") if path.startswith("@/") else path)
        places = [self._clean(one) for one in (*_old_addresses(path, origin), path)]
        return next((url for one in places if one != "/" and (url := self.locations.find(one))), "")

    def _fit(self, url: str, fragment: str) -> str:
        """Return the fragment under which the blog shows the heading."""
        if len(fragment) < 2 or not self.bodies.get(url):
            return fragment
        if url not in self.anchors:
            self.anchors[url] = anchors.find(self.bodies[url])
        fitting = anchors.fit(unquote(fragment[1:]), self.anchors[url])
        return f"#{quote(fitting, safe=FRAGMENT_SAFE)}"

    def _strip_host(self, url: str) -> str | None:
        split = site_configs.urlsplit_or_none(f"https:{url}" if url.startswith("//") else url)
        if split is None:
            return None
        host = split.netloc.lower().removeprefix("www.")
        if host != self.host and not LOCAL_HOST.fullmatch(host):
            return None
        rest = f"?{split.query}" if split.query else ""
        return (split.path or "/") + rest + (f"#{split.fragment}" if split.fragment else "")

    def _clean(self, path: str) -> str:
        """Return an old address without the path of the site."""
        cleaned = url_paths.normalize_path(path)
        base = self.site.base.lower()
        if base and (cleaned.lower() == base or cleaned.lower().startswith(f"{base}/")):
            cleaned = url_paths.normalize_path(cleaned[len(base) :])
        return cleaned.lower()

    def _find_post(self, path: str, origin: Origin) -> str:
        if path.startswith(("/?", "?")):
            return self.addresses.get(f"/{path.lstrip('/')}".lower(), "")
        if not path:
            return ""
        for place in self._post_places(path, origin):
            if url := self.by_file.get(_file_key(place)):
                return url
        for address in _old_addresses(path, origin):
            for one in (url_paths.normalize_path(address).lower(), self._clean(address)):
                if url := self.addresses.get(one):
                    return url
        return ""

    def _post_places(self, path: str, origin: Origin) -> Iterator[str]:
        roots = [*self.site.folders, self.site.root]
        if path.startswith("@/"):
            yield from (f"{root}/{path[2:]}" for root in roots)
        elif path.startswith("/"):
            base = self.site.base
            paths = [path, path.removeprefix(base)] if base else [path]
            yield from (f"{root}/{one.lstrip('/')}" for root in roots for one in paths)
        else:
            yield f"{origin.file.parent}/{path}"
            # As a browser sees it, if the address of the post ends with a slash.
            yield f"{origin.file.with_suffix('')}/{path}"
            if FILE_SUFFIX.search(path):
                yield from (f"{root}/{path}" for root in roots)

    def _find_by_name(self, path: str, origin: Origin) -> str:
        found = self._find_post(path, origin)
        name = path.strip("/").removesuffix(".md").removesuffix("/index")
        if found or not name:
            return found
        for root in (*self.site.folders, self.site.root):
            for prefix in ("", "_posts/", "posts/", "blog/"):
                if url := self.by_file.get(_file_key(f"{root}/{prefix}{name}")):
                    return url
        category, _, post = name.rpartition("/")
        place = f"{self.site.folders[0]}/{category}/_posts/{post}"
        found = self.by_file.get(_file_key(place), "")
        last = Path(name).name
        return (
            found
            or self.by_name.get(_name_key(last))
            or self.addresses.get(f"/{name}".lower())
            or (self.by_name.get(_name_key(dates.split_name(last)[1]), ""))
        )

    def find_file(self, path: str, origin: Origin, *, by_name: bool = False) -> str:
        """Return the path of the site's file that a link refers to, or an empty string."""
        path = path.split("?")[0].replace("\\", "/")
        for place in self._file_places(path, origin):
            if found := self._accept(place):
                return found
        by_name = by_name or UPLOADS in path
        found = self._find_among_files(path, by_name)
        if not found and (full := SIZE.sub("", path)) != path:
            return self.find_file(full, origin, by_name=by_name)
        return found

    def _file_places(self, path: str, origin: Origin) -> Iterator[Path]:
        folder = origin.file.parent
        names = [path] if path == unquote(path) else [path, unquote(path)]
        for name in names:
            bare = self._without_base(name).lstrip("/")
            if not name.startswith(("/", "~", "@")):
                yield folder / name
                # Hexo keeps the files of a post in a folder of its name.
                yield folder / origin.file.stem / name
            for inside in _without_alias(bare):
                for root in dict.fromkeys((self.site.root, *self.site.folders)):
                    yield from (root / place / inside for place in FILE_FOLDERS)
            for address in _old_addresses(name, origin):
                yield from self._places_by_address(address)

    def _without_base(self, path: str) -> str:
        base = f"{self.site.base}/"
        return path.removeprefix(base) if base != "/" and path.startswith(base) else path

    def _places_by_address(self, path: str) -> Iterator[Path]:
        """Yield where the generator found a file that it served below the address of a post."""
        above, _, name = path.rpartition("/")
        source = self.sources.get(self.addresses.get(self._clean(above), ""))
        if source:
            yield from (source.parent / name, source.with_suffix("") / name)

    def _accept(self, place: Path) -> str:
        try:
            if not place.is_file():
                return ""
            # A link must not publish a private file, nor the source of another post.
            suffix = place.suffix.lower()
            if PRIVATE_FILE.fullmatch(place.name) or suffix in MARKDOWN_SUFFIXES:
                return ""
            if suffix in SOURCE_SUFFIXES and self.site.generator in ("hugo", "pelican"):
                return ""
            if any(
                part.startswith(".") and part != ".."
                for part in place.parts[len(self.site.root.parts) :]
            ):
                return ""
            return str(place.resolve())
        except (OSError, ValueError):
            return ""

    def _find_among_files(self, path: str, by_name: bool) -> str:
        plain = normalize("NFC", self._without_base(unquote(path)).lower())
        wanted = [part for part in plain.split("/") if part not in ("", ".", "..")]
        if not wanted:
            return ""
        found = self._files.get(wanted[-1], [])
        end = "/" + "/".join(wanted)
        fitting = [
            file for file in found if normalize("NFC", file.as_posix().lower()).endswith(end)
        ] or (found if by_name else [])
        is_certain = len(fitting) == 1 or len(wanted) > 1 or by_name
        return self._accept(fitting[0]) if fitting and is_certain else ""

    @cached_property
    def _files(self) -> dict[str, list[Path]]:
        """Return the files of the site by their name in lower case."""
        found: dict[str, list[Path]] = {}
        count = 0
        for top in dict.fromkeys((self.site.root, *self.site.folders)):
            for folder, names, files in os.walk(top):
                names[:] = sorted(
                    name
                    for name in names
                    if not name.startswith(".")
                    and (name == "public" or name.lower() not in SKIPPED_FOLDERS)
                )
                for name in files:
                    count += 1
                    place = Path(folder, name)
                    known = found.setdefault(normalize("NFC", name.lower()), [])
                    if place not in known and contains(self.site, place):
                        known.append(place)
                if count > MAX_FILES:
                    return found
        return found


def _guess_host(entries: list[Entry], addresses: Mapping[str, str]) -> str:
    """Return the host to which posts link as if it were theirs, if no setting names it."""
    found: dict[str, set[str]] = {}
    for entry in entries:
        for host, path in ABSOLUTE.findall(entry.body):
            address = url_paths.path_from_url(path).lower()
            # Many sites have a page like /about.
            if address.count("/") > 1 and address in addresses:
                found.setdefault(host.lower(), set()).add(address)
    best = max(found, key=lambda host: len(found[host]), default="")
    return best if best and len(found[best]) >= MIN_OWN_LINKS else ""


def _without_alias(path: str) -> list[str]:
    """Return the paths that one with the short name of a folder may stand for."""
    alias = ALIAS.fullmatch(path)
    if alias is None:
        return [path]
    return [alias[2], f"{alias[1]}/{alias[2]}", f"src/{alias[1]}/{alias[2]}"]


def _replace_mark(match: re.Match[str]) -> str:
    if match[1] in ("tag", "category", "author"):
        return f"/{match[1]}/"
    return "/" if match[1] == "index" else ""


def _split_target(written: str) -> tuple[str, str]:
    """Split a target into its path and its fragment, which begins with #."""
    path, hash_, fragment = written.partition("#")
    if not path.startswith(("/?", "?")):
        path = path.partition("?")[0]
        path = unquote(path)
    return path, hash_ + quote(unquote(fragment), safe=FRAGMENT_SAFE) if fragment else ""


def _file_key(path: str) -> str:
    """Return a key that all spellings of the file of a post share."""
    path = normalize("NFC", os.path.normpath(path)).lower()
    for suffix in POST_SUFFIXES:
        if path.endswith(suffix):
            path = path[: -len(suffix)]
            break
    return path.removesuffix("/index").replace("\0", "")


def _name_key(name: str) -> str:
    return re.sub(r"[\W_]+", "", normalize("NFC", name[:500]).lower())


def _old_addresses(path: str, origin: Origin) -> Iterator[str]:
    if path.startswith("/"):
        yield path
        return
    if origin.address:
        yield os.path.normpath(f"{origin.address}/{path}")
        yield os.path.normpath(f"{origin.address.rpartition('/')[0]}/{path}")
