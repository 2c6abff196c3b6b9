"""A person's actions in any order, compared with a plain model of what must be there."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle
from hypothesis.stateful import RuleBasedStateMachine
from hypothesis.stateful import consumes
from hypothesis.stateful import initialize
from hypothesis.stateful import invariant
from hypothesis.stateful import rule
from hypothesis.stateful import run_state_machine_as_test

from flaskr import db
from flaskr.db import get_db

from .markup import Page

TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Zl", "Zp", "Co", "Cn")),
    max_size=40,
)
TAGS = st.sets(st.sampled_from(("tea", "cake", "猫", "a b")), max_size=3)


def make_machine(app):
    """Return the state machine for a blog."""

    class Actions(RuleBasedStateMachine):
        posts = Bundle("posts")
        trashed = Bundle("trashed")

        @initialize()
        def log_in(self):
            with app.app_context():
                get_db().executescript("DELETE FROM post; DELETE FROM trash; DELETE FROM undo")
            self.writer, self.visitor = app.test_client(), app.test_client()
            self.writer.post("/auth/login", data={"username": "test", "password": "test"})
            self.model = {}
            self.count = 0

        def send(self, path, post=None):
            fields = self.model[post] if post else {}
            data = {name: fields[name] for name in ("title", "body", "tags") if name in fields}
            answer = self.writer.post(path, data=data)
            assert answer.status_code == 302, answer.text

        @rule(target=posts, text=TEXTS, tags=TAGS, is_public=st.booleans())
        def write(self, text, tags, is_public):
            self.count += 1
            title = f"word{self.count}"
            self.model[title] = {
                "title": title,
                "body": f"{title}\n\n{text}",
                "tags": ", ".join(sorted(tags)),
                "status": "published" if is_public else "draft",
            }
            self.send("/create" if is_public else "/drafts", title)
            with app.app_context():
                query = "SELECT id FROM post WHERE title = ?"
                self.model[title]["id"] = get_db().execute(query, (title,)).fetchone()["id"]
            return title

        @rule(post=posts, text=TEXTS, tags=TAGS)
        def edit(self, post, text, tags):
            fields = self.model[post]
            if fields["status"] != "trashed":
                fields |= {"body": f"{post}\n\n{text}", "tags": ", ".join(sorted(tags))}
                self.send(f"/{fields['id']}/update", post)

        @rule(post=posts)
        def publish(self, post):
            self.change_status(post, "publication", "draft", "published")

        @rule(post=posts)
        def unpublish(self, post):
            self.change_status(post, "withdrawal", "published", "draft")

        def change_status(self, post, verb, before, after):
            fields = self.model[post]
            if fields["status"] == before:
                self.send(f"/{fields['id']}/{verb}", post)
                fields["status"] = after

        @rule(target=trashed, post=posts)
        def delete(self, post):
            fields = self.model[post]
            if fields["status"] != "trashed":
                self.send(f"/{fields['id']}/delete")
                fields |= {"status": "trashed", "before": fields["status"]}
            return post

        @rule(post=consumes(trashed))
        def restore(self, post):
            fields = self.model[post]
            if fields["status"] == "trashed":
                self.send(f"/trash/{fields['id']}/restoration")
                fields["status"] = fields["before"]

        @invariant()
        def everything_is_stored(self):
            expected = {
                (post["id"], title, post["body"].rstrip(), post["tags"])
                for title, post in self.model.items()
                if post["status"] != "trashed"
            }
            assert self.stored() == expected

        def stored(self):
            tags_of = """
                SELECT name
                FROM post_tag
                JOIN tag ON tag.id = tag_id
                WHERE post_id = ?
                ORDER BY name
            """
            with app.app_context():
                return {
                    (id, title, body.rstrip(), ", ".join(name for (name,) in db.all(tags_of, id)))
                    for id, title, body in db.all("SELECT id, title, body FROM post")
                }

        @invariant()
        def visitors_see_what_is_published(self):
            model = self.model
            public = {title for title, post in model.items() if post["status"] == "published"}
            feed = app.test_client().get("/feed.json").json if model else {"items": []}
            assert {item["title"] for item in feed["items"]} == public
            for title, post in model.items():
                status = self.visitor.get(f"/{title}").status_code
                assert (status == 200) == (title in public), (title, post["status"], status)
                found = Page(self.visitor.get(f"/search?q={title}").text).texts(".hits .title")
                assert (title in found) == (title in public)

    return Actions


def test_actions_in_any_order_lose_nothing(app):
    limits = settings(
        max_examples=12, stateful_step_count=12, deadline=None, database=None, derandomize=True
    )
    run_state_machine_as_test(make_machine(app), settings=limits)
