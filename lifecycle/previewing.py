"""The route a lead would take, found by the very functions that route. Written nowhere.

A touch goes the whole path of `pipeline` in memory; a lead that is there is routed as it stands.
All of it runs in a read-only transaction: no row is locked, no turn taken, no credit moved.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction

from core import phrases
from governance.kit import Kit
from leads import exclusion, qualification
from leads.ledger import Ledger
from leads.models import Lead
from leads.stages import CLOSED
from lifecycle import (
    exclusions,
    gathering,
    handoffs,
    intake,
    keepers,
    ownership,
    pipeline,
    quarantine,
    reconsidering,
    standings,
    turns,
)
from lifecycle.case import Case, criterion_facts
from lifecycle.dealing import FIRST, Given
from people import roles
from people.models import Role, User
from routing import records, rules
from routing.models import Decision, Pool

MOMENTS = (rules.INBOUND, rules.REENTRY, rules.HANDOFF)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked at: under which kit, at which instant, and at which moment of a lead's life.

    Without a `moment` it is that in which the lead is. `score` takes the place of the lead's own.
    """

    kit: Kit
    at: dt.datetime
    moment: str = ""
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What would become of the lead.

    `asked` says whether rules would be asked for it at all; if not, `why_not` says why, and the
    decision is the one that would be made if they were. `keeper` takes it past all rules. Without
    a decision none would be made.
    """

    wanted: Wanted
    lead: Lead
    moment: str
    asked: bool
    why_not: str = ""
    keeper: int | None = None
    holder: int | None = None
    """Who has it, and `queue` where it waits, before rules are asked."""
    queue: str = ""
    decision: Decision | None = None
    route_at: dt.datetime | None = None
    kept_for: int | None = None
    clocks: tuple[tuple[str, dt.datetime], ...] = ()
    score: float | None = None
    chance: int = 0
    """So many of a hundred leads the pool draws at random, by a number this one has not yet."""

    @property
    def is_stored(self) -> bool:
        """Whether the lead is there already."""
        return self.lead.pk > 0

    @property
    def is_routed(self) -> bool:
        """Whether the decision is what would happen: rules are asked, or a moment was chosen."""
        return self.decision is not None and (self.asked or bool(self.wanted.moment))

    @property
    def owner_id(self) -> int | None:
        """Who would have the lead in the end; None where nobody would."""
        if self.is_routed and self.decision is not None:
            return self.decision.picked_id
        return self.keeper or self.holder

    @property
    def waits_in(self) -> str:
        """The queue in which it would wait in the end; empty where it waits in none."""
        if self.is_routed and self.decision is not None:
            return "" if self.decision.picked_id else self.decision.pool
        return self.queue


def of_touch(body: object, *, scope: str, wanted: Wanted) -> Preview:
    """Of a touch as the capture API takes it, if it came at that instant; `scope` as there.

    Raises InvalidInput naming each fault, NoRule, UnknownPool.
    """
    touch = intake.unstored(body, scope=scope, now=wanted.at)
    with _reading_only():
        ledger = Ledger(kit=wanted.kit, now=wanted.at, actor="pipeline")
        batch = gathering.gather_unwritten(touch, kit=wanted.kit)
        stood = {case.lead.pk: _standing(case) for case in batch.cases}
        pipeline.judge(batch, ledger)
        quarantine.require_pools((case.lead for case in batch.cases), ledger=ledger)
        (case,) = batch.cases
        asked = reconsidering.needs_owner(case)
        handed = case.called and not stood[case.lead.pk] and case.lead.owner_id == case.keeper
        if handed and case.keeper is not None and not wanted.moment:
            why = "Its account is known: who keeps it gets the lead, whatever the rules say."
            keeper = case.lead.owner_id
            found = Preview(wanted, case.lead, "", asked=False, why_not=why, keeper=keeper)
            return dataclasses.replace(found, clocks=_clocks(case), score=_score(case))
        why_not = "" if asked else _why_not(case, stood[case.lead.pk], ledger)
        return _route(case, wanted, ledger, asked=asked, why_not=why_not)


def of_lead(lead: Lead, *, wanted: Wanted) -> Preview:
    """Of a lead that is there, if it was routed at that instant as it stands now.

    The lead is read anew. Raises NoRule, UnknownPool.
    """
    with _reading_only():
        ledger = Ledger(kit=wanted.kit, now=wanted.at, actor="pipeline")
        (case,) = gathering.open_cases([Lead.objects.get(pk=lead.pk)]).values()
        keepers.find([case])
        case.appraise(wanted.kit, wanted.at)
        asked = reconsidering.needs_owner(case) or bool(case.lead.queue)
        asked = asked and case.lead.quarantined_at is None and not _excluded(case, ledger)
        why_not = "" if asked else _why_not(case, _standing(case), ledger)
        return _route(case, wanted, ledger, asked=asked, why_not=why_not)


def _route(case: Case, wanted: Wanted, ledger: Ledger, *, asked: bool, why_not: str) -> Preview:
    if wanted.score is not None and case.score is not None:
        more = wanted.score - case.score.total
        case.score = dataclasses.replace(case.score, intent=case.score.intent + more)
    known, moment = rules.of_kit(wanted.kit), wanted.moment
    lead = case.lead
    found = Preview(
        wanted, lead, moment, asked=asked, why_not=why_not, score=_score(case),
        holder=lead.owner_id, queue=lead.queue,
    )  # fmt: skip
    if moment == rules.HANDOFF:
        if not rules.has(known, moment):
            why = (
                f"Kit v{wanted.kit.number} has no rules for hand-offs: whoever has a lead keeps it."
            )
            return dataclasses.replace(found, asked=False, why_not=why)
        why = _why_kept(case)
        found = dataclasses.replace(found, asked=not why, why_not=why)
    elif moment and not rules.has(known, moment):
        moment = rules.INBOUND
    again = FIRST
    if moment == rules.HANDOFF and case.lead.owner_id is not None and found.is_stored:
        again = ownership.again([case], why=handoffs.HANDED_ON)
    (given,) = ownership.route([case], ledger=ledger, again=again, moment=moment, locked=False)
    return dataclasses.replace(
        found,
        moment=given.asked.asking.moment,
        decision=_in_full(given, ledger),
        route_at=given.route_at,
        kept_for=given.kept_for,
        clocks=_clocks(case),
        chance=_chance(given, stored=found.is_stored),
    )


def _why_kept(case: Case) -> str:
    """Why a lead would not be handed off; empty where it would."""
    owner = case.lead.owner_id
    if owner is None:
        return "Nobody has it, so there is nobody to hand it on."
    if User.objects.filter(roles.playing(Role.AE), pk=owner).exists():
        return "An AE has it already, and keeps it."
    return ""


def _in_full(given: Given, ledger: Ledger) -> Decision:
    """The decision with all its candidates, whatever the size of the pool."""
    decision = given.as_decision(ledger)
    decision.candidates = records.candidates(decision)
    return decision


def _chance(given: Given, *, stored: bool) -> int:
    pool: Pool | None = given.counter.pools.get(given.match.pool)
    if stored or pool is None or not given.pick.considered:
        return 0
    return pool.random_percent


def _standing(case: Case) -> str:
    """Who has the lead, or where it waits, in words; empty where nobody answers for it."""
    lead = case.lead
    if lead.quarantined_at is not None:
        return ""
    if lead.owner_id is not None:
        return f"{User.objects.get(pk=lead.owner_id)} has it already, and keeps it."
    return f"It waits in the queue “{lead.queue}” already." if lead.queue else ""


def _why_not(case: Case, stood: str, ledger: Ledger) -> str:
    lead = case.lead
    if unwelcome := _unwelcome(case, ledger):
        return f"{unwelcome[:1].upper()}{unwelcome[1:]}: nothing follows from it."
    if lead.quarantined_at is not None:
        return f"Its record is below the quality floor: it waits for data in “{lead.queue}”."
    if stood:
        return stood
    if lead.stage in CLOSED:
        return "It is closed."
    missed = _missed(case, ledger)
    if missed:
        return f"It is no MQL: {phrases.listed(missed)} not met. Nobody is asked for it."
    return "Nobody has to answer for it as it stands."


def _unwelcome(case: Case, ledger: Ledger) -> str:
    """Why nothing follows for a lead: an exclusion, or how its company stands; else empty."""
    if excluded := _excluded(case, ledger):
        return f"the exclusion “{excluded}” holds"
    if case.account_status in turns.UNWANTED:
        return standings.WHY[case.account_status]
    return ""


def _excluded(case: Case, ledger: Ledger) -> str:
    """What the exclusion is called that keeps the lead out; empty where none does."""
    lead = case.lead
    if not lead.exclusion and not exclusion.may_catch(lead.stage, owned=lead.owner_id is not None):
        return ""
    holding = exclusions.holds(case, ledger)
    return holding[0].exclusion.label if holding else ""


def _missed(case: Case, ledger: Ledger) -> list[str]:
    """The criteria of an MQL that the lead does not meet."""
    if not turns.may_qualify(case.lead.stage):
        return []
    since = turns.fresh_since(case.lead.stage, case.lead.entered_stage_at)
    names = criterion_facts(ledger.kit)
    known = case.facts(ledger.kit, ledger.now, since=since, names=names)
    verdict = qualification.decide(ledger.kit, known)
    return [
        f"“{ledger.kit.criterion(one.criterion).label}”" for one in verdict.judged if not one.met
    ]


def _clocks(case: Case) -> tuple[tuple[str, dt.datetime], ...]:
    return tuple(
        sorted(((one.obligation, one.due_at) for one in case.clocks), key=lambda one: one[1])
    )


def _score(case: Case) -> float | None:
    return round(case.score.total, 1) if case.score is not None else None


@contextmanager
def _reading_only() -> Iterator[None]:
    """The database itself refuses whatever would be written or locked in here."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        yield
