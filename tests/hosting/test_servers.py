"""Test the blog behind real servers, configured as in docs/hosting.md."""

import json
import os
import subprocess
import sys

import pytest

from .conftest import NAME
from .conftest import PASSWORD
from .conftest import VISITOR
from .conftest import Blog
from .conftest import Browser
from .conftest import program

LARGE = b"Notes. " * 300_000
FORGED = {
    "X-Forwarded-For": "198.51.100.1",
    "X_Forwarded_For": "198.51.100.1",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Port": "1",
    "X-Forwarded-Prefix": "/evil",
    "Forwarded": "for=198.51.100.1;host=evil.example",
}


def works(blog, browser):
    """Read, log in, write, upload and read again."""
    status, _, page = browser.get("/")
    assert (status, "Log In" in page) == (200, True)
    status, headers, _ = browser.post(
        f"/auth/login?next={browser.root}/create", username="ada", password=PASSWORD
    )
    assert (status, headers["Location"]) == (302, f"{browser.root}/create")
    assert browser.get("/create")[0] == 200
    status, _, answer = browser.upload(LARGE)
    assert status == 201, answer
    file = json.loads(answer)["media"][0]
    assert browser.get(file["url"])[2] == LARGE.decode()
    title = f"By way of {browser.port}"
    status, headers, _ = browser.post("/create", title=title, body=f"[notes]({file['url']})")
    assert (status, headers["Location"]) == (302, f"{browser.root}/")
    page = browser.get("/")[2]
    assert title in page
    assert f'href="{browser.root}{file["url"]}"' in page
    visitor_reads(browser, title)


def visitor_reads(browser, title):
    """Check that a page is cached and that its links work."""
    visitor = Browser(browser.port, name=browser.name, root=browser.root)
    visitor.context, visitor.scheme = browser.context, browser.scheme
    for _ in range(2):
        status, _, page = visitor.get("/")
        assert status == 200
        assert title in page
        assert "Log Out" not in page
    feed = visitor.get("/feed.xml")[2]
    assert f"{browser.scheme}://{browser.host}{browser.root}/" in feed
    assert "127.0.0.1" not in feed


def output(*command):
    """Return the output of a program."""
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603  # ours
    return done.stdout


def address_of_last_log_in(blog):
    return blog.ask("SELECT address FROM session ORDER BY id DESC LIMIT 1")[0][0]


def logs_in_from_its_own_address(blog, browser):
    """Check that forwarding headers from a visitor have no effect."""
    for name in FORGED:
        status, _, page = browser.open("GET", f"{browser.root}/", **{name: FORGED[name]})
        assert status == 200
        assert "evil" not in page
    assert browser.log_in(**FORGED)[0] == 302
    assert address_of_last_log_in(blog) == VISITOR


def test_nginx(nginx, plain, certificate):
    browser = Browser(nginx["tls"], certificate=certificate[0])
    works(plain, browser)
    logs_in_from_its_own_address(plain, browser)


def test_nginx_with_prefix(nginx, below, certificate):
    browser = Browser(nginx["path"], certificate=certificate[0], root="/blog")
    works(below, browser)
    logs_in_from_its_own_address(below, browser)
    assert browser.open("GET", "/blog")[1]["Location"].endswith("/blog/")


def test_nginx_that_strips_the_prefix(nginx, plain, certificate):
    browser = Browser(nginx["stripped"], certificate=certificate[0], root="/blog")
    works(plain, browser)
    logs_in_from_its_own_address(plain, browser)


def test_caddy(caddy, plain, certificate):
    browser = Browser(caddy["tls"], certificate=certificate[0])
    works(plain, browser)
    logs_in_from_its_own_address(plain, browser)


def test_caddy_with_prefix(caddy, below, certificate):
    browser = Browser(caddy["path"], name="example.org", certificate=certificate[0], root="/blog")
    works(below, browser)
    logs_in_from_its_own_address(below, browser)
    assert browser.open("GET", "/blog")[1]["Location"] == "/blog/"


@pytest.mark.parametrize("site", ("bare", "no_port"))
def test_login_explains_a_proxy_that_changes_the_host(nginx, site):
    status, _, page = Browser(nginx[site]).log_in()
    assert status == 403
    assert "proxy_set_header Host" in page
    assert "SITE_URL" in page


def test_unconfigured_proxy_works_with_site_url(nginx, named):
    browser = Browser(nginx["named"])
    assert browser.log_in()[0] == 302
    assert browser.post("/create", title="Bare", body="")[0] == 302
    visitor_reads(browser, "Bare")


def test_nginx_rejects_too_large_files(nginx):
    browser = Browser(nginx["bare"])
    status, headers, _ = browser.upload(LARGE)
    assert status == 413
    assert headers.get_content_type() == "text/html"


@pytest.mark.parametrize("proxy", ("nginx", "caddy"))
def test_http_2_login(proxy, request, certificate, plain):
    port = request.getfixturevalue(proxy)["tls"]
    address = f"https://{NAME}:{port}"
    command = ["--silent", "--http2", "--cacert", str(certificate[0])]
    command += [
        "--resolve",
        f"{NAME}:{port}:127.0.0.1",
        "--write-out",
        "%{http_version} %{http_code}",
    ]
    command += ["--header", f"Origin: {address}", "--data", f"username=ada&password={PASSWORD}"]
    command += ["--output", "/dev/null", "--dump-header", "-", f"{address}/auth/login"]
    answer = output(program("curl", "curl"), *command)
    assert answer.endswith("2 302")
    assert "secure" in answer.lower()


def test_gunicorn_on_a_unix_socket_behind_nginx(folder, certificate, run, nginx):
    blog = Blog(folder, "gunicorn", TRUSTED_PROXIES="unix")
    blog.address = folder / "blog.sock"
    run(blog, "gunicorn", python=True, socket=str(blog.address))
    browser = Browser(nginx["socket"], certificate=certificate[0])
    works(blog, browser)
    logs_in_from_its_own_address(blog, browser)


def test_waitress(folder, run):
    blog = Blog(folder, "waitress", TRUSTED_PROXIES="127.0.0.1")
    run(blog, "waitress", python=True, at=f"127.0.0.1:{blog.address}")
    browser = Browser(blog.address)
    works(blog, browser)
    logs_in_from_its_own_address(blog, browser)
    proxy = Browser(blog.address)
    proxy.comes_from = "127.0.0.1"
    proxy.log_in(**{"X-Forwarded-For": "198.51.100.1"})
    assert address_of_last_log_in(blog) == "198.51.100.1"


def test_uwsgi(folder, run):
    uwsgi = program("uwsgi", "uwsgi-core uwsgi-plugin-python3")
    version = output(uwsgi, "--plugin", "python3", "--python-version").strip()
    if version.split(".")[:2] != [*map(str, sys.version_info[:2])]:
        pytest.skip(f"NOT TESTED with uWSGI, because Debian's is made for Python {version}")
    blog = Blog(folder, "uwsgi")
    blog.environment["PYTHONPATH"] = os.pathsep.join(filter(None, [os.getcwd(), *sys.path]))
    run(blog, "uwsgi", at=f"127.0.0.1:{blog.address}")
    works(blog, Browser(blog.address))
