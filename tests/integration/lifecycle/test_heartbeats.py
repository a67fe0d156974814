"""Signs of life, and canaries that find the cluster they were sent to see."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django_q.models import OrmQ

from core import database
from lifecycle import heartbeats
from lifecycle.models import Heartbeat

pytestmark = pytest.mark.django_db

SECOND = dt.timedelta(seconds=1)
SUPERVISOR, QUEUE = Heartbeat.Part.SUPERVISOR, Heartbeat.Part.QUEUE


def test_before_the_first_sign_nothing_is_well(now: dt.datetime) -> None:
    status = heartbeats.status(now)
    assert (status.worker_ok, status.queue_ok) == (False, False)
    assert (status.worker_age, status.queue_age) == (None, None)


@pytest.mark.parametrize(
    ("age", "worker_ok", "queue_ok"), [(0, True, True), (31, False, True), (61, False, False)]
)
def test_a_sign_that_is_too_old_is_none(
    now: dt.datetime, age: int, *, worker_ok: bool, queue_ok: bool
) -> None:
    heartbeats.beat(SUPERVISOR, worker="a", now=now)
    heartbeats.beat(QUEUE, worker="a", now=now)
    status = heartbeats.status(now + age * SECOND)
    assert (status.worker_ok, status.queue_ok) == (worker_ok, queue_ok)
    assert status.worker_age == status.queue_age == age * SECOND


def test_one_of_two_workers_is_enough_and_each_is_known(now: dt.datetime) -> None:
    heartbeats.beat(SUPERVISOR, worker="a", now=now)
    heartbeats.beat(SUPERVISOR, worker="b", now=now + 50 * SECOND)
    assert heartbeats.status(now + 60 * SECOND).worker_ok
    assert heartbeats.last_beat(SUPERVISOR, worker="a") == now
    assert heartbeats.last_beat(SUPERVISOR, worker="b") == now + 50 * SECOND
    assert heartbeats.last_beat(SUPERVISOR, worker="c") is None


def test_a_sign_that_comes_late_does_not_turn_the_time_back(now: dt.datetime) -> None:
    heartbeats.beat(QUEUE, worker="a", now=now)
    heartbeats.beat(QUEUE, worker="b", now=now - 9 * SECOND)
    assert heartbeats.status(now).queue_age == dt.timedelta()


def test_a_sign_from_before_the_clock_was_set_back_proves_nothing(now: dt.datetime) -> None:
    heartbeats.beat(SUPERVISOR, worker="a", now=now + 3600 * SECOND, failing=["decay"])
    heartbeats.beat(QUEUE, worker="a", now=now + 3600 * SECOND)
    status = heartbeats.status(now)
    assert (status.worker_ok, status.queue_ok, status.failing) == (False, False, ())
    heartbeats.beat(SUPERVISOR, worker="b", now=now)
    assert heartbeats.status(now + SECOND).worker_ok
    assert not heartbeats.status(now + 31 * SECOND).worker_ok
    assert heartbeats.last_beat(SUPERVISOR, worker="a") is None


def test_workers_that_are_gone_are_forgotten(now: dt.datetime) -> None:
    for number in range(30):
        heartbeats.beat(SUPERVISOR, worker=str(number), now=now + number * 60 * SECOND)
    assert len(Heartbeat.objects.get().details) <= 11


def test_failing_steps_are_told_while_they_fail(now: dt.datetime) -> None:
    heartbeats.beat(SUPERVISOR, worker="a", now=now, failing=["decay"])
    heartbeats.beat(SUPERVISOR, worker="b", now=now, failing=["clocks", "decay"])
    assert heartbeats.status(now).failing == ("clocks", "decay")
    heartbeats.beat(SUPERVISOR, worker="b", now=now, failing=[])
    assert heartbeats.status(now).failing == ("decay",)


def test_status_costs_one_query(now: dt.datetime, django_assert_num_queries: Any) -> None:
    heartbeats.beat(QUEUE, worker="a", now=now)
    with django_assert_num_queries(1):
        heartbeats.status(now)


def waiting() -> list[tuple[str, tuple[object, ...]]]:
    return [(row.task["func"], row.task["args"]) for row in OrmQ.objects.order_by("id")]


class TestCanary:
    def test_at_its_cluster_it_beats_and_is_done(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(heartbeats.WORKER_VARIABLE, "a")
        heartbeats.canary("a", 5)
        assert heartbeats.last_beat(QUEUE, worker="a") is not None
        assert waiting() == []

    def test_at_another_cluster_it_is_passed_on(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(heartbeats.WORKER_VARIABLE, "b")
        heartbeats.canary("a", 5)
        assert heartbeats.last_beat(QUEUE, worker="a") is None
        assert heartbeats.last_beat(QUEUE, worker="b") is not None
        assert waiting() == [("lifecycle.heartbeats.canary", ("a", 4))]

    def test_for_a_cluster_that_is_gone_it_is_not_passed_on_for_ever(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(heartbeats.WORKER_VARIABLE, "b")
        heartbeats.send_canary(worker="gone")
        runs = 0
        while row := OrmQ.objects.first():
            heartbeats.canary(*row.task["args"])
            row.delete()
            runs += 1
        assert 1 < runs < 100


def test_signs_are_of_the_databases_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    heartbeats.canary("a", 0)
    assert abs(Heartbeat.objects.get(part=QUEUE).beat_at - database.now()) < 60 * SECOND
