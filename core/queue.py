"""The only door to django-q2. It is an alarm clock: no work is kept in it, none is lost with it.

Tasks are a dotted name and plain values, no objects and nothing personal: they are pickled.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Count, Min, Q
from django.utils.module_loading import import_string
from django_q import tasks
from django_q.models import OrmQ, Task
from django_q.models import Schedule as Row

CLUSTER_COMMAND = "qcluster"
SCHEDULES_LOCK = 0x4C45_4144_5343_4801
"""Advisory lock of the table of schedules: workers that start together write it one by one."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """One periodic job: what runs, how often, and what for."""

    name: str
    function: str
    every_minutes: int
    purpose: str


def enqueue(function: str, *arguments: int | str, timeout: dt.timedelta | None = None) -> None:
    """Have a worker call `function` (a dotted name) once, or more often after a crash.

    `timeout` is how long it may work, where the usual time is not enough. Inside a transaction
    the task exists only if it commits. Raises ImportError for a name that does not resolve.
    """
    if not callable(import_string(function)):
        raise ImportError(f"“{function}” cannot be called.")
    options = {} if timeout is None else {"timeout": int(timeout.total_seconds())}
    tasks.async_task(function, *arguments, q_options=options)


def sync(schedules: Sequence[Schedule], *, now: dt.datetime) -> list[str]:
    """Make the stored schedules equal to these; returns in words what had to be changed.

    Whatever else is stored, doubles and hand-made ones included, is deleted. Safe to call from
    several workers at once.
    """
    wanted = {schedule.name: schedule for schedule in schedules}
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SCHEDULES_LOCK])
        kept: dict[str, Row] = {}
        changes = []
        for row in Row.objects.order_by("id"):
            if row.name not in wanted or row.name in kept:
                changes.append(f"deleted {row.name or row.pk}")
                row.delete()
            else:
                kept[row.name] = row
        for schedule in schedules:
            changes += _put(schedule, kept.get(schedule.name), now=now)
    return changes


def _put(schedule: Schedule, row: Row | None, *, now: dt.datetime) -> list[str]:
    right = {
        "func": schedule.function,
        "schedule_type": Row.MINUTES,
        "minutes": schedule.every_minutes,
        "repeats": -1,
        "args": None,
        "kwargs": None,
        "hook": None,
        "cron": None,
        "cluster": None,
        "intended_date_kwarg": None,
    }
    if row is None:
        Row.objects.create(name=schedule.name, next_run=now, **right)
        return [f"added {schedule.name}"]
    latest = now + dt.timedelta(minutes=schedule.every_minutes)
    if row.next_run is None or row.next_run > latest:
        right["next_run"] = latest
    wrong = [name for name, value in right.items() if getattr(row, name) != value]
    if not wrong:
        return []
    for name in wrong:
        setattr(row, name, right[name])
    row.save(update_fields=wrong)
    return [f"changed {schedule.name}: {', '.join(wrong)}"]


def forget_failures(*, before: dt.datetime) -> int:
    """Delete the records of finished tasks older than that; returns their number."""
    deleted: int = Task.objects.filter(stopped__lt=before).delete()[0]
    return deleted


@dataclass(frozen=True, slots=True)
class Depth:
    """How many tasks wait for a worker and since when the oldest, and how many are in work."""

    waiting: int
    oldest: dt.datetime | None
    in_work: int


def depth(now: dt.datetime) -> Depth:
    """What stands in the queue at `now`. One query."""
    found = OrmQ.objects.aggregate(
        waiting=Count("pk", filter=Q(lock__lte=now)),
        oldest=Min("lock", filter=Q(lock__lte=now)),
        in_work=Count("pk", filter=Q(lock__gt=now)),
    )
    return Depth(**found)


@dataclass(frozen=True, slots=True)
class Failure:
    """A task that ended with an error."""

    id: str
    function: str
    arguments: tuple[object, ...]
    stopped: dt.datetime
    error: str


def failures(limit: int) -> list[Failure]:
    """Tasks that ended with an error, the latest first."""
    rows = Task.objects.filter(success=False).order_by("-stopped")[:limit]
    return [
        Failure(row.id, row.func, tuple(row.args or ()), row.stopped, str(row.result or ""))
        for row in rows
    ]


def try_again(failure: str) -> bool:
    """Put a failed task into the queue anew; False when it is not there any more.

    Raises ImportError for a function there is no more.
    """
    with transaction.atomic():
        row = Task.objects.select_for_update().filter(pk=failure, success=False).first()
        if row is None:
            return False
        enqueue(row.func, *(row.args or ()))
        row.delete()
    return True


def forget(failure: str) -> bool:
    """Delete the record of a failed task; False when it is not there any more."""
    return bool(Task.objects.filter(pk=failure, success=False).delete()[0])


def runs() -> dict[str, tuple[dt.datetime | None, dt.datetime | None]]:
    """By name of a schedule when it came last and when it comes next."""
    found = {}
    for row in Row.objects.all():
        every = dt.timedelta(minutes=row.minutes or 0)
        came = row.next_run - every if row.task and row.next_run else None
        found[str(row.name)] = (came, row.next_run)
    return found
