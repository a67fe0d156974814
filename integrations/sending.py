"""Sends what is due: many endpoints at once, a few requests to each.

The attempt is committed before the request, which is made in a thread that knows no database; so
a request that ends its process is counted, and comes back under the same key when its lease has
run out. An endpoint that hangs keeps its own sendings waiting and nobody else's.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from concurrent import futures
from dataclasses import dataclass, field

from core import database
from core.errors import DomainError
from integrations import answers, noting, requests, taking
from integrations.answers import Verdict
from integrations.taking import Portion
from lifecycle.outbound.failing import Failed

AT_ONCE_IN_ALL = 16
LOOK_EVERY = 0.2
"""Seconds after which further work is looked for while requests are under way."""
TAKING_SECONDS = 10.0
"""So long one run goes on taking what is due."""
LONGEST_SECONDS = 40.0
"""So long it does while requests are under way: who hangs keeps nobody waiting behind them."""

Ending = tuple[Verdict, int]


@dataclass(slots=True)
class Run:
    """What one run did, and what it has under way."""

    now: dt.datetime | None = None
    sent: int = 0
    failed: int = 0
    under_way: dict[futures.Future[Ending], Portion] = field(default_factory=dict)

    @property
    def room(self) -> int:
        """How many further requests may be made."""
        return AT_ONCE_IN_ALL - len(self.under_way)

    def instant(self) -> dt.datetime:
        """The instant it is: the one given, or the database's."""
        return self.now or database.now()

    def note(self, portion: Portion, ending: Ending) -> None:
        """Count an attempt that ended, and write it down."""
        verdict, milliseconds = ending
        noting.note(portion, verdict, milliseconds=milliseconds, now=self.instant())
        self.sent += len(portion.sendings) if verdict.arrived else 0
        self.failed += 0 if verdict.arrived else len(portion.sendings)


def run(
    *,
    now: dt.datetime | None = None,
    seconds: float = TAKING_SECONDS,
    longest: float = LONGEST_SECONDS,
    meanwhile: Callable[[], object] = lambda: None,
) -> Run:
    """Send what is due, and go on with what falls due meanwhile for about so many seconds.

    While requests are under way it goes on for `longest`, and calls `meanwhile` each time it looks
    for further work. Returns when all of it has ended.
    """
    done = Run(now)
    until, at_most = time.monotonic() + seconds, time.monotonic() + longest
    portions = taking.take(done.instant(), room=done.room)
    if not portions:
        return done
    with futures.ThreadPoolExecutor(AT_ONCE_IN_ALL, thread_name_prefix="outward") as pool:
        while portions or done.under_way:
            _begin(portions, pool, done)
            _finish(done)
            meanwhile()
            over = time.monotonic() > (at_most if done.under_way else until)
            more = done.room and not over
            portions = taking.take(done.instant(), room=done.room) if more else []
    return done


def _begin(portions: list[Portion], pool: futures.ThreadPoolExecutor, done: Run) -> None:
    for portion in portions:
        try:
            request = requests.of(portion, now=done.instant())
        except Failed as fault:
            done.note(portion, (answers.of_failure(fault), 0))
        except DomainError as fault:
            done.note(portion, (Verdict(why=fault.message[:300]), 0))
        else:
            done.under_way[pool.submit(requests.post, request)] = portion


def _finish(done: Run) -> None:
    ended, _ = futures.wait(done.under_way, timeout=LOOK_EVERY, return_when=futures.FIRST_COMPLETED)
    for one in ended:
        done.note(done.under_way.pop(one), one.result())
