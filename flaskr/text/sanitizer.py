"""What may pass of the HTML that a person wrote, and what becomes of the rest."""

import functools
import html
import re
from collections.abc import Iterator

import nh3


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


SCHEMES = {"http", "https", "mailto", "tel", "xmpp", "irc", "ircs"}
TAGS = _names(
    "a abbr address audio b bdi bdo blockquote br caption cite code col colgroup dd del details "
    "dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img input ins kbd label li mark ol "
    "p picture pre progress q rp rt ruby s samp section small source span strong sub summary sup "
    "table tbody td tfoot th thead time tr track u ul var video wbr"
)
ATTRIBUTES = {
    tag: _names(names)
    for tag, names in {
        "*": "id title dir lang",
        "a": "href hreflang name class aria-label",
        "audio": "src loop muted preload",
        "blockquote": "cite",
        "code": "class",
        "col": "span",
        "colgroup": "span",
        "del": "cite datetime",
        "details": "open",
        "div": "class",
        "img": "src alt width height srcset sizes",
        "input": "type checked",
        "ins": "cite datetime",
        "li": "value class",
        "ol": "start reversed type",
        "progress": "value max",
        "q": "cite",
        "source": "src srcset sizes media type width height",
        "span": "class",
        "sup": "class",
        "td": "colspan rowspan class",
        "th": "colspan rowspan class scope abbr",
        "time": "datetime",
        "track": "src kind srclang label default",
        "video": "src poster width height loop muted preload playsinline",
    }.items()
}
# Only what the renderer itself writes: the classes of the site's own pages cannot be borrowed.
CLASSES = {
    "a": re.compile(r"footnote-back"),
    "code": re.compile(r"language-[\w.+#-]{1,40}"),
    "div": re.compile(r"footnotes"),
    "li": re.compile(r"task"),
    "span": re.compile(r"[a-z][a-z0-9]{0,2}"),
    "sup": re.compile(r"footnote-ref"),
    "td": re.compile(r"align-(left|center|right)"),
    "th": re.compile(r"align-(left|center|right)"),
}
ADDRESS = re.compile(r"https?:|(?![a-z][a-z0-9+.-]*:)", re.I)
# Each address in it is made whole in feeds.
MAX_SRCSET_CHARS = 4000
IGNORED = re.compile("[\0-\x20]+")
PICTURE = re.compile(r"data:image/(png|gif|jpe?g|webp|avif);base64,[\w+/=%-]*", re.I)


def sanitize(text: str) -> str:
    """The HTML with only what is harmless left in it, every element closed."""
    return _cleaner().clean(text)


@functools.cache
def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_permitted,
        clean_content_tags={"script", "style"},
        link_rel=None,
        url_schemes=SCHEMES | {"data"},
    )


def _permitted(tag: str, name: str, value: str) -> str | None:
    if name == "class":
        value = " ".join(one for one in value.split() if CLASSES[tag].fullmatch(one))
        return value or None
    address = IGNORED.sub("", value)
    allowed = True
    if name in ("id", "name"):
        allowed = bool(re.fullmatch(r"[^\s#]{1,100}", value))
    elif name in ("width", "height", "colspan", "rowspan", "span"):
        allowed = bool(re.fullmatch(r"[1-9][0-9]{0,3}", value))
    elif name == "srcset":
        allowed = len(value) <= MAX_SRCSET_CHARS and all(map(ADDRESS.match, address.split(",")))
    elif name in ("cite", "poster"):
        allowed = bool(ADDRESS.match(address))
    elif name in ("href", "src") and address[:5].lower() == "data:":
        allowed = tag == "img" and bool(PICTURE.fullmatch(address))
    return value if allowed else None


EMBED = re.compile(r"""<(?:iframe|embed|object)\b((?:[^<>"']|"[^"<]*"|'[^'<]*')*+)>""", re.I)
EMBED_END = re.compile(r"</(?:iframe|embed|object)\s*>", re.I)
EMBED_ADDRESS = re.compile(
    r"""(?<![^\s"'/])(?:src|data)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.I
)


def replace_embeds(raw: str, block: bool) -> str:
    """Raw HTML in which each embedded page is a link to its address."""
    return EMBED_END.sub("", EMBED.sub(functools.partial(_link, block), raw))


def _link(block: bool, embed: re.Match[str]) -> str:
    found = EMBED_ADDRESS.search(embed[1])
    address = next(filter(None, found.groups()), "") if found else ""
    address = IGNORED.sub("", html.unescape(address))
    if address.startswith("//"):
        address = "https:" + address
    if not address or not ADDRESS.match(address):
        return ""
    link = f'<a href="{html.escape(address)}">{html.escape(address)}</a>'
    return f"<p>{link}</p>" if block else link


class TooDeeplyNested(Exception):
    """So many elements are left open that sorting them out would take too long."""


MAX_DEPTH = 200
MAX_SPREAD_CHARS = 1_000_000
MAX_UNFINISHED = 100
# Dropped all the same, under a name that has no parsing rules of its own.
RENAMED = re.compile(r"frameset|math|noscript|plaintext|select|svg|template")
TEXT_ONLY = _names("iframe noembed noframes script style textarea title xmp")
# Elements of which none can lie directly in another of its kind, and those that hold nothing.
FLAT = _names(
    "area base basefont bgsound body br caption col colgroup dd dt embed frame head hr html image "
    "img input keygen li link meta p param source tbody td tfoot th thead tr track wbr"
)
FORMATTING = _names("a b big code em font i nobr s small strike strong tt u")
SCOPES = _names("applet button marquee object table")
BLOCKS = SCOPES | _names(
    "address article aside blockquote center details dialog dir div dl fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hgroup listing main menu nav ol pre search section "
    "summary ul"
)
# Exactly as the HTML standard reads a comment and a tag, each in one go to the end at worst.
COMMENT = r"<!--(?:-?>|.*?(?:--!?>|\Z))|<(?:[!?]|/(?![a-z]))[^>]*+(?:>|\Z)"
VALUE = r"""(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^ \t\n\f\r>]*+)"""
ATTRIBUTE = rf"[^ \t\n\f\r/>][^ \t\n\f\r/>=]*+(?:[ \t\n\f\r]*+=[ \t\n\f\r]*+{VALUE})?+"
TAG = rf"<(?P<end>/?)(?P<name>[a-z][^ \t\n\f\r/>]*+)(?:[ \t\n\f\r/]++|{ATTRIBUTE})*+(?:>|\Z)"
MARKUP = re.compile(f"{COMMENT}|{TAG}", re.I | re.S)


def limit_nesting(text: str) -> str:
    """The HTML without what would have a parser leave its common path; raises `Tangled`.

    A parser closes for us what was left open, but needs the square of the time for elements that
    lie a hundred thousand deep. So this follows what it would hold open, never less than that.
    It also writes formatting anew in each block, attributes and all, until it is closed.
    """
    out: list[str] = []
    stack: list[tuple[str, int]] = []
    spread = 0
    for piece, name, end in _tags(text):
        out.append(piece)
        if name and name not in FORMATTING:
            spread += sum(chars for one, chars in stack if one in FORMATTING)
        if end:
            _close(stack, name)
        elif name and name not in FLAT:
            stack.append((name, len(piece)))
        if len(stack) > MAX_DEPTH or spread > MAX_SPREAD_CHARS:
            raise TooDeeplyNested
    return "".join(out)


def _tags(text: str) -> Iterator[tuple[str, str, str]]:
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
        elif name in TEXT_ONLY:
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
        elif RENAMED.fullmatch(name):
            yield text[start : match.start("name")] + "x-", "x-" + name, match["end"]
            start = match.start("name")
        elif name:
            yield text[start:position], name, match["end"]
            start = position
    yield text[start:], "", ""


def _close(stack: list[tuple[str, int]], name: str) -> None:
    names = [one for one, _ in stack]
    if name not in names:
        return
    at = len(names) - 1 - names[::-1].index(name)
    above = names[at + 1 :]
    if SCOPES.isdisjoint(above) if name in BLOCKS else BLOCKS.isdisjoint(above):
        stack[at:] = [one for one in stack[at + 1 :] if one[0] in FORMATTING]
