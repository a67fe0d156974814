"""The share of an event log's work done within a span of open time, row by row.

Rows that are pieces of work themselves are streamed; of cases, what is needed of their events is
kept until the file is read, for logs need not be in order. Every row is counted once: as work, as
work not ended yet, as an event that is not asked for, or as refused, by number and reason.
"""

from __future__ import annotations

import csv
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

from core import spreadsheets, stamps
from core.errors import InvalidInput
from core.worktime import WorkCalendar
from sla import event_log
from sla.event_log import Event, Measured, Piece, Share
from sla.row_files import Row, Rows

HEADINGS = ("row", "case", "group", "start", "end", "open_seconds", "within", "not_counted")
DOUBTS = {
    stamps.TWICE: "times were shown twice by the wall clock and are taken the first time",
    stamps.NEVER: "times were never shown by the wall clock and are read by the offset before",
}
TOLD = 20
"""How many refused rows are named one by one; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What to measure: columns by name (empty: the usual ones), and what begins and ends work."""

    within: timedelta
    zone: tzinfo | None = None
    pattern: str = ""
    start: str = ""
    end: str = ""
    case: str = ""
    activity: str = ""
    time: str = ""
    by: str = ""
    begins: frozenset[str] = frozenset()
    ends: frozenset[str] = frozenset()
    whole: bool = False
    steps: bool = False

    @property
    def of_cases(self) -> bool:
        """Whether work is what lies between the events of a case."""
        return bool(self.begins or self.ends or self.whole or self.steps)


@dataclass(slots=True)
class Told:
    """The answer in lines, and how many rows were refused."""

    lines: list[str] = field(default_factory=list)
    refused: int = 0


def share(rows: Rows, calendar: WorkCalendar, asked: Asked, *, out: Path | None = None) -> Told:
    """Measure all work of a log. `out` gets a CSV line for each piece.

    Raises `InvalidInput` when columns are missing.
    """
    by_group: dict[str, Share] = defaultdict(Share)
    overall = Share()
    with _Lines(out) as lines:
        reading = _Reading(rows, asked, lines)
        for piece in reading.pieces():
            try:
                measured = event_log.measure(piece, calendar, asked.within)
            except InvalidInput as fault:
                reading.refuse(piece.row, fault.message, _cells(piece))
                continue
            lines.write(measured)
            overall.take(measured)
            by_group[piece.group].take(measured)
    return Told(_summary(reading, overall, by_group, calendar), reading.refused)


class _Reading:
    """Rows on their way to pieces of work."""

    def __init__(self, rows: Rows, asked: Asked, lines: _Lines) -> None:
        self.lines = lines
        first = next(rows.rows, None)
        self.rows: Iterator[Row] = itertools.chain([first] if first else [], rows.rows)
        self.asked = asked
        self.count = self.refused = self.unasked = self.cases = self.never_began = 0
        self.told: list[str] = []
        self.doubts: Counter[str] = Counter()
        headings = rows.headings or list(first.found if first else ())
        found = {
            name: event_log.column(getattr(asked, name), headings, usual)
            for name, usual in (
                ("start", event_log.START), ("end", event_log.END), ("case", event_log.CASE),
                ("activity", event_log.ACTIVITY), ("time", event_log.TIME), ("by", ()),
            )
        }  # fmt: skip
        self.column = _settled(found, asked)
        _require(self.column, asked, headings)

    def pieces(self) -> Iterator[Piece]:
        """Every piece of work."""
        if not self.asked.of_cases:
            for row, found in self._read():
                if (piece := self._piece(row, found)) is not None:
                    yield piece
            return
        cases: dict[str, list[Event]] = defaultdict(list)
        for row, found in self._read():
            if (event := self._event(row, found)) is not None:
                cases[event.case].append(event)
        self.cases = len(cases)
        for events in cases.values():
            yield from self._of_case(events)

    def refuse(self, number: int, why: str, cells: Iterable[str]) -> None:
        """Count a row out, and say why. `cells`: its case, group, start and end."""
        self.refused += 1
        self.lines.refuse(number, why, cells)
        if self.refused <= TOLD:
            self.told.append(f"row {number}: {why}")

    def _read(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        for row in self.rows:
            self.count += 1
            if row.fault:
                self.refuse(row.number, row.fault, self._as_given(row.found))
            else:
                yield row.number, row.found

    def _piece(self, number: int, row: Mapping[str, Any]) -> Piece | None:
        try:
            start = self._instant(row, "start")
            ended = str(row.get(self.column["end"]) or "").strip()
            end = self._instant(row, "end") if ended else None
        except InvalidInput as fault:
            self.refuse(number, fault.message, self._as_given(row))
            return None
        name = event_log.group_of(row, self.column["case"])
        return Piece(number, name, event_log.group_of(row, self.column["by"]), start, end)

    def _event(self, number: int, row: Mapping[str, Any]) -> Event | None:
        case = event_log.group_of(row, self.column["case"])
        activity = event_log.group_of(row, self.column["activity"])
        wanted = self.asked.begins | self.asked.ends
        if self.asked.begins and self.asked.ends and activity not in wanted:
            self.unasked += 1
            return None
        try:
            if not case:
                raise InvalidInput(f"{self.column['case']}: it names no case.")
            starts = self._instant(row, "start")
            ended = self.column["end"] and str(row.get(self.column["end"]) or "").strip()
            ends = self._instant(row, "end") if ended else starts
            if ends < starts:
                raise InvalidInput(f"it ends at {ends.isoformat()}, before it starts.")
        except InvalidInput as fault:
            self.refuse(number, fault.message, self._as_given(row))
            return None
        group = event_log.group_of(row, self.column["by"])
        return Event(number, case, activity, group, starts, ends)

    def _of_case(self, events: list[Event]) -> Iterator[Piece]:
        if self.asked.steps:
            yield from event_log.steps(events)
            return
        found = event_log.of_case(events, self.asked.begins, self.asked.ends)
        self.never_began += not found
        yield from found

    def _as_given(self, row: Mapping[str, Any]) -> Iterator[str]:
        """What a row that is not counted says of its work, as it stands in the file."""
        for name in ("case", "by", "start", "end"):
            yield str(row.get(self.column[name]) or "") if self.column[name] else ""

    def _instant(self, row: Mapping[str, Any], name: str) -> datetime:
        heading = self.column[name]
        try:
            stamp = stamps.instant(
                row.get(heading), zone=self.asked.zone, pattern=self.asked.pattern
            )
        except InvalidInput as fault:
            raise InvalidInput(f"{heading}: {fault.message}") from None
        if stamp.told:
            self.doubts[stamp.told] += 1
        return stamp.at


def _cells(piece: Piece) -> tuple[str, ...]:
    end = piece.end.isoformat() if piece.end else ""
    return piece.name, piece.group, piece.start.isoformat(), end


def _settled(found: dict[str, str], asked: Asked) -> dict[str, str]:
    """Which columns hold the two ends of a row: logs with one time have it in both."""
    if asked.of_cases and not (asked.start or asked.end):
        both = found["start"] and found["end"] and not asked.time
        if found["time"] and not both:
            found |= {"start": found["time"], "end": ""}
    if found["end"] == found["start"]:
        found["end"] = ""
    if found["start"] and not found["end"] and not asked.of_cases:
        found["end"] = found["time"] if found["time"] != found["start"] else ""
    return found


def _require(column: Mapping[str, str], asked: Asked, headings: list[str]) -> None:
    needed = ["start", "case"] if asked.of_cases else ["start", "end"]
    if asked.begins or asked.ends or asked.steps:
        needed.append("activity")
    missing = [name for name in needed if not column[name]]
    if not missing:
        return
    wanted = " and ".join(f"--{'time' if asked.of_cases and one == 'start' else one}"
                          for one in missing)  # fmt: skip
    hint = "" if asked.of_cases else "; or measure cases: --from, --to, --whole or --steps"
    raise InvalidInput(f"Say {wanted}{hint}. There are: {', '.join(headings) or 'no columns'}.")


class _Lines:
    """The CSV file of pieces, or nothing."""

    def __init__(self, path: Path | None) -> None:
        self.path = path

    def __enter__(self) -> _Lines:
        try:
            self.file = self.path.open("w", newline="", encoding="utf-8") if self.path else None
        except OSError as fault:
            raise InvalidInput(f"{self.path} cannot be written: {fault}") from None
        self.writer = csv.writer(self.file) if self.file else None
        if self.writer:
            self.writer.writerow(HEADINGS)
        return self

    def __exit__(self, *_: object) -> None:
        if self.file:
            self.file.close()

    def write(self, one: Measured) -> None:
        """One piece of work."""
        if self.writer is None:
            return
        piece, passed = one.piece, one.open_time
        self.writer.writerow((
            piece.row, *map(spreadsheets.safe, _cells(piece)),
            "" if passed is None else stamps.seconds(passed),
            "" if passed is None else "yes" if one.is_within else "no", "",
        ))  # fmt: skip

    def refuse(self, number: int, why: str, cells: Iterable[str]) -> None:
        """A row that is not counted, and why."""
        if self.writer is not None:
            self.writer.writerow((number, *map(spreadsheets.safe, (*cells, "", "", why))))


def _summary(
    reading: _Reading, overall: Share, by_group: Mapping[str, Share], calendar: WorkCalendar
) -> list[str]:
    asked, column = reading.asked, reading.column
    lines = list(reading.told)
    if reading.refused > TOLD:
        lines.append(f"and {reading.refused - TOLD} more rows that were not counted")
    between = f"{column['start']} to {column['end']}" if column["end"] else column["start"]
    lines += [f"{count} {DOUBTS[kind]}" for kind, count in sorted(reading.doubts.items())]
    lines.append(f"calendar {calendar.name or 'as given'} ({calendar.zone}), {between}, "
                 f"within {stamps.seconds(asked.within)} s of open time")  # fmt: skip
    told = f"{reading.count} rows, {reading.refused} not counted"
    if asked.of_cases:
        told += f", {reading.unasked} of other activities, {reading.cases} cases"
    if reading.never_began:
        told += f", {reading.never_began} of them never began"
    lines.append(told)
    if len(by_group) > 1:
        lines += [_line(group or "(none)", by_group[group]) for group in sorted(by_group)]
    lines.append(_line("all", overall))
    return lines


def _line(name: str, share: Share) -> str:
    exact = share.exact
    told = "nothing was finished"
    if exact is not None:
        mean = share.total / share.done
        told = (f"{share.within} of {share.done} finished within = {float(exact * 100):.4f} %, "
                f"mean {stamps.seconds(mean)} s")  # fmt: skip
    started = share.done + share.unfinished
    return f"{name}: {told}; {share.unfinished} of {started} not finished"
