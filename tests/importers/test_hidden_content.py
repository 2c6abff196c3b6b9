import pytest

from flaskr.importers import hidden_content


@pytest.mark.parametrize(
    "text",
    (
        "A <!-- SECRET --> B",
        "A <!-- SECRET\n\nSECRET --> B",
        "A  B<!-- SECRET",
        "A {# SECRET #} B",
        "A {{/* SECRET */}} B",
        "A {{- /* SECRET */ -}} B",
        "A {% # SECRET %} B",
        "A {::comment}SECRET{:/comment} B",
        "A {/* SECRET */} B",
        "A <div hidden>SECRET <div>SECRET</div></div> B",
        "A <p style='display: none'>SECRET</p> B",
        "A <template>SECRET</template> B",
        "A <input hidden value=SECRET> B",
        "A  B<div hidden>SECRET",
    ),
)
def test_hidden_text_is_removed(text):
    assert hidden_content.remove(text) == ("A  B", 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    (
        ("A <!-- more --> B", "A <!--more--> B"),
        ("A <!-- excerpt --> B", "A  B"),
        ("## A {#id}\n\n## B {#other}", "## A {#id}\n\n## B {#other}"),
        ("100%% sure and %%, too", "100%% sure and %%, too"),
        ("<div aria-hidden='true'>A</div>", "<div aria-hidden='true'>A</div>"),
    ),
)
def test_visible_text_stays(text, expected):
    assert hidden_content.remove(text) == (expected, 0)


def test_a_comment_in_a_definition_is_removed():
    assert hidden_content.remove("A\n\n[//]: # (SECRET)\n\nB") == ("A\n\n\nB", 1)


@pytest.mark.parametrize("text", ("A %%SECRET%% B", "A %%\nSECRET\n%% B"))
def test_comments_in_notes_are_removed(text):
    assert hidden_content.remove(text, is_note=True) == ("A  B", 1)
