"""What became of each row, on its way from pass to pass."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO

from core.errors import FieldError
from lifecycle.importing import upserted

FIELDS = {
    "external_id": "Id",
    "name": "Name",
    "domain": "Website or domain",
    "aliases": "Further domains",
    "name_aliases": "Further names",
    "owner": "Owner",
    "status": "Status",
    "parent": "Parent account",
    "industry": "Industry",
    "employees": "Employees",
    "annual_revenue": "Annual revenue",
    "currency": "Currency of revenue",
    "country": "Country",
    "region": "Region",
    "postal_code": "Postal code",
    "url": "Address in its system",
}
"""What people call what a row says of an account, where no column of the file does."""


@dataclass(frozen=True, slots=True)
class Fate(upserted.Fate):
    """What became of one row; `parent` is what it says stands above it."""

    parent: str = ""

    def remarking(self, field: str, text: str) -> Fate:
        """The same with one more remark; fields of which the same is told stand together."""
        return dataclasses.replace(self, remarks=_told(self.remarks, field, text))


def told(faults: Iterable[FieldError]) -> tuple[str, ...]:
    """Remarks as they are reported: `owner, status: …`."""
    remarks: tuple[str, ...] = ()
    for one in faults:
        remarks = _told(remarks, one.field, one.message)
    return remarks


def _told(remarks: tuple[str, ...], field: str, text: str) -> tuple[str, ...]:
    for place, known in enumerate(remarks):
        if field and known.endswith(f": {text}"):
            names = known.removesuffix(f": {text}")
            return (*remarks[:place], f"{names}, {field}: {text}", *remarks[place + 1 :])
    return (*remarks, f"{field}: {text}".removeprefix(": "))


def in_words(fate: Fate, columns: Mapping[str, str]) -> Fate:
    """The same, told with the headings of the file; `columns` are those by field."""
    told = tuple(_with_headings(one, columns) for one in fate.remarks)
    return dataclasses.replace(fate, remarks=told)


def _with_headings(remark: str, columns: Mapping[str, str]) -> str:
    names, colon, text = remark.partition(": ")
    fields = names.split(", ")
    if not colon or not all(one in FIELDS for one in fields):
        return remark
    return f"{', '.join(columns.get(one, FIELDS[one]) for one in fields)}: {text}"


def put(fates: Iterable[Fate], out: IO[str]) -> None:
    """Set fates aside on disk."""
    for fate in fates:
        out.write(json.dumps(dataclasses.asdict(fate)) + "\n")


def taken(source: IO[str]) -> Iterator[Fate]:
    """The fates set aside, in order."""
    source.seek(0)
    for line in source:
        told = json.loads(line)
        yield Fate(**{**told, "changed": tuple(told["changed"]), "remarks": tuple(told["remarks"])})
