"""Which step somebody can take back now, what hangs on it, and why there is none. Reads only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from core import errors
from leads import stages
from leads.models import Activity, EventKind, Lead, LeadEvent
from lifecycle import causes, contacts_undone, exclusions
from lifecycle.handoffs import RETURNED
from people.models import User

BY_THE_CLOCK = (
    EventKind.WARNED, EventKind.BREACHED, EventKind.ESCALATED, EventKind.RESUMED, EventKind.MOVED,
    EventKind.RULED,
    EventKind.CROSSED,
)  # fmt: skip
"""Time goes on while people think; these do not count as something that followed."""

RETURN = stages.TRANSITIONS["accept"]
"""Giving a lead back or on is no step; it is undone like one of an owner."""

MOVES = (EventKind.ASSIGNED, EventKind.QUEUED)
MOVED = (EventKind.STAGE, *MOVES, EventKind.RELEASED, EventKind.CLEANSED)
"""By these an act changes where a lead stands, or who answers for it."""
MOST_EFFECTS = 20
"""Events of a single act on a lead; there are never as many."""
_LABELS: dict[str, str] = dict(stages.CHOICES)
_GAVE_BACK = Q(kind__in=MOVES) & (
    Q(because__why__in=(RETURNED, causes.MISROUTED))
    | Q(because__again__in=(causes.MISROUTED, causes.REASSIGNED))
    | Q(because__why=causes.REASSIGNED, because__reassignment__isnull=True)
)
"""An AE returned a hand-off, an owner said that it was not theirs, or somebody gave this one lead
to another; many at once are taken back as the one act that they are.
"""
_LOGGED = Q(kind=EventKind.ACTIVITY, because__kind__in=Activity.Kind.values)
"""Somebody logged what they did with the buyer."""


class NothingToUndo(errors.TooLate):
    """The last step was not this person's, is too long ago, or something followed."""

    code = "nothing_to_undo"


@dataclass(frozen=True, slots=True)
class LastStep:
    """A step that can be taken back, and the events of the lead that follow from it alone."""

    event: LeadEvent
    effects: tuple[LeadEvent, ...]

    @property
    def group(self) -> list[int]:
        """The numbers of all of these events."""
        return [self.event.pk, *(one.pk for one in self.effects)]

    @property
    def moves(self) -> list[LeadEvent]:
        """The changes of stage among them, the last first: as they are taken back."""
        every = (self.event, *self.effects)
        return [one for one in reversed(every) if one.kind == EventKind.STAGE]


def find(lead: Lead, by: User, *, window: dt.timedelta, now: dt.datetime) -> LastStep | None:
    """The step this person could take back now, if any; two queries, one more for a contact."""
    step = _own(lead, by)
    if step is None or not _is_fresh(step, window=window, now=now):
        return None
    effects, followed = _after(step)
    return None if followed else LastStep(step, tuple(effects))


def steps(lead: Lead) -> QuerySet[LeadEvent]:
    """What can be undone by its kind, the last first."""
    kinds = Q(kind=EventKind.STAGE) | _GAVE_BACK | _LOGGED
    return LeadEvent.objects.filter(kinds, lead=lead).order_by("-sequence")


def why_not(lead: Lead, by: User, *, window: dt.timedelta, now: dt.datetime) -> str:
    """Why somebody has nothing to undo; what followed a step of theirs is named."""
    own, edit = _own(lead, by), _own_edit(lead, by)
    followed: Sequence[LeadEvent] = ()
    if own is not None and _is_fresh(own, window=window, now=now):
        _, followed = _after(own)
    elif edit is not None and now - edit.recorded_at <= window:
        _, followed = _after(edit)
    if not followed:
        return (
            "There is nothing of yours to undo here: the last step is older than "
            f"{window.total_seconds() / 60:.0f} minutes, somebody else's, or of a kind that stays."
        )
    return f"It cannot be undone: it was followed by: {told(followed, by)}."


def told(followed: Sequence[LeadEvent], by: User) -> str:
    """What followed a step, in words, for who would take it back; there must be something."""
    first = followed[0]
    who = f" by {first.by}" if first.by is not None else ""
    more = f", and {len(followed) - 1} more" if len(followed) > 1 else ""
    at = first.at.astimezone(by.zone)
    what = first.get_kind_display()
    if first.kind == EventKind.STAGE:
        what = " to ".join(_LABELS.get(one, one) for one in (first.from_stage, first.to_stage))
    return f"{what}{who} at {at:%H:%M}{more}"


def effects_of_edits(edits: Sequence[LeadEvent], by: User) -> list[LastStep]:
    """What changes of fields in one act brought about, of those that moved a lead or its owner.

    A lead that they took out comes back by what holds now, and is none of these. Raises
    NothingToUndo, naming what followed on such a lead. One query, one more for each lead moved.
    """
    moved = LeadEvent.objects.filter(cause__in=edits, kind__in=MOVED).values_list(
        "cause", flat=True
    )
    moving, found = set(moved), []
    for edit in edits:
        if edit.pk not in moving:
            continue
        effects, followed = _after(edit)
        last = LastStep(edit, tuple(effects))
        if last.moves and last.moves[-1].transition == exclusions.TAKEN_OUT:
            continue
        if followed:
            raise NothingToUndo(
                "It cannot be undone: what came of it was followed by: "
                f"{told(followed, by)}, on lead {edit.lead_id}."
            )
        found.append(last)
    return found


def _own_edit(lead: Lead, by: User) -> LeadEvent | None:
    """The last change of fields, if it was this person's and none that took one back."""
    edits = LeadEvent.objects.filter(lead=lead, kind=EventKind.EDITED).order_by("-sequence")
    last = edits.first()
    return last if last and last.by_id == by.pk and "undone" not in last.because else None


def _own(lead: Lead, by: User) -> LeadEvent | None:
    """The last step of this person that did not itself follow from one in the same act."""
    rows = steps(lead).filter(by=by).select_related("cause")[:MOST_EFFECTS]
    return next((one for one in rows if not _is_effect(one, one.cause)), None)


def _is_fresh(step: LeadEvent, *, window: dt.timedelta, now: dt.datetime) -> bool:
    """Whether a step can be taken back by its nature, and is not too long ago."""
    return now - step.recorded_at <= window and _is_human(step)


def _after(step: LeadEvent) -> tuple[list[LeadEvent], list[LeadEvent]]:
    """What came after a step: its own effects, and what else did, but for the passing of time.

    What followed from effects in the same act is one, too.
    """
    later = LeadEvent.objects.filter(lead=step.lead_id, sequence__gt=step.sequence)
    group, effects, followed = {step.pk: step}, [], []
    for event in later.select_related("by").order_by("sequence"):
        cause = group.get(event.cause_id or 0)
        if cause is step or _is_effect(event, cause):
            group[event.pk] = event
            effects.append(event)
        elif event.kind not in BY_THE_CLOCK:
            followed.append(event)
    return effects, followed


def _is_effect(event: LeadEvent, cause: LeadEvent | None) -> bool:
    """Whether an event follows from this one, and both were recorded by one act."""
    return cause is not None and cause.recorded_at == event.recorded_at


def _is_human(step: LeadEvent) -> bool:
    if step.kind == EventKind.ACTIVITY:
        return contacts_undone.standing(step) is not None
    if step.because.get("erased"):
        return False  # nobody comes back from that
    if "exclusion" in step.because:
        return exclusions.was_let_pass(step)
    known = RETURN if step.kind in MOVES else stages.TRANSITIONS.get(step.transition)
    return known is not None and known.human
