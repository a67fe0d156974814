"""Rows in batches through intake and pipeline, every one accounted for.

A batch is stored in one transaction and advanced in the next, as every door does it; what is
stored stays, so an import that is stopped goes on where it was when it is run again.
A dry run does exactly the same work batch by batch, each in a transaction that is rolled back;
`rehearsing` brings along the earlier rows that a batch may meet.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.db import connection, transaction

from core.errors import FieldError
from governance import selectors as kits
from leads import past
from leads.models import (
    Account,
    IdentityKey,
    Lead,
    LeadEvent,
    Person,
    ScorePart,
    ScoreRecord,
    Touch,
    TouchStatus,
)
from lifecycle import batches, intake, pipeline
from lifecycle.importing import telling, translating
from lifecycle.importing.reading import Row
from lifecycle.importing.rehearsing import Rehearsal
from lifecycle.importing.report import Fate, Verdict
from lifecycle.importing.tables import Table
from lifecycle.importing.translating import Plan, Translation
from lifecycle.intake import Received

USUAL_BATCH = 500
MOST_IN_BATCH = 5_000
FIRST_LOOK = 100
"""After so many rows, and whenever there are four times as many, the planner is told of them."""
TRIES = 5
"""How often a batch is rehearsed that collides with others."""
REHEARSING = 0x4C45_4144_5245_4801
"""The number of the lock that one rehearsal holds at a time."""
FILLED = (Account, IdentityKey, Lead, LeadEvent, Person, ScorePart, ScoreRecord, Touch)

Settle: TypeAlias = Callable[[Sequence[Fate]], None]
"""Is told the fates of each batch when they are settled."""
Ours: TypeAlias = Callable[[Sequence[int]], "set[int]"]
"""Of touches that were there before: those an earlier attempt of this very run brought in."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to import: as history or as if it came in now; for real or not; how much at once.

    `held` rows are stored for a later release; a dry run decides them as if they came now.
    """

    live: bool = False
    dry_run: bool = False
    batch_size: int = USUAL_BATCH
    held: bool = False

    @property
    def holds(self) -> bool:
        """Whether rows are stored only."""
        return self.held and not self.dry_run


@dataclass(frozen=True, slots=True)
class _Entry:
    """A row with its touch, if it could be read at all."""

    row: Row
    translation: Translation | None
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of one touch, not yet told in the words of its row."""

    verdict: Verdict
    lead: str = ""
    touch: str = ""
    errors: tuple[FieldError, ...] = ()
    noticed: tuple[FieldError, ...] = ()


def run(
    table: Table,
    plan: Plan,
    *,
    options: Options,
    settle: Settle,
    go_on: Callable[[], None] = lambda: None,
    done: int = 0,
    ours: Ours | None = None,
) -> None:
    """Import a table from the row after `done` on. Raises NoActiveKit when there is no kit.

    `settle` is told the fates of each batch; `go_on` is asked after each, and raises to stop.
    `ours` is asked for the first batch of an attempt that takes up what another one left.
    """
    with transaction.atomic():
        kits.active_kit()
    rehearsal = Rehearsal.of(table, plan) if options.dry_run else None
    rows = iter(table)
    for row in itertools.islice(rows, done):
        if rehearsal is not None and not row.fault:
            rehearsal.remember(translating.translate(row, plan))
    settled, look_again = 0, FIRST_LOOK
    while batch := list(itertools.islice(rows, options.batch_size)):
        # What is held and not told would wait for ever: both or neither.
        with transaction.atomic() if options.holds else nullcontext():
            fates = _batch(batch, plan, options, rehearsal, ours if not settled else None)
            settle(fates)
        go_on()
        settled += len(fates)
        if settled >= look_again and rehearsal is None:
            _measure_tables()
            look_again = settled * 4


def _batch(
    rows: Sequence[Row],
    plan: Plan,
    options: Options,
    rehearsal: Rehearsal | None,
    ours: Ours | None,
) -> list[Fate]:
    entries = [_entry(row, plan, live=options.live) for row in rows]
    if rehearsal is None:
        return _import(entries, plan, options, ours)
    good = [one.translation for one in entries if one.translation and not one.errors]
    fates = _rehearse(entries, rehearsal.met_by(good), plan, options)
    for translation in good:
        rehearsal.remember(translation)
    return fates


def _rehearse(
    entries: Sequence[_Entry], met: Sequence[Translation], plan: Plan, options: Options
) -> list[Fate]:
    """What would become of the rows after those they meet; where others were in the way, again."""
    for _ in range(TRIES - 1):
        try:
            return _rehearse_once(entries, met, plan, options)
        except Exception as error:
            if not batches.lost_a_race(error):
                raise
    return _rehearse_once(entries, met, plan, options)


def _rehearse_once(
    entries: Sequence[_Entry], met: Sequence[Translation], plan: Plan, options: Options
) -> list[Fate]:
    """Do the work and undo it. It takes locks twice, so two at a time would deadlock."""
    with transaction.atomic():
        _one_at_a_time()
        _take_in(met, plan, options)
        fates = _import(entries, plan, options, None)
        _check_now()
        transaction.set_rollback(True)
    return fates


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [REHEARSING])


def _import(
    entries: Sequence[_Entry], plan: Plan, options: Options, ours: Ours | None
) -> list[Fate]:
    good = [one.translation for one in entries if one.translation and not one.errors]
    received, receipts, before = _take_in(good, plan, options, ours)
    waiting = [one.touch_id for one in received if one.touch_id and one.touch_id not in receipts]
    reasons = {} if options.holds else _reasons_of_parked(waiting)
    outcomes = _outcomes(received, receipts, before, reasons, held=options.holds)
    return [
        _refused(one) if one.errors or one.translation is None else _fate(one, next(outcomes))
        for one in entries
    ]


def _take_in(
    touches: Sequence[Translation], plan: Plan, options: Options, ours: Ours | None = None
) -> tuple[list[Received], dict[int, dict[str, Any]], set[int]]:
    """Receive and advance; returns also which touches somebody else had advanced before."""
    received = intake.receive(
        [one.body for one in touches],
        scope=plan.meanings.system,
        keys=[one.key for one in touches],
        historical=not options.live,
        held=options.holds,
    )
    before = _advanced_before(received)
    if ours is not None and before:
        before -= ours(sorted(before))
    if options.holds:
        return received, {}, before
    ids = [one.touch_id for one in received if one.touch_id is not None]
    receipts = pipeline.advance(ids, within=options.dry_run)
    return received, receipts, before


def _entry(row: Row, plan: Plan, *, live: bool) -> _Entry:
    if row.fault:
        return _Entry(row, None, (FieldError("", row.fault, "unreadable"),))
    found = translating.translate(row, plan)
    wrong = translating.faults(found, now=past.LATEST, live=live) if found.errors else ()
    return _Entry(row, found, wrong)


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
    *,
    held: bool,
) -> Iterator[_Outcome]:
    """What became of the touches, in order."""
    seen = set(before)
    for one in received:
        if one.touch_id is None:
            yield _Outcome(Verdict.REJECTED, errors=one.errors)
            continue
        receipt = receipts.get(one.touch_id)
        lead = str(receipt["lead"]) if receipt else ""
        touch = str(one.touch_id)
        if one.touch_id in seen:
            yield _Outcome(Verdict.REPLAYED, lead, touch)
        elif held:
            yield _Outcome(Verdict.HELD, "", touch)
        elif receipt is None:
            reason = reasons.get(one.touch_id, "").partition("\n")[0]
            why = FieldError("", reason or "Not decided yet.", "parked")
            yield _Outcome(Verdict.PARKED, "", touch, errors=(why,))
        else:
            noticed = tuple(FieldError(**one) for one in receipt.get("remarks", ()))
            yield _Outcome(Verdict(receipt["outcome"]), lead, touch, noticed=noticed)
        seen.add(one.touch_id)


def _fate(entry: _Entry, outcome: _Outcome) -> Fate:
    translation = entry.translation
    if translation is None:
        return _refused(entry)
    cells = translation.cells
    return Fate(
        entry.row.number,
        entry.row.line,
        outcome.verdict,
        outcome.lead,
        outcome.touch,
        translation.external_id,
        outcome.errors,
        telling.sentences(outcome.errors, cells),
        (*translation.remarks, *telling.sentences(outcome.noticed, cells)),
    )


def _refused(entry: _Entry) -> Fate:
    translation = entry.translation
    return Fate(
        entry.row.number,
        entry.row.line,
        Verdict.REJECTED,
        external_id=translation.external_id if translation else "",
        errors=entry.errors,
        faults=telling.sentences(entry.errors, translation.cells if translation else {}),
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
