"""The operations page: what works, what is behind, what waits for people."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core import database, queue
from leads.models import SentSignal
from lifecycle import heartbeats, queue_broker, schedules
from lifecycle.models import Heartbeat, QueuedTask
from sla.models import Clock
from tests import small_company
from tests.callers import Company
from tests.factories import HOUR, MINUTE
from tests.sent_signals import inquiry, send
from web import health


@pytest.fixture
def rita(company: Company, client: Client) -> Client:
    client.force_login(company.revops)
    return client


def text(client: Client) -> str:
    answer = client.get("/operations/")
    assert answer.status_code == 200
    return answer.content.decode()


def parked_clock() -> Clock:
    now = database.now()
    small_company.lead(now=now, due_at=now + HOUR)
    Clock.objects.update(parked_until=now + HOUR, parked_error="It cannot be dealt with")
    return Clock.objects.get()


def test_an_idle_house_says_that_nothing_failed(rita: Client) -> None:
    assert "Nothing failed" in text(rita)
    assert "No worker" in text(rita)


def test_it_names_workers_schedules_and_what_is_stuck(rita: Client) -> None:
    now = database.now()
    heartbeats.beat(Heartbeat.Part.SUPERVISOR, worker="host:1:abc", now=now, failing=["decay"])
    schedules.sync()
    queue_broker.set_aside(7, "payload", "It cannot be read")
    parked_clock()
    page = text(rita)
    for word in ("host:1:abc", "decay", "tidy", "It cannot be read", "It cannot be dealt with"):
        assert word in page


@pytest.mark.parametrize(("due_in", "overdue"), [(HOUR, 0), (-HOUR, 1)])
def test_parked_clocks_are_not_in_time(rita: Client, due_in: dt.timedelta, overdue: int) -> None:
    assert "In time" in text(rita)
    clock = parked_clock()
    Clock.objects.filter(pk=clock.pk).update(due_at=database.now() + due_in)
    page = text(rita)
    assert "In time" not in page
    assert "1 clock parked" in page
    said = f"{overdue} past the deadline without a breach"
    assert said in page
    assert rita.get("/readyz").json()["detail"].startswith("The worker gives no sign of life")
    heartbeats.beat(Heartbeat.Part.SUPERVISOR, worker="host:1:abc", now=database.now())
    answer = rita.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["checks"]["clocks"] == f"1 clock parked, {said}"


def test_what_is_set_aside_is_discarded_and_what_is_parked_is_tried_again(rita: Client) -> None:
    queue_broker.set_aside(7, "payload", "It cannot be read")
    clock = parked_clock()
    for verb, what in (
        ("discard-task", str(QueuedTask.objects.get().pk)),
        ("clocks", clock.parked_error),
    ):
        answer = rita.post("/operations/act/", {"verb": verb, "what": what})
        assert answer.status_code == 303
    assert not QueuedTask.objects.exists()
    clock.refresh_from_db()
    assert clock.parked_until is None


def test_signals_that_wait_are_told_and_parked_ones_tried_again(rita: Client) -> None:
    inquiry()
    send("page_view", person={"email": "nobody@acme.de"})
    send("page_view", person={"email": "petra@acme.de"})
    assert "1 waiting" in text(rita)
    SentSignal.objects.filter(status="WAITING").update(
        status="PARKED", last_error="No such luck", next_attempt_at=None
    )
    page = text(rita)
    assert "0 waiting" in page
    assert "1 signal" in page
    rita.post("/operations/act/", {"verb": "signals", "what": "parked"})
    assert SentSignal.objects.get(status="PARKED").next_attempt_at is not None
    SentSignal.objects.filter(status="PARKED").update(status="RECEIVED", last_error="")
    assert "1 signal waits too long" in [one.note for one in health.examine()]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"verb": "task"},
        {"verb": "task", "what": "9" * 40},
        {"verb": "failure", "what": "\x01"},
        {"verb": "os.abort", "what": "1"},
    ],
)
def test_nonsense_is_refused_in_words(rita: Client, given: dict[str, str]) -> None:
    assert rita.post("/operations/act/", given).status_code == 303
    assert queue.depth(database.now() + MINUTE).waiting == 0


@pytest.mark.parametrize("role", ["sdr", "manager", "marketing"])
def test_nobody_else_may_look_or_act(company: Company, client: Client, role: str) -> None:
    client.force_login(company.people[role])
    queue_broker.set_aside(7, "payload", "It cannot be read")
    assert client.get("/operations/").status_code == 403
    pk = str(QueuedTask.objects.get().pk)
    client.post("/operations/act/", {"verb": "discard-task", "what": pk})
    assert QueuedTask.objects.exists()


def test_it_asks_as_much_however_much_there_is(rita: Client) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            text(rita)
        return len(found)

    asked()
    before = asked()
    for number in range(5):
        queue_broker.set_aside(number, "payload", f"Reason {number}")
    assert asked() == before
