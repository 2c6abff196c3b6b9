"""The length and the rendering time of HTML are bounded by the length of the text."""

import html
import re
import time

import pytest

from flaskr import errors
from flaskr import text
from flaskr.models import bulk_actions
from flaskr.models import media
from flaskr.models import post_fields
from flaskr.models import posts
from flaskr.models import responsive_images
from flaskr.models import tags
from flaskr.models import users
from flaskr.models.permissions import SYSTEM
from flaskr.text import absolute_urls
from flaskr.text import toc

KB = 1000
# A generous limit: each test takes a second or two.
BUSY_SECONDS = 30
BOMBS = {
    "address of a reference": f"[a]: u{'u' * 20 * KB}\n\n" + "[a]" * 20 * KB,
    "title of a reference": f"[a]: /u '{'t' * 20 * KB}'\n\n" + "[a] " * 10 * KB,
    "picture of a reference": f"[a]: /u '{'t' * 20 * KB}'\n\n" + "![a]" * 10 * KB,
    "references in headings": f"[a]: u{'u' * 9 * KB}\n\n" + "# [a]\n" * 9 * KB,
    "footnote used often": "[^a]" * 45 * KB + "\n\n[^a]: x",
    "footnote in itself": "[^a]\n\n[^a]: " + "[^a]" * 20 * KB,
    "wide table": "|" + "a|" * 5 * KB + "\n|" + "-|" * 5 * KB + "\n" + "|a\n" * 10 * KB,
    "many tables": ("|a" * 50 + "\n" + "|-" * 50 + "\n" + "a\n" * 100 + "\n") * 100,
    "tables of raw HTML": "<table></table>" * 20 * KB,
    "headings": "#\n" * 24 * KB,
    "long headings": ("# " + "字" * 1000 + "\n") * 500,
    "title of formatting": f"<b title='{'t' * 20 * KB}'>" + "<p>a" * 20 * KB,
    "titles of formatting": "".join(f"<i title={i}{'t' * 99}>" for i in range(99)) + "<p>" * 9 * KB,
    "formatting in tables": f"<b title='{'t' * 9 * KB}'>" + "<table><tr><td>a</table>" * 9 * KB,
    "task lists": "- [ ] a\n" * 14 * KB,
    "emphasis": "*a" * 50 * KB,
    "links": "[a](b)" * 16 * KB,
    "images": "<img src=a>" * 90 * KB,
    "images in images": "![" * 95 + "x" * 50 * KB + "](u)" * 95,
    "captions": "![a](b 'c')\n\n" * 8 * KB,
    "code blocks": "<pre>a</pre>" * 40 * KB,
    "highlighted code": "```python\n" + "a(b)\n" * 19 * KB + "```",
    "quotation marks in an attribute": "<a title='" + '"' * 500 * KB + "'>x</a>",
    "elements in elements": "<div>" * 90 * KB,
}
MB = 1_000_000
LONG = {
    "greater-than signs": "a" + ">" * 5 * MB,
    "few ampersands": "&" * 99 * KB + "a" * 4 * MB,
    "fewer hyphens": "-a" * 240 * KB,
    "long lines": ("word " * 40 + "\n") * 24 * KB,
    "links without an end": "![a](b" * KB + "a" * 4 * MB,
    "links whose ends are far": ("![a](b" * 31 + "(aaaaaaa)" * 9 * KB + ")" * 31 + " ") * 50,
    "references in a long line": "&a<a" * 40 * KB + " a" * 2 * MB,
    "code": ("```c\n" + ";" * 1900 + "\n```\n") * 2600,
    "address": "[a](<" + "é" * 2 * MB + ">)",
}


def assert_bounded(rendered, body):
    most = text.MAX_GROWTH * len(body) + text.MAX_ADDED_CHARS
    assert len(rendered.html) <= most
    assert len(rendered.excerpt or "") <= most
    assert len(toc.table_of_contents(rendered.html, 99)) <= toc.MAX_ENTRIES


@pytest.mark.parametrize("body", BOMBS.values(), ids=BOMBS.keys())
def test_html_length_is_bounded_by_the_text(body):
    began = time.thread_time()
    assert_bounded(text.render(body), body)
    assert time.thread_time() - began < BUSY_SECONDS


@pytest.mark.parametrize("body", LONG.values(), ids=LONG.keys())
def test_the_longest_possible_text_renders_in_time(body):
    assert len(body.encode()) <= post_fields.MAX_BODY_BYTES
    began = time.thread_time()
    assert_bounded(text.render(body), body)
    assert time.thread_time() - began < BUSY_SECONDS


@pytest.mark.parametrize("kind", ("address of a reference", "footnote used often", "headings"))
def test_a_text_that_would_grow_too_long_is_shown_unformatted(kind):
    shown = text.render(BOMBS[kind]).html
    paragraphs = re.fullmatch("<p>(.*)</p>", shown, re.DOTALL)[1].split("</p>\n<p>")
    assert html.unescape("\n\n".join(paragraphs)) == BOMBS[kind].strip()


def test_a_text_of_many_references_is_rendered():
    shown = text.render("[a]: /" + "u" * 100 + "\n\n" + "[a] " * 200).html
    assert shown.count("<a ") == 200


def test_library_images_do_not_outgrow_their_text(context, draw):
    medium = media.add(
        draw("JPEG", (2500, 50)), name="a", user_id=1, max_bytes=10**8, alt="a" * 900
    )
    rendered = text.render("![](/media/{}) ".format(medium["name"]) * 9 * KB)
    sized = responsive_images.add_sizes({1: rendered})[1].html
    assert sized.count("srcset=") == responsive_images.MAX_SIZED_IMAGES
    assert sized.count("<img ") == 9 * KB


def test_absolute_urls_in_feeds_do_not_outgrow_their_text():
    body = f"<img src=a srcset='{'a,' * 500 * KB}'>"
    whole = absolute_urls.absolutize_urls(
        text.render(body).html, "https://blog.example/" + "p" * 80
    )
    assert len(whole) <= 5 * len(body)


MANY_TAGS = [str(number) for number in range(tags.MAX_PER_POST + 1)]
LONG_TAG = "\u0315\u0300" * 80 * KB


@pytest.mark.parametrize("names", (MANY_TAGS, [LONG_TAG], ["a" * (tags.MAX_NAME_CHARS + 1)]))
def test_too_many_or_too_long_tags_are_refused(context, names):
    author = users.find_by_name("test")
    for refused in (
        lambda: posts.create(author_id=1, title="a", body="", tags=names),
        lambda: posts.update(1, SYSTEM, title="a", body="", tags=names),
        lambda: bulk_actions.add_tag([1], author, ",".join(names)),
    ):
        with pytest.raises(errors.TooLong, match=r"at most (50|100)"):
            refused()
    assert tags.list_all() == []


def test_the_maximum_number_of_tags_is_stored(context):
    names = [*MANY_TAGS[:-1], " ", "", MANY_TAGS[0], f" {MANY_TAGS[0]} "]
    posts.update(1, SYSTEM, title="a", body="", tags=names)
    assert len(tags.for_post(1)) == tags.MAX_PER_POST
    tags.rename(tags.list_all()[0]["id"], "a" * tags.MAX_NAME_CHARS, SYSTEM)
    with pytest.raises(errors.TooLong, match="too long"):
        tags.rename(tags.list_all()[0]["id"], LONG_TAG, SYSTEM)


@pytest.mark.parametrize("path", ("/create", "/drafts", "/1/update", "/1/publication"))
def test_a_form_with_too_many_tags_keeps_its_input(client, auth, path):
    auth.login()
    typed = {"title": "a title", "body": "a body", "tags": ",".join(MANY_TAGS)}
    page = client.post(path, data=typed)
    assert page.status_code == 413
    assert "There are 51 tags: a post can have at most 50." in page.text
    assert f'value="{typed["tags"]}"' in page.text
    assert "a body" in page.text


def test_tags_of_an_imported_file_that_break_a_limit_are_reported(runner, tmp_path):
    head = "---\ntitle: {}\ndate: 2020-01-01\ntags: [{}]\n---\n"
    (tmp_path / "good.md").write_text(head.format("Good", "a, b"))
    (tmp_path / "many.md").write_text(head.format("Many", ", ".join(MANY_TAGS)))
    (tmp_path / "long.md").write_text(head.format("Long", LONG_TAG[:200]))
    told = runner.invoke(args=["import", str(tmp_path)])
    assert "many.md: 1 of its tags are too many or too long." in told.stdout
    assert "long.md: 1 of its tags are too many or too long." in told.stdout
    assert "Imported 3 posts" in told.stdout
