"""Words for what moved a clock's deadline, and for clocks that were counted anew."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo

from core.texts import _, lazy
from leads.models import EventKind
from sla import segments
from sla.models import ClockEvent
from web.console import words

MOVES = {
    "HANDED": ", what is left being due in the hours of {who}",
    "HOURS": ", since {who}'s working hours or leave changed",
    "LEAVE": ", since {who}'s leave changed",
}
ANEW = (
    "Recalculated under version {kit} of the kit: it counts from its start as if that had begun it,"
    " each period by the hours that held then"
)
REPLACED = lazy("Recalculated; another clock runs in its place")


def is_anew(note: ClockEvent) -> bool:
    """Whether a note is of a recalculation; its event is read beforehand."""
    return note.event.kind == EventKind.RECALCULATED


def anew(notes: Iterable[ClockEvent], kit: int) -> tuple[datetime, str] | None:
    """When a clock with these notes took the place of another, and what it counts since then."""
    for note in notes:
        if note.kind == segments.STARTED and is_anew(note):
            return note.recorded_at, ANEW.format(kit=kit)
    return None


def moved(
    note: ClockEvent, notes: Sequence[ClockEvent], holder: str, *, now: datetime, zone: tzinfo
) -> str:
    """From when to when a deadline moved, and why; `notes` are all of its clock as written."""
    due = (
        _("; due {due_at}").format(due_at=words.moment(note.due_at, now=now, zone=zone))
        if note.due_at
        else ""
    )
    if is_anew(note):
        before = _before(note, notes)
        is_other = before is None or before.holder_id != note.holder_id
        hours = (
            _("the hours of {holder}").format(holder=holder)
            if note.holder_id
            else _("the calendar's hours")
        )
        text = (
            _("What was left counted in {hours}").format(hours=hours)
            if is_other
            else _("{holder}'s hours changed").format(holder=holder)
        )
        return text if before is not None and before.due_at == note.due_at else text + due
    said = note.event.because
    why = MOVES.get(str(said.get("cause")), "").format(who=holder)
    if note.event.kind != EventKind.MOVED or said.get("was") == said.get("due_at"):
        return _("The deadline stayed{why}{due}").format(why=why, due=due)
    if "was" not in said or note.due_at is None:
        return _("The deadline moved{why}{due}").format(why=why, due=due)
    was = words.moment(datetime.fromisoformat(said["was"]), now=now, zone=zone)
    becomes = words.moment(note.due_at, now=now, zone=zone)
    return _("The deadline moved from {was} to {becomes}{why}").format(
        was=was, becomes=becomes, why=why
    )


def _before(note: ClockEvent, notes: Sequence[ClockEvent]) -> ClockEvent | None:
    """The note before it that says what counts."""
    earlier = [one for one in notes if one.kind in segments.DUE_BEARING and one.pk < note.pk]
    return earlier[-1] if earlier else None
