"""Everything one act writes, gathered in memory and flushed in a fixed number of statements.

A batch of a thousand touches and a single click use the same ledger. Nothing is written before
`flush`; what refers to a row not yet written gets its id there.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import models

from core import bulk, made
from governance.kit import Kit
from leads import outbox
from leads.models import EventKind, Lead, LeadEvent, Outbox

T = TypeVar("T")
M = TypeVar("M", bound=models.Model)


class Ledger:
    """New rows, changed rows and events of one transaction, under one kit, at one instant."""

    def __init__(
        self,
        *,
        kit: Kit,
        now: dt.datetime,
        actor: str,
        by_id: int | None = None,
        reason: str | None = None,
        quiet: bool = False,
    ) -> None:
        """`actor` is who or what acts; `by_id` the person; `quiet` sends nothing to consumers."""
        self.kit = kit
        self.now = now
        self.actor = actor
        self.by_id = by_id
        self.reason = reason
        self.quiet = quiet
        self._new: dict[type[models.Model], list[models.Model]] = defaultdict(list)
        self._fresh: set[int] = set()
        self._changed: dict[int, tuple[models.Model, set[str]]] = {}
        self._told: list[models.Model] = []
        self._named: list[tuple[models.Model, str, models.Model]] = []
        self._once: dict[Any, Any] = {}
        self._last: list[Callable[[], None]] = []
        self._followed: dict[tuple[str, int], LeadEvent] = {}

    def once(self, make: Callable[[Ledger], T]) -> T:
        """What the whole act shares, such as what it has read; made when first asked for."""
        if make not in self._once:
            self._once[make] = make(self)
        found: T = self._once[make]
        return found

    def add(self, row: models.Model, *, written: bool = False) -> None:
        """A row to insert; `written` if it is in the table already and only needs history."""
        if written:
            self._told.append(row)
        else:
            self._new[type(row)].append(row)
            self._fresh.add(id(row))

    def change(self, row: models.Model, *fields: str) -> None:
        """Columns of an existing row that have new values."""
        if id(row) not in self._fresh:
            self._changed.setdefault(id(row), (row, set()))[1].update(fields)

    def before_flush(self, finish: Callable[[], None]) -> None:
        """Have this done when all is known, right before it is written."""
        self._last.append(finish)

    def name(self, row: models.Model, column: str, other: models.Model) -> None:
        """A plain column that is to hold the id of another row, written already or not."""
        self.change(row, column)
        self._named.append((row, column, other))

    def is_new(self, row: models.Model) -> bool:
        """Whether a row is to be inserted and can still be given other values."""
        return id(row) in self._fresh

    def added(self, model: type[M]) -> list[M]:
        """The rows of a model that are to be inserted, in their order."""
        rows: list[M] = self._new.get(model, [])  # type: ignore[assignment]
        return rows

    def has_changed(self, row: models.Model) -> bool:
        """Whether an existing row was given new values."""
        return id(row) in self._changed

    def event(
        self,
        lead: Lead,
        kind: EventKind,
        *,
        because: dict[str, Any] | None = None,
        cause: LeadEvent | None = None,
        at: dt.datetime | None = None,
        quiet: bool = False,
        **columns: Any,
    ) -> LeadEvent:
        """Append one event to the lead's log and tell every consumer registered for its kind."""
        lead.version += 1
        event = made.row(
            LeadEvent,
            lead=lead,
            sequence=lead.version,
            kind=kind,
            cycle=lead.cycle,
            by_id=self.by_id,
            actor=self.actor,
            because=because or {},
            cause=cause,
            kit_id=self.kit.id,
            at=at or self.now,
            recorded_at=self.now,
            **columns,
        )
        self.add(event)
        self.change(lead, "version")
        if not (self.quiet or quiet):
            for consumer in outbox.consumers_of(kind):
                self.add(made.row(Outbox, event=event, consumer=consumer, due_at=self.now))
        for consumer in outbox.followers_of(kind):
            self._followed[consumer, id(lead)] = event
        return event

    def flush(self) -> None:
        """Write everything: ids first, then changes, then new rows, then field history."""
        for finish in self._last:
            finish()
        self._last.clear()
        for (consumer, _), event in self._followed.items():
            self.add(made.row(Outbox, event=event, consumer=consumer, due_at=self.now))
        self._number()
        for row, column, other in self._named:
            setattr(row, column, other.pk)
        for rows in self._new.values():
            for row in rows:
                _refer(row)
        for row, _ in self._changed.values():
            _refer(row)
        script = bulk.Script()
        self._write_changes(script)
        for rows in self._new.values():
            script.insert(rows)
        self._write_history(script)
        script.run()
        self._new.clear()
        self._fresh.clear()
        self._changed.clear()
        self._told.clear()
        self._named.clear()
        self._followed.clear()

    def _number(self) -> None:
        missing = {
            model: [row for row in rows if row.pk is None] for model, rows in self._new.items()
        }
        ids = bulk.reserve({model: len(rows) for model, rows in missing.items()})
        for model, rows in missing.items():
            for row, pk in zip(rows, ids.get(model, []), strict=True):
                row.pk = pk

    def _write_changes(self, script: bulk.Script) -> None:
        by_model: dict[type[models.Model], list[models.Model]] = defaultdict(list)
        columns: dict[type[models.Model], set[str]] = defaultdict(set)
        for row, fields in self._changed.values():
            by_model[type(row)].append(row)
            columns[type(row)] |= fields
        for model, rows in by_model.items():
            script.update(sorted(rows, key=lambda row: row.pk), sorted(columns[model]))

    def _write_history(self, script: bulk.Script) -> None:
        new = [row for rows in self._new.values() for row in rows if _keeps_history(type(row))]
        for rows in _by_model([*new, *self._told]).values():
            self._past(rows, "+", script)
        fresh = {id(row) for row in self._told}
        changed = [
            row
            for row, fields in self._changed.values()
            if _keeps_history(type(row)) and id(row) not in fresh and fields & _tracked(type(row))
        ]
        for rows in _by_model(changed).values():
            self._past(rows, "~", script)

    def _past(self, rows: list[models.Model], change: str, script: bulk.Script) -> None:
        script.history(rows, change=change, at=self.now, by_id=self.by_id, reason=self.reason)


def _by_model(rows: list[models.Model]) -> dict[type[models.Model], list[models.Model]]:
    groups: dict[type[models.Model], list[models.Model]] = defaultdict(list)
    for row in rows:
        groups[type(row)].append(row)
    return groups


@functools.cache
def _keeps_history(model: type[models.Model]) -> bool:
    return hasattr(model, "history")


@functools.cache
def _tracked(model: type[models.Model]) -> frozenset[str]:
    return frozenset(field.name for field in model.history.model.tracked_fields)  # type: ignore[attr-defined]


def _refer(row: models.Model) -> None:
    """Take over ids that related rows got after this row was made."""
    content, known = row.__dict__, row._state.fields_cache
    if not known:
        return
    for column, name in _relations(type(row)):
        related = known.get(name)
        if related is not None and content.get(column) is None:
            content[column] = related.pk


@functools.cache
def _relations(model: type[models.Model]) -> list[tuple[str, str]]:
    """Column and name of each relation that a row holds itself."""
    return [(f.attname, f.name) for f in model._meta.concrete_fields if f.is_relation]
