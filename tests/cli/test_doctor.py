"""The command finds faults, says what to do, and repairs what is safe to repair."""

import io
import os
import shutil
import sqlite3
import sys
from collections import namedtuple
from contextlib import suppress
from importlib import metadata

import pytest
from click.exceptions import Exit
from flask.cli import ScriptInfo

from flaskr import create_app
from flaskr.cli.doctor import doctor_command
from flaskr.data_folder import days_seen
from flaskr.db import get_db
from flaskr.db import init_db
from flaskr.db import support
from flaskr.models import media
from flaskr.models import posts
from flaskr.models import sessions
from flaskr.models import websub
from flaskr.models.permissions import SYSTEM

from ..conftest import DATA


@pytest.fixture
def doctor(runner, monkeypatch):
    """Return a function that runs the command on a disk with much room."""
    usage = namedtuple("usage", "free")  # as shutil returns
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**12))

    def run(*options):
        result = runner.invoke(args=["doctor", *options])
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result

    return run


def faults(result):
    """Return the lines of the faults, without the remedies."""
    return [line.strip() for line in result.output.splitlines() if line[:3].count(" ") == 2]


def test_blog_without_faults(doctor):
    result = doctor()
    assert result.exit_code == 0
    assert "Links within the blog: no faults" in result.output
    assert result.output.endswith("Everything is in order.\n")


def test_database_has_to_be_upgraded_first(app, doctor):
    with app.app_context():
        get_db().executescript("DROP TABLE tag; PRAGMA user_version = 1")
    result = doctor()
    assert result.exit_code == 1
    assert faults(result) == ["The database cannot be used."]
    assert "init-db" in result.output
    assert "Links" not in result.output


def test_damaged_database_is_reported(app, doctor):
    with open(app.config["DATABASE"], "wb") as file:
        file.write(b"no database" * 1000)
    result = doctor()
    assert len(faults(result)) == 1
    assert "Links" not in result.output


def test_problem_of_the_database_is_reported(doctor, monkeypatch):
    monkeypatch.setattr("flaskr.db.files.find_problems", lambda path: ["row 1 is missing"])
    assert faults(doctor()) == ["The database is damaged: row 1 is missing."]


def test_row_that_refers_to_a_missing_one_is_reported(app, doctor):
    with app.app_context():
        get_db().executescript(
            "PRAGMA foreign_keys = OFF; INSERT INTO post_tag (post_id, tag_id) VALUES (1, 99)"
        )
    assert faults(doctor()) == ["Rows of the database that refer to missing ones: 1."]


def test_each_check_runs_in_spite_of_faults_found_before(app, doctor, monkeypatch):
    with app.app_context():
        get_db().executescript(
            """
            PRAGMA foreign_keys = OFF;
            INSERT INTO post_tag (post_id, tag_id) VALUES (1, 99);
            UPDATE post SET body = '[a](/gone)';
            DROP TABLE search_text;
            """
        )

    def fail():
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(media, "leftovers", fail)
    result = doctor()
    rows, media_fault, search, link = faults(result)
    assert rows == "Rows of the database that refer to missing ones: 1."
    assert "Permission denied" in media_fault
    assert "search_text" in search
    assert link.startswith("/gone is not found.")
    assert "Rendering: no faults" in result.output


def test_damaged_versions_are_reported(app, doctor):
    with app.app_context():
        posts.update(1, SYSTEM, title="test title", body="Another text")
        get_db().execute("UPDATE revision SET delta = x'00'")
        get_db().commit()
    assert faults(doctor()) == ["2 versions of post 1 cannot be read, such as number 1."]


def test_damage_found_before_an_error_is_reported(doctor, monkeypatch):
    def fail(path):
        raise sqlite3.DatabaseError("disk image is malformed")

    monkeypatch.setattr("flaskr.db.files.find_problems", lambda path: ["row 1 is missing"])
    monkeypatch.setattr("flaskr.db.files.count_orphans", fail)
    assert faults(doctor())[0] == "The database is damaged: row 1 is missing."


def test_old_dependency_is_reported(doctor, monkeypatch):
    needed = ["flask>=99.1", "gone", "werkzeug", "other>=1; extra == 'test'"]
    monkeypatch.setattr(metadata, "requires", lambda name: needed)
    result = doctor()
    assert faults(result)[0].endswith(", but flaskr needs 99.1 or newer.")
    assert faults(result)[1:] == ["gone is not installed, but flaskr needs 0 or newer."]
    assert "Run: pip install --upgrade 'flask>=99.1'" in result.output


def test_package_that_is_not_installed_has_no_known_dependencies(doctor, monkeypatch):
    def fail(name):
        raise metadata.PackageNotFoundError

    monkeypatch.setattr(metadata, "requires", fail)
    assert doctor().exit_code == 0


def test_incomplete_sqlite_is_reported(doctor, monkeypatch):
    monkeypatch.setattr(support, "problem", lambda: "flaskr needs a newer SQLite.")
    assert faults(doctor()) == ["flaskr needs a newer SQLite."]


def test_misspelled_setting_is_reported(doctor, app):
    app.extensions["flaskr.notices"].append("FLASKR_NONSENSE is not a setting.")
    assert faults(doctor()) == ["FLASKR_NONSENSE is not a setting."]


@pytest.mark.parametrize(
    ("addresses", "is_reported"),
    ((["127.0.0.1", "::1"], True), (["127.0.0.1", "192.0.2.1"], False), ([], False)),
)
def test_proxy_that_is_not_trusted_is_reported(app, doctor, addresses, is_reported):
    app.config["SITE_URL"] = "https://blog.example.org"
    with app.app_context():
        for address in addresses:
            sessions.start(1, address=address)
    assert any("proxy" in fault for fault in faults(doctor())) == is_reported


def test_hub_that_refuses_is_reported_without_its_key(app, doctor):
    app.config["WEBSUB_HUB"] = "https://hub.example/?key=secret"
    with app.app_context():
        websub.record_success(app.config["WEBSUB_HUB"], {}, "It answered with status 403.")
    without_url, refused = faults(doctor())
    assert "SITE_URL is not set" in without_url
    assert refused == (
        "The hub hub.example could not be told about changed feeds. It answered with status 403."
    )


def test_missing_table_is_reported(app, doctor):
    with app.app_context():
        get_db().executescript("DROP TABLE media")
    assert faults(doctor()) == ["The database cannot be read: no such table: media."]


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_secret_key_that_others_can_read_is_repaired(doctor, instance_path):
    key = instance_path / "secret_key"
    key.write_bytes(b"k" * 32)
    key.chmod(0o644)
    assert "secret_key can be read by other users" in faults(doctor())[0]
    result = doctor("--fix")
    assert result.exit_code == 0
    assert "Repaired." in result.output
    assert key.stat().st_mode & 0o777 == 0o600


def test_failed_repair_is_reported(doctor, instance_path, monkeypatch):
    (instance_path / "secret_key").write_bytes(b"k" * 32)
    (instance_path / "secret_key").chmod(0o644)

    def fail(self, mode):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("pathlib.Path.chmod", fail)
    result = doctor("--fix")
    assert result.exit_code == 1
    assert "It could not be repaired: Operation not permitted." in result.output


def test_file_that_cannot_be_written_is_reported(doctor, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: path.suffix != ".sqlite")
    (fault,) = faults(doctor())
    assert fault.endswith("flaskr.sqlite cannot be written.")


def test_full_disk_is_reported(doctor, monkeypatch):
    usage = namedtuple("usage", "free")  # as shutil returns
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(50 * 1024 * 1024))
    assert " has only 50 MB left, but an upgrade" in faults(doctor())[0]


def test_clock_that_went_back_is_reported(app, doctor):
    with app.app_context():
        sessions.start(1)
        get_db().executescript("UPDATE session SET last_seen = '2999-01-01 00:00:00'")
    assert "2999-01-01 00:00:00 UTC" in faults(doctor())[0]


def test_clock_that_is_far_ahead_is_reported(doctor, instance_path):
    (instance_path / days_seen.FILE).write_text("2001-01-01\n2001-01-02\n2999-01-01\n")
    assert "Nobody has used the blog since 2001-01-02" in faults(doctor())[0]


def test_missing_and_foreign_media_are_reported(app, doctor, draw, instance_path):
    with app.app_context():
        medium = media.add(draw(), name="a.png", user_id=1, max_bytes=10**6)
        media.add(draw(colours=("red",)), name="b.png", user_id=1, max_bytes=10**6)
    folder = instance_path / "media"
    (folder / medium["name"]).unlink()
    (folder / "mine.txt").touch()
    missing, foreign = faults(doctor())
    assert missing == f"a.png is missing: {medium['name']}."
    assert foreign.startswith("1 file in the folder media does not belong to the media library")
    (folder / "yours.txt").touch()
    assert faults(doctor())[1].startswith("2 files in the folder media do not belong")


def test_files_of_killed_uploads_are_deleted(doctor, instance_path):
    folder = instance_path / "media"
    folder.mkdir()
    digest = "0" * 32
    (folder / f"{digest}.{'1' * 16}.part").touch()
    assert faults(doctor()) == [
        "1 file of killed uploads or deletions is left in the folder media."
    ]
    (folder / f"{digest}.png").touch()
    assert faults(doctor()) == [
        "2 files of killed uploads or deletions are left in the folder media."
    ]
    doctor("--fix")
    assert list(folder.iterdir()) == []


def test_search_index_is_compared_with_the_posts(doctor, app, client):
    with app.app_context():
        get_db().execute("DELETE FROM post_words")
        get_db().execute("INSERT INTO post_titles (rowid, title) VALUES (99, 'gone')")
        get_db().commit()
    assert faults(doctor()) == ["The search index is wrong for 2 posts, such as number 1."]
    doctor("--fix")
    assert doctor().exit_code == 0
    assert "1 result." in client.get("/search?q=title").text


@pytest.mark.parametrize(
    ("error", "reason"),
    ((RecursionError("deep"), "of a fault in flaskr (RecursionError: deep)."), (None, "it is too")),
)
def test_post_that_cannot_be_rendered_is_reported(app, doctor, monkeypatch, error, reason):
    with app.app_context():
        posts.create(author_id=1, title="Bad", body="*x* " * 60_000)
    if error:
        monkeypatch.setattr("flaskr.text._render_markdown", lambda *_: (_ for _ in ()).throw(error))
    (fault,) = [fault for fault in faults(doctor()) if "“Bad”" in fault]
    assert fault.split("because ")[1].startswith(reason)


BODY = """\
[Good](/good), [relative](good), [part](#part), [other](https://example.org/bad),
<a href="//[x">broken</a>,
[itself](https://blog.example.org/good?x=1), [mail](mailto:a@example.org)

[Bad](/bad?x=1&y=2) and ![picture](gone.png)
"""


@pytest.mark.parametrize("site", ("https://blog.example.org", ""))
@pytest.mark.parametrize("prefix", ("", "/blog"))
def test_dead_links_are_reported(instance_path, site, prefix):
    settings = {"SITE_URL": site and site + prefix, "URL_PREFIX": prefix, "TESTING": True}
    app = create_app({**settings, "TRUSTED_HOSTS": [".example.net"]})
    with app.app_context():
        init_db()
        get_db().executescript(DATA)
        posts.create(author_id=1, title="Good", body=BODY, slug="good")
    result = app.test_cli_runner().invoke(args=["doctor"])
    dead = [fault for fault in faults(result) if "is not found" in fault]
    assert dead == [
        "/bad?x=1&y=2 is not found. Posts with this link: “Good”.",
        "/gone.png is not found. Posts with this link: “Good”.",
    ]
    with app.app_context():
        assert get_db().execute("SELECT count(*) FROM not_found").fetchone()[0] == 0


def test_progress_is_shown_on_a_terminal(app, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stderr", Terminal())
    script = ScriptInfo(create_app=lambda: app)
    with suppress(Exit):
        doctor_command.main([], obj=script, standalone_mode=False)
    assert "100%" in sys.stderr.getvalue()
