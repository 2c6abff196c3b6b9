"""Names of languages as in Open Graph, and the direction of their scripts."""

import locale
import re

REGION = re.compile("[A-Z]{2}")
# Python's table has no real region for these.
WITHOUT_REGION = ("AA", "XX")
RTL_LANGUAGES = frozenset("ar arc ckb dv fa he iw ks nqo ps sd syr ug ur yi ji".split())


def open_graph_locale(language: str) -> str:
    """Return a language code (BCP 47) with its region, such as `pt_BR`, or an empty string.

    A code without a region gets the likeliest one.
    """
    first, *others = language.split("-")
    regions = [part.upper() for part in others if len(part) == 2]
    likely = "TW" if "hant" in map(str.lower, others) else locale.normalize(first.lower())[3:5]
    region = [*regions, likely][0]
    is_known = len(first) == 2 and REGION.fullmatch(region) and region not in WITHOUT_REGION
    return f"{first.lower()}_{region}" if is_known else ""


def text_direction(language: str) -> str:
    """Return "rtl" for a language that is usually written from right to left, else "ltr"."""
    parts = language.lower().replace("_", "-").split("-")
    if "latn" in parts:
        return "ltr"
    return "rtl" if parts[0] in RTL_LANGUAGES else "ltr"
