"""The pulse: signs of life while the sweep moves, canaries, schedules, and news of the queue."""

from __future__ import annotations

import threading

import pytest
from django.db import OperationalError
from django_q.models import OrmQ
from django_q.models import Schedule as Row

from core import database
from lifecycle import heartbeats, schedules
from lifecycle.models import Heartbeat
from lifecycle.supervisor import Pulse, Signs

pytestmark = pytest.mark.django_db

SUPERVISOR, QUEUE = Heartbeat.Part.SUPERVISOR, Heartbeat.Part.QUEUE


def pulse(*, failing: list[str] | None) -> Pulse:
    return Pulse("me", Signs(), threading.Event(), lambda: failing)


def test_the_first_round_writes_the_schedules_a_sign_and_a_canary() -> None:
    me = pulse(failing=["decay"])
    me.once(100.0)
    assert Row.objects.count() == len(schedules.SCHEDULES)
    assert OrmQ.objects.get().task["args"][0] == "me"
    status = heartbeats.status(database.now())
    assert (status.worker_ok, status.queue_ok, status.failing) == (True, False, ("decay",))
    assert me.signs.database_since == 100.0


def test_signs_and_canaries_come_at_their_own_pace() -> None:
    me = pulse(failing=[])
    for second in range(61):
        me.once(100.0 + second)
    assert 4 <= OrmQ.objects.count() <= 6


def test_a_worker_whose_sweep_stands_still_gives_no_sign_of_life() -> None:
    pulse(failing=None).once(100.0)
    assert heartbeats.last_beat(SUPERVISOR, worker="me") is None


def test_only_the_sign_of_its_own_queue_counts() -> None:
    me = pulse(failing=[])
    me.once(100.0)
    heartbeats.beat(QUEUE, worker="somebody else", now=database.now())
    me.once(101.0)
    assert me.signs.beaten == 0.0
    heartbeats.beat(QUEUE, worker="me", now=database.now())
    me.once(102.0)
    assert me.signs.beaten == 102.0
    me.once(103.0)
    assert me.signs.beaten == 102.0


def test_without_a_database_it_waits_and_judges_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    me = pulse(failing=[])
    me.signs.database_since = 1.0
    waits: list[float] = []
    monkeypatch.setattr("lifecycle.supervisor.close_old_connections", lambda: None)
    monkeypatch.setattr("lifecycle.supervisor.connection.close", lambda: None)

    def away(_now: float) -> None:
        raise OperationalError("the server is gone")

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        if len(waits) == 6:
            me.stopping.set()
        return me.stopping.is_set()

    monkeypatch.setattr(Pulse, "once", lambda _self, now: away(now))
    monkeypatch.setattr(me, "stopping", _Stopping(wait))
    me.run()
    assert waits == sorted(waits)
    assert waits[0] < waits[-1] <= 5
    assert me.signs.database_since is None


class _Stopping(threading.Event):
    """An event whose waiting is watched instead of slept."""

    def __init__(self, watched: object) -> None:
        super().__init__()
        self._watched = watched

    def wait(self, timeout: float | None = None) -> bool:
        return self._watched(timeout)  # type: ignore[operator,no-any-return]
