"""Working time against a count of minutes: `python -m bench worktime [--cases 100000] [--seed N]`.

Calendars at random, in zones of every sort, half of them around a change of clocks; each is read
minute by minute off the wall clock, and the arithmetic must give the same to the microsecond:
when work ends, how much lies between two instants, when it opens and closes. Exit code 1 when
anything differs; each difference is printed so that it can be made again. At the end, what one
question costs.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import random
import sys
import time
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bench._minutes import DAYS, MINUTE, Counted, document, odd_days
from core import worktime

ZONES = (
    "Africa/Cairo", "Africa/Casablanca", "America/Caracas", "America/Havana", "America/Los_Angeles",
    "America/New_York", "America/Santiago", "America/Sao_Paulo", "America/St_Johns",
    "Antarctica/Troll", "Asia/Jerusalem", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Pyongyang",
    "Asia/Tehran", "Australia/Adelaide", "Australia/Lord_Howe", "Europe/Berlin", "Europe/Dublin",
    "Europe/London", "Europe/Moscow", "Pacific/Apia", "Pacific/Auckland", "Pacific/Chatham",
    "Pacific/Kwajalein", "UTC",
)  # fmt: skip
YEARS = (1973, 2037)
"""Since then every offset is of whole minutes."""

SKIPPED = {"Pacific/Apia": date(2011, 12, 30), "Pacific/Kwajalein": date(1993, 8, 21)}
"""Local days that never were."""

WINDOW = 21
EACH = 100
SHOWN = 20


@dataclass(slots=True)
class Tally:
    """What was asked of one zone."""

    calendars: int = 0
    cases: int = 0
    wrong: int = 0


def main() -> int:
    """Ask, compare, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=100_000, help="how many at least")
    parser.add_argument("--seed", type=int, default=20261122, help="the same seed, the same cases")
    given = parser.parse_args()
    draw, began = random.Random(given.seed), time.monotonic()
    tallies = {zone: Tally() for zone in ZONES}
    told: list[str] = []
    while sum(one.cases for one in tallies.values()) < given.cases:
        for zone, tally in tallies.items():
            tally.calendars += 1
            for what in differences(draw, zone, tally):
                tally.wrong += 1
                told.append(what)
    for zone, one in tallies.items():
        print(f"{zone:22}{one.calendars:6} calendars{one.cases:9,} cases{one.wrong:5} mismatches")
    cases, wrong = (sum(getattr(one, name) for one in tallies.values()) for name in _COUNTED)
    print(
        f"{len(tallies)} zones, {cases:,} cases, {wrong} mismatches; seed {given.seed}, "
        f"{_tzdata()}, {time.monotonic() - began:.0f} s"
    )
    print("\n".join(told[:SHOWN]))
    for name, taken in _speed(draw):
        print(f"{name:40}{taken * 1e6:8.1f} µs")
    return 1 if wrong else 0


def _speed(draw: random.Random) -> Iterator[tuple[str, float]]:
    """What one question costs, by how far apart its ends lie; caches as they are in a worker."""
    hours = worktime.from_document({
        "zone": "Europe/Berlin", "closed": [f"{year}-12-25" for year in range(2020, 2045)],
        "week": {day: [["09:00", "12:30"], ["13:00", "17:30"]] for day in DAYS[:5]},
    })  # fmt: skip
    starts = [datetime(2026, 1, 1, tzinfo=UTC) + draw.randrange(525_600) * MINUTE
              for _ in range(2_000)]  # fmt: skip
    for name, work in (("4 hours", 4), ("40 hours", 40), ("a year", 2_080), ("nine years", 18_720)):
        for _ in range(2):  # the first time fills the caches
            began = time.perf_counter()
            ends = [worktime.add(hours, at, timedelta(hours=work)) for at in starts]
            added = time.perf_counter() - began
        began = time.perf_counter()
        for at, end in zip(starts, ends, strict=True):
            worktime.elapsed(hours, at, end)
        yield f"add {name} of work", added / len(starts)
        yield f"elapsed over {name} of work", (time.perf_counter() - began) / len(starts)


_COUNTED = ("cases", "wrong")


def differences(draw: random.Random, zone: str, tally: Tally) -> Iterator[str]:
    """Everything in which one calendar at random differs from its minutes."""
    first = _first_day(draw, zone)
    told = document(draw, zone, first, WINDOW)
    begin = datetime(first.year, first.month, first.day, tzinfo=UTC)
    counted = Counted(told, begin, WINDOW * 1440)
    hours = worktime.from_document(told)
    for _ in range(EACH):
        tally.cases += 1
        a, b = sorted((_instant(draw, begin), _instant(draw, begin)))
        for what, expected, found in _asked(draw, counted, hours, a, b):
            if expected != found:
                yield f"{what} from {a} to {b}: counted {expected}, is {found}: {json.dumps(told)}"


def _asked(
    draw: random.Random, counted: Counted, hours: worktime.WorkCalendar, a: datetime, b: datetime
) -> Iterator[tuple[str, Any, Any]]:
    sort = draw.random()
    if sort < 0.45:
        yield "elapsed", counted.elapsed(a, b), worktime.elapsed(hours, a, b)
    elif sort < 0.9:
        left = counted.left(a) // timedelta(microseconds=1)
        work = timedelta(microseconds=draw.randint(0, left))
        if draw.random() < 0.5:
            work -= work % MINUTE
        end = worktime.add(hours, a, work)
        yield f"add {work}", counted.add(a, work), end
        yield f"elapsed after add {work}", work, worktime.elapsed(hours, a, end)
    else:
        yield "is_open", counted.is_open(a), worktime.is_open(hours, a)
        if (opens := counted.next_open(a)) is not None:
            yield "next_open", opens, worktime.next_open(hours, a)
        if counted.is_open(a) and (closes := counted.closes_at(a)) is not None:
            yield "closes_at", closes, worktime.closes_at(hours, a)


def _first_day(draw: random.Random, zone: str) -> date:
    """Where the window begins: half of the times so that a change of clocks lies within."""
    if zone in SKIPPED and draw.random() < 0.3:
        return SKIPPED[zone] - timedelta(days=draw.randrange(1, WINDOW))
    year = draw.randint(*YEARS)
    odd = odd_days(zone, year) if draw.random() < 0.6 else []
    if odd:
        return draw.choice(odd) - timedelta(days=draw.randrange(1, WINDOW - 1))
    return date(year, 1, 1) + timedelta(days=draw.randrange(365))


def _instant(draw: random.Random, begin: datetime) -> datetime:
    """Any instant of the window: on the minute, or anywhere within one."""
    at = begin + draw.randrange(WINDOW * 1440) * MINUTE
    return at if draw.random() < 0.5 else at + timedelta(microseconds=draw.randrange(60_000_000))


def _tzdata() -> str:
    """Which rules of time zones were used: the machine's come before the package's."""
    packaged = f"tzdata {importlib.metadata.version('tzdata')}"
    return f"{packaged}, machine's first at {zoneinfo.TZPATH[0]}" if zoneinfo.TZPATH else packaged


if __name__ == "__main__":
    sys.exit(main())
