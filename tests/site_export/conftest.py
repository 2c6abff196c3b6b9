import shutil
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest

from flaskr import create_app
from flaskr import images
from flaskr.db import get_db
from flaskr.models import cards
from flaskr.models import media
from flaskr.models import posts
from flaskr.models import profiles
from flaskr.models import redirects
from flaskr.models import series
from flaskr.models import settings
from flaskr.models import tags
from flaskr.models import translations
from flaskr.models import trash
from flaskr.models import users
from flaskr.models.permissions import SYSTEM
from flaskr.site_export import entries
from flaskr.site_export import files
from flaskr.site_import import importing

EVERYTHING = entries.Options(revisions=True, trash=True)
HOSTILE = 'A "quoted" title: - [x] {y} # &anchor *alias !tag %d @at `z` \\n ]]> <b>'


@pytest.fixture
def new_blog(new_database, databases, tmp_path, monkeypatch):
    """Make an empty blog in an instance folder of its own."""

    def new_blog(name="second"):
        folder = tmp_path / name
        folder.mkdir()
        if databases:
            monkeypatch.setenv("FLASKR_DATABASE", databases.another())
        else:
            shutil.copy(new_database, folder)
        monkeypatch.setenv("FLASKR_INSTANCE_PATH", str(folder))
        return create_app({"TESTING": True})

    return new_blog


@pytest.fixture
def export_to(tmp_path):
    """Export the current blog to a folder, which is returned."""

    def export_to(name, options=EVERYTHING):
        files.export_markdown(tmp_path / name, options, entries.ignore_progress)
        return tmp_path / name

    return export_to


@pytest.fixture
def import_from():
    """Import into the current blog, and return the report."""

    def import_from(path, **options):
        options = importing.Options(**options)
        return importing.run(path, "UTC", options, entries.ignore_progress)

    return import_from


@pytest.fixture
def full_blog(context, draw):
    """Fill the blog with one of everything."""
    users.create_without_password("Zoë Ünal")
    picture = media.add(draw(), name="a/b map.png", user_id=1, max_bytes=10**6, alt="A map")
    url = f"/media/{picture['name']}"
    profile = {"display_name": "Ada", "bio": "a\n\nb", "picture": url}
    profiles.update(
        1, **profile, links="My: home https://ada.example/?a=b#c\nMail mailto:a@b.example"
    )
    first = posts.create(
        author_id=1,
        user=SYSTEM,
        title=HOSTILE,
        body=f"---\ntitle: x\n---\n\n![]({url})\n\n[home](/) [hidden](/draft) {{{{ x }}}}\n",
        created="2020-01-02 03:04:05",
        tags=["Sea", "Ärger", "null"],
        series="Tides",
        part=2,
        summary="Once: upon",
        cover=url,
        language="de",
    )
    get_db().execute("INSERT INTO coauthor (post_id, user_id, position) VALUES (?, 3, 1)", (first,))
    translations.set_key(first, "a" * 32)
    second = posts.create(author_id=2, title="Second", body="one", created="2020-01-03 00:00:00")
    posts.update(second, SYSTEM, title="Second", body="one\ntwo", address="renamed")
    posts.update(second, SYSTEM, title="Second", body="one\ntwo\n\n\nthree\n")
    posts.create(author_id=1, title="", body="  draft\n", status="draft")
    later = datetime.now(UTC) + timedelta(days=9)
    posts.create(author_id=1, title="Later", body="x", created=f"{later:%Y-%m-%d %H:%M:%S}")
    posts.create(author_id=1, user=SYSTEM, title="About", body="us", kind="page", menu_position=3)
    get_db().executescript(
        f"""
        INSERT INTO post (author_id, title, body, slug)
        VALUES (1, 'Odd\ntitle', 'b', '../x');
        INSERT INTO old_address (path, post_id)
        VALUES ('/2020/old', {first}), ('/a/../b', {first}), ('/about', {first}),
            ('/?p=4', {first});
        """
    )
    redirects.add("/moved", "https://example.com/?a=b", SYSTEM)
    redirects.add("/gone", None, SYSTEM)
    tags.rename(1, "Ocean", SYSTEM)
    series.rename(1, "Ebb", SYSTEM)
    settings.change({"SITE_TITLE": "My: blog", "FOOTER": "a\n\nb", "TAGLINE": ""}, SYSTEM)
    settings.set_icons(images.make_icons(draw()), SYSTEM)
    cards.store("https://example.com/", title="T", site="S", image="", user=SYSTEM)
    binned = posts.create(author_id=2, title="Binned", body="gone", tags=["Ocean"], series="Ebb")
    trash.put(binned, SYSTEM)
    get_db().commit()
    return first
