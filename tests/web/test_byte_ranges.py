import pytest

from flaskr.models import media

PDF = b"%PDF-1.4 " + b"0123456789" * 10
IGNORED = (
    "items=0-5",
    "seconds=1-",
    "bytes",
    "bytes=",
    "bytes=-",
    "bytes=a-b",
    "bytes=5-2",
    "bytes=0-1,4-5",
    "bytes=0-1, -1",
    "bytes=0-" + "0-," * 5000,
    "bytes=" + "9" * 5000 + "-",
    "bytes=0x1-2",
    "bytes=٣-٤",
    "0-5",
    "=",
    "",
)
SERVED = {
    "bytes=0-8": b"%PDF-1.4 ",
    "Bytes=0-0": b"%",
    "bytes=9-": b"0123456789" * 10,
    "bytes=-3": b"789",
    "bytes= 0-1 ": b"%P",
    "bytes=100-500": PDF[100:],
}


@pytest.fixture
def url(app):
    with app.app_context():
        return "/media/" + media.add(PDF, name="a.pdf", user_id=1, max_bytes=1000)["name"]


def get(client, path, header, method="GET"):
    environ = {"HTTP_RANGE": header.encode().decode("latin-1")}
    return client.open(path, method=method, environ_overrides=environ, buffered=True)


@pytest.mark.parametrize("header", IGNORED)
def test_invalid_range_is_ignored(client, url, header):
    for path in (url, "/static/style.css", "/1", "/"):
        response = get(client, path, header)
        assert response.status_code == 200
        assert "Content-Range" not in response.headers
    assert get(client, url, header).data == PDF


@pytest.mark.parametrize(("header", "content"), SERVED.items())
def test_valid_range_is_served(client, url, header, content):
    response = get(client, url, header)
    assert (response.status_code, response.data) == (206, content)
    assert get(client, "/static/style.css", header).status_code == 206
    assert get(client, "/", header).status_code == 200


@pytest.mark.parametrize("header", ("bytes=-110", "bytes=-0999999"))
def test_suffix_range_longer_than_the_file_gets_the_whole_file(client, url, header):
    response = get(client, url, header)
    assert (response.status_code, response.data) == (200, PDF)
    assert get(client, "/static/style.css", "bytes=-999999").status_code == 200


@pytest.mark.parametrize("header", ("bytes=1000-", "bytes=109-", "bytes=-0"))
def test_range_beyond_the_end_gets_416(client, url, header):
    response = get(client, url, header)
    assert response.status_code == 416
    assert response.headers["Content-Range"] == f"bytes */{len(PDF)}"


@pytest.mark.parametrize("header", (*SERVED, *IGNORED, "bytes=1000-"))
def test_range_is_ignored_except_for_get(client, url, header):
    response = get(client, url, header, method="HEAD")
    assert (response.status_code, response.content_length) == (200, len(PDF))
    assert get(client, "/create", header, method="POST").status_code == 302
