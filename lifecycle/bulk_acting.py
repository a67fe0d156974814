"""The same on many leads: previewed, each by its own action, its result kept, to be undone.

A lead is one transaction that takes the step and moves the record on, so whatever is killed on the
way goes on where it stopped. Who may do what is said by each lead's own action, not here; the
preview only tells beforehand what surely stands against it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction

from core import database, errors, queue
from core.errors import DomainError
from governance import selectors as kits
from governance.kit import Kit
from governance.terms import Reason
from leads import cleansing, selectors, stages
from leads.models import Lead
from leads.stages import TRANSITIONS
from lifecycle import (
    actions,
    attempts,
    bulk_handing,
    bulk_setting,
    long_acts,
    permissions,
    reasons,
    undoing,
)
from lifecycle.bulk_setting import Given
from lifecycle.last_steps import NothingToUndo
from lifecycle.models import BulkAct, BulkLine
from people import teams
from people.models import Role, User

Verb, State = BulkAct.Verb, BulkAct.State
OPEN = long_acts.OPEN
JOB = "lifecycle.bulk_acting.resume"
AT_ONCE = 20
"""More than this is left to the worker."""
MOST = 10_000
LONGEST_NOTE = 500
NOT_THERE = "is not there, or not for you to see"
STEPS: Mapping[str, str] = {
    Verb.ACCEPT: "accept",
    Verb.REJECT: "reject",
    Verb.NURTURE: "return_to_nurture",
    Verb.DISQUALIFY: "disqualify",
}
"""The action of each verb, which is also its transition."""


@dataclass(frozen=True, slots=True)
class Preview:
    """How many leads are meant, how many of them would go on, and how many stay, by why."""

    total: int
    going: int
    stays: Counter[str]


@dataclass(frozen=True, slots=True)
class Result:
    """How many went on so far, how many were left, by why, and the act that undid it."""

    going: int
    left: Counter[str]
    undone_by: int | None


def preview(
    leads: Collection[int],
    verb: str,
    *,
    by: User,
    cause: str = "",
    note: str = "",
    given: Given | None = None,
    now: dt.datetime | None = None,
) -> Preview:
    """What surely stands against it now, without a lock. Raises InvalidInput.

    A reason that does not fit, or lacks its note, is told here as it would be at each lead.
    `given` is what each lead gets, where it is no step: `field` and `value`, or `at` and `kind`.
    """
    chosen, kit = _chosen(leads), kits.active_kit()
    meant, reason = _meant(verb, given, now=now), _reason(kit, verb, cause, note)
    rows = selectors.visible_to(by).filter(pk__in=chosen)
    found = list(rows.select_related("person", "account", "owner__team"))
    ids = [lead.pk for lead in found]
    if verb in bulk_setting.VERBS:
        told = (bulk_setting.stays(lead, verb, meant, by, kit=kit) for lead in found)
    else:
        short = attempts.lacking(ids, reason, by=by) if reason else {}
        told = (stays(lead, verb, by) or _short(short.get(lead.pk)) for lead in found)
    why = Counter(one for one in told if one)
    going = len(found) - why.total()
    why[NOT_THERE] += len(chosen) - len(found)
    return Preview(len(chosen), going, +why)


def stays(lead: Lead, verb: str, by: User) -> str:
    """Why the step cannot be taken on this lead; empty where nothing is known against it.

    `lead.person`, `lead.owner` and its team should be loaded.
    """
    if lead.person.erased_at is not None:
        return "has a buyer who was erased"
    if lead.stage not in TRANSITIONS[STEPS[verb]].sources:
        return f"is at {dict(stages.CHOICES)[lead.stage]}"
    if lead.owner_id == by.pk or permissions.overrides(lead, by):
        return ""
    return "is somebody else’s to work" if lead.owner_id else "is held by nobody"


def _short(lack: str | None) -> str:
    return f"needs more attempts first: {lack}" if lack else ""


def _reason(kit: Kit, verb: str, cause: str, note: str) -> Reason | None:
    """The kit's reason for a step that needs one; None for the others. Raises InvalidInput."""
    if verb not in STEPS or verb == Verb.ACCEPT:
        return None
    return reasons.require(kit, cause, STEPS[verb], note=note)


def submit(
    leads: Collection[int],
    verb: str,
    *,
    by: User,
    cause: str = "",
    note: str = "",
    given: Given | None = None,
    now: dt.datetime | None = None,
) -> BulkAct:
    """Record the act and do it: at once when it is small, by the worker when it is not.

    Raises InvalidInput without leads, a step, or a reason of the kit where the step needs one, and
    for a value that the field does not take.
    """
    meant = _meant(verb, given, now=now)
    reason = _reason(kits.active_kit(), verb, cause, note)
    chosen = _chosen(leads)
    act = BulkAct.objects.create(
        verb=verb,
        given=meant,
        cause=cause if reason else "",
        note=cleansing.clean_text(note, LONGEST_NOTE, field="note"),
        by=by,
        selection=chosen,
        total=len(chosen),
        requested_at=now or database.now(),
    )
    return _begin(act, now)


def resume(act_id: int, *, now: dt.datetime | None = None) -> None:
    """Work on at an act that was left to the worker. Called by the queue."""
    run(act_id, now=now)


def run(act_id: int, *, now: dt.datetime | None = None) -> BulkAct:
    """Work on until all is done or somebody cancels it, or hand on to a new job after a minute."""
    return long_acts.work_on(
        BulkAct,
        act_id,
        job=JOB,
        chunk=1,
        step=lambda places: _step(act_id, places[0], now),
        park=lambda place, error: _pass_over(act_id, place, error),
        now=now,
    )


@transaction.atomic
def cancel(act_id: int, *, by: User, now: dt.datetime | None = None) -> BulkAct:
    """Leave the rest as it is. What was done already stays until it is undone."""
    act = BulkAct.objects.select_for_update(no_key=True).get(pk=seen(act_id, by).pk)
    if act.state not in OPEN:
        raise errors.TooLate("It is over already; undo it instead.")
    act.state, act.finished_at = State.CANCELLED, now or database.now()
    act.save(update_fields=["state", "finished_at"])
    return act


def undo(act_id: int, *, by: User, now: dt.datetime | None = None) -> BulkAct:
    """Take the step back on every lead of one's own act on which nothing followed.

    Each by the undo of its last step, within the kit's window; an act of its own. Raises TooLate.
    """
    with transaction.atomic():
        act = BulkAct.objects.select_for_update(no_key=True).get(pk=seen(act_id, by).pk)
        if act.by_id != by.pk:
            raise errors.NotAllowed(f"Only {act.by} can take back what they did.")
        if act.state in OPEN or act.verb == Verb.UNDO or hasattr(act, "undone_by"):
            raise errors.TooLate("This act is not over, or was undone already.")
        moved = list(act.lines.filter(left="").order_by("id").values_list("lead", flat=True))
        if not moved:
            raise errors.TooLate("No lead went on by it.")
        back = BulkAct.objects.create(
            verb=Verb.UNDO, undoes=act, by=by, selection=moved, total=len(moved),
            requested_at=now or database.now(),
        )  # fmt: skip
    return _begin(back, now)


def visible_to(reader: User) -> models.QuerySet[BulkAct]:
    """Acts this reader may see: their own, RevOps all, managers those of the teams they lead."""
    rows = BulkAct.objects.select_related("by").defer("selection")
    if reader.is_superuser or reader.plays(Role.REVOPS):
        return rows
    return rows.filter(models.Q(by=reader) | models.Q(by__team__in=teams.led_by(reader)))


def seen(act_id: int, reader: User) -> BulkAct:
    """One of them. Raises NotFound."""
    row = visible_to(reader).filter(pk=min(act_id, 2**63 - 1)).first()
    if row is None:
        raise errors.NotFound("There is no such act, or none you may see.")
    return row


def result(act: BulkAct) -> Result:
    """What came of it so far. Two queries."""
    rows = act.lines.order_by().values("left").annotate(n=models.Count("pk"))
    left = Counter({row["left"]: row["n"] for row in rows})
    going = left.pop("", 0)
    undone = BulkAct.objects.filter(undoes=act).values_list("pk", flat=True).first()
    return Result(going, left, undone)


def take_up_stalled(*, now: dt.datetime | None = None) -> int:
    """Give acts that have shown no sign of life for a while to a worker again; some fail.

    Those that hand leads on among them. Returns how many were taken up.
    """
    at = now or database.now()
    taken = bulk_handing.take_up_stalled(now=at)
    return taken + long_acts.take_up_stalled(BulkAct, job=JOB, now=at)


def _begin(act: BulkAct, now: dt.datetime | None) -> BulkAct:
    if act.total > AT_ONCE:
        queue.enqueue(JOB, act.pk)
        return act
    return run(act.pk, now=now)


@transaction.atomic
def _step(act_id: int, place: int, now: dt.datetime | None) -> bool:
    """One lead: its step and its line. False when the record is not at this place any more."""
    act = _held(act_id, place)
    if act is None:
        return False
    lead_id, left = act.selection[place], ""
    try:
        with transaction.atomic():
            if not selectors.visible_to(act.by).filter(pk=lead_id).exists():
                raise errors.NotFound(NOT_THERE)
            _do(act)(lead_id, now)
    except DomainError as refusal:
        left = refusal.message[:300]
    BulkLine.objects.create(act=act, lead_id=lead_id, left=left)
    _move_on(act, now or database.now())
    return True


def _do(act: BulkAct) -> Callable[[int, dt.datetime | None], object]:
    """The step of this act on one lead."""
    by, given = act.by, {"reason": act.cause, "note": act.note}
    undone = act.undoes
    if undone is not None and undone.verb in bulk_setting.VERBS:
        return lambda pk, now: bulk_setting.take_back(pk, undone, now=now)
    if undone is not None:
        return lambda pk, now: _take_back(pk, undone, now)
    if act.verb in bulk_setting.VERBS:
        kit = kits.active_kit()
        return lambda pk, now: bulk_setting.give(pk, act, kit=kit, now=now)
    if act.verb == Verb.ACCEPT:
        return lambda pk, now: actions.accept(
            lead_id=pk, by=by, icp_confirmed=True, evidence=act.note, now=now
        )
    does = {
        Verb.REJECT.value: actions.reject,
        Verb.NURTURE.value: actions.return_to_nurture,
        Verb.DISQUALIFY.value: actions.disqualify,
    }[act.verb]
    return lambda pk, now: does(lead_id=pk, by=by, now=now, **given)


def _take_back(lead_id: int, act: BulkAct, now: dt.datetime | None) -> None:
    """Undo the lead's last step, if that is the one of this act. Raises NothingToUndo."""
    _, step = undoing.undo(lead_id=lead_id, by=act.by, now=now)
    within = act.requested_at <= step.at <= (act.finished_at or step.at)
    if step.transition != STEPS[act.verb] or not within:
        raise NothingToUndo("Something was done with it since.")


def _pass_over(act_id: int, place: int, error: Exception) -> None:
    with transaction.atomic():
        act = _held(act_id, place)
        if act is None:
            return
        if Lead.objects.filter(pk=act.selection[place]).exists():
            why = f"failed: {type(error).__name__}"
            BulkLine.objects.create(act=act, lead_id=act.selection[place], left=why)
        _move_on(act, database.now())


def _held(act_id: int, place: int) -> BulkAct | None:
    """The record, locked, if it stands at this place and nobody else works on it."""
    rows = BulkAct.objects.filter(pk=act_id, state__in=OPEN, done=place).select_related("by")
    return rows.select_for_update(of=("self",), skip_locked=True, no_key=True).first()


def _move_on(act: BulkAct, at: dt.datetime) -> None:
    act.done += 1
    act.beat_at, act.falls = at, 0
    act.state = State.DONE if act.done >= act.total else State.RUNNING
    act.finished_at = at if act.state == State.DONE else None
    act.save(update_fields=["done", "state", "beat_at", "falls", "finished_at"])


def _meant(verb: str, given: Given | None, *, now: dt.datetime | None) -> dict[str, Any]:
    """What each lead gets; empty for a step. Raises InvalidInput."""
    if verb in bulk_setting.VERBS:
        at = now or database.now()
        return bulk_setting.clean(verb, given or {}, kit=kits.active_kit(), now=at)
    if verb not in STEPS:
        raise reasons.missing("verb", "Choose what to do with the leads.")
    return {}


def _chosen(leads: Collection[int]) -> list[int]:
    """The leads that are there, sorted. Raises InvalidInput."""
    wanted = sorted(set(leads))
    if not wanted:
        raise reasons.missing("leads", "Choose at least one lead.")
    if len(wanted) > MOST:
        raise reasons.missing("leads", f"Choose at most {MOST:,} leads at once.")
    chosen = list(Lead.objects.filter(pk__in=wanted).order_by("pk").values_list("pk", flat=True))
    if not chosen:
        raise reasons.missing("leads", "None of these leads is there.")
    return chosen
