"""One worker's wall clock is wrong by minutes or a day: nothing comes early, late or twice.

Only the clock of the database decides. libfaketime moves the wall clock of that one worker, its
queue included.
"""

from __future__ import annotations

import pytest

from tests.faults import false_time
from tests.faults import house as houses
from tests.faults.house import SHORT, House

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600), false_time.needed]

MINUTES, DAY = 600, 86_400
AT_MOST = 60
"""Seconds after which a breach is written down, on a busy machine too; a wrong clock costs more."""
WRONG = f"""
    SELECT clock_id, at, recorded_at FROM sla_clockevent
     WHERE kind = 'BREACHED'
       AND NOT recorded_at - at BETWEEN interval '0' AND interval '{AT_MOST} seconds'
"""
BREACHED = "SELECT count(*) FROM sla_clockevent WHERE kind = 'BREACHED'"
TOLD = "SELECT clock_timestamp() - beat_at FROM lifecycle_heartbeat WHERE part = 'SUPERVISOR'"
IN_THE_WRONG_DAY = """
    SELECT id FROM django_q_ormq WHERE abs(extract(epoch FROM lock - clock_timestamp())) > 3600
     UNION ALL
    SELECT id FROM django_q_schedule WHERE name = 'sweep'
       AND abs(extract(epoch FROM next_run - clock_timestamp())) > 3600
"""


def test_the_library_moves_the_wall_clock_of_that_process_and_no_other(house: House) -> None:
    """The control: a worker that looked at its host's clock would be found out."""
    asked = "import time; print(time.time(), time.monotonic())"
    right = house.run("-c", asked).split()
    wrong = house.run("-c", asked, **false_time.off_by(DAY)).split()
    assert float(wrong[0]) - float(right[0]) == pytest.approx(DAY, abs=MINUTES)
    assert float(wrong[1]) - float(right[1]) == pytest.approx(0, abs=MINUTES)


@pytest.mark.parametrize("seconds", [DAY] if SHORT else [-DAY, -MINUTES, MINUTES, DAY])
def test_a_worker_whose_clock_is_wrong_does_all_when_it_is_due(house: House, seconds: int) -> None:
    count = 20
    house.worker(**false_time.off_by(seconds))
    house.up()  # a canary has gone through its queue
    house.stage("clocks", count, 4, 8)
    houses.until(lambda: house.one(BREACHED) == count, seconds=120, what="every breach is there")
    assert house.rows(WRONG) == []
    assert abs(house.one(TOLD).total_seconds()) < MINUTES
    assert house.rows(IN_THE_WRONG_DAY) == []


@pytest.mark.skipif(SHORT, reason="part of the long campaign")
@pytest.mark.parametrize("seconds", [MINUTES, DAY])
def test_a_worker_that_is_ahead_leaves_to_others_what_they_are_at(
    house: House, seconds: int
) -> None:
    """By its own clock whoever works on the task would have had it for too long."""
    task = "SELECT count(*) FROM lifecycle_queuedtask WHERE function = 'time.sleep'"
    house.worker()
    house.up()
    house.stage("task", "time.sleep", 30)
    houses.until(lambda: house.one(task), seconds=60, what="somebody is at it")
    house.worker(**false_time.off_by(seconds))
    houses.until(lambda: not house.one(task), seconds=90, what="it is over")
    words = "".join(one.words() for one in house.workers).splitlines()
    assert sum("processing" in line and "'time.sleep'" in line for line in words) == 1
