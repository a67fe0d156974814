"""Where measurements take place: a private database, the machine, and who spent how much CPU."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import platform
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import django

from core import collector

PROJECT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")


def prepare() -> None:
    """Settings of the tests; the tests' own cluster runs, unless DATABASE_URL names another."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadgov.settings_test")
    os.environ.setdefault("LEADGOV_STATEMENT_TIMEOUT_MS", "0")  # a million leads take their time
    django.setup()
    collector.settle(collector.OF_BATCHES)  # as the worker does
    from devtools import database as clusters  # noqa: PLC0415 (it reads what the settings set)

    if os.environ.get("LEADGOV_TEST_CLUSTER"):
        clusters.start(test=True)


@contextlib.contextmanager
def database(name: str = "") -> Iterator[bool]:
    """A migrated database to work in, dropped afterwards; True when it was there already.

    A `name` keeps it: the next run that names it goes on with what is there.
    """
    from django.core.management import call_command  # noqa: PLC0415 (after setup)
    from django.db import connection  # noqa: PLC0415 (after setup)

    chosen = name or f"bench_leadgov_{os.getpid()}"
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [chosen])
        known = cursor.fetchone() is not None
        if not known:
            template = _template()
            source = f' TEMPLATE "{template}"' if template else ""
            cursor.execute(f'CREATE DATABASE "{chosen}"{source}')
    connection.close()
    connection.settings_dict["NAME"] = chosen
    try:
        call_command("migrate", verbosity=0)
        yield known
    finally:
        connection.close()
        if not name:
            with connection._nodb_cursor() as cursor:
                cursor.execute(f'DROP DATABASE IF EXISTS "{chosen}" WITH (FORCE)')


def _template() -> str | None:
    """The tests' migrated template, which saves the half minute that all migrations take."""
    from devtools import database as clusters  # noqa: PLC0415
    from devtools import template  # noqa: PLC0415

    if not os.environ.get("LEADGOV_TEST_CLUSTER"):
        return None
    return template.provide(clusters.the_cluster(test=True), clusters.PROJECT)


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds by the clock on the wall, and of CPU: ours, and the database's backends'."""

    wall: float
    ours: float
    database: float

    @property
    def cpu(self) -> float:
        """Of both together."""
        return self.ours + self.database

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.wall + other.wall, self.ours + other.ours, self.database + other.database)

    def __sub__(self, other: Spent) -> Spent:
        return Spent(self.wall - other.wall, self.ours - other.ours, self.database - other.database)


NOTHING = Spent(0.0, 0.0, 0.0)


def spent(backends: Iterable[int], *, processes: Iterable[int] = ()) -> Spent:
    """What was spent so far; `processes` beside this one (or in its place, when any is given)."""
    others = list(processes)
    ours = sum(map(cpu_of, others)) if others else time.process_time()
    return Spent(time.perf_counter(), ours, sum(map(cpu_of, backends)))


def cpu_of(process: int) -> float:
    """Seconds of CPU a process has used; 0 when it is gone or out of sight."""
    try:
        # The name in brackets may hold spaces.
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def backends() -> list[int]:
    """The processes that serve this database, this connection's among them."""
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity "
            "WHERE datname = current_database() AND backend_type = 'client backend'"
        )
        return [pid for (pid,) in cursor.fetchall()]


def url() -> str:
    """The DATABASE_URL of this database, for other processes."""
    from django.db import connection  # noqa: PLC0415

    return (
        urlsplit(os.environ["DATABASE_URL"])
        ._replace(path=f"/{connection.settings_dict['NAME']}")
        .geturl()
    )


def facts() -> str:
    """Date, machine, Python and database in one line each, for the head of a table."""
    from django.db import connection  # noqa: PLC0415

    names = ("server_version", "shared_buffers", "fsync", "synchronous_commit")
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f"current_setting('{name}')" for name in names))
        told = dict(zip(names, cursor.fetchone(), strict=True))
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return (
        f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC · {_processor()} · {os.cpu_count()} cores, "
        f"load {load} · Python {platform.python_version()}\n"
        f"PostgreSQL {told['server_version']} · shared_buffers {told['shared_buffers']} · "
        f"fsync {told['fsync']} · synchronous_commit {told['synchronous_commit']}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())
