"""What a touch says and nobody could read: kept with it, and told to whoever sent it. Pure.

Doors refuse only what cannot be stored. Everything here is stored, and counts for nothing until
the sender mends it or the kit names it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from core.errors import FieldError
from leads import cleansing, potential
from leads.cleansing import Because

MOST_NAMED = 40
UNKNOWN, UNREADABLE = "unknown", "unreadable"
COUNTRY = "is no country we know; send a code such as DE."


def of(
    payload: Mapping[str, Any], *, signals: Iterable[str], phone_is_read: bool, currency: str
) -> list[FieldError]:
    """A remark for each place; `signals` are the kinds that the kit in force knows, `currency` the
    one in which potential values are kept.
    """
    found: list[FieldError] = []
    if payload.get("signals"):
        found += _signals(payload["signals"], frozenset(signals))
    person, company = payload.get("person"), payload.get("company")
    if isinstance(person, Mapping):
        found += _person(person, phone_is_read=phone_is_read)
    if isinstance(company, Mapping):
        found += _company(company)
    if isinstance(payload.get("lead"), Mapping):
        _, fault = potential.read(payload["lead"], base=currency)
        found += [fault] if fault else []
    return found


def _signals(said: Iterable[Mapping[str, Any]], known: frozenset[str]) -> Iterator[FieldError]:
    for place, one in enumerate(said):
        if one["kind"] not in known:
            text = f"“{one['kind']}” is no signal of the kit in force; known are {_listed(known)}."
            yield FieldError(f"signals.{place}.kind", text, UNKNOWN)


def _listed(known: frozenset[str]) -> str:
    names = sorted(known)
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return (", ".join(names[:MOST_NAMED]) or "none") + more


def _person(said: Mapping[str, Any], *, phone_is_read: bool) -> Iterator[FieldError]:
    if said.get("phone") and not phone_is_read:
        yield _unread(
            "person.phone",
            "is no number one can call, at least without its country; nobody is recognised by it.",
        )
    if (country := said.get("country")) and cleansing.country_code(country) is None:
        yield _unread("person.country", COUNTRY)


def _company(said: Mapping[str, Any]) -> Iterator[FieldError]:
    if (country := said.get("country")) and cleansing.country_code(country) is None:
        yield _unread("company.country", COUNTRY)
    if (size := said.get("employees")) and cleansing.employees(size) is None:
        yield _unread("company.employees", "is no number of people; send 420, or 201-500.")
    if revenue := said.get("annual_revenue"):
        amount = cleansing.money(revenue)
        if amount is None or amount < 0:
            yield _unread("company.annual_revenue", "is no amount; send 1200000.")
    if (code := said.get("currency")) and cleansing.currency(code) is None:
        yield _unread("company.currency", "is no currency; send a code such as EUR.")
    if domain := said.get("domain"):
        why = cleansing.company_domain(domain=domain).because
        if why in _NO_DOMAIN:
            yield _unread("company.domain", _NO_DOMAIN[why])


def _unread(field: str, why: str) -> FieldError:
    # Values are not repeated: receipts are read by more people than touches are.
    return FieldError(field, f"This {why}", UNREADABLE)


_NO_DOMAIN = {
    Because.FREE_MAIL: "is a domain anybody can have a mailbox at; it names no company.",
    Because.DISPOSABLE: "is a domain of throw-away mailboxes; it names no company.",
    Because.PROFILE_PAGE: "is a page on a network of profiles; send the company's own domain.",
    Because.UNREADABLE: "is no domain a company can have; send acme.com.",
}
