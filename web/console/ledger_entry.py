"""One cost or quota: what it says, and every row that led there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.texts import _
from people.models import User
from reports import statements
from reports.models import CostEntry
from reports.models.statement import Kind, Statement, Via
from web.console import ledger_words, words
from web.console.ledger_words import Mark


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the chain in words."""

    kind: str
    icon: str
    by: str
    at: dt.datetime
    via: str
    reason: str
    changes: tuple[str, ...]
    is_late: bool


@dataclass(frozen=True, slots=True)
class EntryPage:
    """The page."""

    number: int
    title: str
    amount: str
    marks: tuple[Mark, ...]
    facts: tuple[tuple[str, str], ...]
    steps: tuple[Step, ...]
    version: int
    counts: bool
    may_act: bool
    may_undo: bool


def build(
    rows: Sequence[Any], *, labels: dict[str, str], reader: User, may_act: bool, now: dt.datetime
) -> EntryPage:
    """The page of a chain, its first row first. Their people should be loaded."""
    head = rows[-1]
    facts = [
        (str(label), ledger_words.value(head, name))
        for name, label in labels.items()
        if name != "amount_base" or ledger_words.value(head, name)
    ]
    if isinstance(head, CostEntry) and head.rate is not None and head.rate != 1:
        told = _("{rate} of {day}")
        rate = told.format(rate=head.rate.normalize(), day=ledger_words.day(head.rate_date))  # type: ignore[arg-type]
        facts.append((_("Rate"), rate))
    what = "party" if "party" in labels else "source"
    return EntryPage(
        number=head.number,
        title=_("{what}, {span}").format(
            what=ledger_words.value(head, what),
            span=ledger_words.span(head.first_day, head.last_day),
        ),
        amount=ledger_words.value(head, "amount"),
        marks=ledger_words.marks(head),
        facts=tuple((label, value or words.DASH) for label, value in facts),
        steps=tuple(_step(row) for row in reversed(rows)),
        version=head.version,
        counts=not head.withdrawn,
        may_act=may_act,
        may_undo=may_act and statements.may_undo(head, reader, now=now),
    )


def _step(row: Statement) -> Step:
    kind, icon = ledger_words.KINDS[Kind(row.kind)]
    late = any(mark.icon == "alarm" for mark in ledger_words.marks(row))
    return Step(
        kind=str(kind),
        icon=icon,
        by=str(row.by or _("Worker")),
        at=row.recorded_at,
        via=str(ledger_words.VIAS[Via(row.via)]),
        reason="" if row.reason == statements.BACK else row.reason,
        changes=tuple(ledger_words.changes(row)),
        is_late=late,
    )
