"""What an act did to clocks is taken back: those it ended run on, those it started end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from leads.ledger import Ledger
from leads.models import LeadEvent
from lifecycle.case import Case
from sla import services as sla
from sla import successors
from sla.clock import Fate
from sla.models import Clock, ClockEvent

UNDO = "undo"


def undo(
    case: Case,
    notes: Iterable[ClockEvent],
    *,
    ledger: Ledger,
    event: LeadEvent,
    past: Mapping[int, Sequence[ClockEvent]] | None = None,
) -> None:
    """Take back what these notes tell, in their order; `event` is that of the undoing.

    Whoever owns the lead by now holds its clocks again: from the same start to the same deadline,
    with what had become of them; one that began and ended in the act counts no more. A deadline
    that has passed meanwhile has passed. `past` are all notes of their clocks, where they were read
    for many leads at once.
    """
    notes = list(notes)
    running = {clock.pk: clock for clock in case.clocks}
    began = {note.clock_id for note in notes if note.kind == ClockEvent.Kind.STARTED}
    ended: list[Clock] = []
    for note in notes:
        if note.kind == ClockEvent.Kind.STARTED and note.clock_id in running:
            clock = running[note.clock_id]
            proof = sla.Evidence(UNDO, ledger.now, by_id=ledger.by_id)
            sla.end(clock, Fate.CANCELLED, proof, ledger=ledger, event=event, lead=case.lead)
            case.clocks.remove(clock)
        if note.kind not in (ClockEvent.Kind.STOPPED, ClockEvent.Kind.CANCELLED):
            continue
        if note.clock_id in began:
            successors.forget(note.clock, ledger=ledger, event=event)
        else:
            ended.append(note.clock)
    for clock in ended:
        known = past.get(clock.pk, ()) if past is not None else None
        again = successors.resume(clock, case.lead, ledger=ledger, event=event, past=known)
        case.clocks.append(again)
    sla.hand_over(case.lead, case.clocks, ledger=ledger, event=event)
    sla.show_next_due(case.lead, case.clocks, ledger=ledger)
