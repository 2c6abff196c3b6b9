from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest

from flaskr.data_folder import days_seen
from flaskr.models import autosaves
from flaskr.models import posts
from flaskr.models import retention
from flaskr.models import sessions
from flaskr.models import trash
from flaskr.models import undo
from flaskr.models import users
from flaskr.models.permissions import SYSTEM

KEY = "abcdefghijklmnop"
MONTH = timedelta(days=30)
START = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def set_clock(monkeypatch):
    """Set the clock that decides what is old."""

    def set_clock(moment):
        class Clock(datetime):
            @classmethod
            def now(cls, tz=None):
                return moment

        monkeypatch.setattr(retention, "datetime", Clock)

    return set_clock


def use_daily(set_clock, days, start=START):
    for day in range(days + 1):
        set_clock(start + timedelta(days=day))
        oldest = retention.oldest(MONTH)
    return oldest


def test_row_is_old_after_as_many_days_of_use(context, set_clock):
    assert use_daily(set_clock, 29) == retention.NEVER
    assert use_daily(set_clock, 30) == "2026-01-01"
    assert use_daily(set_clock, 70) == "2026-02-10"


def test_days_without_use_do_not_count(context, set_clock):
    use_daily(set_clock, 10)
    set_clock(START + timedelta(days=400))
    assert retention.oldest(MONTH) == retention.NEVER


@pytest.mark.parametrize("jump", (timedelta(days=40), timedelta(days=9999), timedelta(days=-9999)))
def test_clock_that_is_wrong_for_a_while_makes_nothing_old(context, set_clock, jump):
    deleted = "2026-04-11 12:00:00"
    use_daily(set_clock, 100)
    for _ in range(2):
        assert use_daily(set_clock, 2, START + jump + timedelta(days=100)) < deleted
        assert use_daily(set_clock, 5, START + timedelta(days=100)) < deleted
    # Once it is right again, old rows are as old as before.
    assert use_daily(set_clock, 100) == "2026-03-12"


def test_nothing_that_was_written_is_deleted_while_the_clock_is_ahead(
    context, used_daily, set_clock
):
    user = users.find(1)
    first, second = (posts.create(author_id=1, title=title, body="x") for title in "AB")
    trash.put(first, SYSTEM)
    autosaves.save(1, KEY, {"title": "T", "body": "b"})
    token = sessions.start(1)
    key = undo.store(user, undo.TRASH, [{"id": first}])
    set_clock(datetime.now(UTC) + timedelta(days=5000))
    trash.put(second, SYSTEM)
    autosaves.save(1, KEY[::-1], {"title": "T", "body": "b"})
    sessions.delete_expired(MONTH)
    undo.store(user, undo.TRASH, [])
    assert autosaves.find(1, KEY)
    assert sessions.find_user(token, lifetime=MONTH)
    assert undo.apply(key, user).post_ids == [first]


def test_folder_that_cannot_be_written_keeps_everything(context, instance_path):
    (instance_path / days_seen.FILE).mkdir()
    assert retention.oldest(MONTH) == retention.NEVER


def test_damaged_list_of_days_counts_no_day_twice(context, instance_path):
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    (instance_path / days_seen.FILE).write_bytes(f"{day}\n{day}\n\xff\n2026-0".encode("latin-1"))
    assert retention.oldest(timedelta(days=1)) == retention.NEVER
