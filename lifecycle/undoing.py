"""Taking back the last human step, with everything that hung on it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from core import errors
from governance import selectors as kits
from leads import present, services, stages
from leads.models import Account, Activity, EventKind, Lead, LeadEvent, Opportunity
from leads.stages import Stage
from lifecycle import (
    acts,
    causes,
    clocks_undone,
    contacts_undone,
    deal_standing,
    deal_undoing,
    exclusions,
    quarantine,
)
from lifecycle.acts import Act
from lifecycle.handoffs import RETURNED
from people.models import User
from routing import services as routing
from routing.models import Assignment, Override
from sla.models import ClockEvent

BY_THE_CLOCK = (
    EventKind.WARNED, EventKind.BREACHED, EventKind.ESCALATED, EventKind.RESUMED, EventKind.MOVED,
    EventKind.RULED,
    EventKind.CROSSED,
)  # fmt: skip
"""Time goes on while people think; these do not count as something that followed."""


RETURN = stages.TRANSITIONS["accept"]
"""Giving a lead back is no step; it is undone like one of an owner."""

MOVES = (EventKind.ASSIGNED, EventKind.QUEUED)
_LABELS: dict[str, str] = dict(stages.CHOICES)
OWNING = (*MOVES, EventKind.RELEASED)
_GAVE_BACK = Q(kind__in=MOVES) & (
    Q(because__why__in=(RETURNED, causes.MISROUTED)) | Q(because__again=causes.MISROUTED)
)
"""An AE returned a hand-off, or an owner said that it was not theirs."""
_LOGGED = Q(kind=EventKind.ACTIVITY, because__kind__in=Activity.Kind.values)
"""Somebody logged what they did with the buyer."""


class NothingToUndo(errors.TooLate):
    """The last step was not this person's, is too long ago, or something followed."""

    code = "nothing_to_undo"


def undo(*, lead_id: int, by: User, now: dt.datetime | None = None) -> tuple[Lead, LeadEvent]:
    """Take back this person's last step, within the kit's window, if nothing followed it.

    Returns the lead and the step: a change of stage, giving a lead back, or a contact logged.

    Clocks it ended run on to the same deadline, clocks it started are cancelled, who held the
    lead holds it again. The step stays in the log, followed by its undoing. A deal that was won or
    lost is open again, with every lead that was closed with it.
    """
    together = _closed_together(lead_id)
    if len(together) > 1:
        return _undo_together(lead_id, together, by=by, now=now)
    with acts.on(lead_id, by=by, now=now, with_account=True) as act:
        step, effects = _last_step(act, by)
        lead = act.lead
        if step.kind in MOVES:
            _undo_giving_back(act, step, [step.pk, *effects])
            return lead, step
        if step.kind == EventKind.ACTIVITY:
            _undo_contact(act, step, [step.pk, *effects])
            return lead, step
        _undo_deal(act, step)
        _step_back(act, step, [step.pk, *effects])
    return act.lead, step


def _step_back(act: Act, step: LeadEvent, group: list[int]) -> None:
    """The lead stands where it stood, with who held it and what was owed."""
    lead = act.lead
    event = services.move(
        lead,
        stages.UNDO,
        ledger=act.ledger,
        to=step.from_stage,
        because={"undone": step.pk, "transition": step.transition},
    )
    _undo_owner(act, step, group, event)
    _undo_clocks(act, group, event)
    raised = step.because.get("hand_raised_at")
    lead.hand_raised_at = dt.datetime.fromisoformat(raised) if raised else lead.hand_raised_at
    lead.reason = ""
    if step.transition == "self_source" or step.because.get("sourced_by"):
        lead.sourced_by = None
    if step.transition == exclusions.LET_IN:
        exclusions.put_back(lead, step, ledger=act.ledger)
    act.ledger.change(lead, "hand_raised_at", "reason", "sourced_by")


def _closed_together(lead_id: int) -> list[int]:
    """The leads that were won or lost in the same act as this one, it included; else none."""
    step = _steps(Lead(pk=lead_id)).first()
    if step is None or step.transition not in ("win", "lose"):
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
    rows = Lead.objects.filter(pk__in=together)
    accounts = Account.objects.filter(pk__in=rows.values("account_id")).order_by("pk")
    list(accounts.select_for_update(no_key=True))
    leads = list(rows.order_by("pk").select_for_update(no_key=True))
    at = now or present.of(together)
    found: dict[int, LeadEvent] = {}
    with acts.on_many(leads, by=by, now=at, kit=kit, actor="user") as all_acts:
        for act in all_acts:
            step, effects = _last_step(act, by)
            found[act.lead.pk] = step
            if act.lead.pk == lead_id:
                _undo_deal(act, step)
            _step_back(act, step, [step.pk, *effects])
    return next(one for one in leads if one.pk == lead_id), found[lead_id]


def may_undo(lead: Lead, by: User, *, window: dt.timedelta, now: dt.datetime) -> LeadEvent | None:
    """The step this person could take back now, if any; for pages that offer it."""
    step = _steps(lead).first()
    if step is None or not _is_fresh(step, by, window=window, now=now):
        return None
    return None if _followed(step).exists() else step


def _steps(lead: Lead) -> QuerySet[LeadEvent]:
    """What can be undone by its kind, the last first."""
    steps = Q(kind=EventKind.STAGE) | _GAVE_BACK | _LOGGED
    return LeadEvent.objects.filter(steps, lead=lead).order_by("-sequence")


def _is_fresh(step: LeadEvent, by: User, *, window: dt.timedelta, now: dt.datetime) -> bool:
    """Whether a step is this person's, and not too long ago."""
    return step.by_id == by.pk and now - step.recorded_at <= window and _is_human(step)


def _followed(step: LeadEvent) -> QuerySet[LeadEvent]:
    """What came after a step and is neither its own effect nor the passing of time."""
    later = LeadEvent.objects.filter(lead=step.lead_id, sequence__gt=step.sequence)
    return later.exclude(cause=step).exclude(kind__in=BY_THE_CLOCK).order_by("sequence")


def _is_human(step: LeadEvent) -> bool:
    if step.kind == EventKind.ACTIVITY:
        return contacts_undone.standing(step) is not None
    if step.because.get("erased"):
        return False  # nobody comes back from that
    if "exclusion" in step.because:
        return exclusions.was_let_pass(step)
    known = RETURN if step.kind in MOVES else stages.TRANSITIONS.get(step.transition)
    return known is not None and known.human


def _last_step(act: Act, by: User) -> tuple[LeadEvent, list[int]]:
    window = act.kit.general.undo
    step = may_undo(act.lead, by, window=window, now=act.now)
    if step is None:
        raise NothingToUndo(_why_not(act, by, window), state=services.state_of(act.lead))
    if step.transition in ("win", "lose") and _others_closed_apart(step):
        raise NothingToUndo("Other leads of this opportunity were closed by themselves since.")
    effects = LeadEvent.objects.filter(lead=act.lead, sequence__gt=step.sequence)
    return step, list(effects.filter(cause=step).values_list("pk", flat=True))


def _why_not(act: Act, by: User, window: dt.timedelta) -> str:
    """Why somebody has nothing to undo; what followed a step of theirs is named."""
    own = _steps(act.lead).filter(by=by).first()
    later: list[LeadEvent] = []
    if own is not None and _is_fresh(own, by, window=window, now=act.now):
        later = list(_followed(own).select_related("by"))
    if not later:
        return (
            "There is nothing of yours to undo here: the last step is older than "
            f"{window.total_seconds() / 60:.0f} minutes, or somebody else's."
        )
    first = later[0]
    who = f" by {first.by}" if first.by is not None else ""
    more = f", and {len(later) - 1} more" if len(later) > 1 else ""
    at = first.at.astimezone(by.zone)
    what = first.get_kind_display()
    if first.kind == EventKind.STAGE:
        what = " to ".join(_LABELS.get(one, one) for one in (first.from_stage, first.to_stage))
    told = f"{what}{who} at {at:%H:%M}{more}"
    return f"It cannot be undone: it was followed by: {told}."


def _others_closed_apart(step: LeadEvent) -> bool:
    """Whether a lead that was not closed in the same act stands closed on the same deal."""
    closed = Lead.objects.filter(
        opportunity_id=step.because.get("opportunity"), stage__in=[Stage.WON, Stage.LOST]
    )
    return closed.exclude(pk__in=_closed_together(step.lead_id)).exists()


def _undo_giving_back(act: Act, step: LeadEvent, group: list[int]) -> None:
    """What somebody gave back is theirs again, with what they owed; it overrides no rule."""
    ended = Assignment.objects.get(lead=act.lead, ended_by_event=step)
    started = Assignment.objects.filter(lead=act.lead, started_by_event=step).first()
    noted = Override.objects.filter(lead=act.lead, by=step.by_id, at=step.at).last()
    again = routing.assign(
        act.lead,
        ended.user_id,
        ledger=act.ledger,
        held=act.case.held,
        because={"why": causes.UNDO, "overrode": noted.pk if noted is not None else None},
        resumes=ended,
    )
    act.case.held = again.assignment
    routing.take_back_turns(
        again=ended.decision,
        back=started.decision if started is not None else None,
        ledger=act.ledger,
    )
    _undo_clocks(act, group, again.event)


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
    if step.transition in ("win", "lose"):
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
    if started is not None:
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
