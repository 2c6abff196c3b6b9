import re

import pytest

from flaskr import errors
from flaskr.db import get_db
from flaskr.db import transaction
from flaskr.models import conditions
from flaskr.models import post_fields
from flaskr.models import post_lists
from flaskr.models import posts
from flaskr.models import slugs
from flaskr.models import tags
from flaskr.models import trash
from flaskr.models import users
from flaskr.models.permissions import SYSTEM

from ..databases import plans


def titles(page):
    return [post["title"] for post in page.posts]


@pytest.fixture
def many(context, write):
    """Twenty-five posts, five of them at the same second."""
    with transaction() as db:
        db.execute("DELETE FROM post")
        for number in range(25):
            write(f"{number:02}", created=f"2020-01-{min(number, 20) + 1:02} 00:00:00")
    return [f"{number:02}" for number in reversed(range(25))]


def test_new_post_is_published_with_the_slug_of_its_title(context, write):
    post_id = write("  What is\nnew? ", "one\r\ntwo", summary="s", tags=["Über", "über", ""])
    post = posts.get(post_id, None)
    assert (post["title"], post["body"], post["slug"]) == (
        "What is new?",
        "one\ntwo",
        "what-is-new",
    )
    assert (post["status"], post["summary"], post["updated"]) == ("published", "s", None)
    assert [tag["name"] for tag in tags.for_post(post_id)] == ["Über"]


@pytest.mark.parametrize(
    ("title", "body", "error", "field"),
    (
        ("", "kept", errors.Invalid, "title"),
        (" \n ", "kept", errors.Invalid, "title"),
        ("x" * 501, "", errors.TooLong, "title"),
        ("x", "é" * (5 * 512 * 1024 + 1), errors.TooLong, "body"),
    ),
)
def test_invalid_title_or_body_is_refused(context, title, body, error, field, write):
    with pytest.raises(error, match=rf"^{field.title()} is .*\.$") as refusal:
        write(title, body)
    assert refusal.value.field == field


def test_a_body_of_five_megabytes_is_stored(context, write):
    post = posts.get(write("long", "x" * (5 * 1024 * 1024)), None)
    assert len(post["body"]) == 5 * 1024 * 1024


def test_control_characters_are_removed(context, write):
    post = posts.get(write("a\0b \ud800", "a\0b \udfff"), None)
    assert (post["title"], post["body"]) == ("ab", "ab ")


def test_taken_slugs_are_numbered(context, write):
    found = [posts.get(write("Same"), None)["slug"] for _ in range(12)]
    assert found == ["same", *(f"same-{number}" for number in range(2, 13))]


def test_free_number_is_found_in_few_steps():
    taken = {"a", *(f"a-{number}" for number in range(2, 1001))}
    asked = []
    assert slugs.make_unique("a", lambda slug: asked.append(slug) or slug in taken) == "a-1001"
    assert len(asked) < 25


def test_numbered_slug_is_not_longer_than_the_limit():
    assert len(slugs.make_unique("x" * 80, {"x" * 80}.__contains__)) == 80


def test_reserved_slugs_are_numbered(context, write):
    assert posts.get(write("Create"), None)["slug"] == "create-2"


def test_first_segments_of_all_routes_are_reserved(app):
    segments = {rule.rule.split("/")[1] for rule in app.url_map.iter_rules()}
    assert {
        segment for segment in segments if segment and "<" not in segment
    } <= post_fields.RESERVED_SLUGS
    named = (
        "tag user series archive search settings media posts feed feeds sitemap.xml robots.txt"
        " favicon.ico health api admin account login preview"
    )
    assert set(named.split()) <= post_fields.RESERVED_SLUGS


def test_pages_of_the_list_are_contiguous(many):
    first = post_lists.newest()
    second = post_lists.newest(before=first.older)
    third = post_lists.newest(before=second.older)
    assert titles(first) + titles(second) + titles(third) == many
    assert (first.newer, third.older) == (None, None)
    assert titles(post_lists.newest(after=third.newer)) == titles(second)
    assert titles(post_lists.newest(after=second.newer)) == titles(first)
    assert post_lists.newest(after=second.newer).newer is None


def test_position_of_a_deleted_post_still_works(many):
    first = post_lists.newest()
    trash.put(first.posts[-1]["id"], SYSTEM)
    assert titles(post_lists.newest(before=first.older)) == many[10:20]


def test_positions_beyond_the_list_are_empty(many):
    assert post_lists.newest(before="1999-01-01T00:00:00~1") == ([], None, None)
    assert post_lists.newest(after="2999-01-01T00:00:00~1") == ([], None, None)


@pytest.mark.parametrize(
    "position", ("", "x", "2020-01-01", "2020-01-01T00:00:00~", "2020-01-01T00:00:00~" + "9" * 30)
)
def test_malformed_position_is_not_found(context, position):
    with pytest.raises(errors.NotFound):
        post_lists.newest(before=position)


@plans
@pytest.mark.parametrize("order", ("ASC", "DESC"))
def test_page_of_the_list_uses_the_index(context, order):
    bound = "(post.created, post.id) <= ('2020-01-01 00:00:00', 1)"
    plan = get_db().execute(
        f"EXPLAIN QUERY PLAN {post_lists.SELECT} WHERE {conditions.IN_LISTS} AND {bound}"
        f" ORDER BY post.created {order}, post.id {order} LIMIT 11"
    )
    steps = " ".join(row["detail"] for row in plan)
    assert "post_newest (kind=? AND status=? AND created<?)" in steps
    assert not re.search(r"SCAN|TEMP B-TREE", steps)


def test_position_in_the_future_hides_scheduled_posts(context, write):
    write("Later", created="2999-01-01 00:00:00")
    for number in ("1", "9" * 18):
        page = post_lists.newest(before=f"2999-12-31T00:00:00~{number}")
        assert titles(page) == ["test title"]
    assert titles(post_lists.newest(after="2017-01-01T00:00:00~1")) == ["test title"]


@pytest.mark.parametrize("fields", ({"status": "draft"}, {"created": "2999-01-01 00:00:00"}))
def test_unpublished_posts_are_readable_by_their_editors_only(context, fields, write):
    users.set_role("other", "owner")
    post_id = write("Hidden", **fields)
    stranger = users.find(users.create_without_password("stranger"))
    assert "Hidden" not in titles(post_lists.newest())
    for reader in (None, stranger):
        with pytest.raises(errors.NotFound):
            posts.get_by_slug("hidden", reader)
    for reader in (users.find(1), users.find(2)):
        assert posts.get_for_edit(post_id, reader)["title"] == "Hidden"


def test_published_post_is_editable_by_its_author_and_owners_only(context):
    with pytest.raises(errors.Forbidden, match="another author"):
        posts.get_for_edit(1, users.find(2))
    users.set_role("other", "owner")
    assert posts.get_for_edit(1, users.find(2))["id"] == 1
    with pytest.raises(errors.NotFound):
        posts.get_for_edit(2, users.find(2))


def test_update_keeps_the_slug_and_sets_the_time(context, write):
    post_id = write("Old title", "old")
    posts.update(post_id, SYSTEM, title="New title", body="new")
    post = posts.get_by_slug("old-title", None)
    assert (post["title"], post["body"], post["updated"] is None) == ("New title", "new", False)


def test_update_without_changes_sets_no_time(context, write):
    post_id = write("Title", "body")
    posts.update(post_id, SYSTEM, title="Title", body="body")
    assert posts.get(post_id, None)["updated"] is None


def test_update_gives_a_post_without_slug_one(context):
    posts.update(1, SYSTEM, title="test title", body="test\nbody")
    assert posts.get_by_slug("test-title", None)["id"] == 1


@pytest.mark.parametrize(
    "act",
    (
        lambda: posts.get_stored(9),
        lambda: posts.update(9, SYSTEM, title="t", body=""),
        lambda: trash.put(9, SYSTEM),
    ),
)
def test_missing_post_is_not_found(context, act):
    with pytest.raises(errors.NotFound, match="no such post"):
        act()


def test_posts_of_plain_sql_get_slugs_in_order(context):
    get_db().executescript(
        "INSERT INTO post (title, body, author_id) VALUES ('Same', '', 1), ('Same', '', 1)"
    )
    post_fields.backfill_slugs()
    post_fields.backfill_slugs()
    rows = get_db().execute("SELECT slug FROM post ORDER BY id")
    assert [row["slug"] for row in rows] == ["test-title", "same", "same-2"]


def test_post_whose_slug_a_new_route_has_taken_gets_another(context, client):
    get_db().execute("UPDATE post SET slug = 'micropub'")
    get_db().commit()
    post_fields.backfill_slugs()
    assert client.get("/micropub-2").status_code == 200


def test_authors_start_with_the_main_author(context):
    get_db().execute("INSERT INTO coauthor (post_id, user_id, position) VALUES (1, 2, 1)")
    assert [person["name"] for person in posts.authors(1)] == ["test", "other"]


def test_imported_url_finds_its_post_while_it_is_visible(context):
    get_db().execute("INSERT INTO old_address VALUES ('/2018/old', 1)")
    assert posts.find_by_old_address("/2018/old")["id"] == 1
    assert posts.find_by_old_address("/2018/other") is None
    get_db().execute("UPDATE post SET status = 'draft'")
    assert posts.find_by_old_address("/2018/old") is None


def test_tags_with_equal_slugs_stay_distinct(context):
    tags.set_for_post(1, ["C", "C++", "c", "C#"])
    found = [tuple(row) for row in tags.for_post(1)]
    assert [name for name, _ in found] == ["C", "C++", "C#"]
    assert len({slug for _, slug in found}) == 3
    tags.set_for_post(1, ["c"])
    assert [tuple(row) for row in tags.for_post(1)] == [found[0]]


def slug(post_id):
    return posts.get_stored(post_id)["slug"]


def update(post_id, **fields):
    post = posts.get_stored(post_id)
    posts.update(post_id, SYSTEM, **{"title": post["title"], "body": post["body"]} | fields)


def test_untitled_draft_gets_its_slug_with_its_title(context, write):
    post_id = write("", status="draft")
    assert slug(post_id) == "post"
    update(post_id, title="At last")
    assert slug(post_id) == "at-last"
    update(post_id, title="Another")
    assert slug(post_id) == "at-last"
    update(post_id, title="")
    with pytest.raises(errors.Invalid, match="Title is required."):
        update(post_id, status="published")


def test_post_keeps_the_date_of_its_first_publication(context, write):
    post_id = write(status="draft")
    age(post_id)
    update(post_id, status="published")
    first = posts.get_stored(post_id)["stored_created"]
    assert first > "2020-01-01 00:00:00"
    age(post_id)
    update(post_id, status="draft")
    assert posts.get_stored(post_id)["status"] == "draft"
    update(post_id, status="published")
    assert posts.get_stored(post_id)["stored_created"] == "2020-01-01 00:00:00"


def age(post_id):
    with transaction() as db:
        db.execute("UPDATE post SET created = '2020-01-01 00:00:00' WHERE id = ?", (post_id,))


def test_date_chosen_for_a_draft_is_kept(context, write):
    post_id = write(status="draft", created="2999-01-01 00:00:00")
    update(post_id, status="published")
    assert posts.is_scheduled(posts.get_stored(post_id))
    update(post_id, created="2001-01-01 00:00:00")
    assert posts.get_stored(post_id)["stored_created"] == "2001-01-01 00:00:00"


def test_scheduled_post_appears_on_time(context, monkeypatch, write):
    write("Soon", created="2999-01-01 00:00:00")
    for module in (posts, post_lists):
        monkeypatch.setattr(module, "now", lambda: "2998-12-31 23:59:59")
    assert "Soon" not in titles(post_lists.newest())
    for module in (posts, post_lists):
        monkeypatch.setattr(module, "now", lambda: "2999-01-01 00:00:00")
    assert titles(post_lists.newest())[0] == "Soon"
    assert posts.get_by_slug("soon", None)


def test_former_slugs_redirect_to_the_current_slug(context, write):
    post_id = write("One")
    for address in ("two", "three", "one"):
        update(post_id, address=address)
    for former in ("two", "three"):
        with pytest.raises(errors.Moved) as moved:
            posts.get_by_slug(former, None)
        assert moved.value.slug == "one"
    assert posts.get_by_slug("one", None)["id"] == post_id


def test_former_slug_leads_to_a_post_whose_slug_was_removed(context, client, write):
    post_id = write("One")
    get_db().execute("UPDATE post SET slug = NULL WHERE id = ?", (post_id,))
    get_db().commit()
    assert client.get("/one").location == f"/{post_id}"
    assert client.get(f"/{post_id}").status_code == 200


@pytest.mark.parametrize(
    ("address", "sentence"),
    (
        ("Odd One", "lowercase letters, numbers and hyphens. How about odd-one?"),
        ("ein/zwei", "How about ein-zwei?"),
        ("2024", "How about post-2024?"),
        ("taken", "URL taken is already taken. How about taken-2?"),
        ("former", "URL former is already taken. How about former-2?"),
        ("thrown-away", "URL thrown-away is already taken. How about thrown-away-2?"),
        ("posts", "URL posts is already taken. How about posts-2?"),
    ),
)
def test_unavailable_slug_is_refused_with_a_proposal(context, address, sentence, write):
    taken, mine = write("Former"), write("Mine")
    update(taken, address="taken")
    trash.put(write("Thrown away"), SYSTEM)
    with pytest.raises(errors.Conflict, match=re.escape(sentence)) as refusal:
        update(mine, address=address)
    assert refusal.value.field == "address"
    with pytest.raises(errors.Conflict, match=re.escape(sentence)):
        write("New", address=address)


def test_slug_can_be_chosen_and_reset_to_the_title(context, write):
    post_id = write("A long title", address="short")
    assert slug(post_id) == "short"
    update(post_id, address="")
    assert slug(post_id) == "a-long-title"
    update(post_id, address=" a-long-title ")
    assert slug(post_id) == "a-long-title"


@pytest.mark.parametrize(
    ("field", "value", "error"),
    (
        ("summary", "x" * 1001, errors.TooLong),
        ("language", "not a code", errors.Invalid),
        ("language", '"><script>', errors.Invalid),
    ),
)
def test_invalid_field_is_refused(context, field, value, error):
    with pytest.raises(error) as refusal:
        update(1, **{field: value})
    assert refusal.value.field == field


def test_fields_are_stored_and_missing_ones_stay(context):
    fields = {"summary": "s", "language": "pt-BR", "kind": "page", "menu_position": 3}
    update(1, tags=["one"], **fields)
    update(1, title="New")
    post = posts.get_stored(1)
    assert {name: post[name] for name in fields} == fields
    assert [tag["name"] for tag in tags.for_post(1)] == ["one"]


def test_pages_are_in_the_menu_and_in_no_list(context, write):
    write("Second", kind="page", menu_position=2)
    write("First", kind="page", menu_position=1)
    write("Hidden", kind="page", status="draft")
    assert [page["title"] for page in posts.menu_pages()] == ["First", "Second"]
    assert titles(post_lists.newest()) == ["test title"]


def test_all_urls_of_a_deleted_post_are_gone(context, write):
    first, second = write("First"), write("Second")
    update(first, address="renamed")
    trash.put(first, SYSTEM)
    get_db().execute("DELETE FROM post WHERE id = ?", (second,))
    for address in ("first", "renamed", "second"):
        with pytest.raises(errors.Gone, match="has been deleted"):
            posts.get_by_slug(address, None)
    assert slug(write("Second")) == "second"
    assert posts.get_by_slug("second", None)
