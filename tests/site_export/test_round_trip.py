"""An export that is imported into an empty blog gives the same content, and the same export."""

import filecmp
import shutil
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies

from flaskr.db import get_db
from flaskr.models import posts
from flaskr.models import tokens
from flaskr.models import users
from flaskr.site_export import entries
from flaskr.site_export import zips

from .conftest import EVERYTHING

TABLES = {
    '"user"': "id, username, role, display_name, bio, picture, links",
    "post": "*",
    "coauthor": "*",
    "tag": "*",
    "former_tag": "*",
    "post_tag": "*",
    "series": "*",
    "former_series": "*",
    "series_post": "*",
    "old_address": "*",
    "former_slug": "*",
    "translation": "*",
    "redirect": "path, target",
    "media": "*",
    "media_use": "*",
    "setting": "*",
    "icon": "*",
    "card": "url, title, site, image",
    "site": "*",
    "trash": "post_id, author_id, title, deleted",
    "revision": "post_id, editor_id, created, title, step, delta, autosave",
}
PAGES = ("/", "/archive", "/tag", "/feed.xml", "/sitemap.xml", "/renamed", "/second", "/about")


def read_tables():
    db = get_db()
    return {
        table: sorted(map(repr, map(tuple, db.execute(f"SELECT {columns} FROM {table}"))))
        for table, columns in TABLES.items()
    }


def read_folder(folder):
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


def get_pages(app):
    client = app.test_client()
    return {url: client.get(url).text for url in PAGES}


def test_everything_comes_back(app, full_blog, export_to, new_blog, import_from):
    # Plain SQL stored a line end in a title, which no save would have stored.
    get_db().execute("UPDATE post SET title = 'Odd title' WHERE slug = '../x'")
    get_db().commit()
    folder, tables, pages = export_to("first"), read_tables(), get_pages(app)
    second = new_blog()
    with second.app_context():
        report = import_from(folder)
        assert not any(report.findings.values())
        assert read_tables() == tables
        assert read_folder(export_to("again")) == read_folder(folder)
    assert get_pages(second) == pages


def test_importing_again_changes_nothing(full_blog, export_to, new_blog, import_from):
    folder = export_to("first")
    with new_blog().app_context():
        import_from(folder)
        tables = read_tables()
        report = import_from(folder)
        assert (report.counts["imported"], report.counts["unchanged"]) == (0, 8)
        assert read_tables() == tables


def test_zip_is_imported_as_the_folder_is(full_blog, export_to, new_blog, import_from, tmp_path):
    folder = export_to("first.zip")
    with new_blog().app_context():
        assert import_from(folder).counts["imported"] == 8
        again = export_to("again.zip")
    assert filecmp.cmp(folder, again, shallow=False)


def test_hidden_posts_stay_hidden(full_blog, export_to, new_blog, import_from):
    folder = export_to("first", entries.Options())
    assert not (folder / "trash").exists()
    assert not (folder / "revisions").exists()
    statuses = read_statuses()
    second = new_blog()
    with second.app_context():
        import_from(folder)
        assert read_statuses() == statuses
    assert second.test_client().get("/later").status_code == 404


def read_statuses():
    return list(map(tuple, get_db().execute("SELECT id, status, created FROM post ORDER BY id")))


def test_tokens_are_not_exported(full_blog, export_to):
    secret = tokens.create(users.find(1), name="My phone", scopes=["read"])
    hashed = get_db().execute("SELECT hash FROM token").fetchone()["hash"]
    for file in export_to("site").rglob("*"):
        content = file.read_bytes() if file.is_file() else b""
        assert not any(text.encode() in content for text in (secret, hashed, "My phone"))


def test_files_that_are_missing_or_no_files_are_left_out(full_blog, export_to, app):
    for file in Path(app.instance_path, "media").iterdir():
        file.unlink()
    get_db().execute("INSERT INTO icon (name, content) VALUES ('../x', 'x')")
    get_db().execute(
        "INSERT INTO media SELECT 99, 'h', '../../x', type, original_name, alt, words,"
        " user_id, created, size, width, height, animated, widths FROM media"
    )
    folder = export_to("first", entries.Options(trash=True))
    assert not (folder / "static" / "media").exists()
    assert not (folder / "revisions").exists()
    assert len(list((folder / "static" / "icons").iterdir())) == 5
    assert "../x" not in (folder / "data" / "media.yaml").read_text()


def test_dry_run_stores_nothing(full_blog, export_to, new_blog, import_from):
    folder = export_to("first")
    with new_blog().app_context():
        tables = read_tables()
        report = import_from(folder, dry_run=True)
        assert (report.counts["imported"], report.media) == (8, 1)
        assert read_tables() == tables


@pytest.mark.parametrize("overwrite", (False, True))
def test_edited_post_is_only_replaced_if_asked(
    full_blog, export_to, import_from, overwrite, context
):
    folder = export_to("first")
    get_db().execute("UPDATE post SET body = 'edited' WHERE id = ?", (full_blog,))
    get_db().commit()
    report = import_from(folder, overwrite=overwrite)
    body = get_db().execute("SELECT body FROM post WHERE id = ?", (full_blog,)).fetchone()[0]
    assert (body == "edited") is not overwrite
    assert report.counts["updated"] == overwrite
    assert len(report.findings["skipped"]) == (not overwrite)


def test_another_post_with_the_same_slug_stays(app, write, export_to, new_blog, import_from):
    with app.app_context():
        write("Same", "ours", day=1)
        folder = export_to("first")
    with new_blog().app_context():
        get_db().execute("INSERT INTO \"user\" (username, password) VALUES ('a', '!')")
        posts.create(author_id=1, title="Other", slug="same", body="theirs")
        get_db().commit()
        import_from(folder)
        rows = get_db().execute("SELECT slug, body FROM post WHERE slug LIKE 'same%'").fetchall()
    assert sorted(map(tuple, rows)) == [("same", "theirs"), ("same-2", "ours")]


TEXT = strategies.text(
    strategies.characters(codec="utf-8") | strategies.sampled_from("\n\r\0\x85\u2028-:#'\"]>"),
    max_size=30,
)


@settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    made=strategies.lists(
        strategies.tuples(TEXT, TEXT, TEXT, strategies.sampled_from(("draft", "published"))),
        min_size=1,
        max_size=8,
    )
)
def test_any_text_written_by_plain_sql_comes_back(made, empty_app, new_blog, import_from, tmp_path):
    for name in ("x", "y", "second"):
        shutil.rmtree(tmp_path / name, ignore_errors=True)
    with empty_app.app_context():
        db = get_db()
        db.execute("DELETE FROM post")
        db.execute(
            "INSERT INTO \"user\" (id, username, password) VALUES (1, 'a', '!')"
            " ON CONFLICT DO NOTHING"
        )
        db.executemany(
            "INSERT INTO post (author_id, title, body, summary, status) VALUES (1, ?, ?, ?, ?)",
            made,
        )
        db.commit()
        exported = b"".join(zips.stream(entries.of_blog(EVERYTHING)))
    (tmp_path / "made.zip").write_bytes(exported)
    with new_blog().app_context():
        import_from(tmp_path / "made.zip")
        assert b"".join(zips.stream(entries.of_blog(EVERYTHING))) == exported
    assert zipfile.is_zipfile(tmp_path / "made.zip")
