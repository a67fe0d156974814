"""What the fields of people, companies and leads are called, and where values came from. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django.conf import settings

from core import phrases
from core.texts import _, lazy
from governance.kit import Kit
from leads import bands, own_fields, titles
from leads.models import Channel, Lead
from web.console import places

FIELDS = {
    "person.first_name": lazy("first name"),
    "person.last_name": lazy("last name"),
    "person.title": lazy("job title"),
    "person.seniority": "seniority",
    "person.function": lazy("job function"),
    "person.email": "e-mail",
    "person.phone": "phone",
    "person.country": "country",
    "person.language": "language",
    "lead.company": "company",
    "lead.potential_value": lazy("potential value"),
    "company.name": lazy("company name"),
    "company.domain": lazy("company domain"),
    "company.industry": "industry",
    "company.employees": "employees",
    "company.annual_revenue": "revenue",
    "company.currency": "currency",
    "company.country": "seat",
    "company.region": "region",
    "company.postal_code": lazy("postal code"),
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
    return _("{value} again").format(value=", ".join(_now(lead, name) for name in names))


def _now(lead: Lead, name: str) -> str:
    section, _rest, field = name.partition(".")
    account = lead.account
    if name == "lead.company":
        return _("company {quoted}").format(
            quoted=_quoted(account.name or account.domain or "" if account else "")
        )
    if own_fields.is_one(name):
        typed = lead.own_fields.get(field)
        return "{called} {quoted}".format(
            called=called(name), quoted=_quoted(typed[0]) if typed else _("as touchpoints say")
        )
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
    kind, _rest, what = name.partition(":")
    if kind == "touch":
        label = str(dict(Channel.choices).get(what, what))
        return _("the channel “{label}”").format(label=label)
    if name in ("rule:title", "rule:deal"):
        return _("the job title") if name == "rule:title" else _("its deals")
    return {
        "user": _("somebody here"),
        "api": _("another system"),
        "provider": _("the provider “{what}”").format(what=what),
        "import": _("the import from “{what}”").format(what=what),
        "rule": _("the built-in reader “{what}”").format(what=what),
    }.get(kind, name)
