"""A next step is promised in the act that logs a contact, and taken back with it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from core import errors
from leads.models import Activity, Lead, LeadEvent
from lifecycle import actions, next_steps, taking_back
from lifecycle.invariants import run
from lifecycle.next_steps import Promise
from sla.models import Clock
from tests import factories, kit_edits
from tests.acting import LATER, accept, fresh, owner
from tests.factories import DAY, HOUR, MINUTE, NOW, Company
from tests.integration.lifecycle.test_handoffs import to_aes

pytestmark = pytest.mark.django_db

AT = LATER + 2 * MINUTE
STEP = Promise(LATER + 3 * DAY, "MEETING")


@pytest.fixture
def company() -> Company:
    return factories.company()


@pytest.fixture
def lead(company: Company) -> Lead:
    found = factories.capture()
    accept(found)
    return found


def log(lead: Lead, step: Promise | None = STEP, **more: Any) -> Activity:
    given = {"by": lead.owner, "kind": "CALL", "now": AT, **more}
    return actions.log_activity(lead_id=lead.pk, next_step=step, **given)


def standing(lead: Lead) -> tuple[Any, ...]:
    found = fresh(lead)
    rows = Clock.objects.filter(lead=lead, void=False).exclude(state="CANCELLED")
    owed = {one.obligation: (one.state, one.due_at) for one in rows}
    return owed, found.next_step_at, found.next_step_kind, found.next_due_at


def broken(now: dt.datetime) -> list[str]:
    keys = (one.invariant.key for one in run.check(now=now) if one.found.count)
    return [key for key in keys if not key.endswith(".delivered")]


def test_both_are_kept_and_the_step_has_its_clock(lead: Lead) -> None:
    done = log(lead)
    found = fresh(lead)
    assert (found.next_step_at, found.next_step_kind) == (STEP.at, "MEETING")
    assert Clock.objects.get(lead=lead, obligation="next_step").state == "RUNNING"
    kinds = ("ACTIVITY", "NEXT_STEP")
    logged, promised = LeadEvent.objects.filter(lead=lead, kind__in=kinds).order_by("sequence")
    assert (logged.kind, logged.because["activity"]) == ("ACTIVITY", done.pk)
    assert (promised.kind, promised.cause_id) == ("NEXT_STEP", logged.pk)
    assert broken(AT) == []


@pytest.mark.parametrize("before", [None, "CALL", "EMAIL"], ids=["no step", "done", "replaced"])
def test_one_undo_takes_both_back_to_what_was_promised_before(
    lead: Lead, before: str | None
) -> None:
    if before is not None:
        next_steps.promise(
            lead_id=lead.pk, by=owner(lead), at=LATER + DAY, kind=before, now=LATER + MINUTE
        )
    then = standing(lead)
    done = log(lead)
    assert standing(lead) != then
    back = taking_back.take_back(lead_id=lead.pk, by=owner(lead), now=AT + MINUTE)
    assert (back.contact, back.promise) == (True, True)
    assert standing(lead) == then
    done.refresh_from_db()
    assert done.withdrawn_at is not None
    assert broken(AT + MINUTE) == []


@pytest.mark.parametrize(
    ("step", "field"),
    [
        (Promise(AT - MINUTE), "next_step.at"),
        (Promise(AT + 400 * DAY), "next_step.at"),
        (Promise(AT + DAY, "NOTE"), "next_step.kind"),
    ],
)
def test_what_cannot_be_promised_is_refused_with_the_contact(
    lead: Lead, step: Promise, field: str
) -> None:
    with pytest.raises(errors.InvalidInput) as refusal:
        log(lead, step)
    assert [fault.field for fault in refusal.value.errors] == [field]
    assert not Activity.objects.filter(lead=lead, kind="CALL").exists()


def test_who_gives_the_lead_on_by_the_contact_leaves_its_next_step_to_the_new_owner(
    company: Company,
) -> None:
    factories.pool("aes", manager=company.manager)
    karl = factories.rep("karl", pools=["aes"], role="AE")
    kit_edits.publish(to_aes("MEETING"), by=company.revops, now=NOW)
    lead = factories.work(factories.capture(now=NOW + HOUR), to="SAL", now=NOW + HOUR + MINUTE)
    with pytest.raises(errors.InvalidInput, match=f"up to {karl}"):
        log(lead, kind="MEETING", outcome="SCHEDULED", at=NOW + 2 * DAY, now=NOW + 2 * HOUR)
    assert fresh(lead).owner != karl


def test_a_stranger_logs_but_promises_nothing(lead: Lead, company: Company) -> None:
    other = next(one for one in company.reps if one.pk != owner(lead).pk)
    log(lead, None, by=other)
    with pytest.raises(errors.InvalidInput, match="next step is up to"):
        log(lead, by=other, now=AT + MINUTE)
