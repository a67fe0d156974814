"""Levels of escalation that act: the lead goes to somebody else, since whoever has it did nothing.

The sweep hands over locked leads whose clocks it read after that: whoever acted in time has ended
theirs, and nothing happens. A level acts once for a clock. Where nobody it means can take the lead
the next level comes at once; behind the last one the lead waits in the queue of its pool, for whose
manager it is then. So it never has nobody. Fixed queries for any number of leads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
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
from people.models import Role
from routing import escalation, named
from routing import selectors as routing_selectors
from routing.escalation import MANAGER
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


@dataclass(frozen=True, slots=True)
class _Person:
    """What levels need to know of somebody."""

    id: int
    name: str
    backup: int | None
    manager: int | None
    leads: bool


@dataclass(frozen=True, slots=True)
class _People:
    """Holders, whoever stands behind them, and who answers for pools."""

    known: Mapping[int, _Person]
    by_name: Mapping[str, int]
    of_pool: Mapping[str, int | None]

    def everybody(self) -> set[int]:
        """Whoever may be given a lead."""
        managers = {one.manager for one in self.known.values()} | set(self.of_pool.values())
        return self.known.keys() | {one for one in managers if one is not None}


@dataclass(slots=True)
class _Round:
    """All leads of one sweep that are to go to somebody else."""

    cases: Mapping[int, Case]
    people: _People
    deal: Deal
    again: Again
    ended: Mapping[tuple[int, str], int]
    """By lead and level how many legs it ended in this pass."""
    moved: set[int] = field(default_factory=set)


def act(comes: Sequence[Come], running: Running, ledger: Ledger) -> int:
    """Let each of these levels act, or the one behind it; returns how many levels came.

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
    people, ended = _people(levels, cases)
    pools = {level.pool for level in levels if level.pool}
    pools |= {case.held.pool for case in cases.values() if case.held is not None}
    pools |= {case.lead.queue for case in cases.values()}
    every = list(cases.values())
    again = Again(holders=routing_selectors.holders(cases))
    deal = dealing.begin(
        every, ledger=ledger, again=again, pools=pools - {""}, users=people.everybody()
    )
    return _Round(cases, people, deal, again, ended)


def _path(come: Come, ledger: Ledger) -> Sequence[Level]:
    pinned = come.clock.kit_id
    kit = ledger.kit if pinned == ledger.kit.id else kits.kit_of(pinned)
    return escalation.path(kit, come.clock.escalation)


def _walk(come: Come, one: _Round, ledger: Ledger) -> int:
    """Level after level until one has placed the lead; returns how many came."""
    clock, lead = come.clock, come.lead
    tried: list[Tried] = []
    count = 0
    # Another clock's level may have ended this one: it was the last holder's.
    while clock.state == ClockState.RUNNING:
        level = sla.ready_level(clock, ledger)
        event = sla.escalate(clock, lead, ledger=ledger)
        count += 1
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
    return count


def _held_back(come: Come, one: _Round) -> dict[str, Any]:
    """Why no level may act on this lead now; empty when they may."""
    if come.lead.quarantined_at is not None:
        return {"acted": False, "why": QUARANTINED}
    return {"acted": False, "why": MOVED} if come.lead.pk in one.moved else {}


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
        why = OFTEN if often else one.deal.give_if_taken(come.lead.pk, again, event)
        tried.append(escalation.attempt(level, Standing(full=why)))
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
    why = escalation.NO_POOL
    if level.pool in one.deal.counter.pools:
        seen = [*tried, escalation.attempt(level, standing)]
        match = escalation.match(level, standing, seen, home=level.pool)
        why = one.deal.give_by(come.lead.pk, match, come.clock.kit_id, again, event)
    tried.append(escalation.attempt(level, replace(standing, full=why)))


def _standings(level: Level, lead: Lead, one: _Round) -> Iterator[Standing]:
    """Whom a level means, one after the other, as they stand now; at least one."""
    passed = one.deal.passed(lead.pk, one.again)
    users = list(_meant(level, lead, one.people)) or [Named()]
    for meant in users:
        yield named.stand(meant, one.deal.counter, now=one.deal.ledger.now, without=passed)


def _meant(level: Level, lead: Lead, people: _People) -> Iterator[Named]:
    holder = people.known.get(lead.owner_id or 0)
    if level.act == escalation.MANAGER:
        user = holder.manager if holder is not None else people.of_pool.get(lead.queue)
        if user is not None:
            yield Named(user, holder.name if holder is not None else "")
        return
    user, by = (holder.backup, holder.name) if holder is not None else (None, "")
    if level.rep:
        user, by = people.by_name.get(level.rep), ""
    seen = {lead.owner_id}
    while user is not None and user not in seen:
        seen.add(user)
        yield Named(user, by)
        one = people.known[user]
        user, by = one.backup, one.name


def _last_resort(
    come: Come, one: _Round, event: LeadEvent, tried: Sequence[Tried]
) -> dict[str, Any]:
    """Nobody else could take it: it waits for people, and whoever keeps its pool answers.

    What a manager holds since a level gave it to them stays theirs: there is nobody behind them.
    """
    before = come.lead.owner_id
    holder = one.people.known.get(before or 0)
    if holder is not None and holder.leads and any(each.target == MANAGER for each in tried):
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
    levels: Sequence[Level], cases: Mapping[int, Case]
) -> tuple[_People, dict[tuple[int, str], int]]:
    """Everybody the levels may mean, and how often each has acted on these leads. One message."""
    holders = sorted({case.lead.owner_id for case in cases.values() if case.lead.owner_id})
    people = reading.plain(_LINE, holders, sorted({level.rep for level in levels} - {""}))
    queues = sorted({case.lead.queue for case in cases.values()} - {""})
    pools = reading.plain("SELECT key, manager_id FROM routing_pool WHERE key = ANY(%s)", queues)
    ended = reading.plain(_ENDED, list(cases), f"{ESCALATED}: level %")
    reading.ask(people, pools, ended)
    known = {
        pk: _Person(pk, f"{first} {last}".strip() or name, backup, manager, role == Role.MANAGER)
        for pk, name, first, last, backup, manager, role in people.found
    }
    by_name = {user_name: pk for pk, user_name, *_ in people.found}
    # “escalated: level X of clock Y”: keys hold no blanks.
    counts = Counter((lead, why.split()[2]) for lead, why in ended.found)
    return _People(known, by_name, dict(pools.found)), counts


# Backups of backups, each once: who names each other ends the search.
_LINE = """
    WITH RECURSIVE line(id) AS (
        SELECT id FROM people_user WHERE id = ANY(%s) OR username = ANY(%s)
        UNION
        SELECT u.backup_id FROM people_user u JOIN line ON u.id = line.id
         WHERE u.backup_id IS NOT NULL)
    SELECT u.id, u.username, u.first_name, u.last_name, u.backup_id, t.manager_id,
           u.role
      FROM people_user u JOIN line USING (id) LEFT JOIN people_team t ON t.id = u.team_id
"""
_ENDED = """
    SELECT a.lead_id, a.end_reason FROM routing_assignment a
      JOIN leads_lead l ON l.id = a.lead_id
      JOIN leads_leadevent e ON e.id = a.started_by_event_id AND e.cycle = l.cycle
     WHERE a.lead_id = ANY(%s) AND a.end_reason LIKE %s
"""
