"""Tell posts from pages, and both from documents that are neither."""

import re
from pathlib import Path

from ..errors import AppError
from . import dates
from . import inheritance
from . import post_metadata
from .front_matter import Parts
from .post_metadata import Fields
from .sites import POST_FOLDERS
from .sites import Site

PROJECT_FILE = re.compile(
    r"(?i)(?:readme|license|licence|copying|notice|changelog|changes|history|contributing|"
    r"contributors|code[_-]of[_-]conduct|security|support|governance|maintainers|authors|agents|"
    r"claude|gemini|copilot-instructions|skill|todo|pull_request_template|issue_template|"
    r"bug_report|feature_request|translating|summary)(?:[._-][a-z]{2}(?:-[a-z]{2})?)?"
    r"\.(?:md|mdx|markdown|html?)"
)
LIST_NAMES = frozenset(
    "search archive archives tags tag categories category topics sitemap 404 403 500 feed rss atom "
    "robots offline blog posts series redirects authors index_of".split()
)
LIST_LAYOUTS = frozenset(
    "search archive archives tags tag categories category home index list blog blogs posts 404 "
    "redirect redirected sitemap feed rss terms taxonomy tag-list category-list taglist tagcloud "
    "categorylist home-page homepage paginate friends timeline".split()
)
PAGE_LAYOUTS = frozenset("page pages about static single-page contact splash".split())
PAGE_FOLDERS = frozenset("page pages _pages".split())
PAGE_NAMES = frozenset(
    "about about-me aboutme contact impressum imprint privacy privacy-policy datenschutz legal "
    "terms cookies colophon now uses cv resume faq bio disclaimer credits".split()
)
# Collections of Astro and others with data, of which some pages show a part.
DATA_COLLECTIONS = frozenset(
    "author authors people person team members speakers testimonials settings navigation".split()
)
POST_GENERATORS = frozenset(("jekyll", "hexo"))
LAYOUT_FIELDS = ("layout", "template", "type", "pagetype")
# Pages like these are filled by the generator.
FILLED = re.compile(r"\{%-?\s*(?:for|include|paginate|render)\b|\{\{-?\s*content\b|\bpaginator\.")
MIN_WORDS = 60
WORDS = re.compile(r"\w{2,}")
TEMPLATE_MARKUP = re.compile(r"\{%(?:(?!\{%).)*?%\}|\{\{(?:(?!\{\{).)*?\}\}|<[^<>]*>")


class NotAPost(AppError):
    """The file is not a post; the message is a short reason."""


def check(fields: Fields, parts: Parts, file: Path, site: Site) -> None:
    """Raise `NotAPost` with the reason if the file is neither a post nor a page.

    `fields` are the file's own fields and the inherited ones.
    """
    has_title = bool(post_metadata.first(fields, "title"))
    if reason := _reason(fields, parts, file, site):
        raise NotAPost(reason)
    if not parts.body.strip() and not has_title:
        raise NotAPost("no title and no text")


def _reason(fields: Fields, parts: Parts, file: Path, site: Site) -> str:
    stem = file.stem.partition(".")[0].lower()
    is_dated = _is_dated(fields, file)
    if file.name.startswith("_index."):
        return "the page of a section"
    if PROJECT_FILE.fullmatch(file.name) and not is_dated:
        return "a document of the project"
    if "redirect_to" in fields or "redirectto" in fields:
        return "a redirect"
    if inheritance.is_bundle_resource(file, site):
        return "a file of the post in the same folder"
    if "excalidraw-plugin" in fields:
        return "a drawing"
    if inheritance.is_headless(fields, file):
        return "a bundle that is no page of its own"
    if _is_html(file) and not parts.is_marked:
        return "no front matter"
    if is_in_post_folder(file, site):
        return ""
    if not parts.is_marked and site.generator in POST_GENERATORS:
        return "no front matter"
    name = file.parent.name.lower() if stem == "index" else stem
    is_list = bool(_layouts(fields) & LIST_LAYOUTS) or stem in LIST_NAMES or "pagination" in fields
    if is_list and name not in PAGE_NAMES and _is_short(parts.body, is_dated):
        return "a page that lists posts"
    if _is_filled(parts.body, site) and _is_short(parts.body, is_dated):
        return "a page that the generator fills"
    if stem == "index" and file.parent in site.folders and not _has_words(parts.body):
        return "the front page"
    return ""


def _is_dated(fields: Fields, file: Path) -> bool:
    found = post_metadata.find_value(fields, "date", "pubdate", "pubdatetime", "published")
    is_written = found is not None and not post_metadata.is_true(found)
    return is_written or dates.split_name(file.stem)[0] is not None


def _is_html(file: Path) -> bool:
    return file.suffix.lower() in (".html", ".htm")


def _layouts(fields: Fields) -> set[str]:
    plain = post_metadata.plain_names(fields)
    found = (post_metadata.text(plain.get(name)).lower() for name in LAYOUT_FIELDS)
    return {re.sub(r"\.(?:html|njk|liquid|astro)$", "", name).rpartition("/")[2] for name in found}


def _is_beside_posts(file: Path) -> bool:
    """Return True for a file in a folder of pages that is next to one of posts."""
    above = [one.parent for one in list(file.parents)[:4] if one.name.lower() in PAGE_FOLDERS]
    return any((one / name).is_dir() for one in above for name in ("posts", "post", "_posts"))


def is_in_post_folder(file: Path, site: Site) -> bool:
    """Return True if the file is in a folder that only holds posts and drafts."""
    return any(part in POST_FOLDERS for part in site.relative(file).parts[:-1])


def _is_short(body: str, is_dated: bool) -> bool:
    """Return False if there is a text of its own, of which one with a date needs not much."""
    words = len(WORDS.findall(TEMPLATE_MARKUP.sub("", body)))
    return words == 0 if is_dated else words < MIN_WORDS


def find_data_collection(file: Path, site: Site) -> str:
    """Return the folder of data that the file is in, or an empty string."""
    if site.generator not in ("astro", "gatsby", "next"):
        return ""
    folders = (*site.relative(file).parts[:-1][:1], site.content_folder(file).name)
    return next((name for name in folders if name.lower() in DATA_COLLECTIONS), "")


def is_documentation(file: Path, site: Site, *, is_dated: bool) -> bool:
    """Return True for a document of Docusaurus, or one of Starlight without a date."""
    if site.generator == "astro":
        folders = (*site.relative(file).parts[:1], site.content_folder(file).name)
        return not is_dated and "docs" in folders
    return site.generator == "docusaurus" and site.content_folder(file).name == "docs"


def _is_filled(body: str, site: Site) -> bool:
    if site.generator not in ("jekyll", "eleventy", "hexo"):
        return False
    return FILLED.search(body) is not None


def _has_words(body: str) -> bool:
    return WORDS.search(body) is not None


def page_paths(site: Site) -> list[str]:
    """Return the folders and files of Pelican's pages, below its content."""
    return post_metadata.texts(site.config, "page_paths", "page_dir") or ["pages"]


def is_below(file: Path, places: list[str], site: Site) -> bool:
    """Return True if the file is one of these places below the content, or in one of them."""
    return any(site.relative(file).is_relative_to(place.strip("/")) for place in places)


def is_page(fields: Fields, file: Path, site: Site, *, is_dated: bool) -> bool:
    """Return True for a page outside of the lists of posts, like `about.md`."""
    relative = site.relative(file)
    folders = [part.lower() for part in relative.parts[:-1]]
    if is_in_post_folder(file, site):
        return False
    if _layouts(fields) & PAGE_LAYOUTS or is_documentation(file, site, is_dated=is_dated):
        return True
    if not PAGE_FOLDERS.isdisjoint(folders[:2]) or (
        site.generator in ("astro", "docusaurus") and (site.root / "src" / "pages") in file.parents
    ):
        return not is_dated or _is_beside_posts(file)
    if site.generator == "pelican" and is_below(file, page_paths(site), site):
        return True
    if site.generator in POST_GENERATORS:
        return not folders[:1] or not folders[0].startswith("_")
    if is_dated:
        return False
    name = file.parent.name if file.stem.partition(".")[0] == "index" and folders else file.stem
    is_top = len(folders) - (file.stem.partition(".")[0] == "index") <= 0
    if name.partition(".")[0].lower() in PAGE_NAMES:
        return True
    return is_top and site.generator in ("hugo", "zola", "eleventy")
