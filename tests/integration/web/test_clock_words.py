"""What the page of a clock says of its outcome is true, and of what came late both times."""

from __future__ import annotations

import datetime as dt

import pytest

from leads.models import Lead
from lifecycle import actions, next_steps, notices
from sla import spent, sweeps
from sla.models import Clock
from sla.split import Cause
from tests import factories
from tests.factories import DAY, HOUR, MINUTE, NOW
from web.api import clocks
from web.console import clock_page
from web.console.clock_page import ClockPage

pytestmark = pytest.mark.django_db

SECOND = dt.timedelta(seconds=1)
DUE = NOW + 15 * MINUTE
"""When the first contact after a form is, as the playbook has it."""


@pytest.fixture(autouse=True)
def company() -> factories.Company:
    return factories.company()


def page(lead: Lead, now: dt.datetime, obligation: str = "first_contact") -> ClockPage:
    clock = Clock.objects.get(lead=lead, obligation=obligation, scope="STAGE")
    found = clock_page.build(lead, clock.pk, now=now, zone=dt.UTC)
    assert found is not None
    return found


def test_what_was_breached_before_it_was_no_longer_owed_was_due() -> None:
    lead, early = factories.captures([factories.touch() for _ in "ab"])
    for one, at in ((early, NOW + MINUTE), (lead, NOW + HOUR)):
        actions.disqualify(lead_id=one.pk, by=one.owner, reason="spam", now=at)
    found = page(lead, NOW + DAY).drawn
    assert (found.state, found.tone) == ("Breached, no longer owed", "late")
    assert found.line == ("Breached at 10:15 yesterday, then no longer owed from 11:00 yesterday.")
    other = page(early, NOW + DAY).drawn
    assert (other.state, other.line) == (
        "No longer owed", "Ended 10:01 yesterday without being due."
    )  # fmt: skip


@pytest.mark.parametrize(
    ("after", "took"),
    [
        (15 * MINUTE + 20 * SECOND, "15 min 20 s"),
        (15 * MINUTE + SECOND / 4, "15 min 01 s"),
        (15 * MINUTE, "15 min"),
        (14 * MINUTE + 59 * SECOND, "14 min"),
        (16 * MINUTE + 5 * SECOND, "16 min"),
    ],
)
def test_late_by_seconds_does_not_read_as_just_in_time(after: dt.timedelta, took: str) -> None:
    lead = factories.capture()
    actions.log_activity(lead_id=lead.pk, by=lead.owner, kind="CALL", now=NOW + after)
    found = page(lead, NOW + HOUR).drawn
    assert found.line.startswith(f"Took {took} of 15 min (")
    assert (found.state == "Late") == (after > 15 * MINUTE)


def test_what_was_told_late_says_when_it_was_due_and_when_it_was_told() -> None:
    lead = factories.capture()
    late = DUE + 7 * DAY
    sweeps.warn_and_breach(now=late)
    notices.drain(now=late)
    said = [one for one in page(lead, late + HOUR).steps if one.told]
    texts = [one.text for one in said]
    assert "The deadline passed; due 10:15 on Tue 3 Mar, told 10:15 today" in texts
    level = next(one for one in said if one.text.startswith("Escalated: All sales managers"))
    assert level.text.endswith("; due 14:15 on Tue 3 Mar, told 10:15 today")


def test_what_was_told_in_time_needs_one_time() -> None:
    lead = factories.capture()
    sweeps.warn_and_breach(now=DUE + SECOND)
    notices.drain(now=DUE + 10 * SECOND)
    told = [one.text for one in page(lead, DUE + HOUR).steps if one.told]
    assert "The deadline passed" in told


def test_systems_are_told_seconds_at_work_that_add_up(company: factories.Company) -> None:
    lead = factories.capture()
    odd = MINUTE + 7.4 * SECOND
    for number in range(1, 7):
        lead.refresh_from_db()
        to = next(one for one in company.reps if one.pk != lead.owner_id)
        actions.reassign(
            lead_id=lead.pk, by=company.manager, to=to.pk, reason="Turn", now=NOW + number * odd
        )
    clock = Clock.objects.get(lead=lead, obligation="accept", scope="STAGE")
    whole = spent.read([clock], now=NOW + 7 * odd)[clock.pk]
    told = [one["seconds_at_work"] for one in clocks._segments(whole, {})]
    assert len(told) == 7
    assert sum(told) == whole.split.seconds[Cause.REP] == round(7 * odd / SECOND)


def test_until_the_promised_time_nobody_is_late(company: factories.Company) -> None:
    lead = factories.capture()
    at = NOW + 30 * SECOND + SECOND / 4
    next_steps.promise(lead_id=lead.pk, by=lead.owner, at=at, kind="CALL", now=NOW)
    to = next(one for one in company.reps if one.pk != lead.owner_id)
    by, handed = company.manager, NOW + 10.6 * SECOND
    actions.reassign(lead_id=lead.pk, by=by, to=to.pk, reason="Turn", now=handed)
    done = NOW + 12 * MINUTE + 17 * SECOND
    actions.log_activity(lead_id=lead.pk, by=to, kind="CALL", now=done)

    found = page(lead, done + HOUR, "next_step")
    assert {one.label: one.length for one in found.parts} == {
        "Until the promised time": "30 s",
        "With somebody at work": "11 min 47 s",
    }
    assert (found.counted, found.total) == ("11 min 47 s", "12 min 17 s")
    assert [one.course for one in found.stretches] == [
        "ran, 10 s until the promised time, 0 s of it at work",
        "ran, 20 s until the promised time, 11 min 47 s of it at work",
    ]
    assert (found.promised_at, found.since_what) == (at, "from when it was promised")
    assert "; counts from 10:00 today, as promised; due " in found.steps[0].text
    clock = Clock.objects.get(lead=lead, obligation="next_step")
    whole = spent.read([clock], now=done)[clock.pk]
    assert [one["seconds_at_work"] for one in clocks._segments(whole, {})] == [0, 707]
    assert clocks._split(whole) | {"total": 737, "promised": 30, "rep": 707} == clocks._split(whole)
