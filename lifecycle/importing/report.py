"""What became of each row: counted, and written as a CSV that spreadsheets open safely."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from core import errors, spreadsheets
from core.errors import FieldError

HEADINGS = ("row", "line", "verdict", "lead", "touch", "external id", "errors", "remarks")


class Verdict(StrEnum):
    """What can become of a row. They add up to the rows of the file."""

    CREATED = "created"
    ATTACHED = "attached"
    REVIEW = "review"
    QUARANTINED = "quarantined"
    PARKED = "parked"
    HELD = "held"
    REPLAYED = "replayed"
    REJECTED = "rejected"


EXPLAINED = {
    Verdict.CREATED: "new leads",
    Verdict.ATTACHED: "joined a lead that was there",
    Verdict.REVIEW: "new leads that may be somebody known; see the suggestion",
    Verdict.QUARANTINED: "new leads below the quality floor, waiting in quarantine",
    Verdict.PARKED: "stored, waiting in the exception queue",
    Verdict.HELD: "stored, held until their release",
    Verdict.REPLAYED: "were imported before",
    Verdict.REJECTED: "not imported; the report names row and reason",
}


class Unwritable(errors.DomainError):
    """The report cannot be written where it should."""

    code = "unwritable_report"


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one row. `faults` are its errors in the words of its file."""

    row: int
    line: int
    verdict: Verdict
    lead: str = ""
    touch: str = ""
    external_id: str = ""
    errors: tuple[FieldError, ...] = ()
    faults: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """The faults in one line."""
        return " ".join(self.faults)


@dataclass(slots=True)
class Tally:
    """How many rows met which fate, and the first few refusals to show at once."""

    total: int
    counts: Counter[Verdict] = field(default_factory=Counter)
    remarked: int = 0
    first_refused: list[Fate] = field(default_factory=list)
    shown: int = 10

    @property
    def done(self) -> int:
        """Rows whose fate is settled."""
        return self.counts.total()

    def add(self, fate: Fate) -> None:
        """Count one row."""
        self.counts[fate.verdict] += 1
        self.remarked += bool(fate.remarks)
        refused = fate.verdict in (Verdict.REJECTED, Verdict.PARKED)
        if refused and len(self.first_refused) < self.shown:
            self.first_refused.append(fate)


class Report:
    """The per-row report, written as rows are settled; nothing when no path is given."""

    def __init__(self, writer: Any) -> None:
        self._writer = writer

    def write(self, fates: Sequence[Fate]) -> None:
        """Add these rows."""
        if self._writer is not None:
            self._writer.writerows(
                [[spreadsheets.safe(value) for value in _values(fate)] for fate in fates]
            )


@contextmanager
def opened(path: Path | None) -> Iterator[Report]:
    """A report at `path`, or one that goes nowhere. Raises Unwritable before anything is done."""
    if path is None:
        yield Report(None)
        return
    try:
        stream = path.open("w", encoding="utf-8-sig", newline="")
    except OSError as error:
        raise Unwritable(f"The report cannot be written to {path}: {error.strerror}.") from None
    with stream:
        writer = csv.writer(stream)
        writer.writerow(HEADINGS)
        yield Report(writer)


def _values(fate: Fate) -> tuple[str, ...]:
    return (
        str(fate.row),
        str(fate.line),
        fate.verdict.value,
        fate.lead,
        fate.touch,
        fate.external_id,
        fate.told,
        " ".join(fate.remarks),
    )
