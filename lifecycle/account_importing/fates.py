"""What became of each row, on its way from pass to pass."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO


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
        """The same with one more remark."""
        told = f"{field}: {text}".removeprefix(": ")
        return dataclasses.replace(self, remarks=(*self.remarks, told))


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
