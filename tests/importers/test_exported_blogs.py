import pytest

from flaskr.errors import Invalid
from flaskr.importers import exported_blogs


@pytest.mark.parametrize(
    "source",
    (
        "no front matter",
        "---\ntitle: not closed\n",
        "---\n- a list\n---\nbody",
        "---\ntitle: [\n---\nbody",
        f"---\na: {'[' * 5000}\n---\nbody",
    ),
)
def test_damaged_post_is_refused_with_a_sentence(source):
    with pytest.raises(Invalid):
        exported_blogs.parse_post(source)


def test_hostile_values_become_harmless_ones():
    source = (
        "---\ntitle: [a, b]\ndate: tomorrow\nweight: 99999999999999999999\ntags: {a: b}\n"
        "authors: [[x], y]\nextra: text\n---\nbody"
    )
    post = exported_blogs.parse_post(source)
    assert (post["title"], post["created"], post["menu_position"]) == ("", "1970-01-01 00:00:00", 0)
    assert (post["tags"], post["authors"], post["id"]) == ([], ["y"], None)


@pytest.mark.parametrize(
    ("written", "number"),
    (("7", 7), ("-7", -7), ("1e3", None), ("", None), ("9" * 16, None), ("٣", None)),
)
def test_numbers_fit_the_database(written, number):
    assert exported_blogs.number(written) == number


@pytest.mark.parametrize("source", ("- a list\n", "format: soon\n", "format: 99\n", "format: [\n"))
def test_folder_is_refused_if_its_mark_is_damaged_or_newer(tmp_path, source):
    (tmp_path / "flaskr.yaml").write_text(source)
    with pytest.raises(Invalid):
        exported_blogs.read_settings(tmp_path)


def test_table_that_is_no_list_is_refused(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "users.yaml").write_text("a: b\n")
    with pytest.raises(Invalid):
        exported_blogs.read_rows(tmp_path, "users")


def test_files_behind_links_are_not_read(tmp_path):
    (tmp_path / "secret.md").write_text("---\ntitle: x\n---\n")
    (tmp_path / "content").mkdir()
    (tmp_path / "content" / "link.md").symlink_to(tmp_path / "secret.md")
    assert exported_blogs.find_files(tmp_path) == []
    with pytest.raises(Invalid):
        exported_blogs.read_text(tmp_path / "content" / "link.md")


def test_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "a.md").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(Invalid):
        exported_blogs.read_text(tmp_path / "a.md")


def test_file_without_a_time_of_its_own_has_the_other(tmp_path):
    assert exported_blogs.parse_post("---\nlastmod: 2020-01-02 03:04:05\n---\n\n")["updated"] == (
        "2020-01-02 03:04:05"
    )
