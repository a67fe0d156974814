"""Giving leads their owner, or a queue to wait in, with the clocks that hang on it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from governance import facts
from governance.moments import Moment
from leads.ledger import Ledger
from leads.models import AccountStatus, LeadEvent
from leads.stages import Stage
from lifecycle import quarantine, routing_moments
from lifecycle.case import Case
from routing import desk, matching, named, rules
from routing import selectors as routing_selectors
from routing import services as routing
from routing.desk import Desk
from routing.matching import Fit, Match
from routing.models import Decision, Pool
from routing.named import Asking, Meant
from routing.strategies import Pick
from routing.territories import Place
from sla import services as sla

INBOUND = rules.INBOUND
KNOWN_ACCOUNT = "known account"
"""Why a lead is handed to who keeps its account."""
FOR_PEOPLE = "kept in the queue for people to claim"


@dataclasses.dataclass(frozen=True, slots=True)
class _Asked:
    """One lead that needs an owner: its facts, and the rules that fit them."""

    case: Case
    known: dict[str, object]
    fitted: Fit
    asking: Asking


@dataclasses.dataclass(frozen=True, slots=True)
class Again:
    """A lead is given anew: why the one who has it holds it no more, and who held it before."""

    why: str = ""
    holders: Mapping[int, Sequence[int]] = dataclasses.field(default_factory=dict)
    """By lead, whoever had it last first; the pool says how many of them are passed over."""
    told: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """What else the log is to say of it."""

    @property
    def last(self) -> int | None:
        """Whoever has the one lead that is asked about; None where there are several."""
        found = [some[0] for some in self.holders.values()]
        return found[0] if len(found) == 1 else None

    def passed(self, lead_id: int, pool: Pool) -> Sequence[int]:
        """Whom to leave out: at least whoever has just had it."""
        return self.holders.get(lead_id, ())[: max(1, pool.skips_holders)]


FIRST = Again()


@dataclasses.dataclass(frozen=True, slots=True)
class Given:
    """Where one lead goes, and by what; `route_at` and `kept_for` are those of who waits.

    Without a decision it waits on, as it did before.
    """

    asked: _Asked
    match: Match
    pick: Pick
    counter: Desk
    decision: Decision | None = None
    route_at: dt.datetime | None = None
    kept_for: int | None = None

    def as_decision(self, ledger: Ledger) -> Decision:
        """The record of it, made now where there is none."""
        return self.decision or _record(self.asked, self.match, self.pick, self.counter, ledger)


def again(cases: Sequence[Case], *, why: str, **told: Any) -> Again:
    """These locked leads are to be given anew. One query."""
    return Again(why, routing_selectors.holders(case.lead.pk for case in cases), told)


def route(
    cases: Sequence[Case],
    *,
    ledger: Ledger,
    again: Again = FIRST,
    moment: str = "",
    cause: LeadEvent | None = None,
    locked: bool = True,
) -> list[Given]:
    """Find an owner for each of these locked leads, in order; who finds none waits in the pool.

    A fixed number of queries for all of them together. `again` says who had them, `moment` the
    one whose rules are tried, where the leads themselves do not say. Not `locked`, it tells where
    they would go: the ledger may not be written.
    """
    if not cases:
        return []
    moments = {} if moment else routing_moments.of(cases, ledger.kit)
    asked = [_ask(case, moment or moments[case.lead.pk], ledger) for case in cases]
    meaning = [one.asking for one in asked if any(rule.means_people for rule in one.asking.rules)]
    meant = named.read(meaning, now=ledger.now, without=again.last) if meaning else named.NOTHING
    people = meant.all_of(meaning)
    pools = {rule.pool for one in asked for rule in one.asking.rules}
    counter = desk.open_for(
        pools | {one.pool for one in people if one.pool},
        now=ledger.now,
        users={one.user for one in people if one.user is not None},
        locked=locked,
    )
    given = []
    for one in asked:
        match = _settle(one, meant, counter, ledger, again.last)
        given.append(_give(one, match, counter, ledger, again, cause))
        if one.case.lead.owner_id is not None:
            meant.note(one.asking, one.case.lead.owner_id)
    return given


def _ask(case: Case, moment: str, ledger: Ledger) -> _Asked:
    """Try the rules on a lead's facts alone."""
    known = case.facts(ledger.kit, ledger.now)
    fitted = matching.fit(rules.of_kit(ledger.kit), known, moment=moment)
    account = case.buyer.account
    asking = Asking(
        case.lead.pk,
        case.lead.person_id,
        moment,
        fitted.fitting,
        account=case.lead.account_id,
        account_owner=account.owner_id if account is not None else None,
        is_partner=case.account_status == AccountStatus.PARTNER,
        place=_place(case),
    )
    return _Asked(case, known, fitted, asking)


def _place(case: Case) -> Place:
    """Where the company is; of who has none, the country of the person."""
    account, person = case.buyer.account, case.buyer.person
    if account is None or not account.country:
        return Place(person.country)
    return Place(account.country, account.region, account.postal_code)


def _settle(one: _Asked, meant: Meant, counter: Desk, ledger: Ledger, without: int | None) -> Match:
    people = {
        rule.key: named.stand(meant.of(one.asking, rule), counter, now=ledger.now, without=without)
        for rule in one.asking.rules
        if rule.means_people
    }
    return matching.settle(one.fitted, people, now=ledger.now)


def hand_to(
    case: Case,
    user_id: int,
    *,
    ledger: Ledger,
    why: str,
    note: int | None = None,
    cause: LeadEvent | None = None,
    told: Mapping[str, Any] | None = None,
) -> LeadEvent:
    """A person gives the lead to a rep (or takes it): recorded with the reason they gave."""
    if case.lead.quarantined_at is not None:
        quarantine.leave(case, ledger=ledger, why=why, cause=cause)
    first = case.lead.owner_id is None
    routed = routing.assign(
        case.lead,
        user_id,
        ledger=ledger,
        held=case.held,
        because={"why": why, "note": note, **(told or {})},
        cause=cause,
        ending=why,
    )
    case.held = routed.assignment
    # First what the hand-over itself ends: it was never the new owner's.
    case.happen(Moment.ASSIGNED if first else Moment.REASSIGNED, routed.event, ledger=ledger)
    sla.hand_over(case.lead, case.clocks, ledger=ledger)
    return routed.event


def give_to_keeper(
    case: Case, user_id: int, *, ledger: Ledger, cause: LeadEvent | None = None
) -> LeadEvent:
    """Hand a lead of a known account to who keeps the account, whatever their load.

    Only an MQL is owed what follows an assignment; the others are owed the answer itself.
    """
    routed = routing.assign(
        case.lead,
        user_id,
        ledger=ledger,
        held=case.held,
        because={"why": KNOWN_ACCOUNT, "account": case.lead.account_id},
        cause=cause,
    )
    case.held = routed.assignment
    if case.lead.stage == Stage.MQL:
        case.happen(Moment.ASSIGNED, routed.event, ledger=ledger)
    sla.hand_over(case.lead, case.clocks, ledger=ledger)
    return routed.event


def let_go(case: Case, *, ledger: Ledger, why: str, cause: LeadEvent) -> None:
    """The lead rests or is closed: nobody holds it, no request is open, nothing is owed."""
    if case.lead.quarantined_at is not None:
        quarantine.note_left(case.lead, ledger=ledger, why=why, cause=cause)
    sla.cancel_all(case.lead, case.clocks, ledger=ledger, event=cause, why=why)
    routing.release(case.lead, ledger=ledger, held=case.held, why=why, cause=cause)
    case.held = None
    if case.lead.hand_raised_at is not None:
        case.lead.hand_raised_at = None
        ledger.change(case.lead, "hand_raised_at")


def _give(
    one: _Asked,
    match: Match,
    counter: Desk,
    ledger: Ledger,
    again: Again,
    cause: LeadEvent | None,
) -> Given:
    if match.pool not in counter.pools:
        raise routing.UnknownPool(
            f"Rule “{match.label}” names the pool “{match.pool}”, which is not there."
        )
    case = one.case
    passed = again.passed(case.lead.pk, counter.pools[match.pool])
    pick, route_at, kept_for = _picked(one, match, counter, ledger, passed)
    if pick.user is None and case.lead.queue == match.pool:
        case.lead.route_at, case.lead.kept_for_id = route_at, kept_for
        ledger.change(case.lead, "route_at", "kept_for")
        return Given(one, match, pick, counter, None, route_at, kept_for)
    decision = _record(one, match, pick, counter, ledger)
    given = Given(one, match, pick, counter, decision, route_at, kept_for)
    because = {**_because(one, match, pick), **again.told}
    first = case.lead.owner_id is None
    if pick.user is None:
        routing.enqueue(
            case.lead,
            match.pool,
            route_at=route_at,
            kept_for=kept_for,
            ledger=ledger,
            held=case.held,
            decision=decision,
            because=because,
            cause=cause,
            ending=again.why,
        )
        case.held = None
        sla.hand_over(case.lead, case.clocks, ledger=ledger)
        return given
    routed = routing.assign(
        case.lead,
        pick.user,
        ledger=ledger,
        pool=match.pool,
        decision=decision,
        held=case.held,
        because=because,
        cause=cause,
        ending=again.why,
    )
    case.held, case.owner_name = routed.assignment, counter.names[pick.user]
    moment = Moment.ASSIGNED if first else Moment.REASSIGNED
    # Who has it is no fact: what routing knew of the lead still holds.
    case.happen(moment, routed.event, ledger=ledger, known=one.known)
    sla.hand_over(case.lead, case.clocks, ledger=ledger)
    return given


def _record(one: _Asked, match: Match, pick: Pick, counter: Desk, ledger: Ledger) -> Decision:
    by_pool = match.user is None and match.target != rules.QUEUE
    return routing.record_decision(
        one.case.lead,
        match,
        pick,
        facts=facts.registry.to_document(one.known),
        snapshot=counter.snapshot(match.pool, ledger=ledger) if by_pool else None,
        ledger=ledger,
        moment=one.asking.moment,
    )


def _because(one: _Asked, match: Match, pick: Pick) -> dict[str, object]:
    """For the event: the rule, whom it meant, and the moment where it is a hand-off."""
    because: dict[str, object] = {"rule": match.rule, "pool": match.pool, "why": pick.because}
    if match.user is not None:
        because["target"] = match.target
    if one.asking.moment == rules.HANDOFF:
        because["moment"] = rules.HANDOFF
    return because


def _picked(
    one: _Asked, match: Match, counter: Desk, ledger: Ledger, passed: Sequence[int]
) -> tuple[Pick, dt.datetime | None, int | None]:
    """Whom the rule itself gives the lead, or who of its pool gets it, or nobody from a queue.

    If nobody: when it is looked at again and for whom it is kept.
    """
    lead = one.case.lead
    if match.user is not None:
        counter.book(match.user)
        return Pick(match.user, match.because, ()), None, None
    if match.target == rules.QUEUE:
        return Pick(None, FOR_PEOPLE, ()), None, None
    kept_for = lead.kept_for_id if lead.queue == match.pool else None
    pick = counter.pick(
        match.pool,
        ledger=ledger,
        lead_id=lead.pk,
        known=one.known,
        without=passed,
        kept_for=kept_for,
    )
    if pick.user is not None:
        return pick, None, None
    route_at, owed_to = counter.wait(match.pool, was=kept_for)
    if owed_to is not None:
        told = f"nobody works now: kept for {counter.names[owed_to]} until they start"
        pick = dataclasses.replace(pick, because=told)
    return pick, route_at, owed_to
