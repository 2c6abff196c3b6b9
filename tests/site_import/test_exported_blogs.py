"""Damaged and hostile exports: what can be read is imported, and the report names the rest."""

import io
import zipfile

import pytest

from flaskr.db import get_db
from flaskr.errors import Invalid
from flaskr.models import users
from flaskr.site_import import background
from flaskr.site_import import importing

GOOD = "---\ntitle: Good\nslug: good\n---\ntext\n"


@pytest.fixture
def context(empty_app):
    with empty_app.app_context():
        yield empty_app


@pytest.fixture
def import_files(context, tmp_path):
    def import_files(files, **options):
        for name, content in {"flaskr.yaml": "format: 1\n", **files}.items():
            file = tmp_path / "export" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        options = importing.Options(**options)
        return importing.run(tmp_path / "export", "UTC", options, lambda *_: None)

    return import_files


def slugs():
    return [row["slug"] for row in get_db().execute("SELECT slug FROM post ORDER BY id")]


def test_one_damaged_file_does_not_stop_the_others(import_files):
    report = import_files({"content/a.md": "damaged", "content/b.md": GOOD})
    assert slugs() == ["good"]
    assert [finding.name for finding in report.findings["failed"]] == ["content/a.md"]


def test_post_without_authors_belongs_to_the_one_who_was_named(import_files):
    import_files({"content/b.md": GOOD}, author="Ann")
    assert [user["username"] for user in users.list_all()] == ["Ann"]


def test_damaged_table_is_reported(import_files):
    report = import_files({"data/users.yaml": "a: b\n", "content/b.md": GOOD})
    assert [finding.name for finding in report.findings["failed"]] == ["users.yaml"]


def test_user_without_a_name_is_reported_and_a_role_that_is_none_is_not_given(import_files):
    rows = '- role: "owner"\n- username: "eve"\n  role: "root"\n'
    report = import_files({"data/users.yaml": rows})
    assert [(user["username"], user["role"]) for user in users.list_all()] == [("eve", "author")]
    assert report.has_failures


def test_links_and_pictures_of_users_that_are_none_are_left_out(import_files):
    picture, links = "https://a.example/b.png", "a javascript:alert(1)"
    rows = f'- username: "eve"\n  picture: "{picture}"\n  links: "{links}"\n'
    import_files({"data/users.yaml": rows})
    (user,) = get_db().execute('SELECT username, picture, links FROM "user"')
    assert tuple(user) == ("eve", "", "")


def test_imported_users_cannot_log_in(import_files):
    import_files({"data/users.yaml": '- username: "eve"\n  role: "owner"\n'})
    assert not users.has_accounts()


@pytest.mark.parametrize(
    ("name", "content"),
    (
        ("../../secret.png", None),
        ("0" * 32 + ".png", None),
        ("0" * 32 + ".png", b"no picture"),
    ),
)
def test_files_that_are_not_what_they_say_are_reported(import_files, name, content):
    files = {"data/media.yaml": f'- name: "{name}"\n'}
    if content:
        files[f"static/media/{name}"] = content
    report = import_files(files)
    assert [finding.name for finding in report.findings["failed"]] == [name]


def test_file_with_another_content_is_stored_under_its_own_name(import_files, draw):
    name = "0" * 32 + ".png"
    report = import_files(
        {"data/media.yaml": f'- name: "{name}"\n', f"static/media/{name}": draw()}
    )
    (row,) = get_db().execute("SELECT name FROM media").fetchall()
    assert row["name"] != name
    assert report.has_failures


def test_settings_that_are_not_valid_are_reported(import_files):
    settings = 'format: 1\nsettings:\n  ACCENT: "x"\n  NONE: "y"\n  TAGLINE: "z"\n'
    report = import_files({"flaskr.yaml": settings})
    assert len(report.findings["warnings"]) == 2
    assert [tuple(row) for row in get_db().execute("SELECT * FROM setting")] == [("TAGLINE", "z")]


def test_front_page_follows_its_page(import_files):
    settings = 'format: 1\nsettings:\n  FRONT_PAGE: "7"\n'
    page = '---\ntitle: Home\nslug: home\nextra:\n  id: 7\n  kind: "page"\n---\n\n'
    import_files({"flaskr.yaml": settings, "content/home.md": page})
    assert get_db().execute("SELECT value FROM setting").fetchone()["value"] == "7"


def test_icons_that_are_no_pictures_are_left_out(import_files):
    import_files({"static/icons/192.png": "<script>", "static/icons/other.png": b"x"})
    assert get_db().execute("SELECT count(*) FROM icon").fetchone()[0] == 0


def test_blog_keeps_its_id_if_it_has_posts_or_the_other_is_none(import_files):
    before = get_db().execute("SELECT uuid FROM site").fetchone()[0]
    import_files({"flaskr.yaml": 'format: 1\nuuid: "../x"\n'})
    assert get_db().execute("SELECT uuid FROM site").fetchone()[0] == before


def test_post_too_long_or_with_too_many_tags_is_refused(import_files):
    tags = ", ".join(f"t{number}" for number in range(60))
    report = import_files(
        {
            "content/a.md": "---\ntitle: x\n---\n" + "x" * (5 * 1024 * 1024 + 1),
            "content/b.md": f"---\ntitle: x\ntags: [{tags}]\n---\n",
        }
    )
    assert len(report.findings["failed"]) == 2


def test_reserved_slug_is_numbered(import_files):
    import_files({"content/a.md": "---\ntitle: x\nslug: admin\n---\n"})
    assert slugs() == ["admin-2"]


def test_versions_of_posts_that_are_not_there_are_left_out(import_files):
    version = "---\ntitle: x\nextra:\n  post: 9\n---\nold\n"
    import_files({"revisions/9/00001.md": version, "revisions/8/00001.md": "damaged"})
    assert get_db().execute("SELECT count(*) FROM revision").fetchone()[0] == 0


def test_tags_without_a_name_are_left_out(import_files):
    import_files({"data/tags.yaml": '- slug: "x"\n'})
    assert get_db().execute("SELECT count(*) FROM tag").fetchone()[0] == 0


def test_export_of_a_newer_version_is_refused(import_files):
    with pytest.raises(Invalid, match="newer"):
        import_files({"flaskr.yaml": "format: 2\n"})


def make_zip(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    out.seek(0)
    return out


def test_uploaded_export_is_imported(context):
    files = {"blog/flaskr.yaml": "format: 1\n", "blog/content/a.md": GOOD}
    background.start(make_zip(files), "blog.zip", "UTC", dry_run=False).join()
    assert background.state()["report"]["outcome"].startswith("Imported 1 post")
    assert slugs() == ["good"]


def test_zip_of_another_site_is_no_export(context, tmp_path):
    (tmp_path / "a.zip").write_bytes(make_zip({"content/a.md": GOOD}).read())
    report = importing.run(tmp_path / "a.zip", "UTC", importing.Options(), lambda *_: None)
    assert report.has_failures
