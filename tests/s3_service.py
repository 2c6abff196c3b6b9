"""A service that speaks S3 on this machine: moto, with faults where a test wants them."""

import logging
import socket
import threading
import uuid
from urllib.request import Request
from urllib.request import urlopen

import pytest
from werkzeug.serving import WSGIRequestHandler
from werkzeug.serving import make_server

# What the service checks no signatures with.
KEY, SECRET = "an-access-key", "a-secret-access-key"


class _Silent(WSGIRequestHandler):
    def log(self, *_, **__):
        """Print nothing."""


class Service:
    """Answers as S3 does, or as its `fault` does: a WSGI application that may return None."""

    def __init__(self):
        from moto.moto_server.werkzeug_app import create_backend_app

        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._app = create_backend_app("s3")
        self._server = make_server("127.0.0.1", 0, self._answer, True, request_handler=_Silent)
        self.endpoint = f"http://127.0.0.1:{self._server.port}"
        self.reset()
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def reset(self):
        """Forget faults and requests."""
        self.fault = None
        self.requests = []

    def _answer(self, environ, start_response):
        self.requests.append((environ["REQUEST_METHOD"], environ["PATH_INFO"].rpartition("/")[2]))
        answer = self.fault(environ, start_response) if self.fault else None
        return self._app(environ, start_response) if answer is None else answer

    def make_bucket(self):
        """Create a bucket, and return its address for the setting MEDIA."""
        name = f"blog-{uuid.uuid4().hex}"
        with urlopen(Request(f"{self.endpoint}/{name}", method="PUT")):  # noqa: S310  # it is ours
            self.requests.clear()
        return f"s3://{name}/some/where?endpoint={self.endpoint}&region=us-east-1"

    def stop(self):
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()


def fail(status, *methods):
    """Return a fault: a status, for all methods or for some."""

    def fault(environ, start_response):
        if methods and environ["REQUEST_METHOD"] not in methods:
            return None
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        start_response(status, [("Content-Length", "0")])
        return [b""]

    return fault


def cut(environ, start_response):
    """Close the connection in the middle of a file, or instead of another answer."""
    if environ["REQUEST_METHOD"] != "GET":
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        raise ConnectionAbortedError
    size = [("Content-Length", "100"), ("Content-Range", "bytes 0-99/100"), ("ETag", '"x"')]
    dates = [("Last-Modified", "Mon, 30 Nov 2026 12:00:00 GMT")]
    start_response("206 Partial Content", [*size, *dates])
    return [b"x" * 10]


def lie(environ, start_response):
    """Tell a length that the file does not have."""
    if environ["REQUEST_METHOD"] != "HEAD":
        return None
    start_response(
        "200 OK", [("Content-Length", "999"), ("Last-Modified", "Mon, 30 Nov 2026 12:00:00 GMT")]
    )
    return [b""]


def start():
    """Start the service, or skip the test. CI has to have it."""
    try:
        return Service()
    except ImportError:
        import os

        if os.environ.get("CI") == "true":
            raise
        pytest.skip("moto is not installed: pip install 'moto[s3]' flask-cors")
