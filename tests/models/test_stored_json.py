import json

import pytest

from flaskr.models import stored_json

TITLE = 'A "title": "yes"'
BODY = 'One "body": "two",\r\nthree \\ 漢字}'


@pytest.mark.parametrize("ensure_ascii", (True, False))
def test_texts_before_the_damage_are_found(ensure_ascii):
    stored = json.dumps({"title": TITLE, "body": BODY, "tags": "sea"}, ensure_ascii=ensure_ascii)
    assert stored_json.find_texts(stored[:-3]) == {"title": TITLE, "body": BODY}
    damaged = stored.replace('"sea"', "sea")
    assert stored_json.find_texts(damaged) == {"title": TITLE, "body": BODY}


@pytest.mark.parametrize(
    "damaged",
    (
        '{"title": "Tides", "body": "The sea\\nand the \\"sky\\"',
        '{"title": "Tides", "body": "The sea\\nand" the \\"sky\\""}',
        '{"title": "Tides", "body": "The \\q sea\\nand the \\"sky\\""}',
        '{"title": "Tides", "bodi": "The sea\\nand the \\"sky\\""}',
    ),
)
def test_all_that_is_left_is_the_body_if_that_is_damaged(damaged):
    texts = stored_json.find_texts(damaged)
    assert texts["title"] == "Tides"
    assert texts["body"].startswith('{"title": "Tides", "bod')
    assert "sea\nand" in texts["body"]
    assert '"sky"' in texts["body"]


@pytest.mark.parametrize("stored", ("", "[]", "null", '{"a": 1'))
def test_damaged_objects_are_not_loaded(stored):
    with pytest.raises(ValueError, match="Expecting|damaged"):
        stored_json.load(stored)
    assert stored_json.find_texts(stored) == {"title": "", "body": stored}
