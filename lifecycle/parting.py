"""How a merge is taken back: the writes, under locks that are held already.

Both stand as they stood; what came since goes to whoever's key it came by, what people did since
stays where they did it. The log keeps the merge and its undoing.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from leads import personal_names, services
from leads.ledger import Ledger
from leads.models import EventKind, Lead, LeadEvent, Opportunity, PersonMerge
from leads.stages import CLOSED, WORKED, Stage
from lifecycle import buyers as groups
from lifecycle import (
    dealing,
    departures,
    exclusions,
    gathering,
    joining,
    ownership,
    reconsidering,
    typed_fields,
)
from lifecycle.buyers import Buyers
from lifecycle.case import Case
from lifecycle.causes import UNMERGED
from lifecycle.departures import Later, Parting, instant, is_merged
from people import holders
from routing import services as routing
from routing.models import Assignment
from sla import services as sla
from sla import successors
from sla.models import Clock

DEALS = {"OPEN": Stage.OPPORTUNITY, "WON": Stage.WON, "LOST": Stage.LOST}


def part(
    merge: PersonMerge, buyers: Buyers, *, standing: Sequence[PersonMerge], ledger: Ledger
) -> Parting:
    """Take back the latest merge of this buyer; `standing` are all that stand, it included.

    Returns what was done, with the names of the fields that were edited since and stay so.
    """
    people = buyers.people
    it = Parting(merge, people[merge.winner_id], people[merge.loser_id], buyers.leads, ledger)
    losers = groups.part_of(merge.loser_id, [one for one in standing if one.pk != merge.pk])
    it.later = departures.later_touches(it, losers)
    _people_part(it, buyers)
    _fields_part(it)
    living = _leads_part(it)
    # The winner's place at a company is free only once the loser's lead has left it.
    ledger.flush()
    departed = departures.bring_touches(it, living)
    departures.bring_signals(it, departed)
    sent = departures.bring_sent(it, losers, living)
    joined = [pk for lead in living for pk in it.joined(lead.pk)]
    concerned = [it.leads[pk] for pk in sorted({*joined, *(lead.pk for lead in living)})]
    it.cases = gathering.open_cases(concerned)
    same = {lead.pk: departures.untouched(lead, it.before(lead.pk)) for lead in living}
    for lead in living:
        _part_lead(it, it.cases[lead.pk], departed.get(lead.pk, {}))
    # From here on each lead is read as what it is again.
    ledger.flush()
    it.cases = gathering.open_cases(concerned)
    for lead in living:
        if it.before(lead.pk) is not None:
            departures.count_own(it, it.cases[lead.pk], same=same[lead.pk])
        departures.catch_up_on_fading(it, [it.cases[pk] for pk in it.joined(lead.pk)])
    for left, homes in departed.items():
        for home, touches in homes.items():
            departures.welcome(it, it.cases[home], it.cases[left], touches)
    for home, signals in sent.items():
        departures.welcome_sent(it, it.cases[home], signals)
    told_more = {home for homes in departed.values() for home in homes} | sent.keys()
    otherwise = {pk for pk in joined if exclusions.is_otherwise(it.cases[pk], ledger)}
    welcomed = [it.cases[home] for home in sorted(told_more | otherwise)]
    reconsidering.reconsider(welcomed, ledger=ledger, because={"merge": merge.pk})
    _settle_owners(it)
    ledger.flush()
    return it


def _people_part(it: Parting, buyers: Buyers) -> None:
    it.loser.merged_into = None
    it.ledger.change(it.loser, "merged_into")
    for person_id in it.merge.moved["people"]:
        person = buyers.people[person_id]
        person.merged_into = it.loser
        it.ledger.change(person, "merged_into")


def _fields_part(it: Parting) -> None:
    """The winner's fields say again what they said, but for those edited since."""
    winner, changed = it.winner, ["provenance", "name_key"]
    for name, change in it.merge.fields.items():
        if getattr(winner, name) != change["became"]:
            it.edited.append(name)
            continue
        setattr(winner, name, change["was"])
        changed.append(name)
    winner.name_key = personal_names.key(winner.first_name, winner.last_name)
    sources = {
        name: was
        for name, (was, became) in it.merge.before.get("provenance", {}).items()
        if winner.provenance.get(name) == became and name not in it.edited
    }
    winner.provenance = joining.with_sources(winner.provenance, sources)
    it.ledger.change(winner, *changed)


def _leads_part(it: Parting) -> list[Lead]:
    """Each lead that carries on goes back to its person; returns those leads, both people's.

    A lead that came while they were one is of the one whose touch it began with.
    """
    living = [
        one for one in it.leads.values() if one.person_id == it.winner.pk and not is_merged(one)
    ]
    first: dict[int, bool] = {}
    for later in it.later:
        first.setdefault(later.event.lead_id, later.of_loser)
    for lead in living:
        before = it.before(lead.pk)
        of_loser = (
            first.get(lead.pk, False) if before is None else (before["person_id"] == it.loser.pk)
        )
        if of_loser:
            lead.person = it.loser
            it.ledger.change(lead, "person")
    return living


def _part_lead(it: Parting, case: Case, departed: Mapping[int, Sequence[Later]]) -> None:
    """One lead that carried on: the leads that joined it stand again."""
    joined, before = it.joined(case.lead.pk), it.before(case.lead.pk)
    if before is None and not departed:
        return
    went = [one.touch.pk for touches in departed.values() for one in touches]
    because = {"merge": it.merge.pk, "leads": joined, "touches": went}
    parted = it.ledger.event(case.lead, EventKind.PARTED, because=because)
    it.parted[case.lead.pk] = parted
    for lead_id in joined:
        _stand_again(it, it.cases[lead_id], case, parted)
    if before is not None:
        _columns_part(it, case, before)
    sla.show_next_due(case.lead, case.clocks, ledger=it.ledger)


def _stand_again(it: Parting, case: Case, target: Case, parted: LeadEvent) -> None:
    """A lead that rested as MERGED stands where it stood, with who answered for it and by when."""
    lead, ledger, before = case.lead, it.ledger, it.before(case.lead.pk) or {}
    stage = _stage_again(lead, before["stage"])
    lead.merged_into = None
    event = services.move(
        lead,
        "unmerge",
        ledger=ledger,
        to=stage,
        because={"merge": it.merge.pk, "from": target.lead.pk, "since": before["entered_stage_at"]},
    )
    followers = it.merge.moved["followers"].get(str(lead.pk), [])
    for follower in (it.leads[pk] for pk in followers):
        follower.merged_into = lead
        ledger.change(follower, "merged_into")
    lead.entered_stage_at = instant(before["entered_stage_at"]) or ledger.now
    lead.decays_at = instant(before["decays_at"])
    ledger.change(lead, "merged_into", "entered_stage_at", "decays_at")
    if stage != before["stage"]:
        return
    if before["quarantined_at"]:
        lead.quarantined_at = instant(before["quarantined_at"])
        ledger.change(lead, "quarantined_at")
        ledger.event(lead, EventKind.QUARANTINED, because={"why": UNMERGED}, cause=event)
    asked = instant(before["hand_raised_at"])
    if asked is not None:
        lead.hand_raised_at = asked
        ledger.change(lead, "hand_raised_at")
        _give_back_request(it, target, asked)
    _owner_again(it, case, before, event)
    _clocks_again(it, case, target, event, parted)


def _stage_again(lead: Lead, before: str) -> str:
    """Where it stood; a lead on a deal stands where the deal stands now."""
    if before not in DEALS.values():
        return before
    return DEALS[Opportunity.objects.get(leads=lead).status].value


def _give_back_request(it: Parting, target: Case, asked: dt.datetime) -> None:
    before = it.before(target.lead.pk) or {}
    if before.get("hand_raised_at") is None and target.lead.hand_raised_at == asked:
        target.lead.hand_raised_at = None
        it.ledger.change(target.lead, "hand_raised_at")


def _owner_again(it: Parting, case: Case, before: Mapping[str, Any], event: LeadEvent) -> None:
    lead, ledger, because = case.lead, it.ledger, {"why": UNMERGED}
    owner = holders.everybody().filter(pk=before["owner_id"] or 0).first()
    if owner is not None:
        legs = Assignment.objects.filter(lead=lead, user=owner).select_related("decision")
        leg = legs.order_by("-pk").first()
        again = routing.assign(
            lead, owner.pk, ledger=ledger, because=because, cause=event, resumes=leg
        )
        if leg is not None and leg.decision is not None:
            it.resumed.append(leg.decision)
        case.held = again.assignment
    elif before["queue"]:
        routing.enqueue(
            lead,
            before["queue"],
            route_at=instant(before["route_at"]),
            ledger=ledger,
            because=because,
            cause=event,
        )


def _clocks_again(
    it: Parting, case: Case, target: Case, event: LeadEvent, parted: LeadEvent
) -> None:
    """Every clock that ran then runs again to the same deadline, and so does what gave way."""
    notes = [one for one in it.merge.before["clocks"] if one["lead"] == case.lead.pk]
    ids = [pk for one in notes for pk in (one["clock"], one["carried"], one["twin"]) if pk]
    known = Clock.objects.in_bulk(ids)
    running = {clock.pk: clock for clock in target.clocks}
    ledger = it.ledger
    for note in notes:
        carried = running.get(note["carried"])
        if carried is not None:
            target.clocks.remove(carried)
            case.clocks.append(
                successors.carry(
                    carried, target.lead, case.lead, ledger=ledger, left=parted, joined=event
                )
            )
            if note["twin"]:
                twin = successors.resume(
                    known[note["twin"]], target.lead, ledger=ledger, event=parted
                )
                target.clocks.append(twin)
        elif note["carried"]:
            again = successors.again(known[note["clock"]], case.lead, ledger=ledger, event=event)
            case.clocks.append(again)
        else:
            again = successors.resume(known[note["clock"]], case.lead, ledger=ledger, event=event)
            case.clocks.append(again)
    _tell_breaches(case, ledger)
    _tell_breaches(target, ledger)
    sla.show_next_due(case.lead, case.clocks, ledger=ledger)


def _tell_breaches(case: Case, ledger: Ledger) -> None:
    """A deadline that passed while the leads were one was missed by neither unseen."""
    for clock in case.clocks:
        if clock.due_at < ledger.now and clock.breached_at is None:
            sla.breach(clock, case.lead, ledger=ledger)


def _columns_part(it: Parting, case: Case, before: Mapping[str, Any]) -> None:
    """Its company, if the merge named it, and the last touch that is its own."""
    lead = case.lead
    named = {(it.before(pk) or {}).get("account_id") for pk in it.joined(lead.pk)}
    if before["account_id"] is None and lead.account_id in named:
        lead.account = None
    _worth_part(it, lead, before)
    _typed_part(it, lead, before)
    staying = [
        one.touch.occurred_at
        for one in it.later
        if one.event.lead_id == lead.pk and one.of_loser == (lead.person_id == it.loser.pk)
    ]
    lead.last_touch_at = max([instant(before["last_touch_at"]) or it.ledger.now, *staying])
    it.ledger.change(lead, "account", "last_touch_at", *joining.OF_WORTH, typed_fields.COLUMN)


def _typed_part(it: Parting, lead: Lead, before: Mapping[str, Any]) -> None:
    """What people typed into own fields, as far as the merge brought it."""
    others = [(it.before(pk) or {}).get(typed_fields.COLUMN) or {} for pk in it.joined(lead.pk)]
    edited = typed_fields.give_back(lead, before.get(typed_fields.COLUMN) or {}, others)
    it.edited += [f"{typed_fields.SECTION}.{key}" for key in edited]


def _worth_part(it: Parting, lead: Lead, before: Mapping[str, Any]) -> None:
    """What it may be worth, if the merge brought that; not if it was changed since."""
    others = [it.before(pk) or {} for pk in it.joined(lead.pk)]
    brought = [_worth_of(one) for one in others if one.get(joining.WORTH) is not None]
    stands = _worth_of({name: joining.plain(getattr(lead, name)) for name in joining.OF_WORTH})
    if before.get(joining.WORTH) is not None or not brought or stands == _worth_of(before):
        return
    if stands not in brought:
        it.edited.append(joining.WORTH)
        return
    lead.potential_value = None
    was = {joining.WORTH: _worth_of(before)[1]}
    lead.provenance = joining.with_sources(lead.provenance, was)


def _worth_of(kept: Mapping[str, Any]) -> tuple[Any, Any]:
    """What a lead may be worth, and who said so, as a merge kept them; older ones kept neither."""
    return kept.get(joining.WORTH), kept.get("provenance", {}).get(joining.WORTH)


def _settle_owners(it: Parting) -> None:
    """Nobody holds what rests; what is owed to a buyer finds somebody who answers for it."""
    homeless = []
    for case in it.cases.values():
        lead = case.lead
        asked = lead.hand_raised_at is not None
        held = lead.owner_id is not None or bool(lead.queue)
        owed = lead.stage in WORKED or (asked and lead.stage not in CLOSED)
        if not held and owed:
            homeless.append(case)
        if held and not owed and not case.clocks and lead.pk in it.emptied:
            cause = it.parted[lead.pk]
            ownership.let_go(case, ledger=it.ledger, why="parted", cause=cause)
    if homeless:
        again = dataclasses.replace(dealing.FIRST, why=UNMERGED, counting=it.resumed)
        ownership.route(homeless, ledger=it.ledger, again=again)
    else:
        routing.count_turns_again(it.resumed, UNMERGED, it.ledger)
