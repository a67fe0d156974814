"""Clocks that count in the working hours of whoever holds the lead."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leads.models import EventKind, Lead, LeadEvent
from lifecycle import actions, own_hours, permissions, playbook, recalculating
from lifecycle.invariants import run
from people import working_time
from people.models import Leave, Shift, User
from sla import sweeps
from sla.models import Clock, ClockEvent
from tests import busy_company, factories
from tests.factories import DAY, HOUR, MINUTE, NOW, Company
from tests.kit_edits import part
from web.console import clock_page, kit_time

pytestmark = pytest.mark.django_db

ALL_DAY = ((0, 24 * 60),)
NIGHTS = ((20 * 60, 24 * 60),)


def text(minutes: int = 24 * 60) -> dict[str, Any]:
    """The playbook, in which accepting counts in the hours of whoever holds the lead."""
    document = playbook.document()
    document["parts"].pop("fixture", None)
    for entry in document["parts"]["clock_policy"]:
        if entry["key"] == "accept":
            entry |= {"hours": "HOLDER", "minutes": minutes, "calendar": "always"}
    return document


@pytest.fixture
def company() -> Company:
    return factories.company(text=text())


def accept(lead: Lead) -> Clock:
    found = Clock.objects.select_related("pin")
    return found.get(lead=lead, obligation="accept", void=False, scope="STAGE")


def work(who: User, *spans: tuple[int, int], days: int = 7) -> None:
    """Their hours from now on, the same on so many days of the week from Monday on."""
    week = [spans if day < days else () for day in range(7)]
    working_time.set_hours(who, week, zone="UTC", country="", subdivision="", by=who)


def leave(who: User, since: dt.datetime, until: dt.datetime) -> Leave:
    return working_time.add_leave(who, since, until, by=who)


def hand(lead: Lead, to: User, by: User, now: dt.datetime) -> None:
    actions.reassign(lead_id=lead.pk, by=by, to=to.pk, reason="Theirs", now=now)


def other(lead: Lead) -> User:
    return User.objects.filter(role="SDR").exclude(pk=lead.owner_id).order_by("pk")[0]


def is_clean(now: dt.datetime) -> None:
    sweeps.warn_and_breach(now=now)
    broken = [
        f"{one.invariant.key}: {one.found.offences}" for one in run.check(now=now) if one.broken
    ]
    assert not broken


def test_it_is_due_in_the_hours_of_its_holder_which_it_pins(company: Company) -> None:
    for rep in User.objects.filter(role="SDR"):
        work(rep, NIGHTS[0])
        leave(rep, NOW + DAY, NOW + 3 * DAY)
    lead = factories.capture()
    hand(lead, company.reps[0], company.manager, NOW)  # nobody was at work
    clock = accept(lead)
    start = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
    nights = [0, 3, 4, 5, 6, 7]  # those of the leave are none
    assert clock.due_at == start + nights[5] * DAY + DAY
    assert clock.pin is not None
    assert clock.pin.document["calendar"]["week"]["mon"] == [["20:00", "24:00"]]
    is_clean(NOW)
    Shift.objects.all().delete()
    is_clean(NOW)  # the pin is what it is computed from


def test_who_has_no_hours_is_held_to_the_calendar(company: Company) -> None:
    Shift.objects.all().delete()
    lead = factories.capture(now=NOW)
    if lead.owner_id is None:  # nobody was at work
        hand(lead, company.reps[0], company.manager, NOW)
    clock = accept(lead)
    assert clock.due_at == clock.started_at + DAY
    assert clock.pin is not None
    assert clock.pin.document == {}


def test_a_hand_over_leaves_the_new_holder_what_is_left_in_their_hours(company: Company) -> None:
    lead = factories.capture()
    taker = other(lead)
    work(taker, NIGHTS[0])
    hand(lead, taker, company.manager, NOW + 20 * HOUR)
    clock = accept(lead)
    midnight = (NOW + 20 * HOUR).replace(hour=0, minute=0) + DAY
    assert clock.due_at >= midnight
    moved = ClockEvent.objects.get(clock=clock, kind="MOVED")
    assert (moved.at, moved.due_at, moved.holder_id) == (NOW + 20 * HOUR, clock.due_at, taker.pk)
    told = LeadEvent.objects.get(lead=lead, kind=EventKind.MOVED)
    assert told.because["cause"] == "HANDED"
    assert told.because["was"] == (NOW + DAY).isoformat()
    is_clean(NOW + 20 * HOUR)


def test_hours_that_change_move_open_clocks_and_back(company: Company) -> None:
    lead = factories.capture()
    holder, first = lead.owner, accept(lead)
    assert holder is not None
    work(holder, NIGHTS[0])
    assert own_hours.follow(now=NOW + HOUR) == 1
    moved = accept(lead)
    assert moved.due_at > first.due_at
    lead.refresh_from_db()
    told = LeadEvent.objects.get(lead=lead, kind=EventKind.MOVED)
    assert (told.because["cause"], told.because["due_at"]) == ("HOURS", moved.due_at.isoformat())
    assert own_hours.follow(now=NOW + HOUR) == 0
    is_clean(NOW + HOUR)
    page = clock_page.build(lead, moved.pk, now=NOW + HOUR, zone=dt.UTC)
    assert page is not None
    assert page.hours == f"Those of {holder}"
    [told_there] = [one.text for one in page.steps if "moved from" in one.text]
    assert told_there.endswith(f", since {holder}'s working hours or leave changed")
    work(holder, *ALL_DAY)
    assert own_hours.follow(now=NOW + HOUR) == 1
    assert (accept(lead).due_at, accept(lead).warn_at) == (first.due_at, first.warn_at)
    is_clean(NOW + HOUR)


def test_leave_entered_late_gives_back_its_time_and_takes_it_again(company: Company) -> None:
    lead = factories.capture()
    holder, first = lead.owner, accept(lead)
    assert holder is not None
    row = leave(holder, NOW + HOUR, NOW + 5 * HOUR)
    own_hours.follow(now=NOW + 3 * HOUR)
    assert accept(lead).due_at == first.due_at + 4 * HOUR
    working_time.end_leave(row.pk, now=NOW + 4 * HOUR, by=holder)
    own_hours.follow(now=NOW + 4 * HOUR)
    assert accept(lead).due_at == first.due_at + 3 * HOUR
    row.refresh_from_db()
    is_clean(NOW + 4 * HOUR)
    actions.accept(
        lead_id=lead.pk, by=holder, icp_confirmed=True, reachable=True, now=NOW + 6 * HOUR
    )
    assert accept(lead).working_seconds == 3 * 3600
    is_clean(NOW + 6 * HOUR)


def test_leave_taken_back_makes_nobody_late_at_once(company: Company) -> None:
    lead = factories.capture()
    holder = lead.owner
    assert holder is not None
    row = leave(holder, NOW + HOUR, NOW + 4 * DAY)
    own_hours.follow(now=NOW + HOUR)
    row.delete()
    now = NOW + 3 * DAY
    own_hours.follow(now=now)
    assert accept(lead).due_at == now + 23 * HOUR
    assert accept(lead).breached_at is None
    is_clean(now)


def test_a_breach_is_not_healed_by_other_hours_nor_by_another_holder(company: Company) -> None:
    lead = factories.capture()
    holder, due = lead.owner, accept(lead).due_at
    assert holder is not None
    leave(holder, due - HOUR, due + DAY)
    assert own_hours.follow(now=due + MINUTE) == 0  # it has passed, seen or not
    sweeps.warn_and_breach(now=due + MINUTE)
    assert own_hours.follow(now=due + MINUTE) == 1  # what goes on counting is by the new ones
    clock = accept(lead)
    assert clock.breached_at == clock.due_at == due


def test_a_thousand_leads_ask_as_often_as_ten(company: Company) -> None:
    for number in range(6):
        factories.rep(f"more{number}", pools=["inbound"])

    def asked(count: int) -> int:
        bodies = [factories.touch() for _ in range(count)]
        with CaptureQueriesContext(connection) as seen:
            factories.captures(bodies)
        return len(seen)

    asked(3)
    assert asked(40) == asked(8)


def test_a_kit_that_counts_the_holders_hours_moves_what_its_preview_lists() -> None:
    company = factories.company()
    lead = factories.capture()
    holder, before = lead.owner, accept(lead)
    assert holder is not None
    assert before.pin is None
    work(holder, NIGHTS[0])
    kit = factories.next_kit(
        lambda parts: part(parts, "clock_policy", "accept").update(hours="HOLDER"),
        by=company.revops,
        now=NOW + MINUTE,
    )
    shown = recalculating.preview(kit, reach=permissions.EVERYWHERE, now=NOW + MINUTE)
    [line] = [one for one in shown.lines if one.obligation == "accept"]
    recalculating.apply(None, by=company.revops, reason="Shifts", seen=None, now=NOW + MINUTE)
    after = accept(lead)
    assert (after.due_at, after.pin is not None) == (line.new_due_at, True)
    is_clean(NOW + MINUTE)


def test_weeks_of_work_in_everybodys_own_hours_leave_nothing_to_find() -> None:
    document = text()
    for entry in document["parts"]["clock_policy"]:
        entry["hours"] = "HOLDER"
    company = factories.company(text=document)
    anna, ben = company.reps
    leave(ben, NOW + 2 * DAY, NOW + 3 * DAY)
    busy_company.worked_through(company)
    busy_company.sent_back(company)
    busy_company.one_switchboard()
    busy_company.waiting_in_queues(company)
    busy_company.outside_the_profile(company)
    busy_company.found_to_be_one(company)
    work(anna, (8 * 60, 20 * 60))
    own_hours.follow(now=NOW + 8 * DAY)
    is_clean(NOW + 8 * DAY)
    work(anna, *ALL_DAY)
    own_hours.follow(now=NOW + 8 * DAY + HOUR)
    end = busy_company.faded(company)
    own_hours.follow(now=end)
    assert Clock.objects.filter(pin__isnull=False).count() > 20
    assert ClockEvent.objects.filter(kind="MOVED").count() > 3
    is_clean(end)


def test_nobodys_hours_are_the_calendars_until_somebody_takes_it(company: Company) -> None:
    lead = factories.capture()
    first = accept(lead).due_at
    holder = lead.owner
    assert holder is not None
    work(holder, NIGHTS[0])
    own_hours.follow(now=NOW + HOUR)
    late = accept(lead).due_at
    Shift.objects.all().delete()  # nobody is at work: it goes back to the queue
    actions.reassign(
        lead_id=lead.pk, by=company.manager, to=None, reason="Rules", now=NOW + 2 * HOUR
    )
    clock = accept(lead)
    assert (clock.holder_id, clock.pin_id) == (None, None)
    assert clock.due_at == first + HOUR < late  # an hour was no working time of theirs
    is_clean(NOW + 2 * HOUR)


def test_levels_count_on_the_calendar_and_pages_say_so() -> None:
    """Who works only at night is due at nine; the level comes two hours later, at night or not."""
    document = text(minutes=60)
    for level in document["parts"]["escalation_level"]:
        level["after_minutes"] = 120
    company = factories.company(text=document)
    for rep in company.reps:
        work(rep, NIGHTS[0])
    lead = factories.capture()
    hand(lead, company.reps[0], company.manager, NOW)  # nobody was at work
    due = accept(lead).due_at
    assert due == NOW.replace(hour=21)
    sweeps.warn_and_breach(now=due + MINUTE)
    assert accept(lead).escalate_at == due + 2 * HOUR
    page = clock_page.build(lead, accept(lead).pk, now=due, zone=dt.UTC)
    assert page is not None
    calendar = company.kit.calendar_labels["always"]
    assert page.levels == calendar
    [told] = [one for one in kit_time.clocks(company.kit) if one.name == page.drawn.label]
    assert f"levels count on the calendar {calendar}." in told.line
