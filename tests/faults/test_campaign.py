"""Web and worker processes are killed under load, the database crashes: nothing is lost or doubled.

Clients keep a ledger of what they were told; it is joined with the tables in the end. The same
questions find a product that works without one of its locks.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable

import pytest

from devtools import cluster as clusters
from devtools import process
from tests.faults import house as houses
from tests.faults import load
from tests.faults.house import SHORT, House, Web, Worker
from tests.faults.load import Clients, Ledger

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3400)]

KILLS, CRASHES = (10, 1) if SHORT else (100, 5)
CLIENTS = 3
PATIENCE = 20.0
SEED = int(os.environ.get("LEADGOV_FAULTS_SEED", "0")) or random.randrange(10**6)


class Killer:
    """Ends processes of web and worker, starts anew what is gone, crashes the database."""

    def __init__(self, house: House, web: Web, answered: Callable[[], int]) -> None:
        self.house, self.web, self.answered = house, web, answered
        self.workers: list[Worker] = [house.worker(), house.worker()]
        self.chance = random.Random(SEED)
        self.count: dict[str, int] = {}

    def rage(self) -> None:
        """So many kills, and crashes spread among them."""
        crashes = [KILLS * (place + 1) // (CRASHES + 1) for place in range(CRASHES)]
        while self.killed < KILLS:
            self._let_some_through()
            time.sleep(self.chance.uniform(0.1, 0.6))
            self._one()
            if crashes and self.killed > crashes[0]:
                crashes.pop(0)
                self._crash()

    @property
    def killed(self) -> int:
        """How many blows of `kill -9` there were; one at nobody is none."""
        return sum(times for what, times in self.count.items() if what != "database")

    def _let_some_through(self) -> None:
        """What is killed shall be at work: wait for an answer, though not for ever."""
        before, began = self.answered(), time.monotonic()
        while self.answered() <= before and time.monotonic() - began < PATIENCE:
            time.sleep(0.05)

    def _one(self) -> None:
        dice = self.chance.random()
        if dice < 0.4 and self.web.processes:
            self._end("web process", [self.chance.choice(self.web.processes)])
        elif dice < 0.5:
            self.web.kill()
            self._note("web server")
            self.web = self.house.web(self.web.number)
        elif dice < 0.8:
            place = self.chance.randrange(len(self.workers))
            self.workers[place].kill()
            self._note("worker")
            self.workers[place] = self.house.worker()
        else:
            below = houses.descendants(self.chance.choice(self.workers).running.pid)
            if below:
                self._end("queue process", [self.chance.choice(below)])

    def _end(self, what: str, pids: list[int]) -> None:
        process.send(pids, signal.SIGKILL)
        self._note(what)

    def _crash(self) -> None:
        self.house.crash()
        time.sleep(3)
        clusters.start(self.house.cluster)
        self._note("database")

    def _note(self, what: str) -> None:
        self.count[what] = self.count.get(what, 0) + 1


def quiet(house: House) -> bool:
    """Everything that came in is decided, everything due is done, everybody is told."""
    return not house.one(
        """SELECT (SELECT count(*) FROM leads_touch WHERE status = 'RECEIVED')
             + (SELECT count(*) FROM sla_clock WHERE state = 'RUNNING' AND breached_at IS NULL
                 AND due_at < now() - interval '5 seconds')
             + (SELECT count(*) FROM leads_outbox WHERE done_at IS NULL AND attempts < 8)"""
    )


def all_due(house: House, before: object) -> bool:
    """Whether every clock that began by then has ended or missed its deadline."""
    waiting = "state = 'RUNNING' AND breached_at IS NULL AND started_at < %s"
    return not house.one(f"SELECT count(*) FROM sla_clock WHERE {waiting}", before)


def lost(house: House, ledger: Ledger) -> list[str]:
    """Keys whose touch was acknowledged and is not there, or there twice."""
    found = dict(house.rows("SELECT idempotency_key, count(*) FROM leads_touch GROUP BY 1"))
    return [key for key in ledger.acked if found.get(key) != 1]


def breaches(house: House) -> list[tuple[int, int]]:
    """Clocks whose breach is not written down exactly as often as it came: once, or never."""
    return house.rows(
        """SELECT c.id, count(e.id) FROM sla_clock c
             LEFT JOIN sla_clockevent e ON e.clock_id = c.id AND e.kind = 'BREACHED'
            GROUP BY c.id HAVING count(e.id) <> (c.breached_at IS NOT NULL)::int"""
    )


def collisions(house: House) -> int:
    """How often two were at the same work: a lock keeps them apart, or else a rule of a table."""
    words = "".join(one.words() for one in house.workers)
    return words.count("duplicate key value") + words.count("can only end once")


def won_twice(ledger: Ledger) -> list[str]:
    """Leads that more than one caller was told they had accepted."""
    won = [lead for lead, status in ledger.taken if status == 200]
    return sorted({lead for lead in won if won.count(lead) > 1})


def test_nothing_acknowledged_is_lost_and_nothing_is_done_twice(house: House) -> None:
    capture, write = house.stage("company").split()
    web = house.web()
    web.up()
    clients = Clients(web.number, capture=capture, write=write, seed=SEED)
    killer = Killer(house, web, lambda: len(clients.ledger.acked))
    clients.start(CLIENTS)
    began = time.monotonic()
    killer.rage()
    took = time.monotonic() - began
    killer.web.up()
    ledger = clients.stop()
    ended = house.one("SELECT now()")
    houses.until(lambda: all_due(house, ended), seconds=240, what="every deadline has passed")
    settled = houses.until(lambda: quiet(house), seconds=300, what="all is done")
    houses.report(
        f"seed {SEED}: {killer.count} in {took:.0f} s; {len(ledger.acked)} touches acknowledged, "
        f"{house.one('SELECT count(*) FROM leads_lead')} leads, "
        f"{house.one('SELECT count(*) FROM sla_clock WHERE breached_at IS NOT NULL')} breaches; "
        f"answers {dict(ledger.told)}; settled after {settled:.0f} s"
    )
    assert len(ledger.acked) >= KILLS // 2, "there was hardly any load"
    assert ledger.wrong == []
    assert lost(house, ledger) == []
    assert breaches(house) == []
    assert won_twice(ledger) == []
    assert collisions(house) == 0
    house.run("manage.py", "verify")


def hammer(house: House, web: Web, leads: list[int], write: str) -> Ledger:
    """Six callers accept each lead in the same instant."""
    ledger = Ledger()
    said = {"icp_confirmed": True, "reachable": True}
    for lead in leads:
        barrier = threading.Barrier(6)

        def accept(lead: int = lead, barrier: threading.Barrier = barrier) -> None:
            barrier.wait(30)
            path = f"/api/v1/leads/{lead}/accept/"
            status, answer = load.post(web.number, path, write, said)
            ledger.taken.append((str(lead), status))
            if status not in (200, 409):
                ledger.wrong.append(f"{status} {answer}")

        threads = [threading.Thread(target=accept) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    return ledger


@pytest.mark.parametrize("without", ["", "lead"])
def test_of_many_who_accept_at_once_one_is_first_and_without_the_lock_that_is_found_missing(
    house: House, without: str
) -> None:
    capture, write = house.stage("company").split()
    house.without = without
    web = house.web()
    web.up()
    chance = random.Random(SEED)
    answers = [
        load.post(web.number, "/api/v1/capture/", capture, load.body(chance), key=f"load-{n}")[1]
        for n in range(8 if SHORT else 30)
    ]
    leads = sorted({int(answer["lead"]) for answer in answers})
    ledger = hammer(house, web, leads, write)
    faults = [*ledger.wrong, *won_twice(ledger)]
    first = {lead for lead, status in ledger.taken if status == 200}
    houses.report(f"without {without or 'nothing'}: {len(leads)} leads, {len(faults)} faults")
    assert bool(faults) == bool(without)
    if not without:
        assert first == {str(lead) for lead in leads}


@pytest.mark.parametrize("without", ["", "sweep"])
def test_workers_share_the_sweep_and_without_its_lock_they_collide(
    house: House, without: str
) -> None:
    count = 300 if SHORT else 1_500
    house.without = without
    for _ in range(3):
        house.worker()
    house.up()
    in_time = 20 + count // 20
    house.stage("clocks", count, in_time, in_time)  # all at once
    houses.until(
        lambda: house.one("SELECT count(*) FROM sla_clock WHERE breached_at IS NOT NULL") == count,
        seconds=in_time + 300,
        what="every breach written down",
    )
    houses.report(f"without {without or 'nothing'}: {collisions(house)} collisions")
    assert breaches(house) == []  # the tables see to that much in any case
    assert bool(collisions(house)) == bool(without)


def test_a_worker_that_was_paused_for_long_writes_nothing_stale(house: House) -> None:
    house.stage("clocks", 200, 0, 1)
    paused = house.worker()
    houses.until(
        lambda: house.one("SELECT count(*) FROM sla_clock WHERE breached_at IS NOT NULL") > 0,
        seconds=60,
        what="it has begun",
    )
    members = [paused.running.pid, *houses.descendants(paused.running.pid)]
    process.send(members, signal.SIGSTOP)
    other = house.worker()
    time.sleep(35)  # longer than a transaction may stand idle
    process.send(members, signal.SIGCONT)
    houses.until(
        lambda: house.one("SELECT count(*) FROM sla_clock WHERE breached_at IS NOT NULL") == 200,
        seconds=90,
        what="every breach written down",
    )
    assert breaches(house) == []
    assert collisions(house) == 0
    assert other.running.poll() is None


def test_with_the_queue_away_time_is_kept_and_leads_are_routed(house: House) -> None:
    capture, _ = house.stage("company").split()
    web, worker = house.web(), house.worker()
    web.up()
    house.up()
    queue = worker.queue
    assert queue is not None
    os.killpg(queue, signal.SIGSTOP)
    chance = random.Random(SEED)
    ids = [
        load.post(web.number, "/api/v1/capture/", capture, load.body(chance), key=f"load-{n}")
        for n in range(20)
    ]
    assert {status for status, _ in ids} == {201}
    houses.until(lambda: quiet(house), seconds=60, what="all is done without the queue")
