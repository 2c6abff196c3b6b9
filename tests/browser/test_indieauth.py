"""A user logs in to a program on another site, which then posts."""

import http.server
import json
import threading
import urllib.request
from urllib.parse import urlencode
from urllib.parse import urlsplit

import pytest

from ..indieauth import REDEMPTION
from ..indieauth import REQUEST
from ..indieauth import answer
from .conftest import PASSWORD
from .conftest import sql

REDEEM = """
    async ([url, fields]) => {
        const response = await fetch(url, {method: "POST", body: new URLSearchParams(fields)});
        return response.json();
    }
"""


class Program(http.server.BaseHTTPRequestHandler):
    """A site that sends the user on to another host with the answer, as some do."""

    def do_GET(self):
        path, _, query = self.path.partition("?")
        self.send_response(302 if path == "/back" else 200)
        if path == "/back":
            port = self.server.server_port
            self.send_header("Location", f"http://home.test:{port}/done?{query}")
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Program</title><link rel=icon href=data:,>")

    def log_message(self, *args):
        pass


@pytest.fixture
def program():
    """The URLs of a running program, as it sends them."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Program)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    site = f"http://app.test:{server.server_port}/"
    yield {"client_id": site, "redirect_uri": f"{site}back"}
    server.shutdown()
    server.server_close()


@pytest.fixture
def ada(full_blog, visitor):
    person = visitor(full_blog)
    last = sql(full_blog, "SELECT max(id) FROM post")[0][0]
    yield person
    sql(full_blog, "DELETE FROM post WHERE id > ?", last)
    sql(full_blog, "DELETE FROM token")
    # The program is another host, which pages of the blog must not load anything from.
    person.problems = [one for one in person.problems if ".test:" not in one]


def post(address, secret, text):
    request = urllib.request.Request(  # noqa: S310  # a fixed scheme
        f"{address}/micropub",
        json.dumps({"properties": {"content": [text]}}).encode(),
        {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as response:  # noqa: S310  # a fixed scheme
        return response.status


def test_user_logs_in_to_a_program_which_posts_a_draft(full_blog, ada, program):
    ada.open("/auth/authorization?" + urlencode(REQUEST | program))
    ada.fill(Username="ada", Password=PASSWORD)
    ada.press("Log In")
    assert ada.sees("It will know you as")
    ada.screenshot("consent")
    ada.page.get_by_label("Publish, change and delete what readers see").uncheck()
    ada.press("Allow")
    ada.page.wait_for_url("http://home.test:*/done*")
    code = answer(ada.page.url)["code"]
    fields = REDEMPTION | program | {"code": code}
    found = ada.page.evaluate(REDEEM, [f"{full_blog.address}/auth/token", fields])
    assert urlsplit(found["me"]).path == "/user/ada"
    assert post(full_blog.address, found["access_token"], "From a program.") == 201
    statement = "SELECT status FROM post WHERE body = 'From a program.'"
    assert sql(full_blog, statement) == [("draft",)]
    ada.open("/account/tokens")
    assert ada.sees(program["client_id"].removesuffix("/").removeprefix("http://"))
