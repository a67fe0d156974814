"""Which column of a table means what, and one row by these meanings. Pure."""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import yaml

from core.errors import FieldError
from leads import amounts
from lifecycle.importing import mapping
from lifecycle.importing.mapping import UNANSWERED
from lifecycle.importing.reading import OURS, Unreadable
from reports.stated_files import days

HERE = Path(__file__).parent
_CURRENCY = re.compile(r"^(?P<bare>.*?)[\s(\[,]*(?:in )?(?P<code>[A-Z]{3}|€|\$|£)[)\]]?$")
_IN_CELL = re.compile(r"(?:^(?P<ahead>[A-Z]{3}|€|\$|£)\s?)|(?:\s?(?P<behind>[A-Z]{3}|€|\$|£)$)")
_PLAIN = re.compile(r"-?\d+\.\d+")
_COUNT = re.compile(r"\d{1,9}(?:[.,]0+)?")


@dataclass(frozen=True, slots=True)
class Meanings:
    """Places of columns by what they mean. `currency` is what the heading of the amounts says;
    `order` whether days like 3/4/2026 begin with day or month; `native`: cells are a workbook's.
    """

    headings: tuple[str, ...]
    places: Mapping[str, int]
    currency: str = ""
    order: str = ""
    native: bool = False

    def heading(self, target: str) -> str:
        """What the file calls it; our own word where it has no such column."""
        place = self.places.get(target)
        return self.headings[place] if place is not None else target.replace("_", " ")


@dataclass(slots=True)
class Cells:
    """One row, read column by column; what cannot be read is in `faults`."""

    cells: Sequence[str]
    meanings: Meanings
    faults: list[FieldError] = field(default_factory=list)

    def text(self, target: str) -> str:
        """What a column says; empty where it was not answered."""
        place = self.meanings.places.get(target)
        cell = self.cells[place].strip() if place is not None and place < len(self.cells) else ""
        # An apostrophe keeps spreadsheets from running a cell; it is no part of it.
        bare = cell[1:] if cell.startswith("'") and cell[1:2] in tuple("=+-@") else cell
        return "" if bare in UNANSWERED else bare

    def refuse(self, target: str, message: str) -> None:
        """Say what is wrong with a column of this row."""
        self.faults.append(FieldError(target, message))

    def span(self) -> tuple[dt.date, dt.date] | None:
        """The days of a row: by first and last day, else by its month or quarter."""
        try:
            if self.text("first_day"):
                first = days.day(self.text("first_day"), self.meanings.order)
                last = self.text("last_day")
                return first, days.day(last, self.meanings.order) if last else first
            if self.text("span"):
                return days.span(self.text("span"))
        except days.NoDays as why:
            named = "span" if not self.text("first_day") else "first_day"
            self.refuse(named, str(why))
            return None
        named = "span" if "span" in self.meanings.places else "first_day"
        self.refuse(named, "Say the days: a month such as 2026-10, or a first and a last day.")
        return None

    def amount(self) -> Decimal | None:
        """The amount of a row, without its currency."""
        text = self.text("amount")
        if not text:
            self.refuse("amount", "An amount is missing; write 0 for what cost nothing.")
            return None
        if self.meanings.native and _PLAIN.fullmatch(text):
            return Decimal(text)  # a workbook parts no thousands: 1234.567 is a thousand and some
        amount = amounts.money(_IN_CELL.sub("", text))
        if amount is None:
            self.refuse("amount", f"“{text[:40]}” is no amount: write 1234.50 or 1.234,50.")
        return amount

    def currency(self) -> str:
        """The currency of a row: its own column, else the amount's cell, else its heading."""
        found = _IN_CELL.search(self.text("amount"))
        in_cell = (found["ahead"] or found["behind"]) if found else ""
        said = self.text("currency") or in_cell or self.meanings.currency
        return amounts.currency(said) or said if said else ""

    def count(self, target: str) -> int | None:
        """A whole number; None where nothing is said."""
        text = self.text(target)
        if not text:
            return None
        if not _COUNT.fullmatch(text):
            self.refuse(target, f"“{text[:40]}” is no whole number.")
            return None
        return int(re.split("[.,]", text)[0])

    def entry(self) -> int | None:
        """The number of an entry here, where the table names one."""
        text = self.text("entry").removeprefix("#")
        if not text:
            return None
        if not re.fullmatch(r"\d{1,18}", text, re.ASCII):
            self.refuse("entry", f"“{text[:40]}” is no number of an entry; leave it empty.")
            return None
        return int(text)


def bind(
    book: str, headings: Sequence[str], rows: Sequence[Sequence[str]], *, native: bool
) -> Meanings:
    """The meanings of a table's columns. Raises Unreadable where one that is needed is missing."""
    places: dict[str, int] = {}
    currency = ""
    ours = {place for place, heading in enumerate(headings) if heading.startswith(OURS)}
    folded = {place: mapping.fold(heading) for place, heading in enumerate(headings)}
    for target, names in known(book).items():
        taken = {*ours, *places.values()}
        free = {place: name for place, name in folded.items() if place not in taken}
        found = [place for one in names for place, name in free.items() if name == one]
        if not found and target == "amount":
            found, currency = _with_currency(headings, free, names)
        if found:
            places[target] = found[0]
    _require(book, headings, places)
    texts = [
        row[places[name]]
        for row in rows
        for name in ("first_day", "last_day")
        if name in places and places[name] < len(row)
    ]
    return Meanings(tuple(headings), places, currency, days.order_of(texts), native)


@functools.cache
def known(book: str) -> Mapping[str, tuple[str, ...]]:
    """What columns are usually called, folded, by what they mean."""
    document = yaml.safe_load((HERE / "headings.yaml").read_text(encoding="utf-8"))[book]
    return {target: tuple(map(mapping.fold, names)) for target, names in document.items()}


@functools.cache
def words(kind: str) -> Mapping[str, str]:
    """What tables call a source or a channel, folded, and our value for it."""
    document = yaml.safe_load((HERE / "words.yaml").read_text(encoding="utf-8"))[kind]
    return {mapping.fold(word): value for value, said in document.items() for word in said}


def _with_currency(
    headings: Sequence[str], free: Mapping[int, str], names: Sequence[str]
) -> tuple[list[int], str]:
    """A heading such as Betrag (EUR), and its currency."""
    for place in free:
        found = _CURRENCY.fullmatch(headings[place].strip())
        if found and mapping.fold(found["bare"]) in names:
            return [place], amounts.currency(found["code"]) or ""
    return [], ""


def _require(book: str, headings: Sequence[str], places: Mapping[str, int]) -> None:
    needed = {"costs": ("source", "amount"), "quotas": ("party", "amount")}[book]
    missing = [name for name in needed if name not in places]
    if not {"span", "first_day"} & set(places):
        missing.append("span")
    if missing:
        calls = {"span": "Month (or First day and Last day)", "party": "Whose"}
        told = ", ".join(calls.get(name, name.capitalize()) for name in missing)
        raise Unreadable(
            f"No column is called {told}. The headings are: "
            f"{', '.join(heading[:30] for heading in headings[:12])}."
        )
