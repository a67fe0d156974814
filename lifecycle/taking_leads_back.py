"""Undoing that many leads went on: each goes back on which nothing followed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import Q

from core import errors
from leads.ledger import Ledger
from leads.models import EventKind, Lead, LeadEvent
from lifecycle import gathering, ownership
from lifecycle.case import Case
from lifecycle.handing_rows import told_of
from lifecycle.models import HandedLead, Reassignment
from people.models import User
from routing import services as routing
from routing.models import Decision, Override
from sla import services as sla

BY_THE_CLOCK = (EventKind.WARNED, EventKind.BREACHED, EventKind.ESCALATED)
UNDO = "undo"


def give_back(leads: Sequence[Lead], act: Reassignment, ledger: Ledger) -> list[HandedLead]:
    """Give these locked leads back to whoever had them before the act that `act` undoes."""
    rows = HandedLead.objects.filter(act=act.undoes_id, lead__in=leads, event__isnull=False)
    before = {row.lead_id: row for row in rows.select_related("event")}
    followed = _followed(before)
    had = {row.from_user_id for row in before.values() if row.from_user_id is not None}
    there = set(User.objects.filter(pk__in=had, is_active=True).values_list("pk", flat=True))
    cases = gathering.open_cases(leads)
    lines, going = [], []
    for lead in leads:
        was = before[lead.pk]
        why = _stays(was, followed, there)
        lines.append(told_of(lead, act, stayed=why))
        if not why:
            going.append((cases[lead.pk], was, lines[-1]))
    _return_turns([case for case, _, _ in going], ledger)
    for case, was, line in going:
        line.event = _back(case, was, act, ledger)
        line.to_user_id, line.to_queue = case.lead.owner_id, case.lead.queue
    return lines


def require_somebody(act: Reassignment) -> None:
    """Raises TooLate where all whose leads went on are inactive: nothing could go back to them.

    The undo is kept for when they are here again.
    """
    had = act.leads.filter(event__isnull=False)
    if had.filter(Q(from_user__isnull=True) | Q(from_user__is_active=True)).exists():
        return
    gone = User.objects.filter(pk__in=had.values("from_user")).order_by("first_name", "pk")
    names = ", ".join(str(one) for one in gone)
    verb = "is" if len(gone) == 1 else "are"
    raise errors.TooLate(f"{names} {verb} not active; make them active first.")


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


def _back(case: Case, was: HandedLead, act: Reassignment, ledger: Ledger) -> LeadEvent:
    told = {"reassignment": act.pk}
    if was.from_user_id is not None:
        return ownership.hand_to(case, was.from_user_id, ledger=ledger, why=UNDO, told=told)
    routed = routing.enqueue(
        case.lead,
        was.from_queue,
        route_at=ledger.now,
        ledger=ledger,
        held=case.held,
        because={"why": UNDO, **told},
        ending=UNDO,
    )
    case.held = None
    sla.hand_over(case.lead, case.clocks, ledger=ledger)
    return routed.event
