"""The board of who holds what, and the wall."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from leads.models import Lead
from lifecycle import actions, jobs
from people.models import User
from tests import factories
from web.console import board_page, wall_page

pytestmark = pytest.mark.django_db

QUERIES = 15
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def company() -> factories.Company:
    return factories.company(now=timezone.now() - dt.timedelta(days=9))


def opened(reader: User) -> Client:
    client = Client()
    client.force_login(reader)
    return client


def columns(reader: User) -> dict[str, list[int]]:
    page = board_page.build(reader, now=timezone.now(), zone=dt.UTC)
    return {
        one.rep.name if one.rep else "": [card.id for card in one.cards] for one in page.columns
    }


def test_every_rep_has_a_column_with_the_first_due_on_top(company: factories.Company) -> None:
    now = timezone.now()
    made = [factories.capture(now=now - step * HOUR) for step in range(6)]
    waiting = factories.capture(company={"country": "FR"}, now=now)
    shown = columns(company.manager)
    for rep in company.reps:
        mine = Lead.objects.filter(pk__in=[lead.pk for lead in made], owner=rep)
        assert shown[str(rep)] == list(mine.order_by("next_due_at").values_list("pk", flat=True))
    waits = Lead.objects.get(pk=waiting.pk)
    assert (waiting.pk in shown[""]) is (waits.owner_id is None and waits.queue != "")


def test_a_long_column_is_cut_and_leads_to_all(
    company: factories.Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board_page, "SHOWN", 2)
    factories.captures([factories.touch() for _ in range(6)], now=timezone.now())
    page = board_page.build(company.manager, now=timezone.now(), zone=dt.UTC)
    ours = [one for one in page.columns if one.rep is not None]
    assert [len(one.cards) for one in ours] == [2, 2]
    assert [one.has_more for one in ours] == [True, True]
    assert f"?owner={company.reps[0].pk}" in opened(company.manager).get("/team/board/").text


@pytest.mark.parametrize(("who", "moves"), [("mia", True), ("rita", True), ("anna", False)])
def test_only_who_hands_leads_on_can_drag_them(
    company: factories.Company, who: str, moves: bool
) -> None:
    factories.captures([factories.touch() for _ in range(2)], now=timezone.now())
    page = opened(User.objects.get(username=who)).get("/team/board/").content.decode()
    assert ('draggable="true"' in page) is moves
    assert ("/reassign/?next=/team/board/" in page) is moves


@pytest.mark.parametrize("path", ["/team/board/", "/wall/", "/team/"])
def test_they_cost_the_same_for_little_and_for_much(company: factories.Company, path: str) -> None:
    client = opened(company.manager)
    client.get(path)
    factories.captures([factories.touch() for _ in range(2)], now=timezone.now())
    with CaptureQueriesContext(connection) as few:
        client.get(path)
    for name in ("carla", "dirk"):
        factories.rep(name, pools=["dach"], team=company.team)
    factories.captures([factories.touch() for _ in range(8)], now=timezone.now())
    with CaptureQueriesContext(connection) as many:
        client.get(path)
    assert len(many) == len(few)


def _accepted_in_time(lead: Lead, now: dt.datetime) -> None:
    actions.accept(lead_id=lead.pk, by=lead.owner, now=now, icp_confirmed=True, reachable=True)


def _left_alone(_lead: Lead, now: dt.datetime) -> None:
    jobs.sweep(now=now)


@pytest.mark.parametrize(
    ("done", "met", "decided"), [(_accepted_in_time, 1, 1), (_left_alone, 0, 0)]
)
def test_the_wall_counts_what_was_decided_today(
    company: factories.Company, done: Callable[[Lead, dt.datetime], None], met: int, decided: int
) -> None:
    noon = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0)
    lead = factories.capture(now=noon)
    done(lead, noon + dt.timedelta(minutes=9))
    wall = wall_page.build(company.manager, now=noon + dt.timedelta(minutes=10), zone=dt.UTC)
    assert (wall.today.part, wall.today.whole) == (met, decided)
    assert wall.reps == wall.on_shift == 2
    assert wall.deadlines
    assert all(one.who == str(lead.owner) for one in wall.deadlines)
    page = opened(company.manager).get("/wall/").content.decode()
    assert lead.person.last_name not in page
