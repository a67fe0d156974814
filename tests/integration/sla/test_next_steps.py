"""What was promised to be done next: its clock counts from there; replaced, done or missed."""

from __future__ import annotations

import datetime as dt

import pytest

from core.errors import DomainError
from leads.models import Lead
from lifecycle import actions, next_steps
from lifecycle.invariants import run
from sla.models import Clock
from tests import factories
from tests.factories import DAY, HOUR, MINUTE, NOW

pytestmark = pytest.mark.django_db

TUESDAY = NOW + DAY


@pytest.fixture
def lead() -> Lead:
    factories.company()
    found = factories.capture()
    actions.log_activity(lead_id=found.pk, by=found.owner, kind="CALL", now=NOW + MINUTE)
    next_steps.promise(
        lead_id=found.pk, by=found.owner, at=TUESDAY, kind="CALL", now=NOW + 2 * MINUTE
    )
    return found


def clocks(lead: Lead) -> list[tuple[str, dt.datetime | None, dt.datetime]]:
    rows = Clock.objects.filter(lead=lead, obligation="next_step").order_by("pk")
    return [(one.state, one.promised_at, one.due_at) for one in rows]


def is_clean(now: dt.datetime) -> None:
    assert not [one.invariant.key for one in run.check(now=now) if one.broken]


def test_it_is_due_a_working_day_after_the_promised_instant(lead: Lead) -> None:
    assert clocks(lead) == [("RUNNING", TUESDAY, TUESDAY + DAY)]
    is_clean(NOW + 3 * MINUTE)


def test_another_promise_takes_its_place(lead: Lead) -> None:
    later = TUESDAY + HOUR
    next_steps.promise(lead_id=lead.pk, by=lead.owner, at=later, now=NOW + HOUR)
    assert clocks(lead) == [
        ("CANCELLED", TUESDAY, TUESDAY + DAY), ("RUNNING", later, later + DAY),
    ]  # fmt: skip


def test_only_a_contact_of_its_kind_does_it_also_ahead_of_time(lead: Lead) -> None:
    actions.log_activity(lead_id=lead.pk, by=lead.owner, kind="EMAIL", now=NOW + HOUR)
    assert clocks(lead)[0][0] == "RUNNING"
    actions.log_activity(lead_id=lead.pk, by=lead.owner, kind="CALL", now=NOW + 2 * HOUR)
    assert clocks(lead)[0][0] == "STOPPED"
    assert Clock.objects.get(lead=lead, obligation="next_step").working_seconds == 0
    lead.refresh_from_db()
    assert (lead.next_step_at, lead.next_step_kind) == (None, "")
    is_clean(NOW + 2 * HOUR)


@pytest.mark.parametrize(
    "given", [{"at": NOW - DAY}, {"at": NOW + 400 * DAY}, {"at": TUESDAY, "kind": "DANCE"}]
)
def test_what_cannot_be_promised_is_refused(lead: Lead, given: dict[str, object]) -> None:
    with pytest.raises(DomainError):
        next_steps.promise(lead_id=lead.pk, by=lead.owner, now=NOW + HOUR, **given)
