"""Who of those we know a buyer may be whom somebody is about to add: reads, whoever holds them.

All leads are looked through, also those the reader may not see: of these only who works them is
told, so that two reps do not write to one buyer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from core import reading
from leads import cleansing, domains, identity, selectors
from leads.models import ContactPoint, IdentityKey, Lead
from leads.stages import CLOSED, Stage
from people.models import User

MOST = 5
EMAIL, PHONE, NAME, COMPANY = "EMAIL", "PHONE", "NAME", "COMPANY"


@dataclass(frozen=True, slots=True)
class Said:
    """What is known of the buyer so far, as typed; each may be empty."""

    email: str = ""
    phone: str = ""
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    domain: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A lead that may be theirs, by what it was found, and whether the reader may see it."""

    lead: Lead
    by: str
    seen: bool

    @property
    def is_same(self) -> bool:
        """Whether it is the buyer, not only their company."""
        return self.by != COMPANY


def find(said: Said, *, reader: User) -> tuple[Found, ...]:
    """By address, by number, by name at the company, then others at the company; open ones first.

    Two messages.
    """
    found: dict[int, tuple[Lead, str]] = {}
    asked = [(by, _first(leads)) for by, leads in _questions(said)]
    reading.ask(*(rows for _, rows in asked))
    for by, rows in asked:
        for lead in rows:
            if by != COMPANY or (lead.owner_id is not None and lead.stage not in CLOSED):
                found.setdefault(lead.pk, (lead, by))
    seen = set(selectors.visible_to(reader).filter(pk__in=found).values_list("pk", flat=True))
    ordered = sorted(found.values(), key=lambda one: (one[1] == COMPANY, one[0].stage in CLOSED))
    return tuple(Found(lead, by, lead.pk in seen) for lead, by in ordered[:MOST])


def _first(leads: QuerySet[Lead]) -> QuerySet[Lead]:
    rows = leads.exclude(stage=Stage.MERGED.value).filter(person__erased_at__isnull=True)
    return rows.select_related("person", "account", "owner__team").order_by("-pk")[:MOST]


def _questions(said: Said) -> Iterator[tuple[str, QuerySet[Lead]]]:
    leads = Lead.objects.all()
    if "@" in said.email.strip("@ "):
        yield EMAIL, _reached_at(identity.keys_of(email=said.email.replace(" ", "")))
    if said.phone:
        yield PHONE, _reached_at(identity.keys_of(phone=said.phone, country=said.country or None))
    at = _at_company(said)
    if not at:
        return
    named = {"person__first_name__iexact": said.first_name.strip()}
    named["person__last_name__iexact"] = said.last_name.strip()
    if all(named.values()):
        yield NAME, leads.filter(at, **named)
    yield COMPANY, leads.filter(at)


def _reached_at(read: identity.KeyReading) -> QuerySet[Lead]:
    """The leads of whom exactly these addresses or numbers reach; nobody's while they are none."""
    of_keys = Q(pk__in=())
    for key in (*read.keys, *read.contact_points):
        of_keys |= Q(kind=key.kind.value, value=key.value)
    who = Coalesce("person__merged_into_id", "person_id")
    return Lead.objects.filter(
        Q(person_id__in=IdentityKey.objects.filter(of_keys).values_list(who))
        | Q(person_id__in=ContactPoint.objects.filter(of_keys).values_list(who))
    )


def _at_company(said: Said) -> Q:
    """The company by its domain, that of the address, or its name; nothing while none is said."""
    places: list[dict[str, Any]] = []
    domain = domains.company_domain(website=said.domain or None, email=said.email or None).domain
    if domain:
        places.append({"account__domain": domain})
    if len(said.company.strip()) > 2:
        places.append({"account__name_key": cleansing.company_name_key(said.company)})
    at = Q()
    for place in places:
        at |= Q(**place)
    return at
