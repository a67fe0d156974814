"""The forms of the first hour: whom the company sells to, and its first key."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from core.texts import _, lazy
from leads import countries, industries, titles
from lifecycle.first_kit import Customer

MOST_EMPLOYEES = 10_000_000


class CustomerForm(forms.Form):
    """Five questions; what is left open is not asked of a lead."""

    countries = forms.CharField(
        label=lazy("In which countries do you sell?"),
        required=False,
        max_length=1000,
        help_text=lazy("Names or codes, parted by commas: Germany, AT, Switzerland."),
    )
    fewest = forms.IntegerField(
        label=lazy("Employees, at least"), required=False, min_value=1, max_value=MOST_EMPLOYEES
    )
    most = forms.IntegerField(
        label=lazy("Employees, at most"), required=False, min_value=1, max_value=MOST_EMPLOYEES
    )
    industries = forms.MultipleChoiceField(
        label=lazy("Which industries?"),
        required=False,
        choices=[(one, one) for one in industries.names()],
        widget=forms.CheckboxSelectMultiple,
    )
    seniorities = forms.MultipleChoiceField(
        label=lazy("How senior is who buys?"),
        required=False,
        choices=titles.SENIORITIES,
        widget=forms.CheckboxSelectMultiple,
        help_text=lazy("Read from job titles. Tick none where everybody counts."),
    )
    functions = forms.MultipleChoiceField(
        label=lazy("What do they do?"),
        required=False,
        choices=titles.FUNCTIONS,
        widget=forms.CheckboxSelectMultiple,
        help_text=lazy("Read from job titles, too."),
    )

    def clean_countries(self) -> list[str]:
        """Their codes, each once, in the order given."""
        words = [one.strip() for one in re.split(r"[,;\n]", self.cleaned_data["countries"])]
        codes = {word: countries.country_code(word) for word in words if word}
        unknown = [word for word, code in codes.items() if code is None]
        if unknown:
            raise ValidationError(
                _("No country is called {unknown}.").format(unknown=", ".join(unknown))
            )
        return list(dict.fromkeys(code for code in codes.values() if code))

    def clean(self) -> dict[str, Any]:
        """Bounds the right way round, and something said at all."""
        given = dict(super().clean() or {})
        fewest, most = given.get("fewest"), given.get("most")
        if fewest and most and fewest > most:
            self.add_error("most", _("That is less than at least."))
        if not self.errors and not any(given.values()):
            raise ValidationError(_("Answer at least one question."))
        return given

    def customer(self) -> Customer:
        """The answers."""
        return Customer(**self.cleaned_data)


class KeyForm(forms.Form):
    """What the key is called."""

    name = forms.CharField(
        label=lazy("What is it for?"),
        max_length=80,
        initial="website",
        help_text=lazy("Such as website, or the system that will use it."),
    )
