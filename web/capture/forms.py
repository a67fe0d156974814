"""What a public form asks, as Django's forms; and what was answered, as one touch for intake."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import pycountry
from django import forms

from core.errors import DomainError
from leads import identity, intake
from web.capture.hosted import PublicForm, Question

PERSON = intake.LIMITS["person"]
COMPANY = intake.LIMITS["company"]
LEAD = intake.LIMITS["lead"]
CONSENT = "consent"
LONGEST_ANSWER = 2_000
MISSING = "Please fill this in."
NAMES = ("first_name", "last_name")

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

PLACES = {
    "first_name": ("person", "first_name"),
    "last_name": ("person", "last_name"),
    "email": ("person", "email"),
    "phone": ("person", "phone"),
    "title": ("person", "title"),
    "country": ("person", "country"),
    "company": ("company", "name"),
    "domain": ("company", "domain"),
    "employees": ("company", "employees"),
    "industry": ("company", "industry"),
    "potential_value": ("lead", "potential_value"),
}
"""Where the answers to known questions belong in a touch; a message is its note."""


@functools.cache
def countries() -> list[tuple[str, str]]:
    """Every country by its usual name, in alphabetical order, after an empty choice."""
    named = sorted(
        (getattr(country, "common_name", country.name), country.alpha_2)
        for country in pycountry.countries
    )
    return [("", "Choose a country"), *((code, name) for name, code in named)]


class Answers(forms.Form):
    """The answers to whatever was asked. Addresses may be international: the server judges them."""

    def clean(self) -> dict[str, Any]:
        """An address we could write to, and a name, said at once beside the other faults."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not any(cleaned.get(name) for name in NAMES):
            for name in NAMES:
                if name in self.fields and self.fields[name].required and name not in self.errors:
                    self.add_error(name, MISSING)
        email = cleaned.get("email")
        if email:
            try:
                identity.normalise_email(email)
            except DomainError as fault:
                self.add_error("email", fault.message)
        return cleaned


def build(public: PublicForm, data: Any = None) -> Answers:
    """The form with these questions, and with what was answered."""
    form = Answers(data)
    for one in public.questions:
        form.fields[one.name] = (KNOWN[one.name] if one.known else _own)(one)
    if public.consent_words:
        form.fields[CONSENT] = forms.BooleanField(label=public.consent_words, required=False)
    return form


def touch(
    public: PublicForm, answers: Mapping[str, Any], source: Mapping[str, str]
) -> dict[str, Any]:
    """What was answered, as one touch for intake."""
    sections: dict[str, dict[str, Any]] = {"person": {}, "company": {}, "lead": {}}
    for name, (section, field) in PLACES.items():
        if answers.get(name) not in (None, ""):
            sections[section][field] = answers[name]
    if answers.get("country"):
        sections["company"]["country"] = answers["country"]
    own = {
        one.label: answers[one.name]
        for one in public.questions
        if not one.known and answers.get(one.name) not in (None, "")
    }
    return {
        "channel": "FORM",
        **sections,
        "source": dict(source),
        "consent": _consent(public, agreed=bool(answers.get(CONSENT))),
        "signals": [{"kind": public.signal}] if public.signal else [],
        "fields": {**own, "form": public.key},
        "note": answers.get("note", ""),
    }


def place_of(path: str, public: PublicForm) -> str | None:
    """The question behind a fault that intake found; None when it is about the whole."""
    asked = {one.name for one in public.questions}
    places = {f"{section}.{field}": name for name, (section, field) in PLACES.items()}
    name = places.get(path, path if path == "note" else None)
    return name if name in asked else None


def _consent(public: PublicForm, *, agreed: bool) -> bool | dict[str, Any]:
    """What was agreed to, in which words; not to tick the box agrees to nothing."""
    if not agreed:
        return False
    return {public.consent_way.lower(): True, "words": public.consent_words}


def _text(limit: int, autocomplete: str, **attributes: str) -> Callable[[Question], forms.Field]:
    def make(asked: Question) -> forms.Field:
        widget = forms.TextInput({"autocomplete": autocomplete, **attributes})
        return forms.CharField(max_length=limit, widget=widget, **_common(asked))

    return make


class _Name(forms.CharField):
    """Part of a name. Many people have but one: whether any was given is up to the form."""

    def validate(self, value: Any) -> None:
        """Nothing is wrong with one that is empty."""


def _name(autocomplete: str, limit: int) -> Callable[[Question], forms.Field]:
    def make(asked: Question) -> forms.Field:
        widget = forms.TextInput({"autocomplete": autocomplete})
        return _Name(max_length=limit, widget=widget, **_common(asked))

    return make


def _email(asked: Question) -> forms.Field:
    attributes = {"inputmode": "email", "spellcheck": "false", "autocapitalize": "none"}
    return _text(PERSON["email"], "email", **attributes)(asked)


def _note(asked: Question) -> forms.Field:
    rows = 5 if asked.required else 3
    return forms.CharField(
        max_length=5_000, widget=forms.Textarea({"rows": rows}), **_common(asked)
    )


def _employees(asked: Question) -> forms.Field:
    field = forms.IntegerField(
        min_value=1,
        max_value=10_000_000,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
        **_common(asked),
    )
    field.error_messages["invalid"] = "Please give a whole number; roughly is fine."
    return field


def _country(asked: Question) -> forms.Field:
    widget = forms.Select({"autocomplete": "country"})
    field = forms.ChoiceField(choices=countries, widget=widget, **_common(asked))
    field.error_messages["required"] = "Please choose a country."
    return field


def _industry(asked: Question) -> forms.Field:
    choices = [("", "Choose an industry"), *((name, name) for name in INDUSTRIES)]
    return forms.ChoiceField(choices=choices, **_common(asked))


def _own(asked: Question) -> forms.Field:
    """A question of the form's own."""
    if asked.kind == "TICK":
        return forms.BooleanField(**_common(asked))
    if asked.kind == "CHOICE":
        choices = [("", "Please choose"), *((one, one) for one in asked.options)]
        return forms.ChoiceField(choices=choices, **_common(asked))
    several = asked.kind == "LONG"
    widget: Any = forms.Textarea({"rows": 3}) if several else forms.TextInput()
    limit = LONGEST_ANSWER if several else 200
    return forms.CharField(max_length=limit, widget=widget, **_common(asked))


def _common(asked: Question) -> dict[str, Any]:
    return {
        "label": asked.label,
        "required": asked.required,
        "help_text": asked.help,
        "error_messages": {"required": MISSING},
    }


KNOWN: dict[str, Callable[[Question], forms.Field]] = {
    "first_name": _name("given-name", PERSON["first_name"]),
    "last_name": _name("family-name", PERSON["last_name"]),
    "email": _email,
    "phone": _text(PERSON["phone"], "tel", type="tel"),
    "title": _text(PERSON["title"], "organization-title"),
    "company": _text(COMPANY["name"], "organization"),
    "domain": _text(COMPANY["domain"], "url", inputmode="url"),
    "country": _country,
    "employees": _employees,
    "industry": _industry,
    "potential_value": _text(LEAD["potential_value"], "off", inputmode="decimal"),
    "note": _note,
}
"""How each known question is asked."""
