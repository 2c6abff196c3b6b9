"""XML-RPC for editors on a computer, such as MarsEdit: the MetaWeblog API and parts of Blogger's.

Programs send a token as the password. Categories and keywords are both tags, and texts are
Markdown, which may contain HTML. Times are in UTC.
"""

import inspect
from collections.abc import Callable
from collections.abc import Mapping
from typing import Any
from typing import NamedTuple
from xmlrpc import client

from defusedxml.xmlrpc import DefusedExpatParser
from flask import Blueprint
from flask import Response
from flask import current_app
from flask import g
from flask import request
from flask import url_for
from werkzeug.exceptions import HTTPException

from .. import errors
from .. import text
from ..db import transaction
from ..models import media
from ..models import post_lists
from ..models import posts
from ..models import tags
from ..models import tokens
from ..models import trash
from ..text import dates
from ..web import security
from ..web import site_settings
from ..web import urls
from ..web.error_pages import STATUSES
from ..web.tokens import check_scope
from ..web.tokens import log_in
from . import access

bp = Blueprint("xmlrpc", __name__)

# A longer call needs a valid token in its first bytes, before it is parsed.
MAX_HEAD_BYTES = 16 * 1024
MAX_LISTED_POSTS = 100
MAX_ID_DIGITS = 18
# The codes that other servers use (Dan Libby, "Specification for Fault Code Interoperability").
NOT_WELL_FORMED, NO_SUCH_METHOD, WRONG_PARAMETERS = -32700, -32601, -32602
STATUS_NAMES = {
    "publish": "published",
    "future": "published",
    "draft": "draft",
    "pending": "draft",
    "private": "draft",
}
Struct = dict[str, Any]


class Method(NamedTuple):
    """A method, and which of its parameters is the user name. The token follows it."""

    call: Callable[..., Any]
    name_position: int = 1


@bp.route("/xmlrpc", methods=("POST",))
def answer() -> Response:
    """Answer a call, with a fault if it fails."""
    if not current_app.config["XMLRPC"]:
        raise errors.NotFound("XML-RPC is turned off. The setting XMLRPC turns it on.")
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
    method = METHODS[name]
    position = method.name_position
    credentials, others = (
        parameters[position : position + 2],
        (*parameters[:position], *parameters[position + 2 :]),
    )
    try:
        inspect.signature(method.call).bind(*others)
        username, secret = map(_text, credentials)
    except (TypeError, ValueError):
        raise client.Fault(WRONG_PARAMETERS, "These are not the method's parameters.") from None
    log_in(secret, username)
    return method.call(*others)


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


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise errors.Invalid("A text is expected here.")
    return value


def _scalar(value: Any) -> str:
    if isinstance(value, (list, dict)):
        raise errors.Invalid("A single value is expected here, not a list or a struct.")
    return str(value)


def _id(value: Any) -> int:
    digits = _scalar(value)
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= MAX_ID_DIGITS):
        raise errors.NotFound("There is no such post.")
    return int(digits)


def _list_blogs(_application: Any) -> list[Struct]:
    return [
        {
            "blogid": "1",
            "blogName": _clean(site_settings.get("SITE_TITLE")),
            "url": urls.make_absolute(url_for("index")),
            "xmlrpc": urls.make_absolute(url_for("xmlrpc.answer")),
            "isAdmin": False,
        }
    ]


def _clean(value: object) -> str:
    """Return a text without the characters that XML cannot contain."""
    return text.clean(str(value))


def _list_posts(_blog: Any, count: Any = 10) -> list[Struct]:
    check_scope("read")
    count = max(0, min(count, MAX_LISTED_POSTS)) if isinstance(count, int) else MAX_LISTED_POSTS
    found: list[Any] = []
    for show in ("drafts", "scheduled", "published"):
        page = post_lists.editable_by(g.user, show)
        rows = page.posts
        while page.older and len(rows) < count:
            page = post_lists.editable_by(g.user, show, before=page.older)
            rows = rows + page.posts
        found += [row for row in rows if row["kind"] == "post"]
    found.sort(key=lambda row: (row["stored_created"], row["id"]), reverse=True)
    return _as_structs(found[:count])


def _as_structs(rows: list[Any]) -> list[Struct]:
    tags_of = tags.for_posts([row["id"] for row in rows])
    return [_as_struct(row, [tag["name"] for tag in tags_of[row["id"]]]) for row in rows]


def _as_struct(post: Any, names: list[str]) -> Struct:
    status = "future" if posts.is_scheduled(post) else "publish"
    url = urls.make_absolute(urls.post_url(post))
    return {
        "postid": str(post["id"]),
        "userid": str(post["author_id"]),
        "title": _clean(post["title"]),
        "description": _clean(post["body"]),
        "mt_excerpt": _clean(post["summary"]),
        "mt_text_more": "",
        "mt_keywords": "",
        "categories": list(map(_clean, names)),
        "wp_slug": _clean(post["slug"] or ""),
        "link": url,
        "permaLink": url,
        "post_status": "draft" if post["status"] == "draft" else status,
        "dateCreated": client.DateTime(f"{post['created']:%Y%m%dT%H:%M:%S}Z"),
        "date_created_gmt": client.DateTime(f"{post['created']:%Y%m%dT%H:%M:%S}"),
    }


def _get_post(post_id: Any) -> Struct:
    check_scope("read")
    (found,) = _as_structs([posts.get_for_edit(_id(post_id), g.user)])
    return found


def _create_post(_blog: Any, content: Any, publish: Any = True) -> str:
    fields = {"title": "", "body": "", **_read_post(content, publish)}
    _check_scopes(fields["status"])
    return str(posts.create(author_id=g.user["id"], user=g.user, **fields))


def _check_scopes(*statuses: str) -> None:
    check_scope("write")
    if "published" in statuses:
        check_scope("publish")


def _edit_post(post_id: Any, content: Any, publish: Any = True) -> bool:
    post = posts.get_for_edit(_id(post_id), g.user)
    fields = {"title": post["title"], "body": post["body"], **_read_post(content, publish)}
    _check_scopes(post["status"], fields["status"])
    posts.update(post["id"], g.user, expected_status=access.expected_status(post), **fields)
    return True


def _read_post(content: Any, publish: Any) -> Struct:
    """Return the fields of a post that a struct has."""
    if not isinstance(content, Mapping):
        raise errors.Invalid("The content of a post has to be a struct.")
    names = {"title": "title", "mt_excerpt": "summary", "wp_slug": "address"}
    found: Struct = {
        field: _text(content[name]) for name, field in names.items() if name in content
    }
    if "description" in content:
        parts = (
            _text(content[name]) for name in ("description", "mt_text_more") if content.get(name)
        )
        found["body"] = "\n\n".join(parts)
    if "categories" in content or "mt_keywords" in content:
        found["tags"] = _read_tags(content)
    # Editors send both dates, of which some shift the first by the computer's time zone.
    date = content.get("date_created_gmt") or content.get("dateCreated")
    if date:
        found["created"] = dates.to_utc(_scalar(date), "UTC")
    status = STATUS_NAMES.get(_scalar(content.get("post_status")))
    return {**found, "status": status or ("published" if publish else "draft")}


def _read_tags(content: Mapping[str, Any]) -> list[str]:
    categories, keywords = content.get("categories") or [], content.get("mt_keywords") or ""
    if not isinstance(categories, list):
        raise errors.Invalid("Categories have to be a list.", "tags")
    names = [*map(_text, categories), *_text(keywords).split(",")]
    return [name for name in names if name.strip()]


def _delete_post(_application: Any, post_id: Any, _publish: Any = True) -> bool:
    with transaction():
        post = posts.get_for_edit(_id(post_id), g.user)
        _check_scopes(post["status"])
        trash.put(post["id"], g.user)
    return True


def _list_categories(_blog: Any) -> list[Struct]:
    return [
        {
            "categoryId": str(tag["id"]),
            "categoryName": _clean(tag["name"]),
            "description": _clean(tag["name"]),
            "htmlUrl": urls.make_absolute(url_for("archives.tag", slug=tag["slug"])),
            "rssUrl": urls.make_absolute(url_for("feeds.of_tag", slug=tag["slug"], kind="xml")),
        }
        for tag in (tags.list_all() if "read" in g.scopes else tags.list_public())
    ]


def _upload(_blog: Any, content: Any) -> Struct:
    check_scope("media")
    bits = content.get("bits") if isinstance(content, Mapping) else None
    if not isinstance(bits, client.Binary):
        raise errors.Invalid("A file has to be a struct with bits in Base64.")
    file = media.add(
        bits.data,
        name=_text(content.get("name", "")),
        user_id=g.user["id"],
        max_bytes=current_app.config["MAX_UPLOAD"],
    )
    url = urls.make_absolute(url_for("media.file", name=file["name"]))
    return {
        "id": str(file["id"]),
        "file": _clean(file["original_name"]),
        "url": url,
        "type": file["type"],
    }


METHODS = {
    "blogger.getUsersBlogs": Method(_list_blogs),
    "metaWeblog.getUsersBlogs": Method(_list_blogs),
    "metaWeblog.getRecentPosts": Method(_list_posts),
    "metaWeblog.getPost": Method(_get_post),
    "metaWeblog.newPost": Method(_create_post),
    "metaWeblog.editPost": Method(_edit_post),
    "metaWeblog.deletePost": Method(_delete_post, name_position=2),
    "blogger.deletePost": Method(_delete_post, name_position=2),
    "metaWeblog.getCategories": Method(_list_categories),
    "metaWeblog.newMediaObject": Method(_upload),
}
