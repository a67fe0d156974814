"""Running clocks counted again in the hours of whoever held them when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.kit import Kit
from leads.models import Lead
from lifecycle import actions, own_hours, pausing, permissions, recalculating
from lifecycle.recalculated import Preview
from people.models import Shift, User
from sla import sweeps
from sla.models import Clock, HoursPin
from tests import factories, kit_edits
from tests.factories import DAY, HOUR, MINUTE, NOW, Company
from tests.integration.sla.test_own_hours import (
    ALL_DAY,
    NIGHTS,
    accept,
    hand,
    is_clean,
    leave,
    other,
    text,
    work,
)  # fmt: skip
from tests.kit_edits import part
from web.console import clock_page

pytestmark = pytest.mark.django_db

MIDNIGHT = NOW.replace(hour=0)
THEN = NOW + 6 * HOUR


def work_since(at: dt.datetime, who: User, *spans: tuple[int, int]) -> None:
    """Other hours from an instant on, before which what they had held."""
    seen = Shift.history.count() and Shift.history.latest("pk").pk
    work(who, *spans)
    Shift.history.filter(pk__gt=seen).update(history_date=at)
    User.history.filter(id=who.pk).update(history_date=NOW - DAY)


def company_of(**more: Any) -> Company:
    """Accepting takes a day of the calendar, which is always open."""
    document = text()
    for entry in document["parts"]["clock_policy"]:
        if entry["key"] == "accept":
            entry |= {"hours": "CALENDAR", **more}
    return factories.company(text=document)


def publish(company: Company, at: dt.datetime = THEN, **more: Any) -> Kit:
    """The same in the hours of whoever holds the lead."""
    changed = {"hours": "HOLDER", **more}
    return kit_edits.publish(
        lambda parts: part(parts, "clock_policy", "accept").update(changed),
        by=company.revops,
        now=at,
    )


def recalculated(company: Company, kit: Kit, lead: Lead, at: dt.datetime = THEN) -> Clock:
    """The clock that took its place: as the preview said, of which nothing moves any more."""
    shown = see(kit, at)
    [line] = [one for one in shown.lines if (one.lead, one.obligation) == (lead.pk, "accept")]
    recalculating.apply(None, by=company.revops, reason="Hours", seen=shown.seen, now=at)
    clock = accept(lead)
    assert (clock.due_at, clock.kit_id) == (line.new_due_at, kit.id)
    assert see(kit, at).lines == ()
    assert own_hours.follow(now=at) == 0
    is_clean(at)
    clock.refresh_from_db()
    return clock


def see(kit: Kit, at: dt.datetime) -> Preview:
    return recalculating.preview(kit, reach=permissions.EVERYWHERE, now=at)


def steps(lead: Lead, clock: Clock) -> list[str]:
    page = clock_page.build(lead, clock.pk, now=THEN, zone=dt.UTC)
    assert page is not None
    return [one.text for one in page.steps]


def holder(lead: Lead) -> User:
    assert lead.owner is not None
    return lead.owner


def other_shifts(company: Company, lead: Lead) -> None:
    work_since(NOW + 2 * HOUR, holder(lead), *NIGHTS)


def a_hand_over(company: Company, lead: Lead) -> None:
    taker = other(lead)
    work_since(NOW - DAY, taker, *NIGHTS)
    hand(lead, taker, company.manager, NOW + 2 * HOUR)


def leave_of_hers(company: Company, lead: Lead) -> None:
    leave(holder(lead), NOW + HOUR, NOW + 5 * HOUR)


def leave_of_who_had_it(company: Company, lead: Lead) -> None:
    a_hand_over(company, lead)
    before = User.objects.filter(role="SDR").exclude(pk=Lead.objects.get(pk=lead.pk).owner_id)[0]
    leave(before, NOW + HOUR, NOW + DAY)


def a_pause(company: Company, lead: Lead) -> None:
    actions.log_activity(lead_id=lead.pk, by=holder(lead), kind="CALL", now=NOW + HOUR)
    until = NOW + DAY
    pausing.await_buyer(lead_id=lead.pk, by=holder(lead), until=until, now=NOW + HOUR)
    pausing.go_on(lead_id=lead.pk, by=holder(lead), now=NOW + 4 * HOUR)


def nothing(company: Company, lead: Lead) -> None:
    pass


# A day's work is due; at night there are four hours. Two of it are done when they work only then.
NIGHTLY = MIDNIGHT + 5 * DAY + 22 * HOUR
CASES: dict[str, tuple[Callable[[Company, Lead], None], dt.datetime, str]] = {
    "a shift changed in between": (other_shifts, NIGHTLY, "'s hours changed; due "),
    "a hand-over in between": (a_hand_over, NIGHTLY, "What was left counted in the hours of "),
    "leave in between": (leave_of_hers, NOW + DAY + 4 * HOUR, "Started, held by "),
    # An hour before the leave; what is left is due in six nights.
    "leave of who had it before": (
        leave_of_who_had_it, MIDNIGHT + 5 * DAY + 23 * HOUR, "What was left counted in the hours",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_each_period_counts_by_the_hours_that_held_then(name: str) -> None:
    happens, due_at, told = CASES[name]
    company = company_of()
    lead = factories.capture()
    happens(company, lead)
    kit = publish(company)
    was = accept(lead)
    clock = recalculated(company, kit, lead)
    assert clock.due_at == due_at
    said = steps(lead, clock)
    assert any(told in one for one in said)
    assert said[-1].startswith("Recalculated under version 2 of the kit: it counts from its start")
    assert steps(lead, was)[-1] == "Recalculated; another clock runs in its place"


def test_a_wait_for_the_customer_stands_as_it_was() -> None:
    company = company_of(pauses_for=["CUSTOMER"], minutes=1440)
    lead = factories.capture()
    a_pause(company, lead)
    kit = publish(company, minutes=600, pauses_for=[])
    assert accept(lead).due_at == NOW + DAY + 3 * HOUR
    assert recalculated(company, kit, lead).due_at == NOW + 13 * HOUR


def test_another_allowance_counts_what_each_of_them_had_pinned() -> None:
    """Shifts and leave that were recorded otherwise since change nothing of the past."""
    company = factories.company(text=text())
    lead = factories.capture()
    first, taker = holder(lead), other(lead)
    work(first, (8 * 60, 12 * 60))
    own_hours.follow(now=NOW + HOUR)  # an hour of all day, until noon one of the morning
    work(taker, *NIGHTS)
    hand(lead, taker, company.manager, NOW + 5 * HOUR)
    Shift.objects.filter(user=first).delete()
    leave(first, NOW, NOW + 4 * HOUR)
    kit = publish(company, minutes=600)
    assert accept(lead).due_at == MIDNIGHT + 5 * DAY + 22 * HOUR
    assert recalculated(company, kit, lead).due_at == MIDNIGHT + 2 * DAY  # two nights


def test_what_would_have_been_late_is_breached_when_it_was_due_and_whoever_has_it_now() -> None:
    company = company_of()
    lead = factories.capture()
    first = holder(lead)
    a_hand_over(company, lead)
    kit = publish(company, minutes=60)
    clock = recalculated(company, kit, lead)
    assert clock.breached_at == clock.due_at == NOW + HOUR
    assert clock.holder_id != first.pk
    assert clock.pin is not None
    assert clock.pin.document["calendar"]["week"]["mon"] == [["00:00", "24:00"]]
    sweeps.warn_and_breach(now=THEN + DAY)
    actions.accept(
        lead_id=lead.pk, by=Lead.objects.get(pk=lead.pk).owner, icp_confirmed=True, reachable=True,
        now=THEN + DAY,
    )  # fmt: skip
    is_clean(THEN + DAY)


def test_it_goes_on_in_the_hours_that_people_get_later() -> None:
    company = company_of()
    lead = factories.capture()
    other_shifts(company, lead)
    kit = publish(company)
    clock = recalculated(company, kit, lead)
    work(holder(lead), *ALL_DAY)
    assert own_hours.follow(now=THEN) == 1
    assert accept(lead).due_at == THEN + 22 * HOUR < clock.due_at
    is_clean(THEN)
    back = kit_edits.publish(
        lambda parts: part(parts, "clock_policy", "accept").update(hours="CALENDAR"),
        by=company.revops,
        now=THEN,
    )
    on_calendar = recalculated(company, back, lead)
    assert (on_calendar.due_at, on_calendar.pin_id) == (NOW + DAY, None)


def test_many_are_counted_again_by_as_few_queries_as_few_and_share_pins() -> None:
    company = company_of()
    for number in range(4):
        factories.rep(f"more{number}", pools=["inbound"])

    def asked(count: int, at: dt.datetime, hours: str, minutes: int = 1500) -> tuple[int, int]:
        leads = factories.captures([factories.touch() for _ in range(count)], now=at)
        for lead in leads[:4]:
            hand(lead, other(lead), company.manager, at + MINUTE)
        kit = publish(company, at + HOUR, hours=hours, minutes=minutes)
        with CaptureQueriesContext(connection) as seeing:
            shown = see(kit, at + HOUR)
        with CaptureQueriesContext(connection) as doing:
            recalculating.apply(
                None, by=company.revops, reason="Hours", seen=shown.seen, now=at + HOUR
            )
        return len(seeing), len(doing)

    few = asked(20, NOW, "HOLDER")
    pins = HoursPin.objects.count()
    assert pins <= User.objects.count()
    asked(1, NOW + 2 * HOUR, "CALENDAR", 1400)
    seeing, doing = asked(40, NOW + 4 * HOUR, "HOLDER")
    assert (seeing, doing + 1) == few  # there are no pins to be written
    assert HoursPin.objects.count() == pins
