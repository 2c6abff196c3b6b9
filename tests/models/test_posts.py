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


def create(title="A title", body="", **fields):
    return posts.create(author_id=1, user=SYSTEM, title=title, body=body, **fields)


def titles(page):
    return [post["title"] for post in page.posts]


@pytest.fixture
def many(context):
    """Twenty-five posts, five of them at the same second."""
    with transaction() as db:
        db.execute("DELETE FROM post")
        for number in range(25):
            create(f"{number:02}", created=f"2020-01-{min(number, 20) + 1:02} 00:00:00")
    return [f"{number:02}" for number in reversed(range(25))]


def test_a_post_is_published_at_once_under_its_title(context):
    post_id = create("  What is\nnew? ", "one\r\ntwo", summary="s", tags=["Über", "über", ""])
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
def test_a_post_that_cannot_be_stored_is_refused(context, title, body, error, field):
    with pytest.raises(error, match=rf"^{field.title()} is .*\.$") as refusal:
        create(title, body)
    assert refusal.value.field == field


def test_a_body_of_five_megabytes_is_stored(context):
    post = posts.get(create("long", "x" * (5 * 1024 * 1024)), None)
    assert len(post["body"]) == 5 * 1024 * 1024


def test_what_no_database_can_hold_is_marked(context):
    post = posts.get(create("a\0b \ud800", "a\0b \udfff"), None)
    assert (post["title"], post["body"]) == ("a\ufffdb \ufffd", "a\ufffdb \ufffd")


def test_slugs_are_numbered_where_they_are_taken(context):
    found = [posts.get(create("Same"), None)["slug"] for _ in range(12)]
    assert found == ["same", *(f"same-{number}" for number in range(2, 13))]


def test_a_free_number_is_found_in_a_few_steps():
    taken = {"a", *(f"a-{number}" for number in range(2, 1001))}
    asked = []
    assert slugs.free("a", lambda slug: asked.append(slug) or slug in taken) == "a-1001"
    assert len(asked) < 25


def test_a_number_fits_into_the_longest_address():
    assert len(slugs.free("x" * 80, {"x" * 80}.__contains__)) == 80


def test_reserved_addresses_are_numbered(context):
    assert posts.get(create("Create"), None)["slug"] == "create-2"


def test_every_first_segment_of_an_address_is_reserved(app):
    segments = {rule.rule.split("/")[1] for rule in app.url_map.iter_rules()}
    assert {
        segment for segment in segments if segment and "<" not in segment
    } <= post_fields.RESERVED
    named = (
        "tag user series archive search settings media posts feed feeds sitemap.xml robots.txt"
        " favicon.ico health api admin account login preview"
    )
    assert set(named.split()) <= post_fields.RESERVED


def test_the_list_goes_from_page_to_page_without_a_gap(many):
    first = post_lists.newest()
    second = post_lists.newest(before=first.older)
    third = post_lists.newest(before=second.older)
    assert titles(first) + titles(second) + titles(third) == many
    assert (first.newer, third.older) == (None, None)
    assert titles(post_lists.newest(after=third.newer)) == titles(second)
    assert titles(post_lists.newest(after=second.newer)) == titles(first)
    assert post_lists.newest(after=second.newer).newer is None


def test_a_position_whose_post_is_gone_shows_what_comes_after_it(many):
    first = post_lists.newest()
    trash.put(first.posts[-1]["id"], SYSTEM)
    assert titles(post_lists.newest(before=first.older)) == many[10:20]


def test_past_the_last_post_there_is_nothing(many):
    assert post_lists.newest(before="1999-01-01T00:00:00~1") == ([], None, None)
    assert post_lists.newest(after="2999-01-01T00:00:00~1") == ([], None, None)


@pytest.mark.parametrize(
    "position", ("", "x", "2020-01-01", "2020-01-01T00:00:00~", "2020-01-01T00:00:00~" + "9" * 30)
)
def test_what_is_no_position_is_not_found(context, position):
    with pytest.raises(errors.NotFound):
        post_lists.newest(before=position)


@pytest.mark.parametrize("order", ("ASC", "DESC"))
def test_a_page_is_found_in_the_index_by_one_bound(context, order):
    bound = "(post.created, post.id) <= ('2020-01-01 00:00:00', 1)"
    plan = get_db().execute(
        f"EXPLAIN QUERY PLAN {post_lists.SELECT} WHERE {conditions.IN_LISTS} AND {bound}"
        f" ORDER BY post.created {order}, post.id {order} LIMIT 11"
    )
    steps = " ".join(row["detail"] for row in plan)
    assert "post_newest (kind=? AND status=? AND created<?)" in steps
    assert not re.search(r"SCAN|TEMP B-TREE", steps)


def test_a_position_in_the_future_shows_no_scheduled_post(context):
    create("Later", created="2999-01-01 00:00:00")
    for number in ("1", "9" * 18):
        page = post_lists.newest(before=f"2999-12-31T00:00:00~{number}")
        assert titles(page) == ["test title"]
    assert titles(post_lists.newest(after="2017-01-01T00:00:00~1")) == ["test title"]


@pytest.mark.parametrize("fields", ({"status": "draft"}, {"created": "2999-01-01 00:00:00"}))
def test_drafts_and_scheduled_posts_are_for_those_who_may_edit_them(context, fields):
    users.set_role("other", "owner")
    post_id = create("Hidden", **fields)
    stranger = users.find(users.create_without_password("stranger"))
    assert "Hidden" not in titles(post_lists.newest())
    for reader in (None, stranger):
        with pytest.raises(errors.NotFound):
            posts.get_by_slug("hidden", reader)
    for reader in (users.find(1), users.find(2)):
        assert posts.get_for_edit(post_id, reader)["title"] == "Hidden"


def test_a_published_post_is_changed_by_its_author_and_an_owner_alone(context):
    with pytest.raises(errors.Forbidden, match="another author"):
        posts.get_for_edit(1, users.find(2))
    users.set_role("other", "owner")
    assert posts.get_for_edit(1, users.find(2))["id"] == 1
    with pytest.raises(errors.NotFound):
        posts.get_for_edit(2, users.find(2))


def test_an_update_keeps_the_address_and_notes_the_time(context):
    post_id = create("Old title", "old")
    posts.update(post_id, SYSTEM, title="New title", body="new")
    post = posts.get_by_slug("old-title", None)
    assert (post["title"], post["body"], post["updated"] is None) == ("New title", "new", False)


def test_an_update_that_changes_nothing_leaves_no_trace(context):
    post_id = create("Title", "body")
    posts.update(post_id, SYSTEM, title="Title", body="body")
    assert posts.get(post_id, None)["updated"] is None


def test_an_update_gives_a_post_of_plain_sql_its_address(context):
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
def test_what_is_not_there_is_not_found(context, act):
    with pytest.raises(errors.NotFound, match="no such post"):
        act()


def test_plain_sql_posts_get_addresses_in_their_order(context):
    get_db().executescript(
        "INSERT INTO post (title, body, author_id) VALUES ('Same', '', 1), ('Same', '', 1)"
    )
    posts.backfill_slugs()
    posts.backfill_slugs()
    rows = get_db().execute("SELECT slug FROM post ORDER BY id")
    assert [row["slug"] for row in rows] == ["test-title", "same", "same-2"]


def test_all_who_wrote_a_post_are_named_its_author_first(context):
    get_db().execute("INSERT INTO coauthor VALUES (1, 2, 1)")
    assert [person["name"] for person in posts.authors(1)] == ["test", "other"]


def test_an_old_address_leads_to_its_post_while_all_may_read_it(context):
    get_db().execute("INSERT INTO old_address VALUES ('/2018/old', 1)")
    assert posts.find_by_old_address("/2018/old")["id"] == 1
    assert posts.find_by_old_address("/2018/other") is None
    get_db().execute("UPDATE post SET status = 'draft'")
    assert posts.find_by_old_address("/2018/old") is None


def test_tags_that_look_alike_in_an_address_stay_apart(context):
    tags.set_for_post(1, ["C", "C++", "c", "C#"])
    found = [tuple(row) for row in tags.for_post(1)]
    assert [name for name, _ in found] == ["C", "C#", "C++"]
    assert len({slug for _, slug in found}) == 3
    tags.set_for_post(1, ["c"])
    assert [tuple(row) for row in tags.for_post(1)] == [found[0]]


def slug(post_id):
    return posts.get_stored(post_id)["slug"]


def update(post_id, **fields):
    post = posts.get_stored(post_id)
    posts.update(post_id, SYSTEM, **{"title": post["title"], "body": post["body"]} | fields)


def test_a_draft_may_be_untitled_and_gets_its_address_with_its_title(context):
    post_id = create("", status="draft")
    assert slug(post_id) == "post"
    update(post_id, title="At last")
    assert slug(post_id) == "at-last"
    update(post_id, title="Another")
    assert slug(post_id) == "at-last"
    update(post_id, title="")
    with pytest.raises(errors.Invalid, match="Title is required."):
        update(post_id, status="published")


def test_a_post_bears_the_date_of_its_first_publishing(context):
    post_id = create(status="draft")
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


def test_a_date_that_was_chosen_for_a_draft_stays(context):
    post_id = create(status="draft", created="2999-01-01 00:00:00")
    update(post_id, status="published")
    assert posts.is_scheduled(posts.get_stored(post_id))
    update(post_id, created="2001-01-01 00:00:00")
    assert posts.get_stored(post_id)["stored_created"] == "2001-01-01 00:00:00"


def test_a_scheduled_post_appears_at_its_second(context, monkeypatch):
    create("Soon", created="2999-01-01 00:00:00")
    for module in (posts, post_lists):
        monkeypatch.setattr(module, "now", lambda: "2998-12-31 23:59:59")
    assert "Soon" not in titles(post_lists.newest())
    for module in (posts, post_lists):
        monkeypatch.setattr(module, "now", lambda: "2999-01-01 00:00:00")
    assert titles(post_lists.newest())[0] == "Soon"
    assert posts.get_by_slug("soon", None)


def test_former_addresses_lead_on_in_one_step_and_back_again(context):
    post_id = create("One")
    for address in ("two", "three", "one"):
        update(post_id, address=address)
    for former in ("two", "three"):
        assert posts.find_by_former_slug(former)["slug"] == "one"
    assert posts.find_by_former_slug("one") is None
    assert posts.get_by_slug("one", None)["id"] == post_id


@pytest.mark.parametrize(
    ("address", "sentence"),
    (
        ("Odd One", "small letters, numbers and hyphens. How about odd-one?"),
        ("ein/zwei", "How about ein-zwei?"),
        ("2024", "How about post-2024?"),
        ("taken", "Address taken is taken. How about taken-2?"),
        ("former", "Address former is taken. How about former-2?"),
        ("thrown-away", "Address thrown-away is taken. How about thrown-away-2?"),
        ("posts", "Address posts is taken. How about posts-2?"),
    ),
)
def test_an_address_that_cannot_be_had_is_told_with_a_proposal(context, address, sentence):
    taken, mine = create("Former"), create("Mine")
    update(taken, address="taken")
    trash.put(create("Thrown away"), SYSTEM)
    with pytest.raises(errors.Conflict, match=re.escape(sentence)) as refusal:
        update(mine, address=address)
    assert refusal.value.field == "address"
    with pytest.raises(errors.Conflict, match=re.escape(sentence)):
        create("New", address=address)


def test_an_address_can_be_chosen_at_once_and_made_anew_from_the_title(context):
    post_id = create("A long title", address="short")
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
def test_a_field_that_cannot_be_is_refused(context, field, value, error):
    with pytest.raises(error) as refusal:
        update(1, **{field: value})
    assert refusal.value.field == field


def test_all_fields_are_stored_and_those_not_given_stay(context):
    fields = {"summary": "s", "language": "pt-BR", "kind": "page", "menu_position": 3}
    update(1, tags=["one"], **fields)
    update(1, title="New")
    post = posts.get_stored(1)
    assert {name: post[name] for name in fields} == fields
    assert [tag["name"] for tag in tags.for_post(1)] == ["one"]


def test_pages_stand_in_the_menu_in_their_order_and_in_no_list(context):
    create("Second", kind="page", menu_position=2)
    create("First", kind="page", menu_position=1)
    create("Hidden", kind="page", status="draft")
    assert [page["title"] for page in posts.menu()] == ["First", "Second"]
    assert titles(post_lists.newest()) == ["test title"]


def test_a_deleted_post_says_so_at_all_its_addresses_even_when_plain_sql_deleted_it(context):
    first, second = create("First"), create("Second")
    update(first, address="renamed")
    trash.put(first, SYSTEM)
    get_db().execute("DELETE FROM post WHERE id = ?", (second,))
    for address in ("first", "renamed", "second"):
        with pytest.raises(errors.Gone, match="has been deleted"):
            posts.get_by_slug(address, None)
    assert slug(create("Second")) == "second"
    assert posts.get_by_slug("second", None)
