def test_anyone_may_read_what_the_site_is(visitor):
    assert visitor("GET", "/site").json == {
        "site_title": "Flaskr", "tagline": "", "description": "", "language": "en",
        "timezone": "UTC", "url": "http://localhost/",
    }  # fmt: skip


def test_the_owner_changes_settings(app, owner, visitor):
    app.config["FOOTER"] = "Locked"
    changed = owner("PATCH", "/settings", {"tagline": "New", "posts_per_page": 5}).json
    assert (changed["tagline"], changed["posts_per_page"]) == ("New", 5)
    assert changed["locked"] == ["footer"]
    assert visitor("GET", "/site").json["tagline"] == "New"
    assert owner("GET", "/settings").json == changed


def test_wrong_and_locked_settings_are_refused(app, owner):
    app.config["FOOTER"] = "Locked"
    for changes, status in (
        ({"language": "?"}, 422),
        ({"posts_per_page": 0}, 422),
        ({"posts_per_page": "5"}, 422),
        ({"secret_key": "x"}, 422),
        ({"icon": "x"}, 422),
        ({"footer": "x"}, 409),
    ):
        response = owner("PATCH", "/settings", changes)
        assert response.status_code == status, changes
        assert response.json["errors"][0]["pointer"] == f"#/{next(iter(changes))}"


def test_authors_may_not_see_settings_and_redirects(api):
    for path in ("/settings", "/redirects"):
        assert api("GET", path).status_code == 403


def test_redirects_are_added_and_deleted(owner, client):
    created = owner("POST", "/redirects", {"path": "/old", "target": "/about"})
    assert created.status_code == 201
    assert owner("GET", "/redirects").json == [created.json]
    assert client.get("/old").location == "/about"
    assert owner("DELETE", f"/redirects/{created.json['id']}").status_code == 204
    assert owner("DELETE", f"/redirects/{created.json['id']}").status_code == 404
    gone = owner("POST", "/redirects", {"path": "/gone", "target": None}).json
    assert (gone["target"], client.get("/gone").status_code) == (None, 410)


def test_a_wrong_redirect_names_its_field(owner):
    response = owner("POST", "/redirects", {"path": "/x", "target": "javascript:alert(1)"})
    assert (response.status_code, response.json["errors"][0]["pointer"]) == (422, "#/target")
