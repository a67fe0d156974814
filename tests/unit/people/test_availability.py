"""Who can take a lead now, and when."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import worktime
from people import availability
from people.availability import Kind

WEEKDAYS = worktime.from_document(
    {
        "zone": "Europe/Berlin",
        "week": {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
        "closed": ["2026-12-25"],
    }
)
AT_DESK = availability.Availability(active=True, hours=WEEKDAYS)


def berlin(text: str) -> datetime:
    """Read a winter time in Berlin."""
    return datetime.fromisoformat(f"{text}+01:00")


def on_leave(*leaves: tuple[str, str]) -> availability.Availability:
    spans = tuple((berlin(begins), berlin(ends)) for begins, ends in leaves)
    return dataclasses.replace(AT_DESK, leaves=spans)


LEFT = dataclasses.replace(AT_DESK, active=False)
MACHINE = dataclasses.replace(AT_DESK, works_leads=False)
AT_LUNCH = dataclasses.replace(AT_DESK, away_until=berlin("2026-11-02T13:00"))
HOLIDAY = on_leave(("2026-11-03T00:00", "2026-11-05T00:00"))
TWO_LEAVES = on_leave(
    ("2026-11-04T00:00", "2026-11-05T00:00"), ("2026-11-03T00:00", "2026-11-04T00:00")
)
HOUR_OFF = on_leave(("2026-11-02T10:00", "2026-11-02T11:00"))
SABBATICAL = on_leave(("2026-11-03T00:00", "2027-03-01T00:00"))
NO_SHIFTS = availability.Availability(active=True, hours=worktime.WorkCalendar("UTC", ((),) * 7))


@pytest.mark.parametrize(
    ("person", "at", "kind", "until", "available"),
    [
        (AT_DESK, "2026-11-02T09:00", None, None, "2026-11-02T09:00"),
        (AT_DESK, "2026-11-02T08:59", Kind.OFF_SHIFT, "2026-11-02T09:00", "2026-11-02T09:00"),
        (AT_DESK, "2026-11-02T17:00", Kind.OFF_SHIFT, "2026-11-03T09:00", "2026-11-03T09:00"),
        (AT_DESK, "2026-11-07T12:00", Kind.OFF_SHIFT, "2026-11-09T09:00", "2026-11-09T09:00"),
        (AT_DESK, "2026-12-25T12:00", Kind.OFF_SHIFT, "2026-12-28T09:00", "2026-12-28T09:00"),
        (LEFT, "2026-11-02T12:00", Kind.INACTIVE, None, None),
        (MACHINE, "2026-11-02T12:00", Kind.NO_LEADS, None, None),
        (AT_LUNCH, "2026-11-02T12:00", Kind.AWAY, "2026-11-02T13:00", "2026-11-02T13:00"),
        (AT_LUNCH, "2026-11-02T13:00", None, None, "2026-11-02T13:00"),
        (HOUR_OFF, "2026-11-02T09:59:59", None, None, "2026-11-02T09:59:59"),
        (HOUR_OFF, "2026-11-02T10:00", Kind.ON_LEAVE, "2026-11-02T11:00", "2026-11-02T11:00"),
        (HOUR_OFF, "2026-11-02T11:00", None, None, "2026-11-02T11:00"),
        (HOLIDAY, "2026-11-02T18:00", Kind.OFF_SHIFT, "2026-11-03T09:00", "2026-11-05T09:00"),
        (HOLIDAY, "2026-11-03T10:00", Kind.ON_LEAVE, "2026-11-05T00:00", "2026-11-05T09:00"),
        (HOLIDAY, "2026-11-05T03:00", Kind.OFF_SHIFT, "2026-11-05T09:00", "2026-11-05T09:00"),
        (TWO_LEAVES, "2026-11-03T10:00", Kind.ON_LEAVE, "2026-11-05T00:00", "2026-11-05T09:00"),
        (SABBATICAL, "2026-11-04T10:00", Kind.ON_LEAVE, "2027-03-01T00:00", None),
        (NO_SHIFTS, "2026-11-02T12:00", Kind.OFF_SHIFT, None, None),
    ],
)
def test_the_reason_and_the_return_are_told(
    person: availability.Availability,
    at: str,
    kind: Kind | None,
    until: str | None,
    available: str | None,
) -> None:
    held = availability.reason(person, berlin(at))
    assert availability.is_available(person, berlin(at)) == (held is None)
    assert (held and held.kind) == kind
    assert (held and held.until) == (until and berlin(until))
    expected = available and berlin(available)
    assert availability.next_available(person, berlin(at)) == expected


@pytest.mark.parametrize(
    ("person", "at", "hours", "expected"),
    [
        (AT_DESK, "2026-11-02T12:00", 0, True),
        (AT_DESK, "2026-11-02T17:00", 15, False),
        (AT_DESK, "2026-11-02T17:00", 16, True),
        (AT_DESK, "2026-11-06T17:00", 24, False),
        (HOLIDAY, "2026-11-02T18:00", 24, False),
        (HOLIDAY, "2026-11-04T23:00", 24, False),
        (AT_LUNCH, "2026-11-02T12:59", 24, False),
        (LEFT, "2026-11-02T12:00", 24, False),
        (NO_SHIFTS, "2026-11-02T12:00", 24 * 90, False),
    ],
)
def test_looking_ahead_bridges_off_shift_and_nothing_else(
    person: availability.Availability, at: str, hours: int, expected: bool
) -> None:
    ahead = timedelta(hours=hours)
    assert availability.available_within(person, berlin(at), ahead) == expected


@pytest.mark.parametrize(
    ("person", "words"),
    [
        (LEFT, "inactive"),
        (AT_LUNCH, "away until 2026-11-02 13:00 UTC+01:00"),
        (NO_SHIFTS, "off shift"),
    ],
)
def test_a_reason_reads_as_words(person: availability.Availability, words: str) -> None:
    assert str(availability.reason(person, berlin("2026-11-02T12:00"))) == words


INSTANTS = st.timedeltas(timedelta(), timedelta(days=120)).map(
    lambda passed: datetime(2026, 9, 1, tzinfo=UTC) + passed
)
LEAVES = st.lists(
    st.tuples(INSTANTS, st.timedeltas(timedelta(minutes=1), timedelta(days=20))).map(
        lambda leave: (leave[0], leave[0] + leave[1])
    ),
    max_size=5,
).map(tuple)
PEOPLE = st.builds(
    availability.Availability,
    active=st.sampled_from([True, True, True, False]),
    hours=st.sampled_from([WEEKDAYS, worktime.ALWAYS, NO_SHIFTS.hours]),
    leaves=LEAVES,
    away_until=st.none() | INSTANTS,
)


@settings(max_examples=150, deadline=None)
@given(PEOPLE, INSTANTS)
def test_the_next_available_instant_is_the_first_and_is_available(
    person: availability.Availability, at: datetime
) -> None:
    found = availability.next_available(person, at)
    if found is None:
        assert not availability.is_available(person, at)
        return
    assert found >= at
    assert availability.is_available(person, found)
    hours_between = int((found - at) / timedelta(hours=1))
    before = [at + timedelta(hours=number) for number in range(hours_between)]
    assert not any(availability.is_available(person, moment) for moment in before if moment < found)


@settings(max_examples=150, deadline=None)
@given(PEOPLE, INSTANTS, st.timedeltas(timedelta(), timedelta(days=30)))
def test_nobody_inactive_away_or_on_leave_is_ever_available(
    person: availability.Availability, at: datetime, look_ahead: timedelta
) -> None:
    absent = (
        not person.active
        or any(begins <= at < ends for begins, ends in person.leaves)
        or (person.away_until is not None and at < person.away_until)
    )
    if absent:
        assert not availability.is_available(person, at)
        assert not availability.available_within(person, at, look_ahead)
