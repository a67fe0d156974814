"""How two people become one buyer: the writes of a merge, under locks that are held already.

Nothing is deleted and nothing overwritten that is not kept in `PersonMerge`: the loser's row and
keys stay, the leads that do not carry on rest as MERGED, and what the buyer did counts for the
lead that carries on. `parting` takes every line of this back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from governance import selectors as kits
from governance.moments import Moment
from leads import overwriting, personal_names, services
from leads.ledger import Ledger
from leads.models import EventKind, Lead, LeadEvent, Person, PersonMerge, ScorePart, Signal
from leads.stages import Stage
from leads.survivorship import Choice, Plan, Side, Way
from lifecycle import quarantine, typed_fields
from lifecycle.buyers import Buyers
from lifecycle.case import Case
from routing import services as routing
from sla import services as sla
from sla import successors
from sla.clock import Fate
from sla.models import Clock

WORTH = "potential_value"
OF_WORTH = (WORTH, "provenance")
KEPT = (
    "person_id",
    "account_id",
    "stage",
    "entered_stage_at",
    "owner_id",
    "queue",
    "route_at",
    "hand_raised_at",
    "quarantined_at",
    "last_touch_at",
    *OF_WORTH,
    typed_fields.COLUMN,
    "band",
    "decays_at",
)
"""The columns of a lead that a merge changes."""

MERGED = "merged"
"""Why a lead is held no more, and its turn given back."""
PART = (
    "rule", "category", "value", "at", "half_life_days", "cap", "within_days", "signal", "kit_id",
)  # fmt: skip


def ways(cases: Sequence[Case], *, loser_id: int) -> list[Way]:
    """The leads of both as the plan sees them."""
    return [
        Way(
            lead=case.lead.pk,
            side=Side.LOSER if case.lead.person_id == loser_id else Side.WINNER,
            account=case.lead.account_id,
            stage=Stage(case.lead.stage),
            asked=case.lead.hand_raised_at is not None,
            held=case.lead.owner_id is not None or bool(case.lead.queue),
            due=case.lead.owner_id is not None and bool(case.clocks),
            quarantined=case.lead.quarantined_at is not None,
            deal=case.lead.opportunity_id,
            created_at=case.lead.created_at,
        )
        for case in cases
    ]


def join(
    merge: PersonMerge,
    winner: Person,
    loser: Person,
    *,
    cases: Mapping[int, Case],
    plan: Plan,
    choices: Sequence[Choice],
    buyers: Buyers,
    ledger: Ledger,
) -> None:
    """Make them one: people, fields, leads, clocks, behaviour and score, in that order.

    `cases` are those of the living leads of both, their buyers read already.
    """
    merge.before = {
        "leads": {str(pk): _as_it_was(case.lead) for pk, case in cases.items()},
        "clocks": [],
        "parts": {},
    }
    merge.moved = {"people": _people(winner, loser, buyers, ledger), "signals": {}, "followers": {}}
    _keep_fields(merge, winner, loser, choices, ledger)
    turns = [held.decision for pk in plan.joins if (held := cases[pk].held) and held.decision]
    told, clocks = _close_joined(merge, cases, plan, buyers, ledger)
    # The loser's leads take their place at a company only once it is free.
    ledger.flush()
    merge.before["clocks"] = [one.as_data() for one in clocks]
    living = [case for pk, case in cases.items() if pk not in plan.joins]
    _bring_over(merge, living, winner, told, ledger)
    for target in living:
        joined = [cases[pk] for pk, into in plan.joins.items() if into == target.lead.pk]
        _take_over(merge, target, joined, living, ledger)
    for pk, case in cases.items():
        merge.before["leads"][str(pk)]["version_after"] = case.lead.version
    ledger.add(merge)
    ledger.flush()
    routing.return_turns(turns, MERGED, ledger)


def _as_it_was(lead: Lead) -> dict[str, Any]:
    return {name: plain(getattr(lead, name)) for name in KEPT}


def plain(value: Any) -> Any:
    """A column's value as JSON holds it; instants to the microsecond, amounts to the cent."""
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, dt.datetime) else value


def _people(winner: Person, loser: Person, buyers: Buyers, ledger: Ledger) -> list[int]:
    """Who is found to be the winner from now on besides the loser."""
    followers = [one for one in buyers.people.values() if one.merged_into_id == loser.pk]
    for person in (loser, *followers):
        person.merged_into = winner
        ledger.change(person, "merged_into")
    return [person.pk for person in followers]


def _keep_fields(
    merge: PersonMerge, winner: Person, loser: Person, choices: Sequence[Choice], ledger: Ledger
) -> None:
    """Take the loser's value where it was chosen, with its provenance and what is read from it."""
    taken = [one for one in choices if one.keep is Side.LOSER and one.winner != one.loser]
    merge.kept = {one.name: one.keep.value for one in choices}
    values = {one.name: one.loser for one in taken}
    if "title" in values:
        values |= {"seniority": loser.seniority, "function": loser.function}
    if {"first_name", "last_name"} & values.keys():
        names = [values.get(name, getattr(winner, name)) for name in ("first_name", "last_name")]
        values["name_key"] = personal_names.key(*names)
    merge.fields = {
        name: {"was": getattr(winner, name), "became": value}
        for name, value in values.items()
        if getattr(winner, name) != value
    }
    for name, change in merge.fields.items():
        setattr(winner, name, change["became"])
    sources = {name: loser.provenance.get(name) for name in values}
    merge.before["provenance"] = {
        name: [winner.provenance.get(name), source] for name, source in sources.items()
    }
    winner.provenance = with_sources(winner.provenance, sources)
    if taken:
        ledger.change(winner, "provenance", *merge.fields)


def with_sources(provenance: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Where the fields are from after these changes; None takes an entry away."""
    return {
        name: source for name, source in {**provenance, **changes}.items() if source is not None
    }


@dataclass(frozen=True, slots=True)
class Ended:
    """A clock of a lead that joined another: the one that carries it on, the one that gave way."""

    lead: int
    clock: Clock
    carried: Clock | None = None
    twin: Clock | None = None

    def as_data(self) -> dict[str, int | None]:
        """Ids, once all of them have one."""
        return {
            "lead": self.lead,
            "clock": self.clock.pk,
            "carried": self.carried.pk if self.carried else None,
            "twin": self.twin.pk if self.twin else None,
        }


def _close_joined(
    merge: PersonMerge,
    cases: Mapping[int, Case],
    plan: Plan,
    buyers: Buyers,
    ledger: Ledger,
) -> tuple[set[int], list[Ended]]:
    """Put the leads that do not carry on to rest; returns who was told of it, and the clocks."""
    told: dict[int, LeadEvent] = {}
    clocks: list[Ended] = []
    for pk, into in plan.joins.items():
        case, target = cases[pk], cases[into]
        if into not in told:
            leads = [one for one, its in plan.joins.items() if its == into]
            because = {"merge": merge.pk, "leads": leads}
            told[into] = ledger.event(target.lead, EventKind.JOINED, because=because)
        merge.before["leads"][str(pk)]["into"] = into
        clocks += _close(case, target, told[into], merge, ledger)
        followers = [one for one in buyers.leads.values() if one.merged_into_id == pk]
        merge.moved["followers"][str(pk)] = [one.pk for one in followers]
        for lead in followers:
            lead.merged_into = target.lead
            ledger.change(lead, "merged_into")
    return set(told), clocks


def _close(
    case: Case, target: Case, joined: LeadEvent, merge: PersonMerge, ledger: Ledger
) -> list[Ended]:
    lead = case.lead
    asked, lead.merged_into = lead.hand_raised_at, target.lead
    because = {"merge": merge.pk, "into": target.lead.pk}
    left = services.move(lead, "merge", ledger=ledger, because=because)
    takes_request = asked is not None and target.lead.hand_raised_at is None
    if takes_request:
        target.lead.hand_raised_at = asked
        ledger.change(target.lead, "hand_raised_at")
    ended = [
        _settle(clock, case, target, left, joined, ledger, takes_request=takes_request)
        for clock in list(case.clocks)
    ]
    case.happen(Moment.MERGED, left, ledger=ledger)
    sla.cancel_all(lead, case.clocks, ledger=ledger, event=left, why=sla.CARRIED)
    sla.show_next_due(target.lead, target.clocks, ledger=ledger)
    routing.release(lead, ledger=ledger, held=case.held, why=MERGED, cause=left)
    case.held = None
    if lead.quarantined_at is not None:
        quarantine.note_left(lead, ledger=ledger, why="merged", cause=left)
    # It keeps its band while it rests: what its buyer did counts elsewhere until it stands again.
    lead.hand_raised_at = lead.decays_at = None
    ledger.change(lead, "merged_into", "hand_raised_at", "decays_at")
    return ended


def _settle(
    clock: Clock,
    case: Case,
    target: Case,
    left: LeadEvent,
    joined: LeadEvent,
    ledger: Ledger,
    *,
    takes_request: bool,
) -> Ended:
    """What is owed on both is owed once, by the earlier deadline; the rest ends with its lead.

    A request that goes over keeps the deadlines it started.
    """
    twin = next((one for one in target.clocks if slot(one) == slot(clock)), None)
    if not _goes_over(clock, twin, target, takes_request=takes_request):
        return Ended(case.lead.pk, clock)
    if twin is not None:
        proof = sla.Evidence(sla.CARRIED, ledger.now, by_id=ledger.by_id)
        sla.end(twin, Fate.CANCELLED, proof, ledger=ledger, event=joined, lead=target.lead)
        target.clocks.remove(twin)
    carried = successors.carry(
        clock, case.lead, target.lead, ledger=ledger, left=left, joined=joined
    )
    case.clocks.remove(clock)
    target.clocks.append(carried)
    return Ended(case.lead.pk, clock, carried, twin)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a merge would do to a clock: it runs on at the other lead, or ends with its own.

    `twin` is the clock of the other lead that stands for the same.
    """

    clock: Clock
    lead: int
    target: int
    runs_on: bool
    twin: Clock | None


def foresee(cases: Mapping[int, Case], plan: Plan) -> tuple[Foreseen, ...]:
    """What would become of the clocks of the leads that do not carry on."""
    found = []
    for pk, into in plan.joins.items():
        case, target = cases[pk], cases[into]
        asked = case.lead.hand_raised_at is not None and target.lead.hand_raised_at is None
        for clock in case.clocks:
            twin = next((one for one in target.clocks if slot(one) == slot(clock)), None)
            goes = _goes_over(clock, twin, target, takes_request=asked)
            found.append(Foreseen(clock, pk, into, goes, twin))
    return tuple(found)


def slot(clock: Clock) -> tuple[str, str]:
    """What at most one open clock of a lead stands for."""
    return (clock.obligation, clock.scope)


def _goes_over(clock: Clock, twin: Clock | None, target: Case, *, takes_request: bool) -> bool:
    kit = kits.kit_of(clock.kit_id)
    policy = kit.policy(clock.policy)
    lead = target.lead
    exempt = kit.exemption(stage=lead.stage, channel=lead.channel, obligation=clock.obligation)
    if lead.stage not in policy.stages or exempt is not None:
        return False
    if twin is not None:
        return clock.due_at < twin.due_at
    return takes_request and Moment.HAND_RAISED in policy.starts_on


def _bring_over(
    merge: PersonMerge, living: Sequence[Case], winner: Person, told: set[int], ledger: Ledger
) -> None:
    """The leads that carry on are the winner's from now on."""
    for case in living:
        case.buyer.person = winner
        if case.lead.person_id != winner.pk:
            case.lead.person = winner
            ledger.change(case.lead, "person")
            if case.lead.pk not in told:
                because = {"merge": merge.pk, "leads": []}
                ledger.event(case.lead, EventKind.JOINED, because=because)


def _take_over(
    merge: PersonMerge,
    target: Case,
    joined: Sequence[Case],
    living: Sequence[Case],
    ledger: Ledger,
) -> None:
    """The lead that carries on counts what the others' buyers did, as if it had come to it."""
    lead, buyer = target.lead, target.buyer
    rows = ScorePart.objects.filter(lead=lead).order_by("rule")
    merge.before["parts"][str(lead.pk)] = [
        {name: plain(getattr(row, name)) for name in PART} for row in rows
    ]
    moved = {}
    for case in joined:
        signals = Signal.objects.filter(lead=case.lead)
        moved[str(case.lead.pk)] = sorted(signals.values_list("pk", flat=True))
        signals.update(lead=lead)
        buyer.did(case.buyer.seen)
        buyer.touches += case.buyer.touches
        buyer.sayings.join(lead.pk, case.buyer.sayings, case.lead.pk)
        lead.last_touch_at = max(lead.last_touch_at, case.lead.last_touch_at)
    merge.moved["signals"][str(lead.pk)] = {"from": moved}
    _take_account(target, joined, living)
    _take_worth(lead, [case.lead for case in joined])
    typed_fields.take_over(lead, [case.lead for case in joined])
    ledger.change(lead, "last_touch_at", "account", *OF_WORTH, typed_fields.COLUMN)
    target.rescore(ledger.kit, ledger.now, ledger=ledger)


def _take_account(target: Case, joined: Sequence[Case], living: Sequence[Case]) -> None:
    """A lead without company is at the one the others are at, unless another lead is there."""
    if target.lead.account_id is not None:
        return
    named = next((case for case in joined if case.lead.account_id is not None), None)
    if named is None or any(case.lead.account_id == named.lead.account_id for case in living):
        return
    target.lead.account = named.lead.account
    target.buyer.account = named.buyer.account


def _take_worth(lead: Lead, joined: Sequence[Lead]) -> None:
    """What it may be worth and who said so, where it takes that over."""
    other = gives_worth(lead, joined)
    if other is not None:
        lead.potential_value = other.potential_value
        lead.provenance = with_sources(lead.provenance, {WORTH: other.provenance.get(WORTH)})


def gives_worth(lead: Lead, joined: Sequence[Lead]) -> Lead | None:
    """The lead whose potential value this one takes over: the first, where it has none itself.

    None also where a person emptied it.
    """
    if lead.potential_value is not None or overwriting.is_by_user(lead.provenance, WORTH):
        return None
    return next((one for one in joined if one.potential_value is not None), None)
