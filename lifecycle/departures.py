"""What came while two people were one buyer goes to whoever's key it came by. Writes only.

The touches stay what they were; where each stands from now on is told in the logs of both leads.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from leads import score_rows
from leads.ledger import Ledger
from leads.models import (
    EventKind,
    Lead,
    LeadEvent,
    Person,
    PersonMerge,
    ScorePart,
    Signal,
    Touch,
)
from leads.stages import CLOSED, Stage
from lifecycle import joining
from lifecycle.case import Case
from lifecycle.last_steps import BY_THE_CLOCK
from routing.models import Decision
from sla import services as sla
from sla import successors
from sla.clock import Fate

NO_CHANGE = (
    *BY_THE_CLOCK,
    EventKind.ACTIVITY,
    EventKind.RETRACTED,
    EventKind.ASSIGNED,
    EventKind.QUEUED,
    EventKind.RELEASED,
    EventKind.DISPUTED,
)
"""What changes neither behaviour nor fit."""
ABSENT = {"signal": ""}
"""What parts had that were kept before they had windows."""

Departed = dict[int, dict[int, list["Later"]]]
"""The lead that touches leave, the lead they go to, the touches."""


@dataclass(frozen=True, slots=True)
class Later:
    """A touch that came while the two were one, its event, and whose key it came by."""

    touch: Touch
    event: LeadEvent
    of_loser: bool


@dataclass(slots=True)
class Parting:
    """One merge being taken back."""

    merge: PersonMerge
    winner: Person
    loser: Person
    leads: Mapping[int, Lead]
    ledger: Ledger
    later: list[Later] = field(default_factory=list)
    cases: dict[int, Case] = field(default_factory=dict)
    edited: list[str] = field(default_factory=list)
    parted: dict[int, LeadEvent] = field(default_factory=dict)
    emptied: set[int] = field(default_factory=set)
    resumed: list[Decision] = field(default_factory=list)
    """What had given leads to owners who have them again."""

    def before(self, lead_id: int) -> dict[str, Any] | None:
        """How a lead was before the merge; None for one that is younger."""
        found: dict[str, Any] | None = self.merge.before["leads"].get(str(lead_id))
        return found

    def joined(self, lead_id: int) -> list[int]:
        """The leads that this merge brought into this one."""
        every = self.merge.before["leads"].items()
        return [int(pk) for pk, row in every if row.get("into") == lead_id]


def later_touches(it: Parting, losers: set[int]) -> list[Later]:
    """The touches that came to the buyer's leads since the merge, in their order."""
    living = [
        lead for lead in it.leads.values() if lead.person_id == it.winner.pk and not is_merged(lead)
    ]
    since = {lead.pk: (it.before(lead.pk) or {}).get("version_after", 0) for lead in living}
    events = LeadEvent.objects.filter(lead__in=living, kind=EventKind.TOUCHED).order_by("pk")
    fresh = [event for event in events if event.sequence > since[event.lead_id]]
    touches = Touch.objects.in_bulk([event.because["touch"] for event in fresh])
    found = []
    for event in fresh:
        touch = touches[event.because["touch"]]
        if touch.lead_id == event.lead_id:
            came_as = touch.came_as_id or touch.person_id
            found.append(Later(touch, event, came_as in losers))
    return found


def is_merged(lead: Lead) -> bool:
    """Whether another lead carries on for this one."""
    return bool(lead.stage == Stage.MERGED.value)


def bring_touches(it: Parting, living: Sequence[Lead]) -> Departed:
    """Later touches go to the lead of their person: left lead → lead they went to → touches."""
    departed: Departed = defaultdict(lambda: defaultdict(list))
    for later in it.later:
        person = it.loser if later.of_loser else it.winner
        lead = it.leads[later.event.lead_id]
        if lead.person_id != person.pk:
            home = _home(it, lead, person, living)
            if home is None:
                continue
            departed[lead.pk][home.pk].append(later)
            lead = home
        touch = later.touch
        came_as = None if touch.came_as_id == person.pk else touch.came_as_id
        rows = Touch.objects.filter(pk=touch.pk)
        rows.update(lead=lead, person=person, came_as=came_as)
    return departed


def _home(it: Parting, lead: Lead, person: Person, living: Sequence[Lead]) -> Lead | None:
    """Where a touch on this lead goes that was of the other person; None: they have no lead."""
    own = [it.leads[pk] for pk in it.joined(lead.pk)]
    everywhere = [it.leads[pk] for one in living for pk in it.joined(one.pk)]
    for leads in (own, everywhere, living):
        found = [one for one in leads if one.person_id == person.pk]
        if found:
            return max(found, key=lambda one: one.pk)
    return None


def bring_signals(it: Parting, departed: Mapping[int, Mapping[int, list[Later]]]) -> None:
    """Behaviour counts again for the lead it was of, or goes with its touch."""
    for moved in it.merge.moved["signals"].values():
        for lead_id, signals in moved["from"].items():
            Signal.objects.filter(pk__in=signals).update(lead=int(lead_id))
    for homes in departed.values():
        for lead_id, went in homes.items():
            Signal.objects.filter(touch__in=[one.touch.pk for one in went]).update(lead=lead_id)


def bring_sent(it: Parting, losers: set[int], living: Sequence[Lead]) -> dict[int, list[Signal]]:
    """Signals that came by themselves since go to the lead of whom they named; by that lead."""
    departed: dict[int, list[Signal]] = defaultdict(list)
    rows = Signal.objects.filter(lead__in=living, touch=None, sent_as__isnull=False)
    for signal in rows.select_related("sent_as").order_by("pk"):
        lead = it.leads[signal.lead_id]
        of_loser = signal.sent_as is not None and signal.sent_as.came_as_id in losers
        person = it.loser if of_loser else it.winner
        home = _home(it, lead, person, living) if lead.person_id != person.pk else None
        if home is not None:
            departed[home.pk].append(signal)
    for home_id, signals in departed.items():
        Signal.objects.filter(pk__in=[one.pk for one in signals]).update(lead=home_id)
    return departed


def welcome_sent(it: Parting, case: Case, signals: Sequence[Signal]) -> None:
    """They count for the lead of their own person from now on."""
    kinds = dict(sorted(Counter(one.kind for one in signals).items()))
    told = {"sent": [one.sent_as_id for one in signals], "kinds": kinds, "merge": it.merge.pk}
    it.ledger.event(case.lead, EventKind.SIGNALLED, because=told)


def untouched(lead: Lead, before: Mapping[str, Any] | None) -> bool:
    """Whether nothing came since that could count for the score."""
    if before is None:
        return False
    since = LeadEvent.objects.filter(lead=lead, sequence__gt=before["version_after"])
    return not since.exclude(kind__in=NO_CHANGE).exists()


def count_own(it: Parting, case: Case, *, same: bool) -> None:
    """What a lead was worth before the merge, and the behaviour since that is its own.

    `same`: nothing came since, so that its band is the one it had.
    """
    lead, buyer, ledger = case.lead, case.buyer, it.ledger
    before = it.merge.before["leads"][str(lead.pk)]
    kept = {one["rule"]: one for one in it.merge.before["parts"][str(lead.pk)]}
    # Sums made for the merge alone; what they were made of stands in the leads' own rows.
    ScorePart.objects.filter(lead=lead).exclude(rule__in=kept).delete()
    buyer.part_rows = {rule: row for rule, row in buyer.part_rows.items() if rule in kept}
    for rule, row in buyer.part_rows.items():
        for name in joining.PART:
            value = kept[rule].get(name, ABSENT.get(name))
            setattr(row, name, instant(value) if name == "at" else value)
        ledger.change(row, *score_rows.COLUMNS)
    buyer.parts = {
        rule: score_rows.part(row, buyer.signals) for rule, row in buyer.part_rows.items()
    }
    decays_at = instant(before["decays_at"])
    if same and (decays_at is None or decays_at > ledger.now):
        case.return_to(before["band"], decays_at, ledger=ledger)
    else:
        case.rescore(ledger.kit, ledger.now, ledger=ledger, from_band=before["band"])


def catch_up_on_fading(it: Parting, cases: Sequence[Case]) -> None:
    """What faded out of its band while it rested as merged leaves it now."""
    ledger = it.ledger
    for case in cases:
        if case.lead.decays_at is not None and case.lead.decays_at <= ledger.now:
            case.rescore(ledger.kit, ledger.now, ledger=ledger)


def welcome(it: Parting, case: Case, left: Case, touches: Sequence[Later]) -> None:
    """Touches come to the lead of their own person, with the request they made if it is open."""
    lead, ledger = case.lead, it.ledger
    for later in touches:
        told = {"touch": later.touch.pk, "channel": later.touch.channel, "merge": it.merge.pk}
        event = ledger.event(lead, EventKind.TOUCHED, because=told)
        lead.last_touch_at = max(lead.last_touch_at, later.touch.occurred_at)
        if left.lead.hand_raised_at == later.event.at:
            _bring_request(it, case, left, later, event)
    ledger.change(lead, "last_touch_at")


def _bring_request(it: Parting, case: Case, left: Case, later: Later, event: LeadEvent) -> None:
    """The buyer who asked is this one: the request and the clocks it started come along."""
    if case.lead.stage in CLOSED:
        return
    ledger, parted = it.ledger, it.parted[left.lead.pk]
    if case.lead.hand_raised_at is None:
        case.lead.hand_raised_at = left.lead.hand_raised_at
    left.lead.hand_raised_at = None
    it.emptied.add(left.lead.pk)
    ledger.change(case.lead, "hand_raised_at")
    ledger.change(left.lead, "hand_raised_at")
    started = set(later.event.clock_events.filter(kind="STARTED").values_list("clock", flat=True))
    taken = {joining.slot(clock) for clock in case.clocks}
    for clock in [one for one in left.clocks if one.pk in started]:
        left.clocks.remove(clock)
        if joining.slot(clock) in taken:
            proof = sla.Evidence(sla.CARRIED, ledger.now, by_id=ledger.by_id)
            sla.end(clock, Fate.CANCELLED, proof, ledger=ledger, event=parted, lead=left.lead)
            continue
        case.clocks.append(
            successors.carry(clock, left.lead, case.lead, ledger=ledger, left=parted, joined=event)
        )
    sla.show_next_due(case.lead, case.clocks, ledger=ledger)
    sla.show_next_due(left.lead, left.clocks, ledger=ledger)


def instant(text: str | None) -> dt.datetime | None:
    """A kept instant."""
    return dt.datetime.fromisoformat(text) if text else None
