from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest

from flaskr import errors
from flaskr.db import format_timestamp
from flaskr.db import get_db
from flaskr.models import rate_limits


def hit(what="knock", limit=2):
    rate_limits.record(what, limit=limit, seconds=120)


def test_past_the_limit_one_has_to_wait(context):
    hit()
    hit()
    with pytest.raises(errors.TooManyRequests, match="Try again in 2 minutes") as refusal:
        hit()
    assert 60 < refusal.value.seconds <= 120
    hit("another")


def test_the_wait_is_told_in_the_singular_too(context):
    rate_limits.record("knock", limit=1, seconds=30)
    with pytest.raises(errors.TooManyRequests, match=r"Try again in 1 minute\."):
        hit(limit=1)


def test_after_the_time_one_may_try_again(context):
    hit()
    hit()
    get_db().execute(
        "UPDATE throttle SET ends = ?",
        (format_timestamp(datetime.now(UTC) - timedelta(seconds=1)),),
    )
    get_db().commit()
    hit()
    assert get_db().execute("SELECT hits FROM throttle").fetchone()["hits"] == 1


@pytest.mark.parametrize("seconds", (121, 10**6, 10**9))
def test_a_count_that_ends_later_than_it_could_is_void(context, seconds):
    hit()
    hit()
    ends = format_timestamp(datetime.now(UTC) + timedelta(seconds=seconds))
    get_db().execute("UPDATE throttle SET ends = ?", (ends,))
    get_db().commit()
    hit("another")
    hit()
    hit()
    with pytest.raises(errors.TooManyRequests, match="Try again in 2 minutes"):
        hit()


def test_what_is_forgotten_counts_anew(context):
    hit()
    hit()
    rate_limits.reset("knock")
    hit()


def test_what_was_tried_is_not_stored_in_plain_text(context):
    hit("log-in as my secret password")
    assert "secret" not in get_db().execute("SELECT key FROM throttle").fetchone()["key"]
