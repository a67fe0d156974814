"""How long every report takes: `python -m bench reports [--leads N] [--keep NAME]`.

A made-up directory (`bench._directory`) gets a past (`bench._past`) and a course (`bench._course`);
facts and sums are made. Then every report of the registry is made by each of its slices, over the
last month and the last twelve, of all and kept to one channel, as RevOps, who see all, and as an
SDR; so many calls each, after one that is not counted. Told are the median and the slowest call by
the clock, CPU of server and database, which other guests of the machine change less, and messages
to the database; the slowest first. Then, of all medians, half, 95 of 100, and how many miss the
target. `--keep NAME` keeps the database and goes on with it: a million leads take half an hour.
"""

from __future__ import annotations

import argparse
import datetime as dt
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench import _place

TARGET_MS = 300
KEPT_TO = "channel"
"""The slice of which one value is kept to, or `source` where a report has no channel."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One report as somebody asks for it."""

    key: str
    by: str
    months: int
    only: Mapping[str, str]
    reader: str

    def __str__(self) -> str:
        kept = "".join(f", {value}" for value in self.only.values())
        return f"{self.key} by {self.by}, {self.months} mo{kept}"


@dataclass(frozen=True, slots=True)
class Told:
    """How long it took, in milliseconds."""

    asked: Asked
    walls: Sequence[float]
    cpu: float
    messages: int
    rows: int

    @property
    def median(self) -> float:
        """Of its calls."""
        return statistics.median(self.walls)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--leads", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3, help="calls of each report")
    parser.add_argument("--months", default="1,12", help="how many back from the last lead")
    parser.add_argument("--only", default="", help="reports by key, with commas; else all")
    parser.add_argument("--as", dest="readers", default="RevOps,SDR", help="readers, with commas")
    parser.add_argument("--shown", type=int, default=30, help="rows of the table")
    parser.add_argument("--keep", default="", metavar="NAME", help="keep the database; go on in it")
    given = parser.parse_args()
    _place.prepare()
    with _place.database(given.keep) as known:
        from bench import _course, _past, search  # noqa: PLC0415 (after setup)

        if not known:
            search.fill(given.leads)
            _past.write()
        _make_facts(anew=_course.write())
        readers = _past.readers()
        told = [
            _measure(one, readers[one.reader], given.rounds)
            for one in _asked(
                [name for name in given.only.split(",") if name],
                [int(one) for one in given.months.split(",")],
                given.readers.split(","),
            )
        ]
        _print(told, given.shown)


def _make_facts(*, anew: bool) -> None:
    """Facts, and sums by day, as the worker keeps them."""
    from django.db import connection  # noqa: PLC0415

    from core import database  # noqa: PLC0415
    from reports.facts import days, deals, keeping  # noqa: PLC0415

    if anew:
        keeping.rebuild(now=database.now())
    keeping.build_on()
    while deals.follow():
        pass
    days.sum_up(now=database.now())
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _asked(keys: Sequence[str], months: Sequence[int], readers: Sequence[str]) -> Iterator[Asked]:
    from reports import registry  # noqa: PLC0415

    for reader in readers:
        for declared in registry.all():
            if keys and declared.key not in keys:
                continue
            slices = [one.key for one in declared.slices]
            for back in months:
                for only in ({}, _one_of(slices)):
                    for by in slices:
                        if by not in only:
                            yield Asked(declared.key, by, back, only, reader)


def _one_of(slices: Sequence[str]) -> Mapping[str, str]:
    """The value that most leads have."""
    from django.db.models import Count  # noqa: PLC0415

    from reports.models import LeadFact  # noqa: PLC0415

    name, column = (KEPT_TO, KEPT_TO) if KEPT_TO in slices else ("source", "category")
    if name not in slices:
        return {}
    most = LeadFact.objects.values(column).annotate(n=Count("pk")).order_by("-n")[0]
    return {name: most[column]}


def _period(months: int) -> Any:
    from django.db.models import Max  # noqa: PLC0415

    from reports.facts import company_days  # noqa: PLC0415
    from reports.models import LeadFact  # noqa: PLC0415

    last = company_days.of(LeadFact.objects.aggregate(last=Max("came_at"))["last"])
    return company_days.between(last - dt.timedelta(days=round(months * 365 / 12) - 1), last)


def _measure(asked: Asked, reader: Any, rounds: int) -> Told:
    from django.db import connection  # noqa: PLC0415

    from reports import registry  # noqa: PLC0415

    period, messages = _period(asked.months), []

    def make() -> Any:
        return registry.build(asked.key, reader, period=period, by=asked.by, only=asked.only)

    def count(execute: Any, *call: Any) -> Any:
        messages.append(call[0])
        return execute(*call)

    with connection.execute_wrapper(count):
        report = make()
        [row.figures() for row in report.rows]
    backends, walls = _place.backends(), []
    before = _place.spent(backends)
    for _ in range(rounds):
        began = time.perf_counter()
        found = make()
        [row.figures() for row in (*found.rows, found.totals)]
        walls.append((time.perf_counter() - began) * 1_000)
    cpu = (_place.spent(backends) - before).cpu * 1_000 / rounds
    return Told(asked, walls, cpu, len(messages), len(report.rows))


def _print(told: Sequence[Told], most: int) -> None:
    from leads.models import Lead  # noqa: PLC0415

    print(f"{Lead.objects.count():,} leads\n{_place.facts()}\n")
    print(f"{'report':56} {'reader':8} {'median':>7} {'slowest':>7} {'CPU ms':>7} messages rows")
    for one in sorted(told, key=lambda row: -row.median)[:most]:
        print(
            f"{str(one.asked)[:56]:56} {one.asked.reader:8} {one.median:7.0f} "
            f"{max(one.walls):7.0f} {one.cpu:7.0f} {one.messages:8} {one.rows:4}"
        )
    print()
    for reader in dict.fromkeys(one.asked.reader for one in told):
        for back in dict.fromkeys(one.asked.months for one in told):
            _sum_up(
                f"{reader}, {back} months",
                [one for one in told if (one.asked.reader, one.asked.months) == (reader, back)],
            )
    _sum_up("all", told)


def _sum_up(label: str, told: Sequence[Told]) -> None:
    medians = sorted(one.median for one in told)
    if not medians:
        return
    calls = sorted(wall for one in told for wall in one.walls)
    over = sum(one > TARGET_MS for one in medians)
    print(
        f"{label:20} {len(told):5} reports: half under {_part(medians, 0.5):.0f} ms, "
        f"95 of 100 under {_part(medians, 0.95):.0f} (of single calls {_part(calls, 0.95):.0f}), "
        f"slowest {medians[-1]:.0f}; {over} ({over / len(told):.1%}) over {TARGET_MS}"
    )


def _part(ordered: Sequence[float], share: float) -> float:
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


if __name__ == "__main__":
    main()
