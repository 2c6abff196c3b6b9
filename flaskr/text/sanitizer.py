"""Sanitize the HTML that authors write."""

import functools
import html
import re
from collections.abc import Iterator

import nh3


def _split_names(text: str) -> frozenset[str]:
    return frozenset(text.split())


SCHEMES = {"ftp", "http", "https", "mailto", "tel", "xmpp", "irc", "ircs"}
TAGS = _split_names(
    "a abbr address audio b bdi bdo blockquote br caption cite code col colgroup dd del details "
    "dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img input ins kbd label li mark ol "
    "p picture pre progress q rp rt ruby s samp section small source span strong sub summary sup "
    "table tbody td tfoot th thead time tr track u ul var video wbr"
)
ATTRIBUTES = {
    tag: _split_names(names)
    for tag, names in {
        "*": "id title dir lang class",
        "a": "href hreflang name aria-label",
        "audio": "src loop muted preload",
        "blockquote": "cite",
        "col": "span",
        "colgroup": "span",
        "del": "cite datetime",
        "details": "open",
        "img": "src alt width height srcset sizes",
        "input": "type checked",
        "ins": "cite datetime",
        "li": "value",
        "ol": "start reversed type",
        "progress": "value max",
        "q": "cite",
        "source": "src srcset sizes media type width height",
        "td": "colspan rowspan",
        "th": "colspan rowspan scope abbr",
        "time": "datetime",
        "track": "src kind srclang label default",
        "video": "src poster width height loop muted preload playsinline",
    }.items()
}
# Only classes that the renderer writes or that style text, so that posts cannot imitate parts of
# the page.
TEXT_CLASS = re.compile(
    "center|left|lead|no_toc|right|small|smallcaps|underline|unlisted|unnumbered|wide|w-[1-9][0-9]0?"
)
CLASSES = {
    "a": re.compile(r"footnote-back"),
    "code": re.compile(r"language-[\w.+#-]{1,40}"),
    "details": re.compile(r"callout|caution|important|note|tip|warning"),
    "div": re.compile(r"callout|caution|footnotes|important|note|tip|warning"),
    "li": re.compile(r"task"),
    "p": re.compile(r"callout-title"),
    "span": re.compile(r"[a-z][a-z0-9]{0,2}"),
    "sup": re.compile(r"footnote-ref"),
    "td": re.compile(r"align-(left|center|right)"),
    "th": re.compile(r"align-(left|center|right)"),
}
WEB_URL = re.compile(r"https?:|(?![a-z][a-z0-9+.-]*:)", re.I)
# Feeds make each URL in it absolute, which lengthens it.
MAX_SRCSET_CHARS = 4000
MAX_CLASSES = 20
CONTROL_CHARS = re.compile("[\0-\x20]+")
IMAGE_DATA_URL = re.compile(r"data:image/(png|gif|jpe?g|webp|avif);base64,[\w+/=%-]*", re.I)


def sanitize(text: str) -> str:
    """Remove everything unsafe from the HTML, and close every element."""
    return _cleaner().clean(text)


@functools.cache
def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_filter_attribute,
        clean_content_tags={"script", "style"},
        link_rel=None,
        url_schemes=SCHEMES | {"data"},
    )


def _filter_attribute(tag: str, name: str, value: str) -> str | None:
    if name == "class":
        known = CLASSES.get(tag, TEXT_CLASS)
        names = value.split()[:MAX_CLASSES]
        found = [one for one in names if known.fullmatch(one) or TEXT_CLASS.fullmatch(one)]
        return " ".join(found) or None
    address = CONTROL_CHARS.sub("", value)
    allowed = True
    if name in ("id", "name"):
        allowed = bool(re.fullmatch(r"[^\s#]{1,100}", value))
    elif name in ("width", "height", "colspan", "rowspan", "span"):
        allowed = bool(re.fullmatch(r"[1-9][0-9]{0,3}", value))
    elif name == "srcset":
        allowed = len(value) <= MAX_SRCSET_CHARS and all(map(WEB_URL.match, address.split(",")))
    elif name in ("cite", "poster"):
        allowed = bool(WEB_URL.match(address))
    elif name in ("href", "src") and address[:5].lower() == "data:":
        allowed = tag == "img" and bool(IMAGE_DATA_URL.fullmatch(address))
    return value if allowed else None


# Pages for frames, and the pages that they are made of.
PLAYERS = (
    (re.compile(r"https://www\.youtube(?:-nocookie)?\.com/embed/(?!videoseries)([\w-]{11})(?![\w-]).*"),
     r"https://www.youtube.com/watch?v=\1"),
    (re.compile(r"https://player\.vimeo\.com/video/(\d{1,12})(?!\d).*"), r"https://vimeo.com/\1"),
    (re.compile(r"https://open\.spotify\.com/embed/(\w{1,20}/\w{1,40})\b.*"),
     r"https://open.spotify.com/\1"),
    (re.compile(r"(https://gist\.github\.com/[\w-]{1,40}/\w{1,40})\.js(?:\?.*)?"), r"\1"),
)  # fmt: skip
GIST = re.compile(r"""<script\s[^<>]{0,200}?(src=["']?https://gist\.github\.com/)""", re.I)
EMBED = re.compile(r"""<(?:iframe|embed|object)\b((?>(?:[^<>"']|"[^"<]*"|'[^'<]*')*))>""", re.I)
EMBED_END = re.compile(r"</(?:iframe|embed|object)\s*>", re.I)
EMBED_URL = re.compile(
    r"""(?<![^\s"'/])(?:src|data)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.I
)


def replace_embeds(raw: str, block: bool) -> str:
    """Replace each embedded page in raw HTML with a link to it."""
    if "gist.github.com" in raw:
        raw = GIST.sub(r"<embed \1", raw)
    return EMBED_END.sub("", EMBED.sub(functools.partial(_replace_embed, block), raw))


def _replace_embed(block: bool, embed: re.Match[str]) -> str:
    if not embed[1].strip():
        # It may be the name of a type, as in `List<object>`.
        return embed[0]
    found = EMBED_URL.search(embed[1])
    address = next(filter(None, found.groups()), "") if found else ""
    address = CONTROL_CHARS.sub("", html.unescape(address))
    if address.startswith("//"):
        address = "https:" + address
    if not address or not WEB_URL.match(address):
        return ""
    for player, page in PLAYERS:
        address = player.sub(page, address)
    link = f'<a href="{html.escape(address)}">{html.escape(address)}</a>'
    return f"<p>{link}</p>" if block else link


# All elements of HTML, among them former ones.
HTML_TAGS = TAGS | _split_names(
    "acronym applet area article aside base basefont bgsound big blink body button canvas center "
    "content data datalist dialog dir embed fencedframe fieldset font footer form frame frameset "
    "head header hgroup html iframe image isindex keygen legend link listing main map marquee "
    "math menu menuitem meta meter multicol nav nextid nobr noembed noframes noscript object "
    "optgroup option output param plaintext portal rb rtc script search select shadow slot spacer "
    "strike style svg template textarea title tt xmp"
)
END_TAG = re.compile(r"</([a-z][a-z0-9-]*+)", re.I)
TAG_NAME = re.compile(r"<(/?)([a-z][a-z0-9-]*+)(\s*/?>)?", re.I)
# Elements that often have no end tag.
UNCLOSED_TAGS = _split_names(
    "area base br col colgroup dd dt embed hr img input li link meta option p param rp rt source "
    "tbody td tfoot th thead tr track wbr"
)
# Elements whose names are as short as those of types, as in `Vec<U>`.
LETTERS = frozenset("abiqsu")


class UnknownTags:
    """Escapes the tags in the raw HTML of a body that are no elements, such as `<T>` in `Vec<T>`.

    Drawings and formulas in the body have elements of their own. A name with a hyphen is an element
    if the body has its end tag; so is one letter, one such as `Image`, or one after a letter, as in
    `List<object>`.
    """

    def __init__(self, body: str) -> None:
        self.has_others = "<svg" in body or "<math" in body
        self.ended = {name.lower() for name in END_TAG.findall(body)}

    def escape(self, raw: str, before: str = "") -> str:
        """Return raw HTML, which follows a character, with those tags as text."""
        if self.has_others:
            return raw

        def escape_tag(tag: re.Match[str]) -> str:
            last = raw[tag.start() - 1] if tag.start() else before
            is_element = self._is_element(tag[2], bool(tag[1]), bool(tag[3]), last)
            return tag[0] if is_element else f"&lt;{tag[0][1:]}"

        return TAG_NAME.sub(escape_tag, raw)

    def _is_element(self, name: str, is_end: bool, is_bare: bool, before: str) -> bool:
        lowered = name.lower()
        if lowered not in HTML_TAGS:
            return "-" in name and lowered in self.ended
        if is_end or not is_bare or lowered in self.ended:
            return True
        is_type = before.isalnum() or before in ("<", "_")
        if len(name) == 1:
            return lowered not in LETTERS and not (is_type and name.isupper())
        if name[0].isupper() and not name.isupper():
            return lowered in ("br", "hr")
        return lowered in UNCLOSED_TAGS or not is_type


class TooDeeplyNested(Exception):
    """Raised when a parser would take too long because so many elements are open."""


MAX_DEPTH = 200
MAX_SPREAD_CHARS = 1_000_000
MAX_UNFINISHED = 100
# Elements with special parsing rules. Under another name the sanitizer removes them as well.
RENAMED_TAGS = re.compile(r"frameset|math|noscript|plaintext|select|svg|template")
TEXT_ONLY_TAGS = _split_names("iframe noembed noframes script style textarea title xmp")
# Void elements, and elements that cannot be nested directly in others of their kind.
UNNESTABLE = _split_names(
    "area base basefont bgsound body br caption col colgroup dd dt embed frame head hr html image "
    "img input keygen li link meta p param source tbody td tfoot th thead tr track wbr"
)
FORMATTING_TAGS = _split_names("a b big code em font i nobr s small strike strong tt u")
SCOPE_TAGS = _split_names("applet button marquee object table")
BLOCK_TAGS = SCOPE_TAGS | _split_names(
    "address article aside blockquote center details dialog dir div dl fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hgroup listing main menu nav ol pre search section "
    "summary ul"
)
# Comments and tags exactly as the HTML standard defines them, matched in linear time.
COMMENT = r"<!--(?:-?>|.*?(?:--!?>|\Z))|<(?:[!?]|/(?![a-z]))[^>]*+(?:>|\Z)"
VALUE = r"""(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^ \t\n\f\r>]*+)"""
ATTRIBUTE = rf"[^ \t\n\f\r/>][^ \t\n\f\r/>=]*+(?>(?:[ \t\n\f\r]*+=[ \t\n\f\r]*+{VALUE})?)"
TAG = rf"<(?P<end>/?)(?P<name>[a-z][^ \t\n\f\r/>]*+)(?>(?:[ \t\n\f\r/]++|{ATTRIBUTE})*)(?:>|\Z)"
MARKUP = re.compile(f"{COMMENT}|{TAG}", re.I | re.S)


def limit_nesting(text: str) -> str:
    """Neutralize HTML with special parsing rules. Raises `TooDeeplyNested`.

    An HTML parser takes quadratic time for elements nested a hundred thousand deep. It also
    repeats open formatting elements, with their attributes, in each block. This function keeps
    the same stack of open elements as a parser would, or a deeper one, and limits both.

    Counting start tags would save fifty lines, but is too coarse: parsing is fast for 10,000
    nested elements, and 18 KB of highlighted code alone have 11,000.
    """
    out: list[str] = []
    stack: list[tuple[str, int]] = []
    spread = 0
    for piece, name, end in _split_tags(text):
        out.append(piece)
        if name and name not in FORMATTING_TAGS:
            spread += sum(chars for one, chars in stack if one in FORMATTING_TAGS)
        if end:
            _close_element(stack, name)
        elif name and name not in UNNESTABLE:
            stack.append((name, len(piece)))
        if len(stack) > MAX_DEPTH or spread > MAX_SPREAD_CHARS:
            raise TooDeeplyNested
    return "".join(out)


def _split_tags(text: str) -> Iterator[tuple[str, str, str]]:
    start = position = 0
    endless: set[str] = set()
    unfinished = 0
    while match := MARKUP.search(text, position):
        position = match.end()
        name = (match["name"] or "").lower()
        if name and text[position - 1] != ">":
            unfinished += 1
            if unfinished > MAX_UNFINISHED:
                raise TooDeeplyNested
            yield text[start : match.start()] + "&lt;", "", ""
            start = position = match.start() + 1
        elif name in TEXT_ONLY_TAGS:
            yield text[start : match.start()], "", ""
            close = None
            if not match["end"] and name not in endless:
                close = re.compile(rf"</{name}(?=[ \t\n\f\r/>])", re.I).search(text, position)
            if close and (end := text.find(">", close.end())) >= 0:
                start = position = end + 1
            elif match["end"]:
                start = position
            else:
                endless.add(name)
                yield "&lt;", "", ""
                start = position = match.start() + 1
        elif RENAMED_TAGS.fullmatch(name):
            yield text[start : match.start("name")] + "x-", "x-" + name, match["end"]
            start = match.start("name")
        elif name:
            yield text[start:position], name, match["end"]
            start = position
    yield text[start:], "", ""


def _close_element(stack: list[tuple[str, int]], name: str) -> None:
    names = [one for one, _ in stack]
    if name not in names:
        return
    at = len(names) - 1 - names[::-1].index(name)
    above = names[at + 1 :]
    if SCOPE_TAGS.isdisjoint(above) if name in BLOCK_TAGS else BLOCK_TAGS.isdisjoint(above):
        stack[at:] = [one for one in stack[at + 1 :] if one[0] in FORMATTING_TAGS]
