"""Which buyers of a list must not be called, for all of them at once. Reads; two messages.

As `contacting.may` says it of one: only those against whom something stands, and who asked for
somebody since, are looked at further; two messages more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from core import errors, steps
from leads import cleansing, contact
from leads.contact import Purpose, Way
from leads.models import (
    AccountStatus,
    ContactPoint,
    IdentityKey,
    Lead,
    Permission,
    Person,
    Suppression,
)
from lifecycle import contacting


@steps.in_steps
def of(leads: Sequence[Lead]) -> steps.Story[frozenset[int]]:
    """The ids of those whose buyer must not be called, not even to answer.

    Their persons and accounts should be loaded.
    """
    people = {lead.person_id for lead in leads}
    said, kept = _said(people), _kept(people)
    yield said, kept
    whose = _listable_of(leads, kept)
    stopped = _stopped(whose)
    yield [stopped]
    doubted = _refused(said) | {who for found in stopped for who in whose[found]}
    closed, standing = set(), {}
    for lead in leads:
        forbidden = lead.account is not None and (
            lead.account.status == AccountStatus.DO_NOT_CONTACT
        )
        if forbidden or lead.person_id in doubted:
            if lead.hand_raised_at is None:
                closed.add(lead.pk)
            else:
                standing[lead.pk] = contacting.standing(lead)
    yield standing.values()
    for lead_id, one in standing.items():
        if not contact.decide(Way.PHONE, Purpose.ANSWER, one.found).allowed:
            closed.add(lead_id)
    return frozenset(closed)


def _said(people: set[int]) -> QuerySet[Permission, Any]:
    """Who said what of calls, in order."""
    said = Permission.objects.filter(person__in=_with_merged(people), way=Permission.Way.PHONE)
    rows = said.annotate(who=Coalesce("person__merged_into_id", "person_id")).order_by("at", "pk")
    return rows.values_list("who", "state")


def _refused(said: Iterable[tuple[int, str]]) -> set[int]:
    """Who said last that they want no calls."""
    last = dict(said)
    return {person for person, state in last.items() if state != Permission.State.GRANTED}


def _kept(people: set[int]) -> QuerySet[Any]:
    """Who has which addresses and numbers, beside those of the persons' records."""
    keys, points = (
        model._default_manager.filter(person__in=_with_merged(people), kind__in=["EMAIL", "PHONE"])
        .order_by()
        .values_list(Coalesce("person__merged_into_id", "person_id"), "kind", "value")
        for model in (IdentityKey, ContactPoint)
    )
    return keys.union(points)


def _listable_of(
    leads: Sequence[Lead], kept: Iterable[tuple[int, str, str]]
) -> dict[str, set[int]]:
    """Whose each value is that may be on a list, by its hash."""
    values = set(kept) | {
        (lead.person_id, kind, value)
        for lead in leads
        for kind, value in (("EMAIL", lead.person.email), ("PHONE", lead.person.phone))
        if value
    }
    whose: dict[str, set[int]] = {}
    for who, kind, value in sorted(values):
        for one in _listable(kind, value):
            whose.setdefault(contact.value_hash(*one), set()).add(who)
    return whose


def _stopped(hashes: Iterable[str]) -> QuerySet[Suppression, str]:
    """Those of them that are on a list which stops calls."""
    stopped = Suppression.objects.filter(
        value_hash__in=list(hashes), lifted_at__isnull=True, reach__in=contact.STOPS[Way.PHONE]
    )
    return stopped.values_list("value_hash", flat=True)


def _with_merged(people: set[int]) -> QuerySet[Any]:
    """They and who was merged into them: found first, or a million keys would be looked at."""
    theirs = Q(pk__in=people) | Q(merged_into__in=people)
    return Person.objects.filter(theirs).values("pk")


def _listable(kind: str, value: str) -> Iterator[tuple[str, str]]:
    """Under what a list may hold this value: itself, and the domain of an address."""
    try:
        yield contacting.normal(contacting.Entry(kind, value))
    except errors.InvalidInput:
        return  # what cannot be read cannot be on a list
    domain = cleansing.registrable_domain(value) if kind == "EMAIL" else None
    if domain:
        yield "DOMAIN", domain
