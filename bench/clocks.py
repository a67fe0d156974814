"""How clocks keep time: `python -m bench clocks [--open 100000] [--seconds 30] [--backlog 20000]`.

A sweep with so many clocks open and none due. Then a real worker, while so many clocks a minute
fall due: how long after its deadline a breach is written down. Then a backlog after an outage,
taken by so many workers while a page is asked for again and again. Rows are made by SQL.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from bench import _place

FAR = "interval '30 days'"
LOOKS = 200


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--open", type=int, default=100_000, help="clocks that are open, not due")
    parser.add_argument("--seconds", type=int, default=30, help="how long clocks fall due; 0: no")
    parser.add_argument("--minute", type=int, default=1_000, help="clocks that fall due a minute")
    parser.add_argument("--backlog", type=int, default=20_000, help="overdue at once; 0: none")
    parser.add_argument("--workers", type=int, default=1, help="workers that take the backlog")
    parser.add_argument("--acts", action="store_true", help="with the playbook's levels")
    given = parser.parse_args()
    _place.prepare()
    with _place.database():
        _found(acts=given.acts)
        print(_place.facts(), flush=True)
        _make(given.open, f"statement_timestamp() + {FAR} + n * interval '10 ms'")
        _tell_none_due(given.open)
        if given.seconds:
            _tell_lag(given)
        if given.backlog:
            _tell_backlog(given)


def _found(*, acts: bool) -> None:
    """The playbook in force, its levels left out unless they are to act, and one lead."""
    from core import database  # noqa: PLC0415 (after setup)
    from sla import sweeps  # noqa: PLC0415
    from tests import factories  # noqa: PLC0415

    now = database.now() - 60 * factories.DAY
    document = factories.playbook.document()
    document["parts"].pop("fixture", None)
    for entry in [] if acts else document["parts"]["clock_policy"]:
        entry.pop("escalation", None)
    factories.company(now=now, text=document)
    factories.capture(now=now)
    while sweeps.warn_and_breach().leads:
        pass


def _make(count: int, due_at: str) -> None:
    """So many leads with a clock each, like the first lead and its clock to accept; `n` counts."""
    from django.db import connection, transaction  # noqa: PLC0415

    from leads.models import Lead, Person  # noqa: PLC0415
    from sla.models import Clock  # noqa: PLC0415

    if not count:
        return
    first = Lead.objects.order_by("pk").first()
    clock = Clock.objects.filter(lead=first, obligation="accept").get()
    top = max(row.objects.latest("pk").pk for row in (Lead, Person, Clock))
    moved = f"{top} + n"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for model, row, own in (
            (Person, first.person_id, {"email": "'n' || n || '@bench.test'"}),
            (Lead, first.pk, {"person_id": moved, "next_due_at": due_at, "account_id": "NULL"}),
            (Clock, clock.pk, {"lead_id": moved, "due_at": due_at, "warned_at": "NULL",
                               "breached_at": "NULL", "escalation": "''", "escalate_at": "NULL",
                               "warn_at": f"{due_at} - interval '1 second'"}),
        ):  # fmt: skip
            columns = [field.column for field in model._meta.concrete_fields]
            values = {"id": moved, **own}
            chosen = ", ".join(values.get(column, column) for column in columns)
            table = model._meta.db_table
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) SELECT {chosen} "
                f"FROM {table}, generate_series(1, {count}) AS n WHERE id = {row}"
            )
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
            )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE leads_lead, sla_clock, leads_person")


def _tell_none_due(count: int) -> None:
    from lifecycle import jobs  # noqa: PLC0415

    took = []
    for _ in range(LOOKS):
        began = time.perf_counter()
        swept = jobs.run(jobs.CLOCKS)
        took.append((time.perf_counter() - began) * 1000)
        if swept.counts.total() or swept.failing:
            raise AssertionError(f"something was due: {swept}")
    print(
        f"{count:,} open, none due: a sweep takes {statistics.median(took):.2f} ms, "
        f"{at(took, 0.99):.2f} ms at most of 99 in 100",
        flush=True,
    )


def _tell_lag(given: Any) -> None:
    count = given.minute * given.seconds // 60
    with workers(1):
        until(beaten, seconds=120)
        step = 60 / given.minute
        _make(count, f"statement_timestamp() + interval '5 s' + n * interval '{step} s'")
        since = time.monotonic()
        until(lambda: not _left(), seconds=given.seconds + 120)
    late = [float(one) for (one,) in _rows(_LAG)]
    print(
        f"{given.minute:,} a minute for {given.seconds} s, one worker: a breach is written down "
        f"{statistics.median(late):.2f} s after the deadline in the middle, {at(late, 0.99):.2f} s"
        f" for 99 of 100, {max(late):.2f} s at most ({len(late):,} breaches, "
        f"{time.monotonic() - since:.0f} s)",
        flush=True,
    )


def _tell_backlog(given: Any) -> None:
    """Overdue all at once; while it is taken, a page is asked for."""
    _make(given.backlog, "statement_timestamp() - interval '1 hour' - n * interval '1 ms'")
    with _served() as port:
        idle = _probe(port, lambda: False, most=20)
        before, began = _wal(), time.monotonic()
        with workers(given.workers):
            until(lambda: _left() < given.backlog, seconds=120)
            first, since = given.backlog - _left(), time.monotonic()
            asked = _probe(port, lambda: bool(_left()), most=100_000)
            took = time.monotonic() - since
    rate = (given.backlog - first) / took
    print(
        f"{given.backlog:,} overdue, {given.workers} workers: {rate:,.0f} clocks a second "
        f"(1,000,000 in {1_000_000 / rate / 60:.1f} min), {(_wal() - before) / given.backlog:,.0f} "
        f"bytes of WAL each; a page takes {at(asked, 0.5):.0f} ms, {at(asked, 0.95):.0f} ms for "
        f"95 of 100 (idle {at(idle, 0.5):.0f} and {at(idle, 0.95):.0f}), "
        f"{time.monotonic() - began:.0f} s in all",
        flush=True,
    )


_LAG = """
    SELECT extract(epoch FROM e.recorded_at - e.at) FROM sla_clockevent e
     WHERE e.kind = 'BREACHED' AND e.recorded_at - e.at < interval '1 day'
"""


def _left() -> int:
    return int(
        _rows(
            "SELECT count(*) FROM (SELECT 1 FROM sla_clock WHERE state = 'RUNNING' "
            "AND breached_at IS NULL AND due_at < now() + interval '1 day' LIMIT 1000000) q"
        )[0][0]
    )


def beaten() -> bool:
    return bool(_rows("SELECT 1 FROM lifecycle_heartbeat WHERE part = 'SUPERVISOR'"))


def _wal() -> int:
    return int(_rows("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')")[0][0])


def _rows(sql: str) -> list[tuple[Any, ...]]:
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def at(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def until(done: Callable[[], bool], *, seconds: float) -> None:
    began = time.monotonic()
    while not done():
        if time.monotonic() - began > seconds:
            raise AssertionError("it takes too long")
        time.sleep(0.25)


def environment() -> dict[str, str]:
    """Settings of processes that are measured. Mails go to LEADGOV_SMTP_PORT, if it is set."""
    backend = "smtp" if os.environ.get("LEADGOV_SMTP_PORT") else "dummy"
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "leadgov.settings",
        "DATABASE_URL": _place.url(),
        "LEADGOV_SECRET_KEY": "x" * 50,
        "LEADGOV_LOG_LEVEL": "CRITICAL",
        "LEADGOV_EMAIL_BACKEND": f"django.core.mail.backends.{backend}.EmailBackend",
        "GUNICORN_CMD_ARGS": "--log-level error",
        "PYTHONWARNINGS": "ignore",
    }


@contextlib.contextmanager
def workers(count: int) -> Iterator[None]:
    running = [
        subprocess.Popen(
            [sys.executable, "manage.py", "worker"], env=environment(), cwd=_place.PROJECT
        )
        for _ in range(count)
    ]
    try:
        yield
    finally:
        for one in running:
            one.terminate()
        for one in running:
            one.wait(timeout=60)


@contextlib.contextmanager
def _served() -> Iterator[int]:
    """A web server as `make run` starts it."""
    import socket  # noqa: PLC0415

    from devtools import launch, port  # noqa: PLC0415

    with socket.socket() as trial:
        trial.bind((port.HOST, 0))
        number = int(trial.getsockname()[1])
    running = subprocess.Popen(
        launch.web_command(number),
        env=launch.web_environment(environment()),
        cwd=_place.PROJECT,
    )
    try:
        until(lambda: port.serves(number), seconds=90)
        yield number
    finally:
        running.terminate()
        running.wait(timeout=30)


def _probe(number: int, going: Callable[[], bool], *, most: int) -> list[float]:
    """Milliseconds that a page of the console takes, asked for twice a second while it goes on."""
    from devtools import port  # noqa: PLC0415

    took: list[float] = []
    while len(took) < most and (going() or most == 20):
        connection = http.client.HTTPConnection(port.HOST, number, timeout=60)
        began = time.perf_counter()
        connection.request("GET", "/readyz")
        connection.getresponse().read()
        took.append((time.perf_counter() - began) * 1000)
        connection.close()
        time.sleep(0.05 if most == 20 else 0.5)
    return took or [0.0]


if __name__ == "__main__":
    main()
