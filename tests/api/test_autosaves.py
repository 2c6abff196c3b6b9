from flaskr.models import autosaves

KEY = "0f5a7c1e-29d4-4b4e-8c39-5a2f8f1d2b6a"
TEXT = {"title": "Tides", "body": "text"}


def test_an_unsaved_text_is_stored_listed_and_discarded(api):
    stored = api("PUT", f"/unsaved/{KEY}", TEXT).json
    assert stored.items() >= {**TEXT, "key": KEY, "post": None}.items()
    assert api("GET", "/unsaved").json == [stored]
    assert api("GET", f"/unsaved/{KEY}").json == stored
    assert api("DELETE", f"/unsaved/{KEY}").status_code == 204
    assert api("GET", "/unsaved").json == []


def test_an_unsaved_text_belongs_to_a_post_and_to_its_writer(api, program, write):
    post = write("Old", status="draft")
    api("PUT", f"/unsaved/{KEY}", {**TEXT, "post": post})
    assert [one["post"] for one in api("GET", f"/unsaved?post={post}").json] == [post]
    stranger = program(2)
    assert stranger("GET", f"/unsaved/{KEY}").status_code == 404
    assert stranger("GET", f"/unsaved?post={post}").status_code == 404
    assert stranger("PUT", f"/unsaved/{KEY}", {**TEXT, "post": post}).status_code == 404


def test_other_fields_of_a_form_stay(app, api):
    with app.app_context():
        autosaves.save(1, KEY, {"title": "a", "body": "b", "summary": "s"})
    api("PUT", f"/unsaved/{KEY}", TEXT)
    with app.app_context():
        assert autosaves.load_fields(autosaves.get(1, KEY)) == {**TEXT, "summary": "s"}


def test_an_empty_text_is_deleted(api):
    api("PUT", f"/unsaved/{KEY}", TEXT)
    assert api("PUT", f"/unsaved/{KEY}", {"title": "", "body": ""}).status_code == 204
    assert api("GET", f"/unsaved/{KEY}").status_code == 404
    assert api("PUT", "/unsaved/x", TEXT).status_code == 404
