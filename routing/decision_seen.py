"""Decision records as one reader may see them: every page, file and address shows these.

What they show are copies, never to be saved; the records themselves are made again, and supposed
otherwise, as they were kept.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import FieldError, InvalidInput
from routing import asked_pool, discretion, records, replay
from routing.discretion import Sight
from routing.models import Decision
from routing.redeciding import Made, Supposed
from routing.replay import Replayed

DIFFERS = "it comes out otherwise than recorded"
UNREADABLE = "its record does not hold any more what it was made from"
NO_WEIGHTS = (
    "Only who sees the figures of this pool supposes other weights: the answers would tell how far "
    "apart its members are."
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What would have come of a decision; `row` is it as a record that was never stored.

    None where not even the rule is known.
    """

    made: Made
    row: Decision | None


def of(decision: Decision, sight: Sight) -> Decision:
    """A decision, stored or not, with the candidates it has; never to be saved."""
    seen, pool = copy.copy(decision), decision.pool
    seen.candidates = discretion.candidates(decision.candidates, pool=pool, sight=sight)
    seen.tried = discretion.tried(decision.tried, sight=sight)
    seen.because = _because(decision, sight)
    seen.place = discretion.place(decision.place, pool=pool, sight=sight)
    if decision.snapshot is not None and not sight.sees(pool):
        seen.snapshot = copy.copy(decision.snapshot)
        content = decision.snapshot.content
        seen.snapshot.content = discretion.snapshot(content, pool=pool, sight=sight)
        seen.snapshot.checksum = ""  # few weights are possible: it could be tried which give it
    return seen


def in_full(decision: Decision, sight: Sight) -> Decision:
    """The same with all candidates: those of a large pool are dealt again."""
    whole = copy.copy(decision)
    whole.candidates = records.all_or_kept(decision)
    return of(whole, sight)


def in_list(decision: Decision, sight: Sight) -> Decision:
    """As a row of a list, which has no candidates."""
    seen = copy.copy(decision)
    seen.because = _because(decision, sight)
    return seen


def replayed(decision: Decision, sight: Sight) -> Replayed:
    """Made again from the record; what differs is told in full to who sees the pool's figures."""
    again = replay.shown(decision)
    if again.is_same or sight.sees(decision.pool) or again.fault == replay.ERASED:
        return again
    return dataclasses.replace(
        again,
        differs=DIFFERS if again.differs else "",
        fault=f"cannot be replayed: {UNREADABLE}" if again.fault else "",
    )


def may_weigh(decision: Decision, sight: Sight) -> bool:
    """Whether this reader may suppose other weights."""
    asked = asked_pool.in_record(decision.tried)
    return all(sight.sees(pool) for pool in (decision.pool, *(one["pool"] for one in asked)))


def suppose(decision: Decision, supposed: Sequence[Supposed], sight: Sight) -> Answer:
    """What would have come of it. Raises what `replay.suppose` raises, and InvalidInput for
    weights where they would tell credits by trying.
    """
    if not may_weigh(decision, sight) and any(one.weight is not None for one in supposed):
        raise InvalidInput(NO_WEIGHTS, errors=[FieldError("weight", NO_WEIGHTS)])
    made = replay.suppose(decision, supposed)
    return Answer(made, None if made.match is None else of(_row(decision, made), sight))


def _row(decision: Decision, made: Made) -> Decision:
    match = made.match
    if match is None:
        raise ValueError("the record cannot tell what would have come of it")
    return Decision(
        moment=decision.moment,
        facts=decision.facts,
        tried=[replay.facts_as_kept(one.as_data()) for one in match.tried],
        target=match.target,
        pool=match.pool,
        candidates=[one.as_data() for one in made.considered],
        picked_id=made.user,
        because=made.because,
        at=decision.at,
    )


def _because(decision: Decision, sight: Sight) -> str:
    return discretion.because(
        decision.because, pool=decision.pool, picked=decision.picked_id, sight=sight
    )
