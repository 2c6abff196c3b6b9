from datetime import timedelta

import pytest

from flaskr import errors
from flaskr.db import get_db
from flaskr.models import autosaves
from flaskr.models import drafts
from flaskr.models import posts
from flaskr.models import revisions
from flaskr.models import tags
from flaskr.models import trash
from flaskr.models.permissions import SYSTEM

from ..databases import ago

KEY = "a-key-of-a-form-1"
OTHER = "a-key-of-a-form-2"
ANN = {"id": 1, "role": "author"}
BOB = {"id": 2, "role": "author"}
TEXT = "A sentence that is longer than what autosaves may remove."


def save(title="", body="", key=KEY, user=ANN, *, post_id=None, base="", problems=(), **options):
    """Save a form as the editor sends it."""
    explicit = options.pop("explicit", False)
    restored = options.pop("restored", "")
    texts = {"title": title, "body": body} | {name: str(value) for name, value in options.items()}
    form = drafts.Form(key, texts, post_id, base, restored)
    fields = {"title": title, "body": body, **options}
    if post := drafts.find_post(user, form):
        fields |= {"base": int(base)} if base else {}
        assert post["id"] in (post_id, 2)
    return drafts.save(user, form, fields, dict(problems), explicit=explicit)


def history(post_id=2):
    return [revisions.get(post_id, row["id"]).body for row in revisions.list_newest(post_id)]


def private(post_id=1, user=ANN):
    rows = autosaves.for_post(user["id"], post_id)
    return [autosaves.load_fields(row)["body"] for row in rows]


def count(table="post"):
    return get_db().execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def test_first_words_become_a_draft(context):
    saved = save(body="Once")
    assert (saved.post["status"], saved.post["body"], saved.post["author_id"]) == (
        "draft",
        "Once",
        1,
    )
    assert (saved.is_private, saved.merged, saved.problems) == (False, None, {})
    assert saved.base == str(revisions.newest_id(2))


def test_blank_new_form_makes_no_draft(context):
    assert save(" ", "\n").post is None
    assert count() == 1


def test_form_that_is_sent_again_makes_no_second_draft(context):
    save("Title", "Once")
    saved = save("Title", "Once upon")
    assert (saved.post["id"], saved.post["body"], count()) == (2, "Once upon", 2)
    assert private(2) == []


def test_same_key_of_another_user_makes_another_draft(context):
    save("Title", "Once")
    form = drafts.Form(KEY, {"title": "Mine", "body": ""})
    drafts.save(BOB, form, form.texts, {})
    assert (count(), posts.get_stored(3)["author_id"]) == (3, 2)


def test_draft_is_updated_and_its_slug_follows_the_title(context):
    save("My fir", "Once", address="")
    save("My first post", "Once", post_id=2, address="my-fir")
    assert posts.get_stored(2)["slug"] == "my-first-post"
    assert count("former_slug") == 0


def test_slug_of_an_unpublished_post_stays_and_redirects(context):
    post_id = posts.create(author_id=1, title="One", body="")
    posts.update(post_id, SYSTEM, title="One", body="", status="draft")
    save("Two", "x", post_id=post_id, address="one")
    assert posts.get_stored(post_id)["slug"] == "one"
    save("Two", "x", post_id=post_id, address="")
    assert [row["slug"] for row in get_db().execute("SELECT * FROM former_slug")] == ["one"]


def test_chosen_slug_of_a_draft_stays(context):
    save("One", "x", address="chosen")
    save("Two", "x", post_id=2, address="chosen")
    assert posts.get_stored(2)["slug"] == "chosen"


def test_autosaves_in_a_row_are_one_revision(context):
    for text in ("Once", "Once upon", "Once upon a time"):
        base = save("T", text).base
    assert history() == ["Once upon a time"]
    assert base == str(revisions.newest_id(2))


def test_explicit_save_is_a_revision_of_its_own(context):
    save("T", "One")
    save("T", "One", explicit=True)
    save("T", "One two")
    save("T", "One two three", explicit=True)
    save("T", "One two three four")
    assert history() == ["One two three four", "One two three", "One"]


def test_autosave_that_removes_much_is_a_revision_of_its_own(context):
    save("T", TEXT)
    save("T", f"{TEXT} And more.")
    save("T", "")
    assert history() == ["", f"{TEXT} And more."]


@pytest.mark.parametrize("minutes", (11, -11), ids=("later", "by a clock that was set back"))
def test_autosaves_become_another_revision_after_ten_minutes(context, minutes):
    save("T", "One")
    get_db().executescript(f"UPDATE revision SET created = '{ago(minutes=minutes)}'")
    save("T", "One two")
    assert history() == ["One two", "One"]


def test_joined_revisions_can_be_read_between_others(context):
    texts = ["".join(f"{number} " for number in range(end)) for end in range(1, 91)]
    for number, body in enumerate(texts):
        save("T", body, explicit=number % 3 == 0)
    assert history() == [texts[89], *texts[87::-3]]


def test_revision_that_another_form_started_from_is_kept(context):
    save("T", "One")
    revisions.catch_up(posts.get_stored(2))
    save("T", "One two")
    assert history() == ["One two", "One"]


def test_changes_of_two_forms_are_merged_into_both(context):
    base = save("T", "one\n\ntwo\n\nthree", explicit=True).base
    first = save("T", "ONE\n\ntwo\n\nthree", base=base, post_id=2)
    assert first.merged is None
    second = save("T", "one\n\ntwo\n\nTHREE", OTHER, base=base, post_id=2)
    assert second.merged.body == "ONE\n\ntwo\n\nTHREE"
    third = save("T", "ONE\n\ntwo\n\nthree", base=first.base, post_id=2)
    assert (third.merged.body, third.base) == (second.merged.body, second.base)


def test_form_does_not_conflict_with_its_own_unanswered_save(context):
    base = save("T", "one", explicit=True).base
    save("T", "one two", base=base, post_id=2)
    save("T", "one two three", base=base, post_id=2, explicit=True)
    assert save("T", "one two three four", base=base, post_id=2).merged is None
    assert posts.get_stored(2)["body"] == "one two three four"


def test_unanswered_merge_is_not_undone(context):
    base = save("T", "one\n\ntwo\n\nthree", explicit=True).base
    save("T", "ONE\n\ntwo\n\nthree", OTHER, base=base, post_id=2)
    save("T", "one\n\ntwo\n\nthr", base=base, post_id=2)
    save("T", "one\n\ntwo\n\nTHREE", base=base, post_id=2)
    assert posts.get_stored(2)["body"] == "ONE\n\ntwo\n\nTHREE"


def test_autosave_does_not_replace_the_revision_that_another_form_was_told_of(context):
    base = save("T", "one\n\ntwo", explicit=True).base
    save("T", "ONE\n\ntwo", base=base, post_id=2)
    told = save("T", "one\n\ntwo", OTHER, base=base, post_id=2)
    save("T", "ONE!\n\ntwo", base=told.base, post_id=2)
    save("T", "ONE\n\nTWO", OTHER, base=told.base, post_id=2)
    assert posts.get_stored(2)["body"] == "ONE!\n\nTWO"


def test_conflict_overwrites_nothing_and_keeps_the_text(context):
    base = save("T", "one", explicit=True).base
    save("T", "theirs", OTHER, base=base, post_id=2)
    with pytest.raises(errors.EditConflict):
        save("T", "mine", base=base, post_id=2)
    assert (posts.get_stored(2)["body"], private(2)) == ("theirs", ["mine"])
    save("T", "both", base=str(revisions.newest_id(2)), post_id=2)
    assert (posts.get_stored(2)["body"], private(2)) == ("both", [])


@pytest.mark.parametrize(
    ("field", "value"), (("address", "No Slug"), ("language", "?"), ("summary", "x" * 1001))
)
def test_invalid_field_does_not_keep_the_text_from_being_saved(context, field, value):
    saved = save("T", "Once", **{field: value})
    assert (saved.post["body"], list(saved.problems)) == ("Once", [field])
    assert autosaves.load_fields(autosaves.get(1, KEY))[field] == value
    saved = save("T", "Once upon", post_id=2, **{field: value})
    assert (saved.post["body"], list(saved.problems)) == ("Once upon", [field])
    save("T", "Once upon", post_id=2)
    assert private(2) == []


def test_field_that_cannot_be_read_is_kept(context):
    saved = save("T", "Once", problems={"created": "Date cannot be read."})
    assert saved.problems == {"created": "Date cannot be read."}
    assert private(2) == ["Once"]


def test_title_that_is_too_long_is_refused_and_kept(context):
    with pytest.raises(errors.TooLong, match="Title"):
        save("x" * 501, "Once")
    assert (count(), private(None)) == (1, ["Once"])


@pytest.mark.parametrize(("title", "body"), (("", "\n"), (" ", "")))
def test_draft_that_was_only_autosaved_is_deleted_when_it_is_blank(context, title, body):
    save("T", "Once")
    assert save(title, body, post_id=2).post is None
    assert (count(), count("trash"), count("revision"), count("former_slug")) == (1, 0, 0, 0)
    assert save("Again", "").post["id"] > 2


def test_blank_draft_that_had_a_long_text_goes_to_the_trash(context):
    save("T", TEXT)
    save("", "", post_id=2)
    assert (count(), count("trash")) == (1, 1)
    trash.restore(2, ANN)
    assert TEXT in history()


def test_blank_draft_that_was_saved_stays(context):
    save("T", "Once", explicit=True)
    assert save("", "", post_id=2).post["id"] == 2


def test_published_post_is_saved_privately(context):
    saved = save("test title", "changed", post_id=1)
    assert (saved.is_private, private()) == (True, ["changed"])
    assert posts.get_stored(1)["body"] == "test\nbody"


@pytest.mark.parametrize(
    "fields",
    (
        {},
        {"summary": "", "tags": ["Sea"], "address": "tides", "series": "Sea", "cover": ""},
        {"authors": ["test"]},
        {"title": " test  title", "body": "test\r\nbody"},
    ),
)
def test_form_without_changes_of_a_published_post_is_not_kept(context, fields):
    posts.update(
        1,
        SYSTEM,
        title="test title",
        body="test\nbody",
        tags=["Sea"],
        address="tides",
        series="Sea",
    )
    save("test title", "changed", post_id=1)
    saved = save(**{"title": "test title", "body": "test\nbody", "post_id": 1, **fields})
    assert (saved.is_private, private()) == (False, [])


@pytest.mark.parametrize(
    "fields",
    (
        {"tags": ["Sea"]},
        {"authors": ["test", "other"]},
        {"address": "other"},
        {"series": "Sea", "part": 1},
        {"created": "2020-01-01 00:00:00"},
        {"language": "?"},
        {"body": ""},
    ),
)
def test_any_changed_field_of_a_published_post_is_kept(context, fields):
    assert save(**{"title": "test title", "body": "test\nbody", "post_id": 1, **fields}).is_private


def test_unreadable_field_of_a_published_post_is_kept(context):
    saved = save("test title", "test\nbody", post_id=1, problems={"created": "Unreadable."})
    assert (saved.is_private, saved.problems) == (True, {"created": "Unreadable."})


def test_first_save_supersedes_the_autosave_that_filled_the_form(context):
    save("test title", "changed", OTHER, post_id=1)
    version = autosaves.version(autosaves.get(1, OTHER))
    save("test title", "changed again", post_id=1, restored=version)
    assert private() == ["changed again"]


def test_post_that_is_published_meanwhile_is_not_changed(context, monkeypatch):
    save("T", "Once")
    draft = posts.get_stored(2)
    posts.update(2, ANN, title="T", body="Once", status="published")
    monkeypatch.setattr(drafts, "_find_post", lambda *args: draft)
    with pytest.raises(errors.Conflict, match="meanwhile"):
        drafts.save(
            ANN, drafts.Form(KEY, {"title": "T", "body": "x"}), {"title": "T", "body": "x"}, {}
        )
    monkeypatch.undo()
    assert (posts.get_stored(2)["body"], private(2)) == ("Once", ["x"])


@pytest.mark.parametrize(
    ("user", "post_id", "error"),
    ((BOB, 1, errors.Forbidden), (ANN, 99, errors.NotFound), (ANN, 10**30, errors.NotFound)),
)
def test_text_for_a_post_that_cannot_be_edited_is_kept(context, user, post_id, error):
    with pytest.raises(error):
        save("T", "Once", user=user, post_id=post_id)
    assert [private(place, user) for place in (1, None)].count(["Once"]) == 1
    assert count() == 1


def test_malformed_key_is_refused(context):
    with pytest.raises(errors.NotFound):
        save("T", "Once", "short")
    assert (count(), count("unsaved")) == (1, 0)


def test_submitted_form_publishes_the_draft_that_it_has_become(context):
    save("T", "Once")
    form = drafts.Form(KEY, {})
    assert drafts.submit(ANN, form, status="published", title="T", body="Whole", tags=["Sea"]) == 2
    post = posts.get_stored(2)
    assert (post["status"], post["body"], count("unsaved")) == ("published", "Whole", 0)
    assert [tag["name"] for tag in tags.for_post(2)] == ["Sea"]


def test_submitted_draft_does_not_unpublish_what_another_tab_published(context):
    save("T", "Once")
    posts.update(2, ANN, title="T", body="Once", status="published")
    drafts.submit(ANN, drafts.Form(KEY, {}), status="draft", title="T", body="More")
    assert (posts.get_stored(2)["status"], posts.get_stored(2)["body"]) == ("published", "More")


def test_text_that_is_sent_late_keeps_its_age(context):
    form = drafts.Form(KEY, {"title": "T", "body": "x"}, 1, age=timedelta(hours=2))
    drafts.save(ANN, form, {"title": "T", "body": "x"}, {})
    stored = get_db().execute("SELECT CAST(kept AS TEXT) FROM unsaved").fetchone()[0]
    assert stored < ago(hours=1)
