"""Taking back the last human step, with everything that hung on it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Q

from governance import selectors as kits
from leads import present, resting, services, stages
from leads.models import Account, EventKind, Lead, LeadEvent, Opportunity
from leads.stages import Stage
from lifecycle import (
    acts,
    causes,
    clocks_undone,
    contacts_undone,
    deal_standing,
    deal_undoing,
    exclusions,
    last_steps,
    notices_undone,
    quarantine,
    standings,
)
from lifecycle.acts import Act
from lifecycle.last_steps import MOVES, LastStep, NothingToUndo
from people import holders
from people.models import User
from routing import services as routing
from routing.models import Assignment, Override
from sla.models import ClockEvent

OWNING = (*MOVES, EventKind.RELEASED)
CLOSING = ("win", "lose")
OF_DEALS = ("convert", *CLOSING)
"""Steps by which a company comes to stand otherwise to us."""


def undo(*, lead_id: int, by: User, now: dt.datetime | None = None) -> tuple[Lead, LeadEvent]:
    """Take back this person's last step, within the kit's window, if nothing followed it.

    Returns the lead and the step: a change of stage, giving a lead back or on, or a contact logged.

    Clocks it ended run on to the same deadline, clocks it started are cancelled, who held the
    lead holds it again. The step stays in the log, followed by its undoing. A deal that was won or
    lost is open again, with every lead that was closed with it.
    """
    seen = last_steps.steps(Lead(pk=lead_id)).first()
    together = _closed_together(seen)
    if len(together) > 1:
        return _undo_together(lead_id, together, by=by, now=now)
    of_deal = seen is not None and seen.transition in OF_DEALS
    with acts.on(lead_id, by=by, now=now, with_account=True, restates=of_deal) as act:
        last = _last_step(act, by)
        notices_undone.settle(last.group, now=act.now)
        lead, step = act.lead, last.event
        if step.kind in MOVES:
            _undo_giving_away(act, step, last.group)
            return lead, step
        if step.kind == EventKind.ACTIVITY:
            _undo_contact(act, step, last.group)
            return lead, step
        _undo_deal(act, step)
        _step_back(act, last)
    return act.lead, step


def _step_back(act: Act, last: LastStep) -> None:
    """The lead stands where it stood, with who held it and what was owed."""
    lead, step, group = act.lead, last.event, last.group
    event = [_move_back(act, one, within=step) for one in last.moves][-1]
    _undo_owner(act, step, group, event)
    _undo_clocks(act, group, event)
    raised = step.because.get("hand_raised_at")
    lead.hand_raised_at = dt.datetime.fromisoformat(raised) if raised else lead.hand_raised_at
    if step.transition == "self_source" or step.because.get("sourced_by"):
        lead.sourced_by = None
    act.ledger.change(lead, "hand_raised_at", "sourced_by")
    _stand_again(act, step)


def take_effects_back(act: Act, last: LastStep, event: LeadEvent) -> None:
    """What followed from a change of fields is taken back with it; `event` is that of its undoing.

    The lead stands where it stood, out again where it had been let in, with who held it and what
    was owed.
    """
    group, moves = last.group, last.moves
    notices_undone.settle(group, now=act.now)
    for one in moves:
        _move_back(act, one, within=last.event)
    _undo_owner(act, last.event, group, event)
    _undo_clocks(act, group, event)
    if moves:
        _stand_again(act, moves[-1])


def _stand_again(act: Act, step: LeadEvent) -> None:
    """Why the lead stands where it came back to, now that this first step was taken back."""
    if resting.since(act.lead.stage, step.because.get(resting.STOOD, {})) is None:
        act.lead.reason = ""
        act.ledger.change(act.lead, "reason")
    if step.transition == exclusions.LET_IN:
        exclusions.put_back(act.lead, step, ledger=act.ledger)


def _move_back(act: Act, step: LeadEvent, *, within: LeadEvent) -> LeadEvent:
    """Take one change of stage back, the last step or what followed from it: none of them counts.

    The event says so (`within`) of what followed.
    """
    lead = act.lead
    beside: dict[str, Any] = {} if step is within else {"within": within.pk}
    stood = step.because.get(resting.STOOD, {})
    since = resting.since(step.from_stage, stood)
    if since is not None:
        beside["since"] = since.isoformat()
    if step.transition == "qualify" and step.from_stage == Stage.NURTURE:
        lead.cycle -= 1
        act.ledger.change(lead, "cycle")
    event = services.move(
        lead,
        stages.UNDO,
        ledger=act.ledger,
        to=step.from_stage,
        because={"undone": step.pk, "transition": step.transition, **beside},
    )
    if since is not None:
        resting.restore(lead, stood, ledger=act.ledger)
    return event


def _closed_together(step: LeadEvent | None) -> list[int]:
    """The leads that were won or lost by the act of this step; of another step none."""
    if step is None or step.transition not in CLOSING:
        return []
    deal = step.because.get("opportunity")
    same = LeadEvent.objects.filter(
        lead__opportunity=deal,
        kind=EventKind.STAGE,
        transition=step.transition,
        recorded_at=step.recorded_at,
    )
    return sorted(set(same.values_list("lead_id", flat=True)))


@transaction.atomic
def _undo_together(
    lead_id: int, together: list[int], *, by: User, now: dt.datetime | None
) -> tuple[Lead, LeadEvent]:
    """A closing taken back for all leads at once; refused for all where one has moved on."""
    kit = kits.active_kit()
    of_these = Lead.objects.filter(pk__in=together).values("account_id")
    rows = Account.objects.filter(pk__in=of_these).order_by("pk")
    accounts = list(rows.select_for_update(no_key=True))
    leads = standings.lock(Q(pk__in=together), accounts, kit=kit)
    at = now or present.of(together)
    found: dict[int, LeadEvent] = {}
    with acts.on_many(leads, by=by, now=at, kit=kit, actor="user") as all_acts:
        for act in all_acts:
            last = _last_step(act, by)
            notices_undone.settle(last.group, now=act.now)
            found[act.lead.pk] = last.event
            if act.lead.pk == lead_id:
                _undo_deal(act, last.event)
            _step_back(act, last)
    return next(one for one in leads if one.pk == lead_id), found[lead_id]


def _last_step(act: Act, by: User) -> LastStep:
    window = act.kit.general.undo
    last = last_steps.find(act.lead, by, window=window, now=act.now)
    if last is None:
        why = last_steps.why_not(act.lead, by, window=window, now=act.now)
        raise NothingToUndo(why, state=services.state_of(act.lead))
    if last.event.transition in CLOSING and _others_closed_apart(last.event):
        raise NothingToUndo("Other leads of this opportunity were closed by themselves since.")
    return last


def _others_closed_apart(step: LeadEvent) -> bool:
    """Whether a lead that was not closed in the same act stands closed on the same deal."""
    closed = Lead.objects.filter(
        opportunity_id=step.because.get("opportunity"), stage__in=[Stage.WON, Stage.LOST]
    )
    return closed.exclude(pk__in=_closed_together(step)).exists()


def _undo_giving_away(act: Act, step: LeadEvent, group: list[int]) -> None:
    """Whoever had what was given back or on has it again, with what they owed, or its queue has;
    it overrides no rule.
    """
    ended = Assignment.objects.filter(lead=act.lead, ended_by_event=step).first()
    started = Assignment.objects.filter(lead=act.lead, started_by_event=step).first()
    _require_place(act, step, ended)
    noted = Override.objects.filter(lead=act.lead, by=step.by_id, at=step.at).last()
    because = {"why": causes.UNDO, "overrode": noted.pk if noted is not None else None}
    held = act.case.held
    if ended is not None:
        again = routing.assign(
            act.lead, ended.user_id, ledger=act.ledger, held=held, because=because, resumes=ended
        )
    else:
        again = routing.enqueue(
            act.lead, _queue_before(step), route_at=act.now, ledger=act.ledger, held=held,
            because=because, ending=causes.UNDO,
        )  # fmt: skip
    act.case.held = again.assignment
    routing.take_back_turns(
        again=ended.decision if ended is not None else None,
        back=started.decision if started is not None else None,
        ledger=act.ledger,
    )
    _undo_clocks(act, group, again.event)


def _require_place(act: Act, step: LeadEvent, ended: Assignment | None) -> None:
    """Whoever had the lead, or the queue it waited in, can have it again. Raises NothingToUndo."""
    why = ""
    if ended is None:
        left = LeadEvent.objects.filter(
            lead=act.lead, kind=EventKind.CLEANSED, recorded_at=step.recorded_at
        )
        if left.exists() or not _queue_before(step):
            why = "It left quarantine by it, and stays out. Reassign it instead."
    elif ended.user_id != step.by_id and not holders.works_leads(ended.user):
        why = f"{ended.user} works no leads any more. Reassign it instead."
    if why:
        raise NothingToUndo(why, state=services.state_of(act.lead))


def _undo_contact(act: Act, step: LeadEvent, group: list[int]) -> None:
    """What was logged counts no more: what is owed is owed again, by who owed it."""
    event = contacts_undone.take_back(act, step, group)
    if LeadEvent.objects.filter(pk__in=group, kind__in=OWNING).exists():
        _undo_owner(act, step, group, event)
    _undo_clocks(act, group, event)


def _undo_deal(act: Act, step: LeadEvent) -> None:
    """What the step did to the lead's opportunity and to how its company stands to us."""
    lead = act.lead
    if step.transition == "convert":
        deal_id, lead.opportunity = _deal_of(lead), None
        act.ledger.change(lead, "opportunity")
        others = Lead.objects.filter(opportunity_id=deal_id).exclude(pk=lead.pk)
        if not step.because.get("joined") and not others.exists():
            Lead.objects.filter(pk=lead.pk).update(opportunity=None)
            deal_undoing.remove(deal_id)
    if step.transition in CLOSING:
        deal = Opportunity.objects.select_for_update(no_key=True).get(pk=_deal_of(lead))
        deal_undoing.reopen(deal, act.case.buyer.account, ledger=act.ledger)
    before = step.because.get("account_status")
    deal_standing.restore(act.case.buyer.account, before, ledger=act.ledger)


def _deal_of(lead: Lead) -> int:
    if lead.opportunity_id is None:
        raise NothingToUndo("This lead has no opportunity.", state=services.state_of(lead))
    return int(lead.opportunity_id)


def _undo_owner(act: Act, step: LeadEvent, group: list[int], event: LeadEvent) -> None:
    lead, ledger = act.lead, act.ledger
    # A leg that the step itself began was nobody's before it.
    before = Assignment.objects.filter(lead=lead).exclude(started_by_event__in=group)
    ended = before.filter(ended_by_event__in=group).first()
    started = Assignment.objects.filter(
        lead=lead, started_by_event__in=group, ended_at__isnull=True
    ).first()
    routing.take_back_turns(
        again=ended.decision if ended is not None else None,
        back=started.decision if started is not None else None,
        ledger=ledger,
    )
    if ended is not None:
        again = routing.assign(
            lead,
            ended.user_id,
            ledger=ledger,
            held=act.case.held,
            because={"why": causes.UNDO},
            cause=event,
            resumes=ended,
        )
        act.case.held = again.assignment
        return
    if started is not None or _was_queued(lead, group):
        routing.release(lead, ledger=ledger, held=act.case.held, why=causes.UNDO, cause=event)
        act.case.held = None
    queue = _queue_before(step)
    since = _quarantined_since(group)
    if lead.owner_id is None and queue and since is not None:
        quarantine.put_back(act.case, queue, since, ledger=ledger, cause=event)
    elif lead.owner_id is None and queue:
        routing.enqueue(
            lead, queue, route_at=act.now, ledger=ledger, because={"why": causes.UNDO}, cause=event
        )


def _was_queued(lead: Lead, group: list[int]) -> bool:
    """Whether the step put the lead into the queue it waits in."""
    queued = LeadEvent.objects.filter(pk__in=group, kind=EventKind.QUEUED)
    return bool(lead.queue) and queued.exists()


def _quarantined_since(group: list[int]) -> dt.datetime | None:
    """Since when the lead had been in quarantine, if the step ended that."""
    left = LeadEvent.objects.filter(pk__in=group, kind=EventKind.CLEANSED).first()
    since = left.because.get("since") if left is not None else None
    return dt.datetime.fromisoformat(since) if since else None


def _queue_before(step: LeadEvent) -> str:
    """The queue the lead waited in when the step was taken."""
    before: Any = LeadEvent.objects.filter(
        lead_id=step.lead_id, kind__in=OWNING, sequence__lt=step.sequence
    )
    last = before.order_by("-sequence").first()
    return last.queue if last is not None and last.kind == EventKind.QUEUED else ""


def _undo_clocks(act: Act, group: list[int], event: LeadEvent) -> None:
    notes = ClockEvent.objects.filter(event__in=group).select_related("clock").order_by("pk")
    clocks_undone.undo(act.case, notes, ledger=act.ledger, event=event)
