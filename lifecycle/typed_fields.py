"""What people typed into own fields: taken over when leads join, given back when they part. Pure.

Rows hold it as `own_fields`: by key, the text and the instant.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from leads.models import Lead

COLUMN = "own_fields"
SECTION = "field"
"""What edits call them: field.city."""

Typed = Mapping[str, Sequence[Any]]


def change(lead: Lead, values: Mapping[str, str], *, now: dt.datetime) -> list[str]:
    """Type these texts, an empty one too; returns the keys of those that are new."""
    held: Typed = lead.own_fields
    new = {key: text for key, text in values.items() if key not in held or held[key][0] != text}
    if new:
        at = now.isoformat()
        lead.own_fields = {**held, **{key: [text, at] for key, text in new.items()}}
    return list(new)


def put_back(lead: Lead, keys: Sequence[str], was: Typed) -> None:
    """These keys as they were."""
    kept = {key: one for key, one in lead.own_fields.items() if key not in keys}
    lead.own_fields = kept | {key: was[key] for key in keys if key in was}


def take_over(lead: Lead, joined: Sequence[Lead]) -> bool:
    """What was typed of the others and not of this lead, the first one's word first."""
    brought: dict[str, Any] = {}
    for other in joined:
        brought = {**other.own_fields, **brought}
    new = {key: one for key, one in brought.items() if key not in lead.own_fields}
    if new:
        lead.own_fields = {**lead.own_fields, **new}
    return bool(new)


def give_back(lead: Lead, before: Typed, others: Sequence[Typed]) -> list[str]:
    """Take away what the merge brought; returns the keys of what was changed since, and stays."""
    brought = {key for one in others for key in one if key not in before}
    edited = [
        key
        for key, held in lead.own_fields.items()
        if key in brought and not any(one.get(key) == held for one in others)
    ]
    put_back(lead, [key for key in brought if key not in edited], before)
    return sorted(edited)
