from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest

from flaskr import errors
from flaskr.db import format_timestamp
from flaskr.db import get_db
from flaskr.models import rate_limits


def record(action="knock", limit=2):
    rate_limits.record(action, limit=limit, seconds=120)


def test_attempts_over_the_limit_have_to_wait(context):
    record()
    record()
    with pytest.raises(errors.TooManyRequests, match="Try again in 2 minutes") as refusal:
        record()
    assert 60 < refusal.value.seconds <= 120
    record("another")


def test_wait_of_one_minute_is_in_the_singular(context):
    rate_limits.record("knock", limit=1, seconds=30)
    with pytest.raises(errors.TooManyRequests, match=r"Try again in 1 minute\."):
        record(limit=1)


def test_attempts_are_allowed_after_the_window(context):
    record()
    record()
    get_db().execute(
        "UPDATE throttle SET ends = ?",
        (format_timestamp(datetime.now(UTC) - timedelta(seconds=1)),),
    )
    get_db().commit()
    record()
    assert get_db().execute("SELECT hits FROM throttle").fetchone()["hits"] == 1


@pytest.mark.parametrize("seconds", (121, 10**6, 10**9))
def test_count_that_ends_too_late_is_ignored(context, seconds):
    record()
    record()
    ends = format_timestamp(datetime.now(UTC) + timedelta(seconds=seconds))
    get_db().execute("UPDATE throttle SET ends = ?", (ends,))
    get_db().commit()
    record("another")
    record()
    record()
    with pytest.raises(errors.TooManyRequests, match="Try again in 2 minutes"):
        record()


def test_reset_action_is_counted_from_zero(context):
    record()
    record()
    rate_limits.reset("knock")
    record()


def test_actions_are_stored_as_hashes(context):
    record("log-in as my secret password")
    assert "secret" not in get_db().execute("SELECT key FROM throttle").fetchone()["key"]
