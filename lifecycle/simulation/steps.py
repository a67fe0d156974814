"""What events of a log are as steps of a course; None for what kits decide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from leads import stages
from leads.models import EventKind
from leads.stages import Stage
from lifecycle import quarantine
from lifecycle.causes import MISROUTED
from lifecycle.ownership import KNOWN_ACCOUNT
from lifecycle.simulation import excluding
from lifecycle.simulation.course import PASSED, Doing
from lifecycle.simulation.records import Event

REDECIDED = frozenset({stages.BEGIN, "qualify", stages.UNDO})
"""Steps that a replay takes by itself, or that took another one back."""


def standing(events: Sequence[Event]) -> list[Event]:
    """The log without steps that were taken back, what followed from them, and the taking back."""
    backs = [one for one in events if one.transition == stages.UNDO]
    if not backs:
        return list(events)
    gone = {one.id for one in backs} | {one.because.get("undone") for one in backs}
    recorded, kept = {event.id: event.recorded_at for event in events}, []
    for event in events:
        if event.cause in gone and recorded.get(event.cause or 0) == event.recorded_at:
            gone.add(event.id)  # what it causes in the same act goes, too
        if event.id not in gone and event.cause not in gone:
            kept.append(event)
    return kept


def of(event: Event) -> dict[str, Any] | None:
    """A step of the state machine, quarantine, wake-up or ownership."""
    if event.kind in (EventKind.QUARANTINED, EventKind.CLEANSED):
        return _cleansed(event)
    if event.kind == EventKind.STAGE:
        return _taken(event)
    return _woken(event) if event.kind == EventKind.WAKE_UP else _handed(event)


def woken_by(event: Event) -> str:
    """What wakes a lead sooner than its day from this step or wake-up on; empty for nothing."""
    if event.kind == EventKind.WAKE_UP:
        return "" if event.because.get("due") else str(event.because.get("on") or "")
    if event.to_stage != Stage.NURTURE:
        return ""
    stood = event.because.get("stood") or {}
    return str((event.because.get("wake") or {}).get("on") or stood.get("wake_on") or "")


def let_pass(event: Event) -> bool:
    """Whether somebody let a thin record pass."""
    return event.kind == EventKind.CLEANSED and event.because.get("why") == quarantine.LET_PASS


def _cleansed(event: Event) -> dict[str, Any] | None:
    """More became known without a touch, or somebody let the lead pass; else kits decide it."""
    if let_pass(event):
        return {"doing": Doing.CLEANSED, "transition": PASSED}
    learnt = event.because.get("why") == quarantine.ABOVE and event.actor != "pipeline"
    return {"doing": Doing.CLEANSED} if learnt else None


def _taken(event: Event) -> dict[str, Any] | None:
    """A step of the state machine, unless kits decide on it."""
    if "exclusion" in event.because:
        return excluding.learnt(event.because)
    reopened = event.transition == "reopen" and event.actor == "pipeline"
    if event.transition in REDECIDED or reopened:
        return None
    return {
        "doing": Doing.STEPPED,
        "transition": event.transition,
        "to": event.to_stage,
        "reason": str(event.because.get("reason") or ""),
        "wake_on": woken_by(event),
    }


def _woken(event: Event) -> dict[str, Any]:
    """Its day came, or somebody set what wakes it."""
    due = bool(event.because.get("due"))
    return {"doing": Doing.WOKEN if due else Doing.SET, "wake_on": woken_by(event)}


def _handed(event: Event) -> dict[str, Any] | None:
    """Somebody gave the lead to a rep, or had it routed anew; None when routing did it."""
    by_rule = "rule" in event.because
    if event.actor == "pipeline" and event.because.get("why") == KNOWN_ACCOUNT:
        return None  # to the keeper of a known account, which the replay finds by itself
    if event.kind == EventKind.ASSIGNED and not by_rule:
        return {"doing": Doing.HANDED, "user": event.owner, "cause": event.cause}
    anew = event.kind in (EventKind.ASSIGNED, EventKind.QUEUED) and event.actor == "user"
    moment = str(event.because.get("moment", ""))
    if not (anew and by_rule):
        return None
    declined = event.because.get("again") == MISROUTED
    return {"doing": Doing.REROUTED, "moment": moment, "declined": declined}
