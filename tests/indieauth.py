"""A program that users log in to with IndieAuth."""

from urllib.parse import parse_qs
from urllib.parse import urlsplit

CLIENT_ID = "https://app.example/"
REDIRECT_URI = "https://app.example/back?from=blog"
# The example of RFC 7636, appendix B.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
REQUEST = {
    "response_type": "code",
    "client_id": CLIENT_ID,
    "redirect_uri": REDIRECT_URI,
    "state": "a+b/c &=%",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
    "scope": "profile create media",
    "me": "http://localhost/",
}
CONSENT = {"user": "1", "scopes": ["write", "publish", "media", "profile"], "lifetime": "30"}
REDEMPTION = {
    "grant_type": "authorization_code",
    "client_id": CLIENT_ID,
    "redirect_uri": REDIRECT_URI,
    "code_verifier": VERIFIER,
}


def ask(client, **changes):
    """Open the page that asks for consent. A parameter that is None is left out."""
    return client.get("/auth/authorization", query_string=_change(REQUEST, changes))


def decide(client, **changes):
    """Submit the form on that page, which allows the program to log in."""
    return client.post("/auth/authorization/consent", data=_change(REQUEST | CONSENT, changes))


def answer(url):
    """Return the query of the URL that a program gets its answer at."""
    return {name: value for name, (value,) in parse_qs(urlsplit(url).query).items()}


def redeem(client, code, path="/auth/token", **changes):
    """Send a code to the blog as the program does."""
    return client.post(path, data=_change(REDEMPTION | {"code": code}, changes))


def _change(values, changes):
    return {name: value for name, value in (values | changes).items() if value is not None}
