"""Who changed somebody's working time, and why: the last lines of its history."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, tzinfo
from typing import Any

from core import reading
from core.texts import _, lazy
from people import languages
from people.models import Leave, Shift, User
from web.console import words

SHOWN = 20
MIDNIGHT = time()
VERBS = {"+": "entered", "~": "changed", "-": lazy("took out")}


@dataclass(frozen=True, slots=True)
class Line:
    """One change."""

    at: datetime
    sentence: str
    why: str


def of(person: User, *, now: datetime, zone: tzinfo) -> tuple[Line, ...]:
    """The last changes, newest first; one message."""
    shifts, leaves = (
        model.history.filter(user_id=person.pk).select_related("history_user")
        for model in (Shift, Leave)
    )
    shifts, leaves = (rows.order_by("-history_id")[:SHOWN] for rows in (shifts, leaves))
    past = User.history.filter(id=person.pk).select_related("history_user")
    users = past.order_by("-history_id")[: 3 * SHOWN]
    reading.ask(shifts, leaves, users)
    lines = [*_shifts(shifts), *_leaves(leaves, now, zone), *_away(users, now, zone)]
    return tuple(sorted(lines, key=lambda line: line.at, reverse=True)[:SHOWN])


def _shifts(rows: Iterable[Any]) -> list[Line]:
    days = dict(Shift.Weekday.choices)
    found = []
    for row in rows:
        ends = "24:00" if row.ends == MIDNIGHT else f"{row.ends:%H:%M}"
        what = f"{VERBS[row.history_type]} {days[row.weekday]} {row.starts:%H:%M}–{ends}"
        found.append(_line(row, what))
    return found


def _leaves(rows: Iterable[Any], now: datetime, zone: tzinfo) -> list[Line]:
    found = []
    for row in rows:
        span = " to ".join(
            words.moment(at, now=now, zone=zone) for at in (row.starts_at, row.ends_at)
        )
        found.append(
            _line(
                row,
                _("{VERBS} leave from {span}").format(VERBS=VERBS[row.history_type], span=span),
                row.source,
            )
        )
    return found


def _away(rows: Iterable[Any], now: datetime, zone: tzinfo) -> list[Line]:
    found = []
    for row, before in itertools.pairwise([*rows, None]):
        if row is None or (before is None and row.history_type == "~"):
            continue
        if before is not None and row.time_zone != before.time_zone:
            found.append(
                _line(
                    row, _("changed the time zone to {time_zone}").format(time_zone=row.time_zone)
                )
            )
        if before is not None and row.languages != before.languages:
            spoken = languages.names(row.languages) or _("English only")
            found.append(_line(row, _("changed the languages to {spoken}").format(spoken=spoken)))
        was = before.away_until if before is not None else None
        if row.away_until == was:
            continue
        until = words.moment(row.away_until, now=now, zone=zone) if row.away_until else ""
        found.append(
            _line(
                row,
                _("set away until {until}").format(until=until) if until else _("ended being away"),
            )
        )
    return found


def _line(row: Any, what: str, source: str = Leave.Source.TYPED) -> Line:
    who = str(row.history_user) if row.history_user else "LeadGov"
    if source == Leave.Source.CALENDAR:
        who = _("The calendar")
    return Line(row.history_date, f"{who} {what}", row.history_change_reason or "")
