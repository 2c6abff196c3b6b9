import yaml
from hypothesis import given
from hypothesis import strategies

from flaskr.exporters import yaml_text


@given(strategies.text(strategies.characters(codec="utf-8"), max_size=50))
def test_any_text_is_read_as_it_was_on_one_line(text):
    quoted = yaml_text.quote(text)
    assert yaml.safe_load(f"a: {quoted}") == {"a": text}
    assert len(quoted.splitlines()) == 1


def test_values_keep_their_types():
    fields = {"a": "1.10", "b": 2, "c": True, "d": ["x", 3], "e": {"f": "no", "g": ""}, "h": None}
    assert yaml.safe_load(yaml_text.dump(fields)) == {
        "a": "1.10",
        "b": 2,
        "c": True,
        "d": ["x", 3],
        "e": {"f": "no"},
    }


def test_tables_without_values_are_left_out_unless_asked():
    assert yaml_text.dump({"a": {"b": ""}}) == ""
    assert yaml.safe_load(yaml_text.dump({"a": {"b": ""}}, empty=True)) == {"a": {"b": ""}}


def test_times_are_timestamps_and_other_text_in_their_place_is_not():
    written = yaml_text.dump({"a": yaml_text.Time("2020-01-02 03:04:05"), "b": yaml_text.Time("x")})
    assert written == 'a: 2020-01-02T03:04:05Z\nb: "x"\n'


def test_rows_are_a_list():
    rows = [{"a": "x", "b": "---\n"}, {"a": ""}]
    assert yaml.safe_load(yaml_text.dump_rows(rows)) == [{"a": "x", "b": "---\n"}, {}]
