"""One row of an export to what it says of an opportunity, by headings or by a mapping.

system: salesforce                whose ids these are; they are unique per system
columns: {external_id: Deal no}   one heading each; the rest is guessed
stages: {Engaging: proposal}      words of the export, and keys of sales stages here, or won, lost
products: {GTXPro: gtx_pro}       likewise for products
owners: {M. Frase: moses}         likewise for users
dates: "%d.%m.%Y"                 how days are written; 2026-11-23 unless said
"""

from __future__ import annotations

import datetime as dt
import functools
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from core.errors import FieldError
from leads import cleansing, exchange
from lifecycle import deal_lines
from lifecycle.deal_importing.said import Said
from lifecycle.importing import converting
from lifecycle.importing.mapping import UNANSWERED, BadMapping, fold
from lifecycle.importing.reading import Row

HERE = Path(__file__).parent
UTC = zoneinfo.ZoneInfo("UTC")
WORDS = ("stages", "products", "owners")
KEYS = ("system", "columns", "dates", *WORDS)
ENDS = {"won": "WON", "closedwon": "WON", "lost": "LOST", "closedlost": "LOST", "open": "OPEN"}
"""What exports call an end, folded; where there is no status of its own, the stage says it."""
MOST_TEXT = 500


@dataclass(frozen=True, slots=True)
class Meanings:
    """Places of columns by what they mean; what the export's words mean here, folded."""

    system: str
    places: Mapping[str, int]
    words: Mapping[str, Mapping[str, str]]
    dates: str = "iso"

    def pairs(self, headings: Sequence[str]) -> list[tuple[str, str]]:
        """Heading and meaning, for people."""
        return [(headings[place], target) for target, place in self.places.items()]


@dataclass(frozen=True, slots=True)
class Told:
    """A row as it is understood, or why it is not."""

    row: int
    line: int
    said: Said
    faults: tuple[FieldError, ...] = ()
    remarks: tuple[FieldError, ...] = ()


@dataclass(slots=True)
class _Reading:
    cells: Sequence[str]
    meanings: Meanings
    faults: list[FieldError] = field(default_factory=list)

    def text(self, target: str) -> str:
        """What a column says; empty where it was not answered."""
        place = self.meanings.places.get(target)
        cell = self.cells[place].strip() if place is not None and place < len(self.cells) else ""
        return "" if cell in UNANSWERED else cell[:MOST_TEXT]

    def word(self, target: str, kind: str) -> str:
        """What a word of the export means here; itself where the mapping does not say."""
        text = self.text(target)
        return self.meanings.words[kind].get(fold(text), text) if text else ""

    def day(self, target: str) -> dt.date | None:
        """The day a column names (UTC)."""
        text = self.text(target)
        try:
            found = converting.instant(text, (self.meanings.dates,), UTC) if text else None
        except converting.NoValue as why:
            self.faults.append(FieldError(target, str(why)))
            return None
        return found.astimezone(UTC).date() if found is not None else None

    def status(self) -> str:
        """How it stands, by its status, else by its stage."""
        text = self.word("status", "stages")
        if text and fold(text) not in ENDS:
            told = f"“{text[:60]}” is no status; use open, won or lost."
            self.faults.append(FieldError("status", told))
        return ENDS.get(fold(text or self.word("stage", "stages")), "")


def bind(
    headings: Sequence[str], *, mapping: Mapping[str, Any] | None = None, system: str = ""
) -> Meanings:
    """The meanings of a table. Raises BadMapping where nothing names an opportunity, and for a
    mapping that speaks of columns which are not there.
    """
    said = _checked(mapping or {}, headings)
    folded: dict[str, int] = {}
    for place, heading in enumerate(headings):
        folded.setdefault(fold(heading), place)
    columns = said.get("columns", {})
    places = {target: folded[fold(str(heading))] for target, heading in columns.items()}
    for target, names in known_headings().items():
        found = [folded[fold(one)] for one in names if fold(one) in folded]
        if target not in places and found and found[0] not in places.values():
            places[target] = found[0]
    if "external_id" not in places:
        text = f"No column names the opportunity. The headings are: {', '.join(headings[:12])}."
        raise BadMapping(text, errors=[FieldError("columns.external_id", text)])
    words = {
        kind: {fold(str(word)): str(means) for word, means in said.get(kind, {}).items()}
        for kind in WORDS
    }
    chosen = system or str(said.get("system") or "")
    if not chosen:
        text = "Say whose ids these are: --system, or system in the mapping."
        raise BadMapping(text, errors=[FieldError("system", text)])
    return Meanings(chosen, places, words, str(said.get("dates") or "iso"))


def translate(row: Row, meanings: Meanings) -> Told:
    """Read one row. One that cannot be read has `faults`."""
    if row.fault:
        fault = FieldError("", row.fault)
        return Told(row.number, row.line, Said(external_id=""), faults=(fault,))
    cells = _Reading(row.cells, meanings)
    status = cells.status()
    amount = cleansing.money(cells.text("amount")) if cells.text("amount") else None
    if cells.text("amount") and amount is None:
        told = f"“{cells.text('amount')[:60]}” is no amount."
        cells.faults.append(FieldError("amount", told))
    if amount is not None and abs(amount) < exchange.MOST:
        amount = amount.quantize(deal_lines.CENT)
    stage, ended = cells.word("stage", "stages"), status in ("WON", "LOST")
    closed, expected = cells.day("closed"), cells.day("expected_close")
    said = Said(
        external_id=cells.text("external_id"),
        url=cells.text("url"),
        name=cells.text("name"),
        account=cells.text("account"),
        domain=cells.text("domain"),
        owner=cells.word("owner", "owners"),
        status=status,
        stage="" if fold(stage) in ENDS else stage,
        amount=amount,
        currency=cells.text("currency").upper(),
        opened=cells.day("opened"),
        closed=closed if ended else None,
        # CRMs write one day for both: of what is open it says when they expect the end.
        expected_close=expected or (None if ended else closed),
        reason=cells.text("reason"),
        competitor=cells.text("competitor"),
        products=_products(cells, amount),
    )
    remarks = (FieldError("", row.remark),) if row.remark else ()
    return Told(row.number, row.line, said, tuple(cells.faults), remarks)


@functools.cache
def known_headings() -> Mapping[str, tuple[str, ...]]:
    """What exports usually call their columns."""
    document = yaml.safe_load((HERE / "headings.yaml").read_text(encoding="utf-8"))
    return {target: tuple(names) for target, names in document.items()}


def _products(cells: _Reading, amount: Any) -> tuple[deal_lines.Said, ...]:
    """The one product of a row, which brings all that the opportunity does."""
    product, text = cells.word("product", "products"), cells.text("quantity")
    if not product:
        return ()
    number = cleansing.money(text) if text else 1
    if number is None or number != int(number):
        cells.faults.append(FieldError("quantity", f"“{text[:60]}” is no number of pieces."))
        return ()
    return (deal_lines.Said(product, int(number), amount),)


def _checked(mapping: Mapping[str, Any], headings: Sequence[str]) -> Mapping[str, Any]:
    there = {fold(heading) for heading in headings}
    faults = [
        FieldError(str(key), f"Unknown key “{key}”; known are {', '.join(KEYS)}.")
        for key in mapping
        if key not in KEYS
    ]
    faults += [
        FieldError(key, "Give names with what they mean.")
        for key in ("columns", *WORDS)
        if not isinstance(mapping.get(key) or {}, dict)
    ]
    columns = mapping.get("columns")
    for target, heading in columns.items() if isinstance(columns, dict) else ():
        if target not in known_headings():
            known = ", ".join(known_headings())
            faults.append(FieldError(f"columns.{target}", f"Unknown; known are {known}."))
        elif fold(str(heading)) not in there:
            faults.append(FieldError(f"columns.{target}", f"No column is called “{heading}”."))
    dates = str(mapping.get("dates") or "iso")
    if fault := converting.fault_of_format("" if dates == "any" else dates):
        faults.append(FieldError("dates", fault))
    if faults:
        raise BadMapping("; ".join(f"{one.field}: {one.message}" for one in faults), errors=faults)
    return {key: value or {} for key, value in mapping.items()}
