"""Finding owners for leads, by the kit's rules or by levels of escalation, from one desk."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from governance import facts
from governance.moments import Moment
from leads import partner_naming
from leads.ledger import Ledger
from leads.models import AccountStatus, Lead, LeadEvent
from lifecycle import partner_meant, routing_moments
from lifecycle.case import Case
from routing import desk, escalation, matching, named, passing, rules, strategies
from routing import services as routing
from routing.asked_pool import AskedPool
from routing.desk import Desk
from routing.escalation import Refused
from routing.matching import Fit, Match
from routing.models import Decision, Pool
from routing.named import Asking, Meant
from routing.strategies import Pick
from sla import services as sla

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
    returning: Sequence[Decision] = ()
    """Whose turns are given back first: under the same locks, so that these keep their order."""
    counting: Sequence[Decision] = ()
    """Whose turns count after all, under the same locks."""
    missed: Mapping[int, frozenset[int]] = dataclasses.field(default_factory=dict)
    """By lead, who had it in this stage and missed a deadline: never theirs again."""

    @property
    def last(self) -> int | None:
        """Whoever has the one lead that is asked about; None where there are several."""
        found = [some[0] for some in self.holders.values()]
        return found[0] if len(found) == 1 else None

    def because(self, why: str, **told: Any) -> Again:
        """The same of other words, for one lead of several."""
        return dataclasses.replace(self, why=why, told=told)

    def passed(self, lead_id: int, pool: Pool) -> Sequence[int]:
        """Whom to leave out: at least whoever has just had it."""
        return self.holders.get(lead_id, ())[: max(1, pool.skips_holders)]


FIRST = Again()


def begin(
    cases: Sequence[Case],
    *,
    ledger: Ledger,
    again: Again = FIRST,
    moment: str = "",
    pools: Iterable[str] = (),
    users: Iterable[int] = (),
    locked: bool = True,
) -> Deal:
    """Read what is needed to find owners for these locked leads: rules, people, pools.

    `pools` and `users` are read and locked with them, for whoever may be given some besides. Not
    `locked`, it only tells where leads would go: the ledger may not be written.
    """
    moments = {} if moment else routing_moments.of(cases, ledger.kit)
    asked = [_ask(case, moment or moments[case.lead.pk], ledger) for case in cases]
    meaning = [one.asking for one in asked if any(rule.means_people for rule in one.asking.rules)]
    meant = named.read(meaning, now=ledger.now, without=again.last) if meaning else named.NOTHING
    people = meant.all_of(meaning)
    ruled = {rule.pool for one in asked for rule in one.asking.rules}
    counter = desk.open_for(
        ruled
        | {one.pool for one in people if one.pool}
        | {one.pool for one in (*again.returning, *again.counting)}
        | set(pools),
        now=ledger.now,
        users={one.user for one in people if one.user is not None} | set(users),
        locked=locked,
    )
    for decision in again.returning:
        routing.return_turn(decision, again.why, ledger, counter=counter)
    routing.count_turns_again(again.counting, again.why, ledger, counter=counter)
    return Deal({one.case.lead.pk: one for one in asked}, meant, counter, ledger)


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
    event: LeadEvent | None = None

    def as_decision(self, ledger: Ledger) -> Decision:
        """The record of it, made now where there is none."""
        return self.decision or _record(self.asked, self.match, self.pick, self.counter, ledger)


@dataclasses.dataclass(frozen=True, slots=True)
class Deal:
    """Leads that need an owner, and all that was read to find one, for all of them together."""

    asked: Mapping[int, _Asked]
    meant: Meant
    counter: Desk
    ledger: Ledger

    def give(self, lead_id: int, again: Again = FIRST, cause: LeadEvent | None = None) -> Given:
        """By the rules: to a person, else to somebody of the pool, else it waits there."""
        one = self.asked[lead_id]
        match = self._settle(one, again)
        return self._place(one, match, self._pick(one, match, again), again, cause)

    def give_if_taken(self, lead_id: int, again: Again, cause: LeadEvent | None = None) -> Refused:
        """The same, unless nobody can take it: why not, and who was asked, then."""
        one = self.asked[lead_id]
        return self._if_taken(one, self._settle(one, again), again, cause)

    def give_by(
        self, lead_id: int, match: Match, kit_id: int, again: Again, cause: LeadEvent | None
    ) -> Refused:
        """By a level of escalation of the kit `kit_id`; answers as `give_if_taken`."""
        one = self.asked[lead_id]
        asking = dataclasses.replace(one.asking, moment=escalation.MOMENT)
        one = dataclasses.replace(one, asking=asking)
        return self._if_taken(one, match, again, cause, kit_id)

    def give_to_pool(
        self, lead_id: int, pool: str, again: Again = FIRST, cause: LeadEvent | None = None
    ) -> Given:
        """As a person wants it: to whom the pool's strategy picks, else it waits there."""
        one = self.asked[lead_id]
        asking = dataclasses.replace(one.asking, moment=matching.BY_HAND)
        one, match = dataclasses.replace(one, asking=asking), matching.by_hand(pool)
        return self._place(one, match, self._pick(one, match, again), again, cause)

    def home(self, lead_id: int) -> str:
        """The pool of a lead: where it came from, else where the rules send it."""
        one = self.asked[lead_id]
        held = one.case.held.pool if one.case.held is not None else ""
        return held or one.case.lead.queue or one.asking.rules[-1].pool

    def passed(self, lead_id: int, again: Again) -> Mapping[int, str]:
        """Why who is passed over when a lead is given anew, as its pool says."""
        return self._passed(self.asked[lead_id], self.home(lead_id), again)

    def _settle(self, one: _Asked, again: Again) -> Match:
        people = {}
        for rule in one.asking.rules:
            if rule.means_people:
                without = self._passed(one, rule.pool, again)
                who = self.meant.of(one.asking, rule)
                people[rule.key] = named.stand(
                    who, self.counter, now=self.ledger.now, without=without
                )
        return matching.settle(one.fitted, people, now=self.ledger.now)

    def _passed(self, one: _Asked, pool: str, again: Again) -> Mapping[int, str]:
        known = self.counter.pools.get(pool)
        passed = again.passed(one.case.lead.pk, known) if known is not None else ()
        missed = again.missed.get(one.case.lead.pk, frozenset())
        return passing.reasons(missed.union(passed), declined=one.case.declined)

    def _if_taken(
        self,
        one: _Asked,
        match: Match,
        again: Again,
        cause: LeadEvent | None,
        kit_id: int | None = None,
    ) -> Refused:
        pick = self._pick(one, match, again)
        if pick.user is None and match.target != rules.QUEUE:
            passed = self._passed(one, match.pool, again)
            return Refused(escalation.NOBODY_CAN, self._in_vain(one, match, passed))
        self._place(one, match, pick, again, cause, kit_id)
        return Refused()

    def _in_vain(self, one: _Asked, match: Match, passed: Mapping[int, str]) -> AskedPool:
        """The pool that was asked, to be kept in the record of what placed the lead in the end."""
        pool, calls = self.counter.pools[match.pool], self.counter.is_calling(match.pool)
        return AskedPool(
            pool.key,
            pool.label,
            strategies.terms_of(pool),
            tuple(self.counter.candidates(pool.key, on_call=calls, without=passed)),
            strategies.wanted_of(one.known),
        )

    def _pick(self, one: _Asked, match: Match, again: Again) -> Pick:
        if match.pool not in self.counter.pools:
            raise routing.UnknownPool(
                f"Rule “{match.label}” names the pool “{match.pool}”, which is not there."
            )
        passed = self._passed(one, match.pool, again)
        return _picked(one, match, self.counter, self.ledger, passed)

    def _place(
        self,
        one: _Asked,
        match: Match,
        pick: Pick,
        again: Again,
        cause: LeadEvent | None,
        kit_id: int | None = None,
    ) -> Given:
        counter, case = self.counter, one.case
        route_at: dt.datetime | None = None
        kept_for: int | None = None
        if pick.user is None and match.target != rules.QUEUE:
            pick, route_at, kept_for = _wait(one, match, pick, counter)
        if pick.user is None and _stays(case.lead, match):
            case.lead.route_at, case.lead.kept_for_id = route_at, kept_for
            self.ledger.change(case.lead, "route_at", "kept_for")
            return Given(one, match, pick, counter, None, route_at, kept_for)
        decision = _record(one, match, pick, counter, self.ledger, kit_id)
        because = {**_because(one, match, pick), **again.told}
        if pick.user is None:
            routed = routing.enqueue(
                case.lead,
                match.pool,
                route_at=route_at,
                kept_for=kept_for,
                ledger=self.ledger,
                held=case.held,
                decision=decision,
                because=because,
                cause=cause,
                ending=again.why,
            )
            case.held = None
        else:
            routed = self._assign(one, match, pick.user, decision, because, again, cause)
        sla.hand_over(case.lead, case.clocks, ledger=self.ledger, event=routed.event)
        return Given(one, match, pick, counter, decision, route_at, kept_for, routed.event)

    def _assign(
        self,
        one: _Asked,
        match: Match,
        user_id: int,
        decision: Decision,
        because: dict[str, object],
        again: Again,
        cause: LeadEvent | None,
    ) -> routing.Routed:
        case, first = one.case, one.case.lead.owner_id is None
        routed = routing.assign(
            case.lead,
            user_id,
            ledger=self.ledger,
            pool=match.pool,
            decision=decision,
            held=case.held,
            because=because,
            cause=cause,
            ending=again.why,
        )
        case.held, case.owner_name = routed.assignment, self.counter.names[user_id]
        moment = Moment.ASSIGNED if first else Moment.REASSIGNED
        # Who has it is no fact: what routing knew of the lead still holds.
        case.happen(moment, routed.event, ledger=self.ledger, known=one.known)
        self.meant.note(one.asking, user_id)
        return routed


def _ask(case: Case, moment: str, ledger: Ledger) -> _Asked:
    """Try the rules on a lead's facts alone."""
    known = case.facts(ledger.kit, ledger.now)
    fitted = matching.fit(rules.of_kit(ledger.kit), known, moment=moment)
    account, partner = case.buyer.account, case.registration(ledger.now)
    asking = Asking(
        case.lead.pk,
        case.lead.person_id,
        moment,
        fitted.fitting,
        account=case.lead.account_id,
        account_owner=account.owner_id if account is not None else None,
        is_partner=case.account_status == AccountStatus.PARTNER,
        partner=partner_meant.of(
            partner.name if partner is not None else "",
            partner.manager if partner is not None else None,
            **partner_naming.as_known(case.named_partner(ledger.now)),
        ),
        place=case.buyer.place,
    )
    return _Asked(case, known, fitted, asking)


def _record(
    one: _Asked, match: Match, pick: Pick, counter: Desk, ledger: Ledger, kit_id: int | None = None
) -> Decision:
    by_pool = match.user is None and match.target != rules.QUEUE
    return routing.record_decision(
        one.case.lead,
        match,
        pick,
        facts=facts.registry.to_document(one.known),
        snapshot=counter.snapshot(match.pool, ledger=ledger) if by_pool else None,
        ledger=ledger,
        moment=one.asking.moment,
        kit_id=kit_id,
    )


def _because(one: _Asked, match: Match, pick: Pick) -> dict[str, object]:
    """For the event: the rule, whom it meant, and the moment where it is a hand-off."""
    because: dict[str, object] = {"rule": match.rule, "pool": match.pool, "why": pick.because}
    if match.user is not None:
        because["target"] = match.target
    if one.asking.moment == rules.HANDOFF:
        because["moment"] = rules.HANDOFF
    return because


def _stays(lead: Lead, match: Match) -> bool:
    """Whether it waits there already, for the same: for routing, or for people."""
    for_people = match.target == rules.QUEUE
    return lead.queue == match.pool and not (for_people and lead.route_at is not None)


def _picked(
    one: _Asked, match: Match, counter: Desk, ledger: Ledger, passed: Mapping[int, str]
) -> Pick:
    """Whom the rule itself gives the lead, or who of its pool gets it, or nobody from a queue."""
    lead = one.case.lead
    if match.user is not None:
        counter.book(match.user)
        return Pick(match.user, match.because, ())
    if match.target == rules.QUEUE:
        return Pick(None, match.because or FOR_PEOPLE, ())
    return counter.pick(
        match.pool,
        ledger=ledger,
        lead_id=lead.pk,
        known=one.known,
        without=passed,
        kept_for=lead.kept_for_id if lead.queue == match.pool else None,
    )


def _wait(
    one: _Asked, match: Match, pick: Pick, counter: Desk
) -> tuple[Pick, dt.datetime | None, int | None]:
    """Nobody of the pool takes it: when it is looked at again, and for whom it is kept."""
    lead = one.case.lead
    kept_for = lead.kept_for_id if lead.queue == match.pool else None
    route_at, owed_to = counter.wait(match.pool, was=kept_for, without=one.case.declined)
    if owed_to is not None:
        told = f"nobody works now: kept for {counter.names[owed_to]} until they start"
        pick = dataclasses.replace(pick, because=told)
    return pick, route_at, owed_to
