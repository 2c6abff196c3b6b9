"""XML-RPC for editors on a computer, such as MarsEdit: MetaWeblog, Movable Type and WordPress.

Programs send a token as the password. `METHODS` is the table of all methods.
"""

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any
from typing import NamedTuple
from xmlrpc import client

from defusedxml.xmlrpc import DefusedExpatParser
from flask import Blueprint
from flask import Response
from flask import current_app
from flask import render_template
from flask import request
from werkzeug.exceptions import HTTPException

from .. import errors
from ..models import tokens
from ..web import security
from ..web.error_pages import STATUSES
from ..web.tokens import log_in
from . import xmlrpc_posts as posts
from . import xmlrpc_site as site
from .xmlrpc_values import read_text

bp = Blueprint("xmlrpc", __name__)

# A longer call needs a valid token in its first bytes, before it is parsed.
MAX_HEAD_BYTES = 16 * 1024
# The codes that other servers use (Dan Libby, "Specification for Fault Code Interoperability").
NOT_WELL_FORMED, NO_SUCH_METHOD, WRONG_PARAMETERS = -32700, -32601, -32602
WRONG_PARAMETERS_MESSAGE = "These are not the method's parameters."
RSD_TYPE = "application/rsd+xml"


class Method(NamedTuple):
    """A method, and the position of the user name in its parameters. The token follows it.

    Without a position, everybody may call it.
    """

    call: Callable[..., Any]
    name_position: int | None = 1


@bp.before_request
def require_setting() -> None:
    """Raise `NotFound` if XML-RPC is turned off."""
    if not current_app.config["XMLRPC"]:
        raise errors.NotFound("XML-RPC is turned off. The setting XMLRPC turns it on.")


@bp.route("/xmlrpc.php")
@bp.route("/xmlrpc")
def describe() -> Response:
    """Describe the methods for editors that look for them (RSD)."""
    return Response(render_template("api/rsd.xml"), mimetype=RSD_TYPE)


@bp.route("/xmlrpc.php", methods=("POST",))
@bp.route("/xmlrpc", methods=("POST",))
def answer() -> Response:
    """Answer a call, with a fault if it fails."""
    body = request.get_data(cache=False)
    try:
        result: Any = (_call(body),)
    except client.Fault as fault:
        result = fault
    except HTTPException as error:
        result = client.Fault(error.code or 400, error.description or "")
    except (errors.Forbidden, errors.Invalid, errors.NotFound, errors.TooManyRequests) as error:
        result = client.Fault(STATUSES[type(error)], error.message)
    return Response(client.dumps(result, methodresponse=True), mimetype="text/xml")


def _call(body: bytes) -> Any:
    _require_token_of_long_call(body)
    name, parameters = _parse(body)
    if name not in METHODS:
        raise client.Fault(NO_SUCH_METHOD, "This method is not supported.")
    call, position = METHODS[name]
    if position is None:
        return _bind(call, parameters)()
    credentials, others = (
        parameters[position : position + 2],
        (*parameters[:position], *parameters[position + 2 :]),
    )
    bound = _bind(call, others)
    if len(credentials) < 2:
        raise client.Fault(WRONG_PARAMETERS, WRONG_PARAMETERS_MESSAGE)
    username, secret = map(read_text, credentials)
    log_in(secret, username)
    return bound()


def _bind(call: Callable[..., Any], parameters: tuple[Any, ...]) -> Callable[[], Any]:
    """Return a function that makes a call, if it has the right number of parameters."""
    try:
        inspect.signature(call).bind(*parameters)
    except TypeError:
        raise client.Fault(WRONG_PARAMETERS, WRONG_PARAMETERS_MESSAGE) from None
    return partial(call, *parameters)


def _require_token_of_long_call(body: bytes) -> None:
    if len(body) <= security.MAX_ANONYMOUS_BODY_BYTES:
        return
    found = tokens.SECRET.search(body[:MAX_HEAD_BYTES].decode("latin-1"))
    if found is None or tokens.find_holder(found[0]) is None:
        log_in("")


def _parse(body: bytes) -> tuple[str, tuple[Any, ...]]:
    target = client.Unmarshaller()
    parser = DefusedExpatParser(target, forbid_dtd=True)
    try:
        parser.feed(body)
        parser.close()
        parameters: Any = target.close()
    # The standard library raises many kinds of exceptions for malformed calls.
    except Exception:
        raise client.Fault(NOT_WELL_FORMED, "This is not a call of XML-RPC.") from None
    return target.getmethodname() or "", parameters


def list_methods() -> list[str]:
    """Return the names of all methods."""
    return sorted(METHODS)


def list_movable_type_methods() -> list[str]:
    """Return the names of the methods other than those about methods."""
    return [name for name in list_methods() if not name.startswith("system.")]


METHODS = {
    "blogger.deletePost": Method(posts.delete_post, name_position=2),
    "blogger.getUserInfo": Method(site.get_profile),
    "blogger.getUsersBlogs": Method(site.list_blogs),
    "metaWeblog.deletePost": Method(posts.delete_post, name_position=2),
    "metaWeblog.editPost": Method(posts.edit_post),
    "metaWeblog.getCategories": Method(site.list_categories),
    "metaWeblog.getPost": Method(posts.get_post),
    "metaWeblog.getRecentPosts": Method(posts.list_posts),
    "metaWeblog.getUsersBlogs": Method(site.list_blogs),
    "metaWeblog.newMediaObject": Method(site.upload),
    "metaWeblog.newPost": Method(posts.create_post),
    "mt.getCategoryList": Method(site.list_categories),
    "mt.getPostCategories": Method(posts.get_categories),
    "mt.getRecentPostTitles": Method(posts.list_titles),
    "mt.publishPost": Method(posts.publish_post),
    "mt.setPostCategories": Method(posts.set_categories),
    "mt.supportedMethods": Method(list_movable_type_methods, None),
    "mt.supportedTextFilters": Method(site.list_text_filters, None),
    "system.listMethods": Method(list_methods, None),
    "wp.deletePost": Method(posts.delete_post),
    "wp.editPost": Method(posts.edit_any),
    "wp.getAuthors": Method(site.list_authors),
    "wp.getCategories": Method(site.list_categories),
    "wp.getMediaLibrary": Method(site.list_files),
    "wp.getOptions": Method(site.get_options),
    "wp.getPost": Method(posts.get_any),
    "wp.getPostFormats": Method(site.list_formats),
    "wp.getPostStatusList": Method(site.list_statuses),
    "wp.getPosts": Method(posts.list_some),
    "wp.getProfile": Method(site.get_profile),
    "wp.getTags": Method(site.list_keywords),
    "wp.getTaxonomies": Method(site.list_taxonomies),
    "wp.getTerms": Method(site.list_terms),
    "wp.getUsersBlogs": Method(site.list_blogs, 0),
    "wp.newPost": Method(posts.create_any),
    "wp.uploadFile": Method(site.upload),
}
