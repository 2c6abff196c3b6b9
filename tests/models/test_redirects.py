import pytest

from flaskr import errors
from flaskr.models import redirects
from flaskr.models import users
from flaskr.models.permissions import SYSTEM

from ..databases import another_writer

pytestmark = pytest.mark.usefixtures("context")


def paths():
    return [row["path"] for row in redirects.list_not_found()]


@pytest.mark.parametrize(
    ("path", "target"),
    (
        ("/a", "/b"),
        (" https://blog.example/a/index.html?x#y ", "https://b.example"),
        ("a.html", "/b?c=d#e"),
        ("/%61/", " /ü "),
    ),
)
def test_a_path_is_redirected(path, target):
    assert redirects.add(path, target, SYSTEM) == "/a"
    assert redirects.find_target("/a/") == target.strip()


def test_a_path_has_one_target():
    redirects.add("/a", "/b", SYSTEM)
    redirects.add("/a", None, SYSTEM)
    with pytest.raises(errors.Gone):
        redirects.find_target("/a")
    assert redirects.find_target("/b") is None


@pytest.mark.parametrize(
    ("path", "target", "field"),
    (
        ("/", "/b", "path"),
        ("", "/b", "path"),
        ("/" + "a" * 999, "/b", "path"),
        ("/a", "", "target"),
        ("/a", "b", "target"),
        ("/a", "//b.example", "target"),
        ("/a", "/\\b.example", "target"),
        ("/a", "javascript:alert(1)", "target"),
        ("/a", "https://", "target"),
        ("/a", "https://[", "target"),
        ("/a", "/b\nSet-Cookie: x", "target"),
        ("/a", "/" + "b" * 2000, "target"),
        ("/a", "/a.html", "target"),
    ),
)
def test_an_invalid_redirect_is_refused(path, target, field):
    with pytest.raises(errors.Invalid) as caught:
        redirects.add(path, target, SYSTEM)
    assert caught.value.field == field


def test_the_number_of_redirects_is_limited(monkeypatch):
    monkeypatch.setattr(redirects, "MAX_REDIRECTS", 1)
    redirects.add("/a", "/b", SYSTEM)
    with pytest.raises(errors.Invalid, match="already"):
        redirects.add("/c", "/b", SYSTEM)


def test_a_redirect_is_deleted():
    redirects.add("/a", "/b", SYSTEM)
    redirects.delete(redirects.list_all()[0]["id"], SYSTEM)
    assert redirects.list_all() == []
    with pytest.raises(errors.NotFound):
        redirects.delete(10**18, SYSTEM)


def test_only_the_owner_changes_redirects():
    author = users.find_by_name("test")
    for change in (
        lambda: redirects.add("/a", "/b", author),
        lambda: redirects.delete(1, author),
        lambda: redirects.dismiss("/a", author),
    ):
        with pytest.raises(errors.Forbidden):
            change()


def test_missing_paths_are_counted_until_they_are_redirected_or_dismissed():
    for path in ("/a", "/a.html", "/b", "/c"):
        redirects.record_not_found(path)
    assert paths()[0] == "/a"
    redirects.add("/a", "/x", SYSTEM)
    redirects.dismiss("/b", SYSTEM)
    assert paths() == ["/c"]


@pytest.mark.parametrize(
    "path", ("/.env", "/wp-login.php", "/x.php", "/admin", "/" + "a" * 999, "/<b>")
)
def test_probes_are_not_counted(path):
    redirects.record_not_found(path)
    assert paths() == []


def test_the_list_of_missing_paths_is_bounded(monkeypatch):
    monkeypatch.setattr(redirects, "MAX_NOT_FOUND", 3)
    for number in range(9):
        redirects.record_not_found(f"/{number}")
    assert len(paths()) == 3


def test_missing_paths_are_not_counted_while_the_database_is_locked(app):
    with another_writer(app):
        redirects.record_not_found("/a")
    assert paths() == []


def test_imported_redirect_does_not_replace_another():
    redirects.add("/index.xml", "/news", SYSTEM)
    redirects.add_imported({"/index.xml": "/feed.xml", "/rss": "/feed.xml"})
    assert redirects.find_target("/index.xml") == "/news"
    assert redirects.find_target("/rss") == "/feed.xml"
