"""Who could take leads in the past: the pool members of today, when they really worked. Reads only.

Members, weights and caps are people data and not part of a kit, so both versions of a replay get
those of today, and the credit of every rotation begins at nought for both.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from people import selectors as people
from people.availability import Availability
from people.models import User
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
    """Shifts of today, leave as it was recorded, being active or away as it was at each instant."""
    ids = sorted(set(user_ids))
    usual = people.availabilities(ids, at=since)
    known: dict[int, list[tuple[dt.datetime, bool, dt.datetime | None]]] = defaultdict(list)
    past = User.history.filter(id__in=ids, history_date__lte=until)
    for pk, at, active, away in past.order_by("id", "history_date", "history_id").values_list(
        "id", "history_date", "is_active", "away_until"
    ):
        known[pk].append((at, active, away))
    changes = {at for told in known.values() for at, _, _ in told if at > since}
    starts = [since, *sorted(changes)]
    return Staff(starts, [_at(start, usual, known) for start in starts])


def _at(
    instant: dt.datetime,
    usual: Mapping[int, Availability],
    known: Mapping[int, Sequence[tuple[dt.datetime, bool, dt.datetime | None]]],
) -> dict[int, Availability]:
    hours = {}
    for pk, one in usual.items():
        told = known.get(pk, ())
        # Who joined since counts as a member of today: as they were when they began.
        then = next((row for row in reversed(told) if row[0] <= instant), told[0] if told else None)
        hours[pk] = (
            one if then is None else dataclasses.replace(one, active=then[1], away_until=then[2])
        )
    return hours


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
