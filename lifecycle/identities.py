"""Whose touch is it: settling a batch's identity keys against everybody who posts at once.

Keys are inserted in sorted order unless they exist, then read under lock. Who loses the race for
a key sees the winner's person there and attaches to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from django.db import connection

from core import bulk, errors
from governance.kit import Kit
from leads import identity
from leads.identity import Identification, Key, KeyKind, Use
from leads.models import IdentityKey

ROUNDS = 5


class Contended(errors.DomainError):
    """Others kept claiming the same keys; trying again later will find them settled."""

    code = "identity_contended"
    status = 503


class Claimant(Protocol):
    """What settling needs of an arrival, and what it fills in."""

    keys: tuple[Key, ...]
    identification: Identification | None
    person_id: int


def settle(arrivals: Sequence[Claimant], *, kit: Kit, new_ids: Sequence[int]) -> None:
    """Give every arrival its person; keys nobody held are claimed and locked for this transaction.

    The kit's identity rules say what a known key means. `new_ids` are reserved ids for people yet
    to be made, at least one per arrival. Raises Contended after several lost races.
    """
    use = {kind: Use(kit.identity[kind.value].use) for kind in KeyKind}
    keys = sorted({key for arrival in arrivals for key in arrival.keys})
    for _ in range(ROUNDS):
        known = _lock(keys)
        strong = _strong_of(set(known.values()))
        claims = _identify(arrivals, known, strong, new_ids, use)
        rows = [
            IdentityKey(kind=key.kind.value, value=key.value, person_id=claims[key])
            for key in sorted(claims)
        ]
        inserted = bulk.insert_new(rows, on=["id"])
        if len(inserted) == len(claims):
            return
        IdentityKey.objects.filter(pk__in=[pk for (pk,) in inserted]).delete()
    raise Contended("Several systems post this buyer at once; send the touch again.")


def _identify(
    arrivals: Sequence[Claimant],
    known: dict[Key, int],
    strong: dict[int, frozenset[Key]],
    new_ids: Sequence[int],
    use: Mapping[KeyKind, Use],
) -> dict[Key, int]:
    """Decide in arrival order; each arrival sees the claims of those before it."""
    claims: dict[Key, int] = {}
    seen, held = dict(known), dict(strong)
    spare = iter(new_ids)
    for arrival in arrivals:
        verdict = identity.decide(arrival.keys, known=seen, strong_of=held, use=use)
        person_id = next(spare) if verdict.person is None else verdict.person
        arrival.identification, arrival.person_id = verdict, person_id
        for key in verdict.claim:
            claims[key] = seen[key] = person_id
        fresh = {key for key in verdict.claim if key.kind != KeyKind.PHONE}
        held[person_id] = held.get(person_id, frozenset()) | fresh
    return claims


def _lock(keys: Sequence[Key]) -> dict[Key, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT k.kind, k.value, k.person_id FROM leads_identitykey k
              JOIN unnest(%s::text[], %s::text[]) AS wanted (kind, value)
                ON wanted.kind = k.kind AND wanted.value = k.value
             ORDER BY k.kind, k.value FOR UPDATE OF k
            """,
            [[key.kind.value for key in keys], [key.value for key in keys]],
        )
        return {Key(KeyKind(kind), value): person for kind, value, person in cursor.fetchall()}


def _strong_of(person_ids: Iterable[int]) -> dict[int, frozenset[Key]]:
    found: dict[int, set[Key]] = defaultdict(set)
    rows = IdentityKey.objects.filter(person_id__in=list(person_ids)).exclude(kind="PHONE")
    for kind, value, person_id in rows.values_list("kind", "value", "person_id"):
        found[person_id].add(Key(KeyKind(kind), value))
    return {person_id: frozenset(keys) for person_id, keys in found.items()}
