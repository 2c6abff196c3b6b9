"""Values that plain SQL can store stop neither an export nor the freezing."""

import io
import zipfile

import pytest

from flaskr.db import get_db
from flaskr.site_export import entries
from flaskr.site_export import freeze
from flaskr.site_export import other_systems
from flaskr.site_export import zips

from ..databases import other_types

pytestmark = other_types

NASTY = ("x'00ff3c'", "'a' || char(0) || 'b'", "123456789012345678", "-1.5e300", "''", "char(8232)")
ABOUT = {"SITE_TITLE": "t", "DESCRIPTION": "", "TAGLINE": "", "LANGUAGE": "en"}


@pytest.fixture
def nasty(context):
    for number, value in enumerate(NASTY, 10):
        get_db().execute(
            f"""
            INSERT INTO post (id, author_id, title, body, summary, language, cover, menu_position)
            VALUES ({number}, 1, {value}, {value}, {value}, {value}, {value}, {value})
            """
        )
        get_db().execute(
            f"INSERT INTO tag (name, name_key, slug) VALUES ({value}, {number}, {number})"
        )
        get_db().execute(
            "INSERT INTO post_tag (post_id, tag_id) SELECT ?, max(id) FROM tag", (number,)
        )
        get_db().execute(f"INSERT INTO redirect (path, target) VALUES ('/{number}x', {value})")
    get_db().execute(
        """
        UPDATE "user" SET bio = x'ff', picture = 7, links = x'fe', display_name = 7 WHERE id = 1
        """
    )
    get_db().commit()


def test_export_and_import_again(nasty, new_blog, import_from, tmp_path):
    exported = b"".join(zips.stream(entries.of_blog(entries.Options())))
    (tmp_path / "nasty.zip").write_bytes(exported)
    assert zipfile.ZipFile(io.BytesIO(exported)).testzip() is None
    with new_blog().app_context():
        report = import_from(tmp_path / "nasty.zip")
        assert report.counts["imported"] >= len(NASTY) - 4


def test_other_systems(nasty):
    about = other_systems.site(ABOUT, "https://blog.example")
    assert b"".join(other_systems.write_wxr(about, entries.ignore_progress)).endswith(b"</rss>\n")
    assert b"".join(other_systems.write_ghost(about, entries.ignore_progress)).endswith(b"}}]}\n")


def test_freezing(nasty, tmp_path):
    done = freeze.freeze(tmp_path / "out", "https://blog.example", entries.ignore_progress)
    assert "/feed.xml" not in {broken.url for broken in done.broken}
    assert (tmp_path / "out" / "archive" / "index.html").is_file()
