import json


def lines(response):
    return [json.loads(line) for line in response.text.splitlines()]


def test_all_posts_and_pages_are_exported_as_a_stream(owner, write, monkeypatch):
    monkeypatch.setattr("flaskr.api.export.POSTS_PER_BATCH", 2)
    write("Page", kind="page")
    write("Draft", "text", status="draft")
    write("Later", created="2999-01-01 00:00:00")
    for number in range(3):
        write(str(number))
    response = owner("GET", "/export")
    assert response.mimetype == "application/x-ndjson"
    found = [(post["kind"], post["title"]) for post in lines(response)]
    assert found == [
        ("post", "2"), ("post", "1"), ("post", "0"), ("post", "test title"), ("post", "Later"),
        ("post", "Draft"), ("page", "Page"),
    ]  # fmt: skip


def test_nothing_is_read_before_it_is_sent(owner, write):
    response = owner("GET", "/export", buffered=False)
    assert response.is_streamed
    assert "Content-Length" not in response.headers
    response.close()


def test_drafts_of_others_are_not_exported(program, write):
    write("Draft", status="draft")
    assert [post["title"] for post in lines(program(2)("GET", "/export"))] == ["test title"]
