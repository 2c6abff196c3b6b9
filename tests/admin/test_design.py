from pathlib import Path

import pytest

import flaskr
from flaskr import create_app
from flaskr import errors
from flaskr.db import get_db
from flaskr.models import looks
from flaskr.models import media
from flaskr.models import settings
from flaskr.models import users
from flaskr.models.permissions import SYSTEM

from ..markup import Page

STATIC = Path(flaskr.__file__).with_name("static")
CSS = ".post > h2 { color: red }"


@pytest.fixture
def owner(app, client, auth):
    with app.app_context():
        users.set_role("test", "owner")
    auth.login()
    return client


def style_sheets(page):
    return [link.get("href") for link in page.select('link[rel="stylesheet"]')]


@pytest.mark.parametrize("name", looks.LOOKS)
def test_readers_see_a_chosen_look_at_once(owner, app, name):
    form = {"look": name, "accent": looks.LOOKS[name].accent}
    form["shown_accent"] = form["accent"]
    assert owner.post("/settings/design", data=form).location == "/settings/design"
    visitor = create_app({"TESTING": True}).test_client()
    sheets = style_sheets(Page(visitor.get("/").text))
    assert [Path(sheet).name for sheet in sheets] == ["style.css", f"{name}.css"]
    assert visitor.get(sheets[1]).status_code == 200


@pytest.mark.parametrize("name", looks.LOOKS)
def test_look_has_the_accent_that_its_settings_show(name):
    styles = (STATIC / f"looks/{name}.css").read_text() + (STATIC / "style.css").read_text()
    assert f"--accent: var(--light, {looks.LOOKS[name].accent}) " in styles


def test_accent_is_stored_and_removed(owner, app):
    form = {"look": "book", "accent": "#ff0000", "shown_accent": "#7a1f1f"}
    owner.post("/settings/design", data=form)
    assert "/settings/accent/ff0000.css" in style_sheets(Page(owner.get("/").text))
    page = Page(owner.get("/settings/design").text)
    assert page.value("accent") == "#ff0000"
    form = {"accent": "#ff0000", "shown_accent": "#ff0000", "default_accent": "on"}
    owner.post("/settings/design", data=form)
    assert Page(owner.get("/settings/design").text).value("accent") == "#7a1f1f"


def test_locked_accent_is_not_changed(owner, app):
    app.config["ACCENT"] = "#123456"
    owner.post("/settings/design", data={"accent": "#ffffff", "default_accent": "on"})
    page = Page(owner.get("/settings/design").text)
    assert page.value("accent") == "#123456"
    assert page.select("#accent[disabled]")
    with app.app_context():
        assert "ACCENT" not in settings.stored_values()


def test_errors_are_shown_next_to_their_fields(owner, app):
    form = {"look": "x", "accent": "red", "custom_css": "@import url(a.css)"}
    page = Page(owner.post("/settings/design", data=form).text)
    for name in ("look", "accent", "custom_css"):
        assert page.select(f'#{name}-error[role="alert"]')
    assert page.value("custom_css") == form["custom_css"]
    with app.app_context():
        assert settings.stored_values() == {}


def test_full_disk_is_reported_with_the_input(owner, monkeypatch):
    def fail(*_):
        raise errors.Unavailable("The disk is full.")

    monkeypatch.setattr(settings, "change", fail)
    response = owner.post("/settings/design", data={"custom_css": CSS})
    assert response.status_code == 503
    assert "The disk is full." in response.text
    assert Page(response.text).value("custom_css") == CSS


def test_preview_shows_what_is_not_stored_in_a_frame_of_this_blog(owner, app):
    form = {"look": "photo", "accent": "#ff0000", "custom_css": CSS}
    response = owner.post("/settings/design/preview", data=form)
    page = Page(response.text)
    assert page.texts("article h2") == ["test title"]
    assert [Path(sheet).name for sheet in style_sheets(page)][1:] == ["photo.css", "ff0000.css"]
    policy = response.headers["Content-Security-Policy"]
    (style,) = page.select("style")
    assert style.text == CSS
    assert f"'nonce-{style.get('nonce')}'" in policy
    assert "frame-ancestors 'self'" in policy
    # Visitors see neither the owner's bar nor any of this.
    assert "Log Out" not in page
    assert not page.select("script")
    assert "style" not in {link.tag for link in Page(owner.get("/").text).select("head > *")}
    with app.app_context():
        assert settings.stored_values() == {}


@pytest.mark.parametrize("path", ("/settings/design", "/settings/design/preview"))
def test_link_brings_no_style_rules(owner, path):
    query = {"look": "book", "accent": "#ff0000", "custom_css": CSS}
    assert CSS not in owner.get(path, query_string=query).text
    assert "ff0000" not in owner.get(path, query_string=query).text


def test_preview_of_a_look_has_its_style_sheet(owner):
    page = Page(owner.get("/settings/design/preview?look=book").text)
    assert "book.css" in [Path(sheet).name for sheet in style_sheets(page)]


def test_only_the_design_page_has_frames(owner):
    policies = {
        path: owner.get(path).headers["Content-Security-Policy"]
        for path in ("/settings/design", "/settings", "/")
    }
    assert "frame-src 'self'" in policies["/settings/design"]
    assert all("frame-ancestors 'none'" in policy for policy in policies.values())
    assert "frame-src" not in policies["/settings"] + policies["/"]


@pytest.mark.parametrize("method", ("get", "post"))
def test_preview_ignores_invalid_values(owner, method):
    form = {"look": "../x", "accent": "red", "custom_css": "</style><script>"}
    argument = {"query_string": form} if method == "get" else {"data": form}
    response = getattr(owner, method)("/settings/design/preview", **argument)
    assert response.status_code == 200
    assert "<script" not in response.text
    assert "looks/flaskr.css" in response.text


def test_custom_css_is_on_readers_pages_only(owner, app):
    owner.post("/settings/design", data={"custom_css": CSS})
    (url,) = [url for url in style_sheets(Page(owner.get("/").text)) if "/css/" in url]
    response = owner.get(url)
    assert (response.text, response.mimetype) == (CSS, "text/css")
    assert response.cache_control.immutable
    assert owner.get("/settings/css/old.css").cache_control.max_age == 0
    for path in ("/1", "/tag", "/search"):
        assert url in style_sheets(Page(owner.get(path, follow_redirects=True).text))
    for path in ("/?css=off", "/settings/design", "/posts", "/create"):
        assert url not in style_sheets(Page(owner.get(path).text))
    owner.get("/auth/logout")
    assert url not in style_sheets(Page(owner.get("/auth/login").text))


def test_stored_value_that_is_invalid_is_ignored(client, app):
    with app.app_context():
        get_db().execute("INSERT INTO setting VALUES ('LOOK', '../x'), ('CUSTOM_CSS', '</style>')")
        get_db().commit()
    page = Page(client.get("/").text)
    assert [Path(sheet).name for sheet in style_sheets(page)] == ["style.css", "flaskr.css"]


def test_covers_are_in_the_lists_of_looks_that_have_them(client, app, write):
    with app.app_context():
        write("With", cover="https://example.org/a.jpg", tags=["T"])
        write("Without", tags=["T"])
    for look, covers in (("flaskr", 1), ("magazine", 1), ("book", 0), ("titles", 0)):
        with app.app_context():
            settings.change({"LOOK": look}, SYSTEM)
        for path in ("/", "/tag/t", "/user/test"):
            assert len(Page(client.get(path).text).select("a.cover img")) == covers, (look, path)


def test_first_image_stands_in_for_a_cover_in_the_photo_look(client, app, write, draw):
    with app.app_context():
        image = media.add(draw(), name="a.png", user_id=1, max_bytes=10**6)
        write("With", body=f"text\n\n![](/media/{image['name']})")
        settings.change({"LOOK": "photo"}, SYSTEM)
    (cover,) = Page(client.get("/").text).select("a.cover img")
    assert cover.get("src") == f"/media/{image['name']}"
    assert (cover.get("width"), cover.get("height")) == ("60", "40")
