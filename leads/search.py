"""Finding a buyer by what one knows of them: a name, an address, a number, a company."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from leads import identity
from leads.identity import KeyKind
from leads.models import ContactPoint, IdentityKey, Lead

MOST_WORDS = 5


def narrow(leads: QuerySet[Lead], text: str) -> QuerySet[Lead]:
    """Those of `leads` that fit the text; an empty text fits all.

    An e-mail address or phone number must be the buyer's own, in any spelling. Of anything else,
    every word must begin a first name, last name, company name or company domain, or the text as
    a whole a company name.
    """
    words = text.split()[:MOST_WORDS]
    if not words:
        return leads
    reading = identity.keys_of(email=text if "@" in text else None, phone=_number(text))
    keys = [*reading.keys, *reading.contact_points]
    if keys:
        owned = Q()
        for key in keys:
            owned |= Q(kind=key.kind.value, value=key.value)
            if key.kind is KeyKind.PHONE:  # with any extension: its key goes on after an x
                first, past = f"{key.value}x", f"{key.value}y"
                owned |= Q(kind=key.kind.value, value__gte=first, value__lt=past)
        return leads.filter(
            Q(person_id__in=_people(IdentityKey.objects.filter(owned)))
            | Q(person_id__in=_people(ContactPoint.objects.filter(owned)))
        )
    every = Q()
    for word in words:
        every &= (
            Q(person__first_name__istartswith=word)
            | Q(person__last_name__istartswith=word)
            | Q(account__name__istartswith=word)
            | Q(account__domain__istartswith=word)
        )
    return leads.filter(every | Q(account__name__istartswith=" ".join(words)))


def _people(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Whose these keys are, or whom those people were merged into."""
    return rows.values(who=Coalesce("person__merged_into_id", "person_id"))


def _number(text: str) -> str | None:
    """The text if it can only be meant as a phone number."""
    digits = sum(character.isdigit() for character in text)
    return text if digits >= 6 and not any(character.isalpha() for character in text) else None
