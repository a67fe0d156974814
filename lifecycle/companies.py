"""Which company a touch speaks of, and its account: found, or made once however many post it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db import IntegrityError, connection, transaction
from django.db.models import Q

from core import bulk, errors, made, reading
from leads import cleansing, company_matching
from leads.company_matching import By, Directory, Held, Match
from leads.models import Account, AccountStatus, Lead, Touch

Slot = tuple[str, str, str]

MOST_OF_A_NAME = 50
"""So many accounts of one name are looked at; beyond two it is anybody's guess anyhow."""


class Unsettled(errors.DomainError):
    """An account that others were making was gone again; trying later will find it settled."""

    code = "account_contended"
    status = 503


@dataclass(slots=True, eq=False)
class Named:
    """A company as a touch names it, and what was found to be its account."""

    domain: str | None
    name: str
    name_key: str
    country: str
    match: Match = field(default_factory=lambda: Match(By.NEW))
    account: Account | None = None


class Speaker(Protocol):
    """What settling needs of an arrival."""

    touch: Touch
    company: Named | None


class Fresh(Protocol):
    """Where newly made accounts are told, and those that learnt their domain or country."""

    fresh_accounts: list[Account]
    learnt_accounts: list[Account]


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
    arrivals: Sequence[Speaker], *, new_ids: Sequence[int], batch: Fresh, locked: bool = True
) -> dict[int, Account]:
    """Find every named account, make those that are new and lock them all; returns them by id.

    Arrivals are decided in their order, each in the light of those before it. Not `locked`, new
    ones are made in memory only.
    """
    spoken = [(one.company, one.touch.received_at) for one in arrivals if one.company is not None]
    if not spoken:
        return {}
    return settle_named(spoken, new_ids=new_ids, batch=batch, locked=locked)


def settle_named(
    spoken: Sequence[tuple[Named, dt.datetime]],
    *,
    new_ids: Sequence[int],
    batch: Fresh,
    locked: bool = True,
) -> dict[int, Account]:
    """The same for companies alone, each with the instant at which it was named."""
    directory = look_up(
        {one.domain for one, _ in spoken if one.domain},
        {one.name_key for one, _ in spoken if one.name_key},
    )
    spare = iter(new_ids)
    fresh: dict[int, Account] = {}
    given: dict[int, list[Named]] = {}
    for company, at in spoken:
        pk = _decide(company, directory, fresh, spare, at)
        given.setdefault(pk, []).append(company)
    make = _make_and_lock if locked else _make_in_memory
    accounts = make(given.keys(), fresh, batch)
    for pk, companies in given.items():
        for company in companies:
            company.account = accounts[pk]
    learnt = _teach(given, accounts, fresh)
    if learnt and (not locked or _written(learnt)):
        batch.learnt_accounts += learnt
    return {account.pk: account for account in accounts.values()}


def knows_more(company: Named, held: Account | None, lead: Lead) -> bool:
    """Whether a touch names the lead's own company better than the account the lead has.

    Somebody known by a company's name and country alone moves on when the domain or the country
    is learnt and found to be another account's. Not so with a deal, which stays with its company,
    and not from an account that people know.
    """
    if held is None:
        return True
    same = held.domain is None and held.name_key == company.name_key and not stands(held)
    better = bool(company.domain) or bool(company.country and not held.country)
    return same and better and lead.opportunity_id is None


def stands(account: Account) -> bool:
    """Whether people or a CRM have said how the company stands to us."""
    return account.status != AccountStatus.PROSPECT or account.owner_id is not None


def because(company: Named | None) -> dict[str, Any]:
    """How the account was found, by ids only: domains and names may be erased, events may not."""
    if company is None or company.account is None:
        return {}
    return {"by": company.match.by.value, "account": company.account.pk}


def _decide(
    company: Named,
    directory: Directory,
    fresh: dict[int, Account],
    spare: Any,
    at: dt.datetime,
) -> int:
    """The id of its account, which may be one yet to be made."""
    said: dict[str, Any] = {
        "domain": company.domain,
        "name_key": company.name_key,
        "country": company.country,
    }
    company.match = match = company_matching.decide(directory, **said)
    if match.account is not None:
        directory.learn(match, **said)
        known = fresh.get(match.account)
        if known is not None:
            _learn(known, company)
        return match.account
    row = made.row(
        Account,
        id=next(spare),
        domain=company.domain,
        name=company.name,
        name_key=company.name_key,
        country=company.country,
        created_at=at,
    )
    fresh[row.pk] = row
    directory.add(Held(row.pk, row.domain, row.name_key, row.country))
    return int(row.pk)


def _learn(account: Account, company: Named) -> bool:
    """Take over what a company found by its name tells beyond it; whether that was anything."""
    match = company.match
    before = (account.domain, account.country)
    if match.learns_domain and account.domain is None:
        account.domain = company.domain
    if match.learns_country and not account.country:
        account.country = company.country
    return (account.domain, account.country) != before


def _make_and_lock(wanted: Any, fresh: dict[int, Account], batch: Fresh) -> dict[int, Account]:
    """Insert the new ones unless others were faster; every wanted account, locked, by wanted id."""
    rows = sorted(fresh.values(), key=slot)
    inserted = {pk for (pk,) in bulk.insert_new(rows, on=["id"])}
    lost = {pk: slot(row) for pk, row in fresh.items() if pk not in inserted}
    # Nobody sees or changes what this transaction has just put in.
    found = {pk: fresh[pk] for pk in inserted}
    found |= {row.pk: row for row in _lock(set(wanted) - fresh.keys(), lost.values())}
    by_slot = {slot(row): row for row in found.values()}
    accounts = {}
    for pk in wanted:
        row = found.get(pk) or by_slot.get(lost.get(pk, ("", "", "")))
        if row is None:
            raise Unsettled("Others are making this company's account; send the touch again.")
        accounts[pk] = row
    batch.fresh_accounts += [found[pk] for pk in sorted(inserted)]
    return accounts


def _make_in_memory(wanted: Any, fresh: dict[int, Account], batch: Fresh) -> dict[int, Account]:
    """As `_make_and_lock`, but nothing is written or locked."""
    found = Account.objects.in_bulk(set(wanted) - fresh.keys())
    batch.fresh_accounts += [fresh[pk] for pk in sorted(fresh)]
    return {pk: fresh[pk] if pk in fresh else found[pk] for pk in wanted}


def _teach(
    given: dict[int, list[Named]], accounts: dict[int, Account], fresh: dict[int, Account]
) -> list[Account]:
    """Accounts known by their name alone take over the domain and country that are learnt now."""
    learnt: dict[int, Account] = {}
    for pk, companies in given.items():
        account = accounts[pk]
        if pk not in fresh and account.domain is None:
            taught = [_learn(account, company) for company in companies]
            if any(taught):
                learnt[account.pk] = account
    return [learnt[pk] for pk in sorted(learnt)]


def _written(learnt: list[Account]) -> bool:
    """Write what accounts learnt; where others have just made one of that domain, it is theirs."""
    try:
        with transaction.atomic():
            bulk.update(learnt, ["domain", "country"])
    except IntegrityError:
        for row in learnt:
            row.refresh_from_db(fields=["domain", "country"])
        return False
    return True


def look_up(domains: Collection[str], names: Collection[str]) -> Directory:
    """Every account that may be meant by these domains and names (as compared): one query."""
    directory = Directory()
    domains, names = sorted(domains), sorted(names)
    with connection.cursor() as cursor:
        cursor.execute(_CANDIDATES, [domains, names, MOST_OF_A_NAME, domains, names])
        for how, value, *held in cursor.fetchall():
            account = Held(*held)
            if how == "NAME":
                directory.name_aliases[value] = account
            elif how == "DOMAIN":
                directory.domain_aliases[value] = account
            else:
                directory.add(account)
    return directory


_HELD = "a.id, a.domain, a.name_key, a.country, a.status <> 'PROSPECT' OR a.owner_id IS NOT NULL"
_CANDIDATES = f"""
    SELECT '', '', {_HELD} FROM leads_account a WHERE a.domain = ANY(%s)
    UNION
    SELECT '', '', a.* FROM unnest(%s::text[]) AS n (key)
     CROSS JOIN LATERAL (SELECT {_HELD} FROM leads_account a
                          WHERE a.name_key = n.key ORDER BY a.id LIMIT %s) a
    UNION
    SELECT x.kind, x.value, {_HELD} FROM leads_accountalias x
      JOIN leads_account a ON a.id = x.account_id
     WHERE (x.kind = 'DOMAIN' AND x.value = ANY(%s)) OR (x.kind = 'NAME' AND x.value = ANY(%s))
"""  # noqa: S608 - fragments of this module


def _lock(ids: set[int], lost: Any) -> list[Account]:
    slots = set(lost)
    if not slots:
        rows = reading.rows(
            Account, "WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", sorted(ids)
        )
        reading.ask(*([rows] if ids else []))
        return rows.found
    wanted = Q(pk__in=ids)
    if slots:
        wanted |= Q(domain__in=[domain for domain, _, _ in slots if domain])
        wanted |= Q(
            domain__isnull=True, name_key__in=[name for domain, name, _ in slots if not domain]
        )
    found = Account.objects.filter(wanted).order_by("pk").select_for_update(no_key=True)
    return [row for row in found if row.pk in ids or slot(row) in slots]


def slot(account: Account) -> Slot:
    """What makes it one account: its domain, else its name and country."""
    return (account.domain, "", "") if account.domain else ("", account.name_key, account.country)
