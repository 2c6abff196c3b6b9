"""What readers type, and the posts that they expect."""

from pathlib import Path

import pytest

from flaskr.db import transaction
from flaskr.models import search
from flaskr.models import search_texts
from flaskr.models import spelling
from flaskr.models import users

FOLDER = Path(__file__).with_name("searches")


def read_posts():
    """Yield the title and the fields of each post."""
    for part in (FOLDER / "posts.md").read_text(encoding="utf-8").split("\n# "):
        title, _, rest = part.removeprefix("# ").partition("\n")
        head, _, body = (
            rest.partition("\n\n") if ": " in rest.partition("\n")[0] else ("", "", rest)
        )
        fields = dict(line.split(": ", 1) for line in head.strip().splitlines())
        yield title, {"body": body, **fields}


def read_queries():
    """Return the titles to find for each query."""
    lines = (FOLDER / "queries.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.rpartition("|") for line in lines if line and not line.startswith("#")]
    return {
        typed.strip(): [*filter(None, map(str.strip, titles.split(";")))]
        for typed, _, titles in rows
    }


@pytest.fixture
def library(context, write):
    """Write the posts of the table, the first one last."""
    with transaction():
        for number, (title, fields) in enumerate(read_posts()):
            fields["tags"] = fields.get("tags", "").split(", ")
            if name := fields.pop("author", ""):
                fields["author_id"] = users.create_without_password(name)
            write(title, day=28 - number, **fields)
    while search_texts.update_next():
        pass


def test_every_query_finds_its_posts(library):
    expected = read_queries()
    found = {typed: [post["title"] for post in search.find(typed).posts] for typed in expected}
    assert len(expected) > 80
    wrong = {typed: titles for typed, titles in found.items() if titles != expected[typed]}
    assert wrong == {}


@pytest.mark.parametrize(
    ("typed", "names"),
    (
        ("łukasik", ["Zoë Łukasik"]),
        ("zoe lukasik", ["Zoë Łukasik"]),
        ("lodz", ["Łódź"]),
        ("旅行", ["旅行"]),
        ("كتب", ["الكتب"]),
        ("release", ["Release notes", "Releases"]),
        ("releases", ["Releases", "Release notes"]),
        ("C++", ["C++"]),
        ("c", ["C++"]),
        ("release -notes", []),
        ("interop nothing", []),
    ),
)
def test_names_are_found(library, typed, names):
    assert [name["name"] for name in search.find(typed).names] == names


@pytest.mark.parametrize(
    ("typed", "near"),
    (
        ("goverance", "governance"),
        ("govenrance", "governance"),
        ("governanse", "governance"),
        ("Closuers", "closures"),
        ("leadershp council", "leadership council"),
        ("елкк", "елка"),
        ("cmopiler", "compiler"),
        ("asynchronuos", "asynchronous"),
        ("xqzvk", ""),
        ("abc", ""),
        ("зщшйк", ""),
    ),
)
def test_near_words_are_suggested(library, typed, near):
    results = search.find(typed)
    assert (results.total, results.suggestion) == (0, near)


def test_near_words_are_searched_among_a_limited_number(context, monkeypatch, write):
    monkeypatch.setattr(spelling, "MAX_COMPARED", 2)
    write("Words", "abbreviable abbreviated abbreviation")
    assert search.find("abbreviadfon").suggestion == ""
    monkeypatch.undo()
    assert search.find("abbreviadfon").suggestion == "abbreviation"


def test_frequent_words_do_not_keep_near_words_from_being_found(context, write):
    write("Often", "abbreviable " * spelling.MAX_COMPARED)
    write("Once", "abbreviation")
    assert search.find("abbreviadfon").suggestion == "abbreviation"


def test_words_and_names_of_hidden_posts_are_not_told(context, write):
    hidden = {"body": "clandestine", "tags": ["Conspiracy"], "series": "Plots"}
    write("Draft", **hidden, status="draft")
    write("Scheduled", **hidden, created="2999-01-01 00:00:00")
    assert search.find("clandestin").suggestion == search.find("clandesitne").suggestion == ""
    assert search.find("conspiracy").names == search.find("plots").names == []
    write("Public", **hidden)
    assert search.find("clandesitne").suggestion == "clandestine"
    assert [name["name"] for name in search.find("plots").names] == ["Plots"]
