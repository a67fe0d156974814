"""Public holidays by country and subdivision, to be copied into calendars as closed dates.

Apart from `core.worktime`, so that arithmetic does not pay for this import (about a third of a
second). Dates and names change between releases of the source: what a kit uses is a copy.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Iterable
from datetime import date
from typing import Any

import holidays
import pycountry

from core.errors import FieldError, InvalidInput


def holiday_dates(country: str, subdivision: str | None, years: Iterable[int]) -> dict[date, str]:
    """Return the public holidays of a place in the given years, in order, with English names.

    `country` is an ISO alpha-2 code, `subdivision` the part behind its dash in ISO 3166-2
    (DE, BY) or None for the whole country. Raises `InvalidInput` for a place that is not known.
    """
    code, part = country.strip().upper(), (subdivision or "").strip().upper() or None
    places = holidays.list_supported_countries()
    if len(code) != 2 or code not in places:
        raise _unknown("country", country, "use an ISO code such as DE")
    entity = getattr(holidays, code)
    parts = {name.upper(): name for name in entity.subdivisions}
    if part is not None and part not in parts:
        known = ", ".join(entity.subdivisions[:20]) or "none"
        raise _unknown("subdivision", subdivision, f"{code} has {known}")
    languages = entity.supported_languages
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # years it knows nothing of: their dates are missing
        found = holidays.country_holidays(
            code,
            subdiv=parts[part] if part else None,
            years=list(years),
            language="en_US" if "en_US" in languages else None,
        )
    return dict(sorted(found.items()))


@functools.cache
def countries() -> list[tuple[str, str]]:
    """Every country whose holidays are known, by code and English name, in order of the names."""
    codes = [code for code in holidays.list_supported_countries() if len(code) == 2]
    known: Any = pycountry.countries
    named = ((code, known.get(alpha_2=code)) for code in codes)
    told = ((code, getattr(one, "common_name", one.name) if one else code) for code, one in named)
    return sorted(told, key=lambda one: one[1])


@functools.lru_cache(maxsize=64)
def regions(country: str) -> list[tuple[str, str]]:
    """The subdivisions with holidays of their own, by code and name; none for no such country."""
    code = country.strip().upper()
    parts = holidays.list_supported_countries().get(code, [])
    known: Any = pycountry.subdivisions
    named = ((part, known.get(code=f"{code}-{part}")) for part in parts)
    told = ((part, one.name if one else part) for part, one in named)
    return sorted(told, key=lambda one: one[1])


def _unknown(field: str, value: str | None, hint: str) -> InvalidInput:
    message = f"No holidays are known for {field} {value!r}; {hint}."
    return InvalidInput(message, errors=[FieldError(field, message, "unknown")])
