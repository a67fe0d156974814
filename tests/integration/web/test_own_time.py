"""One's own time in the console, and a manager's word on that of their team."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from leads.models import Lead
from lifecycle import own_time, waiting
from people import availability, selectors
from people.models import Leave, Shift, User
from routing.models import Pool
from tests import factories, pages

pytestmark = pytest.mark.django_db

MONDAY = dt.date(2030, 5, 6)
HOUR = dt.timedelta(hours=1)


def soon(days: int) -> dt.date:
    """A day a month from today, and so many days later: leave lies near the present."""
    return timezone.now().date() + dt.timedelta(days=30 + days)


@pytest.fixture
def company() -> factories.Company:
    return factories.company(now=timezone.now() - dt.timedelta(days=1))


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def send(client: Client, of: User, act: str, **given: Any) -> Any:
    return client.post(f"/time/{of.pk}/{act}/", given)


def is_there(user: User, at: dt.datetime) -> bool:
    return availability.is_available(selectors.availabilities([user.pk], at=at)[user.pk], at)


def hours(client: Client, of: User, **changes: Any) -> Any:
    page = client.get(f"/time/{of.pk}/")
    return client.post(
        f"/time/{of.pk}/hours/", pages.form(page, f"/time/{of.pk}/hours/", **changes)
    )


def test_hours_are_shown_as_they_are_sent_and_hold_at_once(company: factories.Company) -> None:
    anna = company.reps[0]
    client = client_of(anna)
    days = {f"day_{day}": "" for day in range(7)}
    answer = hours(client, anna, **days | {"day_0": "9-12, 13:00-17:30", "zone": "Asia/Kolkata"})
    assert answer.status_code == 303
    assert list(Shift.objects.filter(user=anna).values_list("weekday", "starts", "ends")) == [
        (0, dt.time(9), dt.time(12)),
        (0, dt.time(13), dt.time(17, 30)),
    ]
    assert "09:00–12:00, 13:00–17:30" in client.get("/time/").content.decode()
    anna.refresh_from_db()
    assert is_there(anna, dt.datetime(2030, 5, 6, 9, 30, tzinfo=anna.zone))
    assert not is_there(anna, dt.datetime(2030, 5, 6, 12, 30, tzinfo=anna.zone))
    assert answer.wsgi_request.user == anna
    assert Shift.history.filter(user_id=anna.pk, history_user=anna).exists()


def test_a_whole_day_is_logged_as_it_was_written(company: factories.Company) -> None:
    anna = company.reps[0]
    client = client_of(anna)
    assert hours(client, anna, **{f"day_{day}": "" for day in range(6)} | {"day_6": "8-24"})
    assert "entered Sunday 08:00–24:00" in client.get("/time/").text
    assert str(Shift.objects.get(user=anna)) == "Sunday 08:00-24:00"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"day_2": "9-12, 11-14"}, "join them"),
        ({"day_2": "whenever"}, "no interval"),
        ({"day_1": "22-6", "day_2": "5-9"}, "runs into the next day"),
        ({"zone": "Mars/Base"}, "valid choice"),
        ({"country": "XX"}, "No holidays are known"),
        ({"country": "DE", "subdivision": "ZZ"}, "No holidays are known"),
    ],
)
def test_hours_that_make_no_sense_are_refused_beside_their_field(
    company: factories.Company, changes: dict[str, str], said: str
) -> None:
    anna = company.reps[0]
    before = Shift.objects.count()
    answer = hours(client_of(anna), anna, **changes)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert Shift.objects.count() == before


def test_leave_is_entered_with_half_days_changed_and_ended(company: factories.Company) -> None:
    anna = company.reps[0]
    User.objects.filter(pk=anna.pk).update(time_zone="America/New_York")
    anna.refresh_from_db()
    client = client_of(anna)
    days = {"first": str(soon(0)), "last": str(soon(2)), "reason": "Family"}
    assert send(client, anna, "leave", **days, from_noon="on", until_noon="on").status_code == 303
    row = Leave.objects.get(user=anna)
    assert row.starts_at == dt.datetime.combine(soon(0), dt.time(12), anna.zone)
    assert row.ends_at == dt.datetime.combine(soon(2), dt.time(12), anna.zone)

    shown = pages.form(client.get(f"/time/?leave={row.pk}"), f"/time/{anna.pk}/leave/")
    assert shown["first"] == [str(soon(0))]
    assert shown["until_noon"] == ["on"]
    changed = {name: value for name, value in shown.items() if name != "until_noon"}
    changed["last"] = str(soon(4))
    assert client.post(f"/time/{anna.pk}/leave/", changed).status_code == 303
    row.refresh_from_db()
    assert row.ends_at == dt.datetime.combine(soon(5), dt.time(), anna.zone)

    assert send(client, anna, "end-leave", leave=row.pk).status_code == 303
    assert not Leave.objects.exists()
    text = client.get("/time/").content.decode()
    assert "took out leave" in text
    assert "entered leave" in text


def test_a_leave_that_runs_ends_now_and_stays_on_record(company: factories.Company) -> None:
    anna = company.reps[0]
    now = timezone.now()
    row = Leave.objects.create(user=anna, starts_at=now - HOUR, ends_at=now + HOUR)
    assert not is_there(anna, now)
    assert send(client_of(anna), anna, "end-leave", leave=row.pk).status_code == 303
    row.refresh_from_db()
    assert row.ends_at < now + HOUR
    assert is_there(anna, timezone.now())
    assert send(client_of(anna), anna, "end-leave", leave=row.pk).status_code == 409


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"first": 2, "last": 0}, "before the first"),
        ({"first": -100, "last": 700}, "more than two years"),
        ({"first": 0}, "required"),
        ({"first": "soon", "last": 0}, "valid date"),
        ({"first": 0, "last": 0, "from_noon": "on", "until_noon": "on"}, "is nothing"),
        ({"first": 0, "last": "9999-12-31"}, "within two years from today"),
        ({"first": "9999-12-31", "last": "9999-12-31"}, "within two years from today"),
        ({"first": 0, "last": 705}, "within two years from today"),
        ({"first": "0001-01-01", "last": 0}, "within two years from today"),
        ({"first": "0001-01-01", "last": "0001-01-01"}, "within two years from today"),
    ],
)
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/New_York"])
def test_leave_that_cannot_be_is_refused(
    company: factories.Company, zone: str, given: dict[str, Any], said: str
) -> None:
    anna = company.reps[0]
    User.objects.filter(pk=anna.pk).update(time_zone=zone)
    days = {name: soon(day) if isinstance(day, int) else day for name, day in given.items()}
    answer = send(client_of(anna), anna, "leave", **days)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Leave.objects.exists()


def test_leave_over_other_leave_is_entered_and_said(company: factories.Company) -> None:
    anna, ben = company.reps
    client = client_of(anna)
    whole = {"first": str(soon(0)), "last": str(soon(4)), "reason": "Family"}
    send(client_of(ben), ben, "leave", **whole)
    send(client, anna, "leave", **whole)
    assert "It overlaps" not in client.get("/time/").text
    send(client, anna, "leave", first=str(soon(2)), last=str(soon(7)))
    assert "The leave is entered. It overlaps with Family from " in client.get("/time/").text
    send(client, anna, "leave", first=str(soon(8)), last=str(soon(9)))
    assert "It overlaps" not in client.get("/time/").text
    assert Leave.objects.filter(user=anna).count() == 3


def test_away_from_the_menu_of_any_page_and_back(company: factories.Company) -> None:
    anna = company.reps[0]
    client = client_of(anna)
    menu = pages.form(client.get("/leads/"), f"/time/{anna.pk}/away/")
    assert menu["next"] == ["/leads/"]
    answer = client.post(f"/time/{anna.pk}/away/", {**menu, "choice": "hour"})
    assert answer.headers["Location"] == "/leads/"
    anna.refresh_from_db()
    assert anna.away_until is not None
    assert abs(anna.away_until - timezone.now() - HOUR) < dt.timedelta(minutes=1)
    assert "I am back" in client.get("/leads/").content.decode()
    assert send(client, anna, "back", next="https://elsewhere.example/").headers["Location"] == (
        "/time/"
    )
    anna.refresh_from_db()
    assert anna.away_until is None
    text = client.get("/time/").content.decode()
    assert "set away until" in text
    assert "ended being away" in text


def test_away_until_a_day_means_its_first_hour_where_one_is(company: factories.Company) -> None:
    anna = company.reps[0]
    User.objects.filter(pk=anna.pk).update(time_zone="Asia/Kathmandu")
    anna.refresh_from_db()
    day = timezone.now().astimezone(anna.zone).date() + dt.timedelta(days=3)
    client = client_of(anna)
    assert send(client, anna, "away", choice="until", until=day.isoformat()).status_code == 303
    anna.refresh_from_db()
    assert anna.away_until == dt.datetime.combine(day, dt.time(), anna.zone)
    assert send(client, anna, "away", choice="until").status_code == 422
    for never in ("2020-01-01", "0001-01-01", "9999-12-31"):
        refused = send(client, anna, "away", choice="until", until=never)
        assert refused.status_code == 422
        assert "Choose a time to come, within two years." in refused.text
    assert send(client, anna, "away", choice="ever").status_code == 422


def test_languages_are_entered_by_code_or_name_and_stay_in_the_history(
    company: factories.Company,
) -> None:
    anna = company.reps[0]
    client = client_of(anna)
    refused = send(client, anna, "languages", languages="de, Klingon")
    assert refused.status_code == 422
    assert "“Klingon” is no language" in refused.text
    assert send(client, anna, "languages", languages="French; de-AT, en").status_code == 303
    anna.refresh_from_db()
    assert anna.languages == ["de", "fr"]
    text = client.get("/time/").text
    assert 'value="de, fr"' in text
    assert "changed the languages to German, French" in text
    assert send(client_of(company.manager), anna, "languages", languages="").status_code == 422


def test_a_file_tells_what_of_it_is_no_leave(company: factories.Company) -> None:
    anna = company.reps[0]
    day, earlier = (f"{soon(days):%Y%m%d}" for days in (5, 0))
    text = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\n"
        f"DTSTART;VALUE=DATE:{day}\r\nDTEND;VALUE=DATE:{earlier}\r\nSUMMARY:Urlaub <b>\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    client = client_of(anna)
    sent = send(client, anna, "upload", file=SimpleUploadedFile("leave.ics", text.encode()))
    assert sent.status_code == 303
    told = client.get("/time/").text
    assert "0 entered, 0 changed. “Urlaub &lt;b&gt;” ends before it begins" in told
    assert not Leave.objects.exists()


def test_a_manager_needs_a_reason_and_strangers_see_nothing(company: factories.Company) -> None:
    anna, ben = company.reps
    manager = client_of(company.manager)
    days = {"first": str(soon(0)), "last": str(soon(0))}
    assert send(manager, anna, "leave", **days).status_code == 422
    assert send(manager, anna, "leave", **days, why="Called in ill").status_code == 303
    assert "Called in ill" in manager.get(f"/time/{anna.pk}/").content.decode()
    assert f"/time/{anna.pk}/" in manager.get("/team/").content.decode()
    assert f"/time/{anna.pk}/" not in client_of(ben).get("/team/").content.decode()
    assert client_of(ben).get(f"/time/{anna.pk}/").status_code == 404
    assert send(client_of(ben), anna, "away", choice="hour").status_code == 404
    leave = Leave.objects.get()
    assert send(client_of(ben), ben, "end-leave", leave=leave.pk).status_code == 404
    assert send(client_of(company.marketing), anna, "back").status_code == 404


def test_who_comes_back_gets_what_waits_with_the_next_pass() -> None:
    factories.company(reps=("anna",))
    anna = User.objects.get(username="anna")
    now = factories.NOW
    own_time.set_away(anna, now + 5 * HOUR, by=anna, now=now)
    lead = factories.capture(now=now)
    assert lead.queue == "dach"
    assert waiting.route(now=now) == 0
    own_time.set_away(anna, None, by=anna, now=now)
    assert waiting.route(now=now) == 1


def test_what_is_kept_for_who_takes_leave_is_kept_for_somebody_else() -> None:
    factories.company(reps=())
    Pool.objects.filter(key="dach").update(off_shift="SPREAD")
    weekdays = [(day, "08:00", "16:00") for day in range(5)]
    anna, ben = (factories.rep(name, pools=["dach"], shifts=weekdays) for name in ("anna", "ben"))
    saturday = dt.datetime(2030, 5, 4, 10, tzinfo=dt.UTC)
    factories.captures([factories.touch() for _ in range(6)], now=saturday)
    assert Lead.objects.filter(kept_for=anna).count() == 3
    own_time.take_leave(anna, MONDAY, MONDAY, by=anna, now=saturday)
    Lead.objects.filter(kept_for=anna).update(route_at=saturday)
    waiting.route(now=saturday + HOUR)
    assert Lead.objects.filter(kept_for=ben).count() == 6
    assert Lead.objects.filter(owner__isnull=False).count() == 0


def test_the_page_costs_the_same_for_one_leave_and_for_fifty(
    company: factories.Company, django_assert_max_num_queries: Any
) -> None:
    anna = company.reps[0]
    now = timezone.now()
    Leave.objects.bulk_create(
        Leave(user=anna, starts_at=now + HOUR * day, ends_at=now + HOUR * (day + 1))
        for day in range(50)
    )
    client = client_of(anna)
    with django_assert_max_num_queries(14):
        client.get("/time/")
