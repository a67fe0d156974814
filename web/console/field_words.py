"""What the fields of people and companies are called, and where their values came from. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from leads import titles
from leads.models import Channel

FIELDS = {
    "person.first_name": "first name",
    "person.last_name": "last name",
    "person.title": "job title",
    "person.seniority": "seniority",
    "person.function": "job function",
    "person.email": "e-mail",
    "person.phone": "phone",
    "person.country": "country",
    "company.name": "company name",
    "company.industry": "industry",
    "company.employees": "employees",
    "company.annual_revenue": "revenue",
    "company.currency": "currency",
    "company.country": "seat",
}

CHOICES = {"seniority": dict(titles.SENIORITIES), "function": dict(titles.FUNCTIONS)}


def listed(fields: Iterable[object]) -> str:
    """`job title, employees and seat`; a field nobody knows is told by its own name."""
    names = [FIELDS.get(str(one), str(one)) for one in fields]
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


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
