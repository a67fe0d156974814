"""Known values of parts' entries, so that forms can offer them. Apps above register what they know.

    part_choices.register("stages", lambda: stages.CHOICES)            any kind of part
    part_choices.register("routing_rule.pool", pools)                   one kind only

An entry may also name another part of the same version by its key; `REFERENCES` says which.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from governance.models import ClockPolicy, EscalationLevel
from governance.moments import Moment, Shown
from people.models import Role

Choices: TypeAlias = list[tuple[str, str]]
Source: TypeAlias = Callable[[], Iterable[tuple[str, str]]]

REFERENCES = {
    "clock_policy.calendar": "calendar",
    "clock_policy.escalation": "escalation_level",
    "escalation_level.then": "escalation_level",
    "criterion.checklists": "checklist",
    "score_rule.signal": "signal",
    "reason.criterion": "criterion",
    "exclusion.reason": "reason",
    "general_policy.dispute_calendar": "calendar",
}
"""Entries that hold the key of another part, and of which kind that is."""

_sources: dict[str, Source] = {}


def register(entry: str, source: Source) -> None:
    """Offer the values of `source` for an entry; registering it again replaces it."""
    _sources[entry] = source


def known(kind: str, entry: str) -> Choices | None:
    """The values on offer for an entry of a kind of part; None when nobody knows any."""
    source = _sources.get(f"{kind}.{entry}") or _sources.get(entry)
    return list(source()) if source else None


def _moments() -> Choices:
    return [(one.value, one.value.replace("_", " ").capitalize()) for one in Moment]


def _roles() -> Choices:
    return [(value, str(label)) for value, label in Role.choices if value != Role.SERVICE]


register("starts_on", _moments)
register("stopped_by", _moments)
register("criterion.shown_by", lambda: [(one.value, one.label) for one in Shown])
register("pauses_for", lambda: list(ClockPolicy.Pause.choices))
register("stage.owner_role", _roles)
register("escalation_level.tell", lambda: list(EscalationLevel.Tell.choices))
