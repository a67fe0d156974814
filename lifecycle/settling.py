"""Which notices ask for nothing any more, as a mail is made of them.

Alone, a breach stays worth telling when it was seen to meanwhile; in a digest it does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lifecycle import handed_together
from lifecycle.handed_together import Together
from lifecycle.models import Notice
from sla.models import OPEN, Clock, ClockEvent

Kind = Notice.Kind
GRAVITY = (Kind.ASSIGNED, Kind.WARNED, Kind.BREACHED, Kind.ESCALATED)
BY_THE_CLOCK = (Kind.WARNED, Kind.BREACHED, Kind.ESCALATED)


@dataclass(frozen=True, slots=True)
class Standing:
    """A notice about a lead, and how things stand now."""

    notice: int
    kind: Notice.Kind
    part: str
    lead: int
    clock: int | None = None
    running: bool = False
    breached: bool = False
    moved: bool = False
    """By the level it tells of the lead went to somebody else: that is news in any case."""
    still_theirs: bool = False


def moot(standings: Sequence[Standing], *, digest: bool) -> set[int]:
    """The notices of these that need not be mailed any more. Pure."""
    settled = {one.notice for one in standings if _is_settled(one, digest=digest)}
    if not digest:
        return settled
    left = [one for one in standings if one.notice not in settled]
    return settled | {one.notice for one in left if _is_outdone(one, left)}


def _is_settled(one: Standing, *, digest: bool) -> bool:
    if one.kind is Kind.ASSIGNED:
        return not one.still_theirs
    if one.moved:
        return False
    if one.kind is Kind.WARNED and one.breached:
        return True
    return not one.running and (digest or one.kind is not Kind.BREACHED)


def _is_outdone(one: Standing, others: Sequence[Standing]) -> bool:
    """Whether a graver notice to the same person tells of the same thing."""
    of_clock = one.kind in BY_THE_CLOCK
    return any(
        GRAVITY.index(other.kind) > GRAVITY.index(one.kind)
        and other.lead == one.lead
        and (other.clock == one.clock if of_clock else other.part == one.part)
        for other in others
    )


def standings(notices: Sequence[Notice]) -> list[Standing]:
    """How things stand with those of these that are about leads, in three queries at most.

    The leads are read already.
    """
    about = [one for one in notices if one.lead is not None]
    events = [one.event_id for one in about if one.kind in BY_THE_CLOCK]
    told = ClockEvent.objects.filter(event__in=events, kind__in=BY_THE_CLOCK)
    clocks: dict[int, Clock] = {
        row.event_id: row.clock for row in (told.select_related("clock") if events else ())
    }
    handed = handed_together.of(about)
    return [_standing(one, clocks.get(one.event_id or 0), handed.get(one.pk)) for one in about]


def _standing(one: Notice, clock: Clock | None, handed: Together | None) -> Standing:
    if handed is not None:  # of none of these leads alone: nothing told of one outdoes it
        part = str(one.words.get("part", ""))
        theirs = handed.still > 0
        return Standing(one.pk, Kind.ASSIGNED, part, -one.pk, still_theirs=theirs)
    return Standing(
        notice=one.pk,
        kind=Kind(one.kind),
        part=str(one.words.get("part", "")),
        lead=one.lead_id or 0,
        clock=clock.pk if clock is not None else None,
        running=clock is None or clock.state in OPEN,
        breached=clock is not None and clock.breached_at is not None,
        moved=bool(one.words.get("moved")),
        still_theirs=one.lead is not None and one.lead.owner_id == one.to_id,
    )
