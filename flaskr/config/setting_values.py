"""Parse and check the values of settings."""

import difflib
import os
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from .. import default_settings
from .. import errors
from ..models import media_addresses

BOOLEAN_WORDS = {"true": True, "1": True, "yes": True, "on": True} | {
    "false": False, "0": False, "no": False, "off": False
}  # fmt: skip
# Never print or log the values of these settings.
SECRETS = ("SECRET_KEY", "SECRET_KEY_FALLBACKS", "SETUP_TOKEN")
SAME_SITE = ("lax", "strict", "none")
MAX_NUMBER = 10**12
# A password has at most 1,024 characters; a cookie's expiry date must be before the year 9999.
RANGES = {
    "BACKUP_EVERY": (0, 100 * 365 * 24),
    "BACKUP_KEEP": (1, 10_000),
    "PASSWORD_MIN_LENGTH": (0, 1024),
    "PERMANENT_SESSION_LIFETIME": (1, 100 * 365 * 24 * 60 * 60),
}
# Kubernetes sets these in containers if a service is named "flaskr" or "flaskr-…".
KUBERNETES_VARIABLE = re.compile(
    r"FLASKR_(?=[A-Z0-9_]+\Z)(.+_)?(SERVICE_(HOST|PORT(_.+)?)"
    r"|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)"
)
KUBERNETES_ADDRESS = re.compile(r"(tcp|udp|sctp)://\S+")


def default_values() -> dict[str, Any]:
    """Return flaskr's settings with their defaults."""
    return {
        name: value
        for name, value in vars(default_settings).items()
        if name.isupper() and name != "TESTING"
    }


def is_set_by_kubernetes(variable: str, value: str) -> bool:
    """Return True if Kubernetes set this variable to describe a service."""
    return bool(KUBERNETES_VARIABLE.fullmatch(variable) or KUBERNETES_ADDRESS.fullmatch(value))


def find_similar(name: str) -> str | None:
    """Return the setting with the most similar name, if any is similar."""
    matches = difflib.get_close_matches(name.upper(), default_values(), n=1)
    return matches[0] if matches else None


def parse(name: str, text: str) -> Any:
    """Parse the text of an environment variable by the type of the setting's default.

    Text that is not a number or boolean is returned unchanged, for `check` to reject.
    """
    default = default_values()[name]
    if isinstance(default, bool):
        return BOOLEAN_WORDS.get(text.strip().lower(), text)
    if isinstance(default, int):
        return int(text) if re.fullmatch(r"\s*[+-]?[0-9]{1,30}\s*", text) else text
    if isinstance(default, list):
        return split_list(text)
    return text


def split_list(text: str) -> list[str]:
    """Split a comma-separated list, without empty parts."""
    return [part.strip() for part in text.split(",") if part.strip()]


def check(name: str, value: Any) -> Any:
    """Return a setting's value in its final type. Raises `Invalid`."""
    default = default_values()[name]
    if name in CHECKS:
        return CHECKS[name](value)
    if isinstance(default, bool):
        return _boolean(value)
    if isinstance(default, int):
        return _number(value, *RANGES.get(name, (0, MAX_NUMBER)))
    if isinstance(default, list):
        return _list(value)
    return _text(value)


def _boolean(value: Any) -> bool:
    if value not in (True, False):
        raise errors.Invalid("true or false")
    return bool(value)


def _number(value: Any, minimum: int, maximum: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not minimum <= value <= maximum:
        raise errors.Invalid(f"a whole number from {minimum} to {maximum}")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise errors.Invalid("text")
    if not _is_encodable(value):
        raise errors.Invalid("text in UTF-8")
    return value


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _list(value: Any) -> list[Any]:
    is_list = isinstance(value, list | tuple | set | frozenset)
    if not is_list or not all(isinstance(part, str | bytes) for part in value):
        raise errors.Invalid("a list of strings")
    return [part for part in value if part.strip()]


def _list_or_text(value: Any) -> list[Any]:
    return split_list(_text(value)) if isinstance(value, str) else _list(value)


def _text_or_number(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise errors.Invalid("text or a number")
    return _text(value)


def _lifetime(value: Any) -> int:
    seconds = int(value.total_seconds()) if isinstance(value, timedelta) else value
    return _number(seconds, *RANGES["PERMANENT_SESSION_LIFETIME"])


def _path(value: Any) -> str:
    path = os.fspath(value) if isinstance(value, os.PathLike) else value
    if not isinstance(path, str) or "\0" in path:
        raise errors.Invalid("a path")
    return path


def _media(value: Any) -> str:
    place = _path(value)
    if media_addresses.is_address(place):
        media_addresses.parse(place)
    return place


def _key(value: Any) -> str | bytes:
    return value if isinstance(value, bytes) else _text(value)


def _proxies(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ",".join(_text(part).strip() for part in _list(value))
    return ",".join(split_list(_text_or_number(value)))


def _same_site(value: Any) -> str | None:
    if value is not None and not (isinstance(value, str) and value.strip().lower() in SAME_SITE):
        raise errors.Invalid("Lax, Strict or None")
    return value.strip().title() if value else None


# Checks of settings that accept other types than that of their default.
CHECKS: dict[str, Callable[[Any], Any]] = {
    "API_ORIGINS": _list_or_text,
    "BACKUP_DIR": _path,
    "DATABASE": _path,
    "FORWARDED_HEADERS": _list_or_text,
    "FRONT_PAGE": _text_or_number,
    "MEDIA": _media,
    "PERMANENT_SESSION_LIFETIME": _lifetime,
    "POSTS_PER_PAGE": _text_or_number,
    "POSTS_PER_FEED": _text_or_number,
    "SECRET_KEY": _key,
    "SESSION_COOKIE_SAMESITE": _same_site,
    "TRUSTED_HOSTS": _list_or_text,
    "TRUSTED_PROXIES": _proxies,
}
