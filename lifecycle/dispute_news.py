"""Who hears of rejections that can be contested, of disputes and of what was decided.

Marketing hears of MQLs that faded and of nurtured leads whose day has come, and of what can be
contested, RevOps and whoever rejected what is disputed, and both sides what was decided. Three
queries for any number of events.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from governance import selectors as kits
from leads.models import EventKind, LeadEvent
from leads.stages import Stage
from lifecycle import detours
from lifecycle.models import Notice, RejectionDispute
from lifecycle.recipients import Part, Recipient
from people.models import Role

KINDS = frozenset({EventKind.STAGE, EventKind.DISPUTED, EventKind.RULED, EventKind.WAKE_UP})


@dataclass(frozen=True, slots=True)
class Told:
    """What one event says, and to whom."""

    kind: Notice.Kind
    recipients: tuple[Recipient, ...]
    words: dict[str, Any]
    settled: bool


@dataclass(frozen=True, slots=True)
class _People:
    active: frozenset[int]
    of_role: Mapping[str, Sequence[int]]
    superusers: Sequence[int]

    def of(self, *roles: str) -> list[int]:
        """All of the first of these roles that somebody active has; else the superusers."""
        for role in roles:
            found = [user for user in self.of_role[role] if user in self.active]
            if found:
                return found
        return [user for user in self.superusers if user in self.active]


def gather(
    events: Sequence[LeadEvent],
    *,
    active: frozenset[int],
    of_role: Mapping[str, Sequence[int]],
    superusers: Sequence[int],
) -> dict[int, Told]:
    """By event what is told of it."""
    if not events:
        return {}
    people = _People(active, of_role, superusers)
    simple = (EventKind.STAGE, EventKind.WAKE_UP)
    named = [one.because["rejection"] for one in events if one.kind not in simple]
    rejections = LeadEvent.objects.in_bulk(named)
    disputes = RejectionDispute.objects.filter(rejection__in=named)
    rows = {row.rejection_id: row for row in disputes}
    return {
        one.pk: _of_step(one, people)
        if one.kind == EventKind.STAGE
        else _rests(Notice.Kind.WOKEN, one, people)
        if one.kind == EventKind.WAKE_UP
        else _of_dispute(one, rejections[one.because["rejection"]], rows, people)
        for one in events
    }


def _of_step(event: LeadEvent, people: _People) -> Told:
    if event.because.get("decayed"):
        return _rests(Notice.Kind.FADED, event, people)
    return _contestable(event, people)


def _contestable(event: LeadEvent, people: _People) -> Told:
    return Told(
        Notice.Kind.CONTESTABLE,
        _recipients(people.of(Role.MARKETING, Role.REVOPS), Part.MANAGER, but=event.by_id),
        _words(event) | {"due_at": event.because["disputable_until"]},
        settled=detours.stage_below(event.lead) != event.to_stage,
    )


def _rests(kind: Notice.Kind, event: LeadEvent, people: _People) -> Told:
    return Told(
        kind,
        _recipients(people.of(Role.MARKETING, Role.REVOPS), Part.MANAGER, but=None),
        {},
        settled=event.lead.stage != Stage.NURTURE,
    )


def _of_dispute(
    event: LeadEvent,
    rejection: LeadEvent,
    rows: Mapping[int, RejectionDispute],
    people: _People,
) -> Told:
    row, opened = rows[rejection.pk], event.kind == EventKind.DISPUTED
    sides = [rejection.by_id, None if opened else row.opened_by_id]
    there = [one for one in sides if one in people.active]
    recipients = _recipients(there, Part.HOLDER, but=event.by_id)
    if opened:
        known = {one.user for one in recipients}
        others = [one for one in people.of(Role.REVOPS) if one not in known]
        recipients += _recipients(others, Part.MANAGER, but=event.by_id)
    told = {name: event.because.get(name) for name in ("outcome", "due_at", "exclusion")}
    return Told(
        Notice.Kind.DISPUTED if opened else Notice.Kind.RULED,
        recipients,
        _words(rejection) | told,
        settled=opened and row.state != RejectionDispute.State.OPEN,
    )


def _recipients(
    users: Iterable[int | None], part: Part, *, but: int | None
) -> tuple[Recipient, ...]:
    some = dict.fromkeys(user for user in users if user is not None and user != but)
    return tuple(Recipient(user, part) for user in some)


def _words(rejection: LeadEvent) -> dict[str, Any]:
    """What notices say of a rejection: its reason as the kit of then calls it, and who gave it."""
    key, kit_id = str(rejection.because.get("reason") or ""), rejection.kit_id
    reasons = kits.kit_of(kit_id).reasons if kit_id is not None else {}
    label = reasons[key].label if key in reasons else key.replace("_", " ")
    return {"label": label, "holder": rejection.by_id}
