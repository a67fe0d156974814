"""What was known of people's hours, each time that it changed. Reads only.

Unlike `people.past` it tells nothing by what came later: at each instant leave has the dates, and
people have the shifts, that were entered by then.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from core import reading
from people import past, selectors
from people.availability import Availability
from people.models import User
from people.past import TOGETHER
from people.selectors import LeaveRow

AT_ONCE = dt.timedelta(seconds=1)
"""Leave that is entered in one go, such as by a calendar, lies no further apart."""


@dataclass(frozen=True, slots=True)
class Change:
    """From an aware instant on somebody's hours were known to be these, leave to come included."""

    at: dt.datetime
    works: Availability


def of(
    user_ids: Iterable[int], *, since: dt.datetime, memory: dt.timedelta
) -> dict[int, list[Change]]:
    """Every change after an instant, by person, in order; one message and one query.

    Leave that was over for longer than `memory` by then is left out. A week of shifts is entered
    day by day: it counts as changed with the last of them.
    """
    ids = sorted(set(user_ids))
    shifts = past.Shifts(ids, past.LAST)
    places = reading.plain(past.PLACES_THEN, ids, past.LAST)
    leaves = reading.plain(past.LEAVES_THEN, ids, past.LAST)
    reading.ask(*shifts.questions, places, leaves)
    shifts.sort()
    placed: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for pk, at, *place in places.found:
        if not placed[pk] or placed[pk][-1][1:] != tuple(place):
            placed[pk].append((at.astimezone(dt.UTC), *place))
    told: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for pk, user_id, starts, ends, at, how in leaves.found:
        told[user_id].append((pk, starts, ends, at.astimezone(dt.UTC), how))
    found: dict[int, list[Change]] = {}
    for user in User.objects.filter(pk__in=ids):
        weeks = [*shifts.changes.get(user.pk, ()), *(one[0] for one in placed[user.pk][1:])]
        instants = _instants(weeks, [one[3] for one in told[user.pk]])
        found[user.pk] = [
            Change(at, selectors.hours_of(
                [past.placed(user, placed[user.pk], at)],
                [row for row in shifts.known_at(at) if row[0] == user.pk],
                _leaves(user.pk, told[user.pk], at, at - memory),
                at=at,
            )[user.pk])
            for at in instants if at > since
        ]  # fmt: skip
    return found


def _instants(weeks: Sequence[dt.datetime], leaves: Sequence[dt.datetime]) -> list[dt.datetime]:
    """When something was complete: leave by itself, but not amid a week that is being entered."""
    entered = list(_in_one_go(weeks, TOGETHER))
    ends = {last for _, last in entered}
    for _, last in _in_one_go(leaves, AT_ONCE):
        amid = any(first <= last < end for first, end in entered)
        ends |= set() if amid else {last}
    return sorted(ends)


def _in_one_go(
    instants: Iterable[dt.datetime], apart: dt.timedelta
) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """The first and the last of each that lie no further apart than that."""
    first = last = None
    for at in sorted(instants):
        if first is None or last is None:
            first = at
        elif at - last > apart:
            yield first, last
            first = at
        last = at
    if first is not None and last is not None:
        yield first, last


def _leaves(
    user_id: int, told: Iterable[tuple[Any, ...]], at: dt.datetime, after: dt.datetime
) -> list[LeaveRow]:
    """Somebody's leave as it was known, as far as it ends after an instant."""
    known: dict[int, LeaveRow | None] = {}
    for pk, starts, ends, when, how in told:
        if when <= at:
            known[pk] = None if how == "-" else (user_id, starts, ends)
        elif pk not in known:  # what was there before its first record
            known[pk] = None if how == "+" else (user_id, starts, ends)
    return sorted(row for row in known.values() if row is not None and row[2] > after)
