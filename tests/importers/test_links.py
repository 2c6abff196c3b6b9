import pytest

from flaskr.importers import links


def mark(target):
    # Like the index, it leaves other sites, fragments, and what it has replaced already.
    if target.written.startswith(("https:", "#")) or "|" in target.written:
        return None
    return f"<{target.written}|{target.alt}>"


@pytest.mark.parametrize(
    ("body", "expected"),
    (
        ("[a](other.md 'title')", "[a](<other.md|> 'title')"),
        ("[a](<my post.md>)", "[a](<my post.md|>)"),
        ("[a](my post.md)", "[a](<my post.md|>)"),
        ("![A cat](cat(1).png)", "![A cat](<cat(1).png|A cat>)"),
        ('![A \\] cat](cat.png "title")', '![A \\] cat](<cat.png|> "title")'),
        ("[![t](a.png)](b.png)", "[![t](<a.png|t>)](<b.png|>)"),
        ("[a]: other.md", "[a]: <other.md|>"),
        ("[a]: <o p.md> 'x'", "[a]: <o p.md|> 'x'"),
        ("[^1]: note", "[^1]: note"),
        ("<a href=other.md>a</a>", '<a href="&lt;other.md|&gt;">a</a>'),
        ("<img alt='B' src='a.png'>", "<img alt='B' src=\"&lt;a.png|B&gt;\">"),
        ('<img data-src="a.png" src="x.gif">', '<img src="&lt;a.png|&gt;">'),
        (
            "<source srcset='a.png 1x, b.png 2x'>",
            '<source srcset="&lt;a.png|&gt; 1x, &lt;b.png|&gt; 2x">',
        ),
        (
            "<source srcset='a,b.png 1x,c.png, , d.png 2x,'>",
            '<source srcset="&lt;a,b.png|&gt; 1x, &lt;c.png|&gt;, &lt;d.png|&gt; 2x">',
        ),
        ("![a](b.png =200x100) ![a](c.png =50%x)", "![a](<b.png|a>) ![a](<c.png|a>)"),
        ("![[x.png]]", "![](<x.png|>)"),
        ("![[x.png|300]]", "![](<x.png|>)"),
        ("![[x.png|A cat]]", "![A cat](<x.png|A cat>)"),
        ("![[x.png|A cat|300x200]]", "![A cat](<x.png|A cat>)"),
        ("![[x.mp3]]", '<audio src="&lt;x.mp3|&gt;" controls></audio>'),
        ("![[x.webm]]", '<video src="&lt;x.webm|&gt;" controls></video>'),
        ("[[Note#^block]] [[#^block]]", "[Note](<Note|>) block"),
        ("[[Note#Two Words|there]]", "[there](<Note#two-words|there>)"),
        ("[[#Two Words]]", "[Two Words](#two-words)"),
        ("![[Note]]", "[Note](<Note|>)"),
        ("<https://x.example/a>", "<https://x.example/a>"),
        ("[a](https://x.example/a)", "[a](https://x.example/a)"),
        ("[a]: https://x.example/a", "[a]: https://x.example/a"),
        ("<a href='https://x.example/a'>a</a>", "<a href='https://x.example/a'>a</a>"),
        ("see x-post:a", "see <x-post:a|>"),
        ("`[a](b)` <pre>[a](b)</pre>\n\n    [a](b)", "`[a](b)` <pre>[a](b)</pre>\n\n    [a](b)"),
        ("plain", "plain"),
    ),
)
def test_targets_of_all_kinds_are_replaced(body, expected):
    assert links.rewrite(body, mark) == expected


def test_a_link_by_name_that_leads_nowhere_becomes_text():
    assert links.rewrite("[[Gone]] [[Gone|there]]", lambda _: None) == "Gone there"


def test_an_autolink_to_the_old_site_is_replaced():
    found = links.rewrite("<https://old.example/a>", lambda _: "/a")
    assert found == "[https://old.example/a](/a)"
