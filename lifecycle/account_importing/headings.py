"""Which column of an export means what: guessed from its headings, or told by a mapping.

    system: salesforce            whose ids these are; they are unique per system
    columns:
      external_id: [Account ID]   the first of these columns that is there
      status: [Type]
    status: {Key account: CUSTOMER}    words of your own; "" says nothing
    exact: true                   columns that are not named are left out

Else everything that is not said is guessed.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from core.errors import FieldError
from leads.models import AccountStatus
from lifecycle.importing.mapping import BadMapping, fold

HERE = Path(__file__).parent
SYSTEM = re.compile(r"[a-z][a-z0-9_-]{0,39}")
SYSTEMS = {
    "hubspot": ("property_name", "Company Domain Name", "Lifecycle Stage"),
    "zoho": ("Account Owner Id",),
    "salesforce": ("Account ID", "ParentId", "billing_country"),
}
"""By whose headings a system shows."""
PREFIX = "property_"
KEYS = ("system", "columns", "status", "exact")


@dataclass(frozen=True, slots=True)
class Meanings:
    """Places of columns by what they mean, the preferred first; words of a standing, folded."""

    system: str
    places: Mapping[str, tuple[int, ...]]
    words: Mapping[str, str] = field(default_factory=dict)

    def pairs(self, headings: Sequence[str]) -> list[tuple[str, str]]:
        """Heading and meaning, for people."""
        return [
            (headings[place], target) for target, found in self.places.items() for place in found
        ]


def bind(
    headings: Sequence[str], *, mapping: Mapping[str, Any] | None = None, system: str = ""
) -> Meanings:
    """The meanings of a table. Raises BadMapping when nothing names an account, or for a mapping
    that speaks of columns or standings which are not there.
    """
    said = _checked(mapping or {}, headings)
    folded: dict[str, int] = {}
    for place, heading in enumerate(headings):
        folded.setdefault(fold(heading.strip().casefold().removeprefix(PREFIX)), place)
    told = {target: tuple(map(str, names)) for target, names in said.get("columns", {}).items()}
    places = {}
    guessed = {} if said.get("exact") is True else known_headings()
    for target, names in {**guessed, **told}.items():
        found = dict.fromkeys(folded[fold(one)] for one in names if fold(one) in folded)
        if found:
            places[target] = tuple(found)
    if not {"external_id", "name", "domain"} & places.keys():
        listed = ", ".join(headings[:12])
        text = f"No column names the account. The headings are: {listed}. Write a mapping."
        raise BadMapping(text, errors=[FieldError("columns", text)])
    own = {fold(str(word)): str(status) for word, status in said.get("status", {}).items()}
    chosen = system or str(said.get("system") or "") or _system(headings)
    if not SYSTEM.fullmatch(chosen):
        text = f"“{chosen}” is no name of a system; use small letters, such as salesforce."
        raise BadMapping(text, errors=[FieldError("system", text)])
    return Meanings(chosen, places, {**known_words(), **own})


@functools.cache
def known_headings() -> Mapping[str, tuple[str, ...]]:
    """What exports usually call their columns."""
    document = yaml.safe_load((HERE / "headings.yaml").read_text(encoding="utf-8"))
    return {target: tuple(names) for target, names in document.items()}


@functools.cache
def known_words() -> Mapping[str, str]:
    """What exports usually call a standing, folded; our own words are among them."""
    document = yaml.safe_load((HERE / "words.yaml").read_text(encoding="utf-8"))
    own = {fold(status): status for status in AccountStatus.values}
    return own | {fold(word): status for status, words in document.items() for word in words}


def _checked(mapping: Mapping[str, Any], headings: Sequence[str]) -> Mapping[str, Any]:
    faults = [
        FieldError(str(key), f"Unknown key “{key}”; known are {', '.join(KEYS)}.")
        for key in mapping
        if key not in KEYS
    ]
    columns, words = mapping.get("columns") or {}, mapping.get("status") or {}
    if not isinstance(columns, dict) or not isinstance(words, dict):
        raise BadMapping("columns and status each hold names with what they mean.")
    there = {fold(heading) for heading in headings}
    for target, names in columns.items():
        if target not in known_headings():
            known = ", ".join(known_headings())
            faults.append(FieldError(f"columns.{target}", f"Unknown; known are {known}."))
        elif not isinstance(names, list):
            faults.append(FieldError(f"columns.{target}", "Give a list of headings."))
        elif not any(fold(str(one)) in there for one in names):
            faults.append(FieldError(f"columns.{target}", "None of these headings is there."))
    faults += [
        FieldError(f"status.{word}", f"“{status}” is none of {', '.join(AccountStatus.values)}.")
        for word, status in words.items()
        if status and status not in AccountStatus.values
    ]
    if faults:
        raise BadMapping("; ".join(f"{one.field}: {one.message}" for one in faults), errors=faults)
    return {**mapping, "columns": columns, "status": words}


def _system(headings: Sequence[str]) -> str:
    there = {fold(heading) for heading in headings}
    found = (name for name, marks in SYSTEMS.items() if {fold(one) for one in marks} & there)
    return next(found, "crm")
