"""The public forms: what each asks, what it says, and what it means to ask for it."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pycountry
from django import forms

from core.errors import DomainError
from leads import identity, intake

PERSON = intake.LIMITS["person"]
COMPANY = intake.LIMITS["company"]

INDUSTRIES = (
    "Education",
    "Energy",
    "Financial Services",
    "Healthcare",
    "Logistics",
    "Manufacturing",
    "Professional Services",
    "Public Sector",
    "Retail",
    "Software",
    "Technology",
    "Telecommunications",
    "Other",
)


@functools.cache
def countries() -> list[tuple[str, str]]:
    """Every country by its usual name, in alphabetical order, after an empty choice."""
    named = sorted(
        (getattr(country, "common_name", country.name), country.alpha_2)
        for country in pycountry.countries
    )
    return [("", "Choose a country"), *((code, name) for name, code in named)]


ASK = {"required": "Please fill this in."}


def _text(label: str, limit: int, autocomplete: str, **options: Any) -> forms.CharField:
    kind = options.pop("kind", "text")
    attributes = {"autocomplete": autocomplete, **options.pop("attributes", {})}
    if kind != "text":
        attributes["type"] = kind
    return forms.CharField(
        label=label,
        max_length=limit,
        widget=forms.TextInput(attributes),
        error_messages=ASK,
        **options,
    )


class Contact(forms.Form):
    """Who writes, and what about. The address may be international, so the server judges it."""

    first_name = _text("First name", PERSON["first_name"], "given-name")
    last_name = _text("Last name", PERSON["last_name"], "family-name")
    email = _text(
        "Work e-mail",
        PERSON["email"],
        "email",
        attributes={"inputmode": "email", "spellcheck": "false", "autocapitalize": "none"},
    )
    company = _text("Company", COMPANY["name"], "organization")
    phone = _text("Phone", PERSON["phone"], "tel", kind="tel", required=False)
    note = forms.CharField(
        label="Your message",
        max_length=5_000,
        widget=forms.Textarea({"rows": 5}),
        error_messages=ASK,
    )
    consent = forms.BooleanField(
        label="You may also send me news about your products.", required=False
    )

    field_order: tuple[str, ...] = (
        "first_name",
        "last_name",
        "email",
        "company",
        "phone",
        "note",
        "consent",
    )

    def clean_email(self) -> str:
        """An address we could write to, said at once beside the other faults."""
        email: str = self.cleaned_data["email"]
        try:
            identity.normalise_email(email)
        except DomainError as fault:
            raise forms.ValidationError(fault.message) from None
        return email


class Demo(Contact):
    """Enough about the company to send the right person."""

    title = _text("Job title", PERSON["title"], "organization-title", required=False)
    employees = forms.IntegerField(
        label="Number of employees",
        required=False,
        min_value=1,
        max_value=10_000_000,
        error_messages={"invalid": "Please give a whole number; roughly is fine."},
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )
    industry = forms.ChoiceField(
        label="Industry",
        required=False,
        choices=[("", "Choose an industry"), *((name, name) for name in INDUSTRIES)],
    )
    country = forms.ChoiceField(
        label="Country",
        choices=countries,
        error_messages={"required": "Please choose a country."},
        widget=forms.Select({"autocomplete": "country"}),
    )
    note = forms.CharField(
        label="What would you like to see?",
        required=False,
        max_length=5_000,
        widget=forms.Textarea({"rows": 3}),
    )

    field_order = (
        "first_name", "last_name", "email", "phone", "title", "company", "country", "employees",
        "industry", "note", "consent",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class PublicForm:
    """One form as the world sees it, and the signal that sending it is."""

    key: str
    title: str
    intro: str
    points: tuple[str, ...]
    button: str
    thanks: str
    signal: str
    form: type[forms.Form]


FORMS: dict[str, PublicForm] = {
    one.key: one
    for one in (
        PublicForm(
            key="demo",
            title="See it with your own process",
            intro="Tell us where to reach you. A specialist for your region answers in person.",
            points=(
                "Thirty minutes, on your questions",
                "With somebody who knows your industry",
                "No obligation",
            ),
            button="Request a demo",
            thanks="Your request has arrived. Somebody will get in touch with you shortly.",
            signal="demo_request",
            form=Demo,
        ),
        PublicForm(
            key="contact",
            title="Talk to us",
            intro="Ask a question, or tell us what you need. A person reads every message.",
            points=("An answer by a person", "Usually within one working day"),
            button="Send message",
            thanks="Your message has arrived. Somebody will answer you shortly.",
            signal="contact_request",
            form=Contact,
        ),
    )
}


PLACES = {
    "first_name": "person", "last_name": "person", "email": "person", "phone": "person",
    "title": "person", "country": "person", "employees": "company", "industry": "company",
}  # fmt: skip


def touch(
    form: PublicForm, answers: Mapping[str, Any], source: Mapping[str, str]
) -> dict[str, Any]:
    """What was answered, as one touch for intake."""
    sections: dict[str, dict[str, Any]] = {"person": {}, "company": {}}
    for name, place in PLACES.items():
        if answers.get(name) not in (None, ""):
            sections[place][name] = answers[name]
    sections["company"]["name"] = answers["company"]
    if answers.get("country"):
        sections["company"]["country"] = answers["country"]
    return {
        "channel": "FORM",
        **sections,
        "source": dict(source),
        "consent": bool(answers.get("consent")),
        "signals": [{"kind": form.signal}],
        "fields": {"form": form.key},
        "note": answers.get("note", ""),
    }


def place_of(path: str) -> str | None:
    """The question behind a fault that intake found; None when it is about the whole."""
    section, _, name = path.partition(".")
    if section == "company" and name == "name":
        return "company"
    return name if PLACES.get(name) == section else None
