import pytest

from flaskr import db
from flaskr import errors
from flaskr.models import import_plans
from flaskr.models import imports
from flaskr.models import posts
from flaskr.models import tags
from flaskr.models import translations
from flaskr.models import trash
from flaskr.models import users
from flaskr.models.permissions import SYSTEM

from ..databases import dump

NONE_MISSING = imports.MissingFiles({}, {})


@pytest.fixture(autouse=True)
def context(empty_app):
    with empty_app.app_context():
        yield


def make_post(**fields):
    return {
        "title": "A",
        "body": "Text",
        "created": "2015-06-25 00:00:00",
        "dated": True,
        "updated": None,
        "status": "published",
        "slug": "a",
        "summary": "",
        "tags": [],
        "authors": [],
        "addresses": [],
        "translation": "",
        "cover": "",
        "series": "",
        "part": None,
        **fields,
    }


def import_post(source="/a.md", author="ada", overwrite=False, missing=None, **fields):
    post = make_post(**fields)
    importer = imports.Importer(author=author, missing=missing or NONE_MISSING, overwrite=overwrite)
    with db.transaction():
        return importer.skip(source, repr(post)) or importer.store(source, repr(post), post)


def rows():
    return db.get_db().execute("SELECT * FROM post ORDER BY id").fetchall()


def stored(column="title"):
    return [row[column] for row in rows()]


def old_addresses():
    return dict(map(tuple, db.get_db().execute("SELECT path, post_id FROM old_address")))


def test_all_fields_are_imported():
    outcome = import_post(
        updated="2016-01-02 03:04:05",
        status="draft",
        summary="Short",
        tags=["Rust"],
        authors=["Ada", "Grace", "ada"],
        addresses=["/2015/a", "/a"],
    )
    assert (outcome.kind, outcome.claimed) == ("imported", ())
    post = rows()[0]
    assert (post["title"], post["slug"], post["status"]) == ("A", "a", "draft")
    assert (str(post["created"]), str(post["updated"])) == (
        "2015-06-25 00:00:00",
        "2016-01-02 03:04:05",
    )
    assert (post["body"], post["summary"]) == ("Text", "Short")
    assert [person["name"] for person in posts.authors(1)] == ["Ada", "Grace"]
    assert [tag["name"] for tag in tags.for_post(1)] == ["Rust"]
    assert old_addresses() == {"/2015/a": 1, "/a": 1}


def test_importing_again_changes_nothing():
    import_post()
    before = dump()
    assert import_post().kind == "unchanged"
    assert import_post(overwrite=True).kind == "unchanged"
    assert dump() == before


def test_changed_file_updates_its_post():
    import_post(tags=["old"], authors=["Ada", "Grace"], addresses=["/1"])
    outcome = import_post(
        title="B",
        body="More",
        created="2016-01-01 00:00:00",
        updated="2017-01-01 00:00:00",
        tags=["new"],
        authors=["Grace"],
        addresses=["/2"],
    )
    assert outcome.kind == "updated"
    post = rows()[0]
    assert (post["title"], post["body"], post["slug"]) == ("B", "More", "a")
    assert (str(post["created"]), str(post["updated"])) == (
        "2016-01-01 00:00:00",
        "2017-01-01 00:00:00",
    )
    assert [person["name"] for person in posts.authors(1)] == ["Grace"]
    assert [tag["name"] for tag in tags.for_post(1)] == ["new"]
    assert old_addresses() == {"/1": 1, "/2": 1, "/a": 1}


def test_modification_time_does_not_change_the_date():
    import_post(dated=False)
    assert import_post(dated=False, created="2020-01-01 00:00:00", body="More").kind == "updated"
    assert str(stored("created")[0]) == "2015-06-25 00:00:00"


def test_changed_slug_redirects():
    import_post()
    import_post(slug="b")
    assert stored("slug") == ["b"]
    assert old_addresses() == {"/a": 1}


@pytest.mark.parametrize("slug", ("a", "search"))
def test_taken_slug_gets_a_number_and_keeps_it(slug):
    import_post(slug="a")
    import_post("/b.md", slug=slug)
    assert import_post("/b.md", slug=slug, body="More").kind == "updated"
    assert stored("slug") == ["a", f"{slug}-2"]


@pytest.mark.parametrize("changed", ({}, {"body": "In the file"}))
def test_edited_post_is_skipped(changed):
    import_post()
    posts.update(1, SYSTEM, title="A", body="Here")
    assert import_post(**changed).kind == "edited"
    assert stored("body") == ["Here"]
    assert import_post(overwrite=True, **changed).kind == "updated"
    assert stored("body") == [changed.get("body", "Text")]
    assert import_post(**changed).kind == "unchanged"


def test_deleted_post_stays_deleted():
    import_post()
    trash.put(1, SYSTEM)
    assert import_post(body="In the file").kind == "deleted"
    assert stored() == []
    assert import_post(overwrite=True).kind == "updated"
    assert stored("title") == ["A"]


def test_changing_tags_counts_as_an_edit():
    import_post(tags=["a"])
    tags.set_for_post(1, ["b"])
    assert import_post(body="More", tags=["a"]).kind == "edited"


def test_moved_file_is_recognized_by_its_content():
    import_post("/gone/a.md")
    missing = imports.find_missing_files()
    assert import_post("/new/a.md", missing=missing).kind == "unchanged"
    assert import_post("/copy/a.md", missing=missing).kind == "imported"
    assert len(stored()) == 2


def test_moved_and_changed_file_is_recognized_by_title_and_date():
    import_post("/gone/a.md")
    assert (
        import_post("/new/a.md", missing=imports.find_missing_files(), body="More").kind
        == "updated"
    )
    assert stored("body") == ["More"]


def test_moved_and_changed_file_does_not_replace_an_edited_post():
    import_post("/gone/a.md")
    posts.update(1, SYSTEM, title="A", body="Here")
    assert (
        import_post("/new/a.md", missing=imports.find_missing_files(), body="More").kind == "edited"
    )
    assert stored("body") == ["Here"]


def test_copied_file_is_a_new_post(tmp_path):
    (tmp_path / "a.md").touch()
    import_post(str(tmp_path / "a.md"))
    assert import_post("/copy/a.md", missing=imports.find_missing_files()).kind == "imported"


def test_imported_url_keeps_its_first_post():
    import_post(addresses=["/old"])
    assert import_post("/b.md", addresses=["/old", "/other"]).claimed == ("/old",)
    assert old_addresses() == {"/old": 1, "/other": 2}


def test_post_without_author_gets_the_default_author():
    import_post(author="Nobody Known")
    assert [person["name"] for person in posts.authors(1)] == ["Nobody Known"]
    user = users.get_by_name("Nobody Known")
    assert (user["role"], user["password"]) == ("author", users.NO_PASSWORD)


def test_author_is_found_case_insensitively():
    users.register("Ada", "secret-secret", password_min_length=8)
    import_post(authors=["ada"])
    assert [person["name"] for person in posts.authors(1)] == ["Ada"]


def test_owner_is_the_default_author():
    assert imports.default_author() == "someone"
    users.register("ada", "secret-secret", password_min_length=8)
    assert imports.default_author() == "ada"


def test_refused_post_stores_nothing():
    with pytest.raises(errors.Invalid):
        import_post(title="x" * 1000, authors=["New"])
    assert users.list_all() == []


def test_author_that_cannot_be_created_is_left_out():
    outcome = import_post(authors=["\u200b\u200b", "Ada"])
    assert [person["name"] for person in posts.authors(1)] == ["Ada"]
    assert "was left out." in outcome.remarks[0]


def test_imported_post_keeps_its_slug_even_if_its_file_was_moved():
    import_post("/old.md", slug="a")
    plans = import_plans.plan(
        [
            import_plans.Wish("/first.md", "a", []),
            import_plans.Wish("/new.md", "a", [], former="/old.md"),
        ]
    )
    assert (plans["/first.md"].slug, plans["/new.md"].slug) == ("a-2", "a")


def test_translations_know_each_other():
    import_post("/a.de.md", language="de", translation="k")
    import_post("/a.en.md", slug="b", language="en", translation="k")
    import_post("/a.fr.md", slug="c", language="fr", translation="k", status="draft")
    assert [row["language"] for row in translations.find(1)] == ["en"]
    import_post("/a.en.md", slug="b", language="en", translation="")
    assert translations.find(1) == []


def test_author_name_may_be_longer_than_a_username():
    import_post(authors=["x" * 200])
    assert [person["name"] for person in posts.authors(1)] == ["x" * 200]


def test_posts_of_one_transaction_are_independent():
    with db.transaction():
        outcomes = [
            import_post(f"/{number}.md", tags=["Rust", f"{number}"], addresses=["/old"])
            for number in range(3)
        ]
    assert stored("slug") == ["a", "a-2", "a-3"]
    assert [outcome.claimed for outcome in outcomes] == [(), ("/old",), ("/old",)]
    assert [tag["name"] for tag in tags.for_post(3)] == ["Rust", "2"]


def test_refused_update_stores_nothing():
    import_post()
    with pytest.raises(errors.Invalid):
        import_post(title="x" * 1000, authors=["New"])
    assert [user["username"] for user in users.list_all()] == ["ada"]
    assert stored() == ["A"]


def test_refused_moved_file_stores_nothing():
    import_post("/gone/a.md", body="Text")
    with pytest.raises(errors.Invalid):
        import_post(
            "/new/a.md", missing=imports.find_missing_files(), summary="x" * 2000, overwrite=True
        )
    assert [row["path"] for row in db.get_db().execute("SELECT path FROM import_source")] == [
        "/gone/a.md"
    ]
