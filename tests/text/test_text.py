import json
import random
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it.renderer import RendererHTML

import flaskr
from flaskr import text
from flaskr.text import block_rules
from flaskr.text import excerpts
from flaskr.text import scripts

# From the CommonMark specification 0.31.2, https://spec.commonmark.org, by John MacFarlane,
# under the license CC BY-SA 4.0.
EXAMPLES = json.loads(Path(__file__).with_name("commonmark.json").read_text(encoding="utf-8"))
VOID = {"br", "col", "hr", "img", "input", "source", "track", "wbr"}


def shown(body):
    return text.with_post_id(text.render(body).html, 7)


class Tree(HTMLParser):
    """The elements of HTML as (name, attributes), and nesting errors."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.open, self.errors = [], [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.errors.append(tag)


def found(html, name):
    return [attributes for tag, attributes in Tree(html).elements if tag == name]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["example"])
def test_commonmark_is_rendered(example):
    parser = text.parser()
    # Obsidian shows the note of this name.
    if example["example"] == 590:
        return
    tokens = parser.parse(example["markdown"], {})
    html = RendererHTML().render(tokens, parser.options, {})
    # The only difference is invisible white space in an empty quotation.
    html = html.replace("<blockquote></blockquote>", "<blockquote>\n</blockquote>")
    # GitHub links these URLs and the address.
    if example["example"] in (602, 608, 611, 612):
        html = re.sub("</?a[^>]*>", "", html)
    assert html == example["html"]


@pytest.mark.parametrize(
    ("body", "html"),
    (
        ("test\nbody", "<p>test\nbody</p>"),
        ("", ""),
        (" \n\t\n", ""),
        ("\n" * 200_000, ""),
        ('"It\'s" -- so...', '<p>"It\'s" -- so...</p>'),
        ("~~gone~~", "<p><s>gone</s></p>"),
        ("a\r\nb\rc", "<p>a\nb\nc</p>"),
        ("nul \0, half \ud800", "<p>nul , half</p>"),
        ("3 < 4 & 5 > 2", "<p>3 &lt; 4 &amp; 5 &gt; 2</p>"),
        ("x^[2] stays", "<p>x^[2] stays</p>"),
        ("<b>raw</b> <kbd>Q</kbd>", "<p><b>raw</b> <kbd>Q</kbd></p>"),
        ("<font>a</font> <x-y>b</x-y>", "<p>a b</p>"),
        ("[l](/x)", '<p><a href="/x" rel="noopener">l</a></p>'),
    ),
)
def test_text_appears_as_written(body, html):
    assert shown(body) == html


@pytest.mark.parametrize("other", ("", "“d”\u202e🎉\xa0"))
def test_clean_normalizes_newlines_and_removes_control_characters(other):
    assert text.clean(f"a\r\nb\rc\vd\fe{other}") == f"a\nb\nc\nd\ne{other}"
    controls = "".join(chr(code) for code in (*range(9), *range(14, 32), 127))
    assert text.clean(f"a\t{controls}b{other}") == f"a\tb{other}"
    assert text.clean(f"a\x85b\x80\x9f\ud800\udfff\ufffe\uffff{other}") == f"a\nb{other}"


@pytest.mark.parametrize(
    "body",
    ("&#1; &#x1F; &#xFFFE;", "<b title='&#1;&#x1f;'>&#1;&#11;&#xFFFF;</b>", "# a\x01b", "`\x02`"),
)
def test_rendered_text_has_no_control_characters(body):
    assert not re.search("[\0-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]", text.render(body).html)


@pytest.mark.parametrize(
    ("body", "levels"),
    (
        ("# a\n## b\n###### c", "234"),
        ("## a\n#### b\n#### c\n### d\n## e", "23332"),
        ("#### a\n##### b", "23"),
        ("a\n=\n\nb\n-", "23"),
        ("<h3>a</h3>\n\n#### b", "23"),
        ("## a\n\n> # b", "22"),
        ("<h1><div><h2>a</h2></div></h1>", "23"),
    ),
)
def test_headings_start_below_the_title_and_skip_no_level(body, levels):
    html = shown(body)
    assert "".join(re.findall(r"<h(\d)", html)) == levels
    assert Tree(html).errors == []
    assert "".join(re.findall(r"<h(\d)", excerpts.demote_headings(html))) == "".join(
        str(min(6, int(level) + 1)) for level in levels
    )


def test_a_heading_links_to_itself():
    assert shown("# What's *new*?") == (
        '<h2 id="p7-whats-new"><a class="anchor" href="#p7-whats-new">'
        "What's <em>new</em>?</a></h2>"
    )


def test_a_heading_with_a_link_has_a_separate_anchor():
    anchor = '<a class="anchor" href="#p7-a-b" aria-label="Link to this section"></a>'
    assert f"{anchor}</h2>" in shown("# a [b](/b)")
    assert found(shown("# <abbr>a</abbr>"), "a") == [{"class": "anchor", "href": "#p7-a"}]


def test_equal_headings_get_different_ids():
    ids = [attributes["id"] for attributes in found(shown("# a\n# a\n# a-2\n# !\n# a"), "h2")]
    assert ids == ["p7-a", "p7-a-1", "p7-a-2", "p7-section", "p7-a-3"]


def test_a_heading_keeps_the_authors_id():
    assert [h["id"] for h in found(shown('# One {#x}\n\n<h1 id="y">Two</h1>'), "h2")] == [
        "p7-x",
        "p7-y",
    ]
    assert "{#" not in shown("# One {#x}")


@pytest.mark.parametrize(
    ("link", "target"),
    (
        ("#whats-new", "#p7-whats-new"),
        ("#what-s-new", "#p7-whats-new"),
        ("#Whats_New", "#p7-whats-new"),
        ("#über", "#p7-über"),
        ("#nowhere", "#p7-nowhere"),
        ("#", "#"),
        ("#\ufdd0x%EF%B7%90", "#p7-x"),
    ),
)
def test_links_within_a_post_get_its_id_prefix(link, target):
    html = shown(f'# What\'s new\n\n<i id="über">x</i> <a href="{link}">l</a>')
    assert [a["href"] for a in found(html, "a")][1] == target


def test_ids_contain_the_post_id_and_cannot_be_forged():
    html = shown(
        '<i id="main">a</i> <a name="old">b</a> <i id="p\ufdd08-x">&#xFDD0;</i><i id="a b">'
        '<span id="\ufdd1x"></span><span id="&#xFDD2;y"></span>'
    )
    assert re.findall(r' id="([^"]*)"', html) == ["p7-main", "p7-old", "p7-p8-x", "p7-x", "p7-y"]
    assert not re.search("[\ufdd0-\ufddf]", html)
    assert "\ufdd0" not in text.render("\ufdd0 &#xFDD0; <b>&#64976;</b>").html


def test_an_id_is_used_once():
    assert shown("<i id=a>1</i><i id=a>2</i>").count(" id=") == 1


def test_tables_scroll_and_are_aligned_by_classes():
    html = shown("|a|b|c|d|\n|:-|:-:|-:|-|\n|1|2|3|4|")
    assert html.startswith(
        '<div class="table" role="group" aria-label="Table" tabindex="0"><table>'
    )
    assert html.endswith("</table></div>")
    classes = [cell.get("class") for cell in found(html, "th") + found(html, "td")]
    assert classes == ["align-left", "align-center", "align-right", None] * 2
    assert "style" not in html


def test_task_checkboxes_are_labeled_and_disabled():
    html = shown("- [ ] buy *milk*\n- [x] eat\n- [ ](x) no\n- []\n\n[a]: b")
    assert '<li class="task"><label><input type="checkbox" disabled=""> buy <em>milk' in html
    assert '<input type="checkbox" disabled="" checked=""> eat</label></li>' in html
    assert len(found(html, "input")) == 2


@pytest.mark.parametrize("tasks", ("- [x] a\n\n[x]: /y", "- `[x]` a", "1. [x]a", "[x] a"))
def test_lookalikes_of_tasks_stay_text(tasks):
    assert "<input" not in shown(tasks)


def test_text_fields_are_removed():
    html = shown("<input name=q><input type=text value=x><input type=checkbox checked onclick=x>")
    assert found(html, "input") == [{"type": "checkbox", "disabled": "", "checked": ""}]


def test_footnotes_link_there_and_back():
    html = shown("One[^a] two[^b] one again[^a].\n\n[^a]: First.\n[^b]: Second.\n\n    - more")
    links = {a.get("id"): (a["href"], a["aria-label"]) for a in found(html, "a") if a.get("id")}
    assert links == {
        "p7-fnref1": ("#p7-fn1", "Footnote 1"),
        "p7-fnref2": ("#p7-fn2", "Footnote 2"),
        "p7-fnref1-2": ("#p7-fn1", "Footnote 1"),
    }
    back = [(a["href"], a["aria-label"]) for a in found(html, "a") if a.get("class")]
    assert back[:2] == [
        ("#p7-fnref1", "Back to the text"),
        ("#p7-fnref1-2", "Back to the text (2)"),
    ]
    assert [li["id"] for li in found(html, "li") if li] == ["p7-fn1", "p7-fn2"]
    assert '<div class="footnotes">\n<ol>' in html
    assert "<hr" not in html


@pytest.mark.parametrize(
    ("info", "language"),
    (
        ("python", "python"),
        ("Rust,ignore", "rust"),
        ("{.python .wide}", "python"),
        ("{ .js }", "js"),
        ('python title="x"', "python"),
        ("c++", "c++"),
        ("language-toml", "toml"),
        ("nonsense", "nonsense"),
        ("f&ouml;&ouml;", "föö"),
    ),
)
def test_the_language_of_code_is_recognized(info, language):
    html = shown(f"```{info}\nlet x = 1\n```")
    assert html.startswith(
        f'<pre role="group" aria-label="Code" tabindex="0"><code class="language-{language}">'
    )


def test_code_is_highlighted_with_classes_only():
    html = shown('```python\n\ndef f():  # <b>\n    return "s"\n```')
    assert '<span class="k">def</span>' in html
    assert '<span class="c1"># &lt;b&gt;</span>' in html
    assert "style=" not in html


@pytest.mark.parametrize(
    "code", ("    <b>x", "```\n<b>x\n```", "```nonsense\n<b>x\n```", "```{}\n<b>x\n```")
)
def test_other_code_is_not_highlighted(code):
    assert re.fullmatch(r"<pre[^>]*><code[^>]*>&lt;b&gt;x\n?</code></pre>", shown(code))


@pytest.mark.parametrize(
    ("body", "html"),
    (
        ("<iframe src='//a.b/?x=1&amp;y=2' allow></iframe>", "https://a.b/?x=1&amp;y=2"),
        ('<iframe width=1 data-src="no" src="http://a.b/"></iframe>', "http://a.b/"),
        ("<EMBED type=x SRC=https://a.b/c>", "https://a.b/c"),
        ('<object data="/local.pdf"><param name=x></object>', "/local.pdf"),
        ("<div>\n<iframe\n src = 'https://a.b/'\n></iframe>\n</div>", "https://a.b/"),
    ),
)
def test_an_embed_becomes_a_link(body, html):
    assert f'<a href="{html}" rel="noopener">{html}</a>' in shown(body)


@pytest.mark.parametrize(
    ("body", "page"),
    (
        (
            "<iframe src='https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?si=a'></iframe>",
            "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        ),
        (
            "<iframe src=//player.vimeo.com/video/76979871?h=1></iframe>",
            "https://vimeo.com/76979871",
        ),
        (
            "<iframe src='https://open.spotify.com/embed/track/4uLU6h?utm=1'></iframe>",
            "https://open.spotify.com/track/4uLU6h",
        ),
        ("<script src='https://gist.github.com/a/1f.js'></script>", "https://gist.github.com/a/1f"),
        (
            "<iframe src='https://www.youtube.com/embed/videoseries?list=a'></iframe>",
            "https://www.youtube.com/embed/videoseries?list=a",
        ),
    ),
)
def test_an_embedded_player_becomes_a_link_to_its_page(body, page):
    assert shown(body).startswith(f'<p><a href="{page}" rel="noopener">{page}</a></p>')


def test_an_inline_embed_becomes_an_inline_link():
    assert shown("See <embed src=//a.b> now") == (
        '<p>See <a href="https://a.b" rel="noopener">https://a.b</a> now</p>'
    )


@pytest.mark.parametrize("address", ("javascript:alert(1)", "data:text/html,x", "", " "))
def test_an_unsafe_embed_is_removed(address):
    assert shown(f'a <iframe src="{address}"></iframe> <embed> b') == "<p>a   b</p>"


@pytest.mark.parametrize(
    ("body", "attributes"),
    (
        ("![a *b*](c.png)", {"src": "c.png", "alt": "a b"}),
        ("<img src=c.png width=5 height=x>", {"src": "c.png", "width": "5", "alt": ""}),
        ("<img srcset='a.png 1x, /b 2x'>", {"srcset": "a.png 1x, /b 2x", "alt": ""}),
        ("<img src=a srcset='data:x 1x'>", {"src": "a", "alt": ""}),
        (
            "<img src=' data:image/png;base64,AA=='>",
            {"src": " data:image/png;base64,AA==", "alt": ""},
        ),
    ),
)
def test_images_load_lazily(body, attributes):
    assert found(shown(body), "img") == [{**attributes, "loading": "lazy", "decoding": "async"}]


@pytest.mark.parametrize("source", ("data:image/svg+xml,x", "DA\nTA:text/html,x", "javascript:1"))
def test_an_image_with_an_unsafe_url_becomes_its_alt_text(source):
    assert shown(f'<p><img src="{source}" alt="a cat"></p>') == "<p>a cat</p>"


def test_an_image_title_becomes_a_caption():
    html = shown('![a](b.png "Old & *grey*")')
    assert html.startswith('<figure><img src="b.png" alt="a" loading=')
    assert html.endswith("<figcaption>Old &amp; *grey*</figcaption></figure>")


@pytest.mark.parametrize(
    ("body", "html"),
    (
        ('![a](b "C")\n{: .wide}', '<figure class="wide"><img '),
        ('[![a](b "C")](/d)', '<figure><a href="/d" rel="noopener"><img '),
        ('![a](b.mp3 "C")', '<figure><audio src="b.mp3"'),
        ('![a](b.mp4 "C"){.wide}', '<figure><video src="b.mp4" class="wide"'),
    ),
)
def test_each_kind_of_medium_can_have_a_caption(body, html):
    assert shown(body).startswith(html)
    assert shown(body).endswith("<figcaption>C</figcaption></figure>")
    assert "title=" not in shown(body)


def test_a_picture_among_words_keeps_its_title():
    html = shown('[![a](b "C")](/d) words')
    assert "<figcaption>" not in html
    assert found(html, "img")[0]["title"] == "C"


def test_links_from_thumbnails_to_pictures_stay_in_a_gallery():
    html = shown('[![a](b.png)](/c.JPG) [![d](e.png "F")](/g.png)\n{: .wide}')
    assert html.startswith('<div class="gallery wide"><figure>')
    assert [a["href"] for a in found(html, "a")] == ["/c.JPG", "/g.png"]
    assert [image["src"] for image in found(html, "img")] == ["b.png", "e.png"]


def test_pictures_in_one_paragraph_become_a_gallery():
    html = shown('![a](b.png "C")\n![d](e.png)  \n![f](g.png)')
    assert html.startswith('<div class="gallery"><figure><a href="b.png" rel="noopener"><img src=')
    assert [a["href"] for a in found(html, "a")] == ["b.png", "e.png", "g.png"]
    assert html.count("<figcaption>") == html.count("<figcaption>C</figcaption></figure>") == 1
    assert "title=" not in html


@pytest.mark.parametrize(
    "body",
    (
        "![a](b)\n\n![c](d)",
        "[![a](b)](/e) [![c](d)](/f)",
        "![a](b) and ![c](d)",
        "<p><img srcset='a 1x'><img srcset='b 1x'></p>",
    ),
)
def test_other_pictures_stay_in_their_place(body):
    assert "gallery" not in shown(body)


@pytest.mark.parametrize(
    ("body", "tag", "attributes"),
    (
        ("![a *b*](c.mp4)", "video", {"src": "c.mp4"}),
        ("![a *b*](/media/c.MP3)", "audio", {"src": "/media/c.MP3"}),
        ("![a *b*](c.webm?x#t=5){width=300}", "video", {"src": "c.webm?x#t=5", "width": "300"}),
    ),
)
def test_films_and_recordings_have_a_player(body, tag, attributes):
    html = shown(body)
    assert found(html, tag) == [{**attributes, "preload": "metadata", "controls": ""}]
    assert f'rel="noopener">a b</a></{tag}>' in html


def test_a_film_without_a_description_has_a_link():
    assert ">Open the file</a></video>" in shown("![](a.mp4)")


def test_media_never_play_automatically():
    html = shown('<video src="a.mp4" autoplay poster="javascript:1"></video><audio src=b></audio>')
    assert found(html, "video") == [{"src": "a.mp4", "controls": ""}]
    assert found(html, "audio") == [{"src": "b", "controls": ""}]


@pytest.mark.parametrize(
    "body",
    (
        '<figure>\n<img src="a" alt="">\n<figcaption>b</figcaption>\n</figure>',
        '<details open="">\n<summary>a</summary>\n\nb\n\n</details>',
        '<dl>\n<dt>a</dt>\n<dd lang="de" dir="auto">b</dd>\n</dl>',
        '<ol start="3" reversed="">\n<li value="9">a</li>\n</ol>',
        "<p><ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby></p>",
        '<blockquote cite="https://a.b/">\na\n</blockquote>',
        '<p><abbr title="x">a</abbr> <mark>b</mark> <time datetime="2024">c</time></p>',
        '<p><a href="mailto:a@b">a</a> <a href="xmpp:a@b">b</a> <a href="ircs://c">c</a></p>',
    ),
)
def test_harmless_html_is_kept(body):
    html = re.sub(r' (loading="lazy"|decoding="async"|rel="noopener")', "", shown(body))
    assert html.replace("<p>b</p>", "b").replace("\n", "") == body.replace("\n", "")


def test_only_classes_of_the_renderer_are_kept():
    html = shown('<p class=site><span class="k flash">a</span><a class=anchor>b</a><li class=x>')
    assert [attributes for _, attributes in Tree(html).elements if attributes] == [{"class": "k"}]


@pytest.mark.parametrize(
    "body",
    (
        "</div></article></main></body></html>after",
        "<div><details><p>open",
        "<table><tr><td>open\n\n**x**",
        "<a href=/x>open\n\ntext",
        "<!-- open",
        "<b><i>crossed</b></i>",
        "<h2><div><h2>nested</h2>",
        "<svg><style></svg><p></style>",
        "<ul><li><b>a<li>b",
        '<a title="</div>" href="',
        "<button></p><table><div></table></button>",
    ),
)
def test_a_post_cannot_break_the_page_around_it(body):
    tree = Tree(shown(body))
    assert (tree.open, tree.errors) == ([], [])


@pytest.mark.parametrize("name", ("title", "script", "textarea"))
def test_a_mentioned_tag_does_not_swallow_the_rest(name):
    html = shown(f"The <{name}> tag, </{name[:-1]}> and <{name}> again.\n\nMore.")
    assert f"&lt;{name}&gt; tag" in html
    assert "<p>More.</p>" in html


def test_scripts_and_styles_are_removed_with_their_content():
    body = "a <script>b<!--</script> <style>c</style> d </title> <!-- e --> f"
    assert shown(body) == "<p>a   d   f</p>"


def test_noscript_content_is_shown():
    assert "alt=" in shown('<noscript><img src="chart.png"></noscript>')


PARAGRAPH = "word " * 60 + "\n\n"
VECTORS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script/x>alert(1)</script\n>",
    "<<script>alert(1);//<</script>",
    "<img src=x onerror=alert(1)>",
    "<img src=x:alert(alt) onerror=eval(src) alt=0>",
    '<img """><script>alert(1)</script>">',
    "<img/src=x/onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href=javascript:alert(1)><text>x</text></a></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<math href=javascript:alert(1)>x</math>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>x</details>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)>",
    "<video poster=javascript:alert(1)></video>",
    "<input autofocus onfocus=alert(1)>",
    "<input type=image src=x formaction=javascript:alert(1)>",
    "<form action=javascript:alert(1)><button>x</button></form>",
    "<button formaction=javascript:alert(1)>x</button>",
    "<isindex action=javascript:alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    "<object data=javascript:alert(1)></object>",
    "<embed src=javascript:alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    '<a href=" &#14; javascript:alert(1)">x</a>',
    '<a href="java&#10;script:alert(1)">x</a>',
    '<a href="&#x6A;avascript&colon;alert(1)">x</a>',
    "<a href=vbscript:msgbox(1)>x</a>",
    "<a href=data:text/html;base64,PHNjcmlwdD4=>x</a>",
    '<a href="da\tta:text/html,x">x</a>',
    "[x](javascript:alert(1))",
    "[x](<java script:alert(1)>)",
    "[x](&#106;avascript:alert(1))",
    "<javascript:alert(1)>",
    '![x](x "onerror=alert(1)")',
    '![x" onerror="alert(1)](x)',
    '[x](/y\' "onmouseover=alert(1)")',
    '```x"onload="alert(1)\n```',
    '# x {#a"onclick="alert(1)}',
    "<base href=javascript:/a/>",
    "<link rel=stylesheet href=javascript:alert(1)>",
    '<meta http-equiv=refresh content="0;url=javascript:alert(1)">',
    "<style>@import 'javascript:alert(1)';</style>",
    "<p style=background:url(javascript:alert(1))>x</p>",
    "<blockquote cite=javascript:alert(1)>x</blockquote>",
    "<img srcset='javascript:alert(1) 1x'>",
    "<table background=javascript:alert(1)><tr><td>x</table>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<textarea><img src=x onerror=alert(1)></textarea><img src=x onerror=alert(1)>",
    "<xmp><p title='</xmp><img src=x onerror=alert(1)>'></xmp>",
    "<plaintext><img src=x onerror=alert(1)>",
    "<template><script>alert(1)</script></template>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?xml <img src=x onerror=alert(1)>?>",
    '<a title=\'<iframe src="x\' href="javascript:alert(1)">"></iframe>',
    "[^1]\n\n[^1]: <img src=x onerror=alert(1)>",
    "- [ ] <img src=x onerror=alert(1)>",
    "|<img src=x onerror=alert(1)>|\n|-|",
]
ADDRESSES = {"href", "src", "cite", "poster", "srcset"}


def assert_harmless(html, generated=frozenset()):
    tree = Tree(html)
    assert (tree.open, tree.errors) == ([], [])
    for tag, attributes in tree.elements:
        assert tag not in {"svg", "math"} - generated
        assert tag not in {"script", "style", "iframe", "object", "embed", "form"}
        assert tag not in {"base", "link", "meta", "template", "button", "textarea", "noscript"}
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        for name in ADDRESSES & attributes.keys():
            address = re.sub(r"[\0- ]", "", attributes[name]).lower()
            assert not re.match("javascript|vbscript|data:(?!image/png)", address)


@pytest.mark.parametrize("vector", VECTORS)
def test_scripts_are_removed(vector):
    assert_harmless(shown(vector))
    assert_harmless(shown(f"para {vector} graph\n\n<div>\n{vector}\n</div>"))
    assert_harmless(text.render(f"{vector}\n\n" + PARAGRAPH * 9).excerpt or "")


def test_mixed_attack_vectors_are_removed():
    dice = random.Random(20)  # noqa: S311 - the same mixtures every time, nothing secret
    pieces = [piece for vector in VECTORS for piece in re.split(r"(?=[<>\"'])|\b", vector)]
    for _ in range(300):
        assert_harmless(shown("".join(dice.choices([*pieces, "\n", "\n\n", "`", " "], k=40))))


@pytest.mark.parametrize(
    "body",
    (
        "short",
        "word " * 200,
        PARAGRAPH * 2 + "word " * 90,
        PARAGRAPH + "word " * 180,
        "![](a)\n" * 30,
    ),
)
def test_a_short_or_nearly_complete_text_has_no_excerpt(body):
    assert text.render(body).excerpt is None


@pytest.mark.parametrize(("words", "has_excerpt"), ((58, False), (62, True)))
def test_an_excerpt_leaves_out_three_hundred_characters_or_more(words, has_excerpt):
    body = "w" * 800 + "\n\n" + "\n\n".join(["five."] * words)
    assert (text.render(body).excerpt is not None) == has_excerpt


def test_many_ampersands_in_a_long_text_are_rendered():
    body = ("a & b\n\n" * 20_000)[:80_000]
    assert text.render(body).html.count("&amp;") == body.count("&")


def test_an_excerpt_ends_with_a_paragraph():
    body = "# Part\n\n" + PARAGRAPH * 3 + "cut " * 200
    html = text.with_post_id(text.render(body).excerpt, 7)
    assert html.startswith('<h3 id="p7-part">')
    assert html.count("<p>") == html.count("word</p>") == 2
    assert "cut" not in html


def test_an_excerpt_does_not_end_with_a_heading():
    html = text.render(PARAGRAPH * 2 + "# Heading\n\n***\n\n" + "x " * 5000).excerpt
    assert html.endswith("word</p>")
    assert text.render("# head\n\n" * 900).excerpt.startswith("<h3")


@pytest.mark.parametrize(
    ("block", "end"),
    (
        ("- item of a list\n" * 900, "</li></ul>"),
        ("|a|b|\n|-|-|\n" + "|one|two|\n" * 900, "</tr></tbody></table></div>"),
        ("```\n" + "a &amp; b\n" * 900 + "```", "…</code></pre>"),
        ("<div>\n\n" + PARAGRAPH * 90 + "</div>", "word</p></div>"),
        ("word " * 9000, "…</p>"),
        ("字" * 9000, "字…</p>"),
        ("<br>" + "<i>x</i>" * 2000 + "\n" + "y" * 9000, "…</i></p>"),
    ),
)
def test_a_huge_first_block_is_truncated(block, end):
    html = text.render("# Title\n\n" + block).excerpt
    assert html.endswith(end)
    assert 500 < len(excerpts.strip_tags(html)) < 1600
    assert_harmless(html)


def test_a_huge_later_block_is_omitted():
    html = text.render(PARAGRAPH + "- item of a list\n" * 900).excerpt
    assert html.endswith("word</p>")


def test_raw_text_without_a_tag_is_truncated():
    html = text.render("<x-y>\n" + "word " * 9000).excerpt
    assert html.endswith("word…")


def test_links_of_an_excerpt_to_the_rest_lead_to_the_page():
    body = (
        "# A\n\n[a](#a) [b](#b) x[^1] [c](/c) <a>d</a>\n\n" + PARAGRAPH * 4 + "# B\n\n[^1]: Note."
    )
    html = text.with_post_id(text.render(body).excerpt, 7)
    html = excerpts.link_to_page(html, "/the-post?a&b")
    assert '<a href="#p7-a">a</a> <a href="/the-post?a&amp;b#b">b</a>' in html
    assert '<a href="/c" rel="noopener">c</a> <a>d</a>' in html
    assert '<sup class="footnote-ref"><a href="/the-post?a&amp;b#fn1"' in html


def test_an_excerpt_has_no_footnotes():
    html = text.render("a[^1]\n\n[^1]: " + "word " * 900).excerpt
    assert excerpts.strip_tags(html) == "a1"


@pytest.mark.parametrize(
    ("body", "minutes"),
    (
        ("", 0),
        (" \n", 0),
        ("word", 1),
        ("![](a.png)", 1),
        ("word " * 460, 2),
        ("字" * 1500, 3),
        ("<b title='" + "word " * 900 + "'>x</b>", 1),
    ),
)
def test_reading_time_counts_words_and_cjk_characters(body, minutes):
    assert text.render(body).minutes == minutes


HOSTILE = {
    "quotes": ">" * 100_000,
    "spaced quotes": "> " * 100_000,
    "brackets": "[" * 50_000,
    "closed brackets": "[" * 300 + "]" * 300 + "[a](b)" * 300,
    "notes": "[^" * 50_000 + "\n\n[^1]: a",
    "pictures": "![" * 50_000,
    "emphasis": "*a_ " * 20_000,
    "some emphasis": "*a **a _" * 2000,
    "backticks": "".join("e" + "`" * length for length in range(400)),
    "elements": "<div>" * 100_000,
    "elements in blocks": "<div>\n\n" * 10_000,
    "lists of elements": "<ul><li>" * 10_000,
    "formatting": "<p>" + "".join(f"<b id=x{i}>" for i in range(150)) + "</p>" + "<p>a" * 9000,
    "false ends": "<div a='</div>' =\"><table></div>" * 3000,
    "hidden ends": "<svg><![CDATA[></svg>]]><!--></svg>" * 3000,
    "unfinished": "<iframe a " * 9000,
    "mentioned": "<title>" * 20_000,
    "tasks": "- [ ] a\n" * 2000,
    "lists in lists": "".join("  " * depth + "- a\n" for depth in range(400)),
    "long line": "word " * 200_000,
    "long heading": "# a" + " " * 1_000_000 + "b",
    "long word": "x" * 5_000_000,
    "long text": ("word " * 12 + "\n") * 80_000,
    "newlines": "a" + "\n" * 2_000_000 + "b",
    "blank lines": ("\n" + " " * 1000) * 500,
    "colors": "```c\n" + "\n" * 20_000 + "x\n```",
    "code": "```python\n" + "def f(x): return 1\n" * 10_500 + "```",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_renders_in_time_and_is_safe(body):
    assert_harmless(text.render(body).html)


def test_short_rows_of_wide_tables_are_limited(monkeypatch):
    monkeypatch.setattr(block_rules, "MAX_TOKENS", 1000)
    html = shown(("|a" * 50 + "\n" + "|-" * 50 + "\n" + "a\n" * 10 + "\n") * 5)
    assert html.count("<table>") == 1
    assert html.count("<p>|a|a") == 4


def test_deeply_nested_text_is_shown_unformatted():
    html = text.render("> " * 200 + "deep\n\n<b>").html
    assert html.endswith("&gt; deep</p>\n<p>&lt;b&gt;</p>")


def test_a_text_that_breaks_the_parser_is_shown_unformatted(monkeypatch, caplog):
    monkeypatch.setattr(text, "sanitize", lambda html: 1 / 0)
    assert text.render("*a* & b\n \nc").html == "<p>*a* &amp; b</p>\n<p>c</p>"
    assert "Could not render" in caplog.text


def test_noise_never_raises():
    dice = random.Random(2)  # noqa: S311 - the same noise every time, nothing secret
    letters = "\0\ud800\ufdd0\u202e😀é字&;#x<>/=\"'`*_~[]()!|:-+>\\ \n\n\tab1^{}"
    for _ in range(300):
        assert_harmless(text.render("".join(dice.choices(letters, k=200))).html)


@pytest.mark.parametrize(
    ("title", "slug"),
    (
        ("What's new", "whats-new"),
        ("What\u2019s -- \u201cnew\u201d?", "whats-new"),
        ("2024", "post-2024"),
        ("", "post"),
        ("?!", "post"),
        ("\ud800\0", "post"),
        ("Grüße, Welt", "grusse-welt"),
        ("ゆき", "yuki"),
        ("a" * 300, "a" * 80),
        ("ab " * 40, "ab-" * 26 + "ab"),
        ("1 " * 90 + "a", "post" + "-1" * 38),
        ("x" * 79 + " yz", "x" * 79),
        ("z" * 1_000_000, "z" * 80),
    ),
)
def test_a_title_becomes_a_slug(title, slug):
    assert text.slugify(title) == slug
    assert re.fullmatch(r"(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*", slug)
    assert len(slug) <= 80


@pytest.mark.parametrize(
    ("one", "other"),
    (
        ("Ada", "aDA"),
        ("straße", "STRASSE"),
        (" \uff21da ", "ada"),
        ("e\u0301", "\xc9"),
        ("\ufb01", "FI"),
    ),
)
def test_casefold_keys_ignore_case(one, other):
    assert (
        text.casefold_key(one)
        == text.casefold_key(other)
        == text.casefold_key(text.casefold_key(one))
    )


def test_the_editor_counts_reading_time_in_the_same_way():
    script = Path(flaskr.__file__).with_name("static") / "editor" / "word_count.js"
    speeds = f"words / {text.WORDS_PER_MINUTE} + characters / {text.CJK_CHARS_PER_MINUTE}"
    assert speeds in script.read_text()
    written = re.search(r"CJK = /\[(.*)\]/", script.read_text())[1]
    ranges = re.sub(r"\\u\{?([0-9a-f]+)\}?", lambda match: chr(int(match[1], 16)), written)
    assert ranges == scripts.CJK
