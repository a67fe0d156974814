"""The page on which a file of costs or quotas is tried and taken in.

The rows travel with the page, signed: nothing is kept here before somebody says so.
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from core import errors
from core.texts import _, lazy, plural
from people.models import User
from reports.models.statement import Via
from reports.stated_files import table, taking
from reports.stated_files.plan import Line, Plan, Verdict
from reports.stated_files.table import Kept
from web.console import ledger_words
from web.console.books import Book

SHOWN = 200
VERDICTS = {
    Verdict.NEW: (lazy("New"), "plus", "ok"),
    Verdict.RESTATES: (lazy("Restates"), "pencil", "warn"),
    Verdict.SAME: (lazy("Known already"), "check", "none"),
    Verdict.REFUSED: (lazy("Refused"), "alert", "late"),
}
_FIRST = (Verdict.REFUSED, Verdict.RESTATES, Verdict.NEW, Verdict.SAME)


@dataclass(frozen=True, slots=True)
class Row:
    """One row in words."""

    row: int
    line: int
    verdict: str
    icon: str
    tone: str
    what: str
    notes: tuple[str, ...]
    number: int | None


@dataclass(frozen=True, slots=True)
class Figure:
    """How many rows have one verdict."""

    label: str
    count: str
    icon: str
    tone: str


@dataclass(frozen=True, slots=True)
class ImportPage:
    """The page; `packed` is empty before a file is there. `done`: it was taken in."""

    problem: str = ""
    name: str = ""
    packed: str = ""
    seen: str = ""
    reason: str = ""
    figures: tuple[Figure, ...] = ()
    rows: tuple[Row, ...] = ()
    more: int = 0
    writes: bool = False
    refused: int = 0
    done: str = ""
    told: tuple[str, ...] = ()


def upload(
    book: Book, file: UploadedFile[bytes] | None, *, by: User, too_large: bool
) -> ImportPage:
    """What would become of each row of a file. Raises DomainError for what is no table."""
    taking.require_may(book.key, by)
    if too_large:
        raise errors.InvalidInput(_("The file is too large: split it."))
    if file is None:
        raise errors.InvalidInput(_("Choose a file first."))
    with tempfile.TemporaryDirectory(prefix="leadgov-import-") as folder:
        name = Path(file.name or "file").name[:120]
        path = Path(folder) / f"upload{Path(name).suffix[:8]}"
        with path.open("wb") as out:
            for piece in file.chunks():
                out.write(piece)
        try:
            kept = table.read(path, name=name, folder=Path(folder))
        except errors.DomainError as refusal:
            told = refusal.message.replace(str(path), name).replace(path.name, name)
            raise errors.InvalidInput(told) from None
    return look(book, dataclasses.replace(kept, name=name), by=by)


def look(book: Book, kept: Kept, *, by: User, problem: str = "") -> ImportPage:
    """The page of a file that was read."""
    plan = taking.look(book.key, taking.rows_of(book.key, kept), by=by)
    return _page(kept, plan, problem=problem)


def take(book: Book, given: Mapping[str, str], *, by: User) -> ImportPage:
    """Take in what the page carries. What others changed meanwhile is shown first."""
    kept = table.unpack(given.get("packed", ""))
    taken = taking.take(
        book.key, taking.rows_of(book.key, kept), by=by, via=Via.FILE, name=kept.name,
        reason=given.get("reason", ""), seen=given.get("seen", "") or "-",
    )  # fmt: skip
    reason = given.get("reason", "")
    if taken.moved:
        told = _("Since you looked, somebody has changed entries that this file speaks of. Look "
                 "again before you take it in.")  # fmt: skip
        return _page(kept, taken.plan, problem=told, reason=reason)
    counts = taken.plan.counts
    done = _("Taken in: {new} new, {restated} restated, {same} known already, {refused} refused.")
    return _page(
        kept, taken.plan,
        done=done.format(
            new=counts[Verdict.NEW], restated=counts[Verdict.RESTATES], same=counts[Verdict.SAME],
            refused=counts[Verdict.REFUSED],
        ),
    )  # fmt: skip


def refused(book: Book, given: Mapping[str, str], *, by: User) -> Iterator[Sequence[str]]:
    """The refused rows as they were, each with what is wrong with it."""
    kept = table.unpack(given.get("packed", ""))
    plan = taking.look(book.key, taking.rows_of(book.key, kept), by=by)
    faults = [(one.row, one.why) for one in plan.lines if one.verdict is Verdict.REFUSED]
    return table.refused_rows(kept, faults)


def _page(
    kept: Kept, plan: Plan[Any], *, problem: str = "", reason: str = "", done: str = ""
) -> ImportPage:
    lines = sorted(plan.lines, key=lambda one: (_FIRST.index(one.verdict), one.row))
    counts = plan.counts
    return ImportPage(
        problem=problem,
        name=kept.name,
        packed=table.pack(kept),
        seen=plan.fingerprint,
        reason=reason,
        figures=tuple(
            Figure(str(label), f"{counts[verdict]:,}", icon, tone)
            for verdict, (label, icon, tone) in VERDICTS.items()
            if counts[verdict]
        ),
        rows=tuple(_row(one) for one in lines[:SHOWN]),
        more=max(0, len(lines) - SHOWN),
        writes=plan.writes and not done,
        refused=counts[Verdict.REFUSED],
        done=done,
        told=(plural(len(plan.lines), "row"), *kept.notes),
    )


def _row(line: Line[Any]) -> Row:
    label, icon, tone = VERDICTS[line.verdict]
    notes = [fault.message for fault in line.faults]
    if line.verdict is Verdict.RESTATES:
        notes += [_change(*one) for one in line.changes]
    return Row(
        row=line.row, line=line.line, verdict=str(label), icon=icon, tone=tone,
        what=_what(line.said), notes=tuple(notes), number=line.number,
    )  # fmt: skip


def _what(said: Any) -> str:
    """What a row says, as it was understood."""
    if said is None:
        return ""
    span = ledger_words.span(said.first_day, said.last_day)
    amount = ledger_words.money(said.amount, getattr(said, "currency", ""))
    if hasattr(said, "source"):
        parts = [ledger_words.SOURCES[said.source], span, amount, said.label, said.campaign]
    else:
        parts = [_named(said), span, amount]
    return " · ".join(str(one) for one in parts if one)


def _named(said: Any) -> str:
    return str(said.party or _("Company"))


def _change(name: str, old: str, new: str) -> str:
    labels = {**ledger_words.QUOTA_LABELS, **ledger_words.COST_LABELS}
    return _("{label}: {old} → {new}").format(label=labels[name], old=old or "–", new=new or "–")
