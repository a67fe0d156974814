"""Every periodic job, in one table. Workers write it into the queue when they start."""

from __future__ import annotations

from core import database, queue
from core.queue import Schedule

SCHEDULES = (
    Schedule(
        name="sweep",
        function="lifecycle.jobs.sweep",
        every_minutes=1,
        purpose="Does what is due: left-behind touches, clocks, routing, decay, notices, mail. "
        "The worker does so every second; this is the second pair of eyes.",
    ),
    Schedule(
        name="tidy",
        function="lifecycle.jobs.tidy",
        every_minutes=24 * 60,
        purpose="Deletes expired sessions, uploaded files past their time, and old records of "
        "failed queue tasks.",
    ),
    Schedule(
        name="watch",
        function="lifecycle.watching.refresh",
        every_minutes=1,
        purpose="Counts the numbers that must be 0 and are slow to count among very many leads, "
        "while somebody's pages show them.",
    ),
    Schedule(
        name="drift",
        function="reports.drift.alarms.watch",  # named, not imported: reports stand above
        every_minutes=60,
        purpose="Holds acceptance, reject reasons and MQL volume since the last publication "
        "against their limits; opens and closes alarms.",
    ),
)


def sync() -> list[str]:
    """Make the stored schedules equal to the table; says in words what was changed."""
    return queue.sync(SCHEDULES, now=database.now())
