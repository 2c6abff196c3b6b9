"""A real browser, and blogs for it to visit."""

import contextlib
import http.client
import http.server
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from flaskr import create_app
from flaskr.db import get_db
from flaskr.db import init_db
from flaskr.models import posts
from flaskr.models import profiles
from flaskr.models import users

SCREENSHOTS = Path(__file__).with_name("screenshots")
BROWSER_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Names under .test resolve to this machine; the browser contacts no other host.
FLAGS = (
    "--host-resolver-rules=MAP *.test 127.0.0.1",
    "--no-proxy-server",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PASSWORD = "correct horse"
BODY = """\
A first paragraph with *stress*, `code`, a [link](https://example.org/) and a note.[^1]

## How it came

- one thing
- another, with ~~doubts~~ none
- [x] done

> Words of someone else.

```python
def hello(name: str) -> str:
    # The greeting of old.
    return f"Hello, {name}! {1 + 1}"
```

| left | middle | right |
| :--- | :----: | ----: |
| 1    | 2      | 3     |

[^1]: And this is the note.
"""
CHAPTERS = "".join(f"## {name}\n\n{'Words of it. ' * 200}\n\n" for name in ("One", "Two", "Three"))
CHOOSE_LOOK = """
    INSERT INTO setting (name, value) VALUES ('LOOK', ?)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value
"""
WIDE = f"""\
{"x" * 300}

| {" | ".join(f"column number {n}" for n in range(20))} |
| {" | ".join("---" for n in range(20))} |
| {" | ".join("a_long_value" for n in range(20))} |

```python
assert {" + ".join(f"a_long_name_{n}" for n in range(40))}
```

https://example.org/{"a" * 200}
"""


@pytest.fixture(scope="session")
def chromium():
    """Return the browser that all tests share."""
    api = import_or_skip("playwright.sync_api", "pip install '.[test]'")
    path = next(filter(None, map(shutil.which, BROWSER_NAMES)), None)
    if path is None:
        skip("no Chromium is installed: apt-get install chromium")
    with api.sync_playwright() as playwright:
        # Keep the back-forward cache, which Playwright disables by default.
        browser = playwright.chromium.launch(
            executable_path=path,
            args=FLAGS,
            ignore_default_args=["--disable-back-forward-cache"],
        )
        yield browser
        browser.close()


def import_or_skip(name, remedy):
    try:
        return __import__(name, fromlist=["*"])
    except ImportError:
        return skip(f"{name.partition('.')[0]} is not installed: {remedy}")


def skip(reason):
    if os.environ.get("CI") == "true":
        pytest.fail(f"A real browser is needed, but {reason}")
    pytest.skip(f"NOT TESTED in a browser, because {reason}")


class Server:
    """A `flaskr serve` process with its own instance folder."""

    def __init__(self, instance, name="127.0.0.1", **settings):
        self.instance = instance
        self.port = free_port()
        self.prefix = settings.get("URL_PREFIX", "")
        self.address = f"http://{name}:{self.port}{self.prefix}"
        self.log = instance.with_suffix(".log")
        self.settings = {f"FLASKR_{name}": value for name, value in settings.items()}

    def start(self):
        """Start the server and wait until it is healthy."""
        with self.log.open("w") as log:
            self.process = subprocess.Popen(  # noqa: S603  # a fixed command
                [sys.executable, "-m", "flask", "--app", "flaskr", "serve", f"--port={self.port}"],
                env={
                    **os.environ,
                    "FLASKR_INSTANCE_PATH": str(self.instance),
                    "PYTHONUNBUFFERED": "1",
                    **self.settings,
                },
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + 20
        while not self.is_healthy():
            assert self.process.poll() is None, self.output()
            assert time.monotonic() < deadline, self.output()
            time.sleep(0.05)
        return self

    def is_healthy(self):
        """Return True if /health answers with 200."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", f"{self.prefix}/health")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def output(self):
        """Return everything that the server has printed."""
        return self.log.read_text()

    def setup_link(self):
        """Return the link to register the first account."""
        query = re.search(r"auth/register\?setup=\S+", self.output())
        return f"{self.address}/{query[0]}"

    def stop(self):
        """Stop the server as a service manager does."""
        self.process.terminate()
        self.process.wait(timeout=20)

    def kill(self):
        """Kill all processes of the server at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=20)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def serve(chromium, tmp_path):
    """Return a function that starts a blog without accounts."""
    started = []

    def start(name="127.0.0.1", **settings):
        started.append(Server(tmp_path / "blog", name, **settings).start())
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def new_blog(serve):
    """Return a running blog without accounts."""
    return serve()


@pytest.fixture(scope="session")
def full_blog(chromium, tmp_path_factory):
    """Return a running blog with an owner, `ada`, and varied posts, shared by all tests."""
    instance = tmp_path_factory.mktemp("full") / "blog"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FLASKR_INSTANCE_PATH", str(instance))
        with create_app({"PASSWORD_MIN_LENGTH": 8}).app_context():
            init_db()
            _write_posts()
    server = Server(instance, RATELIMIT_ENABLED="false", REGISTRATION="open").start()
    yield server
    server.stop()


@pytest.fixture
def choose_look(full_blog):
    """Return a function that gives the full blog another look until the test ends."""
    yield lambda name: sql(full_blog, CHOOSE_LOOK, name)
    sql(full_blog, "DELETE FROM setting WHERE name = 'LOOK'")


def _write_posts():
    ada = users.register("ada", PASSWORD, password_min_length=8)
    texts = [(f"Post {number}", "A few words.") for number in range(9)]
    texts += [
        ("W" * 300, WIDE),
        ("مرحبا بالعالم", "هذه **فقرة** قصيرة.\n\n- واحد\n- اثنان\n\n```\ncode\n```\n"),
        ("こんにちは世界", "これは短い段落です。" * 30),
        ("A post with everything", BODY),
    ]
    for title, body in texts:
        posts.create(author_id=ada, title=title, body=body)
    posts.create(
        author_id=ada,
        title="A post with chapters",
        body=CHAPTERS,
        created="2020-03-01 00:00:00",
        tags=["A tag", "x" * 60, "日本語"],
        series="A series",
    )
    posts.create(
        author_id=ada,
        title="Another part",
        body="",
        created="2020-03-02 00:00:00",
        tags=["A tag"],
        series="A series",
        summary="What this part is about. " * 20,
    )
    profiles.update(ada, display_name="", bio="I write *here*.")
    get_db().execute("INSERT INTO post (author_id, title, body) VALUES (?, 'By SQL', 'x')", (ada,))
    get_db().commit()


def body(page):
    """Return the text field of the editor, when its scripts have started."""
    page.wait_for_function(
        """() => {
            const form = document.querySelector("[data-editor]");
            return !form || "ready" in form.dataset || matchMedia("(scripting: none)").matches;
        }"""
    )
    return page.get_by_label("Body", exact=True)


class Person:
    """A person at a browser. `problems` lists console messages, failed requests and other hosts."""

    def __init__(self, page, server, name="ada"):
        self.page = page
        self.server = server
        self.name = name
        self.problems = []
        self.visited_urls = set()
        page.set_default_timeout(60_000)
        page.on("console", self._note_console)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("requestfailed", self._note_failure)
        page.on("request", self._note_request)

    def _note_console(self, message):
        # Chromium also logs the status of the page itself, which tests check on their own.
        if message.location["url"] not in self.visited_urls:
            self.problems.append(f"console: {message.text}")

    def _note_failure(self, request):
        # Requests are aborted when the person leaves the page before it has loaded.
        if request.failure != "net::ERR_ABORTED":
            self.problems.append(f"failed: {request.url} {request.failure}")

    def _note_request(self, request):
        if request.is_navigation_request():
            self.visited_urls.add(request.url)
        if not request.url.startswith((self.server.address, "data:")):
            self.problems.append(f"asked another host: {request.url}")

    def open(self, path="/"):
        """Open a page of the blog."""
        return self.page.goto(self.server.address + path)

    def follow(self, name):
        """Click the link with this name."""
        self.page.get_by_role("link", name=name, exact=True).click()

    def press(self, name):
        """Click the button with this name."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def open_menu(self):
        """Open the menu of the editor's action bar."""
        self.page.get_by_label("More actions").click()

    def fill(self, **fields):
        """Fill the fields with these labels."""
        body(self.page)
        for label, text in fields.items():
            self.page.get_by_label(label, exact=True).fill(text)

    def sees(self, text):
        """Wait until the page shows this text, and return True."""
        self.page.get_by_role("main").get_by_text(text).first.wait_for()
        return True

    def register(self):
        """Register on the open registration page."""
        self.fill(Username=self.name, Password=PASSWORD)
        self.press("Register")

    def log_in(self):
        """Open the login page and log in."""
        self.open("/auth/login")
        self.fill(Username=self.name, Password=PASSWORD)
        self.press("Log In")

    def log_out(self):
        """Log out, from any page."""
        more = self.page.locator("nav.own").get_by_text("More", exact=True)
        if more.is_visible():
            more.click()
        self.follow("Log Out")

    def write(self, title, body=BODY):
        """Write and publish a post, from any page with the menu."""
        self.follow("New")
        self.fill(Title=title, Body=body)
        self.press("Publish")
        # The address of the form changes when its text becomes a draft.
        self.page.wait_for_url(lambda address: not address.endswith(("/create", "/update")))

    def screenshot(self, name):
        """Save a screenshot of the whole page."""
        SCREENSHOTS.mkdir(exist_ok=True)
        error = import_or_skip("playwright.sync_api", "pip install '.[test]'").Error
        # A screenshot only documents, and taking one can fail on a busy machine.
        for _ in range(2):
            with contextlib.suppress(error):
                self.page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)
                break


def sql(server, statement, *values):
    """Run a statement on the server's database, and return its rows."""
    with contextlib.closing(sqlite3.connect(server.instance / "flaskr.sqlite")) as db, db:
        return db.execute(statement, values).fetchall()


def text_of(page):
    """Return the body as the form submits it."""
    return page.evaluate("new FormData(document.querySelector('form.write')).get('body')")


def select(page, start, end):
    """Select characters of the first line of the body with the keyboard."""
    page.get_by_label("Body", exact=True).press("Control+Home")
    for _ in range(start):
        page.keyboard.press("ArrowRight")
    for _ in range(end - start):
        page.keyboard.press("Shift+ArrowRight")


@pytest.fixture
def visitor(chromium):
    """Return a function that opens a new browser session at a blog.

    The test fails if there are problems at its end, unless it clears `problems`.
    """
    people = []

    def visit(server, **options):
        context = chromium.new_context(**options)
        people.append(Person(context.new_page(), server))
        return people[-1]

    yield visit
    problems = [problem for person in people for problem in person.problems]
    for person in people:
        # Editors save when they are closed, which might reach the blog during the next test.
        person.page.context.set_offline(True)
        person.page.context.close()
    assert problems == []


@pytest.fixture(scope="session")
def cookies_of_ada(chromium, full_blog):
    """Return the cookies of a session in which `ada` is logged in at the full blog."""
    context = chromium.new_context()
    ada = Person(context.new_page(), full_blog)
    ada.log_in()
    ada.sees("A few words.")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def post(full_blog):
    """Add a copy of the post with everything to the full blog, and return its id."""
    statement = """
        INSERT INTO post (author_id, created, title, body)
        SELECT author_id, created, title, body FROM post WHERE id = 13
        RETURNING id
    """
    (copy,) = sql(full_blog, statement)[0]
    yield copy
    sql(full_blog, "DELETE FROM post WHERE id = ?", copy)


@pytest.fixture
def axe(chromium):
    """Return a function that lists the violations that axe finds on a page."""
    module = import_or_skip("axe_playwright_python.sync_playwright", "pip install '.[test]'")

    def violations(page):
        if not page.evaluate("'axe' in window"):
            page.evaluate(module.Axe().axe_script)
        found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
        return [(rule["id"], node["html"][:200]) for rule in found for node in rule["nodes"]]

    return violations


@pytest.fixture
def other_site():
    """Return a function that publishes a page on another site and returns its URL."""
    servers = []

    def publish(html):
        handler = type("Page", (_OnePage,), {"html": html})
        servers.append(http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://elsewhere.test:{servers[-1].server_port}/"

    yield publish
    for server in servers:
        server.shutdown()
        server.server_close()


class _OnePage(http.server.BaseHTTPRequestHandler):
    html = ""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(self.html.encode())

    def log_message(self, *args):
        pass
