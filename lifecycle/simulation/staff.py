"""Who could take leads in the past: the pool members of today, when they really worked. Reads only.

Members, weights and caps are people data and not part of a kit, so both versions of a replay get
those of today, and the credit of every rotation begins at nought for both.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q

from people import selectors as people
from people.availability import Availability
from people.models import Shift, User
from routing.models import Assignment, Pool, PoolMember

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


def pools() -> Pools:
    """The pools of today, their members without credit."""
    found = {pool.key: pool for pool in Pool.objects.all()}
    members: dict[str, list[PoolMember]] = {key: [] for key in found}
    rows = PoolMember.objects.filter(active=True).select_related("pool")
    for member in rows.order_by("pool_id", "user_id"):
        member.credit = 0
        members[member.pool.key].append(member)
    return Pools(found, members)


def read(user_ids: Iterable[int], *, since: dt.datetime, until: dt.datetime) -> Staff:
    """Shifts, leave, being active or away as they were at each instant of the window.

    Three queries, and four more for each instant at which somebody's shifts were changed.
    """
    ids = sorted(set(user_ids))
    states = _states(ids, until)
    changed = {at for told in states.values() for at, _, _ in told if at > since}
    shifts = Shift.history.filter(user_id__in=ids, history_date__gt=since, history_date__lte=until)
    other_shifts = set(shifts.values_list("history_date", flat=True))
    usual: dict[int, Availability] = {}
    starts = [since, *sorted(changed | other_shifts)]
    regimes = []
    for start in starts:
        if start == since or start in other_shifts:
            told = people.shifts_at(ids, at=start)
            usual = people.availabilities(ids, at=since, told=told)
        regimes.append({pk: _then(one, states.get(pk, ()), start) for pk, one in usual.items()})
    return Staff(starts, regimes)


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
