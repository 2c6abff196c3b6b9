from datetime import UTC

from flaskr.importers import inheritance
from flaskr.importers import languages
from flaskr.importers.sites import Site


def test_front_matter_that_cannot_be_read_gives_nothing(tmp_path):
    (tmp_path / "_index.md").write_text("---\ntitle: A")
    assert inheritance.read_fields(tmp_path / "_index.md", tmp_path) == {}
    assert inheritance.read_fields(tmp_path / "gone.md", tmp_path) == {}


def test_data_files_above_the_site_are_not_read(tmp_path):
    root = tmp_path / "site"
    root.mkdir()
    (tmp_path / "tmp.json").write_text('{"draft": true}')
    (root / "site.json").write_text('{"layout": "x"}')
    site = Site(root, UTC, "eleventy")
    assert inheritance.add_defaults({}, root / "a.md", site) == {"layout": "x"}
    assert inheritance.add_defaults({}, tmp_path / "a.md", site) == {}


def test_a_file_outside_the_content_is_no_resource(tmp_path):
    site = Site(tmp_path, UTC, "hugo", (tmp_path / "content",))
    assert not inheritance.is_bundle_resource(tmp_path / "a.md", site)
    assert not inheritance.is_bundle_resource(tmp_path / "content" / "a.md", site)


def test_languages_are_parsed():
    written = ("en", "pt_BR", "de-DE.UTF-8", "German", "zh-Hans", "xx", "javascript", "")
    found = [languages.parse(code) for code in written]
    assert found == ["en", "pt-BR", "de-DE", "de", "zh-Hans", "", "", ""]


def test_folders_of_languages_are_recognized_together(tmp_path):
    for name in ("de", "fr", "it"):
        (tmp_path / name).mkdir()
    site = Site(tmp_path, UTC)
    found = languages.find({}, (tmp_path / "de/a.md").relative_to(tmp_path), site, tmp_path)
    assert (found.code, str(found.path), found.is_in_path) == ("de", "a.md", True)
    gone = languages.find({}, found.path.parent / "x/y/a.md", site, tmp_path / "gone")
    assert gone.code == ""
