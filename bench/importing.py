"""A whole file by the command: `python -m bench importing [--rows 100000] [--duplicates 0.2]`.

Writes a CRM's export of made-up buyers, some of whom stand in it again in other spellings, and has
`manage.py import_leads` bring it in, for good and in a process of its own, as one would: rows a
second, the most memory that the process held, and what became of the rows that are somebody again
(attached to the right lead, suggested, missed) and of those that are not (attached wrongly). The
database is thrown away afterwards.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench import _labelled, _place

HEADINGS = ("Record Id", "First Name", "Last Name", "Email", "Mobile", "Title", "Company",
            "Website", "Country", "Industry", "Lead Owner", "Lead Source",
            "Created Time")  # fmt: skip
AT_A_FIRM = 3
WAYS = ("mail", "mail and phone", "phone", "id")
"""By what a row is somebody again."""


@dataclass(frozen=True, slots=True)
class Work:
    """What the process took: by the clock, of CPU (its own), and the most memory, in MB."""

    wall: float
    cpu: float
    memory: float


def main() -> int:
    """Measure and print; the exit code of the import."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--duplicates", type=float, default=0.2, help="share of rows")
    parser.add_argument("--dry-run", action="store_true", help="rehearse only")
    parser.add_argument("--batch-size", type=int, default=500, help="rows a transaction")
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    _place.prepare()
    from bench import _company  # noqa: PLC0415 (after setup)

    with _place.database(), tempfile.TemporaryDirectory(prefix="leadgov-bench-") as name:
        _company.found(now=dt.datetime.now(dt.UTC))
        folder = Path(name)
        truth = _write(folder / "buyers.csv", given.rows, given.duplicates, given.seed)
        options = ["--batch-size", str(given.batch_size), *(["--dry-run"] * given.dry_run)]
        code, work = _import(folder, options)
        if code == 0:
            print(_place.facts())
            _tell(given.rows, work, _judged(folder / "report.csv", truth))
    return code


def _write(path: Path, rows: int, duplicates: float, seed: int) -> list[tuple[str, str]]:
    """The file, and of each row who it is, and by what they are there again (empty if new)."""
    draw = random.Random(seed)
    town = _labelled.Town(draw)
    truth: list[tuple[str, str]] = []
    known: list[tuple[_labelled.Human, str]] = []
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEADINGS)
        domain = ""
        for number in range(rows):
            way = draw.choice(WAYS) if known and draw.random() < duplicates else ""
            if way:
                human, called = draw.choice(known)
            else:
                domain = domain if len(known) % AT_A_FIRM and domain else town.firm()
                human, called = town.human(domain), str(10_000 + number)
                known.append((human, called))
            writer.writerow(_row(human, way, called if way == "id" else str(10_000 + number), draw))
            truth.append((human.label, way))
    return truth


def _row(human: _labelled.Human, way: str, called: str, draw: random.Random) -> tuple[str, ...]:
    """One line of the export; somebody who is there again says only what `way` names."""
    first, last = (
        _labelled.spelt(human.first, human.last, draw) if way else (human.first, human.last)
    )
    mail = _labelled.mailed(human.email, draw) if way in ("mail", "mail and phone") else ""
    phone = _labelled.dialled(human.phone, draw) if way in ("phone", "mail and phone") else ""
    firm = human.domain.partition(".")[0]
    return (
        called, first, last, mail if way else human.email, phone if way else f"+49{human.phone}",
        "Head of IT", f"{firm.title()} GmbH", human.domain, "Germany", "Software", "Lee",
        "Web Download", f"2025-{draw.randrange(1, 13):02}-{draw.randrange(1, 29):02} 10:00:00",
    )  # fmt: skip


def _import(folder: Path, options: list[str]) -> tuple[int, Work]:
    command = [sys.executable, "manage.py", "import_leads", str(folder / "buyers.csv"),
               "--mapping", "zoho", "--report", str(folder / "report.csv"), *options]  # fmt: skip
    environment = os.environ | {"DATABASE_URL": _place.url()}
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=_place.PROJECT, env=environment)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, Work(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def _judged(report: Path, truth: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Of each row by what it was there again, and what became of it."""
    lead_of: dict[str, str] = {}
    with report.open(newline="", encoding="utf-8-sig") as stream:
        for line, (label, way) in zip(csv.DictReader(stream), truth, strict=True):
            verdict, lead = line["verdict"], line["lead"]
            own = lead_of.setdefault(label, lead)
            if verdict == "attached":
                verdict = "attached" if way and own == lead else "attached wrongly"
            yield way or "new", verdict


def _tell(rows: int, work: Work, judged: Iterator[tuple[str, str]]) -> None:
    print(
        f"{rows:,} rows in {work.wall:,.1f} s: {rows / work.wall:,.0f} rows/s, "
        f"{work.cpu / rows * 1000:.2f} ms of CPU a row in the process, "
        f"at most {work.memory:,.0f} MB of memory"
    )
    found = Counter(judged)
    for way in ("new", *WAYS):
        some = {verdict: count for (one, verdict), count in found.items() if one == way}
        told = ", ".join(f"{verdict} {count:,}" for verdict, count in sorted(some.items()))
        print(f"  {way:<15} {sum(some.values()):>8,} rows: {told}")
    again = {verdict: sum(found[way, verdict] for way in WAYS) for _, verdict in found}
    total = sum(count for (way, _), count in found.items() if way != "new")
    if total:
        caught = again.get("attached", 0) + again.get("review", 0)
        print(f"  duplicates: {caught / total:.2%} caught, {again.get('attached', 0) / total:.2%} "
              f"of them joined at once; {found['new', 'attached wrongly']:,} new buyers joined "
              "wrongly")  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
