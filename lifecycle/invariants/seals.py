"""What was sealed is as it was, and the seals hang together."""

from __future__ import annotations

from collections.abc import Iterable

from leads.models import SealedRows
from lifecycle.invariants.invariant import Context, Found, Invariant, Look, Offence, Severity, tell
from lifecycle.sealing import checking


def _days(found: Iterable[tuple[str, str]], first: int) -> Found:
    return tell((Offence(day, what) for day, what in found), first=first)


def _chain(context: Context) -> Found:
    return _days(checking.chain(checking.newest(context.seals)), context.first)


def _in_time(context: Context) -> Found:
    return _days(checking.missing(context.now), context.first)


def _rows(kind: SealedRows, *, added: bool) -> Look:
    look = checking.added if added else checking.edited

    def found(context: Context) -> Found:
        faults = look(checking.newest(context.seals), kind)
        return tell((Offence(str(one.id), one.what) for one in faults), first=context.first)

    return found


INVARIANTS = (
    Invariant("seal.chained", "Each day's seal is whole and chained to the day before", _chain),
    Invariant(
        "event.as_sealed",
        "Events of sealed days are as they were, but for erasures and undone imports",
        _rows(SealedRows.EVENT, added=False),
    ),
    Invariant(
        "event.dated_truly",
        "No event bears a day that had been sealed without it",
        _rows(SealedRows.EVENT, added=True),
    ),
    Invariant(
        "clock_event.as_sealed",
        "Clock events of sealed days are as they were, but for undone imports",
        _rows(SealedRows.CLOCK, added=False),
    ),
    Invariant(
        "clock_event.dated_truly",
        "No clock event bears a day that had been sealed without it",
        _rows(SealedRows.CLOCK, added=True),
    ),
    Invariant(
        "sealed_away.as_sealed",
        "Records of what went from sealed days are as they were",
        _rows(SealedRows.AWAY, added=False),
    ),
    Invariant(
        "sealed_away.dated_truly",
        "No record of what went bears a day that had been sealed without it",
        _rows(SealedRows.AWAY, added=True),
    ),
    Invariant("seal.in_time", "Every day that is over is sealed", _in_time, Severity.WARNING),
)
