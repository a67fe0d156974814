"""Rows in batches through intake and pipeline, every one accounted for.

A batch is stored in one transaction and advanced in the next, as every door does it; what is
stored stays, so an import that is stopped goes on where it was when it is run again.
A dry run does exactly the same work in one transaction around everything, which is then rolled
back: only so can row 9,000 be seen to be the buyer of row 3. While it runs, others who post a
buyer of this very file wait for it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from core.errors import FieldError
from governance import selectors as kits
from leads.models import (
    Account,
    IdentityKey,
    Lead,
    LeadEvent,
    Person,
    ScorePart,
    Touch,
    TouchStatus,
)
from lifecycle import intake, pipeline
from lifecycle.importing import translating
from lifecycle.importing.reading import Row, Table
from lifecycle.importing.report import Fate, Report, Tally, Verdict
from lifecycle.importing.translating import Plan, Translation
from lifecycle.intake import Received

USUAL_BATCH = 500
MOST_IN_BATCH = 5_000
FIRST_LOOK = 100
"""After so many rows, and whenever there are four times as many, the planner is told of them."""
FILLED = (Account, IdentityKey, Lead, LeadEvent, Person, ScorePart, Touch)


@dataclass(frozen=True, slots=True)
class Options:
    """How to import: as history or as if it came in now; for real or not; how much at once."""

    live: bool = False
    dry_run: bool = False
    batch_size: int = USUAL_BATCH


@dataclass(frozen=True, slots=True)
class _Entry:
    """A row with its touch, if it could be read at all."""

    row: Row
    translation: Translation | None
    errors: tuple[FieldError, ...] = ()


def run(
    table: Table,
    plan: Plan,
    *,
    options: Options,
    tally: Tally,
    report: Report,
    progress: Callable[[int], None],
) -> None:
    """Import a table. `tally` holds the fates so far, also when this is interrupted.

    `progress` is told how many more rows are settled after each batch. Raises NoActiveKit when
    there is no kit to decide by.
    """
    with transaction.atomic():
        kits.active_kit()
    look_again = FIRST_LOOK
    with _for_real_or_not(options):
        for batch in _batches(table, options.batch_size):
            fates = _import(batch, plan, options)
            report.write(fates)
            for fate in fates:
                tally.add(fate)
            if tally.done >= look_again:
                _measure_tables()
                look_again = tally.done * 4
            progress(len(fates))


@contextmanager
def _for_real_or_not(options: Options) -> Iterator[None]:
    if not options.dry_run:
        yield
        return
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _batches(table: Table, size: int) -> Iterator[list[Row]]:
    rows = iter(table)
    while batch := list(itertools.islice(rows, size)):
        yield batch


def _import(rows: Sequence[Row], plan: Plan, options: Options) -> list[Fate]:
    entries = [_entry(row, plan) for row in rows]
    good = [one.translation for one in entries if one.translation and not one.errors]
    received = intake.receive(
        [one.body for one in good],
        scope=plan.meanings.system,
        keys=[one.key for one in good],
        historical=not options.live,
    )
    ids = [one.touch_id for one in received if one.touch_id is not None]
    before = _advanced_before(received)
    receipts = pipeline.advance(ids)
    if options.dry_run:
        _check_now()
    reasons = _reasons_of_parked([pk for pk in ids if pk not in receipts])
    outcomes = _outcomes(received, receipts, before, reasons)
    return [
        _refused(one) if one.errors or one.translation is None else _fate(one, next(outcomes))
        for one in entries
    ]


def _entry(row: Row, plan: Plan) -> _Entry:
    if row.fault:
        return _Entry(row, None, (FieldError("", row.fault, "unreadable"),))
    translation = translating.translate(row, plan)
    return _Entry(row, translation, translation.errors)


def _advanced_before(received: Sequence[Received]) -> set[int]:
    """Touches that an earlier run took all the way; what it only stored is still to be decided."""
    known = [one.touch_id for one in received if one.replayed and one.touch_id is not None]
    if not known:
        return set()
    rows = Touch.objects.filter(pk__in=known).exclude(
        status__in=[TouchStatus.RECEIVED, TouchStatus.PARKED]
    )
    return set(rows.values_list("pk", flat=True))


def _reasons_of_parked(ids: Sequence[int]) -> dict[int, str]:
    if not ids:
        return {}
    rows = Touch.objects.filter(pk__in=ids)
    return dict(rows.values_list("pk", "last_error"))


def _outcomes(
    received: Sequence[Received],
    receipts: dict[int, dict[str, Any]],
    before: set[int],
    reasons: dict[int, str],
) -> Iterator[Fate]:
    """The fates of the touches, in order, not yet told their rows."""
    seen = set(before)
    for one in received:
        if one.touch_id is None:
            yield Fate(0, 0, Verdict.REJECTED, errors=one.errors)
            continue
        receipt = receipts.get(one.touch_id)
        lead = str(receipt["lead"]) if receipt else ""
        touch = str(one.touch_id)
        if one.touch_id in seen:
            yield Fate(0, 0, Verdict.REPLAYED, lead, touch)
        elif receipt is None:
            reason = reasons.get(one.touch_id, "").partition("\n")[0]
            why = FieldError("", reason or "Not decided yet.", "parked")
            yield Fate(0, 0, Verdict.PARKED, "", touch, errors=(why,))
        else:
            yield Fate(0, 0, Verdict(receipt["outcome"]), lead, touch)
        seen.add(one.touch_id)


def _fate(entry: _Entry, outcome: Fate) -> Fate:
    translation = entry.translation
    if translation is None:
        return _refused(entry)
    return Fate(
        entry.row.number,
        entry.row.line,
        outcome.verdict,
        outcome.lead,
        outcome.touch,
        translation.external_id,
        outcome.errors,
        translation.remarks,
    )


def _refused(entry: _Entry) -> Fate:
    translation = entry.translation
    return Fate(
        entry.row.number,
        entry.row.line,
        Verdict.REJECTED,
        external_id=translation.external_id if translation else "",
        errors=entry.errors,
        remarks=translation.remarks if translation else (),
    )


def _measure_tables() -> None:
    """Plans made while the tables were small read them whole, row after row; make new ones.

    The database notices by itself, but only after a minute: foreign keys then took most of the
    time of an import into a young database.
    """
    names = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in FILLED)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE (SKIP_LOCKED) {names}")


def _check_now() -> None:
    """Rules of the database that wait for a commit speak now, since none will come."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
