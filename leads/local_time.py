"""Which time zones a buyer may be in, by country, state and number. Pure, without a network.

A country with one time tells it by itself; of those with several the state does, where it is said.
What stays open is told as all the zones it may be: nobody is called at night on a guess.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from importlib import resources

import phonenumbers
import pycountry

_STATES = {
    "US": {
        "America/New_York": "CT DC DE FL GA IN KY MA MD ME MI NC NH NJ NY OH PA RI SC VA VT WV",
        "America/Chicago": "AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI",
        "America/Denver": "CO ID MT NM UT WY",
        "America/Phoenix": "AZ",
        "America/Los_Angeles": "CA NV OR WA",
        "America/Anchorage": "AK",
        "Pacific/Honolulu": "HI",
    },
    "CA": {
        "America/Halifax": "NB NS PE",
        "America/St_Johns": "NL",
        "America/Toronto": "ON QC",
        "America/Winnipeg": "MB",
        "America/Regina": "SK",
        "America/Edmonton": "AB NT",
        "America/Vancouver": "BC",
        "America/Whitehorse": "YT",
    },
    "AU": {
        "Australia/Sydney": "ACT NSW",
        "Australia/Melbourne": "VIC",
        "Australia/Hobart": "TAS",
        "Australia/Brisbane": "QLD",
        "Australia/Adelaide": "SA",
        "Australia/Darwin": "NT",
        "Australia/Perth": "WA",
    },
}
"""The zone in which most of a state lives."""


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


def zones(country: str, region: str = "", phone: str = "") -> tuple[str, ...]:
    """The zones they may be in; none where nothing tells. `phone` is E.164, for want of a country.

    >>> zones("US", "California")
    ('America/Los_Angeles',)
    """
    code = country or _country_of(phone)
    by_state = _zone_of_state(code, region)
    return (by_state,) if by_state else zones_by_country().get(code, ())


def _country_of(phone: str) -> str:
    try:
        number = phonenumbers.parse(phone) if phone else None
    except phonenumbers.NumberParseException:
        return ""
    found = phonenumbers.region_code_for_number(number) if number is not None else None
    return found if found and found != "001" else ""


@functools.lru_cache(maxsize=1024)
def _zone_of_state(country: str, region: str) -> str:
    if country not in _STATES or not region.strip():
        return ""
    name = region.strip().casefold()
    states = [one for one in pycountry.subdivisions if one.country_code == country]
    named = (one.code.partition("-")[2] for one in states if one.name.casefold() == name)
    code = next(named, name.upper().removeprefix(f"{country}-"))
    found = (zone for zone, codes in _STATES[country].items() if code in codes.split())
    return next(found, "")
