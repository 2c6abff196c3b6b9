import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it.common.normalize_url import normalizeLink

from flaskr import text
from flaskr.text.markdown import parser


def shown(body):
    html = text.with_post_id(text.render(body).html, 7)
    return html.replace(' rel="noopener"', "").removeprefix("<p>").removesuffix("</p>")


def link(url, label=None):
    return f'<a href="{url}">{label or url}</a>'


# The first ones are those of https://github.github.com/gfm/#autolinks-extension-.
@pytest.mark.parametrize(
    ("body", "html"),
    (
        ("www.commonmark.org", link("http://www.commonmark.org", "www.commonmark.org")),
        (
            "Visit www.commonmark.org/help for more.",
            f"Visit {link('http://www.commonmark.org/help', 'www.commonmark.org/help')} for more.",
        ),
        (
            "Visit www.commonmark.org/a.b.",
            f"Visit {link('http://www.commonmark.org/a.b', 'www.commonmark.org/a.b')}.",
        ),
        (
            "(www.google.com/q=(business))+ok",
            f"({link('http://www.google.com/q=(business))+ok', 'www.google.com/q=(business))+ok')}",
        ),
        (
            "(www.google.com/q=(business)))",
            f"({link('http://www.google.com/q=(business)', 'www.google.com/q=(business)')}))",
        ),
        (
            "www.google.com/search?q=commonmark&hl;",
            link("http://www.google.com/search?q=commonmark", "www.google.com/search?q=commonmark")
            + "&amp;hl;",
        ),
        (
            "www.commonmark.org/he<lp",
            link("http://www.commonmark.org/he", "www.commonmark.org/he") + "&lt;lp",
        ),
        ("http://commonmark.org", link("http://commonmark.org")),
        (
            "(Visit https://encrypted.google.com/search?q=Markup+(business))",
            f"(Visit {link('https://encrypted.google.com/search?q=Markup+(business)')})",
        ),
        ("foo@bar.baz", link("mailto:foo@bar.baz", "foo@bar.baz")),
        (
            "hello@mail+xyz.example isn't, but hello+xyz@mail.example is.",
            "hello@mail+xyz.example isn't, but "
            f"{link('mailto:hello+xyz@mail.example', 'hello+xyz@mail.example')} is.",
        ),
        ("a.b-c_d@a.b.", link("mailto:a.b-c_d@a.b", "a.b-c_d@a.b") + "."),
        ("a.b-c_d@a.b-", "a.b-c_d@a.b-"),
        ("a.b-c_d@a.b_", "a.b-c_d@a.b_"),
        ("http://localhost:8080/a_b_c", link("http://localhost:8080/a_b_c")),
        ("**http://a.example**", f"<strong>{link('http://a.example')}</strong>"),
        ("[http://a.example](/b)", link("/b", "http://a.example")),
        ('<a href="/b">http://a.example</a>', link("/b", "http://a.example")),
        ("`http://a.example` xhttp://a.example", "<code>http://a.example</code> xhttp://a.example"),
        (
            "见http://a.example/路。见",
            f"见{link('http://a.example/%E8%B7%AF', 'http://a.example/路')}。见",
        ),
        (
            "http://a_b.example http:// www.a xwww.a.example",
            "http://a_b.example http:// www.a xwww.a.example",
        ),
        ("[x www.a.example y@a.example](/b)", link("/b", "x www.a.example y@a.example")),
        ("@me@social.example and a@b", "@me@social.example and a@b"),
        ("http://a.example;", link("http://a.example") + ";"),
        ("HTTPS://A.EXAMPLE/b", link("HTTPS://A.EXAMPLE/b")),
        ("http://a.example|b", link("http://a.example") + "|b"),
        ("{http://a.example}", "{" + link("http://a.example") + "}"),
        ("“http://a.example/b”", f"“{link('http://a.example/b')}”"),
        ("http://a.example/b…", link("http://a.example/b") + "…"),
        ("http://a.example:99999/", link("http://a.example") + ":99999/"),
        ("http://me:pw@a.example/", link("http://me:pw@a.example/")),
        ("邮箱a@b.example", "邮箱" + link("mailto:a@b.example", "a@b.example")),
        ("http://x/a@b.example", link("http://x/a@b.example")),
        # Those of the newer specification.
        ("ftp://foo.bar.baz.", link("ftp://foo.bar.baz") + "."),
        ("mailto:a.b-c_d@a.b.", link("mailto:a.b-c_d@a.b") + "."),
        ("mailto:a.b-c_d@a.b/", link("mailto:a.b-c_d@a.b") + "/"),
        ("mailto:a.b-c_d@a.b/c", link("mailto:a.b-c_d@a.b") + "/c"),
        ("mailto:a.b-c_d@a.b-", "mailto:a.b-c_d@a.b-"),
        ("mailto:a.b-c_d@a.b_", "mailto:a.b-c_d@a.b_"),
        ("xmpp:foo@bar.baz.", link("xmpp:foo@bar.baz") + "."),
        ("xmpp:foo@bar.baz/txt@bin.com", link("xmpp:foo@bar.baz/txt@bin.com")),
        ("xmpp:foo@bar.baz/txt/bin", link("xmpp:foo@bar.baz/txt") + "/bin"),
        ("[mailto:a@b.c](/b)", link("/b", "mailto:a@b.c")),
        ("_https://a.example_", f"<em>{link('https://a.example')}</em>"),
        ("_www.a.example_", f"<em>{link('http://www.a.example', 'www.a.example')}</em>"),
    ),
)
def test_a_bare_address_becomes_a_link(body, html):
    assert shown(body) == html


@pytest.mark.parametrize(
    ("body", "html"),
    (
        ("==a *b*== ==c=d==", "<mark>a <em>b</em></mark> <mark>c=d</mark>"),
        ("a == b and c == d", "a == b and c == d"),
        ("a ===b=== `==c==`", "a ===b=== <code>==c==</code>"),
        ("H~2~O x^2^", "H<sub>2</sub>O x<sup>2</sup>"),
        ("P~a\\ cat~ 1^st\\^^", "P<sub>a cat</sub> 1<sup>st^</sup>"),
        ("~5 to ~10, x^2 and y^2", "~5 to ~10, x^2 and y^2"),
        ("~~a~~ ~~~b~", "<s>a</s> ~~~b~"),
        (":tada: :+1:", "\U0001f389 \U0001f44d"),
        ("10:30:40 a::b::c :nonsense: `:tada:`", "10:30:40 a::b::c :nonsense: <code>:tada:</code>"),
        ("[==a== :tada: $x$ ^b^](/c)", None),
        ("a==b && c==d, (a==b) || (c==d)", "a==b &amp;&amp; c==d, (a==b) || (c==d)"),
        ("==a\nb== 中文==重点==中文", "<mark>a\nb</mark> 中文<mark>重点</mark>中文"),
        ("x^*a*^ ^[1](/b)^", f"x<sup><em>a</em></sup> <sup>{link('/b', '1')}</sup>"),
        ("^_^ (^o^) ^.^ ^^", "^_^ (^o^) ^.^ ^^"),
        ("~a b~ H~2~O ~~c~~", "<s>a b</s> H<sub>2</sub>O <s>c</s>"),
        ("5~10 and 10~20, 周一~周五、周六~周日", "5~10 and 10~20, 周一~周五、周六~周日"),
        ("~/a and ~/b, ~me/~you", "~/a and ~/b, ~me/~you"),
        ("[~a~](/b)", link("/b", "<s>a</s>")),
        (":x::+1: 中:smile:文 ::smile::", "\u274c\U0001f44d 中\U0001f604文 ::smile::"),
    ),
)
def test_marks_and_emoji_are_recognized(body, html):
    assert html is None or shown(body) == html


# From https://github.com/tats-u/markdown-cjk-friendly, by Tatsunori Uchino, license MIT.
@pytest.mark.parametrize(
    ("body", "html"),
    (
        (
            "**このアスタリスクは強調記号として認識されず、そのまま表示されます。**この文",
            "<strong>{}</strong>この文",
        ),
        ("**该星号不会被识别、而是直接显示。**这是因为", "<strong>{}</strong>这是因为"),
        ("これは**「太字」**です", "これは<strong>「太字」</strong>です"),
        ("**漢字(かな)**です", "<strong>漢字(かな)</strong>です"),
        ("先頭の~~「打消」~~を", "先頭の<s>「打消」</s>を"),
        ("**이 별표는(강조)**이", "<strong>이 별표는(강조)</strong>이"),
        ("a**(b)**c", "a**(b)**c"),
        ("日** 本**", "日** 本**"),
    ),
)
def test_emphasis_works_beside_cjk_punctuation(body, html):
    inner = re.search(r"\*\*(.*)\*\*", body)
    assert shown(body) == (html.format(inner[1]) if inner else html)


@pytest.mark.parametrize(
    ("body", "html"),
    (
        ("a %%hidden\nwords%% b", "a  b"),
        ("%%\nhidden\n\nwords\n%%\n\na", "a"),
        ("100%% of %%d and %%s", "100%% of %%d and %%s"),
        ("%%time", "%%time"),
        ("% time", "% time"),
        ("%%\na\n%%\n\n%%\nb\n%%\n\nc", "c"),
        ("c\n%%b\n\na%%", "c\n%%b</p>\n<p>a%%"),
        ("> %%\n> a\n\nb%%", None),
        ("%%a\n\nb", "%%a</p>\n<p>b"),
        ("a\n\n%%b\n\nc %%d%%\n\ne", "a</p>\n<p>e"),
        ("- %%\n  a\n\nb\n\nc%%", None),
    ),
)
def test_comments_of_obsidian_are_hidden(body, html):
    assert shown(body) == html if html else "a" in shown(body)


def test_a_footnote_can_be_in_the_text():
    html = shown("a^[One *b* ^[c]]")
    assert '<sup class="footnote-ref">' in html
    assert "<p>One <em>b</em> ^[c] <a " in html
    assert shown("x^[2] stays") == "x^[2] stays"


@given(
    host=st.from_regex(r"https?://[a-z0-9.-]{1,12}\.[a-z-]{1,6}", fullmatch=True),
    rest=st.text("/?#&=._~+-:;@%[](aZ9é ", max_size=12),
)
def test_urls_are_encoded_as_the_parser_does(host, rest):
    assert parser().normalizeLink(host + rest) == normalizeLink(host + rest)
