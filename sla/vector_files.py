"""A file of vectors held against the arithmetic, row by row, with its count."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from core.errors import InvalidInput
from sla import vectors
from sla.named_calendars import Calendars
from sla.row_files import Row

CALENDAR = ("calendar", "calendarkey")


@dataclass(slots=True)
class Result:
    """How many vectors there were, came out otherwise, could not be read."""

    count: int = 0
    wrong: int = 0
    unreadable: int = 0

    @property
    def sentence(self) -> str:
        """All three numbers."""
        right = self.count - self.wrong - self.unreadable
        return (
            f"{self.count} vectors: {right} as expected, {self.wrong} mismatches, "
            f"{self.unreadable} that cannot be read."
        )


def check(
    rows: Iterable[Row], calendars: Calendars, *, usual: Any = "", tell: Callable[[str], object]
) -> Result:
    """Judge every row; `tell` hears of each that differs or cannot be read.

    `usual` is the calendar of rows that name none.
    """
    result = Result()
    for row in rows:
        result.count += 1
        try:
            if row.fault:
                raise InvalidInput(row.fault)
            found = list(vectors.judge(row.found, calendars.of(_calendar(row, usual))))
        except InvalidInput as fault:
            result.unreadable += 1
            tell(f"{_name(row)} cannot be read: {fault.message}")
            continue
        result.wrong += bool(found)
        for one in found:
            tell(f"{_name(row)}: {one.what}: expected {one.expected}, is {one.found}")
    return result


def _calendar(row: Row, usual: Any) -> Any:
    given = {vectors.plain(name): value for name, value in row.found.items() if value}
    named = next((given[name] for name in CALENDAR if name in given), usual)
    if not named:
        raise InvalidInput("it names no calendar, and no --calendar was given.")
    return named


def _name(row: Row) -> str:
    told = next((row.found[one] for one in ("name", "id", "case", "why") if row.found.get(one)), "")
    return f"row {row.number} ({told})" if told else f"row {row.number}"
