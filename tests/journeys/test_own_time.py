"""One's own time by keyboard alone, without script, on a phone in the dark."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from people.models import CalendarFeed, Leave, Shift, User
from tests import factories
from tests.journeys import soundness

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_hours_leave_and_away_without_script_on_a_phone(visitors: Any) -> None:
    company = factories.company(now=timezone.now() - dt.timedelta(days=1))
    anna = company.reps[0]
    visitor = visitors(width=390, dark=True, script=False)
    visitor.log_in(anna)
    page = visitor.page
    visitor.open("/leads/")
    page.click("summary[aria-label='Your menu']")
    page.click("text=Away for an hour")
    page.wait_for_url("**/leads/")
    anna.refresh_from_db()
    assert anna.away_until is not None
    page.click("summary[aria-label='Your menu']")
    soundness.shoot(page, "time-menu-390-dark")
    page.click("text=My time")
    page.click("main >> text=I am back")
    page.wait_for_load_state()
    anna.refresh_from_db()
    assert anna.away_until is None

    page.fill("#hoursform_day_0", "9-12, 13-17")
    page.press("#hoursform_day_0", "Enter")
    page.wait_for_load_state()
    assert Shift.objects.filter(user=anna, weekday=0).count() == 2

    first = timezone.now().date() + dt.timedelta(days=30)
    page.fill("#leaveform_first", str(first))
    page.fill("#leaveform_last", str(first + dt.timedelta(days=2)))
    page.press("#leaveform_reason", "Enter")
    page.wait_for_load_state()
    assert Leave.objects.filter(user=anna).count() == 1
    page.click("text=Change the leave From")
    page.fill("#leaveform_last", str(first + dt.timedelta(days=4)))
    page.press("#leaveform_last", "Enter")
    page.wait_for_load_state()
    ends = Leave.objects.get(user=anna).ends_at.astimezone(anna.zone)
    assert ends.date() == first + dt.timedelta(days=5)


def test_the_page_is_sound_for_oneself_and_for_the_manager(visitors: Any) -> None:
    company = factories.company(now=timezone.now() - dt.timedelta(days=1))
    anna, now = company.reps[0], timezone.now()
    hour = dt.timedelta(hours=1)
    Leave.objects.create(user=anna, starts_at=now - hour, ends_at=now + 9 * hour, reason="Dentist")
    Leave.objects.create(
        user=anna, starts_at=now + 99 * hour, ends_at=now + 199 * hour, source="CALENDAR", uid="1"
    )
    CalendarFeed.objects.create(
        user=anna, host="calendar.example.com", address="", due_at=now + hour, tried_at=now,
        read_at=now - hour, events=34, error="It answered 404: there is no calendar here.",
    )  # fmt: skip
    User.objects.filter(pk=anna.pk).update(away_until=now + hour)
    mine, managers = visitors(), visitors()
    mine.log_in(User.objects.get(pk=anna.pk))
    mine.open("/time/")
    soundness.is_sound(mine.page, "time-mine")
    managers.log_in(company.manager)
    managers.open(f"/time/{anna.pk}/")
    soundness.is_sound(managers.page, "time-managers")
