import random

import pytest

from flaskr import errors
from flaskr.db import get_db
from flaskr.models import posts
from flaskr.models import revisions
from flaskr.models import trash
from flaskr.models.permissions import SYSTEM


def save(body, title="test title", user=SYSTEM, **options):
    posts.update(1, user, title=title, body=body, **options)


def bodies():
    return [revisions.get(1, row["id"]).body for row in revisions.for_post(1)]


def test_the_first_change_keeps_what_was_there_before(context):
    assert revisions.for_post(1) == []
    assert revisions.newest_id(1) == 0
    save("new", user={"id": 2, "role": "owner"})
    assert bodies() == ["new", "test\nbody"]
    assert [row["username"] for row in revisions.for_post(1)] == ["other", "test"]
    assert str(revisions.for_post(1)[1]["created"]) == "2018-01-01 00:00:00"


def test_what_plain_sql_wrote_between_is_kept_too(context):
    save("first")
    get_db().execute("UPDATE post SET body = 'by hand'")
    get_db().commit()
    save("second")
    assert bodies() == ["second", "by hand", "first", "test\nbody"]


def test_saving_the_same_again_is_no_version(context):
    save("same")
    save("same")
    assert bodies() == ["same", "test\nbody"]


def test_every_version_of_many_comes_back(context):
    texts = [f"{number} " * number for number in range(50)]
    for text in texts:
        save(text)
    assert bodies() == [*reversed(texts), "test\nbody"]


def test_many_versions_of_a_long_text_take_little_room(context):
    dice = random.Random(3)  # noqa: S311  # the same every time
    words = [f"{dice.getrandbits(40):x}" for _ in range(2000)]
    for number in range(200):
        words[dice.randrange(2000)] = f"word{number}"
        save(" ".join(words))
    size = get_db().execute("SELECT sum(length(delta)) FROM revision").fetchone()[0]
    assert size < 400_000


def test_another_posts_version_is_not_found(context):
    save("new")
    other = posts.create(author_id=2, title="Other", body="")
    for post_id, revision_id in ((other, 1), (1, 99), (1, 10**30)):
        with pytest.raises(errors.NotFound, match="no such revision"):
            revisions.get(post_id, revision_id)


def test_each_version_knows_the_one_before(context):
    save("new")
    assert revisions.previous(1, 2).body == "test\nbody"
    assert revisions.previous(1, 1) is None


def test_two_editors_changes_come_together(context):
    save("one\ntwo\nthree")
    base = revisions.newest_id(1)
    save("ONE\ntwo\nthree", title="Theirs", base=base)
    save("one\ntwo\nTHREE", base=base)
    post = posts.get_stored(1)
    assert (post["title"], post["body"]) == ("Theirs", "ONE\ntwo\nTHREE")


def test_an_editor_who_began_before_any_version_was_kept_is_merged_too(context):
    get_db().execute("UPDATE post SET body = 'one' || x'0a' || 'two' || x'0a' || 'three'")
    get_db().commit()
    save("ONE\ntwo\nthree", base=0)
    save("one\ntwo\nTHREE", base=0)
    assert posts.get_stored(1)["body"] == "ONE\ntwo\nTHREE"


def test_changes_that_touch_are_shown_and_nothing_is_stored(context):
    save("one")
    base = revisions.newest_id(1)
    save("theirs", base=base)
    with pytest.raises(errors.EditConflict, match="Somebody else saved this post") as clash:
        save("mine", base=base)
    assert posts.get_stored(1)["body"] == "theirs"
    assert "mine\n=======\ntheirs" in clash.value.text
    save("both", base=clash.value.revision_id)
    assert posts.get_stored(1)["body"] == "both"


def test_two_new_titles_clash_too(context):
    save("one")
    base = revisions.newest_id(1)
    save("one", title="Theirs", base=base)
    with pytest.raises(errors.EditConflict, match="“Theirs”"):
        save("one", title="Mine", base=base)


def test_versions_stay_in_the_trash_and_go_with_it(context):
    save("new")
    trash.put(1, SYSTEM)
    assert bodies() == ["new", "test\nbody"]
    get_db().execute("UPDATE trash SET deleted = '2001-01-01 00:00:00'")
    get_db().commit()
    trash.put(posts.create(author_id=1, title="Another", body=""), SYSTEM)
    assert revisions.for_post(1) == []
