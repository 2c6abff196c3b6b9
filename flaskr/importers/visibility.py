"""Decide whether everyone may read a post, by all the ways in which generators say so.

If in doubt, a post becomes a draft, and the report says why.
"""

import re
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from datetime import tzinfo
from pathlib import Path
from typing import Any
from typing import NamedTuple

from ..errors import Invalid
from . import dates
from . import post_metadata
from .post_metadata import Fields

# Names are compared without case, hyphens, and underscores.
HIDING_FIELDS = frozenset(
    "draft drafts isdraft isadraft indraft private isprivate unlisted isunlisted hidden ishidden "
    "wip unpublished unpublish secret confidential internal protected passwordprotected "
    "encrypted encrypt membersonly subscribersonly paidonly paywall paywalled emailonly "
    "internalonly loginrequired requireslogin requiresauth authrequired notpublished "
    "donotpublish nopublish "
    "eleventyexcludefromcollections excludefromcollections excluded isarchiveddraft "
    "hide hidepost hidefromlist hidefromlists hidefromblog headless exclude ignore ignored skip "
    "disabled deleted deletedat deletedon trashed removed".split()
)
SHOWING_FIELDS = frozenset(
    "published publish ispublished publishable public ispublic visible isvisible listed islisted "
    "islive render readytopublish dgpublish".split()
)
# Fields of other meanings as well, which hide a post only with an unmistakable yes or no.
LOOSE_HIDING_FIELDS = frozenset(
    "vip members subscribers premium restricted login auth unfinished incomplete notready "
    "comingsoon".split()
)
LOOSE_SHOWING_FIELDS = frozenset(
    "enabled active online live approved released ready finished complete completed done "
    "show shown".split()
)
STATUS_FIELDS = frozenset(
    "status poststatus publishstatus publicationstatus visibility postvisibility "
    "draftstatus".split()
)
# Fields of other meanings, which hide a post only with an unmistakable value.
LOOSE_STATUS_FIELDS = frozenset("type kind posttype layout".split())
LOOSE_STATUS_ENDS = tuple(
    "status state stage visibility access audience level permission permissions workflow acl "
    "publication".split()
)
# In a table of any name, these can only mean the post.
NESTED_HIDING_FIELDS = frozenset("draft isdraft private isprivate unpublished".split())
PASSWORD_FIELDS = frozenset("passwd pwd passphrase passcode secretkey".split())
PUBLIC_STATUSES = frozenset(
    "published publish public live final done complete completed finished active released listed "
    "visible everyone open evergreen budding seedling growing mature stable ready default normal "
    "true yes 1 on".split()
)
PRIVATE_STATUSES = frozenset(
    "draft drafts private hidden unlisted unpublished wip pending secret internal members paid "
    "protected password trash trashed deleted inprogress membersonly subscribersonly friends "
    "friendsonly staff onlyme me".split()
)
# In a vault of notes, only those with such a field may be published.
CHOOSING_FIELDS = ("dgpublish", "publish", "share")
SCHEDULED_STATUSES = frozenset("future scheduled".split())
PUBLISH_DATES = (
    "publishdate publishon publishafter scheduledate scheduled scheduledfor scheduledat "
    "embargo embargountil embargodate releasedate golive goliveat visiblefrom showafter"
).split()
EXPIRY_DATES = (
    "expirydate expires expirationdate expiredate expiry expiration expireon expireson expireat "
    "unpublishdate unpublishon unpublishat validuntil visibleuntil hideafter"
).split()
# Fields that hold a date in one generator and a yes or no in another.
MIXED_DATES = (
    "published publish publishedat publishedon publisheddate datepublished pubdate pubdatetime "
    "postdate"
).split()
HIDING_FOLDERS = frozenset(
    "_drafts drafts draft _draft private _private unpublished _unpublished wip _wip".split()
)
DRAFT_NAME = re.compile(r"(?i).*\.(?:draft|wip|private)")
OUTLINE_TABLES = "params extra build _build options data meta metadata eleventycomputed".split()


class Visibility(NamedTuple):
    """The status of a post, a date if it becomes visible later, and the reasons."""

    status: str
    appears: datetime | None
    reasons: list[str]


def decide(
    fields: Fields, file: Path, *, zone: tzinfo, created: datetime | None, now: datetime
) -> Visibility:
    """Return the visibility of a post by its front matter and its path below the site."""
    reasons = [*_hidden_by_fields(fields), *_hidden_by_path(file)]
    appears, found = _find_dates(fields, zone, now)
    reasons += found
    status = "draft" if reasons else "published"
    notes = [f"It is a draft now, because {reason}." for reason in reasons[:1]]
    if appears and not (created and created > appears):
        shown = dates.format_utc(appears)
        notes.append(f"It is scheduled for {shown} UTC, when it was to be published.")
        return Visibility(status, appears, notes)
    if status == "published" and created and created > now:
        notes.append(f"It is scheduled for {dates.format_utc(created)} UTC, its date.")
    if status == "published" and (ends := _find_end(fields, zone)):
        notes.append(f"It was to disappear on {dates.format_utc(ends)} UTC. Unpublish it then.")
    return Visibility(status, None, notes)


def _hidden_by_fields(fields: Fields) -> list[str]:
    reasons = []
    for name, value in _visibility_fields(fields):
        plain = post_metadata.plain_name(name)
        if _hides(plain, value):
            shown = "…" if _is_password(plain) else _shorten(value)
            reasons.append(f"of “{name}: {shown}”")
    return reasons


def _visibility_fields(fields: Fields) -> Iterator[tuple[str, Any]]:
    for table in _visibility_tables(fields):
        yield from table.items()
    for table in fields.values():
        for name, value in table.items() if isinstance(table, dict) else ():
            if post_metadata.plain_name(name) in NESTED_HIDING_FIELDS:
                yield name, value


def _visibility_tables(fields: Fields) -> list[Fields]:
    tables = [fields]
    tables += [fields[name] for name in OUTLINE_TABLES if isinstance(fields.get(name), dict)]
    return tables


def _hides(name: str, value: Any) -> bool:
    if name in HIDING_FIELDS:
        # Some themes list the parts of a page to hide.
        return not _means_no(value) and not (name == "hide" and isinstance(value, list))
    if name in SHOWING_FIELDS:
        return not (_means_yes(value) or (name in ("published", "publish") and _is_date(value)))
    if name in LOOSE_HIDING_FIELDS:
        return post_metadata.is_true(value)
    if name in LOOSE_SHOWING_FIELDS:
        return post_metadata.is_false(value)
    if _is_password(name):
        return value not in (None, "", [], {}) and not _means_no(value)
    if name in STATUS_FIELDS:
        return not _is_public_status(value)
    if name in LOOSE_STATUS_FIELDS or name.endswith(LOOSE_STATUS_ENDS):
        return any(word in PRIVATE_STATUSES for word in _statuses(value))
    if name == "permalink":
        return _is_permalink_off(value)
    if name == "list":
        return post_metadata.text(value).lower() in ("never", "false", "local")
    return False


def is_chosen(fields: Fields) -> bool:
    """Return True for a note that is marked to be published, where others are not."""
    plain = post_metadata.plain_names(fields)
    return any(post_metadata.is_true(plain.get(name)) for name in CHOOSING_FIELDS)


def _is_password(name: str) -> bool:
    return name in PASSWORD_FIELDS or name.endswith("password")


def is_about_visibility(name: str) -> bool:
    """Return True for the name of a field that says whether everyone may read a post."""
    plain = post_metadata.plain_name(name)
    return plain in HIDING_FIELDS | SHOWING_FIELDS | STATUS_FIELDS or _is_password(plain)


def _means_no(value: Any) -> bool:
    if isinstance(value, list | dict):
        return not value
    return value is None or post_metadata.text(value).strip("\"'").lower() in (
        post_metadata.FALSE_TEXTS
    )


def _means_yes(value: Any) -> bool:
    return (
        value in (None, "")
        or post_metadata.is_true(value)
        or (post_metadata.text(value).lower() in ("public", "published"))
    )


def _is_date(value: Any) -> bool:
    try:
        dates.parse(value, UTC)
    except Invalid:
        return False
    return not isinstance(value, bool) and bool(re.search(r"\d{3}", str(value)))


def _statuses(value: Any) -> list[str]:
    words = [post_metadata.text(item) for item in post_metadata.as_list(value)]
    return [re.sub("[-_ \"']", "", word).lower() for word in words]


def _is_public_status(value: Any) -> bool:
    words = [word for word in _statuses(value) if word]
    return all(word in PUBLIC_STATUSES | SCHEDULED_STATUSES for word in words) and (
        not isinstance(value, dict)
    )


def _is_permalink_off(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_is_permalink_off(item) for item in value.values())
    return post_metadata.is_false(value)


def _shorten(value: Any) -> str:
    return "…" if isinstance(value, dict | list) else post_metadata.text(value)[:40]


def _hidden_by_path(file: Path) -> list[str]:
    reasons = []
    folders = [part for part in file.parts[:-1] if part.lower() in HIDING_FOLDERS]
    if folders:
        reasons.append(f"it is in the folder “{folders[0]}”")
    if file.name.startswith("_"):
        reasons.append("its name begins with _, which keeps it off the site")
    if DRAFT_NAME.fullmatch(file.stem):
        reasons.append("its name says that it is a draft")
    return reasons


def _find_dates(fields: Fields, zone: tzinfo, now: datetime) -> tuple[datetime | None, list[str]]:
    reasons = []
    appears = None
    mixed = [value for value in _date_values(fields, MIXED_DATES) if _is_date(value)]
    for values, is_expiry in (
        ([*_date_values(fields, PUBLISH_DATES), *mixed], False),
        (_date_values(fields, EXPIRY_DATES), True),
    ):
        for value in values:
            try:
                moment = dates.parse(value, zone)
            except Invalid:
                reasons.append(f"the date “{_shorten(value)}” cannot be read")
                continue
            if is_expiry and moment <= now:
                reasons.append(f"it expired on {moment:%Y-%m-%d}")
            elif not is_expiry and moment > now:
                appears = max(appears or moment, moment)
    return appears, reasons


def _date_values(fields: Fields, names: list[str]) -> list[Any]:
    tables = [post_metadata.plain_names(table) for table in _visibility_tables(fields)]
    found = [table.get(name) for table in tables for name in names]
    return [
        value
        for value in found
        if not (_means_no(value) or post_metadata.is_true(value) or _is_zero(value))
        and not dates.is_file_time(value)
    ]


def _is_zero(value: Any) -> bool:
    return str(value).startswith("0001-01-01")


def _find_end(fields: Fields, zone: tzinfo) -> datetime | None:
    for value in _date_values(fields, EXPIRY_DATES):
        return dates.parse(value, zone)
    return None
