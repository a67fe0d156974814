"""What is due now: warnings, breaches, escalations. A sweep costs what is due, never what is open.

Leads are chosen with their lock, then their clocks re-read, so a sweep cannot deadlock against
people's actions, any number of workers share the work, and leads that somebody holds for long
hold up no others. What was missed is told lead by lead in the order in which it came.
"""

from __future__ import annotations

import datetime as dt
import heapq
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TypeAlias

from django.db import OperationalError, transaction
from django.db.models import F

from core import database, isolation, reading, work
from governance import selectors as kits
from governance.kit import Kit
from governance.terms import Level
from leads import present
from leads.ledger import Ledger
from leads.models import Lead, LeadEvent
from sla import at_once, due, following, moves, selectors, services
from sla.models import OPEN, Clock, ClockState

PARKED_FOR = dt.timedelta(minutes=1)
"""How long a clock on which a sweep fails is left alone at first; `/operations/` tells of it."""
PARKED_AT_MOST = dt.timedelta(hours=6)
LONGEST_WORD = 2_000

MANY = 50
"""From so many leads on, warnings and breaches are written in one statement."""
ONE_BY_ONE = 150
"""Of so many leads a pass does what that statement cannot; others get their turn in the next."""


@dataclass(frozen=True, slots=True)
class Swept:
    """How many leads one pass took up, clocks it warned about, found breached, let go on again or
    had follow their holder's hours, and how many levels it told.
    """

    leads: int = 0
    warned: int = 0
    breached: int = 0
    escalated: int = 0
    resumed: int = 0
    followed: int = 0

    @property
    def total(self) -> int:
        """Everything this pass did."""
        return self.warned + self.breached + self.escalated + self.resumed + self.followed

    def __add__(self, other: Swept) -> Swept:
        return Swept(
            self.leads + other.leads,
            self.warned + other.warned,
            self.breached + other.breached,
            self.escalated + other.escalated,
            self.resumed + other.resumed,
            self.followed + other.followed,
        )


@dataclass(frozen=True, slots=True)
class Come:
    """The level of an overdue clock has come that does something about its lead; its event."""

    clock: Clock
    lead: Lead
    level: Level
    event: LeadEvent


Running: TypeAlias = Mapping[int, list[Clock]]
"""By lead the open clocks, kept up to date."""
Act: TypeAlias = Callable[[Sequence[Come], Running, Ledger], int]
Resume: TypeAlias = Callable[[Clock, Lead, Ledger], None]
_acts: list[Act] = []
_resumes: list[Resume] = []


def register(act: Act) -> None:
    """Have the levels that act carried out by `act`; it returns how many further levels came.

    It is given locked leads whose clocks were read after that: whoever acted in time has ended
    theirs. Each level that is given to it has its event already. Registering it again changes
    nothing.
    """
    if act not in _acts:
        _acts.append(act)


def register_resume(resume: Resume) -> None:
    """Have pauses whose time is over ended by `resume`, which leaves the clock running.

    It is given a locked lead and the clock, read after that. Registering it again changes nothing.
    """
    if resume not in _resumes:
        _resumes.append(resume)


def warn_and_breach(*, now: dt.datetime | None = None, limit: int = 500) -> Swept:
    """One pass: up to `limit` leads with something due of each kind, in one transaction.

    `now` is the database clock, read anew once the leads are locked, unless given. Run it again
    until it takes up no lead. What fails is parked for a while with its error; the others go on.
    """
    first = due.first(now)
    if not first.has_come:
        return Swept()
    taken: list[int] = []
    try:
        return replace(_take(first.at, limit, taken, now), leads=len(taken))
    except OperationalError:
        raise
    except Exception as error:
        if not taken:
            raise
        done = isolation.apart(
            taken,
            lambda some: _again(some, now),
            error,
            park=lambda pk, why: _park(pk, why, now or database.now()),
        )
    return replace(sum(done, Swept()), leads=len(taken))


@transaction.atomic
def _take(at: dt.datetime, limit: int, taken: list[int], now: dt.datetime | None) -> Swept:
    """Whatever nobody else is at; `taken` has its leads even when this fails."""
    kit = kits.active_kit()
    taken += due.take(at, limit)
    return sum((_sweep(some, kit, then) for some, then in _by_present(taken, now)), Swept())


@transaction.atomic
def _again(ids: Sequence[int], now: dt.datetime | None) -> Swept:
    """The same of these leads, after they failed with others."""
    kit = kits.active_kit()
    rows = Lead.objects.filter(pk__in=ids).order_by("pk")
    held = list(rows.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True))
    done = (_one_by_one(some, kit, then) for some, then in _by_present(held, now))
    return sum(done, Swept())


def _by_present(
    ids: Sequence[int], now: dt.datetime | None
) -> Sequence[tuple[Sequence[int], dt.datetime]]:
    """The leads, which are locked, with the instant at which what is due of them is judged."""
    if not ids:
        return ()
    return present.apart(ids) if now is None else [(ids, now)]


def _sweep(ids: Sequence[int], kit: Kit, now: dt.datetime) -> Swept:
    """What is due of these leads, which are locked; of many what goes in one statement first."""
    if len(ids) < MANY:
        return _one_by_one(ids, kit, now)
    done = at_once.warn_and_breach(ids, kit, now)
    swept = Swept(warned=done.warned, breached=done.breached)
    return swept + _one_by_one(done.left[:ONE_BY_ONE], kit, now)


def _one_by_one(ids: Sequence[int], kit: Kit, now: dt.datetime) -> Swept:
    if not ids:
        return Swept()
    rows = reading.rows(Lead, "WHERE id = ANY(%s) ORDER BY id", list(ids))
    clocks = selectors.open_of(list(ids))
    reading.ask(rows, clocks)
    following.load(clocks.found)
    open_clocks: dict[int, list[Clock]] = {lead.pk: [] for lead in rows.found}
    for one in clocks.found:
        open_clocks[one.lead_id].append(one)
    ledger = Ledger(kit=kit, now=now, actor="sweep")
    coming: list[Come] = []
    swept = Swept(leads=len(ids))
    for lead in rows.found:
        swept += _catch_up(lead, open_clocks[lead.pk], coming, ledger)
    if coming:
        swept += Swept(escalated=sum(act(coming, open_clocks, ledger) for act in _acts))
    ledger.flush()
    return swept


class _Due(IntEnum):
    """What can come to a clock, in the order in which it comes at one instant."""

    RESUME = 0
    WARN = 1
    BREACH = 2
    ESCALATE = 3
    HOURS = 4


class ClockFault(Exception):
    """What is due of one clock cannot be done; the reason is this error's cause."""

    def __init__(self, clock_id: int) -> None:
        super().__init__(f"clock {clock_id}")
        self.clock_id = clock_id


def _catch_up(lead: Lead, clocks: Sequence[Clock], coming: list[Come], ledger: Ledger) -> Swept:
    """All that is due of a lead, instant by instant, as it would have come without an outage.

    A level that acts is told at its instant and added to `coming`; its clock stands still there.
    """
    counts: Counter[_Due] = Counter()
    agenda = [one for clock in clocks for one in _next(clock, ledger.now)]
    heapq.heapify(agenda)
    while agenda:
        _, what, _, clock = heapq.heappop(agenda)
        try:
            come = _do(what, clock, lead, ledger)
        except Exception as error:
            raise ClockFault(clock.pk) from error
        counts[what] += 1
        if come is not None:
            coming.append(come)
            continue
        for one in _next(clock, ledger.now):
            heapq.heappush(agenda, one)
    if counts[_Due.HOURS]:
        services.show_next_due(lead, list(clocks), ledger=ledger)
    kinds = (_Due.WARN, _Due.BREACH, _Due.ESCALATE, _Due.RESUME, _Due.HOURS)
    return Swept(0, *(counts[one] for one in kinds))


def _next(clock: Clock, at: dt.datetime) -> list[tuple[dt.datetime, _Due, int, Clock]]:
    """What comes to a clock next, by `at`; at most one thing."""
    if clock.state not in OPEN or (clock.parked_until is not None and clock.parked_until > at):
        return []
    coming = [_by_itself(clock, at), (clock.changes[0][0] if clock.changes else None, _Due.HOURS)]
    found = [(when, what, clock.pk, clock) for when, what in coming if when and when <= at]
    return sorted(found, key=lambda one: one[:2])[:1]


def _by_itself(clock: Clock, at: dt.datetime) -> tuple[dt.datetime | None, _Due]:
    """What comes to an open clock next, whatever becomes of its holder's hours."""
    what, when = _Due.ESCALATE, clock.escalate_at
    if clock.state == ClockState.PAUSED:
        what, when = _Due.RESUME, clock.resume_at if _resumes else None
    elif clock.breached_at is None and clock.warned_at is None and clock.warn_at <= at:
        what, when = _Due.WARN, clock.warn_at
    elif clock.breached_at is None:
        what, when = _Due.BREACH, clock.due_at if clock.due_at < at else None
    return when, what


def _do(what: _Due, clock: Clock, lead: Lead, ledger: Ledger) -> Come | None:
    """Do it; a level that has still to act is returned."""
    if what is _Due.ESCALATE:
        level = services.ready_level(clock, ledger)
        event = services.escalate(clock, lead, ledger=ledger)
        return Come(clock, lead, level, event) if level is not None and level.act else None
    if what is _Due.WARN:
        services.warn(clock, lead, ledger=ledger)
    elif what is _Due.HOURS:
        moves.follow_next(clock, lead, ledger=ledger)
    elif what is _Due.BREACH:
        services.breach(clock, lead, ledger=ledger)
    else:
        for resume in _resumes:
            resume(clock, lead, ledger)
    return None


def _park(lead_id: int, error: Exception, at: dt.datetime) -> None:
    """Leave the clock at fault alone for a while; where none is known, all of its lead.

    At first for a minute, then for two, four …; six hours at most.
    """
    rows = Clock.objects.filter(lead_id=lead_id, state__in=OPEN)
    if isinstance(error, ClockFault):
        rows = rows.filter(pk=error.clock_id)
        error = error.__cause__ if isinstance(error.__cause__, Exception) else error
    word = f"{type(error).__name__}: {error}".replace("\0", "")[:LONGEST_WORD]
    for pk, times in list(rows.values_list("pk", "parked_times")):
        wait = work.pause(times + 1, first=PARKED_FOR, factor=2, longest=PARKED_AT_MOST)
        rows.filter(pk=pk).update(
            parked_until=at + wait, parked_error=word, parked_times=F("parked_times") + 1
        )
