import pytest

from flaskr import errors
from flaskr.db import get_db
from flaskr.models import conflicts
from flaskr.models import posts
from flaskr.models import revisions
from flaskr.models import users
from flaskr.models.permissions import SYSTEM

AUTHOR = {"id": 1, "role": "author"}
OTHER = {"id": 2, "role": "owner"}
MARKED = "one\n<<<<<<< yours\na\n=======\nb\n>>>>>>> theirs"


def save(body, title="test title", user=AUTHOR, **options):
    posts.update(1, user, title=title, body=body, **options)


@pytest.fixture
def conflict(context):
    """The author and another user have changed the second line of a post."""
    save("one\ntwo\nthree")
    base = revisions.newest_id(1)
    save("one\nTheirs.\nthree", user=OTHER, base=base)
    with pytest.raises(errors.EditConflict) as clash:
        save("one\nMine.\nthree", base=base)
    return clash.value


def resolve(conflict, user=AUTHOR, **choices):
    return conflicts.resolve(
        1,
        user,
        base=conflict.base,
        against=conflict.revision.id,
        title="test title",
        body="one\nMine.\nthree",
        choices={name.removeprefix("n"): choice for name, choice in choices.items()},
    )


def test_conflict_says_who_saved_and_stores_nothing(conflict):
    assert conflict.message.startswith("other changed the same passage while you were writing.")
    assert (conflict.revision.who, conflict.revision.title) == ("other", "test title")
    assert conflict.revision.id == revisions.newest_id(1)
    assert posts.get_stored(1)["body"] == "one\nTheirs.\nthree"


@pytest.mark.parametrize(
    ("choice", "kept"),
    (("mine", "Mine."), ("theirs", "Theirs."), ("both", "Mine.\n\nTheirs.")),
)
def test_choice_resolves_a_conflict(conflict, choice, kept):
    title, body = resolve(conflict, n1=choice)
    assert (title, body) == ("test title", f"one\n{kept}\nthree")
    save(body, base=conflict.revision.id)
    assert posts.get_stored(1)["body"] == body


@pytest.mark.parametrize("choices", ({}, {"n1": ""}, {"n1": "x"}, {"n2": "mine"}))
def test_missing_choice_is_a_conflict_again(conflict, choices):
    with pytest.raises(errors.EditConflict) as again:
        resolve(conflict, **choices)
    assert again.value.blocks == conflict.blocks


def test_resolved_text_may_conflict_with_a_later_version(conflict):
    _, body = resolve(conflict, n1="mine")
    save("one\nNewer.\nthree", user=OTHER)
    with pytest.raises(errors.EditConflict) as again:
        save(body, base=conflict.revision.id)
    assert again.value.base == conflict.revision.id


def test_own_change_in_another_tab_is_named(context):
    save("one")
    base = revisions.newest_id(1)
    save("two", base=base)
    with pytest.raises(errors.EditConflict, match="You changed .* in another tab") as clash:
        save("three", base=base)
    assert clash.value.revision.who == "You, in another tab"


def test_change_by_a_deleted_user_is_somebody_elses(conflict):
    get_db().execute('DELETE FROM "user" WHERE id = 2')
    with pytest.raises(errors.EditConflict, match="^Somebody else changed"):
        resolve(conflict)


def test_two_new_titles_are_a_conflict(context):
    save("one")
    base = revisions.newest_id(1)
    save("one", title="Theirs", base=base)
    with pytest.raises(errors.EditConflict) as clash:
        save("one", title="Mine", base=base)
    assert clash.value.title == ("conflict", "Mine", "Theirs")


@pytest.mark.parametrize(
    ("choice", "title"), (("mine", "Mine"), ("theirs", "Theirs"), ("both", None))
)
def test_one_title_is_chosen(context, choice, title):
    save("one")
    base = revisions.newest_id(1)
    save("one", title="Theirs", base=base)
    texts = {"base": base, "against": revisions.newest_id(1), "title": "Mine ", "body": "one"}
    if title:
        resolved = conflicts.resolve(1, AUTHOR, **texts, choices={"title": choice})
        assert resolved == (title, "one")
    else:
        with pytest.raises(errors.EditConflict):
            conflicts.resolve(1, AUTHOR, **texts, choices={"title": choice})


@pytest.mark.parametrize("base", (99, 10**30))
def test_conflict_with_a_missing_revision_is_not_found(conflict, base):
    for revision_ids in ({"base": base}, {"against": base}):
        ids = {"base": conflict.base, "against": conflict.revision.id} | revision_ids
        with pytest.raises(errors.NotFound):
            conflicts.resolve(1, AUTHOR, **ids, title="", body="", choices={})


def test_text_with_marks_is_refused_with_its_line(context):
    with pytest.raises(errors.Invalid, match="^Line 2 begins a conflict"):
        save(MARKED)
    with pytest.raises(errors.Invalid, match="^Line 2 begins a conflict"):
        posts.create(author_id=1, title="T", body=MARKED, status="draft")
    save(f"```\n{MARKED}\n```")


def test_imported_text_with_marks_is_stored_but_not_published(context):
    post_id = posts.create(author_id=1, user=SYSTEM, title="T", body=MARKED, status="draft")
    author = users.find(1)
    posts.update(post_id, author, title="New", body=MARKED)
    with pytest.raises(errors.Invalid, match="^Line 2"):
        posts.update(post_id, author, title="New", body=MARKED, status="published")
