"""The address of a bucket in the setting MEDIA: `s3://bucket/prefix?endpoint=…&region=…`."""

import re
from typing import NamedTuple
from urllib.parse import parse_qsl
from urllib.parse import urlsplit

from .. import errors

SCHEME = "s3://"
BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,62}", re.ASCII)
PREFIX = re.compile(r"[A-Za-z0-9._/-]{0,200}", re.ASCII)
REGION = re.compile(r"[A-Za-z0-9-]{1,50}", re.ASCII)
EXAMPLE = "an address such as s3://bucket/prefix?endpoint=https://s3.example.org&region=eu"
OPTIONS = ("endpoint", "region")


class Address(NamedTuple):
    """A bucket and the prefix of the files' names in it. Empty parts are the service's defaults."""

    bucket: str
    prefix: str
    endpoint: str
    region: str


def is_address(setting: str) -> bool:
    """Return True for a URL, and False for a folder."""
    return "://" in setting


def parse(setting: str) -> Address:
    """Return the parts of an address. Raises `Invalid` with what it must be."""
    if not setting.startswith(SCHEME):
        raise errors.Invalid("a folder, or an address such as s3://bucket/prefix")
    try:
        parts = urlsplit(setting)
        options = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
    except ValueError:
        raise errors.Invalid(EXAMPLE) from None
    if "@" in parts.netloc or set(options) - set(OPTIONS):
        raise errors.Invalid(
            f"{EXAMPLE}. Credentials belong into the environment variables AWS_ACCESS_KEY_ID and"
            " AWS_SECRET_ACCESS_KEY"
        )
    address = Address(
        parts.netloc,
        parts.path.removeprefix("/").removesuffix("/"),
        options.get("endpoint", "").rstrip("/"),
        options.get("region", ""),
    )
    if not _is_valid(address) or parts.fragment:
        raise errors.Invalid(EXAMPLE)
    return address


def _is_valid(address: Address) -> bool:
    names = address.prefix.split("/")
    return bool(
        BUCKET.fullmatch(address.bucket)
        and PREFIX.fullmatch(address.prefix)
        and not {"", ".", ".."} & set(names if address.prefix else ["-"])
        and (not address.region or REGION.fullmatch(address.region))
        and (not address.endpoint or _is_endpoint(address.endpoint))
    )


def _is_endpoint(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    is_plain = not (parts.username or parts.password or parts.query or parts.fragment)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and is_plain and port != 0
