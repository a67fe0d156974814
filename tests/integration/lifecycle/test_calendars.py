"""Calendars read over HTTP: what becomes leave, and what goes wrong on the way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from core.errors import DomainError, InvalidInput
from lifecycle import calendars
from lifecycle.outbound import fetching
from people import availability, selectors
from people.models import CalendarFeed, Leave, User
from tests import factories, provider_server
from tests.provider_server import Handler, Server

pytestmark = pytest.mark.django_db

NOW = factories.NOW
HOUR = factories.HOUR
HOLIDAY = "UID:h\nDTSTART;VALUE=DATE:20260706\nDTEND;VALUE=DATE:20260711\nSUMMARY:Urlaub"
SICK = "UID:s\nDTSTART;VALUE=DATE:20260303\nSUMMARY:sick"
HOURLY = "UID:x\nDTSTART:20260401T000000Z\nRRULE:FREQ=HOURLY\nSUMMARY:sick"
FAIR = "UID:f\nDTSTART;VALUE=DATE:20260420\nSUMMARY:Trade fair"


def says(*events: str) -> provider_server.Behaviour:
    body = "".join(f"BEGIN:VEVENT\n{event}\nEND:VEVENT\n" for event in events)
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\n{body}END:VCALENDAR\n"
    return provider_server.says_raw(text.replace("\n", "\r\n").encode())


def redirects(*places: str) -> provider_server.Behaviour:
    left = list(places)

    def behave(handler: Handler) -> None:
        if left:
            handler.reply(302, Location=left.pop(0))
        else:
            says(HOLIDAY)(handler)

    return behave


@pytest.fixture
def server() -> Iterator[Server]:
    with provider_server.running() as running:
        yield running


@pytest.fixture
def anna(settings: Any) -> User:
    settings.ALLOW_PRIVATE_PROVIDERS = True
    return factories.user("anna", time_zone="Europe/Berlin")


def subscribed(of: User, server: Server, **options: Any) -> CalendarFeed:
    options = {"counts": "WORDS", "by": of} | options
    feed = calendars.subscribe(of, f"{server.url}/secret/basic.ics", **options)
    CalendarFeed.objects.update(due_at=NOW)
    return feed


def leaves(of: User) -> list[tuple[str, str, str]]:
    rows = Leave.objects.filter(user=of).order_by("starts_at")
    return [(row.source, f"{row.starts_at:%m-%d %H:%M}", row.reason) for row in rows]


def test_a_calendar_brings_changes_and_removes_its_own_leave_only(
    server: Server, anna: User
) -> None:
    by_hand = Leave.objects.create(
        user=anna, starts_at=NOW + 24 * HOUR, ends_at=NOW + 48 * HOUR, reason="By hand"
    )
    server.behaviour = says(SICK, HOLIDAY, FAIR)
    feed = subscribed(anna, server)
    assert calendars.run(now=NOW) == calendars.Pass(read=1)
    assert leaves(anna) == [
        ("CALENDAR", "03-02 23:00", "sick"),
        ("TYPED", "03-04 10:00", "By hand"),
        ("CALENDAR", "07-05 22:00", "Urlaub"),
    ]
    held = selectors.availabilities([anna.pk], at=NOW)[anna.pk]
    why = availability.reason(held, NOW)
    assert why is not None
    assert why.kind is availability.Kind.ON_LEAVE

    assert calendars.run(now=NOW + HOUR - factories.MINUTE) == calendars.Pass()
    server.behaviour = says(HOLIDAY.replace("20260706", "20260708"))
    assert calendars.run(now=NOW + HOUR) == calendars.Pass(read=1)
    assert leaves(anna)[-1] == ("CALENDAR", "07-07 22:00", "Urlaub")
    sick = Leave.objects.get(reason="sick")
    assert sick.ends_at == NOW + HOUR  # it runs: it ends now and stays on record

    server.behaviour = says(FAIR)
    calendars.run(now=NOW + 2 * HOUR)
    assert {row[0] for row in leaves(anna) if row[1] > "03-04"} == {"TYPED"}
    by_hand.refresh_from_db()
    feed.refresh_from_db()
    assert (feed.events, feed.error, feed.attempts) == (1, "", 0)
    assert feed.due_at == NOW + 3 * HOUR


def test_every_busy_all_day_event_counts_for_who_wants_it_so(server: Server, anna: User) -> None:
    server.behaviour = says(HOLIDAY, FAIR)
    subscribed(anna, server, counts="ALL_DAY")
    calendars.run(now=NOW)
    assert [row[2] for row in leaves(anna)] == ["Trade fair", "Urlaub"]


def test_what_is_no_leave_in_it_is_kept_until_it_is_mended(server: Server, anna: User) -> None:
    server.behaviour = says(HOLIDAY, HOURLY)
    feed = subscribed(anna, server)
    calendars.run(now=NOW)
    feed.refresh_from_db()
    assert feed.remarks == "“sick” recurs more often than once a day; it is not entered."
    server.behaviour = says(HOLIDAY)
    calendars.run(now=NOW + HOUR)
    feed.refresh_from_db()
    assert feed.remarks == ""


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        (provider_server.refuses(404), "404: there is no calendar"),
        (provider_server.refuses(403), "403: is the calendar still shared"),
        (provider_server.refuses(500), "answered 500"),
        (provider_server.says_raw(b"<!doctype html><html>Log in</html>"), "a web page"),
        (provider_server.says_raw(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"), "breaks off"),
        (provider_server.says_raw(b""), "no calendar"),
        (provider_server.floods, "larger than 2048 kB"),
        (provider_server.hangs_up, "connection failed"),
        (provider_server.hangs, "within"),
        (provider_server.drips_body, "within"),
        (redirects("/1", "/2", "/3", "/4"), "redirects again and again"),
    ],
)
def test_a_reading_that_fails_loses_no_leave_and_says_what_went_wrong(
    server: Server, anna: User, behaviour: Any, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calendars, "SECONDS", 0.4)
    server.behaviour = says(HOLIDAY)
    feed = subscribed(anna, server)
    monkeypatch.setattr(calendars, "SECONDS", 20)
    calendars.run(now=NOW)
    server.behaviour = behaviour
    monkeypatch.setattr(calendars, "SECONDS", 0.4 if said == "within" else 20)
    assert calendars.run(now=NOW + HOUR) == calendars.Pass(failed=1)
    feed.refresh_from_db()
    assert said in feed.error
    assert feed.read_at == NOW
    assert NOW + HOUR < feed.due_at <= NOW + 2 * HOUR
    assert [row[2] for row in leaves(anna)] == ["Urlaub"]
    assert "secret" not in feed.error
    server.behaviour = says(HOLIDAY, SICK)
    assert calendars.run(now=feed.due_at) == calendars.Pass(read=1)
    feed.refresh_from_db()
    assert feed.error == ""


def test_redirects_are_followed_and_each_is_guarded(
    server: Server, anna: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.behaviour = redirects("/elsewhere.ics")
    feed = subscribed(anna, server)
    assert calendars.run(now=NOW) == calendars.Pass(read=1)
    assert server.paths == ["/secret/basic.ics", "/elsewhere.ics"]

    real = fetching.fetch

    def first_is_public(url: str, **options: Any) -> fetching.Reply:
        inside = options.pop("private_too")
        return real(url, private_too=inside or url.endswith("basic.ics"), **options)

    monkeypatch.setattr(calendars.fetching, "fetch", first_is_public)
    settings.ALLOW_PRIVATE_PROVIDERS = False
    server.behaviour = redirects("http://169.254.169.254/latest/")
    calendars.run(now=NOW + HOUR)
    feed.refresh_from_db()
    assert "must begin with https://" in feed.error
    assert len(leaves(anna)) == 1


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "Paste the address"),
        ("http://calendar.example.com/x.ics", "must begin with https"),
        ("file:///etc/passwd", "must begin with https"),
        ("https://127.0.0.1/x.ics", "not on the internet"),
        ("https://[::1]/x.ics", "not on the internet"),
        ("https://user:pass@calendar.example.com/x.ics", "user or password"),
        ("https://calendar.example.com:8443/x.ics", "port 443"),
        ("webcal://10.0.0.1/x.ics", "not on the internet"),
    ],
)
def test_an_address_that_must_not_be_asked_is_refused(
    anna: User, settings: Any, address: str, said: str
) -> None:
    settings.ALLOW_PRIVATE_PROVIDERS = False
    with pytest.raises(InvalidInput, match=said):
        calendars.subscribe(anna, address, counts="WORDS", by=anna)
    assert not CalendarFeed.objects.exists()


def test_the_address_is_sealed_and_kept_when_none_is_sent(server: Server, anna: User) -> None:
    feed = subscribed(anna, server)
    assert "secret" not in feed.address
    assert feed.host == "127.0.0.1"
    again = calendars.subscribe(anna, " ", counts="ALL_DAY", by=anna)
    assert again.pk == feed.pk
    assert again.counts == "ALL_DAY"
    server.behaviour = says(FAIR)
    CalendarFeed.objects.update(due_at=NOW)
    assert calendars.run(now=NOW) == calendars.Pass(read=1)


def test_a_calendar_that_is_forgotten_takes_what_is_to_come_along(
    server: Server, anna: User
) -> None:
    server.behaviour = says(HOLIDAY)
    subscribed(anna, server)
    calendars.run(now=NOW)
    ahead = dt.datetime.now(dt.UTC) + 24 * HOUR
    Leave.objects.update(starts_at=ahead, ends_at=ahead + 24 * HOUR)
    assert calendars.forget(anna, by=anna) == 1
    assert not CalendarFeed.objects.exists()
    assert not Leave.objects.exists()
    with pytest.raises(DomainError, match="No calendar is read"):
        calendars.forget(anna, by=anna)


def test_a_file_is_entered_once_and_can_be_ended_by_hand(anna: User) -> None:
    ahead = (dt.datetime.now(dt.UTC) + 240 * HOUR).strftime("%Y%m%d")
    data = (
        f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:{ahead}\r\n"
        "SUMMARY:Urlaub\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    ).encode()
    assert calendars.upload(anna, data, all_day=False, by=anna).added == 1
    assert calendars.upload(anna, data, all_day=False, by=anna).total == 0
    assert leaves(anna)[0][0] == "UPLOAD"
    with pytest.raises(InvalidInput, match="no calendar"):
        calendars.upload(anna, b"hello", all_day=False, by=anna)


def test_the_calendars_of_others_and_of_who_has_left_are_left_alone(
    server: Server, anna: User
) -> None:
    ben = factories.user("ben")
    with pytest.raises(DomainError, match="Only Anna"):
        calendars.subscribe(anna, f"{server.url}/x.ics", counts="WORDS", by=ben)
    subscribed(anna, server)
    User.objects.filter(pk=anna.pk).update(is_active=False)
    assert calendars.run(now=NOW) == calendars.Pass()
    assert server.paths == []
