"""Filling in a template: only the names below mean anything, nothing is ever evaluated. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

PLACEHOLDERS = {
    "first_name": "first name",
    "last_name": "last name",
    "title": "job title",
    "company": "company",
    "my_name": "my name",
    "my_first_name": "my first name",
}
_PLACE = re.compile(r"\{\{\s*([a-z_]{1,40})\s*\}\}")


@dataclass(frozen=True, slots=True)
class Filled:
    """The text; `missing` are names whose value nobody knows, `unknown` ones that mean nothing."""

    text: str
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def fill(text: str, values: Mapping[str, str]) -> Filled:
    """Put the values in place. What is missing or unknown stays as it stands.

    >>> fill("Hello {{first_name}}", {"first_name": "Mara"}).text
    'Hello Mara'
    """
    named = tuple(dict.fromkeys(_PLACE.findall(text)))
    known = {name: values.get(name, "").strip() for name in named if name in PLACEHOLDERS}
    filled = _PLACE.sub(lambda found: known.get(found[1], "") or found[0], text)
    return Filled(
        filled,
        missing=tuple(name for name in named if name in known and not known[name]),
        unknown=tuple(name for name in named if name not in PLACEHOLDERS),
    )


def left_open(text: str) -> tuple[str, ...]:
    """The placeholders that still stand in a text."""
    return tuple(dict.fromkeys(_PLACE.findall(text)))
