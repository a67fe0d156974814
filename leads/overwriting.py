"""Which of two values a field keeps: what was there, or what somebody says now. Pure.

What a person typed here is never overwritten by machines. Everything else goes by the kit's field
rules; a field that none speaks of keeps its first value, and only an empty one is filled.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from governance.kit import Kit

NEVER, LESS_SURE, ALWAYS = "NEVER", "LESS_SURE", "ALWAYS"
RULES = (NEVER, LESS_SURE, ALWAYS)
USER = "user"
TOUCH = "touch:"
UNTOLD = 50
"""How sure a value is of which nobody noted where it came from."""

_OF_CHANNELS = {
    "TRIAL": 85, "PORTAL": 85, "FORM": 80, "INBOUND_EMAIL": 80, "CHAT": 80, "PHONE": 80,
    "EVENT": 70, "PARTNER": 60, "REFERRAL": 60, "SOCIAL": 60, "OUTBOUND": 60, "IMPORT": 50,
}  # fmt: skip
"""How sure a channel is: buyers know themselves better than lists know them."""


@dataclass(frozen=True, slots=True)
class Source:
    """Who says something (`touch:FORM`, `user`, `provider:KEY`), how sure (0..100), and when."""

    name: str
    confidence: int
    at: datetime

    def as_data(self) -> list[Any]:
        """As it is stored: [source, confidence, instant]."""
        return [self.name, self.confidence, self.at.isoformat(timespec="seconds")]


def of_touch(channel: str, *, at: datetime) -> Source:
    """What came with a touch of this channel."""
    return Source(f"{TOUCH}{channel}", _OF_CHANNELS.get(channel, UNTOLD), at)


def of_user(*, at: datetime) -> Source:
    """What a person typed here."""
    return Source(USER, 100, at)


def told_by(entry: Any) -> tuple[str, int]:
    """Source and confidence of a stored provenance entry; nothing for one that says nothing."""
    if isinstance(entry, Sequence) and len(entry) == 3 and isinstance(entry[1], int):
        return str(entry[0]), entry[1]
    return "", UNTOLD


def noted(
    provenance: Mapping[str, Any], fields: Iterable[str], source: Source
) -> dict[str, list[Any]]:
    """The origins of a row after these fields took what a source says."""
    return {**provenance, **dict.fromkeys(fields, source.as_data())}


def is_by_user(provenance: Mapping[str, Any], field: str) -> bool:
    """Whether a person typed what the field has."""
    return told_by(provenance.get(field))[0] == USER


@functools.lru_cache(maxsize=64)
def of_kit(kit: Kit) -> Mapping[str, str]:
    """By field, as in facts, whether what it has may be overwritten."""
    return {
        str(one["field"]): str(one.get("overwrite", NEVER))
        for one in kit.part_documents("field_rule")
    }


def takes(*, has_value: bool, held: Any, said: Source, rule: str) -> bool:
    """Whether a field takes what `said` says; `held` is the provenance entry of what it has.

    A field that a person emptied is filled by the buyer's own word only.
    """
    holder, sure = told_by(held)
    if said.name == USER:
        return True
    if holder == USER:
        return not has_value and said.name.startswith(TOUCH)
    if not has_value or rule == ALWAYS:
        return True
    return rule == LESS_SURE and said.confidence > sure
