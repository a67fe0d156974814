"""Many at once: real threads, real transactions."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any
from unittest import mock

from django.db import connection

from leads.ledger import Ledger


def together(jobs: Iterable[Callable[[], Any]]) -> list[Any]:
    """Run the jobs at the same instant, each on its own connection; results or exceptions."""
    work = list(jobs)
    barrier = threading.Barrier(len(work))
    results: list[Any] = [None] * len(work)

    def run(index: int, job: Callable[[], Any]) -> None:
        try:
            barrier.wait(timeout=30)
            results[index] = job()
        except Exception as error:
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(i, job)) for i, job in enumerate(work)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=100)
    return results


def in_turn(first: Callable[[], Any], second: Callable[[], Any]) -> tuple[Any, Any]:
    """Both at once, `first` a breath ahead; results or exceptions.

    `first` stops before it writes, with all it has locked, until `second` waits for it or is
    through. Where a lock is missing `second` decides on what is about to change.
    """
    inside, meeting = threading.Event(), _Meeting()
    flush = Ledger.flush

    def held_up(book: Ledger) -> None:
        if threading.current_thread() is meeting.ahead and not inside.is_set():
            inside.set()
            meeting.wait_for_the_other()
        flush(book)

    def go_first() -> Any:
        meeting.ahead = threading.current_thread()
        try:
            return first()
        finally:
            inside.set()

    def go_second() -> Any:
        inside.wait(timeout=30)
        connection.ensure_connection()
        meeting.behind = connection.connection.info.backend_pid
        try:
            return second()
        finally:
            meeting.through.set()

    with mock.patch.object(Ledger, "flush", held_up):
        one, other = together([go_first, go_second])
    return one, other


class _Meeting:
    """Who is ahead, who is behind, and whether they wait for each other."""

    def __init__(self) -> None:
        self.ahead: threading.Thread | None = None
        self.behind = 0
        self.through = threading.Event()

    def wait_for_the_other(self) -> None:
        """Until the one behind waits for a lock of ours, or is through."""
        for _ in range(3_000):
            if self.through.wait(timeout=0.005) or self._is_waiting():
                return
        raise TimeoutError("the other neither waits nor gets through")

    def _is_waiting(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [self.behind])
            return bool(cursor.fetchone()[0])
