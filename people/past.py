"""What hours people worked when: those of today, with every later change taken back. Reads only.

Shifts, zone and holiday region change from an instant on. Leave counts with the dates it has, or
as it was known at each instant, as its reader asks: what is entered, moved or removed afterwards
then changes nothing of what has passed. Of the time before the first record of somebody nothing
else is known, so that counts as it begins.
"""

from __future__ import annotations

import copy
import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from core import reading
from people import selectors
from people.attendance import Regime
from people.models import User
from people.selectors import LeaveRow, ShiftRow

TOGETHER = dt.timedelta(minutes=1)
EVER = dt.datetime.min.replace(tzinfo=dt.UTC)
LAST = dt.datetime.max.replace(tzinfo=dt.UTC)
PLACE = ("time_zone", "holiday_country", "holiday_subdivision")

_SHIFTS = "SELECT id, user_id, weekday, starts, ends FROM people_shift WHERE user_id = ANY(%s)"
_SHIFTS_THEN = """
    SELECT id, user_id, weekday, starts, ends, history_date, history_type
      FROM people_historicalshift
     WHERE user_id = ANY(%s) AND history_date <= %s ORDER BY history_date, history_id
"""
PLACES_THEN = """
    SELECT id, history_date, time_zone, holiday_country, holiday_subdivision
      FROM people_historicaluser
     WHERE id = ANY(%s) AND history_date <= %s ORDER BY history_date, history_id
"""
_LEAVES = """
    SELECT id, user_id, starts_at, ends_at FROM people_leave
     WHERE user_id = ANY(%s) AND ends_at > %s
"""
LEAVES_THEN = """
    SELECT id, user_id, starts_at, ends_at, history_date, history_type
      FROM people_historicalleave
     WHERE user_id = ANY(%s) AND history_date <= %s ORDER BY history_date, history_id
"""


@dataclass(frozen=True, slots=True)
class _Told:
    """A shift as it was recorded."""

    at: dt.datetime
    removed: bool
    made: bool
    row: ShiftRow


class Shifts:
    """The shifts of some people at any instant; ask its `questions` first.

    Whoever began since counts as if they had always had the shifts they began with. A change
    without a record of how it was before counts as it is.
    """

    def __init__(self, ids: Sequence[int], until: dt.datetime) -> None:
        self._now = reading.plain(_SHIFTS, list(ids))
        self._then = reading.plain(_SHIFTS_THEN, list(ids), until)
        self.questions = (self._now, self._then)
        self._rows: dict[int, ShiftRow] = {}
        self._told: dict[int, list[_Told]] = defaultdict(list)
        self.changes: dict[int, list[dt.datetime]] = defaultdict(list)

    def sort(self) -> None:
        """Take in what was found: `changes` are when each person's shifts changed, in order."""
        self._rows = {pk: row for pk, *row in self._now.found}  # type: ignore[misc]
        for pk, user, weekday, starts, ends, when, how in self._then.found:
            at = when.astimezone(dt.UTC)
            row = (user, weekday, starts, ends)
            self._told[pk].append(_Told(at, how == "-", how == "+", row))
            self.changes[user].append(at)

    def at(self, instant: dt.datetime) -> list[ShiftRow]:
        """Everybody's shifts at an instant."""
        found = self.known_at(instant)
        working = {row[0] for row in found}
        for user, changes in self.changes.items():
            if changes[0] > instant and user not in working:
                began = next(in_one_go(changes))
                found += [row for row in self.known_at(began) if row[0] == user]
        return found

    def known_at(self, instant: dt.datetime) -> list[ShiftRow]:
        """The same, where nobody has shifts before they were entered."""
        found: dict[int, ShiftRow | None] = dict(self._rows)
        found.update({pk: _then(told, instant) for pk, told in self._told.items()})
        return [(row[0], row[1], row[2], row[3]) for row in found.values() if row is not None]


def _then(told: Sequence[_Told], instant: dt.datetime) -> ShiftRow | None:
    before = [one for one in told if one.at <= instant]
    if before:
        return None if before[-1].removed else before[-1].row
    return None if told[0].made else told[0].row


def in_one_go(instants: Iterable[dt.datetime]) -> Iterator[dt.datetime]:
    """The last of instants that lie close together: a week is entered day by day."""
    ordered = sorted(instants)
    for at, following in itertools.zip_longest(ordered, ordered[1:]):
        if following is None or following - at > TOGETHER:
            yield at


class Leaves:
    """The leave of some people up to an instant, each part of it from when it was known.

    Ask its `questions` first. What was there before its first record counts as it was then told;
    what has no record at all counts with the dates it has.
    """

    def __init__(self, ids: Sequence[int], *, since: dt.datetime, until: dt.datetime) -> None:
        self._now = reading.plain(_LEAVES, list(ids), since)
        self._then = reading.plain(LEAVES_THEN, list(ids), until)
        self.questions = (self._now, self._then)

    def known(self) -> list[LeaveRow]:
        """Whose leave, from when to when: spans in which it held and was known, in order."""
        told: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
        for pk, *row in self._then.found:
            told[pk].append(tuple(row))
        spans: list[LeaveRow] = [row for pk, *row in self._now.found if pk not in told]  # type: ignore[misc]
        for some in told.values():
            knew = [EVER if place == 0 and row[4] != "+" else row[3].astimezone(dt.UTC)
                    for place, row in enumerate(some)]  # fmt: skip
            for (user, starts, ends, _, how), begins, over in zip(
                some, knew, [*knew[1:], LAST], strict=True
            ):
                span = (max(starts, begins), min(ends, over))
                if how != "-" and span[0] < span[1]:
                    spans.append((user, *span))
        return sorted(spans)


def regimes(
    user_ids: Iterable[int], *, since: dt.datetime, until: dt.datetime, as_known: bool = False
) -> dict[int, tuple[Regime, ...]]:
    """What hours each of these people kept from when on, in order; two messages.

    Aware instants. The first holds from `since`, each until the next one begins; leave is in all:
    with the dates it has, or `as_known` at each instant.
    """
    ids = sorted(set(user_ids))
    shifts, leaves = Shifts(ids, until), selectors.leaves_of(ids, at=since)
    knew = Leaves(ids, since=since, until=until)
    places = reading.plain(PLACES_THEN, ids, until)
    reading.ask(*shifts.questions, places, *(knew.questions if as_known else [leaves]))
    shifts.sort()
    away = knew.known() if as_known else leaves.found
    told: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for pk, at, *place in places.found:
        if not told[pk] or told[pk][-1][1:] != tuple(place):
            told[pk].append((at.astimezone(dt.UTC), *place))
    found: dict[int, tuple[Regime, ...]] = {}
    for user in User.objects.filter(pk__in=ids):
        starts = [*shifts.changes.get(user.pk, ()), *(one[0] for one in told[user.pk][1:])]
        later = [at for at in in_one_go(starts) if at > since]
        found[user.pk] = tuple(
            Regime(at, selectors.hours_of(
                [placed(user, told[user.pk], at)],
                [row for row in shifts.at(at) if row[0] == user.pk],
                [row for row in away if row[0] == user.pk],
                at=at,
            )[user.pk])
            for at in (since, *later)
        )  # fmt: skip
    return found


def placed(user: User, told: Sequence[tuple[Any, ...]], at: dt.datetime) -> User:
    """Somebody with the zone and holidays that held at an instant."""
    if not told:
        return user
    place = next((one for one in reversed(told) if one[0] <= at), told[0])
    found = copy.copy(user)
    for name, value in zip(PLACE, place[1:], strict=True):
        setattr(found, name, value)
    return found
