"""What recalculating running clocks would do, as it is shown before anybody does it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from governance.kit import Kit
from lifecycle import fingerprints
from sla.recalculation import Verdict


@dataclass(frozen=True, slots=True)
class Only:
    """Which clocks to keep to: of an obligation, of an owner's leads, of a team's."""

    obligation: str = ""
    owner: int | None = None
    team: int | None = None

    def q(self) -> Q:
        """The same as a filter over clocks."""
        wanted = {
            "obligation": self.obligation or None,
            "lead__owner": self.owner,
            "lead__owner__team": self.team,
        }
        return Q(**{name: value for name, value in wanted.items() if value is not None})


@dataclass(frozen=True, slots=True)
class Line:
    """One running clock, where its lead stands, and what would become of it."""

    clock: int
    lead: int
    stage: str
    holder: int | None
    obligation: str
    policy: str
    label: str
    kit: int
    due_at: dt.datetime
    verdict: Verdict
    overdue_at_once: bool = False

    @property
    def new_due_at(self) -> dt.datetime | None:
        """When it would be due; None when it would end."""
        return self.verdict.due.due_at if self.verdict.due else None

    @property
    def fate(self) -> str:
        """What would become of it, as a fingerprint keeps it."""
        due = self.verdict.due
        return f"{self.verdict.outcome} {due.warn_at} {due.due_at}" if due else self.verdict.outcome


@dataclass(frozen=True, slots=True)
class Preview:
    """What recalculating would do: `lines` would change, `stays` would but may not.

    `beyond` more clocks were not looked at. Lines that are overdue at once come first.
    """

    kit: Kit
    lines: tuple[Line, ...]
    stays: tuple[Line, ...]
    looked_at: int
    beyond: int

    @property
    def counts(self) -> Mapping[str, int]:
        """How many would be due later or earlier, warn only otherwise, end; be overdue at once."""
        return Counter(map(way, self.lines)) + Counter(
            overdue=sum(line.overdue_at_once for line in self.lines)
        )

    @property
    def seen(self) -> str:
        """What to hand back with the confirmation."""
        return fingerprints.take(self.kit, self.fates)

    @property
    def fates(self) -> dict[int, str]:
        """By clock, what would become of it."""
        return {line.clock: line.fate for line in self.lines}


def way(line: Line) -> str:
    """In which way a clock would change: `later`, `earlier`, `warning` (only that), `ends`."""
    if line.new_due_at is None:
        return "ends"
    if line.new_due_at == line.due_at:
        return "warning"
    return "later" if line.new_due_at > line.due_at else "earlier"


def most_urgent(line: Line) -> tuple[Any, ...]:
    """The order in which they are shown."""
    return (not line.overdue_at_once, line.new_due_at or line.due_at, line.clock)
