"""Markdown for the shortcodes and tags of generators and their themes."""

import html
import re
from collections.abc import Callable
from functools import partial
from urllib.parse import quote

from . import code_spans
from .template_tags import OTHERS
from .template_tags import Conversion
from .template_tags import Handler
from .template_tags import Tag

LANGUAGE = re.compile(r"\w[\w+#.-]*")
RAW_TAG = re.compile(r"\{%-?\s*(?:end)?raw\s*-?%\}\n?")
LINK = re.compile(r"\[([^\[\]]{0,300})\]\([^()]{0,500}\)")
MARKUP = re.compile(r"<[^<>]{0,500}>|[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}")
# Themes have more tags for pictures than can be listed: full_width_image, blog-figure …
PICTURE_TAG = re.compile(r"image|img|figure|picture|photo")
IMAGE_FILE = re.compile(r"(?i)[^\s\"']\.(?:png|jpe?g|gif|svg|webp|avif|bmp)")
TARGETS = "src light_src default_src image_path image path url file name filename".split()
# Targets that only the index of all posts can resolve are written with this scheme.
REFERENCE = "x-post:"
SAFE = "/:?#[]@!$&*+,;=%~"
LINKS = {
    "youtube": ("https://www.youtube.com/watch?v={}", "Watch on YouTube"),
    "youtube-lite": ("https://www.youtube.com/watch?v={}", "Watch on YouTube"),
    "youtubelite": ("https://www.youtube.com/watch?v={}", "Watch on YouTube"),
    "yt": ("https://www.youtube.com/watch?v={}", "Watch on YouTube"),
    "vimeo": ("https://vimeo.com/{}", "Watch on Vimeo"),
    "bilibili": ("https://www.bilibili.com/video/{}", "Watch on Bilibili"),
    "codepen": ("https://codepen.io/pen/{}", "Open on CodePen"),
    "jsfiddle": ("https://jsfiddle.net/{}", "Open on JSFiddle"),
    "instagram": ("https://www.instagram.com/p/{}/", "See on Instagram"),
    "spotify": ("https://open.spotify.com/{}", "Listen on Spotify"),
    "soundcloud": ("https://soundcloud.com/{}", "Listen on SoundCloud"),
    "asciinema": ("https://asciinema.org/a/{}", "Watch on asciinema"),
    "iframe": ("{}", ""),
    "embed": ("{}", ""),
}
ALERTS = {
    "note": "NOTE", "info": "NOTE", "abstract": "NOTE", "primary": "NOTE", "default": "NOTE",
    "tip": "TIP", "success": "TIP", "hint": "TIP", "question": "TIP",
    "important": "IMPORTANT", "warning": "WARNING", "attention": "WARNING",
    "caution": "CAUTION", "danger": "CAUTION", "error": "CAUTION", "failure": "CAUTION",
}  # fmt: skip


def encode(target: str) -> str:
    """Return an address or path as it can stand in a Markdown link."""
    return quote(target.strip(), safe=SAFE) if "%" not in target else target.replace(" ", "%20")


def plain(text: str) -> str:
    """Return a caption without markup."""
    return " ".join(html.unescape(MARKUP.sub("", LINK.sub(r"\1", text))).split())


def image(target: str, alt: str = "", caption: str = "", link: str = "") -> str:
    """Return the Markdown of an image, with a caption as its title."""
    alt = plain(alt or caption).replace("[", "\\[").replace("]", "\\]")
    title = plain(caption).replace('"', "&quot;")
    shown = f"![{alt}]({encode(target)}" + (f' "{title}")' if title else ")")
    return f"[{shown}]({encode(link)})" if link else shown


def _figure(tag: Tag, inner: str, _: Conversion) -> str | None:
    target = tag.get(*TARGETS, at=0)
    if not target or "=" in target[:20]:
        return None
    caption = tag.get("caption", "title", "description", "attr") or inner.strip()
    if not caption and tag.kind == "hugo" and tag.values[1:]:
        caption = tag.values[1]
    alt = tag.get("alt", "alt_text") or ("" if tag.named else tag.get(at=1))
    link = tag.get("link", "href")
    return image(target, alt, caption, link if link not in ("true", "false") else "")


def _guess(tag: Tag, inner: str, conversion: Conversion) -> str | None:
    """Convert a tag of a theme that names a picture."""
    target = tag.get(*TARGETS, at=0)
    is_picture = PICTURE_TAG.search(tag.name) and IMAGE_FILE.search(target)
    return _figure(tag, inner, conversion) if is_picture else None


def _include(tag: Tag, inner: str, conversion: Conversion) -> str | None:
    name = re.split(r"[/.]", tag.values[0])[-2:][0] if tag.values else ""
    inside = tag._replace(name=name.lower(), values=tag.values[1:])
    if handler := INCLUDES.get(name.lower().replace("_", "-")):
        return handler(inside._replace(name=tag.name), inner, conversion)
    text = conversion.read_include(tag.name, tag.values[0]) if tag.values else ""
    found = conversion.include(text, tag.named) if text else None
    return _guess(inside, inner, conversion) if found is None else found


def _hexo_image(tag: Tag, _: str, conversion: Conversion) -> str | None:
    """Convert `img [class] URL [width] [height] ["title" "alt"]`, with or without classes."""
    files = [at for at, value in enumerate(tag.values) if IMAGE_FILE.search(value)]
    if not files:
        return _figure(tag, _, conversion)
    at = files[0]
    words = [
        value
        for value in tag.values[at + 1 :]
        if not re.fullmatch(r"\d+(?:%|px|r?em)?|auto", value)
    ]
    # In Eleventy, the widths of the image follow; Hexo may have two texts within one.
    words = words[:1] if conversion.generator == "eleventy" else words
    quoted = re.findall(r"[\"']([^\"']*)[\"']", words[0]) if len(words) == 1 else []
    title = tag.get("title", "caption") or (quoted[-1] if len(quoted) > 1 else " ".join(words))
    return image(tag.values[at], tag.get("alt") or title, tag.get("caption"))


def _link_to(template: str, label: str, tag: Tag, inner: str, _: Conversion) -> str | None:
    value = tag.get("id", "src", "url", "href", "videoid", "video_id", "v", at=0).strip()
    if not value:
        return None
    address = value if value.startswith(("http:", "https:", "/")) else template.format(value)
    return f"[{label or tag.get('title') or address}]({encode(address)})"


def _gist(tag: Tag, *_: object) -> str | None:
    parts = [value for value in tag.values if value] or [tag.get("id", "user")]
    address = (
        "/".join([parts[0], *parts[1:2]])
        if not tag.named.get("user")
        else (f"{tag.named['user']}/{tag.get('id', 'gist')}")
    )
    if not address:
        return None
    return f"[View the code on GitHub](https://gist.github.com/{encode(address)})"


def _tweet(tag: Tag, *_: object) -> str | None:
    user = tag.get("user") or (tag.values[0] if len(tag.values) > 1 else "i")
    number = tag.get("id") or (tag.values[-1] if tag.values else "")
    if number.startswith("http"):
        return f"[See on Twitter]({encode(number)})"
    return (
        f"[See on Twitter](https://twitter.com/{user}/status/{encode(number)})" if number else None
    )


def _highlight(tag: Tag, inner: str, conversion: Conversion) -> str | None:
    if not inner:
        return None
    written = tag.get("lang", "language")
    if not written:
        found = re.search(r"\blang:(\S+)", tag.rest)
        first = tag.values[0] if tag.values else ""
        written = found[1] if found else ("" if tag.name == "codeblock" and "." in first else first)
    language = LANGUAGE.match(written.strip(":"))
    code = RAW_TAG.sub("", conversion.masks.restore(inner)).strip("\n").rstrip()
    return code_spans.make_fence(code, language[0] if language else "")


def _mermaid(tag: Tag, inner: str, conversion: Conversion) -> str | None:
    code = conversion.masks.restore(inner).strip("\n")
    return code_spans.make_fence(code, tag.name) if code.strip() else None


def _alert(kind: str, tag: Tag, inner: str, conversion: Conversion) -> str | None:
    inner = inner.strip() or tag.named.pop("text", "")
    if not inner.strip():
        return None
    written = [value.lower() for value in [*tag.values, *tag.named.values()]]
    name = next((word for value in written for word in value.split() if word in ALERTS), kind)
    title = tag.get("title") or next((value for value in tag.values if " " in value), "")
    lines = [f"**{title}**", ""] if title else []
    lines += conversion.masks.split_lines(inner.strip()).split("\n")
    body = "\n".join(f"> {line}".rstrip() for line in lines)
    return f"\n\n> [!{ALERTS[name]}]\n{body}\n\n"


def _quote(tag: Tag, inner: str, conversion: Conversion) -> str | None:
    if not inner.strip():
        return None
    source = tag.get("author", "source", "cite") or " ".join(tag.values)
    lines = [
        *conversion.masks.split_lines(inner.strip()).split("\n"),
        *(["", f"— {source}"] if source else []),
    ]
    return "\n\n" + "\n".join(f"> {line}".rstrip() for line in lines) + "\n\n"


def _details(tag: Tag, inner: str, _: Conversion) -> str | None:
    if not inner.strip():
        return None
    summary = html.escape(tag.get("summary", "title", "text") or " ".join(tag.values) or "Details")
    return f"\n\n<details><summary>{summary}</summary>\n\n{inner.strip()}\n\n</details>\n\n"


def _toggle(tag: Tag, inner: str, conversion: Conversion) -> str | None:
    """Convert `hideToggle TEXT,background,color` of a theme of Hexo."""
    return _details(tag._replace(values=[tag.rest.partition(",")[0]]), inner, conversion)


def _media(element: str, tag: Tag, *_: object) -> str | None:
    target = tag.get("src", "url", "mp4", "file", at=0)
    provider = tag.get("provider", "type").lower()
    if element == "video" and tag.get("id"):
        template, label = LINKS.get(provider, LINKS["youtube"])
        return _link_to(template, label, tag, "", _)  # type: ignore[arg-type]  # the last argument is unused
    if element == "video" and target and "." not in target:
        return _link_to(*LINKS["youtube"], tag, "", _)  # type: ignore[arg-type]  # the last argument is unused
    return (
        f'<{element} src="{html.escape(encode(target))}" controls></{element}>' if target else None
    )


def _assign(tag: Tag, _: str, conversion: Conversion) -> str:
    """Remember a variable, as far as its value is known."""
    name, _, expression = tag.rest.partition("=")
    value = conversion.variables.output(expression.strip())
    if value is not None:
        conversion.variables.page = {**conversion.variables.page, name.strip().lower(): value}
    return ""


def _tab(tag: Tag, inner: str, _: Conversion) -> str | None:
    title = tag.get("title", "name", "label", "tabname", "header", at=0)
    return f"\n\n**{title}**\n\n{inner.strip()}\n\n" if inner.strip() and title else inner or None


def _formula(tag: Tag, inner: str, _: Conversion) -> str:
    """Convert the formula in a tag, which some themes only use to turn on formulas."""
    formula = inner.strip()
    if not formula or formula.startswith(("$", "\\(", "\\[")):
        return inner
    is_block = "\n" in inner.strip() or "display" in tag.rest
    return f"\n\n$$\n{formula}\n$$\n\n" if is_block else f"${formula}$"


def _label(tag: Tag, inner: str, _: Conversion) -> str:
    return inner or tag.rest.rpartition("@")[2].strip("\"' ")


def _wrap(element: str, tag: Tag, inner: str, _: Conversion) -> str | None:
    content = inner.strip() or tag.get("text", at=0)
    return f"<{element}>{content}</{element}>" if content else None


def _document(tag: Tag, *_: object) -> str | None:
    target = tag.get("src", "url", "file", at=0)
    name = target.rstrip("/").rpartition("/")[2]
    return f"[{name}]({encode(target)})" if target else None


def _table(tag: Tag, inner: str, _: Conversion) -> str | None:
    """Keep a table of Markdown, and link to one in a file."""
    return inner if inner.strip() else _document(tag._replace(values=[tag.get("path", at=0)]))


def _keep_inner(tag: Tag, inner: str, _: Conversion) -> str:
    return inner


def _listed_gallery(tag: Tag, inner: str, conversion: Conversion) -> str | None:
    """Show the pictures that the front matter lists, as a theme of Jekyll does."""
    rows = conversion.variables.page.get(tag.get("id").lower() or "gallery")
    pictures = [
        image(str(row.get("url") or row.get("image_path")), str(row.get("alt") or ""))
        for row in (rows if isinstance(rows, list) else ())
        if isinstance(row, dict) and (row.get("url") or row.get("image_path"))
    ]
    return "\n\n" + "\n".join(pictures) + "\n\n" if pictures else _gallery(tag, inner, conversion)


def _gallery(tag: Tag, inner: str, _: Conversion) -> str | None:
    return inner if inner.strip() else None


def _param(tag: Tag, _: str, conversion: Conversion) -> str | None:
    """Return a parameter of the page, or else of the site, as Hugo does."""
    name = tag.get("name", at=0)
    found = conversion.variables.find(f"page.params.{name}") or conversion.variables.find(
        f"page.{name}"
    )
    found = found or conversion.variables.find(f"site.params.{name}")
    return str(found) if name and isinstance(found, str | int) else None


def _bundle(_: Tag, inner: str, conversion: Conversion) -> str | None:
    """Leave out the style or script that Eleventy moves to the head of the page."""
    return "" if inner and conversion.generator == "eleventy" else None


def _drop(*_: object) -> str:
    return ""


def _reference(tag: Tag, _: str, __: Conversion) -> str | None:
    target = tag.get("path", at=0)
    return REFERENCE + encode(target) if target else None


def _file_target(tag: Tag, _: str, __: Conversion) -> str | None:
    return encode(" ".join(tag.values)) if tag.values else None


def _hexo_link(tag: Tag, _: str, __: Conversion) -> str | None:
    """Convert `link TEXT URL` of Hexo; `link PATH` of Jekyll is the address of a file."""
    address = next((value for value in tag.values if "://" in value), "")
    if not address:
        return REFERENCE + encode("/" + tag.rest.strip(" \"'").lstrip("/"))
    words = tag.values[: tag.values.index(address)]
    return f"[{' '.join(words) or address}]({encode(address)})"


def _post_link(tag: Tag, _: str, __: Conversion) -> str | None:
    if not tag.values:
        return None
    return f"[{' '.join(tag.values[1:]) or tag.values[0]}]({REFERENCE}{encode(tag.values[0])})"


def _asset_link(tag: Tag, *_: object) -> str | None:
    if not tag.values:
        return None
    return f"[{' '.join(tag.values[1:]) or tag.values[0]}]({encode(tag.values[0])})"


def _button(tag: Tag, inner: str, _: Conversion) -> str | None:
    target = tag.get("href", "url", "link", "relref", "cta_link", at=0)
    label = inner.strip() or tag.get("text", "title", "label", "cta_text", at=1) or target
    return f"[{label}]({encode(target)})" if target else None


def _call_url(tag: Tag, *_: object) -> str | None:
    target = tag.get("path", at=0)
    return (REFERENCE if target.startswith("@/") else "") + encode(target) if target else None


def _define() -> dict[str, Handler]:
    found: dict[str, Handler] = {OTHERS: _guess}
    groups: tuple[tuple[str, Handler], ...] = (
        ("figure fig picture photo imgproc resize resize_image responsive-image lightbox", _figure),
        ("image img asset_img imagecap image_figure imgtag inlineimg", _hexo_image),
        ("gist", _gist),
        ("tweet twitter x twitter_simple", _tweet),
        ("highlight codeblock code", _highlight),
        ("mermaid", _mermaid),
        ("blockquote quote pullquote cq centerquote", _quote),
        ("details folding spoiler collapse collapsible expand accordion fold", _details),
        ("hidetoggle hideblock", _toggle),
        ("video mp4 html5video", partial(_media, "video")),
        ("audio mp3", partial(_media, "audio")),
        ("rawhtml raw_html html unsafe center div span lead markdown section column columns "
         "wide_container references force_text_direction crt "
         "grid row nobr filter", _keep_inner),
        ("gallery carousel grouppicture image-gallery image_gallery slider tabs tabpane tabgroup "
         "codetabs code-tabs code_tabs tab-group steps", _gallery),
        ("tab tabitem tab-item step", _tab),
        ("katex math latex mathjax tex", _formula),
        ("label badge typeit underline lightgallery", _label),
        ("pdf pdf-embed embed-pdf embedpdf", _document),
        ("param", _param),
        ("toc tableofcontents table_of_contents more seo ads adsense increment decrement "
         "endraw import cycle br newline paginate icon fa fontawesome", _drop),
        ("css js", _bundle),
        ("assign set", _assign),
        ("ref relref post_url", _reference),
        ("post_path", _reference),
        ("post_link postlink", _post_link),
        ("asset_path", _file_target),
        ("asset_link", _asset_link),
        ("link", _hexo_link),
        ("button btn staticref cta", _button),
        ("table", _table),
        ("include include_cached include_relative render partial", _include),
        ("get_url url_for static relurl absurl", _call_url),
    )  # fmt: skip
    for names, handler in groups:
        found.update(dict.fromkeys(names.split(), handler))
    for name in ("mark", "kbd", "sup", "sub", "u"):
        found[name] = partial(_wrap, name)
    for name, (template, label) in LINKS.items():
        found[name] = partial(_link_to, template, label)
    for name in "notice alert admonition callout box aside notification hint".split():
        found[name] = partial(_alert, "note")
    for name in ALERTS:
        found.setdefault(name, partial(_alert, name))
    return found


HANDLERS = _define()
INCLUDES: dict[str, Callable[..., str | None]] = {
    name.replace("_", "-"): handler
    for name, handler in HANDLERS.items()
    if name not in ("include", "link", "ref", "code", "section", "row", "url")
} | {
    **dict.fromkeys(("image", "img", "post-image"), _figure),
    "video": partial(_media, "video"),
    "gallery": _listed_gallery,
}
