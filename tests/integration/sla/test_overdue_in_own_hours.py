"""Overdue clocks in their holders' hours: their page, the API and what is stored say one thing."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leads.ledger import Ledger
from leads.models import Lead
from lifecycle import actions, gathering, own_hours
from people import working_time
from people.models import User
from sla import services, spent, sweeps
from sla.models import ClockEvent
from sla.split import Cause
from tests import factories
from tests.factories import DAY, HOUR, MINUTE, NOW, Company
from tests.integration.sla.test_own_hours import accept, hand, is_clean, leave, other, text, work
from web.console import clock_page, words

pytestmark = pytest.mark.django_db

MIDNIGHT = NOW.replace(hour=0)  # of a Tuesday
OFFICE = (9 * 60, 17 * 60)
MORNINGS = (9 * 60, 12 * 60)


@pytest.fixture
def company() -> Company:
    """To accept takes four hours of whoever holds the lead, who works from nine to five."""
    company = factories.company(text=text(minutes=4 * 60))
    for rep in User.objects.filter(role="SDR"):
        work(rep, OFFICE)
    return company


@pytest.fixture
def lead(company: Company) -> Lead:
    """Held since 10:00, and overdue since 14:00."""
    lead = factories.capture(now=NOW)
    assert lead.owner_id is not None
    sweeps.warn_and_breach(now=NOW + 4 * HOUR + MINUTE)
    assert accept(lead).breached_at == accept(lead).due_at == NOW + 4 * HOUR
    return lead


def holder(lead: Lead) -> User:
    return User.objects.get(pk=Lead.objects.values_list("owner_id", flat=True).get(pk=lead.pk))


def every_sum_is(used: dt.timedelta, lead: Lead, now: dt.datetime) -> None:
    """Used, by cause and by holder, while it runs and once it has ended; its deadline stays."""
    clock = accept(lead)
    for _ in ("open", "ended"):
        whole = spent.read([clock], now=now)[clock.pk]
        at_work = [one.spans.get(Cause.REP, dt.timedelta()) for one in whole.stretches]
        assert (whole.split.seconds[Cause.REP], sum(at_work, dt.timedelta())) == (
            used.total_seconds(),
            used,
        )
        page = clock_page.build(lead, clock.pk, now=now, zone=dt.UTC)
        assert page is not None
        assert page.counted == words.to_the_second(int(used.total_seconds()))
        if clock.stopped_at is None:
            is_clean(now)
            actions.accept(
                lead_id=lead.pk, by=holder(lead), icp_confirmed=True, reachable=True, now=now
            )
            clock = accept(lead)
    assert (clock.working_seconds, clock.due_at) == (used.total_seconds(), NOW + 4 * HOUR)
    assert clock.breached_at == clock.due_at
    is_clean(now)


def test_leave_entered_late_is_not_counted_but_cures_nothing(lead: Lead) -> None:
    leave(holder(lead), MIDNIGHT + DAY, MIDNIGHT + 3 * DAY)
    assert own_hours.follow(now=NOW + 5 * HOUR) == 1
    assert own_hours.follow(now=NOW + 5 * HOUR) == 0
    every_sum_is(8 * HOUR, lead, MIDNIGHT + 3 * DAY + 10 * HOUR)  # Tuesday 7, Friday 1


def test_leave_gives_back_nothing_of_what_was_worked_before_it_was_known(lead: Lead) -> None:
    row = leave(holder(lead), NOW, MIDNIGHT + 3 * DAY)
    own_hours.follow(now=MIDNIGHT + DAY + 11 * HOUR)
    working_time.end_leave(row.pk, now=MIDNIGHT + 2 * DAY + 16 * HOUR, by=holder(lead))
    own_hours.follow(now=MIDNIGHT + 2 * DAY + 16 * HOUR)
    every_sum_is(11 * HOUR, lead, MIDNIGHT + 3 * DAY + 10 * HOUR)  # 7, 2, 1 and 1


def test_who_gets_it_late_is_counted_in_hours_of_their_own(company: Company, lead: Lead) -> None:
    taker = other(lead)
    work(taker, MORNINGS)
    hand(lead, taker, company.manager, NOW + 6 * HOUR)
    every_sum_is(10 * HOUR, lead, MIDNIGHT + 2 * DAY + 10 * HOUR)  # 6, then 3 and 1


def test_who_hands_it_on_at_once_is_counted_for_their_own_time(
    company: Company, lead: Lead
) -> None:
    first, taker = holder(lead), other(lead)
    work(taker, MORNINGS)
    hand(lead, taker, company.manager, NOW + 6 * HOUR)
    work(taker, OFFICE)
    own_hours.follow(now=MIDNIGHT + DAY + 12 * HOUR)
    hand(lead, first, company.manager, MIDNIGHT + DAY + 16 * HOUR)
    every_sum_is(15 * HOUR, lead, MIDNIGHT + 2 * DAY + 10 * HOUR)  # 6, 3 and 4, 1 and 1


def test_while_nobody_has_it_the_calendar_counts_and_it_waits(company: Company, lead: Lead) -> None:
    leaver = holder(lead)
    User.objects.update(away_until=NOW + 9 * DAY)  # which is no leave, but nobody gets new leads
    hand_back = NOW + 5 * HOUR
    actions.reassign(lead_id=lead.pk, by=company.manager, to=None, reason="Gone", now=hand_back)
    clock = accept(lead)
    assert (clock.pin_id, clock.due_at) == (None, NOW + 4 * HOUR)
    hand(lead, leaver, company.manager, hand_back + HOUR)
    note = ClockEvent.objects.filter(clock=clock, kind="MOVED").latest("pk")
    assert (note.holder_id, note.due_at) == (leaver.pk, clock.due_at)
    whole = spent.read([clock], now=hand_back + 2 * HOUR)[clock.pk].split
    assert (whole.seconds[Cause.QUEUE], whole.seconds[Cause.REP]) == (3600, 6 * 3600)
    is_clean(hand_back + 2 * HOUR)


def test_many_overdue_clocks_are_counted_in_as_many_queries_as_a_few(company: Company) -> None:
    def asked(count: int) -> int:
        leads = factories.captures([factories.touch() for _ in range(count)], now=NOW)
        for _ in range(2):  # warnings and breaches
            sweeps.warn_and_breach(now=NOW + DAY)
        ledger = Ledger(kit=company.kit, now=NOW + DAY, actor="test")
        with CaptureQueriesContext(connection) as seen:
            for case in gathering.open_cases(leads).values():
                for clock in case.clocks:
                    assert services.worked(clock, None, ledger)
        return len(seen)

    asked(2)
    assert asked(9) == asked(3)
