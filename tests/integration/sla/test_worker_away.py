"""Clocks in their holders' hours while no worker runs: once it is back nothing tells of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import reading
from leads.models import Lead
from lifecycle import actions, own_hours
from lifecycle.invariants import run
from people.models import Leave, User
from sla import following, sweeps
from sla.models import Clock, ClockEvent
from tests import factories
from tests.factories import DAY, HOUR, NOW, Company
from tests.integration.sla.test_own_hours import NIGHTS, accept, is_clean, leave, text
from tests.integration.sla.test_retraced_clocks import work_since

pytestmark = pytest.mark.django_db

DUE = NOW + DAY
NOTHING = "SELECT 1::bigint, 1::bigint, now() WHERE false"


@pytest.fixture
def company() -> Company:
    """To accept takes a day of whoever holds the lead, who is at work day and night."""
    return factories.company(text=text())


def holder(lead: Lead) -> User:
    assert lead.owner is not None
    return lead.owner


def leave_since(at: dt.datetime, who: User, since: dt.datetime, until: dt.datetime) -> None:
    row = leave(who, since, until)
    Leave.history.filter(id=row.pk).update(history_date=at)


def moves(clock: Clock) -> list[tuple[dt.datetime, dt.datetime | None]]:
    rows = ClockEvent.objects.filter(clock=clock, kind="MOVED").order_by("pk")
    return [(one.at, one.due_at) for one in rows]


def test_other_hours_count_from_when_they_were_entered(company: Company) -> None:
    lead = factories.capture()
    work_since(NOW + 2 * HOUR, holder(lead), *NIGHTS)
    assert own_hours.follow(now=NOW + 9 * HOUR) == 1
    clock = accept(lead)
    # Of the 22 hours left there are four a night, from that very evening on.
    assert clock.due_at == NOW.replace(hour=0) + 5 * DAY + 22 * HOUR
    assert moves(clock) == [(NOW + 2 * HOUR, clock.due_at)]
    assert own_hours.follow(now=NOW + 9 * HOUR) == 0
    is_clean(NOW + 9 * HOUR)


def one_by_one() -> int:
    return 10**6


def at_once() -> int:
    return 1


@pytest.mark.parametrize("many", [one_by_one, at_once])
def test_leave_entered_in_time_moves_a_deadline_that_has_passed_unseen(
    company: Company, many: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeps, "MANY", many())
    lead = factories.capture()
    leave_since(NOW + HOUR, holder(lead), NOW + 2 * HOUR, NOW + 2 * DAY)
    back = NOW + 2 * DAY + HOUR  # when the leave is over, too
    while sweeps.warn_and_breach(now=back).leads:
        continue
    clock = accept(lead)
    assert (clock.due_at, clock.breached_at) == (NOW + 2 * DAY + 22 * HOUR, None)
    assert moves(clock) == [(NOW + HOUR, clock.due_at)]
    lead.refresh_from_db()
    assert lead.next_due_at == min(Clock.objects.filter(lead=lead, stopped_at=None).values_list(
        "due_at", flat=True))  # fmt: skip
    is_clean(back)


@pytest.mark.parametrize("many", [one_by_one, at_once])
def test_leave_entered_after_the_deadline_cures_nothing(
    company: Company, many: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeps, "MANY", many())
    lead = factories.capture()
    leave_since(DUE + HOUR, holder(lead), NOW + 2 * HOUR, DUE + 5 * HOUR)
    while sweeps.warn_and_breach(now=DUE + 2 * DAY).leads:
        continue
    own_hours.follow(now=DUE + 2 * DAY)
    assert accept(lead).breached_at == accept(lead).due_at == DUE
    actions.accept(
        lead_id=lead.pk, by=holder(lead), icp_confirmed=True, reachable=True, now=DUE + 2 * DAY
    )
    assert accept(lead).working_seconds == (3 * DAY - 4 * HOUR).total_seconds()
    is_clean(DUE + 2 * DAY)


def test_who_acts_meanwhile_is_judged_by_the_hours_of_then(company: Company) -> None:
    lead = factories.capture()
    leave_since(NOW + HOUR, holder(lead), NOW + 2 * HOUR, NOW + 2 * DAY)
    now = NOW + 2 * DAY + HOUR
    actions.accept(lead_id=lead.pk, by=holder(lead), icp_confirmed=True, reachable=True, now=now)
    clock = accept(lead)
    assert (clock.breached_at, clock.working_seconds) == (None, 3 * 3600)
    assert clock.due_at == NOW + 2 * DAY + 22 * HOUR
    is_clean(now)


def test_what_changes_before_an_undo_counts_for_the_clock_that_runs_on(company: Company) -> None:
    lead = factories.capture()
    done = NOW + HOUR
    actions.accept(lead_id=lead.pk, by=holder(lead), icp_confirmed=True, reachable=True, now=done)
    work_since(NOW + HOUR + dt.timedelta(minutes=2), holder(lead), *NIGHTS)
    actions.undo(lead_id=lead.pk, by=holder(lead), now=NOW + HOUR + dt.timedelta(minutes=6))
    own_hours.follow(now=NOW + 3 * HOUR)
    clock = accept(lead)
    assert moves(clock) == [(NOW + HOUR + dt.timedelta(minutes=2), clock.due_at)]
    is_clean(NOW + 3 * HOUR)


def test_many_that_are_behind_are_caught_up_in_as_many_queries_as_a_few(company: Company) -> None:
    def asked(count: int) -> int:
        leads = factories.captures([factories.touch() for _ in range(count)])
        for rep in {holder(lead) for lead in leads}:
            leave_since(NOW + HOUR, rep, NOW + 2 * HOUR, NOW + 5 * HOUR)
        with CaptureQueriesContext(connection) as seen:
            assert sweeps.warn_and_breach(now=DUE + HOUR).followed == count
        return len(seen)

    asked(4)
    assert asked(30) == asked(12)


def keeps_to_hours(now: dt.datetime) -> dict[str, str]:
    """What `verify` says of the time that clocks have counted, by clock."""
    [one] = [one for one in run.check(now=now) if one.invariant.key == "clock.keeps_to_hours"]
    assert not one.broken  # a remark
    return {offence.id: offence.what for offence in one.found.offences}


@pytest.mark.parametrize("late", [False, True])
def test_verify_sees_time_that_was_counted_by_other_hours_than_were_kept(
    company: Company, late: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    since = DUE + HOUR if late else NOW + HOUR
    wrong, right = (factories.capture() for _ in range(2))
    for rep in User.objects.filter(role="SDR"):
        leave_since(NOW - DAY, rep, NOW - 2 * DAY, NOW - DAY)  # what is known of them begins there
        leave_since(since, rep, since, since + 10 * HOUR)
    now = DUE + 2 * DAY
    ids = []
    for lead in (right, wrong):
        actions.accept(
            lead_id=lead.pk, by=holder(lead), icp_confirmed=True, reachable=True, now=now
        )
        ids.append(str(accept(lead).pk))
        monkeypatch.setattr(following, "behind", lambda _: reading.plain(NOTHING))
    told = keeps_to_hours(now)
    assert list(told) == ids[1:]
