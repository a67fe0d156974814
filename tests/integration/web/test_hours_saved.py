"""Hours are saved as they were seen: not over somebody else's, and not with what nobody expects."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from core import database
from leads.models import Lead
from lifecycle import own_hours, playbook
from people import working_time
from people.models import Shift, User
from sla.models import Clock
from tests import factories, pages
from tests.factories import DAY

pytestmark = pytest.mark.django_db

WEEK = {f"day_{day}": "9-17" for day in range(7)}
A_MINUTE = {f"day_{day}": "23:59-0:00" for day in range(7)}


@pytest.fixture
def company() -> factories.Company:
    """In whose kit leads are to be accepted within four hours of their holder's own."""
    document = playbook.document()
    document["parts"].pop("fixture", None)
    for entry in document["parts"]["clock_policy"]:
        if entry["key"] == "accept":
            entry |= {"hours": "HOLDER", "minutes": 4 * 60, "calendar": "always"}
    return factories.company(text=document, now=database.now() - DAY, reps=("anna",))


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def opened(client: Client, of: User) -> dict[str, Any]:
    """The form as it stands on the page."""
    return pages.form(client.get(f"/time/{of.pk}/"), f"/time/{of.pk}/hours/")


def again(answer: Any, of: User, **changes: Any) -> dict[str, Any]:
    """The form as the refusal shows it."""
    return pages.form(answer, f"/time/{of.pk}/hours/", **changes)


def send(client: Client, of: User, given: dict[str, Any], **changes: Any) -> Any:
    return client.post(f"/time/{of.pk}/hours/", {**given, **changes})


def mondays(of: User) -> list[str]:
    rows = Shift.objects.filter(user=of, weekday=0).order_by("starts")
    return [f"{row.starts:%H:%M}-{row.ends:%H:%M}" for row in rows]


def accept(lead: Lead) -> Clock:
    return Clock.objects.get(lead=lead, obligation="accept", void=False, scope="STAGE")


def test_who_comes_second_sees_what_is_there_and_keeps_what_they_typed(
    company: factories.Company,
) -> None:
    anna = company.reps[0]
    katrin, rita = client_of(company.manager), client_of(company.revops)
    first, second = opened(katrin, anna), opened(rita, anna)
    assert send(katrin, anna, first, **WEEK, why="Full time").status_code == 303
    theirs = {**WEEK, "day_0": "8-12, 13-16", "why": "Half days"}
    told = send(rita, anna, second, **theirs)
    assert told.status_code == 409
    assert "Somebody has changed these hours since you opened the page." in told.text
    assert "They are now: Monday 09:00–17:00; Tuesday 09:00–17:00;" in told.text
    assert mondays(anna) == ["09:00-17:00"]
    shown = again(told, anna)
    assert (shown["day_0"], shown["why"]) == (["8-12, 13-16"], ["Half days"])
    assert send(rita, anna, shown).status_code == 303
    assert mondays(anna) == ["08:00-12:00", "13:00-16:00"]


def test_who_says_the_same_is_no_second(company: factories.Company) -> None:
    anna = company.reps[0]
    katrin, mine = client_of(company.manager), client_of(anna)
    first, second = opened(katrin, anna), opened(mine, anna)
    assert send(katrin, anna, first, **WEEK, why="Full time").status_code == 303
    assert send(mine, anna, second, **WEEK).status_code == 303


def test_hours_that_move_deadlines_far_are_confirmed_as_they_were_shown(
    company: factories.Company,
) -> None:
    anna = company.reps[0]
    lead = factories.capture(now=database.now() - dt.timedelta(minutes=1))
    before, client = accept(lead).due_at, client_of(anna)
    given = opened(client, anna)
    told = send(client, anna, given, **A_MINUTE)
    assert told.status_code == 409
    assert "come to 0:07 hours a week, and move 1 open SLA by more than a day" in told.text
    assert mondays(anna) == ["00:00-00:00"]
    assert send(client, anna, again(told, anna)).status_code == 409  # not ticked
    other = again(told, anna, sure="on", day_0="")
    assert send(client, anna, other).status_code == 409  # not what was shown
    assert mondays(anna) == ["00:00-00:00"]
    assert send(client, anna, again(told, anna, sure="on")).status_code == 303
    assert mondays(anna) == ["23:59-00:00"]
    own_hours.follow()
    due = accept(lead).due_at
    assert due > before + 200 * DAY
    said = f"the last of them to {due.astimezone(anna.zone).day} "
    assert said in told.text
    history = client_of(company.manager).get(f"/time/{anna.pk}/").text
    assert "They come to 0:07 hours a week, and move 1 open SLA" in history
    board = client_of(company.manager).get("/team/").text
    assert ", only 0:07 hours a week" in board
    assert "Own hours, " in board
    assert "They come to 0:07 hours a week, and move 1 open SLA" in board
    assert "Own hours, " not in client.get("/team/").text


@pytest.mark.parametrize(("week", "status"), [("9:00-9:34", 409), ("9:00-9:35", 303), ("", 303)])
def test_a_week_of_less_than_four_hours_is_asked_about(
    company: factories.Company, week: str, status: int
) -> None:
    anna = company.reps[0]
    client = client_of(anna)
    given = opened(client, anna)
    answer = send(client, anna, given, **{f"day_{day}": week for day in range(7)})
    assert answer.status_code == status
    assert ("These hours come to 3:58 hours a week." in answer.text) is (status == 409)


def test_hours_that_move_little_are_saved_at_once(company: factories.Company) -> None:
    anna = company.reps[0]
    factories.capture(now=database.now() - dt.timedelta(minutes=1))
    client = client_of(anna)
    assert send(client, anna, opened(client, anna), **WEEK).status_code == 303


def test_the_fingerprint_tells_hours_zone_and_holidays_apart(company: factories.Company) -> None:
    anna = company.reps[0]
    seen = {working_time.fingerprint(anna)}
    for columns in ({"time_zone": "Asia/Tokyo"}, {"holiday_country": "DE"},
                    {"holiday_subdivision": "BY"}):  # fmt: skip
        User.objects.filter(pk=anna.pk).update(**columns)
        seen.add(working_time.fingerprint(anna))
    Shift.objects.filter(user=anna, weekday=6).delete()
    assert len(seen | {working_time.fingerprint(anna)}) == 5
