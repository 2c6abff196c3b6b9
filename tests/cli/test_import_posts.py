import base64
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from flaskr import db
from flaskr import errors
from flaskr.cli import import_posts
from flaskr.models import imports
from flaskr.models import media
from flaskr.models import posts
from flaskr.models import series
from flaskr.models import trash
from flaskr.models import users
from flaskr.models.permissions import SYSTEM
from flaskr.site_import import importing
from flaskr.site_import import media_files
from flaskr.site_import import reading

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "content"
    folder.mkdir()
    (folder / "a.md").write_text("---\ntitle: A\ndate: 2015-06-25\nauthor: Ada\n---\nText")
    (folder / "b.md").write_text(
        "+++\ntitle = 'B'\ndate = 2015-06-26\nauthors = ['Ada']\n+++\nText"
    )
    return folder


def refuse(*_):
    raise PermissionError("Permission denied")


def run(app, *arguments):
    with app.app_context():
        result = app.test_cli_runner().invoke(args=["import", *map(str, arguments)])
    return result.exit_code, result.stdout


def interrupted(app, folder):
    with app.app_context():
        result = app.test_cli_runner().invoke(args=["import", str(folder)])
    return result.exit_code, result.stderr.splitlines()[-1]


def last_line(app, *arguments):
    status, output = run(app, *arguments)
    assert status == 0
    lines = output.splitlines()
    return next(line for line in reversed(lines) if "import-report" not in line)


def stored(app, column="title"):
    with app.app_context():
        rows = db.get_db().execute("SELECT * FROM post ORDER BY id").fetchall()
    return [row[column] for row in rows]


def test_folder_is_imported(empty_app, folder):
    assert last_line(empty_app, folder) == "Imported 2 posts."
    assert stored(empty_app) == ["A", "B"]
    assert last_line(empty_app, folder) == "Left 2 posts unchanged."


def test_file_is_imported(empty_app, folder):
    assert last_line(empty_app, folder / "a.md") == "Imported 1 post."


def test_dry_run_stores_nothing(empty_app, folder):
    run(empty_app, folder / "a.md")
    (folder / "a.md").write_text("---\ntitle: C\nauthor: New\n---\nText")
    status, output = run(empty_app, "--dry-run", folder)
    assert status == 0
    assert "Would import 1 post and update 1. Nothing was stored." in output
    assert stored(empty_app) == ["A"]


def test_unreadable_file_does_not_stop_the_import(empty_app, folder):
    (folder / "0.md").write_bytes(b"\xff")
    (folder / "aa.md").write_text("+++\n[\n+++\n")
    (folder / "_index.md").write_text("+++\ntitle = 'Section'\n+++\n")
    status, output = run(empty_app, folder)
    assert status == 1
    assert "Not posts: 1\n  _index.md: the page of a section\n" in output
    assert "Failed: 2\n  0.md: It is not UTF-8 text (byte FF on line 1); save it as" in output
    assert "  aa.md: The front matter is broken: " in output
    assert stored(empty_app) == ["A", "B"]


def test_invalid_post_does_not_stop_the_import(empty_app, folder):
    (folder / "aa.md").write_text(f"---\nauthor: New\n---\n{'é' * 2_700_000}")
    status, output = run(empty_app, folder)
    assert status == 1
    assert "Failed: 1\n  aa.md: It is too large for a post" in output
    assert stored(empty_app) == ["A", "B"]
    with empty_app.app_context():
        assert [user["username"] for user in users.list_all()] == ["Ada"]


def test_edited_post_is_overwritten_only_on_request(empty_app, folder):
    run(empty_app, folder)
    with empty_app.app_context():
        posts.update(1, SYSTEM, title="Here", body="Text")
        trash.put(2, SYSTEM)
    status, output = run(empty_app, folder)
    assert status == 0
    assert "Skipped because they were changed on the blog" in output
    assert "  a.md: edited on the blog\n  b.md: deleted on the blog\n" in output
    run(empty_app, "--overwrite", folder)
    assert stored(empty_app) == ["A", "B"]


def test_warnings_are_printed(empty_app, folder):
    (folder / "b.md").write_text("{{< x >}}")
    status, output = run(empty_app, folder)
    assert status == 0
    assert (
        "Check these posts: 1\n  b.md: It has no date; the modification time of the file is used.\n"
        in output
    )
    assert "  b.md: “x” is not Markdown and shown as code.\n" in output


def test_images_next_to_posts_are_imported_once(empty_app, folder):
    (folder / "b.png").write_bytes(PNG)
    for name in "bc":
        (folder / f"{name}.md").write_text("---\ndate: 2015-06-25\n---\n![A dot](b.png)")
    assert "Imported 1 image.\n" in run(empty_app, folder)[1]
    with empty_app.app_context():
        (medium,) = media.newest().media
        assert (medium["original_name"], medium["alt"]) == ("b.png", "A dot")
    assert stored(empty_app, "body")[1:] == [f"![A dot](/media/{medium['name']})"] * 2
    assert last_line(empty_app, folder) == "Left 3 posts unchanged."


def test_broken_image_is_reported_and_its_link_stays(empty_app, folder):
    (folder / "b.png").write_bytes(PNG[:40])
    (folder / "b.md").write_text("![](b.png)")
    status, output = run(empty_app, folder)
    assert status == 0
    assert "The image “b.png” was not imported. The image is broken or was cut" in output
    assert stored(empty_app, "body")[1] == "![](b.png)"


def test_other_files_are_counted(empty_app, folder):
    (folder / "b.pdf").write_bytes(b"%PDF-1.7")
    (folder / "b.md").write_text("---\ndate: 2015-06-25\n---\n[b](b.pdf)")
    assert "Imported 1 file.\n" in run(empty_app, folder)[1]
    (folder / "b.png").write_bytes(PNG)
    (folder / "b.md").write_text("---\ndate: 2015-06-25\n---\n[b](b.pdf) ![](b.png)")
    assert "Imported 1 image and 1 other file.\n" in run(empty_app, folder)[1]


def test_time_zone_of_the_site_is_offered(empty_app, folder):
    (folder.parent / "hugo.toml").write_text("timeZone = 'Asia/Tokyo'")
    assert "The site's time zone is Asia/Tokyo" in run(empty_app, folder)[1]


def test_unforeseen_file_does_not_stop_the_import(empty_app, folder, monkeypatch):
    parse = importing.documents.parse

    def stumble(content, file, site):
        if file.name == "a.md":
            raise ZeroDivisionError
        return parse(content, file, site)

    monkeypatch.setattr(importing.documents, "parse", stumble)
    status, output = run(empty_app, folder)
    assert status == 1
    assert "a.md: It could not be read. The log says why." in output
    assert stored(empty_app) == ["B"]


def test_unreadable_image_is_reported(empty_app, folder, monkeypatch):
    (folder / "b.png").write_bytes(PNG)
    (folder / "b.md").write_text("![](b.png)")
    monkeypatch.setattr(media_files.images, "is_image", refuse)
    assert "The image “b.png” was not imported. Permission denied." in run(empty_app, folder)[1]


def test_cover_is_imported_with_its_alt_text(empty_app, folder):
    (folder / "a.md").write_text("---\ntitle: A\ncover: {image: c%20d.png, alt: A dot}\n---\n")
    (folder / "b.md").write_text("---\ntitle: B\nimage: https://x.example/y.png\n---\n")
    (folder / "c.md").write_text("---\ntitle: C\ncover: gone.png\n---\n")
    (folder / "c d.png").write_bytes(PNG)
    assert "Would import 3 posts" in run(empty_app, folder, "--dry-run")[1]
    output = run(empty_app, folder)[1]
    assert "c.md: The cover “gone.png” was not found.\n" in output
    with empty_app.app_context():
        (medium,) = media.newest().media
    assert medium["alt"] == "A dot"
    assert stored(empty_app, "cover") == [
        f"/media/{medium['name']}",
        "https://x.example/y.png",
        "",
    ]


def test_series_is_imported_unless_it_was_edited(empty_app, folder):
    (folder / "a.md").write_text("---\ntitle: A\nseries: Tea\npart: 2\n---\nText")
    run(empty_app, folder)
    with empty_app.app_context():
        assert tuple(series.for_post(1))[1:] == ("Tea", "tea", 2)
    (folder / "a.md").write_text("---\ntitle: A\nseries: Coffee\n---\nText")
    assert "Updated 1 post" in run(empty_app, folder)[1]
    with empty_app.app_context():
        assert tuple(series.for_post(1))[1:] == ("Coffee", "coffee", None)
        series.set_for_post(1, "Cocoa")
    (folder / "a.md").write_text("---\ntitle: A\nseries: Water\n---\nText")
    assert "a.md: edited on the blog" in run(empty_app, folder)[1]


def test_files_imported_by_older_versions_are_read_again(empty_app, folder, monkeypatch):
    monkeypatch.setattr(reading, "IMPORTER_VERSION", b"")
    run(empty_app, folder)
    monkeypatch.undo()
    assert last_line(empty_app, folder) == "Updated 2 posts."


def test_dry_run_imports_no_images(empty_app, folder, instance_path):
    (folder / "b.png").write_bytes(PNG)
    (folder / "b.md").write_text("![](b.png)")
    run(empty_app, "--dry-run", folder)
    assert not (instance_path / "media").exists()


def test_taken_url_is_reported(empty_app, folder):
    for name in "ab":
        (folder / f"{name}.md").write_text("---\ndate: 2015-06-25\naliases: [/old]\n---\nText")
    assert "  b.md: The old URL /old leads to another post.\n" in run(empty_app, folder)[1]


def test_only_the_first_warnings_are_printed(empty_app, folder, monkeypatch):
    monkeypatch.setattr(import_posts, "MAX_SHOWN", 1)
    (folder / "a.md").write_text("{{< x >}} {{< y >}}")
    assert "  and 1 more\n" in run(empty_app, folder)[1]
    with empty_app.app_context():
        report = Path(empty_app.instance_path, "import-report.md").read_text()
    assert "- `a.md`: “y” is not Markdown and shown as code." in report


def test_default_author_can_be_given(empty_app, folder):
    (folder / "a.md").write_text("---\ndate: 2015-06-25\n---\nText")
    assert (
        "1 post without an author: assigned to grace."
        in run(empty_app, "--author", "grace", folder)[1]
    )
    for name in "bc":
        (folder / f"{name}.md").write_text("---\ndate: 2015-06-25\n---\nText")
    with empty_app.app_context():
        users.register("lin", "secret-secret", password_min_length=8)
    assert "2 posts without an author: assigned to lin." in run(empty_app, folder)[1]


def test_dates_are_read_in_the_time_zone_of_the_blog(empty_app, folder):
    empty_app.config["TIMEZONE"] = "Europe/Berlin"
    run(empty_app, folder / "a.md")
    assert str(stored(empty_app, "created")[0]) == "2015-06-24 22:00:00"


def test_interrupted_import_can_be_resumed(empty_app, folder, monkeypatch):
    monkeypatch.setattr(importing, "FILES_PER_BATCH", 1)
    store = imports.Importer.store

    def stop_at_b(importer, source, *rest):
        if source.endswith("b.md"):
            raise KeyboardInterrupt
        return store(importer, source, *rest)

    monkeypatch.setattr(imports.Importer, "store", stop_at_b)
    said = "Stopped. 1 of 2 files are stored. Run the command again to continue."
    assert interrupted(empty_app, folder) == (130, said)
    assert stored(empty_app) == ["A"]
    monkeypatch.undo()
    assert last_line(empty_app, folder) == "Imported 1 post and left 1 unchanged."


def test_import_that_is_interrupted_at_once_says_that_nothing_is_stored(
    empty_app, folder, monkeypatch
):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(importing.documents, "parse", stop)
    said = "Stopped. No post was stored. Run the command again to continue."
    assert interrupted(empty_app, folder) == (130, said)


def test_post_is_found_at_its_slug_even_if_it_was_the_name_of_a_folder(empty_app, tmp_path):
    (tmp_path / "_posts").mkdir()
    (tmp_path / "_posts" / "2020-01-02-film.md").write_text("---\ncategory: film\n---\nText")
    run(empty_app, tmp_path)
    assert empty_app.test_client().get("/film/").location == "/film"


def test_links_lead_to_the_slug_of_a_post_that_was_edited_here(empty_app, folder):
    run(empty_app, folder)
    with empty_app.app_context():
        posts.update(1, SYSTEM, title="A", body="Edited", address="own")
    (folder / "a.md").write_text("---\ntitle: A\nslug: other\n---\nChanged", encoding="utf-8")
    (folder / "b.md").write_text("# B\n\n[a](a.md)", encoding="utf-8")
    run(empty_app, folder)
    assert "[a](/own)" in stored(empty_app, "body")[1]


def test_database_is_writable_while_files_are_read(empty_app, folder, monkeypatch):
    parse = importing.documents.parse

    def write_and_parse(*arguments):
        with closing(sqlite3.connect(empty_app.config["DATABASE"], timeout=0)) as other, other:
            other.execute(
                "INSERT INTO setting (name, value) VALUES ('TAGLINE', 'Written')"
                " ON CONFLICT DO NOTHING"
            )
        return parse(*arguments)

    monkeypatch.setattr(importing.documents, "parse", write_and_parse)
    assert run(empty_app, folder)[0] == 0


def test_unavailable_database_ends_the_import(empty_app, folder, monkeypatch):
    def refuse(*_, **__):
        raise errors.Unavailable("The disk is full.")

    monkeypatch.setattr(posts, "create", refuse)
    status, output = run(empty_app, folder)
    assert (status, output) == (1, "This is a folder of files.\n")
    assert stored(empty_app) == []


def test_missing_path_is_a_usage_error(empty_app, tmp_path):
    assert run(empty_app, tmp_path / "gone")[0] == 2


def test_copy_of_a_moved_file_is_a_new_post(empty_app, folder):
    run(empty_app, folder)
    (folder / "a.md").rename(folder / "c.md")
    (folder / "d.md").write_bytes((folder / "c.md").read_bytes())
    assert last_line(empty_app, folder) == "Imported 1 post and left 2 unchanged."
    assert stored(empty_app) == ["A", "B", "A"]


def test_import_order_is_stable(empty_app, folder):
    for name in ("c", "d", "e"):
        (folder / name).mkdir()
        os.link(folder / "a.md", folder / name / "a.md")
    run(empty_app, folder)
    assert stored(empty_app, "slug") == ["a", "b", "a-2", "a-3", "a-4"]
