"""Whatever is killed, cut or stopped: the queue comes back and time is kept, exactly once."""

from __future__ import annotations

import os
import random
import signal
import time

import pytest

from devtools import cluster as clusters
from devtools import process
from lifecycle import supervisor
from tests.faults import house as houses
from tests.faults.house import SHORT, House, Worker
from tests.mail_sink import Sink

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1200)]

long = pytest.mark.skipif(SHORT, reason="part of the long campaign")
RECOVERED = 60.0
LAG = "extract(epoch FROM recorded_at - at)"


def kill(pids: list[int]) -> None:
    process.send(pids, signal.SIGKILL)


def breaches(house: House) -> tuple[int, int, int]:
    """Clocks past due, of those with their breach written down, and breach events in all."""
    return house.rows(
        """SELECT count(*) FILTER (WHERE due_at < now()),
                  count(*) FILTER (WHERE breached_at IS NOT NULL),
                  (SELECT count(*) FROM sla_clockevent WHERE kind = 'BREACHED')
             FROM sla_clock"""
    )[0]  # type: ignore[return-value]


def all_breached_once(house: House, count: int, *, seconds: float) -> None:
    houses.until(
        lambda: breaches(house)[1] == count, seconds=seconds, what=f"{count} breaches written down"
    )
    assert breaches(house) == (count, count, count)
    assert (
        house.rows(
            """SELECT lead_id FROM leads_leadevent WHERE kind = 'BREACHED'
            GROUP BY lead_id HAVING count(*) <> 1"""
        )
        == []
    )


@pytest.fixture
def worker(house: House) -> Worker:
    started = house.worker()
    house.up()
    return started


@pytest.mark.parametrize("trial", range(1 if SHORT else 5))
@pytest.mark.parametrize("victims", [2] if SHORT else [1, 2])
def test_idle_queue_workers_killed(house: House, worker: Worker, victims: int, trial: int) -> None:
    time.sleep(1)
    idle = worker.idle_workers
    assert len(idle) == 2
    kill(random.sample(idle, victims))
    took = house.beats_again("QUEUE", seconds=RECOVERED)
    houses.report(f"{victims} of 2 idle workers killed: back after {took:.0f} s (trial {trial})")
    house.beats_again("QUEUE", seconds=RECOVERED)
    assert worker.running.poll() is None


@long
def test_a_queue_that_stands_still_is_replaced_whole(house: House, worker: Worker) -> None:
    old = worker.queue
    assert old is not None
    members = [old, *houses.descendants(old)]
    os.killpg(old, signal.SIGSTOP)
    house.stage("clocks", 1, 1, 1)
    all_breached_once(house, 1, seconds=10)  # time is kept meanwhile
    house.beats_again("QUEUE", seconds=supervisor.SILENCE + supervisor.CANARY_EVERY)
    assert worker.queue not in {None, old}
    assert not process.wait_gone(members, seconds=5)


@pytest.mark.parametrize("whole", [pytest.param(True, marks=long), False])
def test_the_queue_is_killed(house: House, worker: Worker, *, whole: bool) -> None:
    """The whole group at once, or its master only."""
    old = worker.queue
    assert old is not None
    members = [old, *houses.descendants(old)]
    assert len(members) >= 5
    if whole:
        os.killpg(old, signal.SIGKILL)
    else:
        kill([old])
    assert not process.wait_gone(members, seconds=5)
    house.beats_again("QUEUE", seconds=RECOVERED)


def test_nothing_outlives_a_killed_supervisor(house: House, worker: Worker) -> None:
    below = houses.descendants(worker.running.pid)
    assert len(below) >= 5
    worker.kill()
    assert not process.wait_gone(below, seconds=5)


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=long)])
def test_a_worker_told_to_stop_leaves_in_order(
    house: House, worker: Worker, number: signal.Signals
) -> None:
    below = houses.descendants(worker.running.pid)
    worker.running.send_signal(number)
    assert worker.running.wait(30) == 0
    assert not process.wait_gone(below, seconds=1)
    assert "Cluster" in worker.words()
    assert "killing it" not in worker.words()
    assert "Traceback" not in worker.words()


def test_the_database_goes_and_comes_back(house: House, worker: Worker) -> None:
    house.stage("clocks", 5, 6, 9)
    house.crash()
    time.sleep(12)
    assert worker.running.poll() is None
    clusters.start(house.cluster)
    took = house.beats_again("SUPERVISOR", seconds=30)
    houses.report(f"sweeping again {took:.1f} s after the database's return")
    all_breached_once(house, 5, seconds=30)
    house.beats_again("QUEUE", seconds=90)


@long
def test_a_worker_started_without_a_database_waits_for_it(house: House) -> None:
    house.crash()
    worker = house.worker()
    time.sleep(10)
    assert worker.running.poll() is None
    clusters.start(house.cluster)
    house.up(seconds=120)


def test_a_breach_is_written_down_within_five_seconds(house: House, worker: Worker) -> None:
    count, first, last = (20, 12, 22) if SHORT else (200, 40, 100)
    house.stage("clocks", count, first, last)
    all_breached_once(house, count, seconds=last + 30)
    late = house.one(f"SELECT max({LAG}) FROM leads_leadevent WHERE kind = 'BREACHED'")
    houses.report(f"slowest of {count} breaches written down after {late:.1f} s")
    assert late <= 5


def test_two_workers_write_each_breach_once_and_mail_it_once(
    house: House, mails: tuple[Sink, int]
) -> None:
    count = 60 if SHORT else 500
    house.stage("clocks", count, 1, 2)
    workers = [house.worker(), house.worker()]
    all_breached_once(house, count, seconds=120)
    notices = "SELECT count(*) FROM lifecycle_notice n JOIN people_user u ON u.id = n.to_id WHERE "
    waiting = notices + (
        "n.mail_due_at <= now() AND n.mailed_at IS NULL AND (n.mail_id IS NULL OR EXISTS "
        "(SELECT 1 FROM lifecycle_mail m WHERE m.id = n.mail_id AND m.state = 'WAITING'))"
    )
    undone = "SELECT count(*) FROM leads_outbox WHERE done_at IS NULL"
    houses.until(
        lambda: not house.one(undone) and not house.one(waiting),
        seconds=180,
        what="all notices mailed",
    )
    sink, _ = mails
    told = [message["Message-ID"] for message in sink.messages]
    sent = "SELECT count(*) FROM lifecycle_mail WHERE state = 'SENT'"
    assert len(told) == len(set(told)) == house.one(sent) > 0
    assert house.one(notices + "u.email = 'bo@example.com'") == count
    assert {worker.running.poll() for worker in workers} == {None}


ONE_MAIL_EACH = """
    WITH about AS (SELECT id, to_id, row_number() OVER (ORDER BY id) AS n
                     FROM lifecycle_notice WHERE kind = 'BREACHED'),
         made AS (INSERT INTO lifecycle_mail (to_id, digest, notices, state, created_at, due_at,
                                              attempts, round, last_error)
                  SELECT to_id, false, 1, 'WAITING', now(), now(), 0, 1, '' FROM about ORDER BY n
                  RETURNING id),
         numbered AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM made)
    UPDATE lifecycle_notice SET mail_id = numbered.id, mailed_at = NULL, mail_due_at = now()
      FROM about JOIN numbered USING (n) WHERE lifecycle_notice.id = about.id
    RETURNING lifecycle_notice.id
"""


def test_mails_of_workers_that_are_killed_while_sending_arrive_and_no_more_than_one_twice_a_kill(
    house: House, worker: Worker, mails: tuple[Sink, int]
) -> None:
    sink, _ = mails
    count, kills = (60, 3) if SHORT else (300, 10)
    house.stage("clocks", count, 1, 2)
    all_breached_once(house, count, seconds=120)
    told = "SELECT count(*) FROM lifecycle_notice WHERE kind = 'BREACHED'"
    houses.until(lambda: house.one(told) >= count, seconds=60, what="all are told")
    worker.kill()
    sink.messages.clear()
    made = len(house.rows(ONE_MAIL_EACH))
    sink.seconds = 0.05
    for _ in range(kills):
        before, sending = len(sink.messages), house.worker()
        houses.until(lambda: len(sink.messages) >= before + 3, seconds=90, what="mails leave")  # noqa: B023
        sending.kill()
        house.rows("UPDATE lifecycle_mail SET due_at = now() WHERE state = 'WAITING' RETURNING id")
    house.worker()
    waits = "SELECT count(*) FROM lifecycle_mail WHERE state = 'WAITING'"
    houses.until(lambda: not house.one(waits), seconds=180, what="all mails are sent")
    ids = [str(message["Message-ID"]) for message in sink.messages]
    mine = {f"<mail-{pk}@" for (pk,) in house.rows(
        "SELECT mail_id FROM lifecycle_notice WHERE kind = 'BREACHED'")}  # fmt: skip
    arrived = [one for one in ids if one.partition("@")[0] + "@" in mine]
    assert len(set(arrived)) == made
    assert len(arrived) - made <= kills
    assert house.one("SELECT count(*) FROM lifecycle_mailattempt WHERE arrived "
                     "GROUP BY mail_id HAVING count(*) > 1") is None  # fmt: skip
    houses.report(f"{made} mails, {kills} kills: {len(arrived) - made} came twice, under one id")


@long
def test_two_workers_each_find_their_own_queue_hung(house: House, worker: Worker) -> None:
    second = house.worker()
    seen = (
        "SELECT count(*) FROM lifecycle_heartbeat, jsonb_object_keys(details) WHERE part = 'QUEUE'"
    )
    houses.until(lambda: house.one(seen) == 2, seconds=90, what="both queues answer")
    hung, healthy = worker.queue, second.queue
    assert hung is not None
    os.killpg(hung, signal.SIGSTOP)
    houses.until(
        lambda: worker.queue not in {None, hung}, seconds=120, what="the hung queue is replaced"
    )
    houses.until(
        lambda: f"Queue started, process {worker.queue}" in worker.words(),
        seconds=10,
        what="its worker says so",
    )
    assert second.queue == healthy


@pytest.mark.parametrize("trial", range(1 if SHORT else 20))
def test_a_supervisor_killed_in_the_midst_leaves_no_breach_out_and_none_double(
    house: House, trial: int
) -> None:
    count = 150
    house.stage("clocks", count, 0, 1)
    first = house.worker()
    houses.until(lambda: "started." in first.words(), seconds=60, what="the worker has started")
    time.sleep(random.uniform(0, 0.6))
    first.kill()
    houses.report(f"killed with {breaches(house)[1]} of {count} written down (trial {trial})")
    house.worker()
    all_breached_once(house, count, seconds=90)


@pytest.mark.parametrize(
    ("kind", "poison"),
    [
        pytest.param("task", "os.abort", marks=long),
        pytest.param("task", "os.getcwdb", marks=long),
        pytest.param("task", "tests.faults.staging.main", marks=long),
        pytest.param("task", "no.such.function", marks=long),
        ("payload", "no task at all"),
    ],
)
def test_a_poisonous_task_does_not_stop_the_queue_and_is_seen(
    house: House, worker: Worker, kind: str, poison: str
) -> None:
    house.stage(kind, poison)
    house.beats_again("QUEUE", seconds=RECOVERED)
    house.beats_again("QUEUE", seconds=RECOVERED)
    seen = (
        "SELECT (SELECT count(*) FROM lifecycle_queuedtask WHERE starts > 0 "
        "AND (set_aside_at IS NOT NULL OR function = %s)) "
        "+ (SELECT count(*) FROM django_q_task WHERE NOT success AND func = %s)"
    )
    if poison != "os.getcwdb":
        assert house.one(seen, poison, poison) == 1


@long
def test_a_new_key_loses_no_task(house: House) -> None:
    for _ in range(20):
        house.stage("task", "lifecycle.jobs.tidy")
    house.keys = ("another key entirely " + "y" * 40, house.environment["LEADGOV_SECRET_KEY"])
    house.worker()
    left = "SELECT count(*) FROM django_q_ormq WHERE lock < now()"
    houses.until(lambda: house.up() >= 0 and not house.one(left), seconds=120, what="all are done")
    assert house.one("SELECT count(*) FROM lifecycle_queuedtask WHERE why <> %s", "") == 0
    assert house.one("SELECT count(*) FROM django_q_task WHERE NOT success") == 0
