"""How fast files come in: `python -m bench.import_throughput [--rows N] [--sizes 1,100,500,1000]`.

Makes a database of its own on the test cluster, publishes the playbook, writes a file of made-up
buyers and imports it once per batch size, as history, with the record of the run and of each row.
`--duplicates 0.2` makes so many rows a buyer again who stood in the file before; `--dry-run`
rehearses only. Prints leads a second, statements a batch, and the statements that took the most
time. `--reading` needs no database: it reads and translates a CSV and a workbook of that many
rows and prints rows a second and the most memory that was held. Everything is thrown away
afterwards.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import re
import resource
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import django

HEADINGS = ("Record Id", "First Name", "Last Name", "Email", "Phone", "Title", "Company", "Website",
            "Country", "Industry", "No. of Employees", "Annual Revenue", "Lead Owner",
            "Lead Source", "Created Time")  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=3_000)
    parser.add_argument("--sizes", default="1,100,500,1000")
    parser.add_argument("--duplicates", type=float, default=0.03)
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("--reading", action="store_true")
    given = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadgov.settings_test")
    django.setup()
    if given.reading:
        _read(given.rows)
        return
    from django.db import connection  # noqa: PLC0415 (after setup)

    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        _publish()
        for size in [int(word) for word in given.sizes.split(",")]:
            rows = given.rows if size > 1 else max(100, given.rows // 10)
            _measure(rows, size, duplicates=given.duplicates, dry_run=given.dry_run)
    finally:
        connection.creation.destroy_test_db("", verbosity=0)


def _publish() -> None:
    from django.core.management import call_command  # noqa: PLC0415

    from people.models import User  # noqa: PLC0415

    User.objects.create_superuser("bench", "bench@example.com", "bench")
    call_command("kit", "init", "--by", "bench", verbosity=0)


def _read(rows: int) -> None:
    import openpyxl  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = _file(folder / "buyers.csv", rows, seed=1, duplicates=0.2)
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet("Buyers")
        with path.open(newline="", encoding="utf-8") as stream:
            for line in csv.reader(stream):
                sheet.append(line)
        book.save(folder / "buyers.xlsx")
        for one in (path, folder / "buyers.xlsx"):
            _read_one(one, folder)


def _read_one(path: Path, folder: Path) -> None:
    from lifecycle.importing import mapping, tables, translating  # noqa: PLC0415
    from lifecycle.importing.rehearsing import Rehearsal  # noqa: PLC0415

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    spent = [time.perf_counter()]
    table = tables.open_table(path, folder=folder)
    spent.append(time.perf_counter())
    plan = translating.bind(mapping.load("zoho"), table)
    for row in table:
        translating.translate(row, plan)
    spent.append(time.perf_counter())
    Rehearsal.of(table, plan)
    spent.append(time.perf_counter())
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    told = [
        f"{word} {table.rows / (until - since):,.0f} rows/s"
        for word, since, until in zip(
            ("opened", "translated", "looked over for a dry run"), spent, spent[1:], strict=False
        )
    ]
    print(f"{path.name}: {table.rows:,} rows, {', '.join(told)}; {more / 1024:,.0f} MB more held")


def _measure(rows: int, size: int, *, duplicates: float, dry_run: bool) -> None:
    from django.db import connection  # noqa: PLC0415

    from core import bulk  # noqa: PLC0415
    from lifecycle.importing import reading, report, run, working  # noqa: PLC0415

    taken: Counter[str] = Counter()
    calls: Counter[str] = Counter()

    def settled(fates: Any) -> None:
        for fate in fates:
            tally.add(fate)
        for query in connection.queries_log:
            shape = _shape(query["sql"] or "")
            taken[shape] += float(query["time"])
            calls[shape] += 1
        connection.queries_log.clear()

    def timed(model: Any, fields: Any, lines: Any) -> None:
        began = time.perf_counter()
        stream(model, fields, lines)
        taken[f"COPY {model._meta.db_table}, rows prepared"] += time.perf_counter() - began
        calls[f"COPY {model._meta.db_table}, rows prepared"] += 1

    stream, bulk._stream = bulk._stream, timed
    with tempfile.TemporaryDirectory() as folder:
        path = _file(Path(folder) / "buyers.csv", rows, seed=size, duplicates=duplicates)
        table = reading.open_table(path)
        tally = report.Tally(table.rows)
        hold, plan = _hold(path, table, dry_run=dry_run)
        connection.force_debug_cursor = True
        connection.queries_log.clear()
        started, worked = time.perf_counter(), time.process_time()
        working.carry(
            hold, table, plan, run.Options(dry_run=dry_run, batch_size=size), progress=settled
        )
        seconds, worked = time.perf_counter() - started, time.process_time() - worked
        connection.force_debug_cursor = False
    bulk._stream = stream
    _tell(tally, size, (seconds, worked), taken, calls)


def _hold(path: Path, table: Any, *, dry_run: bool) -> tuple[Any, Any]:
    from lifecycle.importing import mapping, runs, translating, working  # noqa: PLC0415

    plan = translating.bind(mapping.load("zoho"), table)
    made = runs.begin_here(path, table, plan, live=False, dry_run=dry_run, sheet="", encoding="")
    return working.take(made), plan


def _tell(
    tally: Any, size: int, spent: tuple[float, float], taken: Counter[str], calls: Counter[str]
) -> None:
    seconds, worked = spent
    batches = -(-tally.done // size)
    in_database = sum(taken.values())
    print(
        f"\nbatches of {size:>5,}: {tally.done / seconds:>7,.0f} rows/s   "
        f"{calls.total() / batches:.0f} statements a batch   "
        f"{worked / tally.done * 1000:.1f} ms of Python a row   "
        f"{in_database / seconds:.0%} of {seconds:.1f} s in the database   {dict(tally.counts)}"
    )
    for shape, one in taken.most_common(8):
        print(f"   {one / seconds:>5.1%}  {calls[shape] / batches:>4.1f} x  {shape}")


def _shape(sql: str) -> str:
    """A statement without its values: what it does to which table."""
    flat = " ".join(sql.split())
    verb = re.match(
        r"(COPY|UPDATE|INSERT INTO|DELETE FROM|SELECT|SET|SAVEPOINT|RELEASE|BEGIN|COMMIT)", flat
    )
    table = re.search(r'(?:COPY|UPDATE|INTO|FROM) "?([a-z_]+)"?', flat)
    lock = (
        " under lock"
        if " FOR " in flat and "UPDATE" in flat[6:] and flat.startswith("SELECT")
        else ""
    )
    return f"{verb[0] if verb else flat[:30]} {table[1] if table else ''}{lock}".strip()


def _file(path: Path, rows: int, *, seed: int, duplicates: float) -> Path:
    """A file like a CRM's export: one company for about three buyers, some twice."""
    chance = random.Random(seed)
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEADINGS)
        for number in range(rows):
            who = number if chance.random() > duplicates else chance.randrange(number + 1)
            company, name = f"s{seed}c{who // 3}", f"b{who}s{seed}"
            writer.writerow(
                (f"{seed}-{number}", "Kim", name.title(), f"{name}@{company}.example",
                 f"+4930{seed:04}{number:05}", "Head of IT", f"{company.title()} GmbH",
                 f"www.{company}.example", "Germany", "Software", chance.randrange(5, 9_000),
                 f"${chance.randrange(1, 900)}K", "Lee", "Web Download",
                 f"2025-{number % 12 + 1:02}-{number % 28 + 1:02} 10:00:00")
            )  # fmt: skip
    return path


if __name__ == "__main__":
    main()
