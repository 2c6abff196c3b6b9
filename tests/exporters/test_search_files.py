import json
import re
import unicodedata
from pathlib import Path

import pytest

import flaskr
from flaskr.exporters import search_files
from flaskr.exporters.search_files import Page
from flaskr.text.search_words import SPELLINGS


@pytest.mark.parametrize(
    ("text", "words"),
    (
        ("Über naïve, don't 2024-01", {"uber", "naive", "don", "t", "2024", "01"}),
        ("Straße Ægir \u06a9\u06cc", {"strasse", "aegir", "\u0643\u064a"}),
        ("日本語", {"日本", "本語"}),
        ("字", {"字"}),
        ("مَرحبا", {"مرحبا"}),
        ("x" * 50, {"x" * 40}),
        ("… — !", set()),
    ),
)
def test_words_are_split_and_folded(text, words):
    assert search_files.split_words(text) == words


def test_each_word_is_in_the_file_of_its_beginning():
    pages = [
        Page(3, "/a/", "Sea", "by ann", {"seal", "sea"}),
        Page(5, "/b/", "Hill", "by bob", {"sea"}),
    ]
    files = {name: json.loads(content) for name, content in search_files.build(pages)}
    assert files["pages.json"] == {"3": ["/a/", "Sea", "by ann"], "5": ["/b/", "Hill", "by bob"]}
    assert files[f"words/{search_files.key('sea')}.json"] == {"sea": [3, 5], "seal": [3]}


def test_script_spells_letters_as_the_index_does():
    script = (Path(flaskr.__file__).parent / "static" / "frozen_search.js").read_text("utf-8")
    table = script[script.index("const SPELLINGS") :].partition("};")[0]
    found = dict(re.findall('"([^"]+)": "([^"]+)"', table))
    assert {json.loads(f'"{letter}"'): json.loads(f'"{to}"') for letter, to in found.items()} == {
        letter: to
        for letter, to in SPELLINGS.items()
        if unicodedata.normalize("NFKD", letter) == letter
    }
