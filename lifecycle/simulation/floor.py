"""Who is there to take a lead at an instant of a replay, as the desk sees it."""

from __future__ import annotations

import datetime as dt
import itertools
from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Collection, Iterable

from governance.kit import Kit
from leads.ledger import Ledger
from lifecycle.simulation import meant
from lifecycle.simulation.judgement import Question
from lifecycle.simulation.meant import Holding
from lifecycle.simulation.played import Asker
from lifecycle.simulation.staff import Pools, Staff
from routing import caps, matching, named, passing, rep_caps, rules, targets
from routing.desk import Desk
from routing.matching import Match
from routing.models import PoolMember
from routing.rep_caps import Limits
from routing.strategies import WINDOW, Pick
from routing.targets import Standing

_NAMES: dict[int, str] = defaultdict(str)
"""Nobody reads what somebody is called here."""


class Floor:
    """All pools with their members, loads, turns and caps, under one kit."""

    def __init__(self, pools: Pools, staff: Staff, kit: Kit, since: dt.datetime) -> None:
        self.pools, self._staff = pools, staff
        self.meant = Holding(meant.NOTHING)
        self.open: dict[int, int] = defaultdict(int)
        """How many leads everybody holds."""
        self.given_at: dict[int, list[dt.datetime]] = defaultdict(list)
        """When a rule or a level gave them each."""
        self._paper = Ledger(kit=kit, now=since, actor="simulation")  # never flushed
        self._windows: dict[str, deque[int]] = {}
        everybody = itertools.chain.from_iterable(pools.members.values())
        self._caps = rep_caps.tightest(everybody)
        self._paced = {user for user, own in self._caps.items() if own.keys() - {"open_cap"}}

    def by_rules(
        self,
        question: Question,
        at: dt.datetime,
        passed: Collection[int],
        missed: Collection[int] = (),
        *,
        declined: Collection[int],
    ) -> Match:
        """Which rule takes a lead; not for those who are `passed`, whoever has it last first, nor
        for who `missed` a deadline of it or `declined` it.
        """
        counter = self.everybody(at)
        people = {
            rule.key: self._standing(question, rule, counter, at, passed, missed, declined)
            for rule in question.asking.rules
            if rule.means_people
        }
        return matching.settle(question.fitted, people, now=at)

    def _standing(
        self, question: Question, rule: rules.Rule, counter: Desk, at: dt.datetime,
        passed: Collection[int], missed: Collection[int], declined: Collection[int],
    ) -> Standing:  # fmt: skip
        last = next(iter(passed), None)
        whom = self.meant.of(question.asking, rule, at=at, without=last)
        if whom.user is not None and whom.user not in counter.hours:
            return targets.NOBODY
        pool = self.pools.pools.get(rule.pool)
        skips = max(1, pool.skips_holders) if pool is not None else 0
        without = passing.reasons((*tuple(passed)[:skips], *missed), declined=declined)
        return named.stand(whom, counter, now=at, without=without)

    def everybody(self, at: dt.datetime) -> Desk:
        """All pools as they stand then."""
        return self.desk(itertools.chain.from_iterable(self.pools.members.values()), at)

    def desk(self, members: Iterable[PoolMember], at: dt.datetime) -> Desk:
        """What was given lately counts for these members only."""
        hours = self._staff.at(at)
        return Desk(
            self.pools.pools, self.pools.members, self.open, hours, _NAMES, {}, at,
            limits=Limits(self._caps, self._received(members, at), hours, at),
            languages=self.pools.languages, windows=self._windows, outcomes=self.pools.outcomes,
        )  # fmt: skip

    def picked(
        self, lead: Asker, pool: str, at: dt.datetime, without: int | Collection[int] | None
    ) -> Pick:
        desk = self.desk(self.pools.members[pool], at)
        left_out = (without,) if isinstance(without, int) else without or ()
        pick = desk.pick(
            pool, ledger=self._paper, lead_id=lead.id, known=lead.known,
            without=passing.reasons(left_out, declined=lead.declined),
            kept_for=lead.kept_for if pool == lead.pool else None,
        )  # fmt: skip
        desk.write_credits(pool)
        if pick.user is not None:
            self._windows.setdefault(pool, deque(maxlen=WINDOW)).append(pick.user)
            self.open[pick.user] -= 1  # the desk has booked it; `_hold` counts it with the rest
        return pick

    def _received(
        self, members: Iterable[PoolMember], at: dt.datetime
    ) -> dict[int, dict[str, int]]:
        """What those with a cap of a day, week or month were given in each by now."""
        hours = self._staff.at(at)
        return {
            one.user_id: {
                period: len(given) - bisect_left(given, caps.begins(period, own.hours, at))
                for period in caps.PERIODS
            }
            for one in members
            if one.user_id in self._paced
            and (own := hours.get(one.user_id)) is not None
            and (given := self.given_at[one.user_id])
        }
