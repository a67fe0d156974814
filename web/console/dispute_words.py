"""A rejection, what the facts say against it, and what became of the dispute: in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from django.urls import reverse

from core import steps
from core.texts import _, lazy
from governance import selectors as kits
from governance.moments import Instead
from governance.terms import Reason
from leads.models import EventKind, Lead, LeadEvent
from leads.stages import Stage
from lifecycle import disputes, permissions
from lifecycle.models import RejectionDispute
from people.models import User
from web.console import proof, words
from web.console.action_form import Door
from web.console.proof import Check
from web.console.sentence import Known, Piece, Sentence

State = RejectionDispute.State
TONES = {State.OPEN: "warn", State.OVERTURNED: "info"}
ACTS: dict[str, str] = {Instead.MISROUTE: "misroute", Instead.HANDOVER: "reassign"}
CONTESTABLE = lazy("Contestable")
REJECTED = (Stage.NURTURE, Stage.DISQUALIFIED)


@dataclass(frozen=True, slots=True)
class Protocol:
    """What a lead's page says of its rejection. `act` is what its reader may do about it."""

    headline: str
    tone: str
    lines: tuple[str, ...]
    held: tuple[Check, ...]
    act: str


@steps.in_steps
def of_lead(
    lead: Lead, reader: User, *, now: datetime, zone: tzinfo
) -> steps.Story[Protocol | None]:
    """Of a lead that stands rejected, or whose last rejection was disputed; three messages."""
    if lead.stage not in REJECTED:
        return None
    asked = disputes.rejection_of(lead)
    yield [asked]
    rejection = asked.found
    if rejection is None or not rejection.because.get("disputable_until"):
        return None
    rows = RejectionDispute.objects.select_related("opened_by", "ruled_by", "note", "ruling")
    found = rows.filter(rejection=rejection).order_by("pk")[:1]
    yield [found]
    row = found[0] if found else None
    return Protocol(
        headline=headline(rejection.because, row.state if row else "", now),
        tone=tone(rejection.because, row, now),
        lines=_of_dispute(row, now, zone) if row else _of_rejection(rejection, now, zone),
        held=held(rejection),
        act=act(rejection, row, reader, now),
    )


def headline(because: dict[str, Any], state: str, now: datetime) -> str:
    """The state of a rejection in a word or three."""
    if state:
        return _("Disputed") if state == State.OPEN else str(State(state).label)
    return CONTESTABLE if _may_be_contested(because, now) else _("Not disputed")


def held(rejection: LeadEvent) -> tuple[Check, ...]:
    """The criteria that held when it was rejected, where they contradict it."""
    judged: list[dict[str, Any]] = rejection.because.get("held") or []
    if not judged or rejection.kit_id is None:
        return ()
    return proof.checks(judged, kit=kits.kit_of(rejection.kit_id))


def is_overdue(row: RejectionDispute, now: datetime) -> bool:
    """Whether RevOps should have decided it by now."""
    return row.state == State.OPEN and row.due_at is not None and row.due_at < now


def door(reason: Reason, lead: Lead) -> Door:
    """The act that a reason which is none leads to."""
    action = ACTS.get(reason.instead)
    url = (
        reverse("console:lead-action", args=[lead.pk, action])
        if action
        else reverse("console:lead-same-as", args=[lead.pk])
    )
    return Door(reason.label, Instead(reason.instead).label, url)


def _of_rejection(rejection: LeadEvent, now: datetime, zone: tzinfo) -> tuple[str, ...]:
    until = datetime.fromisoformat(rejection.because["disputable_until"])
    told = words.moment(until, now=now, zone=zone)
    if now > until:
        return (_("It could be disputed until {told}; nobody did.").format(told=told),)
    facts = _("The facts contradict it. ") if rejection.because.get("contestable") else ""
    return (_("{facts}Marketing may dispute it until {told}.").format(facts=facts, told=told),)


def _of_dispute(row: RejectionDispute, now: datetime, zone: tzinfo) -> tuple[str, ...]:
    opened = f"{row.opened_by}, {words.moment(row.opened_at, now=now, zone=zone)}"
    lines = [f"{opened}: {row.note.note}" if row.note.note else opened]
    if row.state == State.OPEN and row.due_at is not None:
        due = words.moment(row.due_at, now=now, zone=zone)
        late = is_overdue(row, now)
        lines.append(
            _("RevOps was to decide by {due}.").format(due=due)
            if late
            else _("RevOps decides by {due}.").format(due=due)
        )
    if row.ruled_by is not None and row.ruled_at is not None:
        told = f"{row.ruled_by}, {words.moment(row.ruled_at, now=now, zone=zone)}"
        lines.append(f"{told}: {row.ruling.note}" if row.ruling and row.ruling.note else told)
    return tuple(lines)


def tone(because: dict[str, Any], row: RejectionDispute | None, now: datetime) -> str:
    """How much the state of a rejection wants looking at."""
    if row is not None:
        return "late" if is_overdue(row, now) else TONES.get(State(row.state), "none")
    return "info" if _may_be_contested(because, now) else "none"


def _may_be_contested(because: dict[str, Any], now: datetime) -> bool:
    """Whether the facts contradict it, and there is time still."""
    until = because.get("disputable_until")
    is_open = until is not None and now <= datetime.fromisoformat(until)
    return is_open and bool(because.get("contestable"))


def act(rejection: LeadEvent, row: RejectionDispute | None, reader: User, now: datetime) -> str:
    """What its reader may do about a rejection; empty for nothing."""
    if row is None:
        may = permissions.disputes(reader) and disputes.is_disputable(rejection, now=now)
        return "dispute" if may else ""
    involved = reader.pk in (row.opened_by_id, rejection.by_id)
    may = permissions.rules_disputes(reader) and row.state == State.OPEN and not involved
    return "decide_dispute" if may else ""


def _disputed(event: LeadEvent, known: Known) -> Sentence:
    pieces = (known.who(event), Piece(_(" disputed the rejection; RevOps decides.")))
    return Sentence("flag", "warn", pieces, known.note(event))


def _ruled(event: LeadEvent, known: Known) -> Sentence:
    outcome = event.because.get("outcome")
    if outcome == State.OVERTAKEN:
        told = _("The dispute is over undecided, since the lead went on.")
        return Sentence("flag", "none", (Piece(told),))
    did = (
        _(" overturned the rejection.")
        if outcome == State.OVERTURNED
        else _(" upheld the rejection.")
    )
    if outcome == State.OVERTURNED and event.because.get("exclusion"):
        did += _(" The lead is an MQL again once no exclusion has it out.")
    tone = "ok" if outcome == State.OVERTURNED else "none"
    return Sentence("scale", tone, (known.who(event), Piece(did)), known.note(event))


TELLERS: dict[str, Callable[[LeadEvent, Known], Sentence]] = {
    EventKind.DISPUTED: _disputed,
    EventKind.RULED: _ruled,
}
