"""Any sequence of typing, saving, reloading and crashing keeps what was on screen for two seconds.

`TYPING_SECONDS=600 TYPING_SEED=7 pytest tests/browser/test_no_text_is_lost.py` types for longer,
and another text.
"""

import contextlib
import json
import os
import random
import sqlite3
import time

import pytest

from flaskr import create_app
from flaskr.models import revisions

from .conftest import body

SECONDS = float(os.environ.get("TYPING_SECONDS", "44"))
SEED = int(os.environ.get("TYPING_SEED", "11"))
ON_SCREEN_SECONDS = 2
# Texts of a tab that is gone appear a moment after the page.
RECOVERY_MS = 1500
WEIGHTS = {"type": 12, "save": 3, "wait": 3, "reload": 2, "crash": 3, "kill": 3}


class Desk:
    """Somebody with two tabs, who types numbered words and remembers when."""

    def __init__(self, person, published):
        self.server = person.server
        self.context = person.page.context
        self.dice = random.Random(SEED)  # noqa: S311  # the same every time
        self.typed = {}
        self.required = set()
        self.log = []
        self.post_id = self.publish() if published else None
        self.tabs = [self.open(), None]

    def query(self, statement):
        with contextlib.closing(sqlite3.connect(self.server.instance / "flaskr.sqlite")) as db:
            return db.execute(statement).fetchall()

    def publish(self):
        with contextlib.closing(sqlite3.connect(self.server.instance / "flaskr.sqlite")) as db, db:
            db.execute("INSERT INTO post (author_id, title, body) VALUES (1, 'T', 'a\n\nb\n\nc')")
        return 1

    def open(self):
        if self.post_id is None:
            self.post_id = self.query("SELECT max(id) FROM post")[0][0]
        path = f"/{self.post_id}/update" if self.post_id else "/create"
        page = self.context.new_page()
        page.goto(self.server.address + path)
        return page

    def play(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            action = self.dice.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
            place = self.dice.randrange(2)
            # Before the new post is a draft, a second tab would write another post.
            if place == 1 and self.post_id is None:
                self.post_id = self.query("SELECT max(id) FROM post")[0][0]
                place = 1 if self.post_id else 0
            self.tabs[place] = self.tabs[place] or self.open()
            self.log.append((action, place))
            getattr(self, action)(place)
            self.note_required()

    def note_required(self):
        now = time.monotonic()
        for word, (since, _) in self.typed.items():
            if now - since >= ON_SCREEN_SECONDS:
                self.required.add(word)

    def forget_recent(self, place):
        """Words that a crash removes from the screen too early may be lost."""
        self.note_required()
        self.typed = {
            word: (since, tab)
            for word, (since, tab) in self.typed.items()
            if tab != place or word in self.required
        }

    def type(self, place):
        page = self.tabs[place]
        field = body(page)
        # Mostly the two tabs are at different paragraphs.
        if place == 0 and self.dice.random() < 0.8:
            field.press("Control+Home")
            page.keyboard.press("End")
        else:
            field.press("Control+End")
        for _ in range(self.dice.randint(1, 8)):
            word = f"w{len(self.log)}x{len(self.typed)}z"
            page.keyboard.type(f" {word}", delay=40)
            self.typed[word] = (time.monotonic(), place)

    def save(self, place):
        self.tabs[place].keyboard.press("Control+s")

    def wait(self, place):
        self.tabs[place].wait_for_timeout(self.dice.randint(200, 2600))

    def reload(self, place):
        self.forget_recent(place)
        self.tabs[place].reload()

    def crash(self, place):
        self.crash_tab(place)
        self.tabs[place] = self.open()

    def crash_tab(self, place):
        self.forget_recent(place)
        page = self.tabs[place]
        with contextlib.suppress(Exception):
            page.goto("chrome://crash", timeout=1000)
        page.close()

    def kill(self, place):
        """Kill the server, and often the tab too before the server is back."""
        self.server.kill()
        self.type(place)
        self.tabs[place].wait_for_timeout(self.dice.randint(0, 2500))
        crashes = self.dice.random() < 0.6
        if crashes:
            self.crash_tab(place)
        self.server.start()
        if crashes:
            self.tabs[place] = self.open()

    def texts(self):
        """Return everything that is stored, and what opening the editor shows."""
        shown = self.open()
        shown.wait_for_timeout(RECOVERY_MS)
        pages = [page for page in (*self.tabs, shown) if page]
        value = "new FormData(document.querySelector('form.write')).get('body')"
        yield from (page.evaluate(value) for page in pages)
        yield from (text for (text,) in self.query("SELECT body FROM post"))
        for (fields,) in self.query("SELECT fields FROM unsaved"):
            yield json.loads(fields).get("body", "")
        app = create_app({"DATABASE": str(self.server.instance / "flaskr.sqlite"), "TESTING": True})
        with app.app_context():
            for post_id, revision_id in self.query("SELECT post_id, id FROM revision"):
                yield revisions.get(post_id, revision_id).body


@pytest.mark.parametrize("published", (False, True), ids=("draft", "published"))
def test_what_was_on_screen_for_two_seconds_is_never_lost(new_blog, visitor, published):
    person = visitor(new_blog)
    person.page.goto(person.server.setup_link())
    person.register()
    desk = Desk(person, published)
    desk.play(SECONDS / 2)
    found = " ".join(desk.texts())
    lost = {word for word in desk.required if word not in found}
    assert lost == set(), (SEED, desk.log)
    assert len(desk.required) > 5
    person.problems.clear()
