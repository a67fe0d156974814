"""What the fields of a touch are called where people choose or read them. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from core.errors import FieldError

GROUPS: Mapping[str, Mapping[str, str]] = {
    "Buyer": {
        "person.full_name": "Full name",
        "person.first_name": "First name",
        "person.last_name": "Last name",
        "person.email": "E-mail",
        "person.phone": "Phone",
        "person.title": "Job title",
        "person.country": "Country",
        "person.language": "Language",
    },
    "Company": {
        "company.name": "Company",
        "company.domain": "Company website",
        "company.industry": "Industry",
        "company.employees": "Employees",
        "company.annual_revenue": "Annual revenue",
        "company.currency": "Currency of revenue",
        "company.country": "Company’s country",
        "company.region": "Company’s region",
        "company.postal_code": "Company’s postal code",
    },
    "Lead": {
        "lead.potential_value": "Potential value",
        "lead.currency": "Currency of potential value",
    },
    "Touchpoint": {
        "external_id": "Id in its system",
        "external_url": "Web address of its record there",
        "occurred_at": "When it happened",
        "note": "Note",
        "consent": "May be mailed: yes or no",
        "opt_out": "Opted out of mail: yes or no",
    },
    "Past (rows that come as history)": {
        "history.stage": "Stage it reached",
        "history.mql_at": "When it became MQL",
        "history.sal_at": "When Sales accepted it",
        "history.sql_at": "When it became SQL",
        "history.opportunity_at": "When the deal was opened",
        "history.closed_at": "When it was closed",
        "history.owner": "Owner (e-mail, user name or name)",
        "history.amount": "Amount of the deal",
        "history.currency": "Currency of the deal",
        "history.reason": "Reason of its end",
        "history.deal_id": "Id of the deal in its system",
        "history.deal_url": "Web address of the deal there",
    },
    "Source": {
        "channel": "Channel",
        "source.category": "Source category",
        "source.source": "Source (utm_source)",
        "source.campaign": "Campaign",
        "source.medium": "Medium",
        "source.content": "Content",
        "source.term": "Search term",
        "source.referrer": "Referrer",
        "source.landing": "Landing page",
        "source.click_id": "Click id",
        "source.partner": "Partner",
    },
}
LABELS = {key: label for group in GROUPS.values() for key, label in group.items()}
SECTIONS = {
    "person": "Buyer",
    "company": "Company",
    "lead": "Lead",
    "source": "Source",
    "signals": "Signals",
    "fields": "Fields",
    "history": "Past",
}
_EVERY = sorted((LABELS | SECTIONS).items(), key=lambda pair: -len(pair[0]))


def told(fault: FieldError) -> str:
    """A fault with what people call its field."""
    return in_words(f"{fault.field}: {fault.message}".removeprefix(": "))


def in_words(text: str) -> str:
    """A kept reason as people read it: `person.email: …` becomes `E-mail: …`."""
    for path, label in _EVERY:
        if text.startswith(f"{path}: "):
            text = f"{label}{text[len(path) :]}"
        text = text.replace(f" {path}: ", f" {label}: ")
    return text
