"""What the fields of people, companies and leads are called, and where values came from. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django.conf import settings

from core import phrases
from governance.kit import Kit
from leads import bands, own_fields, titles
from leads.models import Channel, Lead
from web.console import places

FIELDS = {
    "person.first_name": "first name",
    "person.last_name": "last name",
    "person.title": "job title",
    "person.seniority": "seniority",
    "person.function": "job function",
    "person.email": "e-mail",
    "person.phone": "phone",
    "person.country": "country",
    "person.language": "language",
    "lead.company": "company",
    "lead.potential_value": "potential value",
    "company.name": "company name",
    "company.domain": "company domain",
    "company.industry": "industry",
    "company.employees": "employees",
    "company.annual_revenue": "revenue",
    "company.currency": "currency",
    "company.country": "seat",
    "company.region": "region",
    "company.postal_code": "postal code",
}

CHOICES = {"seniority": dict(titles.SENIORITIES), "function": dict(titles.FUNCTIONS)}


def listed(fields: Iterable[object], kit: Kit | None = None) -> str:
    """`job title, employees and seat`; a field nobody knows is told by its own name.

    Own fields are told by their label where their kit is given.
    """
    own = {one.name: f"“{one.label}”" for one in own_fields.of_kit(kit)} if kit else {}
    return phrases.listed([own.get(str(one)) or called(str(one)) for one in fields])


def called(name: str) -> str:
    """What a field is called; an own field by its key."""
    if own_fields.is_one(name):
        return name.removeprefix(own_fields.PREFIX).replace("_", " ")
    return FIELDS.get(name, name)


def again(lead: Lead, names: Iterable[str]) -> str:
    """What fields that were put back say now: `last name “Weber” again, phone empty again`."""
    return f"{', '.join(_now(lead, name) for name in names)} again"


def _now(lead: Lead, name: str) -> str:
    section, _, field = name.partition(".")
    account = lead.account
    if name == "lead.company":
        return f"company {_quoted(account.name or account.domain or '' if account else '')}"
    if own_fields.is_one(name):
        typed = lead.own_fields.get(field)
        return f"{called(name)} {_quoted(typed[0]) if typed else 'as touchpoints say'}"
    rows = {"person": lead.person, "company": account, "lead": lead}
    value = getattr(rows[section], field, None)
    return f"{FIELDS.get(name, field)} {_quoted(shown(field, value))}"


def shown(field: str, value: object) -> str:
    """A field's value as people read it; empty for none."""
    if value in (None, ""):
        return ""
    if field == "employees" and isinstance(value, int):
        return bands.shown(value)
    if field == "potential_value" and isinstance(value, Decimal):
        return f"{f'{value:,.2f}'.removesuffix('.00')} {settings.BASE_CURRENCY}"
    if field == "country":
        return places.country(str(value))
    return str(CHOICES[field].get(str(value), value)) if field in CHOICES else str(value)


def _quoted(text: str) -> str:
    return f"“{text}”" if text else "empty"


def source(name: str) -> str:
    """`the channel “Web form”`, `somebody here`, `the provider “acme”`."""
    kind, _, what = name.partition(":")
    if kind == "touch":
        label = str(dict(Channel.choices).get(what, what))
        return f"the channel “{label}”"
    if name in ("rule:title", "rule:deal"):
        return "the job title" if name == "rule:title" else "its deals"
    return {
        "user": "somebody here",
        "api": "another system",
        "provider": f"the provider “{what}”",
        "import": f"the import from “{what}”",
        "rule": f"the built-in reader “{what}”",
    }.get(kind, name)
