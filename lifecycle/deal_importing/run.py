"""A table of opportunities into the books: the earliest ends first, in batches, each row told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from django.db import transaction

from core.errors import FieldError
from lifecycle.deal_importing import batch, table
from lifecycle.deal_importing.said import Done, refused
from lifecycle.deal_importing.table import Meanings, Told
from lifecycle.importing import upserted
from lifecycle.importing.tables import Table
from lifecycle.importing.upserted import Fate, Tally
from people.models import User

BATCH = 500
NEVER = dt.date.max


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
    with (
        upserted.report(report, "opportunity") as write,
        transaction.atomic() if dry_run else nullcontext(),
    ):
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
                fate = _fate(one, became)
                tally.add(fate)
                write(fate)
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


def _fate(told: Told, done: Done) -> Fate:
    """A row with what became of it."""
    remarks = [f"{one.field}: {one.message}".removeprefix(": ") for one in done.remarks]
    return Fate(
        told.row, told.line, done.outcome.value, done.opportunity, told.said.external_id,
        tuple(done.fields), tuple(remarks),
    )  # fmt: skip
