"""A contact that was logged by mistake: it proves nothing any more, and what it ended runs on."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from core import errors
from leads.models import Activity, Lead, LeadEvent
from leads.stages import Stage
from lifecycle import actions, jobs, next_steps, pausing
from lifecycle.contacts_undone import Lasts
from lifecycle.invariants import run
from lifecycle.proofs import Reported
from people.models import User
from routing.models import Assignment
from sla.models import Clock
from tests import factories, kit_edits
from tests.acting import LATER, accept, fresh, owner
from tests.factories import DAY, HOUR, MINUTE, NOW, Company
from tests.integration.lifecycle.test_handoffs import to_aes

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return factories.company()


@pytest.fixture
def lead(company: Company) -> Lead:
    return factories.capture()


def log(lead: Lead, **more: Any) -> Activity:
    given = {"by": lead.owner, "kind": "CALL", "now": LATER, **more}
    return actions.log_activity(lead_id=lead.pk, **given)


def undo(lead: Lead, **more: Any) -> Lead:
    given = {"by": lead.owner, "now": LATER + MINUTE, **more}
    return actions.undo(lead_id=lead.pk, **given)


def owed(lead: Lead) -> dict[str, tuple[str, dt.datetime | None, int | None]]:
    """What counts for each obligation: its state, deadline and holder."""
    rows = Clock.objects.filter(lead=lead, void=False).exclude(state="CANCELLED")
    return {one.obligation: (one.state, one.due_at, one.holder_id) for one in rows}


def standing(lead: Lead) -> tuple[Any, ...]:
    found = fresh(lead)
    return (
        owed(found), found.stage, found.owner_id, found.queue, found.hand_raised_at,
        found.next_step_at, found.next_step_kind, found.sourced_by_id, found.next_due_at,
    )  # fmt: skip


def broken(now: dt.datetime) -> list[str]:
    keys = (one.invariant.key for one in run.check(now=now) if one.found.count)
    return [key for key in keys if not key.endswith(".delivered")]


def test_what_it_met_is_owed_again_by_the_same_deadline(lead: Lead) -> None:
    before = standing(lead)
    done = log(lead)
    assert standing(lead) != before
    undo(lead)
    assert standing(lead) == before
    done.refresh_from_db()
    assert done.withdrawn_at == LATER + MINUTE
    assert broken(LATER + MINUTE) == []


def test_a_deadline_that_passed_meanwhile_has_passed(lead: Lead) -> None:
    due = min(at for state, at, _ in owed(lead).values() if state == "RUNNING" and at)
    log(lead, now=due - MINUTE)
    undo(lead, now=due + MINUTE)
    jobs.sweep(now=due + 2 * MINUTE)
    assert fresh(lead).events.filter(kind="BREACHED").exists()


def test_the_next_step_that_it_did_is_promised_again(lead: Lead) -> None:
    accept(lead)
    next_steps.promise(
        lead_id=lead.pk, by=owner(lead), at=LATER + DAY, kind="CALL", now=LATER + MINUTE
    )
    before = standing(lead)
    log(lead, now=LATER + 2 * MINUTE)
    assert fresh(lead).next_step_at is None
    undo(lead, now=LATER + 3 * MINUTE)
    assert standing(lead) == before
    assert broken(LATER + 3 * MINUTE) == []


def test_who_was_given_the_lead_by_a_meeting_has_it_no_more(company: Company) -> None:
    factories.pool("aes", manager=company.manager)
    karl = factories.rep("karl", pools=["aes"], role="AE")
    kit_edits.publish(to_aes("MEETING"), by=company.revops, now=NOW)
    lead = factories.work(factories.capture(now=NOW + HOUR), to="SAL", now=NOW + HOUR + MINUTE)
    sdr, before = lead.owner, standing(lead)
    log(lead, kind="MEETING", outcome="SCHEDULED", at=NOW + 2 * DAY, now=NOW + 2 * HOUR)
    assert fresh(lead).owner == karl
    undo(lead, by=sdr, now=NOW + 2 * HOUR + MINUTE)
    assert standing(lead) == before
    assert Assignment.objects.get(lead=lead, ended_at=None).user == sdr
    assert broken(NOW + 2 * HOUR + MINUTE) == []


def test_a_discovery_call_that_never_was_proves_no_sql(lead: Lead) -> None:
    accept(lead)
    log(lead, kind="DISCOVERY_CALL", now=LATER + MINUTE)
    undo(lead, now=LATER + 2 * MINUTE)
    with pytest.raises(errors.InvalidInput, match="log it first"):
        actions.sales_qualify(
            lead_id=lead.pk, by=owner(lead), checklist=factories.BANT, now=LATER + 3 * MINUTE
        )


def test_nobody_waits_for_an_answer_to_what_was_not_asked(lead: Lead) -> None:
    accept(lead)
    log(lead, now=LATER + MINUTE)
    undo(lead, now=LATER + 2 * MINUTE)
    with pytest.raises(errors.InvalidInput, match="Log first"):
        pausing.await_buyer(
            lead_id=lead.pk, by=owner(lead), until=LATER + HOUR, now=LATER + 3 * MINUTE
        )


def colleague(lead: Lead) -> User:
    return User.objects.filter(role="SDR").exclude(pk=owner(lead).pk).get()


MAIL = Reported(source="exchange", external_id="m-1", verified=True)


@pytest.mark.parametrize(
    ("logged", "taken"),
    [
        ({}, {"now": LATER + 11 * MINUTE}),
        ({}, {"by": colleague}),
        ({"reported": MAIL, "kind": "EMAIL"}, {}),
        ({"at": LATER - MINUTE}, {"now": LATER + 11 * MINUTE}),
    ],
    ids=["too late", "somebody else", "a system's own record", "too late though backdated"],
)
def test_some_stand(lead: Lead, logged: dict[str, Any], taken: dict[str, Any]) -> None:
    done = log(lead, **logged)
    given = {key: one(lead) if callable(one) else one for key, one in taken.items()}
    with pytest.raises(errors.DomainError):
        undo(lead, **given)
    done.refresh_from_db()
    assert done.withdrawn_at is None


def test_one_told_late_is_taken_back_within_the_window_of_its_telling(lead: Lead) -> None:
    done = log(lead, at=LATER - 40 * MINUTE)
    undo(lead)
    done.refresh_from_db()
    assert done.withdrawn_at is not None


def test_what_followed_goes_first(lead: Lead) -> None:
    """Undo takes back the last act: the step, then nothing, for the step followed the contact."""
    done = log(lead)
    accept(lead, now=LATER + MINUTE)
    undo(lead, now=LATER + 2 * MINUTE)
    assert fresh(lead).stage == Stage.MQL
    with pytest.raises(errors.TooLate):
        undo(lead, now=LATER + 3 * MINUTE)
    done.refresh_from_db()
    assert done.withdrawn_at is None


def test_one_that_corrected_a_clock_stands_and_says_so(lead: Lead) -> None:
    log(lead, now=LATER + 5 * MINUTE)
    first = log(lead, at=LATER, now=LATER + 6 * MINUTE)
    assert LeadEvent.objects.filter(lead=lead, kind="CORRECTED").exists()
    with pytest.raises(Lasts, match="corrected a clock"):
        undo(lead, now=LATER + 7 * MINUTE)
    first.refresh_from_db()
    assert first.withdrawn_at is None
