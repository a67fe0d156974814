"""The worker: keeps time every second and keeps the queue alive.

    main thread   starts the queue's cluster, starts it anew when it ends or hangs, stops it
    clocks        warnings, breaches, levels, every second; nothing else may delay them
    deciding      what else is due and needs the database only
    telling       mails; apart, because a mail server may let one wait
    outward       webhooks and messages in chats, which others' servers may let wait
    beside        what nobody waits for, and others' servers
    pulse         signs of life, canaries through the queue, the table of schedules

No thread ends on an exception: without a database all of them wait and try again. Any number of
workers may run against one database; each minds its own cluster.
"""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType

from django.db import close_old_connections, connection

from core import database
from lifecycle import heartbeats, jobs, schedules
from lifecycle.cluster import Cluster
from lifecycle.models import Heartbeat

SWEEP_EVERY = 1.0
BEAT_EVERY = 4.0
CANARY_EVERY = 15.0
SYNC_EVERY = 60.0
SILENCE = 40.0
"""Seconds without a canary's sign after which a cluster counts as hung."""
START_GRACE = 60.0
BUSY = 0.05
"""Seconds to the next round of a thread that found something to do."""
KEEPING_TIME = ("clocks", "deciding")
"""Threads that need the database only and come every second."""
SWEEP_SILENCE = 30.0
"""Seconds without an end of any step after which the worker gives no sign of life itself."""
STEADY = 120.0
LONGEST_PAUSE = 30.0
STOP_GRACE = 30.0

log = logging.getLogger(__name__)


def pause(failures: int, *, longest: float = LONGEST_PAUSE) -> float:
    """Seconds to wait after so many failures in a row."""
    return min(longest, float(2 ** min(failures - 1, 10))) if failures else 0.0


@dataclass(slots=True)
class Signs:
    """What is known of the cluster and the database, in seconds of the monotonic clock."""

    started: float = 0.0
    beaten: float = 0.0
    database_since: float | None = None

    def is_hung(self, now: float) -> bool:
        """Whether the cluster should have answered a canary by now.

        Without a database nothing can be told, and after its return the cluster gets its time.
        """
        if self.database_since is None:
            return False
        patience = SILENCE if self.beaten >= self.started else START_GRACE
        return now - max(self.started, self.beaten, self.database_since) > patience


@dataclass(slots=True)
class Timer:
    """Tells when something that recurs is due."""

    every: float
    due: float = 0.0

    def rings(self, now: float) -> bool:
        """True once each time it is due."""
        if now < self.due:
            return False
        self.due = now + self.every
        return True


@dataclass(slots=True)
class Keeper:
    """Starts a cluster, and anew whenever it has ended or hangs, with growing pauses."""

    cluster: Cluster
    signs: Signs
    falls: int = 0
    again: float = 0.0

    def mind(self, now: float) -> None:
        """One look at the cluster, at `now` on the monotonic clock."""
        if self.cluster.pid is None:
            if now >= self.again:
                self.cluster.start()
                self.signs.started = now
                log.info("Queue started, process %s.", self.cluster.pid)
            return
        how = self.cluster.ended()
        if how is None and self.signs.is_hung(now):
            how = f"answered no canary for {SILENCE:.0f} s"
            self.cluster.kill()
        if how is not None:
            self.falls = 1 if now - self.signs.started > STEADY else self.falls + 1
            self.again = now + pause(self.falls)
            log.error("The queue %s; starting it anew in %.0f s.", how, self.again - now)


class Rounds:
    """One thread's steps, round after round."""

    def __init__(self, thread: str, stopping: threading.Event) -> None:
        self.thread = thread
        self.failing: tuple[str, ...] = ()
        self._steps = jobs.THREADS[thread]
        self._stopping = stopping
        self._moved = time.monotonic()

    def is_still(self, now: float) -> bool:
        """Whether no step has ended for long. Who waits for others' servers may be."""
        return self.thread in KEEPING_TIME and now - self._moved > SWEEP_SILENCE

    def run(self) -> None:
        """Go on until told to stop. Without a database, or a mail server, wait for it."""
        lost = 0
        while not self._stopping.is_set():
            close_old_connections()
            swept = jobs.run(self._steps, alive=self._alive)
            self.failing = swept.failing
            lost = lost + 1 if self._is_lost(swept) else 0
            busy = self.thread in KEEPING_TIME and swept.counts.total() > 0
            longest = 5.0 if self.thread in KEEPING_TIME else 60.0
            self._stopping.wait(pause(lost, longest=longest) or (BUSY if busy else SWEEP_EVERY))

    def _is_lost(self, swept: jobs.Pass) -> bool:
        """Whether the next round had better wait."""
        if self.thread in KEEPING_TIME:
            return len(swept.failing) == len(self._steps)
        return bool(swept.failing) or swept.counts["mail_server_down"] > 0

    def _alive(self) -> None:
        self._moved = time.monotonic()


class Supervisor:
    """One worker process."""

    def __init__(self) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
        self._cluster = Cluster(worker=self.name)
        self._signs = Signs()
        self._stopping = threading.Event()
        self._rounds = [Rounds(name, self._stopping) for name in jobs.THREADS]
        self._impatient = False

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; a second one cuts the farewell short."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._told_to_stop)
        threads = [
            threading.Thread(target=target, name=name, daemon=True)
            for name, target in (
                *((rounds.thread, rounds.run) for rounds in self._rounds),
                ("pulse", Pulse(self.name, self._signs, self._stopping, self._news).run),
            )
        ]
        for thread in threads:
            thread.start()
        keeper = Keeper(self._cluster, self._signs)
        log.info("Worker %s started.", self.name)
        while not self._stopping.wait(0.5):
            keeper.mind(time.monotonic())
        self._farewell(threads)

    def _told_to_stop(self, number: int, _frame: FrameType | None) -> None:
        self._impatient = self._stopping.is_set()
        self._stopping.set()

    def _farewell(self, threads: list[threading.Thread]) -> None:
        log.info("Stopping.")
        self._cluster.ask_to_stop()
        until = time.monotonic() + STOP_GRACE
        while not self._cluster.wait(0.2):
            if self._impatient or time.monotonic() > until:
                log.warning("The queue did not stop; killing it.")
                break
        self._cluster.kill()
        for thread in threads:
            # What they are at is rolled back at the end of the process and done by the next one.
            thread.join(timeout=max(0.0, min(3.0, until - time.monotonic())))
        log.info("Worker %s stopped.", self.name)

    def _news(self) -> list[str] | None:
        """The failing steps; None while something stands still that time is kept by."""
        if any(rounds.is_still(time.monotonic()) for rounds in self._rounds):
            return None
        return [name for rounds in self._rounds for name in rounds.failing]


@dataclass(slots=True)
class Pulse:
    """Writes signs of life, sends canaries and hears whether they came through."""

    worker: str
    signs: Signs
    stopping: threading.Event
    news: Callable[[], list[str] | None]
    beat: Timer = field(default_factory=lambda: Timer(BEAT_EVERY))
    canary: Timer = field(default_factory=lambda: Timer(CANARY_EVERY))
    sync: Timer = field(default_factory=lambda: Timer(SYNC_EVERY))
    seen: object = None

    def run(self) -> None:
        """Go on until told to stop; without a database, wait for it."""
        lost = 0
        while not self.stopping.is_set():
            try:
                close_old_connections()
                self.once(time.monotonic())
                lost = 0
            except Exception as error:
                if not lost:
                    log.exception("No pulse: %r", error)
                lost += 1
                self.signs.database_since = None
                connection.close()
            self.stopping.wait(pause(lost, longest=5.0) or 1.0)

    def once(self, now: float) -> None:
        """One round, at `now` on the monotonic clock."""
        if self.sync.rings(now):
            for change in schedules.sync():
                log.info("Schedules: %s.", change)
        failing = self.news()
        if failing is not None and self.beat.rings(now):
            heartbeats.beat(
                Heartbeat.Part.SUPERVISOR,
                worker=self.worker,
                now=database.now(),
                failing=failing,
            )
        if self.canary.rings(now):
            heartbeats.send_canary(worker=self.worker)
        last = heartbeats.last_beat(Heartbeat.Part.QUEUE, worker=self.worker)
        if last != self.seen:
            self.seen = last
            self.signs.beaten = now
        if self.signs.database_since is None:
            self.signs.database_since = now
            log.info("The database answers.")
