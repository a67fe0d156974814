"""The database's clock is set back: what is done to a lead still follows what was done before."""

from __future__ import annotations

import datetime as dt

import pytest

from core import database
from leads import present
from leads.models import Lead, LeadEvent
from lifecycle import actions, jobs
from routing.models import Assignment
from sla import sweeps
from sla.models import Clock
from tests import factories
from tests.factories import HOUR, MINUTE, Company

pytestmark = pytest.mark.django_db


@pytest.fixture
def ahead() -> dt.datetime:
    """What the clock said before it was set back by an hour."""
    return database.now() + HOUR


@pytest.fixture
def company(ahead: dt.datetime) -> Company:
    return factories.company(now=ahead - 2 * HOUR)


def test_the_present_of_a_lead_is_the_clock_unless_its_past_is_ahead_of_it(
    company: Company, ahead: dt.datetime
) -> None:
    early, late = (factories.capture(now=at) for at in (ahead - 2 * HOUR, ahead))
    assert abs(present.of([early.pk]) - database.now()) < MINUTE
    assert present.of([late.pk]) == present.of([early.pk, late.pk]) == ahead
    assert abs(present.of([]) - database.now()) < MINUTE


def test_what_is_done_follows_what_was_done(company: Company, ahead: dt.datetime) -> None:
    lead = factories.capture(now=ahead)
    actions.reassign(lead_id=lead.pk, by=company.manager, to=None, reason="on a journey")
    actions.reject(lead_id=lead.pk, by=Lead.objects.get(pk=lead.pk).owner, reason="no_interest")
    legs = Assignment.objects.filter(lead=lead).order_by("id")
    assert [(one.started_at, one.ended_at) for one in legs] == [(ahead, ahead)] * 2
    events = LeadEvent.objects.filter(lead=lead).order_by("id")
    assert {one.recorded_at for one in events} == {ahead}
    assert {one.working_seconds for one in Clock.objects.filter(lead=lead, state="STOPPED")} == {0}


def test_what_was_late_stays_late(company: Company, ahead: dt.datetime) -> None:
    lead = factories.capture(now=ahead - 40 * MINUTE)
    missed = Clock.objects.filter(lead=lead, obligation="accept")
    missed.update(warn_at=ahead - 30 * MINUTE, due_at=ahead - 20 * MINUTE)
    jobs.run(jobs.CLOCKS, now=ahead)
    actions.accept(lead_id=lead.pk, by=lead.owner, icp_confirmed=True, reachable=True)
    clock = missed.get()
    assert (clock.is_stopped, clock.is_met) == (True, False)
    assert clock.stopped_at == ahead


@pytest.mark.parametrize("many", [False, True], ids=["one by one", "in one statement"])
def test_nobody_is_late_because_of_a_lead_whose_past_is_ahead(
    company: Company, ahead: dt.datetime, many: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = ahead - HOUR
    early, late = (factories.capture(now=at) for at in (ahead - 2 * HOUR, ahead))
    theirs = Clock.objects.filter(obligation="accept")
    theirs.filter(lead=early).update(warn_at=now - MINUTE, due_at=now + 30 * MINUTE)
    theirs.filter(lead=late).update(warn_at=now - 3 * MINUTE, due_at=now - 2 * MINUTE)
    monkeypatch.setattr(sweeps, "MANY", 1 if many else 50)
    sweeps.warn_and_breach()
    assert theirs.get(lead=early).breached_at is None
    assert theirs.get(lead=early).warned_at is not None
    told = LeadEvent.objects.filter(lead=late).order_by("sequence").values_list("kind", flat=True)
    assert list(told)[-2:] == ["WARNED", "BREACHED"]
