"""The clock of the database's host is set back by an hour: time is kept, nothing runs backwards.

A real PostgreSQL under libfaketime, whose wall clock is set while it runs: what `clock_timestamp()`
says is what every decision says, so no stand-in comes as near to it.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from devtools.cluster import Cluster
from tests.faults import false_time, load
from tests.faults import house as houses
from tests.faults.false_time import HostClock
from tests.faults.house import House, Web
from tests.mail_sink import Sink

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600), false_time.needed]

HOUR = 3_600
MISSED = "SELECT count(*) FROM sla_clock WHERE breached_at IS NOT NULL"
TWICE = """SELECT clock_id FROM sla_clockevent WHERE kind = 'BREACHED'
            GROUP BY clock_id HAVING count(*) <> 1"""
NEGATIVE = """
    SELECT 'clock', id FROM sla_clock
     WHERE ended_before < started_at OR working_seconds < 0
     UNION ALL
    SELECT 'assignment', id FROM routing_assignment WHERE ended_at < started_at
     UNION ALL
    SELECT 'event', id FROM (
        SELECT id, recorded_at, lag(recorded_at) OVER (PARTITION BY lead_id ORDER BY id) AS before
          FROM leads_leadevent) e WHERE recorded_at < before
""".replace("ended_before", "coalesce(effective_at, stopped_at)")
OUT_OF_ORDER = """SELECT id FROM (
    SELECT id, sequence, row_number() OVER (PARTITION BY lead_id ORDER BY id) AS place
      FROM leads_leadevent) e WHERE sequence <> place"""
_numbers = itertools.count(1)
ACCEPTED = {"icp_confirmed": True, "reachable": True}


@pytest.fixture
def host(private_cluster: Cluster) -> Iterator[HostClock]:
    with false_time.hosted(private_cluster) as clock:
        yield clock


@pytest.fixture
def house(host: HostClock, tmp_path: Path, mails: tuple[Sink, int]) -> Iterator[House]:
    with houses.opened(host.cluster, "house_set_back", tmp_path, mail_port=mails[1]) as opened:
        yield opened


def test_a_clock_set_back_breaches_nothing_twice_and_makes_nothing_negative(
    house: House, host: HostClock
) -> None:
    capture, write = house.stage("company").split()
    web, _ = house.web(), house.worker()
    web.up()
    house.up()
    leads = captured(web, capture, 6)
    in_time, late, reassigned, rejected, *_ = leads
    assert answer(web, in_time, "accept", write, ACCEPTED) == 200
    host.set(90)
    open_clocks = "SELECT count(*) FROM sla_clock WHERE state = 'RUNNING' AND breached_at IS NULL"
    houses.until(lambda: not house.one(open_clocks), seconds=120, what="all have missed theirs")
    missed = house.one(MISSED)
    assert missed >= len(leads)

    host.set(90 - HOUR)
    house.beats_since_now("SUPERVISOR", seconds=90)
    assert houses.status(web.number, "/readyz") == 200
    told = [
        answer(web, late, "accept", write, ACCEPTED),
        answer(web, reassigned, "reassign", write, {"reason": "on a journey"}),
        answer(web, rejected, "reject", write, {"reason": "no_interest"}),
    ]
    assert told == [200, 200, 200]
    captured(web, capture, 3, buyers=2)
    captured(web, capture, 6)  # the same buyers again
    assert house.rows(TWICE) == house.rows(NEGATIVE) == house.rows(OUT_OF_ORDER) == []
    assert house.one(f"{MISSED} AND stopped_at <= due_at") == 0  # what was late is not met now

    host.set(90 + 120)
    houses.until(
        lambda: not house.one(open_clocks), seconds=120, what="the rest have missed theirs"
    )
    assert house.one(MISSED) > missed
    assert house.rows(TWICE) == house.rows(NEGATIVE) == house.rows(OUT_OF_ORDER) == []
    house.run("manage.py", "verify")


def captured(web: Web, key: str, count: int, *, buyers: int = 1) -> list[str]:
    """Leads of so many touches; always the same buyers by this number."""
    chance, path = random.Random(buyers), "/api/v1/capture/"
    answers = [
        load.post(web.number, path, key, load.body(chance), key=f"set-back-{next(_numbers)}")
        for _ in range(count)
    ]
    assert {status for status, _ in answers} == {201}, answers
    return [str(told["lead"]) for _, told in answers]


def answer(web: Web, lead: str, act: str, key: str, said: dict[str, Any]) -> int:
    status, told = load.post(web.number, f"/api/v1/leads/{lead}/{act}/", key, said)
    if status >= 400:
        houses.report(f"{act}: {told}")
    return status
