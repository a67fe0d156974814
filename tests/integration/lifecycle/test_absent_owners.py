"""An owner who goes away keeps what they hold; whoever sees to it is told that they are gone."""

from __future__ import annotations

import pytest
from django.test import Client

from lifecycle import notices, own_time
from lifecycle.models import Notice
from people.models import Leave
from sla import sweeps
from sla.models import Clock
from tests import factories
from tests.factories import DAY, HOUR

pytestmark = pytest.mark.django_db


def test_leave_that_begins_while_a_clock_runs_stops_nothing_and_the_manager_hears_of_it() -> None:
    company = factories.company(reps=("anna",))
    lead = factories.capture()
    clock = Clock.objects.get(lead=lead, obligation="accept")
    Leave.objects.create(
        user=company.reps[0], starts_at=factories.NOW + HOUR, ends_at=factories.NOW + 30 * DAY
    )
    late = clock.due_at + HOUR
    sweeps.warn_and_breach(now=late)
    notices.drain(now=late)
    clock.refresh_from_db()
    assert clock.breached_at == clock.due_at
    lead.refresh_from_db()
    assert lead.owner == company.reps[0]
    told = Notice.objects.filter(kind="BREACHED", to=company.manager)
    assert {one.words["absent"] for one in told} == {"on leave"}
    client = Client()
    client.force_login(company.manager)
    assert "Anna, who is on leave until" in client.get("/notices/").content.decode()


def test_beside_the_owner_the_lead_says_until_when_they_are_gone() -> None:
    company = factories.company(reps=("anna",))
    lead = factories.capture()
    client = Client()
    client.force_login(company.manager)
    assert "away until" not in client.get(f"/leads/{lead.pk}/").content.decode()
    anna = company.reps[0]
    own_time.set_away(anna, factories.NOW + 700 * DAY, by=anna, now=factories.NOW)
    assert "away until" in client.get(f"/leads/{lead.pk}/").content.decode()
