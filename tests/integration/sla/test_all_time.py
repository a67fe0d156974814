"""A clock that counts all time that passes needs no calendar, and pages say which time it is."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from governance import services
from governance.models import ClockPolicy, KitVersion
from lifecycle import kit_text
from sla import clock as sla_clock
from sla import sweeps
from sla.models import Clock
from tests import factories, pages
from web.console import kit_time, todo

pytestmark = pytest.mark.django_db

FRIDAY = dt.datetime(2026, 3, 6, 16, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def company() -> factories.Company:
    return factories.company(now=FRIDAY - 24 * HOUR)


def all_time(parts: dict[str, Any]) -> None:
    for policy in parts["clock_policy"]:
        policy.update(basis="ELAPSED", calendar="", pauses_for=[])


def test_it_runs_warns_breaches_and_escalates_over_a_weekend(company: factories.Company) -> None:
    kit = factories.next_kit(all_time, by=company.revops, now=FRIDAY - HOUR)
    lead = factories.capture(now=FRIDAY)
    clock = Clock.objects.get(lead=lead, obligation="accept", scope="STAGE")
    policy = todo.policy_of(clock)
    assert policy is not None
    assert clock.calendar == ""
    assert clock.due_at == FRIDAY + policy.allowance
    due = clock.due_at
    sweeps.warn_and_breach(now=due + HOUR)
    clock.refresh_from_db()
    first = sla_clock.levels(kit, policy)[0]
    assert clock.breached_at == due
    assert (clock.escalation, clock.escalate_at) == (first.key, due + first.after)
    assert "(day and night)" in todo.describe(clock, now=due, zone=dt.UTC).line


def test_it_is_told_as_such(company: factories.Company) -> None:
    kit = factories.next_kit(all_time, by=company.revops, now=FRIDAY - HOUR)
    levels = [one.text for one in kit_time.escalations(kit)]
    assert any(", day and night, after the deadline" in one for one in levels)
    assert not any("working time" in one for one in levels)
    told = list(kit_text.lines(KitVersion.objects.get(number=kit.number)))
    assert any("Accept or reject: 24 h, day and night" in line for line in told)


@pytest.mark.parametrize(("basis", "status"), [("WORKING", 422), ("ELAPSED", 303)])
def test_only_working_time_asks_for_a_calendar(
    company: factories.Company, basis: str, status: int
) -> None:
    base = KitVersion.objects.get()
    draft = services.draft(base=base, title="Next", by=company.revops, now=FRIDAY)
    client = Client()
    client.force_login(company.revops)
    at = "/kit/versions/2/parts/clock_policy/route/"
    page = client.get(at)
    assert "what counts all time needs none" in page.content.decode()
    answer = client.post(at, pages.form(page, at, calendar="", basis=basis))
    assert answer.status_code == status
    said = "Working time is counted in the open hours of a calendar: name one"
    assert (said in answer.content.decode()) == (status == 422)
    stored = ClockPolicy.objects.get(kit=draft, key="route")
    assert (stored.calendar == "") == (status == 303)


@pytest.mark.parametrize(("minutes", "status"), [(5_256_000, 303), (2_147_483_647, 422)])
def test_the_editor_refuses_levels_more_than_ten_years_away(
    company: factories.Company, minutes: int, status: int
) -> None:
    base = KitVersion.objects.get()
    services.draft(base=base, title="Next", by=company.revops, now=FRIDAY)
    client = Client()
    client.force_login(company.revops)
    at = "/kit/versions/2/parts/escalation_level/revops/"
    answer = client.post(at, pages.form(client.get(at), at, after_minutes=str(minutes)))
    assert answer.status_code == status
    assert ("At most 5,256,000: ten years." in answer.content.decode()) == (status == 422)
