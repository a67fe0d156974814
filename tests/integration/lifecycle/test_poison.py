"""One lead that cannot be worked on does not keep the others waiting."""

from __future__ import annotations

from typing import Any

import pytest

from leads.models import Lead
from lifecycle import decay, waiting
from lifecycle.case import Case
from sla import services, sweeps
from sla.models import Clock
from tests import factories
from tests.factories import DAY, HOUR, MINUTE, NOW

pytestmark = pytest.mark.django_db


def test_a_clock_that_fails_is_parked_with_its_error_and_the_others_are_breached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    factories.company()
    leads = factories.captures([factories.touch() for _ in range(4)])
    bad, real = leads[1], services.breach

    def fails(clock: Clock, lead: Lead, **more: Any) -> None:
        if lead.pk == bad.pk:
            raise ValueError("this one breaks")
        real(clock, lead, **more)

    monkeypatch.setattr(services, "breach", fails)
    late = NOW + 5 * DAY
    assert sweeps.warn_and_breach(now=late).breached == 6
    of_bad = Clock.objects.filter(lead=bad, breached_at__isnull=True, state="RUNNING")
    errors = [clock.parked_error for clock in of_bad.order_by("due_at")]
    assert errors == ["ValueError: this one breaks", ""]  # only the one at fault
    while sweeps.warn_and_breach(now=late).leads:
        continue
    assert {clock.parked_error for clock in of_bad} == {"ValueError: this one breaks"}
    assert Clock.objects.filter(breached_at__isnull=False).count() == 6
    monkeypatch.setattr(services, "breach", real)
    assert sweeps.warn_and_breach(now=late + HOUR).breached == 2


def test_a_clock_that_fails_again_and_again_waits_longer_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    factories.company()
    lead = factories.capture()
    clock = Clock.objects.filter(lead=lead).earliest("due_at")
    Clock.objects.exclude(pk=clock.pk).update(parked_until=NOW + 90 * DAY)

    def fails(*_: Any, **__: Any) -> None:
        raise ValueError("it\0breaks")

    monkeypatch.setattr(services, "warn", fails)
    at, waits = NOW + 5 * DAY, []
    for _ in range(11):
        sweeps.warn_and_breach(now=at)
        clock.refresh_from_db()
        assert clock.parked_until is not None
        waits.append((clock.parked_until - at) / MINUTE)
        at = clock.parked_until
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]


def test_a_waiting_lead_that_fails_does_not_hold_up_the_queue(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    factories.company(reps=())
    factories.rep("late", pools=["dach"], shifts=[(1, "12:00", "18:00")])
    leads = factories.captures([factories.touch() for _ in range(3)])
    bad, real = leads[0], Case.facts

    def fails(self: Case, *given: Any, **more: Any) -> Any:
        if self.lead.pk == bad.pk:
            raise ValueError("this one breaks")
        return real(self, *given, **more)

    monkeypatch.setattr(Case, "facts", fails)
    assert waiting.route(now=NOW + 3 * HOUR) == 2
    assert Lead.objects.get(pk=bad.pk).queue == "dach"


def test_a_lead_whose_score_fails_does_not_stop_decay(monkeypatch: pytest.MonkeyPatch) -> None:
    factories.company()
    leads = factories.captures([factories.touch() for _ in range(3)])
    bad, real = leads[2], Case.rescore

    def fails(self: Case, *given: Any, **more: Any) -> Any:
        if self.lead.pk == bad.pk:
            raise ValueError("this one breaks")
        return real(self, *given, **more)

    monkeypatch.setattr(Case, "rescore", fails)
    assert decay.run(now=NOW + 60 * DAY) == 2
