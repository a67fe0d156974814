"""What many leads are given at once and is no step: one field, or the next step promised.

`bulk_acting` works them off. What is wrong with the value itself is told before any lead is
touched; each lead is then changed as if somebody had opened it, by the same call.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from core import errors
from governance.kit import Kit
from leads import own_fields, stages
from leads.models import EventKind, Lead, LeadEvent
from leads.stages import CLOSED
from lifecycle import editing, edits_undone, next_steps, permissions, reasons
from lifecycle.last_steps import NothingToUndo
from lifecycle.models import BulkAct
from people.models import User

Verb = BulkAct.Verb
VERBS = (Verb.SET, Verb.NEXT_STEP)
SHARED = ("lead.potential_value", "person.country", "company.industry", "company.region",
          "company.country")  # fmt: skip
"""Beside the kit's own fields, what may be the same of many; names and addresses are not."""

HAS_IT = "has it already"
Given = Mapping[str, Any]


def fields(kit: Kit) -> tuple[str, ...]:
    """The names of the fields that may be set on many leads, the kit's own first."""
    return (*(one.name for one in own_fields.of_kit(kit)), *SHARED)


def clean(verb: str, given: Given, *, kit: Kit, now: dt.datetime) -> dict[str, Any]:
    """What is to be given, as it is kept. Raises InvalidInput naming what is wrong with it."""
    if verb == Verb.NEXT_STEP:
        kind = str(given.get("kind") or "")
        at = next_steps.require(given.get("at"), kind, now=now)
        return {"at": at.isoformat(), "kind": kind}
    name, value = str(given.get("field") or ""), str(given.get("value") or "").strip()
    if name not in fields(kit):
        raise reasons.missing("field", "Choose the field that is set.")
    if not value:
        raise reasons.missing("value", "Say what it is set to.")
    try:
        editing.check(name, value, kit)
    except errors.InvalidInput as fault:
        raise reasons.missing("value", fault.message) from None
    return {"field": name, "value": value}


def stays(lead: Lead, verb: str, given: Given, by: User, *, kit: Kit) -> str:
    """Why this lead is left as it is; empty where nothing is known against it.

    `lead.person`, `lead.account`, `lead.owner` and its team should be loaded.
    """
    if lead.person.erased_at is not None:
        return "has a buyer who was erased"
    if lead.stage in CLOSED:
        return f"is at {dict(stages.CHOICES)[lead.stage]}"
    if verb == Verb.NEXT_STEP and lead.owner_id is None:
        return "is held by nobody"
    kept = lead.quarantined_at is not None and permissions.keeps_queues(by) and verb == Verb.SET
    if not (kept or lead.owner_id == by.pk or permissions.overrides(lead, by)):
        return "is somebody else’s to work" if lead.owner_id else "is held by nobody"
    return _needless(lead, verb, given, kit)


def give(lead_id: int, act: BulkAct, *, kit: Kit, now: dt.datetime | None) -> None:
    """Give one lead what the act gives. Raises DomainError."""
    rows = Lead.objects.select_related("person", "account", "owner__team")
    lead, given = rows.get(pk=lead_id), act.given
    why = stays(lead, act.verb, given, act.by, kit=kit)
    if why:
        raise errors.TooLate(why)
    if act.verb == Verb.SET:
        editing.edit(lead_id=lead_id, by=act.by, values={given["field"]: given["value"]}, now=now)
    else:
        at = dt.datetime.fromisoformat(given["at"])
        next_steps.promise(lead_id=lead_id, by=act.by, at=at, kind=given["kind"], now=now)


def take_back(lead_id: int, act: BulkAct, *, now: dt.datetime | None) -> None:
    """What this act gave one lead goes, if nothing followed on it. Raises NothingToUndo."""
    step = _last(lead_id, act)
    if act.verb == Verb.NEXT_STEP:
        next_steps.take_back(lead_id=lead_id, by=act.by, step=step.pk, now=now)
        return
    edits_undone.undo(lead_id=lead_id, by=act.by, now=now)
    back = LeadEvent.objects.filter(lead=lead_id, kind=EventKind.EDITED).latest("sequence")
    if back.because.get("undone") != step.pk:
        raise NothingToUndo("Something was done with it since.")


def _last(lead_id: int, act: BulkAct) -> LeadEvent:
    """The event of this act on a lead, if it is the last of its kind there."""
    kind = EventKind.EDITED if act.verb == Verb.SET else EventKind.NEXT_STEP
    step = LeadEvent.objects.filter(lead=lead_id, kind=kind).order_by("-sequence").first()
    if step is None or step.by_id != act.by_id or not _within(step, act) or not _told(step, act):
        raise NothingToUndo("Something was done with it since.")
    return step


def _within(step: LeadEvent, act: BulkAct) -> bool:
    return act.requested_at <= step.at <= (act.finished_at or step.at)


def _told(step: LeadEvent, act: BulkAct) -> bool:
    if act.verb == Verb.SET:
        return list(step.because.get("fields", ())) == [act.given["field"]]
    return bool(step.because.get("at") == act.given["at"])


def _needless(lead: Lead, verb: str, given: Given, kit: Kit) -> str:
    if verb == Verb.NEXT_STEP:
        same = lead.next_step_at == dt.datetime.fromisoformat(given["at"])
        return HAS_IT if same and lead.next_step_kind == given["kind"] else ""
    section, _, name = given["field"].partition(".")
    if section == editing.OWN.rstrip("."):
        held = lead.own_fields.get(name)
        return HAS_IT if held and held[0] == given["value"] else ""
    row = {"person": lead.person, "company": lead.account, "lead": lead}[section]
    if row is None:
        return "has no company"
    return (
        HAS_IT if getattr(row, name) == editing.check(given["field"], given["value"], kit) else ""
    )
