"""What recognising a batch leaves behind: who is reached by whose values, which of them are shared
from now on, and who may be one person.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from django.db import connection

from core import bulk
from leads import likeness
from leads.identity import Key, KeyKind
from leads.ledger import Ledger
from leads.likeness import Traits
from leads.models import ContactPoint, DuplicateSuggestion, IdentityKey, Touch
from lifecycle.acquaintance import Acquaintance
from lifecycle.companies import Named
from lifecycle.identities import Claimant

TOUCH, PERSON = DuplicateSuggestion.Source.TOUCH, DuplicateSuggestion.Source.PERSON


class Arrived(Claimant, Protocol):
    """What is needed of an arrival, or of what somebody typed, which has no touch."""

    @property
    def touch(self) -> Touch | None:
        """What it came with."""

    company: Named | None
    alike: dict[int, Traits]


def record(arrivals: Sequence[Arrived], *, known: Acquaintance, ledger: Ledger) -> None:
    """Write contact points, shared values and suggestions; four statements at most."""
    _contact_points(arrivals)
    _shared(known, ledger)
    _suggestions(arrivals, known, ledger)


def _contact_points(arrivals: Sequence[Arrived]) -> None:
    wanted = {
        (value.kind.value, value.value, arrival.came_as)
        for arrival in arrivals
        if arrival.identification is not None
        for value in arrival.identification.uses
    }
    rows = [
        ContactPoint(kind=kind, value=value, person_id=person)
        for kind, value, person in sorted(wanted)
    ]
    bulk.insert_new(rows, on=["id"])


def _shared(known: Acquaintance, ledger: Ledger) -> None:
    if not known.newly_shared:
        return
    values = sorted(known.newly_shared)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE leads_identitykey k SET shared_at = %s
              FROM unnest(%s::text[], %s::text[]) AS found (kind, value)
             WHERE k.kind = found.kind AND k.value = found.value
            """,
            [ledger.now, [key.kind.value for key in values], [key.value for key in values]],
        )
    # Somebody of that name may be known there already; then the name stays theirs.
    rows = [
        IdentityKey(kind=key.kind.value, value=key.value, person_id=known.aside[key])
        for key in sorted(known.aside)
    ]
    bulk.insert_new(rows, on=["id"])


def _suggestions(arrivals: Sequence[Arrived], known: Acquaintance, ledger: Ledger) -> None:
    """A pair that was suggested before, and perhaps dismissed, is not suggested again."""
    found: dict[tuple[int, int], DuplicateSuggestion] = {}
    for arrival in arrivals:
        for other, traits in _alike(arrival, known):
            pair = (min(arrival.person_id, other), max(arrival.person_id, other))
            if pair[0] == pair[1] or pair in found:
                continue
            like = likeness.decide(_traits(arrival), traits)
            found[pair] = DuplicateSuggestion(
                first_id=pair[0],
                second_id=pair[1],
                source=TOUCH if arrival.touch else PERSON,
                score=like.score,
                reasons=like.as_data(),
                touch_id=arrival.touch.pk if arrival.touch else None,
                suggested_at=ledger.now,
            )
    bulk.insert_new([found[pair] for pair in sorted(found)], on=["id"])


def _alike(arrival: Arrived, known: Acquaintance) -> Iterator[tuple[int, Traits]]:
    verdict = arrival.identification
    if verdict is not None and verdict.suggestion is not None:
        yield verdict.suggestion, known.traits_of(verdict.suggestion)
    yield from arrival.alike.items()


def _traits(arrival: Arrived) -> Traits:
    first, last = arrival.sender.name
    company = arrival.company
    return Traits(
        first_name=first,
        last_name=last,
        emails=_values(arrival.sender.keys, KeyKind.EMAIL),
        phones=_values(arrival.sender.keys, KeyKind.PHONE),
        company=company.name_key if company else "",
        domain=(company.domain or "") if company else "",
    )


def _values(keys: Sequence[Key], kind: KeyKind) -> frozenset[str]:
    return frozenset(key.value for key in keys if key.kind is kind)
