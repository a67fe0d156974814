"""Which buyers of a list must not be called, for all of them at once. Reads; three queries.

As `contacting.may` says it of one: only those against whom something stands, and who asked for
somebody since, are looked at one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from core import errors
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


def of(leads: Sequence[Lead]) -> frozenset[int]:
    """The ids of those whose buyer must not be called, not even to answer.

    Their persons and accounts should be loaded.
    """
    people = {lead.person_id for lead in leads}
    doubted = _refused(people) | _listed(leads, people)
    closed = set()
    for lead in leads:
        forbidden = lead.account is not None and (
            lead.account.status == AccountStatus.DO_NOT_CONTACT
        )
        if forbidden or lead.person_id in doubted:
            asked = lead.hand_raised_at is not None
            if not asked or not contacting.may(lead, Way.PHONE, Purpose.ANSWER).allowed:
                closed.add(lead.pk)
    return frozenset(closed)


def _refused(people: set[int]) -> set[int]:
    """Who said last that they want no calls."""
    said = Permission.objects.filter(person__in=_with_merged(people), way=Permission.Way.PHONE)
    rows = said.annotate(who=Coalesce("person__merged_into_id", "person_id")).order_by("at", "pk")
    last = dict(rows.values_list("who", "state"))
    return {person for person, state in last.items() if state != Permission.State.GRANTED}


def _listed(leads: Sequence[Lead], people: set[int]) -> set[int]:
    """Of whom a number, address or domain is on a list that stops calls."""
    values = {
        (lead.person_id, kind, value)
        for lead in leads
        for kind, value in (("EMAIL", lead.person.email), ("PHONE", lead.person.phone))
        if value
    }
    keys, points = (
        model._default_manager.filter(person__in=_with_merged(people), kind__in=["EMAIL", "PHONE"])
        .order_by()
        .values_list(Coalesce("person__merged_into_id", "person_id"), "kind", "value")
        for model in (IdentityKey, ContactPoint)
    )
    values |= set(keys.union(points))
    whose: dict[str, set[int]] = {}
    for who, kind, value in sorted(values):
        for one in _listable(kind, value):
            whose.setdefault(contact.value_hash(*one), set()).add(who)
    stopped = Suppression.objects.filter(
        value_hash__in=whose, lifted_at__isnull=True, reach__in=contact.STOPS[Way.PHONE]
    )
    hashes = stopped.values_list("value_hash", flat=True)
    return {who for found in hashes for who in whose[found]}


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
