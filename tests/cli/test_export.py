import json
import zipfile
from xml.etree import ElementTree

import pytest

from flaskr import errors
from flaskr.db import get_db
from flaskr.models import media
from flaskr.site_export import files
from flaskr.site_export import freeze


def test_export_writes_a_folder(runner, tmp_path):
    result = runner.invoke(args=["export", str(tmp_path / "out")])
    assert "files written" in result.output
    assert (tmp_path / "out").stat().st_mode & 0o077 == 0
    assert [file.name for file in (tmp_path / "out" / "content" / "_posts").iterdir()] == [
        "2018-01-01-post~1.md"
    ]


def test_export_writes_a_zip_that_only_its_owner_can_read(runner, tmp_path):
    runner.invoke(args=["export", str(tmp_path / "deep" / "blog.zip")])
    file = tmp_path / "deep" / "blog.zip"
    assert "flaskr.yaml" in zipfile.ZipFile(file).namelist()
    assert file.stat().st_mode & 0o077 == 0


def test_wordpress_gets_one_file(runner, tmp_path, write):
    write("A post", '<img src="/x.png">', day=1)
    target = tmp_path / "blog.xml"
    result = runner.invoke(
        args=["export", str(target), "--format", "wxr", "--url", "https://blog.example/"]
    )
    assert "In WordPress, choose" in result.output
    items = ElementTree.parse(target).findall(".//item")  # noqa: S314  # our own
    content = items[-1].findtext("{http://purl.org/rss/1.0/modules/content/}encoded")
    assert 'src="https://blog.example/x.png"' in content


@pytest.mark.parametrize("name", ("blog.json", "blog.zip"))
def test_ghost_gets_json_or_a_zip_with_the_files(runner, tmp_path, name, app, draw):
    with app.app_context():
        picture = media.add(draw(), name="x.png", user_id=1, max_bytes=10**6)["name"]
    result = runner.invoke(args=["export", str(tmp_path / name), "--format", "ghost"])
    assert "In Ghost, choose" in result.output
    is_zip = name.endswith(".zip")
    target = tmp_path / name
    text = zipfile.ZipFile(target).read("ghost.json") if is_zip else target.read_text()
    assert len(json.loads(text)["db"][0]["data"]["posts"]) == 1
    assert not is_zip or f"content/images/{picture}" in zipfile.ZipFile(target).namelist()


@pytest.mark.parametrize(
    "args",
    (
        ["blog.xml", "--format", "wxr"],
        ["blog.xml", "--format", "wxr", "--url", "blog.example"],
        ["blog.xml", "--format", "wxr", "--url", "https://[blog"],
        ["blog.xml", "--format", "wxr", "--url", "https://blog.example:port"],
        ["folder", "--format", "ghost"],
        ["full"],
        ["full/file/x.zip"],
        ["full.zip"],
    ),
)
def test_export_that_is_impossible_is_explained(runner, tmp_path, args):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("x")
    (tmp_path / "full.zip").mkdir()
    result = runner.invoke(args=["export", str(tmp_path / args[0]), *args[1:]])
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")


def test_export_to_a_file_changes_no_other(runner, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    (tmp_path / "blog.zip.part").symlink_to(tmp_path / "mine.txt")
    assert runner.invoke(args=["export", str(tmp_path / "blog.zip")]).exit_code == 0
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert zipfile.is_zipfile(tmp_path / "blog.zip")
    assert (tmp_path / "blog.zip.part").is_symlink()
    assert not list(tmp_path.glob("flaskr-export-*"))


def test_export_that_fails_leaves_no_file(tmp_path):
    def parts():
        yield b"x"
        raise errors.Unavailable("The bucket cannot be reached.")

    with pytest.raises(errors.Unavailable):
        files.write_file(tmp_path / "blog.zip", parts())
    assert not list(tmp_path.iterdir())


def interrupt(*_, **__):
    raise KeyboardInterrupt


def test_interrupted_commands_can_be_run_again(runner, tmp_path, monkeypatch):
    monkeypatch.setattr(files, "export_markdown", interrupt)
    monkeypatch.setattr(freeze, "freeze", interrupt)
    for args in (
        ["export", str(tmp_path / "a")],
        ["freeze", str(tmp_path / "a"), "--url", "http://x"],
    ):
        result = runner.invoke(args=args)
        assert (result.exit_code, "Run the command again" in result.output) == (1, True)


def test_freeze_writes_pages_and_names_links_that_lead_nowhere(runner, tmp_path, write):
    write("A post", " ".join(f"[x](/nowhere-{number})" for number in range(12)), day=1)
    write("B", "text", day=2)
    result = runner.invoke(args=["freeze", str(tmp_path / "out"), "--url", "https://blog.example"])
    assert "The link to /nowhere-0 leads nowhere (on /" in result.output
    assert "and 2 more links" in result.output
    assert (tmp_path / "out" / "a-post" / "index.html").is_file()


def test_freeze_names_pages_that_cannot_be_files(runner, tmp_path, write):
    write("A post", "[x](/%00)" + "".join(f"[x](/%0{number}x)" for number in range(1, 10)), day=1)
    write("B", "[x](/%10)", day=2)
    result = runner.invoke(args=["freeze", str(tmp_path / "out"), "--url", "https://blog.example"])
    assert "/%00 cannot be a file" in result.output
    assert "and 1 more, all left out" in result.output


@pytest.mark.parametrize("url", ("", "blog.example", "ftp://blog.example", "https://"))
def test_freeze_asks_for_the_address(runner, tmp_path, url):
    result = runner.invoke(args=["freeze", str(tmp_path / "out"), "--url", url])
    assert "Where will the blog be?" in result.output


def test_page_that_cannot_be_rendered_stays_on_the_site(app, runner, tmp_path, write):
    write("A post", day=1)
    args = ["freeze", str(tmp_path / "out"), "--url", "https://blog.example"]
    runner.invoke(args=args)
    write("Another", day=2)
    app.view_functions["blog.show"] = lambda **_: ("Try again", 503)
    result = runner.invoke(args=args)
    assert (result.exit_code, "could not be rendered; see the log" in result.stderr) == (1, True)
    assert "Try again" not in (tmp_path / "out" / "a-post" / "index.html").read_text()


def test_error_of_the_database_is_a_sentence(runner, tmp_path, app):
    with app.app_context():
        get_db().execute("DROP TABLE old_address")
    result = runner.invoke(args=["export", str(tmp_path / "out")])
    assert (result.exit_code, "Error: no such table" in result.stderr) == (1, True)
