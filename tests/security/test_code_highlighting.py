"""Code blocks in any language take bounded time."""

import html
import io
import json
import re
import sys
import time

import pytest

from flaskr import text
from flaskr.db import get_db
from flaskr.models import profiles
from flaskr.text import highlighting
from flaskr.text import highlighting_process

# Each kept Pygments 2.21 busy for more than ten seconds, most of them for years.
HOSTILE = {
    "endless loop": ("tnt", "!"),
    "exponential in tabs": ("easytrieve", "\t" * 900),
    "exponential in a string": ("bash", "$'" + "\\777" * 60),
    "exponential in comments": ("c", "a b " + "//\\\n" * 40),
    "cubic in blank lines": ("cpp", "a b" + "\n" * 20_000),
    "exponential in spaces": ("docker", "SHELL " + " \t " * 60),
}
BUSY_SECONDS = 120
HONEST = {
    "bash": "if true; then echo hi; fi",
    "c": "int main(void) { return 0; }",
    "dockerfile": "FROM debian",
    "html+jinja": "<p>{{ a }}</p>",
    "js": "let a = 1",
    "php": "<?php echo 1;",
    "python": "def f(): pass",
    "tnt": "1. A",
}


def shown(body):
    return text.render(body).html


def codes(page):
    """Return the visible code of each block."""
    return [
        html.unescape(re.sub("<[^>]*>", "", code))
        for code in re.findall("<code[^>]*>(.*?)</code>", page, re.DOTALL)
    ]


def fence(language, code):
    return f"```{language}\n{code}\n```\n"


@pytest.mark.parametrize(("language", "code"), HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_code_renders_in_time(language, code):
    began = time.monotonic()
    assert codes(shown(fence(language, code))) == [f"{code}\n"]
    assert time.monotonic() - began < BUSY_SECONDS


@pytest.mark.parametrize("end", ("", "\n", "\n```", "\n```\n"))
def test_code_is_shown_with_any_ending(end):
    assert codes(shown(f"```tnt\n!{end}"))[0].strip() == "!"


def test_code_before_hostile_code_is_highlighted():
    page = shown(fence("python", "x = 1") + fence(*HOSTILE["exponential in a string"]))
    assert page.count("<span") == 3
    assert codes(page)[0] == "x = 1\n"


def test_an_overdue_process_is_killed(monkeypatch):
    monkeypatch.setattr(highlighting, "MAX_SECONDS", 0.4)
    began = time.monotonic()
    assert "<span" not in shown(fence(*HOSTILE["exponential in comments"]))
    assert time.monotonic() - began < BUSY_SECONDS


def test_a_stored_post_of_hostile_code_is_served(app, client):
    with app.app_context():
        get_db().execute("UPDATE post SET body = ?", (fence(*HOSTILE["exponential in tabs"]),))
        get_db().commit()
    assert 'class="language-easytrieve"' in client.get("/").text
    assert client.get("/1").status_code in (200, 308)


def test_the_code_of_a_bio_is_not_highlighted_on_each_request(app, client):
    with app.app_context():
        profiles.update(1, display_name="", bio=fence(*HOSTILE["exponential in spaces"]))
    began = time.monotonic()
    for number in range(40):
        assert client.get(f"/user/test?before={number}").status_code < 500
    assert time.monotonic() - began < BUSY_SECONDS


def test_languages_are_highlighted():
    blocks = [highlighting.Block(language, code) for language, code in HONEST.items()]
    for language, found in zip(HONEST, highlighting.highlight(blocks), strict=True):
        assert "<span" in found, language


def test_code_within_code_is_bounded():
    inner = fence(*HOSTILE["exponential in a string"])
    assert codes(shown(f"````markdown\n{inner}````"))[0] == inner


def test_code_beyond_the_limit_is_shown_plain():
    long = "x = 1\n" * 20_000
    page = shown(fence("python", long) + fence("python", "y = 2"))
    assert page.count('<span class="n">') == 1
    assert codes(page)[0].rstrip() == long.rstrip()


@pytest.mark.parametrize("executable", ("", "/usr/bin/uwsgi"))
def test_a_server_that_embeds_python_finds_an_interpreter(monkeypatch, executable):
    monkeypatch.setattr(sys, "executable", executable)
    assert "<span" in shown(fence("python", "x = 1"))


def test_code_is_plain_if_no_process_can_be_started(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    assert codes(shown(fence("python", "x = 1"))) == ["x = 1\n"]


def test_the_process_answers_each_block_on_a_line():
    answers = io.BytesIO()
    blocks = [("python", "x"), ("nonsense", "x"), ("css", "<")]
    highlighting_process.answer(io.BytesIO(json.dumps(blocks).encode()), answers)
    first, second, third = map(json.loads, answers.getvalue().splitlines())
    assert (first, second) == ('<span class="n">x</span>\n', None)
    assert "&lt;" in third


def test_a_truncated_answer_is_ignored(monkeypatch, tmp_path):
    process = tmp_path / "half.py"
    process.write_text("print('\"<i>a</i>\"\\n\"<b', end='')")
    monkeypatch.setattr(highlighting, "PROCESS", process)
    blocks = [highlighting.Block("a", "a"), highlighting.Block("b", "b")]
    assert highlighting.highlight(blocks) == ["<i>a</i>", None]


def test_kept_process_outlives_hostile_code_and_limits_each_text():
    with highlighting.keep_process():
        page = shown(fence("python", "x = 1") + fence(*HOSTILE["exponential in a string"]))
        assert (page.count("<span"), codes(page)[0]) == (3, "x = 1\n")
        for language, code in HONEST.items():
            assert shown(fence(language, code)).count("<span") > 0, language


def test_kept_process_that_is_overdue_is_replaced(monkeypatch):
    with highlighting.keep_process():
        monkeypatch.setattr(highlighting, "MAX_SECONDS", 0.4)
        assert "<span" not in shown(fence(*HOSTILE["exponential in comments"]))
        monkeypatch.setattr(highlighting, "MAX_SECONDS", 30)
        assert "<span" in shown(fence("python", "x = 1"))


def test_code_is_plain_if_no_process_can_be_kept(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with highlighting.keep_process():
        assert codes(shown(fence("python", "x = 1"))) == ["x = 1\n"]
