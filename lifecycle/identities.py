"""Whose touch is it: settling a batch's identity keys against everybody who posts at once.

Keys are inserted in sorted order unless they exist, then read under lock. Who loses the race for
a key sees the winner's person there and attaches to it. Every touch that speaks of a value locks
its key, so that who uses a value is counted once and by one transaction at a time.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Protocol

from core import bulk, errors, made
from governance.kit import Kit
from leads import recognition
from leads.identity import EmailPolicy, Key, KeyKind, Use
from leads.models import IdentityKey
from leads.recognition import Identification, Policy, Sender
from lifecycle import acquaintance
from lifecycle.acquaintance import Acquaintance

ROUNDS = 5


class Contended(errors.DomainError):
    """Others kept claiming the same keys; trying again later will find them settled."""

    code = "identity_contended"
    status = 503


class Claimant(Protocol):
    """What settling needs of an arrival, and what it fills in.

    `person_id` is who the sender is found to be; `came_as` the row whose key named it.
    """

    sender: Sender
    identification: Identification | None
    person_id: int
    came_as: int


@functools.lru_cache(maxsize=64)
def policy_of(kit: Kit) -> Policy:
    """What the kit's identity rules say."""
    email = kit.identity["EMAIL"]
    return Policy(
        use={kind: Use(kit.identity[kind.value].use) for kind in KeyKind},
        shared_after={kind: kit.identity[kind.value].shared_after for kind in recognition.VALUES},
        names=Use(kit.identity["NAME"].use),
        spelling=EmailPolicy(email.strip_plus, email.gmail_dots),
    )


def settle(
    arrivals: Sequence[Claimant], *, policy: Policy, new_ids: Sequence[int], locked: bool = True
) -> Acquaintance:
    """Give every arrival its person; keys nobody held are claimed and locked for this transaction.

    `new_ids` are reserved ids for people yet to be made, at least one per arrival. Returns what is
    known of the keys and people afterwards. Raises Contended after several lost races. Not
    `locked`, it only tells whose they would be.
    """
    keys = sorted({key for arrival in arrivals for key in arrival.sender.candidates})
    if not locked:
        known = Acquaintance.read(keys, policy=policy, locked=False)
        _identify(arrivals, known, new_ids)
        return known
    for _ in range(ROUNDS):
        known = Acquaintance.read(keys, policy=policy)
        claims = _identify(arrivals, known, new_ids)
        rows = [
            made.row(IdentityKey, kind=key.kind.value, value=key.value, person_id=claims[key])
            for key in sorted(claims)
        ]
        inserted = bulk.insert_new(rows, on=["id"])
        if len(inserted) == len(claims):
            return known
        acquaintance.let_go()
    raise Contended("Several systems post this buyer at once; send the touch again.")


def _identify(
    arrivals: Sequence[Claimant], known: Acquaintance, new_ids: Sequence[int]
) -> dict[Key, int]:
    """Decide in arrival order; each arrival sees the claims of those before it."""
    claims: dict[Key, int] = {}
    spare = iter(new_ids)
    for arrival in arrivals:
        verdict = recognition.decide(arrival.sender, known=known.known, policy=known.policy)
        person_id = next(spare) if verdict.person is None else verdict.person
        own = known.own.get(verdict.by, person_id) if verdict.by is not None else person_id
        arrival.identification, arrival.person_id, arrival.came_as = verdict, person_id, own
        known.meet(arrival.sender, verdict, person=person_id, own=own)
        claims |= dict.fromkeys(verdict.claim, own)
    return claims
