import io
import json
import zipfile
from xml.etree import ElementTree

import pytest

from flaskr.models import users


@pytest.fixture
def owner(app, writer):
    with app.app_context():
        users.set_role("test", "owner")
    return writer


def test_settings_lead_to_the_export(owner, browse):
    assert browse("/settings").select('a[href="/settings/export"]')
    assert browse("/settings/export").value("format") == "markdown"


def test_markdown_is_downloaded_as_a_zip(owner, write):
    write("A draft", status="draft")
    response = owner.post("/settings/export", data={"trash": "1", "revisions": "1"})
    assert response.headers["Content-Disposition"].endswith('.zip"')
    names = zipfile.ZipFile(io.BytesIO(response.data)).namelist()
    assert "content/_drafts/a-draft.md" in names


def test_download_is_made_while_it_is_sent(owner):
    response = owner.post("/settings/export", buffered=False)
    assert "Content-Length" not in response.headers
    assert response.is_streamed


def test_wordpress_and_ghost_are_downloaded(owner):
    xml = owner.post("/settings/export", data={"format": "wxr"}).data
    assert len(ElementTree.fromstring(xml).findall(".//item")) == 1  # noqa: S314  # our own
    archive = owner.post("/settings/export", data={"format": "ghost"}).data
    text = zipfile.ZipFile(io.BytesIO(archive)).read("ghost.json")
    assert json.loads(text)["db"][0]["data"]["users"][0]["name"] == "test"


def test_unknown_format_is_not_found(owner):
    assert owner.post("/settings/export", data={"format": "x\0"}).status_code == 404


def test_visitors_are_asked_to_log_in(client):
    assert client.get("/settings/export").location.startswith("/auth/login")
