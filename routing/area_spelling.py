"""Whether a region and a postal prefix can be meant, before areas go by them. Pure.

Areas compare letters and digits alone: what holds none would be the whole country.
"""

from __future__ import annotations

import re

from leads import countries
from routing import place_spelling

HYPHENATED = frozenset({
    "AS", "BR", "CL", "FM", "GU", "IR", "JP", "KR", "MH", "MP", "NI", "PL", "PR", "PT", "PW", "SA",
    "TW", "US", "VI",
})  # fmt: skip
"""Countries whose postal codes have a hyphen between digits; elsewhere one reads as a range."""

LIKE = "A postal prefix is how codes begin: letters, digits, blanks and hyphens, such as 75 or SW1A"
_KNOWN = re.compile(r"[A-Za-z0-9 -]*")
_RANGE = re.compile(r"[0-9]\s*-\s*[0-9]")


def country_fault(country: str) -> str:
    """What is wrong with a country's code, in a sentence; empty where nothing is."""
    if countries.country_code(country) == country:
        return ""
    return f"“{country}” is no country; use a code of two letters, such as DE."


def prefix_fault(prefix: str, country: str) -> str:
    """What is wrong with a postal prefix, in a sentence; empty where nothing is, or none is said.

    Blanks alone are wrong, too: who means all codes leaves it out.
    """
    if not prefix:
        return ""
    if not _KNOWN.fullmatch(prefix) or not place_spelling.compact(prefix):
        return f"“{prefix.strip()}” is no postal prefix. {LIKE}; leave it empty for all codes."
    if _RANGE.search(prefix) and country.upper() not in HYPHENATED:
        return f"“{prefix}” reads as a range. {LIKE}; name one prefix for each area."
    return ""


def region_fault(region: str) -> str:
    """What is wrong with a region, in a sentence; empty where nothing is, or none is said."""
    if not region or any(map(str.isalpha, region)):
        return ""
    return (
        f"“{region.strip()}” is no region: it has no letters. Write it as companies have it, such "
        "as Bayern; leave it empty for all regions."
    )
