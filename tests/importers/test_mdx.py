from collections import Counter

import pytest

from flaskr.importers import mdx


@pytest.mark.parametrize(
    ("text", "expected", "left_out"),
    (
        ('import X from "./X.astro";\n\nText', "\n\nText", {}),
        ("import {\n  A,\n  B\n} from 'x'\nText", "\nText", {}),
        ('import "./x.css"\nText', "\nText", {}),
        ("export const x = {\n  a: 1,\n};\n\nText", "\n\nText", {}),
        ("A <X/> B <Y a={1}>kept</Y>", "A  B kept", {"<X>": 1, "<Y>": 1}),
        ("A <>B</> C", "A B C", {}),
        ('<Image src="/a b.png" alt="A" />', "![A](/a%20b.png)", {}),
        ("<Figure src='a.png' caption='At home' />", '![](a.png "At home")', {}),
        ('import a from "./a.png"\n<Image src={a} />', "\n![](./a.png)", {}),
        ("<Image src={'a.png'} />", "![](a.png)", {}),
        ('<YouTube id="x" />', "[Watch on YouTube](https://www.youtube.com/watch?v=x)", {}),
        ('<p className="x" style={{color: "red"}}>A</p>', '<p class="x">A</p>', {}),
        ('<img src={require("./a.png").default} />', '<img src="./a.png" />', {}),
        ('<Link href="/b?c&d">to b</Link>', '<a href="/b?c&amp;d">to b</a>', {}),
        ("<Link>b</Link>", "b</a>", {"<Link>": 1}),
        ('<Video src="/v.mp4" />', '<video src="/v.mp4" controls></video>', {}),
        ("{'a'} {`b`} {x + 1} {{a: 1}}", "a b  ", {"{…}": 2}),
        ("## A {#id}", "## A {#id}", {}),
        ("<Callout type='tip' title='T'>x</Callout>", "\n:::tip[T]\nx\n:::\n", {}),
        ("<Aside type='odd'>x</Aside><Note />", "\n:::note\nx\n:::\n", {}),
        ("<TabItem label='One'>x</TabItem>", "\n:::tab[One]\nx\n:::\n", {}),
        ("\\{kept}", "\\{kept}", {}),
    ),
)
def test_jsx_is_left_out(text, expected, left_out):
    found = Counter()
    assert mdx.convert(text, found) == expected
    assert found == left_out
