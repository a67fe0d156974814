"""What a sweep takes up: what is due, whatever others hold; lead by lead in order of time."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from core import database
from leads.ledger import Ledger
from leads.models import Lead, LeadEvent
from sla import due, services, sweeps
from sla.models import Clock, ClockState
from tests import acting_levels, factories
from tests import small_company as company
from tests.acting_levels import ANEW
from tests.factories import DAY, HOUR, MINUTE, NOW
from tests.threads import in_turn, together

LATE = NOW + 5 * DAY


def due_leads(count: int) -> list[Lead]:
    """Leads whose `accept` is due a minute apart from an hour after NOW."""
    company.publish_kit(now=NOW)
    owner = company.person("Ana")
    hours = (NOW + HOUR + n * MINUTE for n in range(count))
    return [company.lead(owner=owner, due_at=at, now=NOW) for at in hours]


def breached() -> set[int]:
    return set(Clock.objects.exclude(breached_at=None).values_list("lead_id", flat=True))


@pytest.mark.django_db(transaction=True)
def test_leads_that_somebody_holds_for_long_hold_up_no_others() -> None:
    leads = due_leads(8)
    oldest = [lead.pk for lead in leads[:4]]

    def hold() -> None:
        with transaction.atomic():
            list(Lead.objects.filter(pk__in=oldest).order_by("pk").select_for_update())
            Ledger(kit=None, now=LATE, actor="test").flush()  # type: ignore[arg-type] # in_turn

    _, swept = in_turn(hold, lambda: sweeps.warn_and_breach(now=LATE, limit=2))
    assert not isinstance(swept, Exception), swept
    assert breached() == {lead.pk for lead in leads[4:6]}
    while sweeps.warn_and_breach(now=LATE).leads:
        continue
    assert breached() == {lead.pk for lead in leads}


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_at_once_the_second_takes_the_next_leads() -> None:
    leads = due_leads(8)
    one, other = in_turn(
        lambda: sweeps.warn_and_breach(now=LATE, limit=3),
        lambda: sweeps.warn_and_breach(now=LATE, limit=3),
    )
    assert (one.breached, other.breached) == (3, 3)
    assert breached() == {lead.pk for lead in leads[:6]}


@pytest.mark.django_db(transaction=True)
def test_four_workers_together_do_all_of_it_once() -> None:
    leads = due_leads(24)

    def work() -> int:
        count = 0
        while (swept := sweeps.warn_and_breach(now=LATE, limit=2)).leads:
            count += swept.breached
        return count

    assert sum(together([work] * 4)) == 24
    assert breached() == {lead.pk for lead in leads}
    assert LeadEvent.objects.filter(kind="BREACHED").count() == 24


@pytest.mark.django_db
class TestOrder:
    def test_after_an_outage_a_lead_reads_as_if_there_had_been_none(self) -> None:
        acting_levels.company(one=ANEW, first="one")
        lead = factories.capture()
        before = lead.version
        sweeps.warn_and_breach(now=LATE)
        told = list(LeadEvent.objects.filter(lead=lead, sequence__gt=before).order_by("sequence"))
        assert {one.kind for one in told} >= {"WARNED", "BREACHED", "ESCALATED"}
        assert len({one.because.get("obligation") for one in told if one.kind == "BREACHED"}) > 1
        assert [one for one, then in pairwise(told) if then.at < one.at] == []

    def test_what_is_due_in_one_instant_comes_as_warning_breach_level(self) -> None:
        lead = due_leads(1)[0]
        clock = Clock.objects.get()
        Clock.objects.filter(pk=clock.pk).update(warn_at=clock.due_at)
        sweeps.warn_and_breach(now=LATE)
        kinds = LeadEvent.objects.filter(lead=lead, at=clock.due_at).order_by("sequence")
        assert [one.kind for one in kinds] == ["WARNED", "BREACHED"]


@pytest.mark.django_db
class TestWhatIsDue:
    def test_at_the_deadline_nothing_is_missed_yet_and_a_moment_later_it_is(self) -> None:
        due_leads(1)
        at = NOW + HOUR
        assert sweeps.warn_and_breach(now=at).breached == 0
        assert sweeps.warn_and_breach(now=at + dt.timedelta(microseconds=1)).breached == 1

    def test_a_sweep_with_nothing_due_asks_once_and_locks_nothing(self) -> None:
        due_leads(3)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert sweeps.warn_and_breach(now=NOW).total == 0
        assert len(asked) == 1
        assert "FOR NO KEY UPDATE" not in asked[0]["sql"]

    def test_how_far_behind_counts_from_what_is_due_first_and_not_done(self) -> None:
        assert due.first(LATE).behind == dt.timedelta()
        due_leads(2)
        warned = NOW + HOUR / 2
        assert due.first(NOW + 5 * MINUTE).behind == dt.timedelta()
        first = due.first(LATE)
        assert first.due_at is not None
        assert first.behind == LATE - first.due_at
        assert first.due_at <= warned
        sweeps.warn_and_breach(now=LATE)
        assert due.first(LATE).behind == dt.timedelta()

    def test_without_an_instant_the_database_clock_decides(self) -> None:
        company.publish_kit(now=NOW)
        company.lead(owner=company.person("Ana"), due_at=database.now() - MINUTE, now=NOW)
        assert sweeps.warn_and_breach().breached == 1

    def test_a_clock_that_waits_is_left_until_its_pause_is_over(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        due_leads(1)
        paused = {"state": ClockState.PAUSED, "paused_at": NOW, "left_us": 1, "left_warn_us": 1}
        Clock.objects.update(resume_at=NOW + 2 * DAY, **paused)
        ended: list[dt.datetime] = []

        def resume(clock: Clock, _lead: Lead, ledger: Ledger) -> None:
            ended.append(clock.resume_at)  # type: ignore[arg-type]
            clock.state, clock.paused_at, clock.left_us = ClockState.RUNNING, None, None
            clock.resume_at = None
            clock.warn_at = clock.due_at = NOW + 3 * DAY
            fields = ("state", "paused_at", "left_us", "resume_at", "warn_at", "due_at")
            ledger.change(clock, *fields)

        monkeypatch.setattr(sweeps, "_resumes", [resume])
        assert sweeps.warn_and_breach(now=NOW + DAY).total == 0
        swept = sweeps.warn_and_breach(now=LATE)
        assert (swept.resumed, swept.warned, swept.breached) == (1, 1, 1)
        assert ended == [NOW + 2 * DAY]


@pytest.mark.django_db
def test_one_clock_at_fault_costs_a_few_tries_and_keeps_nobody_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    leads = due_leads(32)
    real, tries = services.breach, 0

    def fails(clock: Clock, lead: Lead, **more: Any) -> None:
        if lead.pk == leads[11].pk:
            nonlocal tries
            tries += 1
            raise ValueError("this one breaks")
        real(clock, lead, **more)

    monkeypatch.setattr(services, "breach", fails)
    assert sweeps.warn_and_breach(now=LATE).breached == 31
    assert tries == 6  # all, 16, 8, 4, 2, alone
    assert sweeps.warn_and_breach(now=LATE).leads == 0
