"""Bulk work of several processes on the same few buyers and reps, in opposite orders."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter

import pytest

from tests.faults import house as houses
from tests.faults.house import PROJECT, SHORT, House

pytestmark = [pytest.mark.faults, pytest.mark.timeout(2400)]

PROCESSES = 4
SECONDS = 30 if SHORT else 600


def test_a_storm_in_opposite_orders_locks_nobody_out_and_breaks_nothing(house: House) -> None:
    house.run("-m", "tests.faults.storm", "found")
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.faults.storm", str(seed), str(SECONDS)],
            cwd=PROJECT,
            env=house.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for seed in range(PROCESSES)
    ]
    told: Counter[str] = Counter()
    for one in running:
        answer, complaint = one.communicate(timeout=SECONDS + 240)
        assert one.returncode == 0, complaint[-3000:]
        told.update(json.loads(answer.splitlines()[-1]))
    deadlocks = house.one(
        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    )
    leads = house.one("SELECT count(*) FROM leads_lead")
    houses.report(f"{PROCESSES} processes, {SECONDS} s, {leads} leads: {dict(told)}")
    assert {what: count for what, count in told.items() if what.startswith("FAILED")} == {}
    assert deadlocks == 0, _of_deadlocks(house)
    house.run("manage.py", "sweep")
    house.run("manage.py", "verify")


def _of_deadlocks(house: House) -> str:
    """What the database's log tells of who waited for whom."""
    pieces = house.cluster.log.read_text(errors="replace").split("deadlock detected")
    return "\n---\n".join(piece[:3000] for piece in pieces[1:])
