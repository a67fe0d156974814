"""One row of an export to what it says of an account. What cannot be read is left out and told."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from core.errors import FieldError, InvalidInput
from leads import cleansing, industries, postal_codes, references
from leads.industries import Kept
from leads.models import AccountAlias
from lifecycle import account_upserts
from lifecycle.account_importing.headings import Meanings
from lifecycle.account_upserts import Alias, Said
from lifecycle.importing.mapping import UNANSWERED, fold
from lifecycle.importing.reading import Row

MOST_REVENUE = 10**15
MOST_EMPLOYEES = 2**31 - 1
CENT = Decimal("0.01")
_BETWEEN = re.compile(r"[;,\n|]")


@dataclass(frozen=True, slots=True)
class Told:
    """A row as it is understood: what it says, its parent in the export's words, remarks."""

    row: int
    line: int
    said: Said
    parent: str = ""
    external_id: str = ""
    remarks: tuple[FieldError, ...] = ()
    faults: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """Users by e-mail, log-in and full name (what several have names nobody); the industries that
    the rules in force look for; the words for those who left.
    """

    users: Mapping[str, int]
    industries: Kept = industries.NOTHING
    left: frozenset[str] = frozenset()

    def user(self, text: str) -> int | None:
        """The one meant."""
        return self.users.get(" ".join(text.casefold().split()))

    def has_left(self, text: str) -> bool:
        """Whether this is somebody who was here once."""
        return " ".join(text.casefold().split()) in self.left


@dataclass(slots=True)
class _Reading:
    cells: Sequence[str]
    meanings: Meanings
    remarks: list[FieldError] = field(default_factory=list)

    def text(self, target: str, limit: int) -> str:
        """The first answered column of a meaning, clean."""
        for place in self.meanings.places.get(target, ()):
            cell = self.cells[place].strip() if place < len(self.cells) else ""
            if not cell or cell in UNANSWERED:
                continue
            try:
                return cleansing.clean_text(cell, limit, field=target)
            except InvalidInput as fault:
                self.remarks += fault.errors
        return ""

    def unread(self, target: str, text: str, why: str) -> None:
        """Note what was left out."""
        self.remarks.append(FieldError(target, f"“{text[:60]}” {why}"))


def translate(row: Row, meanings: Meanings, known: Known) -> Told:
    """Read one row. A row that is unreadable as a whole has `faults`."""
    if row.fault:
        return Told(row.number, row.line, Said(), faults=(FieldError("", row.fault),))
    reading = _Reading(row.cells, meanings)
    external_id = reading.text("external_id", 200)
    reference = (
        references.read(meanings.system, external_id, _url(reading)) if external_id else None
    )
    said = Said(
        reference=reference,
        name=reading.text("name", 200),
        domain=_domain(reading),
        values=_values(reading, known.industries),
        status=_status(reading),
        owner=_owner(reading, known),
        aliases=tuple(_aliases(reading)),
        row=row.number,
    )
    parent = reading.text("parent", 253)
    if row.remark:
        reading.remarks.append(FieldError("", row.remark))
    return Told(row.number, row.line, said, parent, external_id, remarks=tuple(reading.remarks))


def _domain(reading: _Reading) -> str:
    text = reading.text("domain", 500)
    found = cleansing.company_domain(domain=text) if text else None
    if found is not None and found.domain is None:
        reading.unread("domain", text, "names no company’s domain.")
    return (found.domain or "") if found else ""


def _url(reading: _Reading) -> str:
    url = reading.text("url", 500)
    return url if url.startswith(("https://", "http://")) else ""


def _values(reading: _Reading, kept: Kept) -> dict[str, Any]:
    industry, currency = reading.text("industry", 200), reading.text("currency", 60).upper()
    country = _read(reading, "country", cleansing.country_code, "is no country we know.")
    values: dict[str, Any] = {
        "industry": industries.read(industry, kept=kept)[:80] if industry else "",
        "employees": _read(reading, "employees", _employees, "is no number of people."),
        "annual_revenue": _read(reading, "annual_revenue", _revenue, "is no amount."),
        "country": country,
        "region": postal_codes.region(reading.text("region", 200)),
        "postal_code": postal_codes.clean(reading.text("postal_code", 60), country or ""),
    }
    if len(currency) == 3 and currency.isascii() and currency.isalpha():
        values["currency"] = currency
    return values


def _read(reading: _Reading, target: str, read: Callable[[str], Any], why: str) -> Any:
    text = reading.text(target, 100)
    value = read(text) if text else None
    if text and value is None:
        reading.unread(target, text, why)
    return value


def _employees(text: str) -> int | None:
    size = cleansing.employees(text)
    return size if size is not None and size <= MOST_EMPLOYEES else None


def _revenue(text: str) -> Decimal | None:
    amount = cleansing.money(text)
    return amount.quantize(CENT) if amount is not None and 0 <= amount < MOST_REVENUE else None


def _status(reading: _Reading) -> str:
    text = reading.text("status", 80)
    status = reading.meanings.words.get(fold(text)) if text else ""
    if status is None:
        reading.unread("status", text, "is no status we know; say what it means in the mapping.")
    return status or ""


def _owner(reading: _Reading, known: Known) -> int | None:
    text = reading.text("owner", 320)
    found = known.user(text) if text else None
    if text and found is None:
        why = "is not active any more, or works no leads; the account keeps the owner."
        nobody = "is nobody here, or several people."
        reading.unread("owner", text, why if known.has_left(text) else nobody)
    return found


def _aliases(reading: _Reading) -> list[Alias]:
    found = []
    for target, kind in (
        ("aliases", AccountAlias.Kind.DOMAIN),
        ("name_aliases", AccountAlias.Kind.NAME),
    ):
        for part in filter(None, map(str.strip, _BETWEEN.split(reading.text(target, 2000)))):
            one = account_upserts.alias(kind.value, part)
            if one is None:
                reading.unread("aliases", part, "names no company.")
            else:
                found.append(one)
    return found
