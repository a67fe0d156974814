"""A table of opportunities into the books: the earliest ends first, in batches, each row told."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from django.db import transaction

from core import errors, spreadsheets
from core.errors import FieldError
from lifecycle.deal_importing import batch, table
from lifecycle.deal_importing.said import Done, Outcome, refused
from lifecycle.deal_importing.table import Meanings, Told
from lifecycle.importing.tables import Table
from people.models import User

BATCH = 500
FIRST = 10
HEADINGS = ("row", "line", "verdict", "opportunity", "external id", "changed", "remarks")
NEVER = dt.date.max


class Unwritable(errors.DomainError):
    """The report cannot be written where it should."""

    code = "unwritable_report"


@dataclass(slots=True)
class Tally:
    """How many rows met which fate, and the first of those that need a look."""

    total: int
    counts: Counter[str] = field(default_factory=Counter)
    remarked: int = 0
    first: list[str] = field(default_factory=list)

    def add(self, told: Told, done: Done) -> None:
        """Count one row."""
        self.counts[done.outcome.value] += 1
        self.remarked += bool(done.remarks)
        if done.outcome is Outcome.REJECTED and len(self.first) < FIRST:
            self.first.append(f"row {told.row} (line {told.line}): {in_words(done)}")


def run(
    rows: Table,
    meanings: Meanings,
    *,
    by: User,
    owner_else: str = "",
    make_accounts: bool = False,
    report: Path | None = None,
    dry_run: bool = False,
    progress: Callable[[int], object] = lambda rows: None,
    size: int = BATCH,
) -> Tally:
    """Take a whole table, batch by batch; rows that were in before change nothing.

    The earliest ends come first, whatever the order of the file, so that each customer begins
    with its first win. A dry run does the same work in one transaction that is then rolled back.
    Raises Unwritable when the report cannot be written, and what `batch.take` raises.
    """
    tally = Tally(rows.rows)
    told = sorted(
        _each_once(table.translate(row, meanings) for row in rows),
        key=lambda one: (one.said.closed or NEVER, one.row),
    )
    with _sheet(report) as write, transaction.atomic() if dry_run else nullcontext():
        for at in range(0, len(told), size):
            some = told[at : at + size]
            good = [one.said for one in some if not one.faults]
            done = iter(
                batch.take(
                    good, by=by, system=meanings.system, owner_else=owner_else,
                    make_accounts=make_accounts,
                )
            )  # fmt: skip
            for one in some:
                became = refused(*one.faults) if one.faults else next(done)
                became.remarks += one.remarks
                tally.add(one, became)
                write(one, became)
            progress(len(some))
        if dry_run:
            transaction.set_rollback(True)
    return tally


def _each_once(rows: Iterable[Told]) -> Iterator[Told]:
    """Of rows about one opportunity the first counts; the others are refused."""
    first: dict[str, int] = {}
    for one in rows:
        earlier = first.setdefault(one.said.external_id, one.row)
        if earlier == one.row or not one.said.external_id:
            yield one
        else:
            text = f"Row {earlier} is about the same opportunity."
            yield replace(one, faults=(*one.faults, FieldError("external_id", text)))


def in_words(done: Done) -> str:
    """The remarks of a row in one line."""
    return " ".join(f"{one.field}: {one.message}".removeprefix(": ") for one in done.remarks)


@contextmanager
def _sheet(path: Path | None) -> Iterator[Callable[[Told, Done], object]]:
    if path is None:
        yield lambda told, done: None
        return
    try:
        stream = path.open("w", encoding="utf-8-sig", newline="")
    except OSError as error:
        raise Unwritable(f"The report cannot be written to {path}: {error.strerror}.") from None
    with stream:
        writer = csv.writer(stream)
        writer.writerow(HEADINGS)
        yield lambda told, done: writer.writerow(_line(told, done))


def _line(told: Told, done: Done) -> Sequence[Any]:
    texts = (told.said.external_id, " ".join(done.fields), in_words(done))
    number = str(done.opportunity or "")
    return [told.row, told.line, done.outcome.value, number, *map(spreadsheets.safe, texts)]
