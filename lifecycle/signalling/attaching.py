"""Signals that waited for a buyer, and the touch that makes them known.

They are attached within the touch's own transaction, so that what it decides sees them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

from core import reading
from governance.kit import Kit
from leads.evidence import Seen
from leads.ledger import Ledger
from leads.models import SentSignal, SentStatus, Touch
from leads.recognition import Identification, Sender
from lifecycle.acquaintance import Acquaintance
from lifecycle.case import Case
from lifecycle.signalling import counting, senders

# Who is deciding on a signal at this moment keeps it: it finds the buyer by itself then, or is
# looked at again soon. Never waiting here, a touch and a signal cannot wait for each other.
_WAITING = f"WHERE status <> '{SentStatus.ADVANCED.value}' AND keys ?| %s ORDER BY id"
_LOCKED = f"{_WAITING} FOR NO KEY UPDATE SKIP LOCKED"


class Sent(Protocol):
    """What is needed of a touch's arrival, and what it gets: the signals that `waited` for it."""

    touch: Touch
    sender: Sender
    identification: Identification | None
    person_id: int
    came_as: int
    case: Case | None
    waited: list[SentSignal]


def question(arrivals: Iterable[Sent], *, locked: bool) -> list[reading.Question[SentSignal]]:
    """What waits for the senders of these touches; no question where they name nothing."""
    keys = sorted(
        {
            key
            for one in arrivals
            for key in senders.looked_up(one.sender.keys, senders.visitor_of_touch(one.touch))
        }
    )
    if not keys:
        return []
    return [reading.rows(SentSignal, _LOCKED if locked else _WAITING, keys)]


def give(
    asked: Iterable[reading.Question[SentSignal]], arrivals: Sequence[Sent], known: Acquaintance
) -> None:
    """Each signal to the first touch of the buyer whom it names, or from the browser it names."""
    for row in (row for one in asked for row in one.found):
        verdict = senders.stated(
            senders.sender_of(row, known.policy), known=known.known, policy=known.policy
        )
        home = next((one for one in arrivals if _is_of(one, row, verdict)), None)
        if home is not None:
            home.waited.append(row)


def attach(arrival: Sent, *, ledger: Ledger, ids: Iterator[int]) -> list[Seen]:
    """They count for the lead of this touch, under the next of these ids."""
    if arrival.case is None:
        return []
    came_as = arrival.came_as or arrival.person_id
    return [
        counting.count(
            row,
            arrival.case,
            came_as=came_as,
            ledger=ledger,
            signal_id=next(ids),
            touch=arrival.touch,
        )
        for row in arrival.waited
    ]


def because(waited: Sequence[SentSignal]) -> dict[str, Any]:
    """For the event of the touch: the signals it brought in, by number."""
    return {"sent": [row.pk for row in waited]} if waited else {}


def raises_hand(waited: Iterable[SentSignal], kit: Kit) -> bool:
    """Whether the buyer had asked for a person by one of them."""
    return any(counting.raises_hand(row, kit) for row in waited)


def _is_of(arrival: Sent, row: SentSignal, verdict: Identification) -> bool:
    if verdict.person is None or verdict.by is None:
        visitor = senders.visitor_of(row)
        return bool(visitor) and visitor == senders.visitor_of_touch(arrival.touch)
    claimed = arrival.identification.claim if arrival.identification is not None else ()
    return verdict.person in (arrival.person_id, arrival.came_as) or verdict.by in claimed
