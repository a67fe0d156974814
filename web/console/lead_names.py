"""Who leads are, by id: the buyer's name and company, in one query."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from leads.models import Lead


@dataclass(frozen=True, slots=True)
class LeadName:
    """A buyer and their company, in words."""

    name: str
    company: str


def of(ids: Iterable[int]) -> dict[int, LeadName]:
    """The names of these leads."""
    rows = Lead.objects.filter(pk__in=set(ids)).select_related("person", "account")
    return {
        row.pk: LeadName(
            row.person.name,
            (row.account.name or row.account.domain or "") if row.account else "",
        )
        for row in rows
    }
