"""Firefox and WebKit as Debian packages them, driven without any other program.

Both take the same actions of keys and pointers: Firefox by WebDriver BiDi
(https://w3c.github.io/webdriver-bidi/), WebKit by WebDriver (https://w3c.github.io/webdriver/).
"""

import contextlib
import itertools
import json
import os
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request

from .conftest import free_port

DEADLINE_SECONDS = 60
KEYS = {"\n": "\ue007", "\t": "\ue004", "Control": "\ue009", "End": "\ue010"}
# Firefox asks no other host.
PREFERENCES = """\
user_pref("network.proxy.type", 0);
user_pref("services.settings.server", "data:,");
"""


class EngineError(Exception):
    """A command failed in the browser."""


class Browser:
    """A window of a browser, for which each engine has `open`, `evaluate` and `perform`."""

    def wait_for(self, expression):
        """Evaluate JavaScript until its value is true, and return the value."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not (value := self._try_to_evaluate(expression)):
            if time.monotonic() > deadline:
                place, text = self.evaluate("[location.href, document.body?.innerText]")
                raise EngineError(f"{expression} is false at {place}:\n{text}")
            time.sleep(0.05)
        return value

    def _try_to_evaluate(self, expression):
        # There is nothing to evaluate while one page replaces another.
        with contextlib.suppress(EngineError):
            return self.evaluate(expression)
        return None

    def type(self, text):
        """Press the keys of a text, one by one."""
        self._press([(kind, key) for key in text for kind in ("keyDown", "keyUp")])

    def press(self, *keys):
        """Press keys together, such as "Control" and "s"."""
        down, up = ([(kind, key) for key in keys] for kind in ("keyDown", "keyUp"))
        self._press([*down, *reversed(up)])

    def _press(self, steps):
        actions = [{"type": kind, "value": KEYS.get(key, key)} for kind, key in steps]
        self.perform({"type": "key", "id": "keyboard", "actions": actions})

    def click(self, element):
        """Click in the middle of the element that this JavaScript returns.

        Waits until it is there, is covered by nothing, and keeps its place while a frame is drawn.
        """
        x, y = self.wait_for(f"""(() => {{
            const element = {element};
            element?.scrollIntoView({{block: "center"}});
            const {{x, y, width, height}} = element?.getBoundingClientRect() ?? {{}};
            if (!width) return null;
            const place = [Math.round(x + width / 2), Math.round(y + height / 2)];
            const wasDrawn = element.drawnAt === String(place);
            requestAnimationFrame(() => {{ element.drawnAt = String(place); }});
            return wasDrawn && element.contains(document.elementFromPoint(...place)) ? place : null;
        }})()""")
        actions = [{"type": "pointerMove", "x": x, "y": y}]
        actions += [{"type": kind, "button": 0} for kind in ("pointerDown", "pointerUp")]
        self.perform({"type": "pointer", "id": "mouse", "actions": actions})

    def follow(self, name):
        """Click the link with this name."""
        self.click(f"[...document.links].find(link => link.text === {json.dumps(name)})")


class Firefox(Browser):
    def __init__(self, send, errors):
        self._send = send
        # The errors in the browser's console.
        self.errors = errors
        send("session.new", capabilities={})
        send("session.subscribe", events=["log.entryAdded"])
        self._context = send("browsingContext.getTree")["contexts"][0]["context"]

    def open(self, url):
        # Firefox may never answer if another page is still loading.
        self.wait_for("document.readyState === 'complete'")
        self._send("browsingContext.navigate", context=self._context, url=url, wait="complete")

    def evaluate(self, expression):
        answer = self._send(
            "script.evaluate",
            expression=f"JSON.stringify({expression})",
            target={"context": self._context},
            awaitPromise=False,
        )
        if answer["type"] != "success":
            raise EngineError(answer)
        return json.loads(answer["result"].get("value", "null"))

    def perform(self, *sources):
        self._send("input.performActions", context=self._context, actions=sources)


class WebKit(Browser):
    errors = ()

    def __init__(self, send):
        session = send("/session", capabilities={})["sessionId"]
        self._send = lambda path, **data: send(f"/session/{session}{path}", **data)

    def open(self, url):
        self._send("/url", url=url)

    def evaluate(self, expression):
        return self._send("/execute/sync", script=f"return {expression}", args=[])

    def perform(self, *sources):
        self._send("/actions", actions=sources)


@contextlib.contextmanager
def open_firefox(folder):
    """Open Firefox with a new profile in this folder."""
    from websockets.sync.client import connect

    (folder / "user.js").write_text(PREFERENCES)
    command = ["firefox-esr", "--headless", "--no-remote", "--remote-debugging-port=0"]
    with _run([*command, "--profile", str(folder)], folder) as output:
        address = _wait_for_output(output, r"BiDi listening on (\S+)\n")
        with connect(f"{address}/session", proxy=None, max_size=None) as socket:
            errors = []
            yield Firefox(_bidi(socket, errors), errors)


def _bidi(socket, errors):
    numbers = itertools.count(1)

    def send(method, **params):
        number = next(numbers)
        socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while (answer := json.loads(socket.recv(DEADLINE_SECONDS))).get("id") != number:
            if answer.get("params", {}).get("level") == "error":
                errors.append(answer["params"]["text"])
        if answer["type"] != "success":
            raise EngineError(answer)
        return answer["result"]

    return send


@contextlib.contextmanager
def open_webkit(folder):
    """Open WebKit's small browser on a screen that exists in memory only."""
    screen = ["Xvfb", "-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp"]
    with _run(screen, folder) as output:
        display = _wait_for_output(output, r"^(\d+)\n")
        port = free_port()
        with _run(["WebKitWebDriver", f"--port={port}"], folder, DISPLAY=f":{display}"):
            yield WebKit(_webdriver(f"http://127.0.0.1:{port}"))


def _webdriver(address):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def send(path, **data):
        request = urllib.request.Request(address + path, json.dumps(data).encode())  # noqa: S310  # the local driver
        try:
            with opener.open(request, timeout=DEADLINE_SECONDS) as response:
                return json.load(response)["value"]
        except urllib.error.HTTPError as error:
            raise EngineError(error.read().decode()) from error

    _wait_until(lambda: _answers(opener, f"{address}/status"))
    return send


def _answers(opener, url):
    with contextlib.suppress(OSError):
        return opener.open(url, timeout=DEADLINE_SECONDS).status == 200


@contextlib.contextmanager
def _run(command, folder, **environment):
    """Run a program during a `with` block, and yield its log file."""
    output = folder / f"{command[0]}.log"
    with output.open("w") as log:
        process = subprocess.Popen(  # noqa: S603  # a fixed command
            command,
            env={**os.environ, "HOME": str(folder), **environment},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield output
    finally:
        # A driver leaves the browser that it has started.
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(DEADLINE_SECONDS)


def _wait_for_output(output, pattern):
    return _wait_until(lambda: re.search(pattern, output.read_text(), re.MULTILINE))[1]


def _wait_until(ask):
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not (answer := ask()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return answer
