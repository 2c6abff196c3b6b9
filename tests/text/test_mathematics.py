import re
import sys
import threading

import pytest

from flaskr import text
from flaskr.text import absolute_urls
from flaskr.text import mathematics
from flaskr.text.excerpts import strip_tags

from .test_text import Tree


def shown(body):
    return text.with_post_id(text.render(body).html, 7)


@pytest.mark.parametrize(
    ("body", "latex", "display"),
    (
        ("a $x^2$.", "x^2", False),
        ("a $`x_1*y_2*`$.", "x_1*y_2*", False),
        (r"($\alpha$, b)", r"\alpha", False),
        ("a $$x$$ b", "x", True),
        ("$$\nx\n$$", "x", True),
        ("$$x$$", "x", True),
        ("> $$\n> x\n> $$", "x", True),
        ("a\n$$\nx\n$$", "x", True),
        ("```math\nx\n```", "x\n", True),
        ("变量$x$是", "x", False),
        ("the $n$th, $k$s", "n k", False),
        (r"$$x \label{a}\tag{1}$$", r"x \label{a}\tag{1}", True),
        (r"$$\begin{split}a&=b\end{split}$$", r"\begin{split}a&amp;=b\end{split}", True),
        (r"$\sum_{\substack{i\\j}} \mbox{a}$", r"\sum_{\substack{i\\j}} \mbox{a}", False),
        ("$a<b & c$", None, False),
        (r"a \(x^2\), \(n\)th", "x^2 n", False),
        (r"a \\(x\\) b", "x", False),
        (r"a \[x_1\] b", "x_1", True),
        ("\\\\[\nx\n\\\\]", "x", True),
        ("a\n\\[\nx = 1\n\\]\nb", "x = 1", True),
        ("- \\[ x = 1 \\]\n- b", "x = 1", True),
        (r"|\(x^2\)|" + "\n|-|", "x^2", False),
        ("\\begin{align*}\nx\n\\end{align*}", r"\begin{align*} x \end{align*}", True),
        (r"$$\begin{eqnarray}a\end{eqnarray}$$", r"\begin{eqnarray}a\end{eqnarray}", True),
        ("$$\nx\n\ny\n$$", "x  y", True),
        ("$$\nx $$ y", "x", True),
    ),
)
def test_a_formula_becomes_mathml_with_its_source(body, latex, display):
    html = shown(body)
    found = re.findall('<annotation encoding="application/x-tex">([^<]*)</annotation>', html)
    assert " ".join(found).replace("\n", " ") == (latex or "").strip()
    assert ('<math display="block">' in html) == display
    assert "$" not in html or latex is None


@pytest.mark.parametrize(
    "body",
    (
        "$5 and $10",
        "$5-$10",
        "US$5 (or A$6)",
        "$20,000 in US$",
        "价格$5和$6",
        "a$x$ $x$b $n$thing",
        "$HOME/bin:$PATH",
        "$ x $",
        r"\$x\$",
        "`$x$`",
        "$$",
        "$$\n\n$$",
        "$$\n$$",
        "$$\nx",
        "    $$x$$",
        "$$\na\n\nb $$",
        "$$x\n\ny$$",
        "- $$\n\nx\n$$",
    ),
)
def test_money_and_variables_stay_text(body):
    html = shown(body)
    assert "$" in html
    assert "<math" not in html


@pytest.mark.parametrize(
    "body",
    (
        r"\[link\](x), \(paren\) and \[1\]",
        r"\(a\) first",
        r"a\[i + 1\] = 3, b\[x\_y\]",
        r"\(not closed^2 and C:\(x",
        r"\[a\]: /b \[c\]",
        r"a \(e-mail\) \( \) \\(b) `\(x^2\)`",
        "\\begin{align}\nx\n\n\\end{align}",
        "\\begin{verse}\nx\n\\end{verse}",
        r"\[" + "\n" + r"\]",
        "    \\\\[x\\\\]",
    ),
)
def test_escaped_brackets_stay_text(body):
    assert "math" not in shown(body)


@pytest.mark.parametrize(
    "latex",
    (r"\bad{x}", r"\frac{a", "x" * 3000, "{" * 40 + "x" + "}" * 40, "x^" * 40 + "x"),
)
def test_a_bad_formula_is_shown_as_code(latex):
    assert shown(f"$`{latex}`$").startswith(("<p><code", "<p>$"))
    assert '<code class="language-math">' in shown(f"```math\n{latex}\n```")


def test_many_formulas_are_limited(monkeypatch):
    monkeypatch.setattr(mathematics, "MAX_FORMULAS", 1)
    assert shown("$x$ $y$").count("<math>") == shown("$x$ $y$").count("<code") == 1


@pytest.mark.parametrize(
    "latex",
    (
        r"\text{<script>alert(1)</script>}",
        r"\href{javascript:alert(1)}{x}",
        r'\text{" onclick="alert(1)}',
        r"\color{red}{x} \begin{aligned} a &= b \\ c \end{aligned}",
        r"\begin{array}{c|c} a & b \end{array}",
        r"\lim_{x \to 0} \sin x",
        r"\text{</math><img src=x onerror=alert(1)>}",
    ),
)
def test_a_formula_is_harmless(latex):
    for tag, attributes in Tree(shown(f"$$\n{latex}\n$$")).elements:
        assert tag in mathematics.TAGS | {"div", "pre", "code"}
        assert not {"style", "href", "onclick"} & attributes.keys()


def test_a_piece_of_generated_html_cannot_be_forged():
    html = shown("<b>&#xFDD4;0123456789abcdef&#xFDD5; &#xFDD4;</b>\n\n<p>&#xFDD6;&#xFDD0;\n\n$x$")
    assert not re.search("[\ufdd0-\ufddf]", html)


def test_formulas_nested_as_deeply_as_allowed_fit_on_a_small_stack():
    depth = mathematics.MAX_DEPTH - 1
    worst = [r"\sqrt{" * depth + "x" + "}" * depth, "x" + "^{x" * depth + "}" * depth]
    worst += [r"\left(" * depth + "x" + r"\right)" * depth, r"\def\a#1{\sqrt{#1}}" + r"\a{" * 25]
    worst += [r"\hat" * depth + "x", r"\frac{" * depth, r"\text{" * depth, r"\def\a{{\a}}\a"]
    results = []
    # Threads have 512 KB on macOS, and more elsewhere.
    before = threading.stack_size(512 * 1024)
    thread = threading.Thread(
        target=lambda: results.extend(map(shown, (f"$`{one}`$" for one in worst)))
    )
    thread.start()
    thread.join()
    threading.stack_size(before)
    assert len(results) == len(worst)


def test_the_source_of_a_formula_is_no_part_of_the_text():
    assert strip_tags(shown("a $x$ b")) == "a x b"
    assert 'id="p7-the-x"' in shown("# The $x$")


def test_feeds_have_the_source_of_a_formula():
    html = absolute_urls.absolutize_urls(shown("a $x<y$ b\n\n$$\nz\n$$"), "https://a.example/b")
    assert html == "<p>a <code>x&lt;y</code> b</p>\n<div><code>z</code></div>"


def test_formulas_are_code_on_platforms_without_math_core(monkeypatch):
    monkeypatch.setitem(sys.modules, "math_core", None)
    assert shown("$x$") == '<p><code class="language-math">x</code></p>'


def test_unknown_elements_are_refused(monkeypatch):
    monkeypatch.setattr(mathematics, "TAGS", frozenset({"math"}))
    assert shown("$x$") == '<p><code class="language-math">x</code></p>'
