import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from flaskr.backups import restoration
from flaskr.models import sessions
from flaskr.models import tokens
from flaskr.models import users
from flaskr.models.permissions import SYSTEM


@pytest.fixture
def restore(open_app):
    return lambda blog, backup: restoration.restore(blog, backup, open_app)


@pytest.fixture
def log_ins(app, blog):
    """Three log-ins and three tokens of a user."""
    with app.app_context():
        user = users.find(1)
        sessions_of = [sessions.start(1) for _ in range(3)]
        tokens_of = [tokens.create(user, name="x", scopes=["read"]) for _ in range(3)]
    return sessions_of, tokens_of


def usable(open_app, folder, log_ins):
    """Tell which log-ins and tokens work in a blog."""
    lifetime = timedelta(days=1)
    with open_app(folder).app_context():
        return [
            [bool(sessions.find_user(one, lifetime=lifetime)) for one in log_ins[0]],
            [bool(tokens.find_holder(one)) for one in log_ins[1]],
        ]


def end(app, log_ins, *numbers):
    with app.app_context():
        for number in numbers:
            sessions.end(log_ins[0][number])
            tokens.revoke(number + 1, SYSTEM)


def test_log_ins_and_tokens_that_were_ended_since_the_backup_stay_so(
    blog, app, make, restore, open_app, log_ins
):
    end(app, log_ins, 0)
    backup = make()
    end(app, log_ins, 1)
    with app.app_context():
        users.change_password(1, "another one", password_min_length=1, keep_token=log_ins[0][2])
    done = restore(blog, backup)
    assert usable(open_app, blog.instance, log_ins) == [[False, False, True]] * 2
    assert (done.passwords, done.revived) == (["test"], 0)


def test_log_ins_and_tokens_that_the_present_blog_never_had_come_back(
    blog, app, make, restore, open_app, log_ins
):
    newer = make()
    with closing(sqlite3.connect(blog.database)) as db:
        db.executescript(
            "DELETE FROM session; DELETE FROM token;"
            "UPDATE sqlite_sequence SET seq = 0 WHERE name IN ('session', 'token')"
        )
    restore(blog, newer)
    assert usable(open_app, blog.instance, log_ins) == [[True] * 3] * 2


@pytest.mark.parametrize("present", ("", "x", "UPDATE site SET uuid = 'other'"))
def test_log_ins_come_back_where_nothing_tells_which_have_ended(
    blog, app, make, restore, open_app, log_ins, present
):
    backup = make()
    end(app, log_ins, 0)
    if present in ("", "x"):
        for path in blog.instance.glob("flaskr.sqlite*"):
            path.write_text(present * 9000)
    else:
        with closing(sqlite3.connect(blog.database)) as db, db:
            db.execute(present)
    done = restore(blog, backup)
    assert usable(open_app, blog.instance, log_ins) == [[True] * 3] * 2
    assert done.revived == 6


def test_older_database_without_tokens_ends_none(blog, app, make, restore, open_app, log_ins):
    backup = make()
    with closing(sqlite3.connect(blog.database)) as db:
        db.executescript("DROP TABLE token; DROP TABLE site;")
    assert restore(blog, backup).revived == 0
    assert usable(open_app, blog.instance, log_ins) == [[True] * 3] * 2
