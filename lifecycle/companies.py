"""Which company a touch speaks of, and its account: found, or made once however many post it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.db.models import Q

from core import bulk
from leads import cleansing
from leads.models import Account, Lead, Touch


@dataclass(slots=True, eq=False)
class Named:
    """A company as a touch names it: by domain, else by name and country."""

    domain: str | None
    name: str
    name_key: str
    country: str
    account: Account | None = None

    @property
    def slot(self) -> tuple[str, str, str]:
        """What makes it one account."""
        return (self.domain, "", "") if self.domain else ("", self.name_key, self.country)


class Speaker(Protocol):
    """What settling needs of an arrival."""

    touch: Touch
    company: Named | None


class Fresh(Protocol):
    """Where newly made accounts are told."""

    fresh_accounts: list[Account]


def named(company: dict[str, Any], person: dict[str, Any]) -> Named | None:
    """The company behind a touch; None when neither domain nor name is to be had.

    Free-mail and disposable domains never name a company.
    """
    reading = cleansing.company_domain(
        domain=company.get("domain"), website=None, email=person.get("email")
    )
    name = company.get("name", "")
    name_key = cleansing.company_name_key(name) if name else ""
    if not reading.domain and not name_key:
        return None
    country = cleansing.country_code(company.get("country") or "") or ""
    return Named(reading.domain, name, name_key[:200], country)


def settle(
    arrivals: Sequence[Speaker], *, new_ids: Sequence[int], batch: Fresh
) -> dict[int, Account]:
    """Lock every named account, making those that are new; returns them by id."""
    first: dict[tuple[str, str, str], Named] = {}
    made_at: dict[tuple[str, str, str], dt.datetime] = {}
    for arrival in arrivals:
        if arrival.company is not None:
            first.setdefault(arrival.company.slot, arrival.company)
            made_at.setdefault(arrival.company.slot, arrival.touch.received_at)
    if not first:
        return {}
    spare = iter(new_ids)
    rows = [
        Account(
            pk=next(spare),
            domain=one.domain,
            name=one.name,
            name_key=one.name_key,
            country=one.country,
            created_at=made_at[slot],
        )
        for slot, one in sorted(first.items())
    ]
    inserted = {pk for (pk,) in bulk.insert_new(rows, on=["id"])}
    accounts = _lock(first)
    batch.fresh_accounts += [account for pk, account in accounts.items() if pk in inserted]
    by_slot = {_slot(account): account for account in accounts.values()}
    for arrival in arrivals:
        if arrival.company is not None:
            arrival.company.account = by_slot[arrival.company.slot]
    return accounts


def knows_more(company: Named, held: Account | None, lead: Lead) -> bool:
    """Whether a touch names the lead's own company better than the account the lead has.

    An account without domain is found by name and country, so it never changes those: what is
    learnt later, the domain or the country, is another account, to which the lead moves. Not so
    with a deal, which stays with its company.
    """
    if held is None:
        return True
    same = held.domain is None and held.name_key == company.name_key
    better = bool(company.domain) or bool(company.country and not held.country)
    return same and better and lead.opportunity_id is None


def _lock(slots: dict[tuple[str, str, str], Named]) -> dict[int, Account]:
    domains = [domain for domain, _, _ in slots if domain]
    nameless = [(name, country) for domain, name, country in slots if not domain]
    wanted = Q(domain__in=domains)
    if nameless:
        wanted |= Q(domain__isnull=True, name_key__in=[name for name, _ in nameless])
    rows = Account.objects.filter(wanted).order_by("pk").select_for_update(no_key=True)
    return {row.pk: row for row in rows if _slot(row) in slots}


def _slot(account: Account) -> tuple[str, str, str]:
    return (account.domain, "", "") if account.domain else ("", account.name_key, account.country)
