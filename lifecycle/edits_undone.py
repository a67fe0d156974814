"""Taking back the last change of a buyer's fields: values, where they were from, and keys.

What the change brought about (a stage, an owner, a queue, clocks) goes back with it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from governance import selectors as kits
from leads import enrichment, overwriting, own_fields, present
from leads.ledger import Ledger
from leads.models import (
    Account,
    ContactPoint,
    DuplicateSuggestion,
    EventKind,
    IdentityKey,
    Lead,
    LeadEvent,
    Person,
)
from lifecycle import (
    acts,
    company_naming,
    gathering,
    last_steps,
    permissions,
    reconsidering,
    relearning,
    sharing,
    typed_fields,
    undoing,
)
from lifecycle.acts import Act
from lifecycle.case import Case
from lifecycle.last_steps import BY_THE_CLOCK, LastStep, NothingToUndo
from people.models import User
from routing import services as routing
from routing.models import Decision


@dataclass(frozen=True, slots=True)
class TakenBack:
    """The lead after the last act was taken back: the fields that are as before, where it was a
    change of fields, or that it was a contact, and whether a next step was promised with that; or
    that somebody had given it away; or which step.
    """

    lead: Lead
    fields: tuple[str, ...] = ()
    contact: bool = False
    promise: bool = False
    moved: bool = False
    step: str = ""


def may_undo(lead_id: int, by: User, *, window: dt.timedelta, now: dt.datetime) -> LeadEvent | None:
    """The change this person could take back now: their own, recent, and nothing came after it."""
    events = LeadEvent.objects.filter(lead_id=lead_id).exclude(kind__in=BY_THE_CLOCK)
    step = events.filter(kind=EventKind.EDITED).order_by("-sequence").first()
    if step is None or step.by_id != by.pk or now - step.at > window:
        return None
    if "undone" in step.because or "before" not in step.because:
        return None
    # What it caused was recorded with it.
    later = LeadEvent.objects.filter(lead__person__leads=lead_id, recorded_at__gt=step.recorded_at)
    return None if later.exclude(kind__in=BY_THE_CLOCK).exists() else step


@transaction.atomic
def undo(*, lead_id: int, by: User, now: dt.datetime | None = None) -> TakenBack:
    """Put the fields of this person's last change back, and the leads where they stood.

    Raises NothingToUndo, also where something followed on a lead of the company that it moved.
    """
    kit = kits.active_kit()
    seen = Lead.objects.filter(pk=lead_id).values_list("person_id", "account_id").first()
    keys = IdentityKey.objects.filter(person_id=seen[0] if seen else 0).order_by("kind", "value")
    list(keys.select_for_update().values_list("pk"))
    account_id = seen[1] if seen else None
    list(Account.objects.filter(pk=account_id or 0).select_for_update(no_key=True))
    leads = relearning.locked(lead_id, account_id)
    ledger = Ledger(kit=kit, now=now or present.of([lead_id]), actor="user", by_id=by.pk)
    step = may_undo(lead_id, by, window=kit.general.undo, now=ledger.now)
    lead = next((one for one in leads if one.pk == lead_id), None)
    if step is None or lead is None or (lead.person_id, lead.account_id) != seen:
        raise NothingToUndo("There is no change of yours to take back here.")
    override = permissions.require_owner_or_keeper(lead, by)
    effects = last_steps.effects_of_edits(_told(step, leads), by)
    cases = gathering.open_cases(leads)
    account = cases[lead_id].buyer.account
    taken = _put_all_back(cases[lead_id], step, ledger)
    _release(step, kit)
    events = relearning.tell(
        list(cases.values()), person_id=lead.person_id, taken=taken, kind=EventKind.EDITED,
        told={"override": override, "undone": step.pk}, ledger=ledger,
    )  # fmt: skip
    effects = [last for last in effects if last.event.lead_id in events]
    _take_effects_back(effects, cases, events, ledger=ledger, by=by)
    back = {last.event.lead_id for last in effects}
    others = [case for pk, case in cases.items() if pk in events and pk not in back]
    reconsidering.reconsider(others, ledger=ledger, causes=events)
    ledger.flush()
    if account is not None and "company" in step.because:
        company_naming.remove_if_unused(step, account)
    return TakenBack(cases[lead_id].lead, tuple(taken))


def _take_effects_back(
    effects: Sequence[LastStep],
    cases: Mapping[int, Case],
    events: Mapping[int, LeadEvent],
    *,
    ledger: Ledger,
    by: User,
) -> None:
    """Each lead that the change moved stands where it stood, and is scored by what is known now."""
    groups = [number for last in effects for number in last.group]
    given = Decision.objects.filter(
        assignments__started_by_event__in=groups, turn__isnull=False
    ).select_related("snapshot")
    # Under one set of locks and written at once: two leads may have been dealt out of one pool.
    routing.return_turns(given.order_by("pk"), "undone", ledger)
    for last in effects:
        case = cases[last.event.lead_id]
        acts.catch_up(case, ledger)
        undoing.take_effects_back(Act(case, ledger, by), last, events[case.lead.pk])
        case.rescore(ledger.kit, ledger.now, ledger=ledger)


def _told(step: LeadEvent, leads: Sequence[Lead]) -> list[LeadEvent]:
    """The events of one change of fields, on these leads."""
    told = LeadEvent.objects.filter(lead__in=leads, kind=EventKind.EDITED, by=step.by_id)
    return list(told.filter(recorded_at=step.recorded_at).order_by("lead_id"))


def _put_all_back(case: Case, step: LeadEvent, ledger: Ledger) -> list[str]:
    """Everything the step changed, the lead's company last; returns the fields."""
    buyer, named = case.buyer, step.because.get("company")
    taken = _put_back(buyer.person, "person", step, ledger)
    taken += _put_back(case.lead, "lead", step, ledger)
    taken += _put_typed_back(case.lead, step, ledger)
    if buyer.account is None:
        return taken
    if not (named and named["made"]):
        taken += _put_back(buyer.account, "company", step, ledger)
    if named and company_naming.undo(step, case.lead, buyer.account, ledger=ledger):
        buyer.account = case.lead.account
        return [*taken, company_naming.NAMED]
    case.lead.account = buyer.account
    return taken


def _put_back(
    row: Person | Account | Lead, section: str, step: LeadEvent, ledger: Ledger
) -> list[str]:
    before: dict[str, Any] = {
        name.partition(".")[2]: told
        for name, told in step.because["before"].items()
        if name.startswith(f"{section}.")
    }
    if not before:
        return []
    past = type(row).history.filter(id=row.pk, history_date__lt=step.recorded_at)
    was = past.latest("history_date", "history_id")
    values = {name: getattr(was, name) for name in before}
    enrichment.learn(row, values, source=overwriting.of_user(at=ledger.now), ledger=ledger)
    kept = {name: told for name, told in row.provenance.items() if name not in before}
    row.provenance = kept | {name: told for name, told in before.items() if told is not None}
    ledger.change(row, "provenance")
    said = step.because.get("fields", ())
    told = [name for name in said if name != company_naming.NAMED]
    return [name for name in told if name.startswith(f"{section}.")]


def _put_typed_back(lead: Lead, step: LeadEvent, ledger: Ledger) -> list[str]:
    """What stood in own fields before."""
    told = [name for name in step.because["before"] if own_fields.is_one(name)]
    if told:
        past = Lead.history.filter(id=lead.pk, history_date__lt=step.recorded_at)
        was = past.latest("history_date", "history_id").own_fields
        keys = [name.removeprefix(own_fields.PREFIX) for name in told]
        typed_fields.put_back(lead, keys, was)
        ledger.change(lead, typed_fields.COLUMN)
    return told


def _release(step: LeadEvent, kit: Any) -> None:
    """The keys, ways to reach and suggestions that the change brought."""
    IdentityKey.objects.filter(pk__in=step.because.get("keys", ())).delete()
    points = ContactPoint.objects.filter(pk__in=step.because.get("points", ()))
    values = set(points.values_list("kind", "value"))
    points.delete()
    sharing.unshare(values, kit)
    DuplicateSuggestion.objects.filter(
        pk__in=step.because.get("suggested", ()), status=DuplicateSuggestion.Status.OPEN
    ).delete()
