"""The forms of the route preview: what is looked at, and under which circumstances."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms

from core.errors import FieldError, InvalidInput
from core.texts import _, lazy
from governance.models import KitVersion
from leads.intake import LIMITS
from leads.models import Channel, SourceCategory
from routing import rule_words

LONGEST_TEXT = 60_000
SECTIONS = {
    "company": ("name", "domain", "country", "region", "postal_code", "employees", "industry"),
    "person": ("first_name", "last_name", "email", "title", "country", "language"),
    "lead": ("potential_value",),
    "source": ("campaign", "medium", "partner"),
}
LABELS = {
    "company.name": lazy("Company"),
    "company.domain": lazy("Domain"),
    "company.country": lazy("Country"),
    "company.region": lazy("Region"),
    "company.postal_code": lazy("Postal code"),
    "company.employees": lazy("Employees"),
    "company.industry": lazy("Industry"),
    "person.first_name": lazy("First name"),
    "person.last_name": lazy("Last name"),
    "person.email": lazy("E-mail"),
    "person.title": lazy("Job title"),
    "person.country": lazy("Person's country"),
    "person.language": lazy("Language"),
    "source.campaign": lazy("Campaign"),
    "source.medium": lazy("Medium"),
    "source.partner": lazy("Partner"),
    "lead.potential_value": lazy("Potential value"),
}


class Circumstances(forms.Form):
    """At which moment and instant, and under which version."""

    moment = forms.ChoiceField(label=lazy("Moment"), required=False)
    at = forms.DateTimeField(
        label=lazy("When"),
        required=False,
        help_text=lazy("Empty: now."),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": lazy("Give a day and a time, such as 2026-05-09T14:00.")},
    )
    version = forms.ChoiceField(label=lazy("Kit"), required=False)
    against = forms.ChoiceField(label=lazy("Beside it"), required=False)
    score = forms.FloatField(
        label=lazy("Score"), required=False, help_text=lazy("In place of its own.")
    )

    def __init__(self, *data: object, versions: Sequence[KitVersion]) -> None:
        super().__init__(*data)  # type: ignore[arg-type]
        self._choose("moment", [("", _("As it stands")), *rule_words.MOMENTS.items()])
        named = [(str(one.number), _called(one)) for one in versions]
        self._choose("version", named or [("", _("The kit in force"))])
        self._choose("against", [("", _("Nothing")), *named])

    def _choose(self, name: str, choices: Sequence[tuple[str, str]]) -> None:
        field = cast("forms.ChoiceField", self.fields[name])
        field.choices = list(choices)
        field.error_messages["invalid_choice"] = _("Choose one of those in the list.")

    @property
    def numbers(self) -> list[int | None]:
        """The versions that are asked for, the first first."""
        told = [self.cleaned_data.get("version"), self.cleaned_data.get("against")]
        return [int(told[0]) if told[0] else None, *(int(one) for one in told[1:] if one)]

    def refuse(self, refusal: InvalidInput) -> None:
        """Say what is wrong beside the field that has it, as far as it is one of the form."""
        for fault in refusal.errors or [FieldError("", refusal.message)]:
            known = fault.field if fault.field in self.fields else None
            name = "" if known or not fault.field else f"{fault.field}: "
            self.add_error(known, f"{name}{fault.message}")


class Touch(Circumstances):
    """A touch that may come, in fields or as its JSON."""

    channel = forms.ChoiceField(
        label=lazy("Channel"), choices=Channel.choices, initial=Channel.FORM
    )
    signals = forms.CharField(
        label=lazy("Signals"), required=False, max_length=2_000,
        help_text=lazy("Keys parted by commas, as often as they happened."),
    )  # fmt: skip
    text = forms.CharField(
        label=lazy("Or its JSON, as the capture API takes it"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text=lazy("If there is any, it takes the place of the fields."),
    )

    def __init__(
        self, *data: object, versions: Sequence[KitVersion], signals: Sequence[str]
    ) -> None:
        super().__init__(*data, versions=versions)
        self._known = frozenset(signals)
        self.fields["source.category"] = forms.ChoiceField(
            label=_("Source"), required=False,
            choices=[("", _("As the kit attributes it")), *SourceCategory.choices],
        )  # fmt: skip
        for section, names in SECTIONS.items():
            for name in names:
                key = f"{section}.{name}"
                self.fields[key] = forms.CharField(
                    label=LABELS[key], required=False, max_length=LIMITS[section][name]
                )
        self.fields["channel"].error_messages["invalid_choice"] = _(
            "Choose one of those in the list."
        )

    def clean_signals(self) -> list[str]:
        """Known keys only: what the kit does not know would count for nothing."""
        told = [one.strip() for one in self.cleaned_data["signals"].split(",") if one.strip()]
        unknown = sorted(set(told) - self._known)
        if unknown:
            known = ", ".join(sorted(self._known)) or "none"
            raise forms.ValidationError(
                _("No signal “{unknown}”; known are {known}.").format(
                    unknown=unknown[0][:60], known=known
                )
            )
        return told

    def clean_text(self) -> Any:
        """The touch that the JSON tells; None where there is no text."""
        text = self.cleaned_data["text"]
        if not text.strip():
            return None
        if len(text) > LONGEST_TEXT:
            raise forms.ValidationError(_("This is too long; a touch has at most 60 kB."))
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as fault:
            where = (
                _(" at line {lineno}, column {colno}").format(
                    lineno=fault.lineno, colno=fault.colno
                )
                if isinstance(fault, json.JSONDecodeError)
                else ""
            )
            raise forms.ValidationError(
                _("This is no JSON: it breaks off{where}.").format(where=where)
            ) from fault

    @property
    def touch(self) -> Any:
        """The body as the capture API takes it."""
        given = self.cleaned_data
        if given["text"] is not None:
            return given["text"]
        body: dict[str, Any] = {"channel": given["channel"]}
        for section, names in SECTIONS.items():
            said = {name: given[f"{section}.{name}"] for name in names}
            body[section] = {name: value for name, value in said.items() if value}
        if given["source.category"]:
            body["source"]["category"] = given["source.category"]
        body["signals"] = [{"kind": one} for one in given["signals"]]
        return body


def groups(form: forms.Form) -> Mapping[str, list[forms.BoundField]]:
    """The fields of a touch as they are drawn, by heading."""
    by_name = {name: form[name] for name in form.fields}
    return {
        "Company": [by_name[f"company.{name}"] for name in SECTIONS["company"]],
        "Person": [by_name[f"person.{name}"] for name in SECTIONS["person"]],
        "How it comes": [by_name[name] for name in ("channel", "source.category", "source.campaign",
                         "source.medium", "source.partner", "lead.potential_value", "signals",
                         "score")],
    }  # fmt: skip


def _called(version: KitVersion) -> str:
    return f"v{version.number}, {version.get_status_display().lower()}"
