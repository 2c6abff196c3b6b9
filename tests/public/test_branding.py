from io import BytesIO

import pytest
from PIL import Image

from flaskr import images
from flaskr.models import settings
from flaskr.models.permissions import SYSTEM


@pytest.fixture
def version(app, draw):
    with app.app_context():
        settings.set_icons(images.make_icons(draw(size=(64, 64))), SYSTEM)
        return settings.stored_values()[settings.ICON]


def test_accent_color_is_a_style_sheet(client):
    response = client.get("/settings/accent/ffff00.css")
    assert response.mimetype == "text/css"
    assert "oklch(from #ffff00 " in response.text
    assert response.cache_control.public
    again = client.get(
        "/settings/accent/ffff00.css", headers={"If-None-Match": response.headers["ETag"]}
    )
    assert again.status_code == 304


@pytest.mark.parametrize("digits", ("red", "fff", "ffff0g", "ffff000", "%23fff", "%00"))
def test_invalid_color_is_not_found(client, digits):
    assert client.get(f"/settings/accent/{digits}.css").status_code == 404


def test_icon_is_cached_under_its_current_url(client, version):
    response = client.get(f"/settings/icon/{version}/192.png")
    assert response.mimetype == "image/png"
    assert response.cache_control.immutable
    assert Image.open(BytesIO(response.data)).size == (192, 192)
    older = client.get("/settings/icon/older/192.png")
    assert (older.status_code, older.cache_control.max_age) == (200, 0)
    assert client.get(f"/settings/icon/{version}/193.png").status_code == 404


def test_favicon_is_served_at_its_default_url(client, app, draw):
    drawn = client.get("/favicon.ico")
    assert (drawn.mimetype, drawn.cache_control.max_age) == ("image/x-icon", 86400)
    with app.app_context():
        settings.set_icons(images.make_icons(draw()), SYSTEM)
    response = client.get("/favicon.ico")
    assert response.mimetype == "image/x-icon"
    assert Image.open(BytesIO(response.data)).info["sizes"] == {(16, 16), (32, 32), (48, 48)}


def test_manifest_contains_name_and_icons(client, app, version):
    manifest = client.get("/settings/site.webmanifest")
    assert manifest.mimetype == "application/manifest+json"
    assert (manifest.json["name"], manifest.json["start_url"]) == ("Flaskr", "/")
    assert [icon["sizes"] for icon in manifest.json["icons"]] == ["32x32", "192x192", "512x512"]
    assert client.get(manifest.json["icons"][0]["src"]).status_code == 200
    with app.app_context():
        settings.delete_icons(SYSTEM)
    assert client.get("/settings/site.webmanifest").json["icons"] == []


def test_touch_icon_leads_to_the_blogs_icon(client, version):
    for name in ("apple-touch-icon", "apple-touch-icon-precomposed"):
        assert client.get(f"/{name}.png").location == f"/settings/icon/{version}/180.png"


@pytest.mark.parametrize("name", ("apple-touch-icon", "apple-touch-icon-precomposed"))
def test_a_touch_icon_is_drawn_for_a_blog_without_one(client, name):
    response = client.get(f"/{name}.png")
    assert (response.mimetype, response.cache_control.max_age) == ("image/png", 86400)
    picture = Image.open(BytesIO(response.data)).convert("RGBA")
    assert picture.size == (180, 180)
    assert picture.getpixel((0, 0)) == (10, 107, 102, 255)
    assert picture.getpixel((90, 45)) == (255, 255, 255, 255)
    again = client.get(f"/{name}.png", headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304
