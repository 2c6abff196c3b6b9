import pytest

from flaskr.text import absolute_urls


@pytest.mark.parametrize(
    ("html", "expected"),
    (
        ('<a href="/a?b=1&amp;c">', '<a href="https://x.org/a?b=1&amp;c">'),
        ('<a href="#p1-note">', '<a href="https://x.org/post#p1-note">'),
        ('<a href="other">', '<a href="https://x.org/other">'),
        ('<a href="https://y.org/">', '<a href="https://y.org/">'),
        ('<a href="mailto:a@b.org">', '<a href="mailto:a@b.org">'),
        ('<a href="http://[">', '<a href="http://[">'),
        (
            '<img src="/media/a.png" srcset="/media/a-1.webp 480w, /media/a.png 960w">',
            '<img src="https://x.org/media/a.png"'
            ' srcset="https://x.org/media/a-1.webp 480w, https://x.org/media/a.png 960w">',
        ),
        ('<img srcset=", /a ,">', '<img srcset="https://x.org/a">'),
        ("href=/a", "href=/a"),
        ('<code>&lt;a href="/a"&gt;</code>', '<code>&lt;a href="/a"&gt;</code>'),
        ('<input type="checkbox" disabled=""> a', "☐  a"),
        ('<input type="checkbox" disabled="" checked=""> a', "☑  a"),
        (
            '<img src="/a" alt="see href=" title="b role=" loading="lazy">',
            '<img src="https://x.org/a" alt="see href=" title="b role=" loading="lazy">',
        ),
        ('<pre tabindex="0"><a aria-label="Back" href="/a">', '<pre><a href="https://x.org/a">'),
    ),
)
def test_urls_become_absolute_and_nothing_else_changes(html, expected):
    assert absolute_urls.absolutize_urls(html, "https://x.org/post") == expected


def test_characters_invalid_in_xml_are_removed():
    assert absolute_urls.strip_invalid_xml("a\x01b\x0c\uffff\ud800\té🎉") == "ab\té🎉"


@pytest.mark.parametrize(
    ("url", "expected"),
    (
        ("/", "/blog/"),
        ("/media/a.png", "/blog/media/a.png"),
        ("/blog", "/blog"),
        ("/blog/a", "/blog/a"),
        ("/blog?a", "/blog?a"),
        ("/blogger", "/blog/blogger"),
        ("//evil.example/a", "//evil.example/a"),
        ("/\\evil.example", "/\\evil.example"),
        ("https://x.org/a", "https://x.org/a"),
        ("#p1-note", "#p1-note"),
        ("a", "a"),
        ("", ""),
    ),
)
def test_local_urls_get_the_path_prefix(url, expected):
    assert (
        absolute_urls.prefix_paths(f'<a href="{url}">/</a>', "/blog")
        == f'<a href="{expected}">/</a>'
    )
    assert absolute_urls.prefix_paths(f'<a href="{url}">/</a>', "") == f'<a href="{url}">/</a>'


def test_a_formula_without_a_source_is_left_out_of_feeds():
    assert absolute_urls.absolutize_urls("a <math><mi>x</mi></math> b", "https://x.org/") == "a  b"
