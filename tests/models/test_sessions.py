from datetime import UTC
from datetime import datetime
from datetime import timedelta

from flaskr.db import format_timestamp
from flaskr.db import get_db
from flaskr.models import sessions

from ..databases import another_writer

DAY = timedelta(days=1)


def row(column):
    return get_db().execute(f"SELECT CAST({column} AS TEXT) FROM session").fetchone()[0]


def age(**delta):
    moment = format_timestamp(datetime.now(UTC) - timedelta(**delta))
    get_db().execute("UPDATE session SET last_seen = ?", (moment,))
    get_db().commit()
    return moment


def test_session_is_found_by_its_token_which_is_not_stored(context):
    token = sessions.start(1, address="192.0.2.1", user_agent="x" * 1000)
    assert sessions.find_user(token, lifetime=DAY)["username"] == "test"
    assert sessions.find_user("another", lifetime=DAY) is None
    assert token not in row("token_hash")
    assert (row("address"), row("user_agent")) == ("192.0.2.1", "x" * 300)


def test_each_login_has_its_own_session(context):
    first, second = sessions.start(1), sessions.start(1)
    sessions.end(first)
    assert sessions.find_user(first, lifetime=DAY) is None
    assert sessions.find_user(second, lifetime=DAY)["id"] == 1


def test_unused_session_expires(context, used_daily):
    token = sessions.start(1)
    age(hours=49)
    assert sessions.find_user(token, lifetime=DAY) is None
    sessions.start(2)
    sessions.delete_expired(DAY)
    assert row("user_id") == "2"


def test_last_seen_is_updated_every_five_minutes(context):
    token = sessions.start(1)
    recent = age(minutes=4)
    sessions.find_user(token, lifetime=DAY)
    assert row("last_seen") == recent
    old = age(minutes=6)
    sessions.find_user(token, lifetime=DAY)
    assert row("last_seen") > old


def test_session_is_found_while_another_process_writes(context):
    token = sessions.start(1)
    old = age(minutes=6)
    with another_writer(context):
        assert sessions.find_user(token, lifetime=DAY)["id"] == 1
    assert row("last_seen") == old
