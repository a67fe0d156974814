"""Levels of escalation that act: the lead goes to somebody else, since whoever has it did nothing.

The sweep hands over locked leads whose clocks it read after that: whoever acted in time has ended
theirs, and nothing happens. A level acts once for a clock. Where nobody it means can take the lead
the next level comes at once; behind the last one the lead waits in the queue of its pool, for whose
manager it is then. So it never has nobody. Fixed queries for any number of leads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from core import reading
from governance import selectors as kits
from governance.terms import Level
from leads.ledger import Ledger
from leads.models import Lead, LeadEvent
from lifecycle import dealing, gathering
from lifecycle.case import Case
from lifecycle.dealing import Again, Deal
from routing import escalation, named
from routing import selectors as routing_selectors
from routing.escalation import People, Person, Refused
from routing.matching import Tried
from routing.targets import Named, Standing
from sla import services as sla
from sla.models import ClockState
from sla.sweeps import Come, Running

ESCALATED = "escalated"
"""Why somebody holds a lead no more who did not act in time."""
QUARANTINED = "its data is too thin to go on"
MOVED = "another clock gave it to somebody at the same moment"
OFTEN = "it was given anew as often as the level says"
STAYS = "it stays with the manager who has it"


@dataclass(slots=True)
class _Round:
    """All leads of one sweep that are to go to somebody else."""

    cases: Mapping[int, Case]
    people: People
    deal: Deal
    again: Again
    ended: Mapping[tuple[int, str], int]
    """By lead and level how many legs it ended in this pass."""
    moved: set[int] = field(default_factory=set)


def act(comes: Sequence[Come], running: Running, ledger: Ledger) -> int:
    """Let each of these levels act, or the one behind it; returns how many came behind them.

    `running` are the open clocks of the locked leads, by lead.
    """
    leads = {come.lead.pk: come.lead for come in comes}
    cases = gathering.open_cases(list(leads.values()))
    for pk, case in cases.items():
        case.clocks = running[pk]
    one = _read(comes, cases, ledger)
    return sum(_walk(come, one, ledger) for come in comes)


def reason(level: str, policy: str) -> str:
    """Why a leg ended, as the log keeps it: “escalated: level X of clock Y”."""
    return f"{ESCALATED}: level {level} of clock {policy}"


def _read(comes: Sequence[Come], cases: Mapping[int, Case], ledger: Ledger) -> _Round:
    levels = [level for come in comes for level in _path(come, ledger)]
    people, ended, missed = _people(levels, comes, cases)
    pools = {level.pool for level in levels if level.pool}
    pools |= {case.held.pool for case in cases.values() if case.held is not None}
    pools |= {case.lead.queue for case in cases.values()}
    every = list(cases.values())
    again = Again(holders=routing_selectors.holders(cases), missed=missed)
    deal = dealing.begin(
        every, ledger=ledger, again=again, pools=pools - {""}, users=people.everybody()
    )
    return _Round(cases, people, deal, again, ended)


def _path(come: Come, ledger: Ledger) -> Sequence[Level]:
    pinned = come.clock.kit_id
    kit = ledger.kit if pinned == ledger.kit.id else kits.kit_of(pinned)
    return escalation.path(kit, come.level.key)


def _walk(come: Come, one: _Round, ledger: Ledger) -> int:
    """Level after level until one has placed the lead; returns how many came behind the first."""
    clock, lead = come.clock, come.lead
    level: Level | None = come.level
    event = come.event
    tried: list[Tried] = []
    count = 0
    while True:
        if level is not None and level.act:
            because = _held_back(come, one) or _try(level, come, one, event, tried)
            event.because |= {"act": level.act, **because}
            if because["acted"]:
                one.moved.add(lead.pk)
                sla.wait_after_act(clock, acted=level.key, ledger=ledger)
            if because["acted"] or not tried:
                return count
        if not sla.come_at_once(clock, ledger=ledger):
            event.because |= _last_resort(come, one, event, tried)
            return count
        level = sla.ready_level(clock, ledger)
        event = sla.escalate(clock, lead, ledger=ledger)
        count += 1


def _held_back(come: Come, one: _Round) -> dict[str, Any]:
    """Why no level may act on this lead now; empty when they may."""
    if come.lead.quarantined_at is not None:
        return {"acted": False, "why": QUARANTINED}
    # Another clock's level may have ended this one: it was the last holder's.
    gone = come.lead.pk in one.moved or come.clock.state != ClockState.RUNNING
    return {"acted": False, "why": MOVED} if gone else {}


def _try(
    level: Level, come: Come, one: _Round, event: LeadEvent, tried: list[Tried]
) -> dict[str, Any]:
    """Give the lead to whomever a level means; what came of it, for the log."""
    before = come.lead.owner_id
    again = _again(one, level.key, come)
    if level.act in escalation.OF_PEOPLE:
        _to_person(level, come, one, event, tried, again)
    elif level.act == escalation.GIVE_ANEW:
        often = one.ended.get((come.lead.pk, level.key), 0) >= level.times
        found = Refused(OFTEN) if often else one.deal.give_if_taken(come.lead.pk, again, event)
        tried.append(escalation.attempt(level, Standing(full=found.why), found.asked))
    else:
        _to_pool(level, come, one, event, tried, again)
    if not tried[-1].matched:
        return {"acted": False, "why": tried[-1].refused}
    return _outcome(come, before)


def _to_person(
    level: Level,
    come: Come,
    one: _Round,
    event: LeadEvent,
    tried: list[Tried],
    again: Again,
) -> None:
    for standing in _standings(level, come.lead, one):
        tried.append(escalation.attempt(level, standing))
        if tried[-1].matched:
            home = one.deal.home(come.lead.pk)
            match = escalation.match(level, standing, tried, home=home)
            one.deal.give_by(come.lead.pk, match, come.clock.kit_id, again, event)
            return


def _to_pool(
    level: Level,
    come: Come,
    one: _Round,
    event: LeadEvent,
    tried: list[Tried],
    again: Again,
) -> None:
    standing = Standing(pool=level.pool)
    found = Refused(escalation.NO_POOL)
    if level.pool in one.deal.counter.pools:
        seen = [*tried, escalation.attempt(level, standing)]
        match = escalation.match(level, standing, seen, home=level.pool)
        found = one.deal.give_by(come.lead.pk, match, come.clock.kit_id, again, event)
    tried.append(escalation.attempt(level, replace(standing, full=found.why), found.asked))


def _standings(level: Level, lead: Lead, one: _Round) -> Iterator[Standing]:
    """Whom a level means, one after the other, as they stand now; at least one."""
    passed = one.deal.passed(lead.pk, one.again)
    users = list(escalation.meant(level, lead.owner_id, lead.queue, one.people)) or [Named()]
    for meant in users:
        yield named.stand(meant, one.deal.counter, now=one.deal.ledger.now, without=passed)


def _last_resort(
    come: Come, one: _Round, event: LeadEvent, tried: Sequence[Tried]
) -> dict[str, Any]:
    """Nobody else could take it: it waits for people, and whoever keeps its pool answers.

    What a manager holds since a level gave it to them stays theirs: there is nobody behind them.
    """
    before = come.lead.owner_id
    holder = one.people.known.get(before or 0)
    if escalation.stays(holder, tried):
        return {"acted": False, "why": STAYS}
    match = escalation.last_resort(tried, home=one.deal.home(come.lead.pk))
    again = _again(one, "last_resort", come)
    one.deal.give_by(come.lead.pk, match, come.clock.kit_id, again, event)
    one.moved.add(come.lead.pk)
    return {**_outcome(come, before), "last_resort": True}


def _outcome(come: Come, before: int | None) -> dict[str, Any]:
    return {"acted": True, "from": before, "to": come.lead.owner_id, "queue": come.lead.queue}


def _again(one: _Round, level: str, come: Come) -> Again:
    """Why a leg ends: for its end reason, and in parts for who tells of it."""
    return one.again.because(
        reason(level, come.clock.policy),
        again=ESCALATED,
        level=level,
        policy=come.clock.policy,
        obligation=come.clock.obligation,
        clock_kit=come.clock.kit_id,
    )


def _people(
    levels: Sequence[Level], comes: Sequence[Come], cases: Mapping[int, Case]
) -> tuple[People, dict[tuple[int, str], int], dict[int, frozenset[int]]]:
    """Everybody the levels may mean, how often each has acted on these leads, and who did nothing:
    had one of the clocks when its deadline passed or a level came, or lost a lead in the stage it
    is in to a level. One message.
    """
    missed = reading.plain(_MISSED, [come.clock.pk for come in comes])
    ended = reading.plain(_ENDED, list(cases), f"{ESCALATED}: level %")
    people = behind(
        {case.lead.owner_id for case in cases.values() if case.lead.owner_id},
        {level.rep for level in levels} - {""},
        {case.lead.queue for case in cases.values()} - {""},
        ended,
        missed,
    )
    who: dict[int, set[int]] = {pk: set() for pk in cases}
    for lead_id, holder in missed.found:
        who[lead_id].add(holder)
    for lead_id, _, holder, here in ended.found:
        if here:
            who[lead_id].add(holder)
    # “escalated: level X of clock Y”: keys hold no blanks.
    often = Counter((lead, why.split()[2]) for lead, why, _, _ in ended.found)
    return people, often, {lead: frozenset(some) for lead, some in who.items()}


def behind(
    holders: Collection[int],
    reps: Collection[str],
    queues: Collection[str],
    *more: reading.Question[Any],
) -> People:
    """Holders, reps by user name, all their backups, who answers for pools; asked with `more`."""
    people = reading.plain(_LINE, sorted(holders), sorted(reps))
    pools = reading.plain(
        "SELECT key, manager_id FROM routing_pool WHERE key = ANY(%s)", sorted(queues)
    )
    reading.ask(people, pools, *more)
    known = {
        pk: Person(pk, f"{first} {last}".strip() or name, backup, manager, manages)
        for pk, name, first, last, backup, manager, manages in people.found
    }
    return People(known, {name: pk for pk, name, *_ in people.found}, dict(pools.found))


# Backups of backups, each once: who names each other ends the search.
_LINE = """
    WITH RECURSIVE line(id) AS (
        SELECT id FROM people_user WHERE id = ANY(%s) OR username = ANY(%s)
        UNION
        SELECT u.backup_id FROM people_user u JOIN line ON u.id = line.id
         WHERE u.backup_id IS NOT NULL)
    SELECT u.id, u.username, u.first_name, u.last_name, u.backup_id, t.manager_id,
           'MANAGER' = ANY(ARRAY[u.role] || u.further_roles)
      FROM people_user u JOIN line USING (id) LEFT JOIN people_team t ON t.id = u.team_id
"""
_MISSED = """
    SELECT c.lead_id, n.holder_id FROM sla_clockevent n JOIN sla_clock c ON c.id = n.clock_id
     WHERE n.clock_id = ANY(%s) AND n.kind IN ('BREACHED', 'ESCALATED') AND n.holder_id IS NOT NULL
"""
_ENDED = """
    SELECT a.lead_id, a.end_reason, a.user_id, a.ended_at >= l.entered_stage_at
      FROM routing_assignment a
      JOIN leads_lead l ON l.id = a.lead_id
      JOIN leads_leadevent e ON e.id = a.started_by_event_id AND e.cycle = l.cycle
     WHERE a.lead_id = ANY(%s) AND a.end_reason LIKE %s
"""
