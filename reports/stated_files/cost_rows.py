"""Rows of a table of costs: what each says, and what would become of it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal

from core.errors import DomainError, FieldError
from core.texts import _
from leads.exchange import Rates
from leads.models import Channel, SourceCategory
from lifecycle.importing import mapping
from lifecycle.importing.reading import Row
from people.models import User
from reports import cost_acts, statements
from reports.cost_acts import Said
from reports.models import CostEntry
from reports.models.statement import Via
from reports.stated_files import columns, plan
from reports.stated_files.columns import Cells, Meanings
from reports.stated_files.plan import Line, Told, Verdict

KEPT = ("channel", "campaign", "label", "external_id", "note", "currency")
"""What an entry keeps where a table has no column for it."""


def told(row: Row, meanings: Meanings) -> Told[Said]:
    """What a row says. One that cannot be read has `faults`, with the heading of each."""
    if row.fault:
        return Told(row.number, row.line, None, (FieldError("", row.fault),))
    cells = Cells(row.cells, meanings)
    span, amount, entry = cells.span(), cells.amount(), cells.entry()
    source = _value(cells, "source", dict(SourceCategory.choices))
    channel = _value(cells, "channel", dict(Channel.choices))
    if not source and not cells.text("source"):
        cells.refuse("source", _("Say which source it is of, such as Paid or Event."))
    faults = list(cells.faults)
    said = None
    if span is not None and amount is not None and not faults:
        said, faults = _checked(cells, span, amount, source, channel)
    named = {target: meanings.headings[place] for target, place in meanings.places.items()}
    silent = frozenset(name for name in KEPT if name not in meanings.places)
    if cells.currency():
        silent -= {"currency"}
    return Told(
        row.number, row.line, said, plan.with_headings(faults, named), entry=entry, silent=silent
    )


class Planner:
    """Decides row by row, and minds what the rows before have said."""

    model = CostEntry

    def __init__(self, *, by: User) -> None:
        self.by = by
        rows = statements.heads(CostEntry).select_related("by").order_by("pk")
        self._heads = {row.number: row for row in rows}
        self._by_id: dict[str, list[int]] = {}
        self._by_key: dict[tuple[object, ...], list[int]] = {}
        self._rows: dict[int, int] = {}
        """By entry, the row of the table that spoke of it; of new ones by minus the row."""
        for number, head in self._heads.items():
            self._index(number, cost_acts.said_by(head))

    def decide(self, row: Told[Said]) -> Line[Said]:
        """What would become of a row."""
        if row.said is None or row.faults:
            return plan.refused(row)
        found = self._named(row.entry) if row.entry is not None else self._same(row.said)
        if isinstance(found, str):
            return plan.refused(row, FieldError("entry", found))
        if found is not None and found in self._rows:
            told = _("Row {row} of the file speaks of the same cost: give each its own label.")
            return plan.refused(row, FieldError("label", told.format(row=self._rows[found])))
        if found is None:
            return self._new(row)
        return self._again(row, self._heads[found])

    def write(
        self, line: Line[Said], *, via: Via, reason: str, now: dt.datetime, rates: Rates
    ) -> CostEntry:
        """Write down what was decided."""
        assert line.said is not None  # noqa: S101 - only such lines are written
        if line.verdict is Verdict.NEW:
            return cost_acts.write(line.said, by=self.by, via=via, now=now, rates=rates)
        head = self._heads[line.number or 0]
        return cost_acts.restate(
            head, line.said, reason=reason, by=self.by, via=via, now=now, rates=rates
        )

    def _new(self, row: Told[Said]) -> Line[Said]:
        said = row.said
        assert said is not None  # noqa: S101 - asked before
        if gone := self._withdrawn(said):
            return plan.refused(row, FieldError("", gone))
        self._rows[-row.row] = row.row
        self._index(-row.row, said)
        return Line(row.row, row.line, Verdict.NEW, said)

    def _again(self, row: Told[Said], head: CostEntry) -> Line[Said]:
        """The same as an entry, or something else: then it restates it."""
        before = cost_acts.said_by(head)
        assert row.said is not None  # noqa: S101 - asked before
        kept = {name: getattr(before, name) for name in row.silent}
        if not row.said.external_id:
            kept["external_id"] = before.external_id
        if not row.said.note:
            kept["note"] = before.note
        said = dataclasses.replace(row.said, **kept)
        others = [one for one in self._like(said) if one != head.number and self._counts(one)]
        if others:
            told = _("It would say the same as entry #{number}.").format(number=others[0])
            return plan.refused(row, FieldError("", told))
        self._rows[head.number] = row.row
        changes = differences(before, said)
        verdict = Verdict.RESTATES if changes else Verdict.SAME
        return Line(row.row, row.line, verdict, said, head.number, head.version, changes=changes)

    def _named(self, number: int) -> int | str:
        """The entry a row names, or why it cannot be meant."""
        head = self._heads.get(number)
        if head is None:
            return _("There is no entry #{number}: leave its number empty.").format(number=number)
        if head.withdrawn:
            return _("Entry #{number} was withdrawn by {who}; it does not count.").format(
                number=number, who=head.by or _("the worker")
            )
        return number

    def _same(self, said: Said) -> int | None:
        return next((one for one in self._like(said) if self._counts(one)), None)

    def _like(self, said: Said) -> list[int]:
        """Entries and rows that speak of the same cost, those with its id first."""
        by_id = self._by_id.get(said.external_id, []) if said.external_id else []
        by_key = self._by_key.get(_key(said), [])
        if said.external_id:
            by_key = [one for one in by_key if one in self._heads
                      and not self._heads[one].external_id]  # fmt: skip
        return [*by_id, *(one for one in by_key if one not in by_id)]

    def _counts(self, number: int) -> bool:
        return number < 0 or not self._heads[number].withdrawn

    def _withdrawn(self, said: Said) -> str:
        """Why a cost that somebody withdrew is not taken in again as it was."""
        for number in self._like(said):
            head = self._heads[number]
            kept = dataclasses.replace(said, external_id=head.external_id, note=head.note)
            if head.withdrawn and not differences(cost_acts.said_by(head), kept):
                return _(
                    "Entry #{number} said this and was withdrawn by {who} ({reason}). Enter it on "
                    "the page if it counts after all."
                ).format(number=number, who=head.by or _("the worker"), reason=head.reason)
        return ""

    def _index(self, number: int, said: Said) -> None:
        self._by_key.setdefault(_key(said), []).append(number)
        if said.external_id:
            self._by_id.setdefault(said.external_id, []).append(number)


def differences(before: Said, said: Said) -> tuple[tuple[str, str, str], ...]:
    """Which fields say something else: name, before, after."""
    found = []
    for one in dataclasses.fields(Said):
        old, new = getattr(before, one.name), getattr(said, one.name)
        if old != new:
            found.append((one.name, str(old), str(new)))
    return tuple(found)


def _checked(
    cells: Cells, span: tuple[dt.date, dt.date], amount: Decimal, source: str, channel: str
) -> tuple[Said | None, list[FieldError]]:
    """What a row says, tidied up; or what is wrong with it."""
    said = Said(
        first_day=span[0], last_day=span[1], source=source, channel=channel, amount=amount,
        currency=cells.currency(), campaign=cells.text("campaign"), label=cells.text("label"),
        external_id=cells.text("external_id"), note=cells.text("note"),
    )  # fmt: skip
    try:
        return cost_acts.checked(said), []
    except DomainError as refusal:
        return None, refusal.errors


def _value(cells: Cells, target: str, choices: dict[str, str]) -> str:
    """Our value for a word of the table; empty where nothing is said, or nothing we know."""
    text = cells.text(target)
    folded = mapping.fold(text) if text else ""
    ours = {mapping.fold(one): key for key, label in choices.items() for one in (key, label)}
    found = ours.get(folded) or columns.words(target).get(folded, "")
    if text and not found:
        known = ", ".join(choices.values())
        told = _("“{text}” is none of ours: use one of {known}.")
        cells.refuse(target, told.format(text=text[:40], known=known))
    return found


def _key(said: Said) -> tuple[object, ...]:
    """What tells costs apart that have no number of their own."""
    return (said.first_day, said.last_day, said.source, said.campaign.casefold(),
            said.label.casefold())  # fmt: skip
