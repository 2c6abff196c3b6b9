"""Random valid calls of programs with different tokens, compared with a model of the blog.

`API_MODEL_SECONDS=3600` goes on for an hour, with other calls each time.
"""

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("hypothesis")
from hypothesis import HealthCheck
from hypothesis import Phase
from hypothesis import seed
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine
from hypothesis.stateful import initialize
from hypothesis.stateful import invariant
from hypothesis.stateful import rule
from hypothesis.stateful import run_state_machine_as_test

from flaskr import create_app
from flaskr.db import get_db
from flaskr.models import post_filters
from flaskr.models import tokens
from flaskr.models import users

from .conftest import Program

SECONDS = float(os.environ.get("API_MODEL_SECONDS", "0"))
OWNER, AUTHOR = 1, 2
# The programs: their users and the scopes of their tokens.
PROGRAMS = {
    "owner": (OWNER, set(tokens.SCOPES)),
    "author": (AUTHOR, set(tokens.SCOPES)),
    "reader": (AUTHOR, {"read"}),
    "drafter": (AUTHOR, {"read", "write"}),
    "blind": (AUTHOR, {"write", "publish"}),
    "visitor": (None, set()),
}
# Most calls should succeed.
programs = st.sampled_from(["owner", "author", "owner", "author", *sorted(PROGRAMS)])
titles = st.sampled_from(["Tides", "tides", "Sea & <b>salt</b>", "海", "محيط", "404"]) | st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8
).map(lambda title: f"x{title}")
bodies = st.sampled_from(["", "Words", "*a*\n\nb\n", "```\n<script>\n", "x" * 5000])
tag_lists = st.lists(st.sampled_from(["Sea", "Salt", "Über"]), unique=True)
statuses = st.sampled_from(["draft", "published"])
PAST, FUTURE = "2001-02-03T04:05:06Z", "2999-01-01T00:00:00Z"
changes = st.fixed_dictionaries(
    {},
    optional={
        "title": titles,
        "body": bodies,
        "status": statuses,
        "tags": tag_lists,
        "summary": st.sampled_from(["", "About it"]),
        "created": st.sampled_from([PAST, FUTURE]),
    },
)
places = st.integers(0, 10)
DEFAULTS = {"tags": [], "summary": "", "status": "draft", "created": None}


def is_visible(post):
    return post["status"] == "published" and post["created"] != FUTURE


def status_of(post):
    return "scheduled" if post["status"] == "published" and not is_visible(post) else post["status"]


class Blog(RuleBasedStateMachine):
    """A blog, and the posts that it has to have."""

    # Returns a value of DATABASE for a blog with two users and this folder.
    make_database: Callable[[Path], str]

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        database = self.make_database(self.folder)
        app = create_app({"TESTING": True, "DATABASE": database, "PAGE_CACHE_MB": 1})
        self.programs = {}
        with app.app_context():
            get_db().execute("DELETE FROM post")
            get_db().execute("UPDATE \"user\" SET role = 'owner' WHERE id = ?", (OWNER,))
            get_db().commit()
            for name, (user_id, scopes) in PROGRAMS.items():
                secret = ""
                if user_id:
                    secret = tokens.create(users.find(user_id), name=name, scopes=scopes)
                self.programs[name] = Program(app.test_client(), secret)
        # Posts and deleted posts by id, with their former texts.
        self.posts, self.trash = {}, {}
        # The posts that requests with a key became, and the versions seen.
        self.keys, self.versions = {}, {}

    def teardown(self):
        """Compare the export with the model."""
        lines = self.call("owner", "GET", "/export").text.splitlines()
        assert {one["id"]: one["body"] for one in map(json.loads, lines)} == {
            id: post["body"] for id, post in self.posts.items()
        }
        shutil.rmtree(self.folder)

    def call(self, name, method, path, json=None, **options):
        """Call the API. Every error is a problem with a sentence, and none is the server's."""
        response = self.programs[name](method, path, json, **options)
        assert response.status_code < 500, response.text
        if response.status_code >= 400:
            assert response.mimetype == "application/problem+json"
            assert response.json["detail"].endswith((".", "?"))
        return response

    def pick(self, place, among=None):
        """Return the id of a post, and sometimes of none."""
        ids = sorted(self.posts if among is None else among)
        return ids[place % len(ids)] if ids and place < 10 else 10**6

    def may_read(self, name, post):
        user_id, scopes = PROGRAMS[name]
        return is_visible(post) or ("read" in scopes and user_id in (OWNER, post["author"]))

    def refusal(self, name, post, *new_statuses, scope="write"):
        """Return the status with which a change of a post is refused, or None."""
        user_id, scopes = PROGRAMS[name]
        if user_id is None:
            return 401
        if scope not in scopes:
            return 403
        is_own = post is not None and user_id in (OWNER, post["author"])
        if post is None or not (is_own or is_visible(post)):
            return 404
        is_public = "published" in (post["status"], *new_statuses)
        return 403 if not is_own or (is_public and "publish" not in scopes) else None

    def check_answer(self, name, response, post, status=200):
        """Check that a change is answered with the post, unless the token may not read."""
        if "read" not in PROGRAMS[name][1]:
            assert response.data == b""
            status = 201 if status == 201 else 204
        else:
            self.check_post(response.json, post)
            assert response.json["body"] == post["body"]
        assert response.status_code == status

    def check_post(self, found, post):
        for member in ("title", "status", "tags", "summary"):
            assert found[member] == post[member], member
        if post["created"]:
            assert found["created"] == post["created"]
        assert found["authors"][0] == {OWNER: "test", AUTHOR: "other"}[post["author"]]

    def store(self, id, changed):
        post = self.posts[id]
        before = (post["title"], post["body"])
        post.update(changed)
        post["title"] = " ".join(post["title"].split())
        if (post["title"], post["body"]) != before:
            post["texts"].append(before)

    @initialize(more=st.tuples(*[changes] * 4))
    def create_some(self, more):
        for name, others in zip(["owner", "author"] * 2, more, strict=True):
            self.create(name, "Tides", "Words", others, None)

    @rule(name=programs, title=titles, body=bodies, more=changes, key=st.none() | st.integers(0, 1))
    def create(self, name, title, body, more, key):
        sent = {"title": title, "body": body, **more}
        user_id, scopes = PROGRAMS[name]
        headers = {"Idempotency-Key": f"key-of-a-request-{key}"} if key is not None else {}
        response = self.call(name, "POST", "/posts", sent, headers=headers)
        needed = {"write", *(["publish"] if sent.get("status") == "published" else [])}
        if not needed <= scopes:
            assert response.status_code == (401 if user_id is None else 403)
            return
        request = (user_id, key, json.dumps(sent))
        known = self.keys.get(request) if key is not None else None
        if known is not None:
            if known not in self.posts:
                assert response.status_code == 404
            else:
                self.check_answer(name, response, self.posts[known], 201)
            return
        id = int(response.location.rpartition("/")[2])
        assert id not in self.posts.keys() | self.trash.keys()
        self.posts[id] = {**DEFAULTS, "author": user_id, **sent, "texts": []}
        self.keys[request] = id
        self.store(id, {})
        self.check_answer(name, response, self.posts[id], 201)

    @rule(name=programs, place=places)
    def read(self, name, place):
        id = self.pick(place)
        response = self.call(name, "GET", f"/posts/{id}")
        post = self.posts.get(id)
        if post is None or not self.may_read(name, post):
            assert response.status_code == 404
            return
        self.check_post(response.json, post)
        self.versions.setdefault(id, set()).add(response.headers["ETag"])
        headers = {"If-None-Match": response.headers["ETag"]}
        assert self.call(name, "GET", f"/posts/{id}", headers=headers).status_code == 304

    @rule(name=programs, status=st.sampled_from(post_filters.STATUSES), tag=tag_lists)
    def list(self, name, status, tag):
        self.check_list(name, status, tag[0] if tag else None)

    @invariant()
    def owner_sees_all(self):
        self.check_list("owner", "any")

    def check_list(self, name, status, tag=None):
        user_id, scopes = PROGRAMS[name]
        slug = f"&tag={ {'Sea': 'sea', 'Salt': 'salt', 'Über': 'uber'}[tag] }" if tag else ""
        response = self.call(name, "GET", f"/posts?limit=100&status={status}{slug}")
        if status != "published" and "read" not in scopes:
            assert response.status_code == (401 if user_id is None else 403)
            return
        if response.status_code == 404 and tag:
            # Nobody has used the tag, or only others have.
            assert not any(tag in post["tags"] and is_visible(post) for post in self.posts.values())
            return
        found = {post["id"]: post for post in response.json}
        expected = {
            id
            for id, post in self.posts.items()
            if self.may_read(name, post)
            and status in ("any", status_of(post))
            and tag in (None, *post["tags"])
        }
        assert found.keys() == expected
        for id, one in found.items():
            self.check_post(one, self.posts[id])
        order = [(one["created"], one["id"]) for one in response.json]
        assert order == sorted(order, reverse=True)

    @rule(name=programs, place=places, sent=changes, is_based=st.booleans())
    def patch(self, name, place, sent, is_based):
        id = self.pick(place)
        query = ""
        if is_based and id in self.posts:
            revision = self.call("owner", "GET", f"/posts/{id}").json["revision"]
            query = f"?base={revision}" if revision else ""
        response = self.call(name, "PATCH", f"/posts/{id}{query}", sent)
        self.expect_change(name, id, response, sent)

    @rule(name=programs, place=places, title=titles, body=bodies, more=changes)
    def put(self, name, place, title, body, more):
        id = self.pick(place)
        sent = {"title": title, "body": body, **more}
        response = self.call(name, "PUT", f"/posts/{id}", sent)
        self.expect_change(name, id, response, {"tags": [], "summary": "", **sent})

    def expect_change(self, name, id, response, changed, scope="write"):
        post = self.posts.get(id)
        refusal = self.refusal(name, post, changed.get("status"), scope=scope)
        if refusal is not None:
            assert response.status_code == refusal, response.text
            return
        self.store(id, changed)
        self.check_answer(name, response, self.posts[id])

    @rule(name=programs, place=places, sent=changes, data=st.data())
    def patch_a_version(self, name, place, sent, data):
        id = self.pick(place)
        seen = sorted(self.versions.get(id, ()))
        if not seen or self.refusal(name, self.posts.get(id), sent.get("status")):
            return
        version = data.draw(st.sampled_from(seen))
        current = self.call("owner", "GET", f"/posts/{id}").headers["ETag"]
        headers = {"If-Match": version}
        response = self.call(name, "PATCH", f"/posts/{id}", sent, headers=headers)
        if version[:20] != current[:20]:
            assert response.status_code == 412
        else:
            self.expect_change(name, id, response, sent)

    @rule(name=programs, place=places, status=statuses)
    def publish_or_unpublish(self, name, place, status):
        id = self.pick(place)
        method = "POST" if status == "published" else "DELETE"
        response = self.call(name, method, f"/posts/{id}/publication")
        self.expect_change(name, id, response, {"status": status}, scope="publish")

    @rule(place=places, slug=st.sampled_from(["tides", "sea", "waves"]))
    def move(self, place, slug):
        id = self.pick(place)
        response = self.call("owner", "PATCH", f"/posts/{id}", {"slug": slug})
        if id not in self.posts:
            assert response.status_code == 404
        elif response.status_code == 409:
            assert response.json["errors"][0]["pointer"] == "#/slug"
        else:
            assert response.json["slug"] == slug
            self.expect_change("owner", id, response, {})

    @rule(name=programs, place=places)
    def delete(self, name, place):
        id = self.pick(place)
        refusal = self.refusal(name, self.posts.get(id))
        response = self.call(name, "DELETE", f"/posts/{id}")
        assert response.status_code == (refusal or 204)
        if refusal is None:
            self.trash[id] = self.posts.pop(id)

    @rule(name=programs, place=places)
    def restore(self, name, place):
        id = self.pick(place, self.trash)
        post = self.trash.get(id)
        refusal = self.refusal(name, post)
        user_id, scopes = PROGRAMS[name]
        if post is not None and refusal == 403 and "write" in scopes and user_id != post["author"]:
            # A deleted post of another is not there, even if it was public.
            refusal = 404
        response = self.call(name, "POST", f"/trash/{id}/restoration")
        if refusal is not None:
            assert response.status_code == refusal
            return
        self.posts[id] = self.trash.pop(id)
        self.check_answer(name, response, self.posts[id])

    @rule(name=programs)
    def list_trash(self, name):
        user_id, scopes = PROGRAMS[name]
        response = self.call(name, "GET", "/trash")
        if "read" not in scopes:
            assert response.status_code == (401 if user_id is None else 403)
            return
        expected = {id for id, post in self.trash.items() if user_id in (OWNER, post["author"])}
        assert {one["id"] for one in response.json} == expected

    @rule(place=places)
    def list_revisions(self, place):
        id = self.pick(place)
        response = self.call("owner", "GET", f"/posts/{id}/revisions")
        if id not in self.posts:
            assert response.status_code == 404
            return
        paths = [f"/posts/{id}/revisions/{one['id']}" for one in response.json]
        revisions = [self.call("owner", "GET", path).json for path in paths]
        found = {(one["title"], one["body"]) for one in revisions}
        assert set(self.posts[id]["texts"]) <= found

    @rule(name=programs)
    def list_tags(self, name):
        visible = filter(is_visible, self.posts.values())
        used = {tag for post in visible for tag in post["tags"]}
        found = {tag["name"] for tag in self.call(name, "GET", "/tags").json}
        assert used == found if "read" not in PROGRAMS[name][1] else used <= found

    @rule(name=programs, tag=st.sampled_from(["sea", "salt"]))
    def delete_tag(self, name, tag):
        user_id, scopes = PROGRAMS[name]
        response = self.call(name, "DELETE", f"/tags/{tag}")
        if user_id != OWNER:
            refusal = 401 if user_id is None else 403
            # Whether there is such a tag is no secret for an author.
            assert response.status_code in (refusal, 404 if "settings" in scopes else refusal)
        elif response.status_code == 204:
            for post in self.posts.values():
                post["tags"] = [one for one in post["tags"] if one.lower() != tag]


def test_programs_and_a_model_agree(filled_database, databases):
    def make_database(folder):
        if databases:
            return databases.blog("filled")
        return shutil.copy(filled_database, str(folder / "flaskr.sqlite"))

    Blog.make_database = staticmethod(make_database)
    end = time.monotonic() + SECONDS
    number = time.time_ns() if SECONDS else 0
    while True:
        machine = seed(number)(Blog)
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=50 if SECONDS else 4,
                stateful_step_count=60 if SECONDS else 25,
                deadline=None,
                database=None,
                phases=[Phase.generate, *([Phase.shrink] if SECONDS else [])],
                suppress_health_check=list(HealthCheck),
            ),
        )
        number += 1
        if time.monotonic() >= end:
            return
