"""Run real web servers and WSGI servers, configured as in docs/hosting.md."""

import http.client
import os
import re
import shlex
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.parse
from contextlib import suppress
from pathlib import Path

import pytest
from werkzeug.security import generate_password_hash

from flaskr import create_app
from flaskr.db import get_db
from flaskr.db import init_db

DOCUMENT = Path(__file__).parents[2] / "docs" / "hosting.md"
NAME = "blog.example.org"
PASSWORD = "correct horse"
BLOG = "127.0.0.1:8000"
SECONDS_TO_START = 60
# The proxies connect from 127.0.0.1, so visitors need another address.
VISITOR = "127.0.0.2"


def snippet(example, **values):
    """Return an example from the document with the values filled in."""
    found = re.search(rf"<!-- {example} -->\n```\w+\n(.*?)```", DOCUMENT.read_text("utf-8"), re.S)
    text = found[1]
    for written, value in values.items():
        written = WRITTEN[written]
        assert written in text, (example, written)
        text = text.replace(written, value)
    return text


WRITTEN = {
    "at": BLOG,
    "upstream": f"http://{BLOG}",
    "listen": "443 ssl http2",
    "certificate": "/etc/ssl/blog.example.org.pem",
    "key": "/etc/ssl/blog.example.org.key",
    "name": "blog.example.org",
    "host": "example.org {",
    "socket": "/run/flaskr/flaskr.sock",
}


def missing(reason):
    """Skip the test with a message, or fail it in CI."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"Real servers are needed, but {reason}")
    pytest.skip(f"NOT TESTED with this server, because {reason}")


def program(name, package):
    """Return the path of a program from a Debian package."""
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    return path or missing(f"{name} is not installed: apt-get install {package}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """A server in its own process group."""

    def __init__(self, command, log, **environment):
        self.log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(  # noqa: S603  # our own words
                command,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_for(self, address):
        """Wait for a server to listen on a port or Unix socket."""
        deadline = time.monotonic() + SECONDS_TO_START
        while not listens(address):
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    def stop(self):
        """Stop the server and its child processes."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=60)


def listens(address):
    is_port = isinstance(address, int)
    with socket.socket(socket.AF_INET if is_port else socket.AF_UNIX) as probe:
        return not probe.connect_ex(("127.0.0.1", address) if is_port else str(address))


class Blog:
    """A blog with the owner `ada`, and the address of its server."""

    def __init__(self, folder, name, **settings):
        self.folder = folder / name
        self.address = free_port()
        self.environment = {f"FLASKR_{key}": str(value) for key, value in settings.items()}
        self.environment["FLASKR_INSTANCE_PATH"] = str(self.folder)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("FLASKR_INSTANCE_PATH", str(self.folder))
            with create_app({}).app_context():
                init_db()
                get_db().execute(
                    "INSERT INTO \"user\" (username, password, role) VALUES ('ada', ?, 'owner')",
                    (generate_password_hash(PASSWORD, method="scrypt:1024:8:1"),),
                )
                get_db().commit()

    def run(self, command):
        """Start the server with a command."""
        return Process(command, self.folder.with_suffix(".log"), **self.environment)

    def serve(self, *options):
        """Start `flaskr serve`."""
        command = [sys.executable, "-m", "flask", "--app", "flaskr", "serve"]
        return self.run([*command, f"--port={self.address}", *options])

    def ask(self, query):
        """Query the blog's database."""
        import sqlite3

        with sqlite3.connect(self.folder / "flaskr.sqlite") as db:
            return db.execute(query).fetchall()


class Browser:
    """A minimal browser that handles cookies, origins and redirects."""

    def __init__(self, port, *, name=NAME, certificate=None, root=""):
        self.port = port
        self.host = f"{name}:{port}"
        self.name = name
        self.root = root
        self.scheme = "https" if certificate else "http"
        self.context = ssl.create_default_context(cafile=certificate) if certificate else None
        self.cookies = {}
        self.comes_from = VISITOR

    def open(self, method, path, body=None, **headers):
        """Send a request; return the status, headers and text of the response."""
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=60, source_address=(self.comes_from, 0)
        )
        if self.context:
            connection.connect()
            connection.sock = self.context.wrap_socket(connection.sock, server_hostname=self.name)
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={self.cookies[name]}" for name in self.cookies)
        if method == "POST":
            headers["Origin"] = f"{self.scheme}://{self.host}"
            if self.context:
                headers["Sec-Fetch-Site"] = "same-origin"
        connection.request(method, path, body, {"Host": self.host, **headers})
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
        connection.close()
        self._take_cookies(answer)
        return answer.status, answer.headers, text

    def _take_cookies(self, answer):
        for line in answer.headers.get_all("Set-Cookie", []):
            name, _, value = line.partition(";")[0].partition("=")
            path = f"{self.root}/auth/login" if name.endswith("_device") else self.root or "/"
            assert f"Path={path}" in line.split("; ")
            self.cookies[name] = value
            assert ("Secure" in line.split("; ")) == (self.scheme == "https"), line

    def get(self, path):
        """Open a page and follow redirects."""
        answer = self.open("GET", self.root + path, Accept="text/html")
        while 300 <= answer[0] < 400:
            target = answer[1]["Location"]
            assert target.startswith(f"{self.root}/"), target
            answer = self.open("GET", target, Accept="text/html")
        return answer

    def post(self, path, headers=None, **fields):
        """Submit a form."""
        headers = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        return self.open("POST", self.root + path, urllib.parse.urlencode(fields), **headers)

    def upload(self, content, **headers):
        """Upload a file like the editor does."""
        head = 'Content-Disposition: form-data; name="files"; filename="a.txt"'
        body = f"--x\r\n{head}\r\n\r\n".encode() + content + b"\r\n--x--\r\n"
        kind = {"Content-Type": "multipart/form-data; boundary=x", "Accept": "application/json"}
        return self.open("POST", f"{self.root}/media", body, **kind, **headers)

    def log_in(self, **headers):
        """Log in as the owner."""
        return self.post("/auth/login", headers, username="ada", password=PASSWORD)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """Create a self-signed certificate for the blog's host names, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    pem, key = folder / "pem", folder / "key"
    command = [program("openssl", "openssl"), *"req -x509 -nodes -days 2 -newkey rsa:2048".split()]
    command += ["-subj", "/CN=test", "-addext", f"subjectAltName=DNS:{NAME},DNS:example.org"]
    subprocess.run(  # noqa: S603  # our own words
        [*command, "-out", str(pem), "-keyout", str(key)], check=True, capture_output=True
    )
    return pem, key


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("hosting")


@pytest.fixture(scope="session")
def started():
    """Collect servers, and stop them after the last test."""
    started = []
    yield started
    for process in started:
        process.stop()


@pytest.fixture(scope="session")
def plain(folder, started):
    """Serve a blog at the root of its host, behind proxies at 127.0.0.1."""
    blog = Blog(folder, "plain", TRUSTED_PROXIES="127.0.0.1")
    started.append(blog.serve())
    started[-1].wait_for(blog.address)
    return blog


@pytest.fixture(scope="session")
def below(folder, started):
    """Serve a blog below /blog, behind proxies that pass on the full path."""
    blog = Blog(folder, "below", TRUSTED_PROXIES="127.0.0.1")
    started.append(blog.serve("--prefix", "/blog"))
    started[-1].wait_for(blog.address)
    return blog


@pytest.fixture(scope="session")
def ports():
    """Return ports for the proxies by the names of their sites."""
    return {name: free_port() for name in SITES}


@pytest.fixture(scope="session")
def named(folder, started, ports):
    """Serve a blog with SITE_URL behind an unconfigured proxy."""
    blog = Blog(
        folder,
        "named",
        SITE_URL=f"http://{NAME}:{ports['named']}",
        TRUSTED_HOSTS="127.0.0.1",
    )
    started.append(blog.serve())
    started[-1].wait_for(blog.address)
    return blog


SITES = ("tls", "socket", "path", "stripped", "bare", "no_port", "named")
NGINX = """\
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ }}
http {{
    access_log off;
    {temporary}
    {sites}
}}
"""
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def nginx_site(port, location, tls=None):
    """Wrap an example in a server block."""
    kind = " ssl" if tls else ""
    keys = f"ssl_certificate {tls[0]}; ssl_certificate_key {tls[1]};" if tls else ""
    size = "client_max_body_size 260m;" if tls else ""
    return f"server {{ listen 127.0.0.1:{port}{kind}; {keys} {size}\n{location}\n}}\n"


@pytest.fixture(scope="session")
def nginx(folder, started, ports, certificate, plain, below, named):
    """Run nginx with a site for each example and for common mistakes."""
    keys = {"certificate": str(certificate[0]), "key": str(certificate[1])}
    to = {blog: f"127.0.0.1:{blog.address}" for blog in (plain, below, named)}
    bare = "location / {{ proxy_pass http://{}; }}"
    no_port = bare.format(to[plain]).replace("}", "proxy_set_header Host $host; }")
    sites = [
        snippet("nginx", at=to[plain], listen=f"127.0.0.1:{ports['tls']} ssl http2", **keys),
        snippet(
            "nginx",
            upstream=f"http://unix:{folder}/blog.sock",
            listen=f"127.0.0.1:{ports['socket']} ssl http2",
            **keys,
        ),
        nginx_site(ports["path"], snippet("nginx-path", at=to[below]), certificate),
        nginx_site(ports["stripped"], snippet("nginx-stripped", at=to[plain]), certificate),
        nginx_site(ports["bare"], bare.format(to[plain])),
        nginx_site(ports["no_port"], no_port),
        nginx_site(ports["named"], bare.format(to[named])),
    ]
    temporary = "\n".join(f"{name}_temp_path {folder}/{name};" for name in TEMPORARY)
    configuration = folder / "nginx.conf"
    configuration.write_text(
        NGINX.format(folder=folder, temporary=temporary, sites="\n".join(sites))
    )
    command = [program("nginx", "nginx"), "-e", "stderr", "-c", str(configuration)]
    started.append(Process(command, folder / "nginx.out"))
    started[-1].wait_for(ports["tls"])
    return ports


@pytest.fixture(scope="session")
def caddy(folder, started, certificate, plain, below):
    """Run Caddy with a site for each example."""
    ports = {name: free_port() for name in ("tls", "path")}
    tls = f"\ttls {certificate[0]} {certificate[1]}\n"
    sites = [
        snippet("caddy", name=f"blog.example.org:{ports['tls']}", at=f"127.0.0.1:{plain.address}"),
        snippet(
            "caddy-path", host=f"example.org:{ports['path']} {{", at=f"127.0.0.1:{below.address}"
        ),
    ]
    sites = [site.replace("{\n", f"{{\n\tbind 127.0.0.1\n{tls}", 1) for site in sites]
    options = "{\n\tadmin off\n\tauto_https off\n\tskip_install_trust\n}\n"
    configuration = folder / "Caddyfile"
    configuration.write_text(options + "\n".join(sites))
    command = [program("caddy", "caddy"), "run", "--adapter", "caddyfile", "--config"]
    home = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    started.append(Process([*command, str(configuration)], folder / "caddy.out", **home))
    started[-1].wait_for(ports["tls"])
    return ports


@pytest.fixture
def run(started):
    """Serve a blog with one of the examples, on a port or a Unix socket."""

    def run(blog, example, *, python=False, **values):
        name, *arguments = shlex.split(snippet(example, **values))
        if python:
            path = Path(sys.executable).with_name(name)
            path.exists() or missing(f"{name} is not installed: pip install {name.split('-')[0]}")
            command = [str(path), *arguments]
        else:
            command = [program(name, f"{name}-core {name}-plugin-python3"), *arguments]
        started.append(blog.run(command))
        started[-1].wait_for(blog.address)
        return blog

    return run
