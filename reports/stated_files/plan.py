"""What would become of each row of a table, decided in memory over the entries that are there."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from core.errors import FieldError

SaidT = TypeVar("SaidT")


class Verdict(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    SAME = "same"
    RESTATES = "restates"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Told(Generic[SaidT]):
    """A row as it is understood, or why it is not. `entry` is the number it names, if any.

    `silent` are the fields that it has no column for: there the entry keeps what it says.
    """

    row: int
    line: int
    said: SaidT | None
    faults: tuple[FieldError, ...] = ()
    entry: int | None = None
    silent: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Line(Generic[SaidT]):
    """One row with its verdict. `number` and `version` are of the entry it is the same as or
    restates; `changes` name field, what it says, what it will say.
    """

    row: int
    line: int
    verdict: Verdict
    said: SaidT | None = None
    number: int | None = None
    version: int | None = None
    changes: tuple[tuple[str, str, str], ...] = ()
    faults: tuple[FieldError, ...] = ()

    @property
    def why(self) -> str:
        """Why it is refused, in one text."""
        return " ".join(fault.message for fault in self.faults)


@dataclass(frozen=True, slots=True)
class Plan(Generic[SaidT]):
    """Every row with its verdict."""

    lines: tuple[Line[SaidT], ...]

    @property
    def counts(self) -> Counter[Verdict]:
        """How many rows have each verdict."""
        return Counter(line.verdict for line in self.lines)

    @property
    def writes(self) -> bool:
        """Whether anything would be written."""
        return bool(self.counts[Verdict.NEW] or self.counts[Verdict.RESTATES])

    @property
    def fingerprint(self) -> str:
        """What people have looked at: changes where a row would meet another fate."""
        told = [(one.row, one.verdict, one.number, one.version) for one in self.lines]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]


def refused(row: Told[SaidT], *faults: FieldError) -> Line[SaidT]:
    """A row that cannot be taken."""
    return Line(row.row, row.line, Verdict.REFUSED, row.said, faults=faults or row.faults)


def with_headings(
    faults: Sequence[FieldError], heading_of: dict[str, str]
) -> tuple[FieldError, ...]:
    """Each fault with the heading of its column in front."""
    return tuple(
        FieldError(one.field, f"“{heading_of[one.field]}”: {one.message}", one.code)
        if one.field in heading_of
        else one
        for one in faults
    )
