"""The pools a batch needs, read once under lock; every pick updates load and credit in memory.

Locks are taken in one order everywhere: kit (shared) → identity keys → accounts → leads → reps. The
desk takes the last: the rows of all members of its pools, ordered by id, before anything of theirs
is read; then the pools' own. The first guard loads and caps, the others turns and credits, whoever
joins or leaves meanwhile. A rep who is in two pools ties the two together.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core import reading
from leads.ledger import Ledger
from people import selectors as people
from people.availability import Availability, Kind
from people.models import User
from routing import desk_queries as asked
from routing import idle_hours, memberships, past_turns, presence, rep_caps, snapshots, strategies
from routing.batch import FULL, Batch, Outcomes
from routing.fair_shares import Moves
from routing.idle_hours import IdleHours, Kept
from routing.lending import Change
from routing.models import CreditEntry, Decision, Pool, PoolMember, PoolSnapshot
from routing.presence import Coming
from routing.rep_caps import Limits
from routing.strategies import Candidate, Pick

ABSENT = frozenset({Kind.ON_LEAVE, Kind.AWAY})


@dataclass(frozen=True, slots=True)
class _Way:
    """How a pool is asked: how far shifts may lie ahead, and whether who is on call takes leads."""

    look_ahead: dt.timedelta
    on_call: bool


class Desk:
    """Members, load, credit and availability of some pools, as of `now`."""

    def __init__(
        self,
        pools: dict[str, Pool],
        members: dict[str, list[PoolMember]],
        load: dict[int, int],
        hours: dict[int, Availability],
        names: dict[int, str],
        snapshots: dict[str, PoolSnapshot],
        now: dt.datetime,
        *,
        limits: Limits | None = None,
        languages: Mapping[int, Sequence[str]] | None = None,
        windows: Mapping[str, Iterable[int]] | None = None,
        outcomes: Outcomes | None = None,
        left: Mapping[str, Sequence[PoolMember]] | None = None,
    ) -> None:
        self.pools = pools
        self.names = names
        self.hours = hours
        self._members = members
        self._load = load
        self._snapshots = snapshots
        self._now = now
        self._languages = languages or {}
        self._windows: dict[str, Iterable[int]] = dict(windows or {})
        self._outcomes = outcomes or {}
        self._left = dict(left or {})
        self._gone: dict[str, dict[int, PoolMember]] = defaultdict(dict)
        for key, some in self._left.items():
            self._gone[key] = {one.user_id: one for one in some}
        self._idle = IdleHours(pools, members, hours, now)
        self._limits = limits or Limits({}, {}, hours, now)
        self._unwritten: dict[str, tuple[Batch, Ledger]] = {}
        self._settled: set[str] = set()
        self._batches: dict[str, tuple[_Way, Batch]] = {}
        self._starts: dict[str, PoolSnapshot] = {}

    def pick(
        self,
        pool_key: str,
        *,
        ledger: Ledger,
        lead_id: int = 0,
        known: Mapping[str, Any] | None = None,
        without: int | Collection[int] | None = None,
        look_ahead: dt.timedelta | None = None,
        on_call: bool = False,
        kept_for: int | None = None,
    ) -> Pick:
        """Choose from a pool and book the pick, so that the next one sees it.

        `known` are the lead's facts, `without` whom to leave out, or by user why. `look_ahead`
        takes the place of the pool's; `on_call` lets those on call take it off shift, as they do
        where the pool calls them. A lead `kept_for` somebody is theirs if they can take it.
        """
        pool = self.pools[pool_key]
        self._welcome(pool, ledger)
        called = self._idle.presence(pool_key).called
        batch = self._batch(pool, _way(pool, look_ahead, on_call=on_call or bool(called)))
        turn = pool.turns + 1
        # A lead that is stored nowhere has no number to draw from.
        seed = f"{lead_id}.{turn}" if pool.random_percent and lead_id >= 0 else ""
        passed, kept = _ids(without), None
        if kept_for is not None and kept_for not in passed:
            kept = idle_hours.passed_for(kept_for, batch.candidates(), self.names)
        wanted = strategies.wanted_of(known or {}, seed=seed)
        chosen = batch.pick(wanted, passed=passed if kept is None else kept)
        if kept is not None:
            chosen = replace(chosen, because=presence.KEPT)
        elif chosen.user in called:
            chosen = replace(chosen, because=f"{presence.CALLED}, {chosen.because}")
        self._keep_credits(pool_key, batch, ledger)
        if chosen.user is None:
            return chosen
        pool.turns = turn
        ledger.change(pool, "turns")
        self._note(chosen.user, batch)
        return replace(chosen, turn=turn)

    def foretell(self, pool_key: str, *, ledger: Ledger) -> Pick:
        """How the next pick would go, with everybody's story; the ledger is to be thrown away."""
        pool = self.pools[pool_key]
        self._welcome(pool, ledger)
        way = _way(pool, None, on_call=bool(self._idle.presence(pool_key).called))
        terms = replace(strategies.terms_of(pool), random_percent=0)
        return strategies.pick(terms, self._batch(pool, way).candidates())

    def book(self, user_id: int) -> None:
        """A lead goes to somebody without a turn of their pools: their load counts it."""
        self._note(user_id, None)

    def give_back(
        self,
        pool_key: str,
        changes: Mapping[int, Change],
        *,
        decision: Decision,
        by_id: int | None,
        note: str,
        ledger: Ledger,
        why: CreditEntry.Why = CreditEntry.Why.RETURNED,
    ) -> None:
        """Book these changes as one turn given back, or counted after all; of leavers, too."""
        pool = self.pools[pool_key]
        self._welcome(pool, ledger)
        self.write_credits(pool_key)
        # One instance of each row: of two, either might be the one that is written.
        here = self._gone[pool_key] | {one.user_id: one for one in self._members[pool_key]}
        if gone := set(changes) - here.keys():
            rows = PoolMember.objects.filter(pool=pool, user_id__in=gone)
            self._gone[pool_key] |= {one.user_id: one for one in rows}
            here |= self._gone[pool_key]
        memberships.write(
            pool,
            [(here[user], change) for user, change in sorted(changes.items()) if user in here],
            why=why,
            ledger=ledger,
            decision=decision,
            by_id=by_id,
            note=note,
        )
        if (known := self._batches.pop(pool_key, None)) is not None:
            self._windows[pool_key] = known[1].window

    def candidates(
        self,
        pool_key: str,
        *,
        look_ahead: dt.timedelta | None = None,
        on_call: bool = False,
        without: Collection[int] = (),
    ) -> list[Candidate]:
        """The members of a pool as they stand now; nothing is booked."""
        way = _way(self.pools[pool_key], look_ahead, on_call=on_call)
        return self._batch(self.pools[pool_key], way).candidates(passed=without)

    def standing(self, user_id: int, *, look_ahead: dt.timedelta = dt.timedelta()) -> Candidate:
        """Somebody `open_for` was asked for (else LookupError) under the tightest of their caps."""
        why, until, absent = self._unavailable(user_id, look_ahead, on_call=False)
        return Candidate(
            user=user_id,
            weight=1,
            credit=0,
            open_leads=self._load.get(user_id, 0),
            open_cap=self._limits.open_cap(user_id),
            unavailable=why,
            until=until,
            absent=absent,
            limits=self._limits.of(user_id),
        )

    def snapshot(self, pool_key: str, *, ledger: Ledger) -> PoolSnapshot:
        """The stored snapshot of the pool's membership; written with the ledger if it is new.

        That of a large pool holds the whole state in which its batch began.
        """
        own = self._starts.get(pool_key)
        if own is None:
            content = snapshots.content(self.pools[pool_key], self._members[pool_key], self._limits)
            own = snapshots.row(content, now=self._now)
            own = self._starts[pool_key] = self._snapshots.get(own.checksum, own)
        if own.checksum not in self._snapshots:
            self._snapshots[own.checksum] = own
            ledger.add(own)
        return own

    def wait(
        self, pool_key: str, *, was: int | None, without: Collection[int] = ()
    ) -> tuple[dt.datetime, int | None]:
        """When a lead nobody can take now is looked at again, and whose it is then."""
        return self._idle.wait(pool_key, self._room_at, was=was, without=without)

    def sharing(self, pool_key: str) -> tuple[Coming, ...]:
        """Who shares what the pool keeps, while that can be dealt anew; nobody once it cannot."""
        return self._idle.sharing(pool_key)

    def deal_kept(self, pool_key: str, *, loose: int) -> Moves:
        """How these come to their shares of what is kept for them, and so many leads more."""
        return self._idle.deal(pool_key, self._room_at, loose=loose)

    def _room_at(self, user: int, at: dt.datetime) -> int:
        """How many leads somebody who holds what they hold now has room for, then."""
        cap, limits = self._limits.open_cap(user), self._limits.of(user, at=at)
        rooms = [one.allowed - one.received for one in limits]
        return min([sys.maxsize if cap is None else cap - self._load.get(user, 0), *rooms])

    def write_credits(self, pool_key: str) -> None:
        """Have what picks booked in the members' rows; a flush of the ledger does so, too."""
        if pool_key not in self._unwritten:
            return
        batch, ledger = self._unwritten.pop(pool_key)
        columns = zip(self._members[pool_key], batch.credits, batch.lents, strict=True)
        for member, credit, lent in columns:
            if (member.credit, member.lent) != (credit, lent):
                member.credit, member.lent = credit, lent
                ledger.change(member, "credit", "lent")

    def note_kept(self, kept: Kept) -> None:
        """What waits in the pools for one of their members alone."""
        self._idle.note(kept)

    def room(self, pool_key: str) -> int:
        """How many more leads the pool's members can take now; no cap counts as many."""
        return idle_hours.room(self.candidates(pool_key, on_call=self.is_calling(pool_key)))

    def keeps(self, pool_key: str) -> frozenset[int]:
        """For whom leads stay kept while others of the pool have room."""
        return self._idle.keeps(pool_key)

    def is_calling(self, pool_key: str) -> bool:
        """Whether nobody of the pool works, and it calls whoever is on call."""
        return bool(self._idle.presence(pool_key).called)

    def _welcome(self, pool: Pool, ledger: Ledger) -> None:
        """Who joined, came back or left since the last pick enters or leaves the books."""
        if pool.key in self._settled:
            return
        self._settled.add(pool.key)
        members, left = self._members[pool.key], self._left.pop(pool.key, ())
        if left or any(one.since_turn is None for one in members):
            memberships.settle(pool, members, left, ledger=ledger)

    def _batch(self, pool: Pool, way: _Way) -> Batch:
        """The pool's batch; asked in another way than before, it begins a new one."""
        known = self._batches.get(pool.key)
        if known is not None and known[0] == way:
            return known[1]
        self.write_credits(pool.key)
        members = self._members[pool.key]
        terms = strategies.terms_of(pool)
        if known is not None:
            self._windows[pool.key] = known[1].window
        batch = Batch(
            terms,
            [self._candidate(one, terms, way) for one in members],
            window=self._windows.get(pool.key, ()),
            outcomes={one.user_id: self._outcomes.get(one.user_id, {}) for one in members}
            if terms.strategy == "BEST_PERFORMER"
            else None,
        )
        self._batches[pool.key] = (way, batch)
        if batch.is_brief:
            self._starts[pool.key] = self._start(pool, members, batch)
        return batch

    def _start(self, pool: Pool, members: list[PoolMember], batch: Batch) -> PoolSnapshot:
        state = {"turns": pool.turns, "state": batch.as_data()}
        return snapshots.row(snapshots.content(pool, members, self._limits) | state, now=self._now)

    def _note(self, user_id: int, by: Batch | None) -> None:
        """One lead more for somebody; the other batches they are in see it."""
        self._load[user_id] = self._load.get(user_id, 0) + 1
        self._limits.note(user_id)
        for _, batch in self._batches.values():
            if batch is not by:
                batch.move(user_id)

    def _keep_credits(self, pool_key: str, batch: Batch, ledger: Ledger) -> None:
        """What a batch books for everybody reaches their rows once, when it is through."""
        if pool_key not in self._unwritten:
            ledger.before_flush(lambda: self.write_credits(pool_key))
        self._unwritten[pool_key] = batch, ledger

    def _candidate(self, member: PoolMember, terms: strategies.Terms, way: _Way) -> Candidate:
        user, called = member.user_id, way.on_call and member.on_call
        why, until, absent = self._unavailable(user, way.look_ahead, on_call=called)
        return Candidate(
            user=user,
            weight=member.weight,
            credit=member.credit,
            open_leads=self._load.get(user, 0),
            open_cap=self._limits.open_cap(user),
            unavailable=why,
            until=until,
            absent=absent,
            limits=self._limits.of(user),
            languages=tuple(self._languages.get(user, ()) if terms.matches_language else ()),
            lent=member.lent,
        )

    def _unavailable(
        self, user: int, look_ahead: dt.timedelta, *, on_call: bool
    ) -> tuple[str | None, str | None, bool]:
        """Why somebody cannot take a lead now, when that ends, and whether they are on leave."""
        hours = self.hours[user]
        reason = presence.held(hours, at=self._now, look_ahead=look_ahead, on_call=on_call)
        if reason is None:
            return None, None, False
        until = reason.until.isoformat() if reason.until else None
        return reason.words, until, reason.kind in ABSENT


def open_for(
    pool_keys: Iterable[str],
    *,
    now: dt.datetime,
    users: Iterable[int] = (),
    locked: bool = True,
) -> Desk:
    """Lock the pools' reps, and these `users`, in order and read what picking needs: in three
    messages. Not `locked`, it only tells who could take something: its ledger may not be written.
    """
    keys, meant = sorted(set(pool_keys)), sorted(set(users))
    lock = asked.LOCK if locked else ""
    reps = reading.rows(User, asked.THEIR_REPS + lock, keys, meant)
    found = reading.rows(Pool, asked.POOLS + lock, keys)
    reading.ask(reps, found)
    pools = {pool.key: pool for pool in found.found}
    user_ids = [user.pk for user in reps.found]
    rows = reading.rows(PoolMember, asked.MEMBERS, user_ids, [pool.pk for pool in found.found])
    load, received = reading.plain(asked.LOAD, user_ids), past_turns.received(user_ids, now=now)
    shifts, leaves = people.shifts_of(user_ids), people.leaves_of(user_ids, at=now)
    best = [key for key, pool in pools.items() if pool.strategy == Pool.Strategy.BEST_PERFORMER]
    turns, outcomes = past_turns.windows(best), past_turns.outcomes(user_ids, now=now)
    kept = reading.plain(asked.KEPT, user_ids)
    reading.ask(rows, load, received, shifts, leaves, kept, *([turns, outcomes] if best else ()))
    members, left = memberships.by_pool(rows.found, pools)
    hours = people.hours_of(reps.found, shifts.found, leaves.found, at=now)
    counted, joined = past_turns.by_period(received.found), past_turns.joined(received.found)
    limits = rep_caps.limits(rows.found, counted, hours, now=now, joined=joined)
    checksums = [
        snapshots.checksum(snapshots.content(pools[key], some, limits))
        for key, some in members.items()
        if len(some) <= FULL
    ]
    known = reading.rows(PoolSnapshot, "WHERE checksum = ANY(%s)", checksums)
    reading.ask(known)
    counter = Desk(
        pools,
        members,
        dict(load.found),
        hours,
        {user.pk: str(user) for user in reps.found},
        {row.checksum: row for row in known.found},
        now,
        limits=limits,
        languages={user.pk: user.languages for user in reps.found},
        windows=past_turns.by_pool(turns.found),
        outcomes=past_turns.by_segment(outcomes.found),
        left=left,
    )
    counter.note_kept({(queue, user): count for queue, user, count in kept.found})
    return counter


def _way(pool: Pool, look_ahead: dt.timedelta | None, *, on_call: bool) -> _Way:
    return _Way(look_ahead or dt.timedelta(minutes=pool.look_ahead_minutes), on_call)


def _ids(without: int | Collection[int] | None) -> Collection[int]:
    return (without,) if isinstance(without, int) else without or ()
