"""One row of a table to one touch, by a mapping. Pure.

Nothing a row says is lost: what no target takes, and what cannot be read as its target, is kept
as a field of the touch; what does not even fit there is named in the row's remarks.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from core import spreadsheets
from core.errors import FieldError
from leads import cleansing, intake, own_fields, past
from lifecycle.importing import converting, mapping
from lifecycle.importing.converting import NoValue
from lifecycle.importing.mapping import BadMapping, Column, Meanings
from lifecycle.importing.reading import Row
from lifecycle.importing.tables import Table
from lifecycle.importing.telling import Cell

LONGEST_FIELD = 2_000
PAST = "history."
STAGE = "history.stage"
ONLY_KEPT = "{} is only kept as a field. {}"
UNKNOWN_STAGE = "{}: “{}” is no stage that is known here; it is only kept as a field."
SHOWN = frozenset(("history.owner", "history.reason", "history.amount"))
"""Targets whose words may find nothing here: they are kept as fields, too."""

IDENTITY = frozenset(("external_id", "person.email", "person.phone"))
_GUARDED = tuple(f"'{sign}" for sign in spreadsheets.STARTS_FORMULA)
"""What we and others put before a cell that a spreadsheet would take for a formula."""


@dataclass(frozen=True, slots=True)
class Translation:
    """A touch and the key that makes it one however often it is imported; or what is wrong.

    `cells` tells by target where in the file a value stands.
    """

    body: dict[str, Any]
    key: str
    external_id: str
    number: int = 0
    errors: tuple[FieldError, ...] = ()
    remarks: tuple[str, ...] = ()
    cells: Mapping[str, Cell] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """A mapping bound to the headings of one table: targets to columns, and the rest."""

    meanings: Meanings
    headings: tuple[str, ...]
    taken: tuple[tuple[Column, tuple[int, ...]], ...]
    kept: tuple[int, ...]
    channel: str
    digest: str
    doubts: tuple[str, ...] = ()

    @property
    def unread(self) -> str:
        """The columns that no target takes, in a sentence; empty if all are read."""
        taken = {place for _, places in self.taken for place in places}
        names = [self.headings[place] for place in self.kept if place not in taken]
        return f"Kept with the touchpoint as fields: {_shown(names)}." if names else ""

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Heading and target, as people are shown them."""
        for column, places in self.taken:
            for place in places:
                yield self.headings[place], column.target


def bind(
    meanings: Meanings, table: Table, *, channel: str | None = None, live: bool = False
) -> Plan:
    """Find the mapping's headings in the table. Raises BadMapping when no buyer could be told.

    What comes in `live` has no past with us: columns that tell one are kept as fields.
    """
    if live:
        present = tuple(one for one in meanings.columns if not one.target.startswith(PAST))
        same = {name: one for name, one in meanings.constants.items() if not name.startswith(PAST)}
        meanings = replace(meanings, columns=present, constants=same)
    require_identity(meanings, table.headings, name=table.name)
    taken = _taken(meanings, table.headings)
    ignored = {meanings.folded(heading) for heading in meanings.ignored}
    kept = tuple(
        place for place, name in enumerate(table.headings) if meanings.folded(name) not in ignored
    )
    plan = Plan(meanings, table.headings, tuple(taken), kept, channel or "", table.digest)
    return _with_formats(plan, table)


def require_identity(meanings: Meanings, headings: Sequence[str], *, name: str) -> None:
    """Raises BadMapping when none of the columns tells who a buyer is."""
    if not IDENTITY & {column.target for column, _ in _taken(meanings, headings)}:
        raise BadMapping(
            f"By the mapping “{meanings.name}” no column of {name} holds an e-mail "
            f"address, a phone number or an id. Its headings are: {_shown(headings)}."
        )


def _taken(meanings: Meanings, headings: Sequence[str]) -> list[tuple[Column, tuple[int, ...]]]:
    places: dict[str, list[int]] = {}
    for place, heading in enumerate(headings):
        places.setdefault(meanings.folded(heading), []).append(place)
    taken = []
    for column in meanings.columns:
        wanted = dict.fromkeys(meanings.folded(heading) for heading in column.headings)
        found = tuple(place for name in wanted for place in places.get(name, ()))
        if found:
            taken.append((column, found))
    return taken


def _with_formats(plan: Plan, table: Table) -> Plan:
    """Settle which of several forms of date a column uses, by looking at all of it."""
    taken, doubts = [], []
    for column, places in plan.taken:
        settled = column
        if column.convert == "instant":
            texts = (row.cells[place].strip() for row in table if row.cells for place in places)
            known = column.formats
            if table.native_dates and "iso" not in known:
                known = ("iso", *known)
            formats, doubt = converting.settle_formats(
                (text for text in texts if text), known, plan.meanings.zone
            )
            settled = replace(column, formats=formats)
            doubts += [f"{plan.headings[places[0]]}: {doubt}"] if doubt else []
        taken.append((settled, places))
    return replace(plan, taken=tuple(taken), doubts=tuple(doubts))


def translate(row: Row, plan: Plan) -> Translation:
    """What a row says, as a touch that intake can read."""
    reading = _Reading(row, plan)
    for column, places in plan.taken:
        reading.take(column, places)
    reading.complete()
    return reading.translation()


def faults(found: Translation, *, now: dt.datetime, live: bool) -> tuple[FieldError, ...]:
    """All that is wrong with a row, so that it is mended once."""
    return (*found.errors, *intake.read(found.body, now=now, historical=not live).errors)


class _Reading:
    """The touch of one row while it is put together."""

    def __init__(self, row: Row, plan: Plan) -> None:
        self.row, self.plan = row, plan
        self.cells = [self._answer(cell) for cell in row.cells]
        self.values: dict[str, Any] = dict(plan.meanings.constants)
        self.used: dict[str, int] = {}
        self.told: dict[str, Cell] = {}
        self.errors: list[FieldError] = []
        self.remarks: list[str] = [row.remark] if row.remark else []

    def _answer(self, cell: str) -> str:
        text = cell.strip()
        if text in self.plan.meanings.unanswered:
            return ""
        return text[1:] if text.startswith(_GUARDED) else text

    def take(self, column: Column, places: Sequence[int]) -> None:
        """Give a target the first of its columns that holds something readable."""
        for place in places:
            text = self.cells[place]
            if not text:
                continue
            self.told[column.target] = Cell(self.plan.headings[place], text)
            try:
                value = self._read(column, text)
            except NoValue as fault:
                self._unread(column, place, str(fault))
                continue
            if value in ("", None):
                if column.target == STAGE:
                    self.remarks.append(UNKNOWN_STAGE.format(self.plan.headings[place], text[:60]))
                continue
            self.values[column.target] = value
            # A value that was not taken over as it stands is kept as it stands, too.
            if (
                column.words
                or column.target in SHOWN
                or (column.convert in ("opt_in", "opt_out", "email", "phone") and value != text)
            ):
                return
            self.used[column.target] = place
            return

    def _read(self, column: Column, text: str) -> Any:
        if column.words:
            known = column.words.get(mapping.fold(text))
            return known or column.words.get(mapping.plain(text), "")
        if column.convert == "instant":
            return converting.instant(text, column.formats, self.plan.meanings.zone).isoformat()
        if column.convert in converting.READERS:
            found = converting.READERS[column.convert](text)
            if column.convert != "phone" or not isinstance(found, str):
                return found
            text = found
        limit = _limit(column.target)
        if limit and len(text) > limit:
            raise NoValue(f"It has {len(text):,} characters; at most {limit:,} fit.")
        return text

    def _unread(self, column: Column, place: int, fault: str) -> None:
        heading = self.plan.headings[place]
        if column.convert == "instant":
            # A wrong instant would make a false history; the row waits until the form is told.
            self.errors.append(FieldError(column.target, fault, "instant"))
        else:
            self.remarks.append(ONLY_KEPT.format(heading, fault))

    def complete(self) -> None:
        """Names in one piece are split; the channel is said; what is left becomes fields."""
        full = self.values.pop("person.full_name", "")
        if full and not (self.values.keys() & {"person.first_name", "person.last_name"}):
            first, last = cleansing.split_full_name(full)
            self.values |= {"person.first_name": first[:120], "person.last_name": last[:120]}
        else:
            self.used.pop("person.full_name", None)
        if self.plan.channel:
            self.values["channel"] = self.plan.channel
        self.values.setdefault("channel", "IMPORT")
        if not self.values.keys() & IDENTITY:
            self._give_back_email()

    def _give_back_email(self) -> None:
        """Without any key the row is refused; let intake say what is wrong with its e-mail."""
        for column, places in self.plan.taken:
            if column.target == "person.email":
                found = [self.cells[place] for place in places if self.cells[place]]
                self.values |= {"person.email": found[0][:320]} if found else {}
                kept = [ONLY_KEPT.format(self.plan.headings[place], "") for place in places]
                self.remarks = [one for one in self.remarks if not one.startswith(tuple(kept))]

    def translation(self) -> Translation:
        """The touch, its key, and what was noticed."""
        body: dict[str, Any] = {}
        own = {name: self.values.pop(name) for name in list(self.values) if own_fields.is_one(name)}
        for target, value in sorted(self.values.items()):
            section, _, name = target.rpartition(".")
            (body.setdefault(section, {}) if section else body)[name] = value
        if fields := self._fields() | own:
            body["fields"] = fields
        text = json.dumps(body, sort_keys=True, ensure_ascii=True)
        digest = hashlib.sha256(text.encode()).hexdigest()
        external_id = str(self.values.get("external_id", ""))
        if external_id:
            key = f"record:{digest}"
        else:
            key = f"row:{self.plan.digest[:40]}:{self.row.number}:{digest[:40]}"
        return Translation(
            body, key, external_id, self.row.number, tuple(self.errors), tuple(self.remarks),
            self.told,
        )  # fmt: skip

    def _fields(self) -> dict[str, str]:
        fields: dict[str, str] = {}
        left_out = []
        used = set(self.used.values())
        for place in self.plan.kept:
            text = self.cells[place]
            if not text or place in used:
                continue
            heading = self.plan.headings[place]
            if len(fields) >= intake.MOST_FIELDS:
                left_out.append(heading)
                continue
            if len(text) > LONGEST_FIELD:
                self.remarks.append(f"{heading} is cut to {LONGEST_FIELD:,} characters.")
            fields[heading] = text[:LONGEST_FIELD]
        if left_out:
            self.remarks.append(
                f"Not kept, beyond {intake.MOST_FIELDS} fields: {_shown(left_out)}."
            )
        return fields


def _limit(target: str) -> int | None:
    if own_fields.is_one(target):
        return LONGEST_FIELD
    section, _, name = target.rpartition(".")
    if not section:
        return {"note": 5_000, "external_url": 500}.get(name)
    limits = past.WORDS if section == "history" else intake.LIMITS.get(section, {})
    return limits.get(name)


def _shown(headings: Sequence[str], most: int = 20) -> str:
    more = f" and {len(headings) - most} more" if len(headings) > most else ""
    return ", ".join(headings[:most]) + more
