"""What became of each row, on its way from pass to pass."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

from core.errors import FieldError


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one row; `parent` is what it says stands above it."""

    row: int
    line: int
    verdict: str
    account: int | None
    external_id: str
    changed: tuple[str, ...]
    remarks: tuple[str, ...]
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
