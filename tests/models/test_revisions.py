import random
import time

import pytest

from flaskr import errors
from flaskr.db import get_db
from flaskr.models import conflicts
from flaskr.models import exported_blogs
from flaskr.models import posts
from flaskr.models import revisions
from flaskr.models import trash
from flaskr.models import version_history
from flaskr.models.permissions import SYSTEM


def save(body, title="test title", user=SYSTEM, **options):
    posts.update(1, user, title=title, body=body, **options)


def bodies():
    return [revisions.get(1, row["id"]).body for row in revisions.list_newest(1)]


def test_first_update_records_the_original_text(context):
    assert revisions.list_newest(1) == []
    assert revisions.newest_id(1) == 0
    save("new", user={"id": 2, "role": "owner"})
    assert bodies() == ["new", "test\nbody"]
    assert [row["username"] for row in revisions.list_newest(1)] == ["other", "test"]
    assert str(revisions.list_newest(1)[1]["created"]) == "2018-01-01 00:00:00"


def test_text_written_by_plain_sql_is_recorded(context):
    save("first")
    get_db().execute("UPDATE post SET body = 'by hand'")
    get_db().commit()
    save("second")
    assert bodies() == ["second", "by hand", "first", "test\nbody"]


def test_saving_without_changes_records_no_revision(context):
    save("same")
    save("same")
    assert bodies() == ["same", "test\nbody"]


def test_every_one_of_many_revisions_can_be_read(context):
    texts = [f"{number} " * number for number in range(50)]
    for text in texts:
        save(text)
    assert bodies() == [*reversed(texts), "test\nbody"]


def test_many_revisions_of_a_long_text_take_little_space(context):
    dice = random.Random(3)  # noqa: S311  # the same every time
    words = [f"{dice.getrandbits(40):x}" for _ in range(2000)]
    for number in range(200):
        words[dice.randrange(2000)] = f"word{number}"
        save(" ".join(words))
    size = get_db().execute("SELECT sum(length(delta)) FROM revision").fetchone()[0]
    assert size < 400_000


def test_history_has_pages_in_both_directions(context):
    for number in range(120):
        save(f"word {number}")
    ids = [row["id"] for row in revisions.list_newest(1)]
    newest = version_history.list_page(1)
    middle = version_history.list_page(1, newest.older)
    oldest = version_history.list_page(1, middle.older)
    pages = (newest, middle, oldest)
    assert [entry.row["id"] for page in pages for entry in page.entries] == ids
    assert (newest.newer, middle.newer, oldest.newer) == (None, 0, newest.older)
    assert oldest.older is None
    assert [entry.is_first for entry in oldest.entries[-2:]] == [False, True]


def test_history_measures_changes_across_whole_texts(context):
    texts = [" ".join(map(str, range(count))) for count in range(1, 70)]
    for text in texts:
        save(text)
    sizes = [entry.size for page in (version_history.list_page(1),) for entry in page.entries]
    assert sizes == [(1, 0)] * version_history.PER_PAGE


@pytest.mark.parametrize("before", (-1, 1, 10**30))
def test_history_before_any_number_is_a_page(context, before):
    save("new")
    page = version_history.list_page(1, before)
    assert len(page.entries) == (2 if before > 1 else 0)
    assert page.older is None


def test_page_of_a_long_history_is_quick(context):
    words = [f"word{number}" for number in range(5000)]
    for number in range(version_history.PER_PAGE * 3):
        words[number] = "changed"
        save(" ".join(words))
    began = time.process_time()
    version_history.list_page(1)
    assert time.process_time() - began < 1


def test_revision_of_another_post_is_not_found(context):
    save("new")
    other = posts.create(author_id=2, title="Other", body="")
    for post_id, revision_id in ((other, 1), (1, 99), (1, 10**30)):
        with pytest.raises(errors.NotFound, match="no such revision"):
            revisions.get(post_id, revision_id)
        with pytest.raises(errors.NotFound, match="no such revision"):
            revisions.get_details(post_id, min(revision_id, 99))


def test_previous_revision_is_found(context):
    save("new")
    assert revisions.previous(1, 2).body == "test\nbody"
    assert revisions.previous(1, 1) is None


def test_changes_of_two_editors_are_merged(context):
    save("one\ntwo\nthree")
    base = revisions.newest_id(1)
    save("ONE\ntwo\nthree", title="Theirs", base=base)
    save("one\ntwo\nTHREE", base=base)
    post = posts.get_stored(1)
    assert (post["title"], post["body"]) == ("Theirs", "ONE\ntwo\nTHREE")


def test_change_from_before_the_first_revision_is_merged(context):
    get_db().execute("UPDATE post SET body = 'one\ntwo\nthree'")
    get_db().commit()
    save("ONE\ntwo\nthree", base=0)
    save("one\ntwo\nTHREE", base=0)
    assert posts.get_stored(1)["body"] == "ONE\ntwo\nTHREE"


def test_change_during_a_merge_is_a_conflict(context, monkeypatch):
    save("one")
    base = revisions.newest_id(1)
    save("two", base=base)
    merge = conflicts.merge_texts

    def save_and_merge(*texts):
        monkeypatch.undo()
        save("three")
        return merge(*texts)

    monkeypatch.setattr(conflicts, "merge_texts", save_and_merge)
    with pytest.raises(errors.Conflict, match="at the same moment"):
        save("one", base=base)
    assert posts.get_stored(1)["body"] == "three"


def test_revisions_are_deleted_when_their_post_leaves_the_trash(context, used_daily):
    save("new")
    trash.put(1, SYSTEM)
    assert bodies() == ["new", "test\nbody"]
    get_db().execute("UPDATE trash SET deleted = '2001-01-01 00:00:00'")
    get_db().commit()
    trash.put(posts.create(author_id=1, title="Another", body=""), SYSTEM)
    assert revisions.list_newest(1) == []


@pytest.fixture(params=(b"", b"\0" * 40, "text"), ids=("empty", "zeros", "no bytes"))
def damaged(context, request):
    """A post with three versions, of which the second is damaged. Returns their ids."""
    for number in range(3):
        save(f"Text {number}")
    ids = [row["id"] for row in revisions.list_newest(1)][::-1]
    get_db().execute("UPDATE revision SET delta = ? WHERE id = ?", (request.param, ids[1]))
    get_db().commit()
    return ids


def test_damaged_version_is_not_found_and_takes_along_only_its_deltas(damaged):
    first, *others = damaged
    assert revisions.get(1, first).body == "test\nbody"
    for other in others:
        with pytest.raises(errors.NotFound, match="damaged"):
            revisions.get(1, other)
    assert revisions.find_damaged(1) == others
    assert revisions.previous(1, others[-1]).id == first
    page = version_history.list_page(1)
    assert [entry.is_damaged for entry in page.entries] == [True, True, True, False]


def test_post_with_a_damaged_version_is_saved(damaged):
    # Opening the editor does this.
    revisions.catch_up(posts.get_stored(1))
    save("Text 3", base=revisions.newest_id(1))
    assert posts.get_stored(1)["body"] == "Text 3"
    newest = revisions.newest_id(1)
    assert revisions.get(1, newest).body == "Text 3"
    # The text from before that change is kept, too.
    assert revisions.previous(1, newest).body == "Text 2"


def test_text_written_from_a_damaged_version_is_a_conflict(damaged):
    save("Theirs")
    with pytest.raises(errors.EditConflict):
        save("Mine", base=damaged[1])
    title, body = conflicts.resolve(
        1,
        SYSTEM,
        base=damaged[1],
        against=revisions.newest_id(1),
        title="test title",
        body="Mine",
        choices={"1": "both"},
    )
    assert (title, "Mine" in body, "Theirs" in body) == ("test title", True, True)


def test_export_leaves_out_damaged_versions_aloud(damaged, caplog):
    found = [revision["body"] for revision in exported_blogs.read_revisions(1)]
    assert found == ["test\nbody"]
    assert caplog.messages[0] == f"Version {damaged[1]} of post 1 is damaged and was left out."
