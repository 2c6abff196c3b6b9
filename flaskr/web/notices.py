"""Choose the notice that a logged-in user sees at the top of a page."""

from typing import NamedTuple

from flask import g
from flask import request

from ..models import permissions
from ..models import users
from . import site_settings


class Notice(NamedTuple):
    """A sentence, and whether it links to Settings."""

    sentence: str
    leads_to_settings: bool = False
    # The fragment of the settings page, including "#".
    anchor: str = ""


def current_notice() -> Notice | None:
    """Return the most urgent notice for the user, if there is one."""
    if g.user and not users.has_owner():
        return Notice(
            "This blog has no owner yet. To name one, run:"
            f" flaskr user role {g.user['username']} owner"
        )
    if not permissions.may(g.user, "change settings"):
        return None
    if "template_problem" in g:
        return Notice(g.template_problem)
    if site_settings.get("REGISTRATION") == "open":
        sentence = "Anyone can register and write here."
        return Notice(sentence, leads_to_settings=True, anchor="#registration")
    if request.endpoint == "blog.index" and site_settings.is_untouched():
        return Notice("Give your blog its own name, colors and menu.", leads_to_settings=True)
    return None
