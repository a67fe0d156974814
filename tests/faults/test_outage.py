"""Ten minutes without the queue, without the sweep, without both: seen at once, made up for after.

Nobody waits ten minutes here. What the product knows of time is in rows and in the database's
clock: a deadline that passed while nobody looked is a clock that runs past its `due_at`, and a
process that has been silent for so long is a sign of life so old. With the process stopped, rows
whose deadlines lie in the last ten minutes and signs made so much older are the same rows that ten
minutes would have left.
"""

from __future__ import annotations

import http.client
import json
import signal
from contextlib import closing
from typing import Any

import pytest

from devtools import port, process
from tests.faults import house as houses
from tests.faults.house import SHORT, House, Web, Worker

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]

COUNT = 12
AGED = """UPDATE lifecycle_heartbeat SET beat_at = clock_timestamp() - %s * interval '1 second'
           WHERE part = ANY(%s) RETURNING part"""
OVERDUE = """SELECT count(*) FROM sla_clock
              WHERE state = 'RUNNING' AND breached_at IS NULL AND due_at < clock_timestamp()"""
WRONG_BREACHES = """
    SELECT c.id FROM sla_clock c LEFT JOIN sla_clockevent e ON e.clock_id = c.id
                                                           AND e.kind = 'BREACHED'
     WHERE c.due_at < clock_timestamp() AND (c.stopped_at IS NULL OR c.stopped_at > c.due_at)
     GROUP BY c.id HAVING count(e.id) <> 1 OR min(e.at) <> c.due_at OR c.breached_at <> c.due_at
"""
OUT_OF_ORDER = """
    SELECT id FROM (SELECT id, at, lag(at) OVER (PARTITION BY clock_id ORDER BY id) AS before
                      FROM sla_clockevent WHERE kind <> 'STOPPED') e WHERE at < before
"""
MET = "SELECT count(*) FROM sla_clock WHERE state = 'STOPPED' AND stopped_at <= due_at"
LATE = "SELECT count(*) FROM sla_clock WHERE state = 'STOPPED' AND breached_at = due_at"
PARTS = {"queue": ["QUEUE"], "sweep": ["SUPERVISOR", "QUEUE"], "both": ["SUPERVISOR", "QUEUE"]}
ALARM = {"queue": "Queue is away", "sweep": "Worker is away", "both": "Worker is away"}


def stop(worker: Worker, what: str) -> list[int]:
    """Halt these processes; a halted one does nothing and does not know it."""
    queue = worker.queue
    assert queue is not None
    members = [queue, *houses.descendants(queue)]
    if what == "both":
        worker.kill()
        return []
    halted = members if what == "queue" else [worker.running.pid]
    process.send(halted, signal.SIGSTOP)
    return halted


def readiness(web: Web) -> tuple[int, dict[str, Any]]:
    """What the health endpoint answers."""
    status, text = asked(web, "/readyz", cookie="")
    return status, json.loads(text)


def asked(web: Web, path: str, *, cookie: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection(port.HOST, web.number, timeout=20)
    with closing(connection):
        connection.request("GET", path, headers={"Cookie": f"sessionid={cookie}"})
        response = connection.getresponse()
        return response.status, response.read().decode()


def alarmed(house: House, web: Web, cookie: str, off: str, *, seconds: int) -> None:
    """Signs of life so old are seen by whoever asks for health, and by whoever is at a page."""
    assert house.rows(AGED, seconds, PARTS[off])
    status, told = readiness(web)
    if off == "queue":  # nothing that anybody is owed hangs on it
        assert (status, told["checks"]["queue"]) == (200, "silent; the worker restarts it")
    else:
        assert (status, told["errors"][0]["field"]) == (503, "worker")
    assert ALARM[off] in asked(web, "/", cookie=cookie)[1]


@pytest.mark.parametrize("off", ["both"] if SHORT else ["queue", "sweep", "both"])
def test_ten_minutes_without_are_seen_within_two_and_made_up_for(house: House, off: str) -> None:
    house.settings = "tests.faults.plain_pages"
    house.stage("clocks", 1, 3_000, 3_000)  # due long after: done in time, below
    cookie = house.stage("session", "ana").strip()
    web, worker = house.web(), house.worker()
    web.up()
    house.up()
    assert readiness(web)[0] == 200
    assert "is away" not in asked(web, "/", cookie=cookie)[1]
    halted = stop(worker, off)
    house.stage("clocks", COUNT, -5, -595)
    if off == "both":
        assert house.one(OVERDUE) == COUNT  # nobody else does it
    house.stage("ended")
    assert (house.one(MET), house.one(LATE)) == (1, 1)
    if off == "both":
        assert house.one(OVERDUE) == COUNT - 1
    else:  # what is left does it: the sweep by itself, or the queue by its schedule of a minute
        houses.until(lambda: not house.one(OVERDUE), seconds=150, what="time is kept without")
    alarmed(house, web, cookie, off, seconds=115)
    alarmed(house, web, cookie, off, seconds=600)
    if off == "both":
        house.worker()
    process.send(halted, signal.SIGCONT)
    took = houses.until(
        lambda: not house.one(OVERDUE) and readiness(web)[0] == 200, seconds=120, what="made up for"
    )
    houses.report(f"ten minutes without {off}: made up for after {took:.1f} s")
    assert house.rows(WRONG_BREACHES) == house.rows(OUT_OF_ORDER) == []
    houses.until(
        lambda: "is away" not in asked(web, "/", cookie=cookie)[1],
        seconds=120,
        what="pages say so no longer",
    )
