"""A real browser, and blogs of their own for it to visit."""

import http.client
import http.server
import os
import re
import shutil
import signal
import socket
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
from flaskr.models import settings
from flaskr.models import users
from flaskr.models.permissions import SYSTEM

SCREENSHOTS = Path(__file__).with_name("screenshots")
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Names under .test are this machine; nothing is asked of any other.
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
    """The browser of all these tests."""
    api = _import_or_skip("playwright.sync_api", "pip install '.[test]'")
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        _missing("no Chromium is installed: apt-get install chromium")
    with api.sync_playwright() as playwright:
        # Going back is as it is for a person: Playwright's own flag would change it.
        browser = playwright.chromium.launch(
            executable_path=path,
            args=FLAGS,
            ignore_default_args=["--disable-back-forward-cache"],
        )
        yield browser
        browser.close()


def _import_or_skip(name, remedy):
    try:
        return __import__(name, fromlist=["*"])
    except ImportError:
        return _missing(f"{name.partition('.')[0]} is not installed: {remedy}")


def _missing(reason):
    if os.environ.get("CI") == "true":
        pytest.fail(f"A real browser is needed, but {reason}")
    pytest.skip(f"NOT TESTED in a browser, because {reason}")


class Server:
    """`flaskr serve`, with an instance folder of its own."""

    def __init__(self, instance, name="127.0.0.1", **settings):
        self.instance = instance
        self.port = _free_port()
        self.prefix = settings.get("URL_PREFIX", "")
        self.address = f"http://{name}:{self.port}{self.prefix}"
        self.log = instance.with_suffix(".log")
        self.settings = {f"FLASKR_{name}": value for name, value in settings.items()}

    def start(self):
        """Start, and wait until it answers."""
        with self.log.open("w") as log:
            self.process = subprocess.Popen(  # noqa: S603  # our own words
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
        while not self.answers():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)
        return self

    def answers(self):
        """Whether /health says that all is well."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", f"{self.prefix}/health")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def said(self):
        """What it printed."""
        return self.log.read_text()

    def setup_link(self):
        """The link to the first account, on the name by which the browser knows the blog."""
        query = re.search(r"auth/register\?setup=\S+", self.said())
        return f"{self.address}/{query[0]}"

    def stop(self):
        """Stop as a service manager does."""
        self.process.terminate()
        self.process.wait(timeout=20)

    def kill(self):
        """Pull the plug: no process of it lives on or learns why."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=20)


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def serve(chromium, tmp_path):
    """A function that starts a blog which nobody has registered at."""
    started = []

    def start(name="127.0.0.1", **settings):
        started.append(Server(tmp_path / "blog", name, **settings).start())
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def new_blog(serve):
    """A blog that nobody has registered at."""
    return serve()


@pytest.fixture(scope="session")
def full_blog(chromium, tmp_path_factory):
    """A blog with an owner, `ada`, and posts of every shape, at work for all the tests."""
    instance = tmp_path_factory.mktemp("full") / "blog"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FLASKR_INSTANCE_PATH", str(instance))
        with create_app({"PASSWORD_MIN_LENGTH": 8}).app_context():
            init_db()
            _write_posts()
            settings.change({"REGISTRATION": "open"}, SYSTEM)
    server = Server(instance, RATELIMIT_ENABLED="false").start()
    yield server
    server.stop()


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


class Person:
    """Someone at a browser, who sees it when something goes wrong behind the page."""

    def __init__(self, page, server, name="ada"):
        self.page = page
        self.server = server
        self.name = name
        self.troubles = []
        self.addresses = set()
        page.set_default_timeout(15_000)
        page.on("console", self._note_console)
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("requestfailed", self._note_failure)
        page.on("request", self._note_request)

    def _note_console(self, message):
        # Chromium logs the status of every refused page; only what a page loads is news.
        if message.location["url"] not in self.addresses:
            self.troubles.append(f"console: {message.text}")

    def _note_failure(self, request):
        # Aborted is what a person did who went on before all was there.
        if request.failure != "net::ERR_ABORTED":
            self.troubles.append(f"failed: {request.url} {request.failure}")

    def _note_request(self, request):
        if request.is_navigation_request():
            self.addresses.add(request.url)
        if not request.url.startswith((self.server.address, "data:")):
            self.troubles.append(f"asked another host: {request.url}")

    def open(self, path="/"):
        """Go to a page of the blog."""
        return self.page.goto(self.server.address + path)

    def follow(self, name):
        """Follow the link of this name."""
        self.page.get_by_role("link", name=name, exact=True).click()

    def press(self, name):
        """Press the button of this name."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def fill(self, **fields):
        """Type into the fields of these labels."""
        for label, text in fields.items():
            self.page.get_by_label(label, exact=True).fill(text)

    def sees(self, text):
        """Whether the page shows this text, perhaps after a moment."""
        found = self.page.get_by_role("main").get_by_text(text).first
        found.wait_for()
        return True

    def register(self):
        """Make an account, on the page where that is done."""
        self.fill(Username=self.name, Password=PASSWORD)
        self.press("Register")

    def log_in(self):
        """Log in, from any page."""
        self.open("/auth/login")
        self.fill(Username=self.name, Password=PASSWORD)
        self.press("Log In")

    def write(self, title, body=BODY):
        """Write a post, from any page that shows the site's links."""
        self.follow("New")
        self.fill(Title=title, Body=body)
        self.press("Save and publish")
        self.page.wait_for_url(lambda address: "/create" not in address)

    def screenshot(self, name):
        """Save a picture of the whole page."""
        SCREENSHOTS.mkdir(exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


@pytest.fixture
def visitor(chromium):
    """A function that seats someone before a fresh browser, at a blog.

    In the end nothing may have gone wrong, but where the test empties `troubles`.
    """
    seated = []

    def seat(server, **options):
        context = chromium.new_context(**options)
        seated.append(Person(context.new_page(), server))
        return seated[-1]

    yield seat
    troubles = [trouble for person in seated for trouble in person.troubles]
    for person in seated:
        person.page.context.close()
    assert troubles == []


@pytest.fixture(scope="session")
def cookies_of_ada(chromium, full_blog):
    """The cookies of a browser in which `ada` is logged in at the full blog."""
    context = chromium.new_context()
    ada = Person(context.new_page(), full_blog)
    ada.log_in()
    ada.sees("A few words.")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def axe(chromium):
    """A function that says what the accessibility checker axe finds wrong with a page."""
    module = _import_or_skip("axe_playwright_python.sync_playwright", "pip install '.[test]'")

    def violations(page):
        if not page.evaluate("'axe' in window"):
            page.evaluate(module.Axe().axe_script)
        found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
        return [(rule["id"], node["html"][:200]) for rule in found for node in rule["nodes"]]

    return violations


@pytest.fixture
def other_site():
    """A function that puts a page on another site and returns its address."""
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
