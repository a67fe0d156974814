"""Who could take leads in the past: the pool members of today, when they really worked. Reads only.

Members, weights and caps are people data and not part of a kit, so both versions of a replay get
those of today, and the credit of every rotation begins at nought for both.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from core import reading
from people import selectors as people
from people.availability import Availability
from people.models import Shift, User
from people.selectors import ShiftRow
from routing import past_turns
from routing.models import Assignment, Pool, PoolMember

TOGETHER = dt.timedelta(minutes=1)
USUAL_HOLD = dt.timedelta(days=2)
"""How long a rep holds a lead when no lead of the window tells."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A lead outside the replay that a rep held: it counts towards their load."""

    user: int
    since: dt.datetime
    until: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Pools:
    """All pools with fresh copies of their members: each version of a replay takes its own."""

    pools: dict[str, Pool]
    members: dict[str, list[PoolMember]]
    languages: dict[int, list[str]] = field(default_factory=dict)
    outcomes: dict[int, dict[str, tuple[int, int]]] = field(default_factory=dict)
    """Won and decided leads by rep and segment, as known when the window begins."""


class Staff:
    """When each rep could take a lead, at any instant of the window."""

    def __init__(
        self, starts: Sequence[dt.datetime], hours: Sequence[dict[int, Availability]]
    ) -> None:
        """`hours[i]` hold from `starts[i]` on."""
        self._starts, self._hours = list(starts), list(hours)

    def at(self, instant: dt.datetime) -> dict[int, Availability]:
        """Everybody's availability as it was then."""
        return self._hours[max(0, bisect_right(self._starts, instant) - 1)]

    def changes_after(self, instant: dt.datetime) -> dt.datetime | None:
        """When somebody's hours change next, other than by the clock; None if they do not."""
        place = bisect_right(self._starts, instant)
        return self._starts[place] if place < len(self._starts) else None


def pools(*, since: dt.datetime | None = None) -> Pools:
    """The pools of today, their members without credit; outcomes as known at `since`."""
    found = {pool.key: pool for pool in Pool.objects.all()}
    members: dict[str, list[PoolMember]] = {key: [] for key in found}
    rows = PoolMember.objects.filter(active=True).select_related("pool")
    for member in rows.order_by("pool_id", "user_id"):
        member.credit, member.since_turn = 0, 0
        members[member.pool.key].append(member)
    ids = sorted({one.user_id for some in members.values() for one in some})
    spoken = User.objects.filter(pk__in=ids).values_list("pk", "languages")
    outcomes: dict[int, dict[str, tuple[int, int]]] = {}
    best = Pool.Strategy.BEST_PERFORMER
    if since is not None and any(pool.strategy == best for pool in found.values()):
        known = past_turns.outcomes(ids, now=since)
        reading.ask(known)
        outcomes = past_turns.by_segment(known.found)
    return Pools(found, members, dict(spoken), outcomes)


def read(user_ids: Iterable[int], *, since: dt.datetime, until: dt.datetime) -> Staff:
    """Shifts, leave, being active or away as they were at each instant of the window.

    Five queries, and two more for each instant at which somebody's shifts were changed.
    """
    ids = sorted(set(user_ids))
    states, shifts = _states(ids, until), _Shifts(ids, until)
    changed = {at for told in states.values() for at, _, _ in told if at > since}
    other_shifts = set(_in_one_go(at for at in shifts.changes if at > since))
    usual: dict[int, Availability] = {}
    starts = [since, *sorted(changed | other_shifts)]
    regimes = []
    for start in starts:
        if start == since or start in other_shifts:
            usual = people.availabilities(ids, at=since, told=shifts.at(start))
        regimes.append({pk: _then(one, states.get(pk, ()), start) for pk, one in usual.items()})
    return Staff(starts, regimes)


def _in_one_go(instants: Iterable[dt.datetime]) -> Iterator[dt.datetime]:
    """The last of instants that lie close together: a week is entered day by day."""
    ordered = sorted(instants)
    for at, following in itertools.zip_longest(ordered, ordered[1:]):
        if following is None or following - at > TOGETHER:
            yield at


class _Shifts:
    """The shifts of some people at any instant: today's, with all later changes taken back.

    Whoever began since counts as a member of today, with the shifts they have now. A change
    without a record of how it was before counts as it is.
    """

    def __init__(self, ids: Sequence[int], until: dt.datetime) -> None:
        self._today = {row.pk: row for row in Shift.objects.filter(user_id__in=ids)}
        self._told: dict[int, list[Any]] = defaultdict(list)
        self._begun: dict[int, dt.datetime] = {}
        self.changes: set[dt.datetime] = set()
        past = Shift.history.filter(user_id__in=ids, history_date__lte=until)
        for row in past.order_by("history_date", "history_id"):
            self._told[row.id].append(row)
            self._begun.setdefault(row.user_id, row.history_date)
            self.changes.add(row.history_date)

    def at(self, instant: dt.datetime) -> list[ShiftRow]:
        """Everybody's shifts at an instant."""
        found = dict(self._today)
        for pk, rows in self._told.items():
            found[pk] = self._row(pk, rows, instant)
        then = [row for row in found.values() if row is not None]
        working = {row.user_id for row in then}
        late = {
            user for user, first in self._begun.items() if first > instant and user not in working
        }
        then += [row for row in self._today.values() if row.user_id in late]
        return [(row.user_id, row.weekday, row.starts, row.ends) for row in then]

    def _row(self, pk: int, rows: Sequence[Any], instant: dt.datetime) -> Any:
        before = [row for row in rows if row.history_date <= instant]
        if before:
            return None if before[-1].history_type == "-" else before[-1]
        first = rows[0]
        return {"+": None, "-": first}.get(first.history_type, self._today.get(pk))


EVER = dt.datetime.min.replace(tzinfo=dt.UTC)
State = tuple[dt.datetime, bool, dt.datetime | None]
"""From when on, whether active, and away until when."""


def _states(ids: Sequence[int], until: dt.datetime) -> dict[int, list[State]]:
    told: dict[int, list[State]] = defaultdict(list)
    past = User.history.filter(id__in=ids, history_date__lte=until)
    for pk, at, how, active, away in past.order_by("id", "history_date", "history_id").values_list(
        "id", "history_date", "history_type", "is_active", "away_until"
    ):
        if pk not in told:
            # Who joined since counts as a member of today, as when they began; of who was there
            # before their first record nothing is known but that they were there.
            first = (active, away) if how == "+" else (True, None)
            told[pk].append((EVER, *first))
        told[pk].append((at, active, away))
    return told


def _then(usual: Availability, told: Sequence[State], at: dt.datetime) -> Availability:
    """Somebody as they were, by the last record of them; as today where there is none."""
    then = next((state for state in reversed(told) if state[0] <= at), None)
    if then is None:
        return usual
    return dataclasses.replace(usual, active=then[1], away_until=then[2])


def holds(
    *, since: dt.datetime, until: dt.datetime, without: frozenset[int]
) -> tuple[list[Hold], dt.timedelta]:
    """What reps held in the window beside the leads of the replay; and how long leads are held."""
    rows = Assignment.objects.filter(started_at__lte=until).filter(
        Q(ended_at__isnull=True) | Q(ended_at__gt=since)
    )
    found, lengths = [], []
    for lead, user, started, ended in rows.order_by("id").values_list(
        "lead_id", "user_id", "started_at", "ended_at"
    ):
        if lead not in without:
            found.append(Hold(user, started, ended))
        if ended is not None and ended <= until:
            lengths.append(ended - started)
    lengths.sort()
    return found, lengths[len(lengths) // 2] if lengths else USUAL_HOLD
