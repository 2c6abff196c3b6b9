"""What a program may do and see with Micropub, by its token and the site of its page."""

import pytest

from flaskr.web.form_parser import URL_ENCODED

FRIEND = "https://friend.example"
OTHER_SITE = {"Origin": FRIEND, "Sec-Fetch-Site": "cross-site"}


@pytest.mark.parametrize("path", ("/micropub", "/micropub/media"))
def test_page_of_a_named_site_may_use_a_token(app, client, api, path):
    app.config["API_ORIGINS"] = [FRIEND]
    asked = client.options(path, headers=OTHER_SITE)
    assert asked.status_code == 200
    assert "POST" in asked.headers["Access-Control-Allow-Methods"]
    assert "Authorization" in asked.headers["Access-Control-Allow-Headers"]
    headers = {**OTHER_SITE, "Authorization": f"Bearer {api.token}"}
    sent = client.post(path, headers=headers, data={"content": "Hello"})
    assert sent.status_code == (201 if path == "/micropub" else 400)
    assert sent.headers["Access-Control-Allow-Origin"] == FRIEND
    assert "Location" in sent.headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in sent.headers


def test_page_of_another_site_may_not_use_micropub(app, client, writer):
    asked = client.options("/micropub", headers=OTHER_SITE)
    assert "Access-Control-Allow-Origin" not in asked.headers
    app.config["API_ORIGINS"] = ["https://other.example"]
    asked = client.options("/micropub", headers=OTHER_SITE)
    assert "Access-Control-Allow-Origin" not in asked.headers
    app.config["API_ORIGINS"] = ["*"]
    # The log-in of its reader's browser does not count.
    assert writer.get("/micropub?q=config", headers=OTHER_SITE).status_code == 401
    assert writer.post("/micropub", data={"content": "x"}, headers=OTHER_SITE).status_code == 403


def test_program_that_may_not_read_gets_the_link_only_to_its_new_draft(program, write):
    send = program(scopes=["write"])
    created = send("POST", "/micropub", {"properties": {"content": "x"}})
    assert "/preview/" in created.location
    draft = write("Secret", status="draft")
    change = {"published": ["2030-01-02T03:04:05Z"], "mp-slug": ["other"]}
    url = f"http://localhost/{draft}"
    changed = send("POST", "/micropub", {"action": "update", "url": url, "replace": change})
    assert (changed.status_code, changed.location) == (201, "http://localhost/other")


def test_long_form_is_refused_with_a_sentence(client):
    response = client.post("/micropub", data=b"x" * 100_000, content_type=URL_ENCODED)
    assert (response.status_code, response.json["error"]) == (413, "invalid_request")
    assert "64 KB" in response.json["error_description"]
