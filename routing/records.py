"""Decision records read again: all candidates of a decision, and what it changed in the ledger.

Records of large pools hold a place in their batch; the batch is dealt again from its snapshot.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from routing import batch, strategies
from routing.batch import Batch
from routing.lending import Change
from routing.models import Decision
from routing.strategies import Candidate, Pick, Wanted

AT_HAND = 16
"""So many batches a dealer keeps; one that it has put away is dealt from its start again."""

_NEEDED = ("place", "seed", "snapshot_id")

Before = Callable[[Decision, int, int], Iterable[Decision]]
"""Gives the picks of a decision's batch from the one to before the other, in order."""


class Dealer:
    """Deals batches again, each only as far as it is asked for; made for decisions in order."""

    def __init__(self, before: Before | None = None) -> None:
        """`before` finds the earlier picks of a batch; in the database unless given."""
        self._batches: OrderedDict[int, Batch] = OrderedDict()
        self._before = before or _before

    def again(self, decision: Decision) -> Pick:
        """The pick of a decision of a large pool, made again.

        Raises LookupError where its snapshot, or a decision of its batch before it, is missing.
        """
        if decision.place is None or decision.snapshot is None:
            raise LookupError("its batch is not in the records")
        key = decision.snapshot.pk
        dealt = self._batches.get(key)
        if dealt is None or dealt.picks > decision.place["after"]:
            dealt = self._batches[key] = batch.of_snapshot(decision.snapshot.content)
        self._batches.move_to_end(key)
        if len(self._batches) > AT_HAND:
            self._batches.popitem(last=False)
        if dealt.picks < decision.place["after"]:
            for before in self._before(decision, dealt.picks, decision.place["after"]):
                batch.again(dealt, before.place or {}, wanted(before))
        return batch.again(dealt, decision.place, wanted(decision))


def wanted(decision: Decision) -> Wanted:
    """What the pick knew of the buyer."""
    if decision.place is not None:
        language, segment = (decision.place.get(name, "") for name in ("language", "segment"))
        return Wanted(language, segment, decision.seed)
    return strategies.wanted_of(decision.facts, seed=decision.seed)


def candidates(decision: Decision, before: Before | None = None) -> list[dict[str, Any]]:
    """Every candidate as the decision saw them, whatever the size of the pool.

    Of a large pool the batch is dealt again up to it. Raises LookupError where that is impossible.
    """
    if decision.place is None or decision.snapshot is None:
        return list(decision.candidates)
    dealt = _dealt(decision, before or _before)
    told = batch.in_full(dealt, decision.place, wanted(decision))
    return [one.as_data() for one in told.considered]


def all_or_kept(decision: Decision) -> list[dict[str, Any]]:
    """Every candidate, or where the batch cannot be dealt again those the row itself keeps."""
    try:
        return candidates(decision)
    except LookupError:
        return list(decision.candidates)


def standing(decision: Decision, before: Before | None = None) -> list[Candidate]:
    """Everybody as they stood just before the pick, for what is supposed of them.

    Raises LookupError where a batch cannot be dealt again.
    """
    if decision.place is None or decision.snapshot is None:
        return [strategies.of_data(one) for one in decision.candidates]
    dealt = _dealt(decision, before or _before)
    return batch.standing(dealt, decision.place, wanted(decision))


def _dealt(decision: Decision, before: Before) -> Batch:
    """The batch of a large pool as it stood before the decision."""
    if decision.place is None or decision.snapshot is None:
        raise LookupError("its batch is not in the records")
    dealt = batch.of_snapshot(decision.snapshot.content)
    for earlier in before(decision, 0, decision.place["after"]):
        batch.again(dealt, earlier.place or {}, wanted(earlier))
    return dealt


def changes(decision: Decision, before: Before | None = None) -> dict[int, Change]:
    """By user, how the decision changed their credit; those it did not change are left out."""
    found = {
        one["user"]: Change(
            one["credit_after"] - one["credit_before"],
            one.get("lent_after", 0) - one.get("lent_before", 0),
        )
        for one in candidates(decision, before)
    }
    return {user: change for user, change in found.items() if any(change)}


def read_before(decisions: Iterable[Decision]) -> Before:
    """The earlier picks of all of their batches, at hand. One query, none for small pools."""
    batches = {one.snapshot_id for one in decisions if one.place is not None}
    picks: defaultdict[int | None, list[Decision]] = defaultdict(list)
    if batches:
        rows = Decision.objects.filter(snapshot_id__in=batches, picked__isnull=False)
        for one in rows.filter(place__isnull=False).only(*_NEEDED).order_by("turn"):
            picks[one.snapshot_id].append(one)

    def before(decision: Decision, since: int, until: int) -> Iterable[Decision]:
        some = picks[decision.snapshot_id]
        return [one for one in some if since <= (one.place or {})["after"] < until]

    return before


def _before(decision: Decision, since: int, until: int) -> Iterator[Decision]:
    """The picks of its batch from the `since`-th to before the `until`-th, in order."""
    rows = Decision.objects.filter(
        snapshot_id=decision.snapshot_id,
        picked__isnull=False,
        place__after__gte=since,
        place__after__lt=until,
    )
    return rows.only(*_NEEDED).order_by("turn").iterator()
