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
from dataclasses import dataclass, field

from django.db.models import Q

from core import reading
from people import past
from people import selectors as people
from people.availability import Availability
from people.models import User
from routing import past_turns
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
        member.credit, member.lent, member.since_turn = 0, 0, 0
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

    Four messages, and two more for each instant at which somebody's shifts were changed.
    """
    ids = sorted(set(user_ids))
    states, shifts = _states(ids, until), past.Shifts(ids, until)
    reading.ask(*shifts.questions)
    shifts.sort()
    changed = {at for told in states.values() for at, _, _ in told if at > since}
    other_shifts = set(
        past.in_one_go(at for some in shifts.changes.values() for at in some if at > since)
    )
    usual: dict[int, Availability] = {}
    starts = [since, *sorted(changed | other_shifts)]
    regimes = []
    for start in starts:
        if start == since or start in other_shifts:
            usual = people.availabilities(ids, at=since, told=shifts.at(start))
        regimes.append({pk: _then(one, states.get(pk, ()), start) for pk, one in usual.items()})
    return Staff(starts, regimes)


State = tuple[dt.datetime, bool, dt.datetime | None]
"""From when on, whether active, and away until when."""


def _states(ids: Sequence[int], until: dt.datetime) -> dict[int, list[State]]:
    told: dict[int, list[State]] = defaultdict(list)
    told_then = User.history.filter(id__in=ids, history_date__lte=until)
    for pk, at, how, active, away in told_then.order_by(
        "id", "history_date", "history_id"
    ).values_list("id", "history_date", "history_type", "is_active", "away_until"):
        if pk not in told:
            # Who joined since counts as a member of today, as when they began; of who was there
            # before their first record nothing is known but that they were there.
            first = (active, away) if how == "+" else (True, None)
            told[pk].append((past.EVER, *first))
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


def homes(leads: Sequence[int], *, at: dt.datetime) -> dict[int, str]:
    """By lead the pool of whoever held it then; nothing where a person had given it to them."""
    rows = Assignment.objects.filter(lead__in=leads, started_at__lte=at)
    held = rows.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=at)).order_by("id")
    return dict(held.values_list("lead_id", "pool"))
