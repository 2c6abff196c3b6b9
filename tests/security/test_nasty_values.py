"""No value in a query, form or path causes a server error."""

import re
from typing import ClassVar
from urllib.parse import quote

import pytest
from werkzeug.datastructures import ImmutableMultiDict

from .conftest import KEY

# Percent-encoded, as in a query.
VALUES = {
    "empty": "",
    "minus one": "-1",
    "10 to the 30th": "1" + "0" * 30,
    "9 to the 20th, negative": "-" + "9" * 20,
    "past 64 bits": str(2**63),
    "many digits": "9" * 5000,
    "not a number": "nan",
    "infinite": "1e999",
    "fraction": "1.5",
    "Arabic digit": quote("٣"),
    "superscript": quote("²"),
    "many words": "a+" * 1200,
    "NUL": "%00",
    "surrogate": "%ED%A0%80",
    "broken UTF-8": "%ff%fe",
    "line end": "%0d%0aX:%20y",
    "right to left": quote("\u202egpj.exe"),
    "emoji": quote("👩‍👩‍👧"),
    "combining": quote("Z" + "\u0351" * 50),
    "long": "a" * 100_000,
    "quotes": quote("\"'`;--<>{{7*7}}{%}%s"),
    "last minute": "9999-12-31T23:59",
    "last minute in the west": quote("9999-12-31T23:59-23:59"),
    "first minute": "0001-01-01T00:00",
    "first minute in the east": quote("0001-01-01T00:00+23:59"),
    "year 0": "0000-00-00T00:00",
    "year -1": "-0001-01-01T00:00",
    "position": quote("9999-99-99T99:99:99~999999999999999999"),
    "absolute URL": quote("http://[::1/"),
    "path": quote("../../etc/passwd", safe=""),
}
# The first values resemble numbers.
NUMBER_COUNT = 12
LINKS = re.compile(r'(?:href|action|formaction|src)="([^"]*)"')
AS_KEYWORDS = "?_scheme=javascript&_external=1&_anchor=x&endpoint=y&filename=z&_method=POST"


class Recorder(ImmutableMultiDict):
    """Request data that records which fields a view reads."""

    read_fields: ClassVar[set[str]] = set()

    def __getitem__(self, name):
        self.read_fields.add(name)
        return super().__getitem__(name)

    def __contains__(self, name):
        self.read_fields.add(name)
        return super().__contains__(name)

    def get(self, name, *args, **options):
        self.read_fields.add(name)
        return super().get(name, *args, **options)

    def getlist(self, name, *args, **options):
        self.read_fields.add(name)
        return super().getlist(name, *args, **options)


@pytest.fixture
def fields_of(team_app, monkeypatch):
    """Return a function that lists the fields that a view reads."""
    monkeypatch.setattr(team_app.request_class, "parameter_storage_class", Recorder)

    def fields_of(client, method, path):
        Recorder.read_fields.clear()
        form = {"title": "T", "body": "B", "action": "tag"}
        client.open(path, method=method, data=form if method != "GET" else None, buffered=True)
        return set(Recorder.read_fields)

    return fields_of


def fill(rule, places, value=None):
    """Return a path for the rule: of an existing post, or with `value` for each variable."""
    names = {
        "id": str(places["draft"]),
        "revision_id": "1",
        "slug": "published",
        "year": "2018",
        "month": "01",
        "number": "0",
        "kind": "xml",
        "key": KEY,
        "name": places["file"] if rule.startswith("/media") else "ann",
        "digits": "0a6560",
        "version": "x",
        "filename": "style.css",
    }
    if rule.startswith("/tag/"):
        names["slug"] = "sea"
    if rule.startswith("/series/"):
        names["slug"] = "tides"
    if value is not None:
        kinds = {"kind": "xml"}
        names = {name: kinds.get(name, value) for name in names}
    return re.sub(r"<(?:[^:>]+:)?(\w+)>", lambda match: names[match[1]], rule)


def routes(team_app):
    for rule in team_app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, rule.rule


def send(client, method, path, fields):
    """Send percent-encoded fields in the query and the form, and return the response's status."""
    form = {"title": "T", "body": "B", "action": "tag", "id": "1"} | fields
    query = "&".join(f"{name}={value}" for name, value in fields.items())
    options = {}
    if method != "GET":
        options["data"] = "&".join(f"{name}={value}" for name, value in form.items())
        options["content_type"] = "application/x-www-form-urlencoded"
    path = f"{path}?{query[:50_000]}"
    return client.open(path, method=method, buffered=True, **options).status_code


@pytest.mark.parametrize("actor", ("visitor", "ann", "owner"))
def test_no_path_value_causes_an_error(team_app, client_of, places, actor):
    # Each user tries a third of the values on each route.
    first = ("visitor", "ann", "owner").index(actor)
    failed = []
    for number, (method, rule) in enumerate(routes(team_app)):
        client = client_of(actor)
        failed += [
            (method, rule, name)
            for name in [*VALUES][(first + number) % 3 :: 3]
            if "<" in rule and send(client, method, fill(rule, places, VALUES[name]), {}) >= 500
        ]
    assert failed == []


def test_no_field_value_causes_an_error(team_app, client_of, fields_of, places, reset):
    tried, failed = set(), []
    for method, rule in sorted(routes(team_app), reverse=True):
        client, path = client_of("owner"), fill(rule, places)
        # A field means the same in every view, so try it only once.
        fields = fields_of(client, method, path) - tried
        tried |= fields
        for number, field in enumerate(sorted(fields)):
            # Try all numbers and a third of the other values.
            for name in [*VALUES][:NUMBER_COUNT] + [*VALUES][NUMBER_COUNT + number % 3 :: 3]:
                status = send(client, method, path, {field: VALUES[name]})
                if status >= 500:
                    failed.append((method, rule, field, name))
                if method != "GET" and status < 400:
                    reset()
    assert {"age", "before", "base", "created", "q", "menu-4", "id", "user"} <= tried
    assert failed == []


@pytest.mark.parametrize("actor", ("visitor", "ann", "owner"))
def test_repeated_or_invalid_fields_cause_no_error(
    team_app, client_of, fields_of, places, reset, actor
):
    failed = []
    for method, rule in routes(team_app):
        client, path = client_of(actor), fill(rule, places)
        fields = fields_of(client, method, path)
        for name in ("minus one", "NUL", "surrogate", "many digits"):
            twice = {field: f"{VALUES[name]}&{field}={VALUES[name]}" for field in fields}
            if send(client, method, path, twice) >= 500:
                failed.append((method, rule, name))
        if method != "GET":
            reset()
    assert failed == []


@pytest.mark.parametrize("actor", ("visitor", "ann", "owner"))
def test_query_arguments_do_not_change_links(team_app, client_of, places, actor):
    changed = []
    for method, rule in routes(team_app):
        # The API refuses unknown arguments.
        if method == "GET" and not rule.startswith("/api/"):
            path = fill(rule, places)
            plain, with_query = (
                client_of(actor).get(f"{path}{query}", buffered=True)
                for query in ("?harmless=1", AS_KEYWORDS)
            )
            # An error page may link to its own URL.
            new = _links(with_query) - _links(plain) - {f"http://localhost{path}"}
            if new or plain.status_code != with_query.status_code:
                changed.append((rule, new))
    assert changed == []


def _links(response):
    if response.mimetype.startswith(("application/pdf", "image/")):
        return set()
    found = {*LINKS.findall(response.text), response.headers.get("Location", "")}
    # Forms contain random keys, and links to the login page contain the whole URL.
    return {re.sub(r"(but|next)=.*", "", link) for link in found}


def test_redirect_to_the_list_keeps_only_its_page(team_app, client_of, places):
    client, query = client_of("visitor"), f"{AS_KEYWORDS}&before=a&before=b&after=c"
    assert client.get(f"/posts/all{query}").location == "/?before=a&after=c"
    team_app.config["FRONT_PAGE"] = "page"
    assert client.get(f"/{query}").location == "/posts/all?before=a&after=c"
    assert client.get(f"/{AS_KEYWORDS}").status_code == 200


def test_autosave_accepts_any_age_value(client_of, places):
    client, form = client_of("ann"), {"title": "Typed"}
    for age in ("-9" + "0" * 20, "9" * 400, "-1", "nan", "1e9", "0.5", "", "9" * 5000):
        assert client.put(f"/unsaved/{KEY}?age={age}", data=form).status_code == 200
