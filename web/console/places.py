"""Countries by name, and what time it is there as far as a country tells."""

from __future__ import annotations

import functools
from collections import defaultdict
from datetime import datetime, tzinfo
from importlib import resources
from zoneinfo import ZoneInfo

import pycountry

from web.console import words


def country(code: str) -> str:
    """A country's name for its ISO code; the code itself where it has none."""
    found = pycountry.countries.get(alpha_2=code) if code else None
    return str(getattr(found, "common_name", found.name)) if found else code


@functools.lru_cache(maxsize=1)
def zones_by_country() -> dict[str, tuple[str, ...]]:
    """ISO code of a country to the zones it has, from the time zone database."""
    table = (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    found: dict[str, list[str]] = defaultdict(list)
    for line in table.splitlines():
        if line and not line.startswith("#"):
            code, _, zone = line.split("\t")[:3]
            found[code].append(zone)
    return {code: tuple(names) for code, names in found.items()}


def there(country: str, *, now: datetime, reader: tzinfo) -> str:
    """`14:47 in Berlin`; empty where the country has several times at once, or the reader's own."""
    names = zones_by_country().get(country, ())
    if not names or len({now.astimezone(ZoneInfo(name)).utcoffset() for name in names}) != 1:
        return ""
    return words.there(names[0], now=now, zone=ZoneInfo(names[0]), reader=reader)
