from io import BytesIO

import pytest

from flaskr import create_app
from flaskr import errors
from flaskr import images
from flaskr.db import get_db
from flaskr.models import posts
from flaskr.models import settings
from flaskr.models import users
from flaskr.models.permissions import SYSTEM

from ..markup import Page

NASTY = "<script>\"'>{{ 7 * 7 }}</textarea>\0\ud800"


@pytest.fixture
def owner(app, client, auth):
    with app.app_context():
        users.set_role("test", "owner")
    auth.login()
    return client


@pytest.fixture
def choose(app):
    """Return a function that stores settings as another process would."""

    def choose(**values):
        with create_app({"TESTING": True}).app_context():
            settings.change(values, SYSTEM)

    return choose


def test_changed_settings_apply_at_once(owner, app, browse):
    assert browse("/").select('[href="/settings"]')
    response = owner.post(
        "/settings",
        data={
            "site_title": "Greenhouse & Sons",
            "tagline": "Notes on <leaves>",
            "description": "What grows",
            "language": "pt-BR",
            "footer": "By **me**, [elsewhere](https://a.example/)",
            "menu_links": "Shop https://shop.example/?a&b",
            "accent": "#e91e63",
            "rel_me": "https://a.example/@me",
        },
    )
    assert response.location == "/settings"
    assert "Saved." in owner.get("/settings").text
    page = Page(create_app({"TESTING": True}).test_client().get("/").text)
    assert page.texts("title") == ["Posts - Greenhouse & Sons"]
    assert page.texts(".tagline") == ["Notes on <leaves>"]
    assert page.texts("footer strong") == ["me"]
    assert page.texts('[href="https://shop.example/?a&b"]') == ["Shop"]
    for element in (
        'meta[name="description"][content="What grows"]',
        'html[lang="pt-BR"]',
        'link[rel="stylesheet"][href="/settings/accent/e91e63.css"]',
        'link[rel="me"][href="https://a.example/@me"]',
    ):
        assert page.select(element)


def test_fields_show_the_effective_settings(owner, choose, browse):
    choose(
        SITE_TITLE="A",
        FOOTER="two\nlines",
        REGISTRATION="closed",
        POSTS_PER_PAGE="25",
        TIMEZONE="Asia/Tokyo",
    )
    page = browse("/settings")
    shown = {
        name: page.value(name)
        for name in ("site_title", "posts_per_page", "footer", "registration", "timezone")
    }
    assert shown == {
        "site_title": "A",
        "posts_per_page": "25",
        "footer": "two\nlines",
        "registration": "closed",
        "timezone": "Asia/Tokyo",
    }


def test_errors_are_shown_next_to_their_fields_and_nothing_is_stored(owner, app, write):
    page = write("About", kind="page")
    typed = {"tagline": "kept", "site_title": "", "language": "", f"menu-{page}": "first"}
    response = owner.post("/settings", data=typed)
    assert response.status_code == 200
    shown = Page(response.text)
    assert "Nothing was saved." in shown
    for name in ("site_title", "language", f"menu-{page}"):
        (field,) = shown.select(f"#{name}")
        assert f"{name}-error" in field.get("aria-describedby").split()
        assert shown.select(f'#{name}-error[role="alert"]')
        assert field.get("aria-invalid") == "true"
    assert [field.get("id") for field in shown.select("[autofocus]")] == ["site_title"]
    assert {name: shown.value(name) for name in typed} == typed
    with app.app_context():
        assert settings.stored_values() == {}


@pytest.mark.parametrize("name", settings.CHECKS)
def test_hostile_values_are_harmless(owner, app, name):
    response = owner.post("/settings", data={name.lower(): NASTY.encode(errors="replace")})
    with app.app_context():
        get_db().execute("DELETE FROM setting")
        get_db().execute("INSERT INTO setting VALUES (?, ?)", (name, NASTY[:-1]))
        get_db().commit()
    for path in ("/", "/settings", "/1", "/settings/site.webmanifest", "/nowhere"):
        shown = owner.get(path, follow_redirects=True)
        assert shown.status_code == (404 if path == "/nowhere" else 200)
        if path != "/settings/site.webmanifest":
            assert "<script>" not in shown.text
    assert response.status_code in (200, 302)
    assert "<script>" not in response.text


def test_only_the_owner_may_change_settings(app, client, auth, browse):
    assert client.get("/settings").location == "/auth/login?next=/settings"
    auth.login()
    assert not browse("/").select('[href="/settings"]')
    assert client.post("/settings", data={"site_title": "Mine"}).status_code == 403
    auth.logout()
    assert client.post("/settings", data={"site_title": "Mine"}).location == "/auth/login"
    assert "Mine" not in client.get("/").text


def test_locked_settings_win_and_say_where_they_are_locked(app, instance_path, monkeypatch, choose):
    choose(SITE_TITLE="chosen", TAGLINE="chosen", TIMEZONE="Asia/Tokyo", POSTS_PER_PAGE="3")
    (instance_path / "config.py").write_text("SITE_TITLE = 'Fixed'\nTIMEZONE = 'UTC'\n")
    monkeypatch.setenv("FLASKR_POSTS_PER_PAGE", "7")
    app = create_app()
    app.testing = True
    with app.app_context():
        users.set_role("test", "owner")
    client = app.test_client()
    with client.session_transaction() as session:
        session["user_id"] = 1
    response = client.post("/settings", data={"site_title": "Mine", "tagline": "new"})
    assert response.location == "/settings"
    page = Page(client.get("/settings").text)
    for name, value in (("site_title", "Fixed"), ("timezone", "UTC"), ("posts_per_page", "7")):
        assert page.select(f"#{name}[disabled]")
        assert page.value(name) == value
    assert page.count("This setting is locked in config.py.") == 2
    assert page.count("locked by the environment variable FLASKR_POSTS_PER_PAGE.") == 1
    assert page.value("tagline") == "new"
    with app.app_context():
        assert settings.stored_values()["SITE_TITLE"] == "chosen"


def test_settings_in_the_app_config_are_locked(owner, app, browse):
    app.config["LANGUAGE"] = "ja"
    assert (
        "This setting is locked by the program that runs the blog." in owner.get("/settings").text
    )
    assert browse("/").select('html[lang="ja"]')
    assert browse("/settings").select('html[lang="en"]')


def test_posts_per_page_applies_to_the_list(client, choose, write, browse):
    for number in range(4):
        write(f"Number {number}")
    choose(POSTS_PER_PAGE="2")
    page = browse("/")
    assert len(page.select("article")) == 2
    assert len(browse(page.link("next")).select("article")) == 2


def test_date_format_applies_everywhere(client, choose):
    assert "by test on 1 January 2018" in client.get("/1", follow_redirects=True).text
    assert "by test on 2018-01-01" in client.get("/").text
    choose(DATE_FORMAT="D.M.YYYY")
    assert "by test on 1.1.2018" in client.get("/1", follow_redirects=True).text
    assert "by test on 1.1.2018" in client.get("/").text


def test_times_use_the_time_zone(app, client, auth, choose):
    choose(TIMEZONE="Pacific/Kiritimati")
    assert "by test on 2018-01-01" in client.get("/").text
    auth.login()
    client.post("/create", data={"title": "New", "body": "", "created": "2020-01-01T10:00"})
    with app.app_context():
        assert posts.get(2, None)["stored_created"] == "2019-12-31 20:00:00"


def test_registration_can_be_closed_and_opened(client, choose):
    choose(REGISTRATION="closed")
    assert client.get("/auth/register").status_code == 403
    assert "Register" not in client.get("/").text
    choose(REGISTRATION="open")
    assert client.get("/auth/register").status_code == 200


def test_page_can_be_the_front_page(client, choose, write, browse):
    page = write("About me", kind="page")
    assert client.get("/posts/all?before=2018-01-01T00:00:00~1").location == (
        "/?before=2018-01-01T00:00:00~1"
    )
    choose(FRONT_PAGE=str(page), TAGLINE="A tagline")
    front = browse("/")
    assert front.texts("h1") == ["About me"]
    assert front.texts('[href="/posts/all"]') == ["All posts"]
    for path in ("/about-me", f"/{page}"):
        response = client.get(path)
        assert (response.location, response.headers["Cache-Control"]) == ("/", "no-cache")
    assert "test title" in client.get("/posts/all").text
    assert not browse("/posts/all").select(".tagline")
    position = "before=2018-01-01T00:00:00~1"
    assert client.get(f"/?{position}").location == f"/posts/all?{position}"
    assert "There are no more posts" in client.get(f"/posts/all?{position}").text
    assert client.get("/posts/all?after=2018-01-01T00:00:00~1").location == "/posts/all"


def test_front_page_falls_back_to_the_list(client, choose, owner, write, browse):
    page = write("About me", kind="page")
    choose(FRONT_PAGE=str(page))
    assert browse("/settings").value("front_page") == str(page)
    owner.post(f"/{page}/withdrawal", data={"title": "About me"})
    assert "test title" in client.get("/").text
    assert client.get("/posts/all").location == "/"
    assert "test title" in client.get("/").text
    assert browse("/settings").value("front_page") == ""


def test_menu_order_can_be_changed(owner, write, browse):
    first, second = write("Alpha", kind="page"), write("Omega", kind="page")
    owner.post("/settings", data={f"menu-{first}": "2", f"menu-{second}": " 1 ", "menu-1": "9"})
    owner.post("/settings", data={"tagline": "and nothing of the menu"})
    page = browse("/")
    assert [name for name in page.texts("nav a") if name in ("Alpha", "Omega")] == [
        "Omega",
        "Alpha",
    ]


def test_owner_of_an_unconfigured_blog_is_directed_to_the_settings(app, owner, choose, browse):
    app.config["REGISTRATION"] = "closed"
    line = "Give your blog its own name, colors and menu. <a"
    assert line in owner.get("/").text
    choose(TAGLINE="mine")
    page = browse("/")
    assert line not in page
    assert not page.select(".notice")
    choose(REGISTRATION="open")
    assert "Anyone can register and write here." in owner.get("/").text


def test_full_disk_is_reported_with_the_input(owner, app, monkeypatch):
    def fail(*_):
        raise errors.Unavailable("The disk is full. Free some space, then try again.")

    monkeypatch.setattr(settings, "change", fail)
    response = owner.post("/settings", data={"tagline": "typed"})
    assert response.status_code == 503
    assert "The disk is full." in response.text
    assert Page(response.text).value("tagline") == "typed"


def test_pages_without_a_database_have_a_title(instance_path):
    client = create_app({"TESTING": True, "SITE_TITLE": "Named"}).test_client()
    response = client.get("/")
    assert response.status_code == 503
    assert "Named" in response.text


def upload(client, content, name="icon.png", **fields):
    return client.post("/settings", data={"icon": (BytesIO(content), name), **fields})


def test_icon_is_uploaded_and_removed(owner, draw, browse):
    assert upload(owner, draw(size=(300, 200)), tagline="Typed").location == "/settings"
    page = browse("/settings")
    assert "Saved. Browsers may show the old icon for a while." in page
    assert "Remove this icon" in page
    assert page.value("tagline") == "Typed"
    for rel in ("icon", "apple-touch-icon", "manifest"):
        link, *_ = page.select(f'link[rel="{rel}"]')
        assert owner.get(link.get("href")).status_code == 200
    owner.post("/settings", data={"tagline": ""})
    assert "Remove this icon" in owner.get("/settings").text
    owner.post("/settings", data={"no_icon": "on"})
    assert "icon.svg" in owner.get("/settings").text


@pytest.mark.parametrize(
    ("content", "sentence"),
    (
        (b"", "Choose an image: PNG"),
        (b"<svg xmlns='x'><script/></svg>", "Choose an image: PNG"),
        (b"\x89PNG\r\n\x1a\n broken", "broken or was cut short"),
        (b"\0" * 104_858, "too large: at most 102 KB"),
    ),
    ids=("empty", "svg", "broken", "big"),
)
def test_invalid_icon_is_reported_next_to_the_field(owner, monkeypatch, content, sentence):
    monkeypatch.setattr(images, "MAX_ICON_BYTES", 104_857)
    response = upload(owner, content, tagline="Typed")
    assert response.status_code == 200
    page = Page(response.text)
    assert page.value("tagline") == "Typed"
    (error,) = page.texts("#icon-error")
    assert sentence in error
    assert "icon.svg" in owner.get("/settings").text


def test_icon_sent_with_another_error_must_be_chosen_again(owner, draw):
    page = Page(upload(owner, draw(), language="").text)
    assert page.texts("#icon-error") == ["Choose the image again."]
    assert len(page.select("[autofocus]")) == 1
    assert "icon.svg" in owner.get("/settings").text


def test_quotation_marks_follow_the_setting(owner, app):
    with app.app_context():
        settings.change({"CURLY_QUOTES": "on", "LANGUAGE": "de"}, SYSTEM)
        posts.update(1, SYSTEM, title="Said", body='"So"', address="said")
    for path in ("/", "/said", "/feed.xml"):
        assert "„So“" in owner.get(path).text
    assert "„So“" in owner.post("/preview", data={"body": '"So"'}).text
    assert "“So”" in owner.post("/preview", data={"body": '"So"', "language": "en"}).text
