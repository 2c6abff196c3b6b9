"""A blog in its own processes, with an owner who is logged in."""

import contextlib
import http.client
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

PASSWORD = "correct horse battery"
FORM = "application/x-www-form-urlencoded"
START_TIMEOUT_SECONDS = 60


class Blog:
    """A blog in a folder, and its server."""

    def __init__(self, folder: Path, *options: str, wrapper: tuple[str, ...] = ()) -> None:
        self.folder = folder
        # A command that runs the server, such as one that limits it.
        self.wrapper = wrapper
        self.options = options
        self.log = folder.with_suffix(".log")
        self.port = free_port()
        self.environment = {
            **os.environ,
            "FLASKR_INSTANCE_PATH": str(folder),
            "FLASKR_RATELIMIT_ENABLED": "false",
        }
        self.process: subprocess.Popen[bytes]

    def run(self, *arguments: str) -> None:
        """Run a command of flaskr."""
        command = [sys.executable, "-m", "flask", "--app", "flaskr", *arguments]
        subprocess.run(command, env=self.environment, check=True, capture_output=True)

    def create(self) -> None:
        """Create the database, and an owner."""
        self.run("init-db")
        self.run("user", "add", "ada", "--password", PASSWORD, "--role", "owner")

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        command = [*self.wrapper, sys.executable, "-m", "flask", "--app", "flaskr", "serve"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--port", str(self.port), "--no-access-log", *self.options],
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while not self.is_healthy():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.02)

    def is_healthy(self) -> bool:
        """Return True if the server answers."""
        try:
            with Client(self) as client:
                return client.ask("GET", "/health")[0] == 200
        except OSError:
            return False

    def kill(self) -> None:
        """Kill all processes of the server at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Stop the server as a service manager does."""
        self.process.terminate()
        self.process.wait(timeout=30)

    def query(self, statement: str, *values: object) -> list[tuple]:
        """Return the rows of a query on the database."""
        path = self.folder / "flaskr.sqlite"
        with contextlib.closing(sqlite3.connect(path, timeout=30)) as db, db:
            return db.execute(statement, values).fetchall()


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Client:
    """A client of a blog that keeps its connection and its session."""

    def __init__(self, blog: Blog, cookie: str = "", timeout: float = 60) -> None:
        self.port = blog.port
        self.timeout = timeout
        self.cookies = SimpleCookie(cookie)
        self.connection: http.client.HTTPConnection | None = None

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, bytes]:
        """Return the status and the body of a response. Raises `OSError`."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection(
                "127.0.0.1", self.port, timeout=self.timeout
            )
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            self.connection.request(method, path, body, named | {"Cookie": self.cookie()})
            answer = self.connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise OSError from error
        for cookie in answer.headers.get_all("Set-Cookie", []):
            self.cookies.load(cookie)
        return answer.status, content

    def cookie(self) -> str:
        """Return the cookies as a header."""
        return self.cookies.output([], header="", sep=";").strip()

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def submit(self, path: str, method: str = "POST", **fields: str) -> tuple[int, bytes]:
        """Submit a form."""
        return self.ask(method, path, urlencode(fields).encode(), Content_Type=FORM)

    def save(self, key: str, **fields: str) -> tuple[int, dict]:
        """Autosave a text as the editor's scripts do."""
        body = urlencode(fields).encode()
        headers = {"Content_Type": FORM, "Accept": "application/json"}
        status, content = self.ask("PUT", f"/unsaved/{key}", body, **headers)
        return status, json.loads(content)

    def upload(self, name: str, content: bytes) -> int:
        """Upload a file, and return the status."""
        head = f'Content-Disposition: form-data; name="files"; filename="{name}"'
        parts = f"--limit\r\n{head}\r\n\r\n".encode() + content + b"\r\n--limit--\r\n"
        headers = {
            "Content_Type": "multipart/form-data; boundary=limit",
            "Accept": "application/json",
        }
        return self.ask("POST", "/media", parts, **headers)[0]

    def log_in(self) -> str:
        """Log in, and return the session's cookie."""
        status, _ = self.submit("/auth/login", username="ada", password=PASSWORD)
        assert status == 302, status
        return self.cookie()
