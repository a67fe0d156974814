"""Undoing that many leads went on: each goes back on which nothing followed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q

from core import errors
from leads.ledger import Ledger
from leads.models import EventKind, Lead, LeadEvent
from lifecycle import causes, clocks_undone, gathering, notices_undone
from lifecycle.case import Case
from lifecycle.handing_rows import told_of
from lifecycle.models import HandedLead, Reassignment
from people import holders
from people.models import User
from routing import services as routing
from routing.models import Assignment, Decision, Override
from sla import selectors as clock_reads
from sla.models import ClockEvent

BY_THE_CLOCK = (
    EventKind.WARNED, EventKind.BREACHED, EventKind.ESCALATED, EventKind.RESUMED, EventKind.MOVED,
    EventKind.CROSSED,
)  # fmt: skip
UNDO = causes.UNDO


def give_back(leads: Sequence[Lead], act: Reassignment, ledger: Ledger) -> list[HandedLead]:
    """Give these locked leads back to whoever had them before the act that `act` undoes."""
    rows = HandedLead.objects.filter(act=act.undoes_id, lead__in=leads, event__isnull=False)
    before = {row.lead_id: row for row in rows.select_related("event")}
    followed = _followed(before)
    had = {row.from_user_id for row in before.values() if row.from_user_id is not None}
    there = set(holders.everybody().filter(pk__in=had).values_list("pk", flat=True))
    cases = gathering.open_cases(leads)
    lines, going = [], []
    for lead in leads:
        was = before[lead.pk]
        why = _stays(was, followed, there)
        lines.append(told_of(lead, act, stayed=why))
        if not why:
            going.append((cases[lead.pk], was, lines[-1]))
    notices_undone.settle([was.event_id or 0 for _, was, _ in going], now=ledger.now)
    _return_turns([case for case, _, _ in going], ledger)
    legs, notes = _legs(was for _, was, _ in going), _notes(was for _, was, _ in going)
    past = clock_reads.notes_of({one.clock_id for some in notes.values() for one in some})
    for case, was, line in going:
        line.event = _back(case, was, legs.get(was.event_id or 0), act, ledger)
        clocks_undone.undo(case, notes[case.lead.pk], ledger=ledger, event=line.event, past=past)
        line.to_user_id, line.to_queue = case.lead.owner_id, case.lead.queue
    return lines


@dataclass(frozen=True, slots=True)
class Gone:
    """Of the leads that went on by an act, how many were those of people who are inactive now."""

    names: tuple[str, ...]
    leads: int
    of: int

    @property
    def is_all(self) -> bool:
        """Whether nothing could go back to anybody."""
        return self.of > 0 and self.leads == self.of

    @property
    def sentence(self) -> str:
        """What follows from it, for who would undo the act; empty where nothing does."""
        if not self.leads:
            return ""
        are = "is" if len(self.names) == 1 else "are"
        who = f"{', '.join(self.names)} {are} not here to work leads"
        if self.is_all:
            return f"{who}; make them active reps first."
        stay = "1 lead stays where it is" if self.leads == 1 else f"{self.leads:,} leads stay"
        return f"{who}: {stay}. An act is undone once, so see to that before."


def gone(act: Reassignment) -> Gone:
    """The same of this act. Two queries."""
    had = act.leads.filter(event__isnull=False).order_by()
    left = User.objects.filter(pk__in=had.values("from_user")).exclude(
        pk__in=holders.everybody().values("pk")
    )
    count = had.aggregate(of=Count("pk"), gone=Count("pk", filter=Q(from_user__in=left)))
    names = tuple(str(one) for one in left.order_by("first_name", "pk"))
    return Gone(names, count["gone"], count["of"])


def require_somebody(act: Reassignment) -> None:
    """Raises TooLate where all whose leads went on are inactive: nothing could go back to them.

    The undo is kept for when they are here again.
    """
    found = gone(act)
    if found.is_all:
        raise errors.TooLate(found.sentence)


def note_overrides(cases: Sequence[Case], act: Reassignment, ledger: Ledger) -> None:
    """Count against the rules that had given or kept these leads that they go elsewhere."""
    if act.by_id is None:
        return
    waiting = [case.lead.pk for case in cases if case.held is None]
    kept = Decision.objects.filter(lead__in=waiting, picked__isnull=True).order_by("at", "pk")
    decided: dict[int, int] = dict(kept.values_list("lead", "pk"))
    for case in cases:
        decision = case.held.decision_id if case.held is not None else decided.get(case.lead.pk)
        if decision is not None:
            ledger.add(
                Override(
                    lead=case.lead,
                    decision_id=decision,
                    kind=Override.Kind.REASSIGNED,
                    why=act.counts_as,
                    from_user_id=case.lead.owner_id,
                    to_user_id=act.to_id,
                    by_id=act.by_id,
                    at=ledger.now,
                )
            )


def _stays(was: HandedLead, followed: set[int], there: set[int]) -> str:
    if was.lead_id in followed:
        return "something followed"
    if was.from_user_id is not None and was.from_user_id not in there:
        return "who had it is not here any more"
    return ""


def _followed(before: Mapping[int, HandedLead]) -> set[int]:
    """Leads on which somebody or something acted since; time going on does not count."""
    since = {row.lead_id: row.event.sequence for row in before.values() if row.event}
    later = LeadEvent.objects.filter(lead__in=before).exclude(kind__in=BY_THE_CLOCK)
    if since:
        later = later.filter(sequence__gt=min(since.values()))
    rows = later.values_list("lead", "sequence")
    return {lead for lead, sequence in rows if sequence > since[lead]}


def _return_turns(cases: Sequence[Case], ledger: Ledger) -> None:
    """The turns that the act took of pools are given back."""
    decided = (case.held.decision_id for case in cases if case.held is not None)
    wanted = {one for one in decided if one is not None}
    taken = Decision.objects.filter(pk__in=wanted, turn__isnull=False).select_related("snapshot")
    routing.return_turns(taken.order_by("pk"), UNDO, ledger)


def _legs(rows: Iterable[HandedLead]) -> dict[int, Assignment]:
    """By event of the act the leg that it ended. One query."""
    ended = Assignment.objects.filter(ended_by_event__in=[row.event_id for row in rows])
    return {one.ended_by_event_id: one for one in ended if one.ended_by_event_id is not None}


def _notes(rows: Iterable[HandedLead]) -> Mapping[int, list[ClockEvent]]:
    """By lead what the act did to its clocks, in order. One query."""
    events = [row.event_id for row in rows]
    found = ClockEvent.objects.filter(Q(event__in=events) | Q(event__cause__in=events))
    notes: defaultdict[int, list[ClockEvent]] = defaultdict(list)
    for note in found.select_related("clock").order_by("pk"):
        notes[note.clock.lead_id].append(note)
    return notes


def _back(
    case: Case, was: HandedLead, leg: Assignment | None, act: Reassignment, ledger: Ledger
) -> LeadEvent:
    because = {"why": UNDO, "reassignment": act.pk}
    if was.from_user_id is not None:
        routed = routing.assign(
            case.lead,
            was.from_user_id,
            ledger=ledger,
            held=case.held,
            because=because,
            ending=UNDO,
            resumes=leg,
        )
        case.held = routed.assignment
        return routed.event
    routed = routing.enqueue(
        case.lead,
        was.from_queue,
        route_at=ledger.now,
        ledger=ledger,
        held=case.held,
        because=because,
        ending=UNDO,
    )
    case.held = None
    return routed.event
