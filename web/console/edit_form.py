"""The form in which fields of a buyer are changed by hand."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html

from core import database, phrases
from core.errors import DomainError
from core.texts import _, lazy
from leads import own_fields, quality_sql
from lifecycle import editing, rekeying, sayings
from web.console import field_words, fields, own_words
from web.console.action_form import ActionForm, Banner

OWN = lazy("Own fields")
HEADINGS = {"person": lazy("Person"), "company": lazy("Company"), "lead": lazy("Lead")}
HELP = {
    "person.email": lazy("A former address still tells who this is."),
    "person.phone": lazy("With its country code: +49 30 123456."),
    "person.country": lazy("Two letters or the name."),
    "company.name": lazy(
        "A company that is known already is found by its domain or its name; another one is made."
    ),
    "company.domain": lazy("Such as acme.com; free-mail domains name no company."),
    "company.employees": lazy("A number, such as 420, or one of the usual sizes, such as 201-500."),
    "company.country": lazy("The country of the company: two letters or the name."),
    "company.region": lazy("State, province or county; territories go by it."),
    "company.postal_code": lazy("Territories go by how it begins."),
    "company.currency": lazy("Three letters."),
    "person.seniority": lazy("Read from the job title unless you choose it."),
    "lead.potential_value": lazy(
        "What it may be worth, in {BASE_CURRENCY}, such as 50000. Empty: nobody knows yet."
    ).format(BASE_CURRENCY=settings.BASE_CURRENCY),
}


class Edit(ActionForm):
    """What is changed here outranks every form, list and provider."""

    title, submit = lazy("Edit {}"), lazy("Save")

    def build(self) -> None:
        """One field each, what is missing altogether first.

        The domain only where none is known, as it tells companies apart.
        """
        account = self.lead.account
        first = "company" if account is None else "person"
        for name in sorted(editing.FIELDS, key=lambda one: not one.startswith(first)):
            section, _rest, field = name.partition(".")
            row = {"person": self.lead.person, "company": account, "lead": self.lead}[section]
            if name != editing.DOMAIN or account is None or not account.domain:
                self.fields[name] = self._field(name, field, getattr(row, field, None))
        self._add_own()
        if self.lead.quarantined_at is not None:
            found = quality_sql.of_lead(
                self.lead.pk, self.kit.quality, now=database.now(), registry=self.kit.registry
            )
            missed = phrases.listed([phrases.in_a_sentence(rule.label) for rule in found.missed])
            self.banners.append(
                Banner(
                    "warn", _("It waits in quarantine and lacks: {missed}.").format(missed=missed)
                )
            )

    def run(self) -> str:
        """Only what was changed is said; a field that was not sent stays as it is."""
        sent = [name for name in self.changed_data if name in self.data]
        changed = {name: self.cleaned_data[name] for name in sent}
        edited = editing.edit(**self.begin, values=changed)
        self.undoable = bool(changed)
        named = field_words.listed(changed, self.kit)
        told = _("Changed: {named}.").format(named=named) if changed else _("Nothing was changed.")
        return " ".join((told, *(one.message for one in edited.remarks)))

    def refuse(self, refusal: DomainError, *, told: str = "") -> None:
        """Whose address it is leads to the two as one person."""
        super().refuse(refusal, told=told)
        other = refusal.state.get("lead")
        if refusal.code == rekeying.AddressTaken.code and other:
            url = f"{reverse('console:lead-same-as', args=[self.lead.pk])}?q={other}"
            self.add_error(
                "person.email", format_html('<a href="{}">These two are one person…</a>', url)
            )

    def _add_own(self) -> None:
        """The kit's own fields, with what they have; choices and yes or no as lists."""
        asked = own_fields.of_kit(self.kit)
        found = sayings.answers(asked, self.lead)
        for place, one in enumerate(asked):
            answer = found.get(one.key)
            said = answer.text[: own_fields.LONGEST] if answer is not None else ""
            value = answer.value if answer is not None else None
            common: dict[str, Any] = {
                "label": one.label, "required": False, "help_text": one.help,
            }  # fmt: skip
            picks = own_words.picks(one)
            if picks:
                initial = own_words.pick(value)
                choices = [("", _("Unknown")), *picks]
                field: forms.Field = forms.ChoiceField(choices=choices, initial=initial, **common)
            else:
                heading = "" if place else OWN
                field = fields.GroupedField(
                    heading=heading, max_length=own_fields.LONGEST, initial=said, **common
                )
            self.fields[one.name] = field

    def _field(self, name: str, field: str, value: object) -> forms.Field:
        label = field_words.FIELDS[name].capitalize()
        common: dict[str, Any] = {
            "label": label, "required": False, "initial": "" if value is None else str(value),
            "help_text": HELP.get(name, ""),
        }  # fmt: skip
        if field in field_words.CHOICES:
            choices = [("", _("Unknown")), *field_words.CHOICES[field].items()]
            return forms.ChoiceField(choices=choices, **common)
        section = name.partition(".")[0]
        first = next(one for one in editing.FIELDS if one.startswith(f"{section}."))
        heading = HEADINGS[section] if name == first else ""
        return fields.GroupedField(heading=heading, max_length=400, **common)
