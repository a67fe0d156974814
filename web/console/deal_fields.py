"""What the forms that end an opportunity ask for, of a lead or of the opportunity itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings

from core.texts import _
from governance.kit import Kit
from leads.models import Opportunity
from web.console import fields
from web.console.fields import Choice

SAID = ("amount", "rate", "reason", "note", "competitor")


def winning(form: forms.Form, deal: Opportunity | None, kit: Kit) -> None:
    """The final amount, its rate where it needs one, and why it was won."""
    form.fields["amount"] = forms.DecimalField(
        required=False, min_value=0, max_digits=18, decimal_places=2, label=_("Final amount")
    )
    if deal is not None and deal.currency not in ("", settings.BASE_CURRENCY):
        form.fields["rate"] = forms.DecimalField(
            required=False,
            max_digits=18,
            decimal_places=8,
            label=_("1 {currency} in {BASE_CURRENCY}").format(
                currency=deal.currency, BASE_CURRENCY=settings.BASE_CURRENCY
            ),
            help_text=_("Empty: the rate that was entered for the day."),
        )
    _why(form, kit, "win")


def losing(form: forms.Form, kit: Kit) -> None:
    """Why it was lost, and to whom."""
    _why(form, kit, "lose")


def said(given: Mapping[str, Any]) -> dict[str, Any]:
    """What was filled in, as the acts take it."""
    return {name: given[name] for name in SAID if given.get(name) not in (None, "")}


def _why(form: forms.Form, kit: Kit, used_for: str) -> None:
    reasons = [one for one in kit.reasons.values() if used_for in one.used_for]
    if reasons:
        picks = [Choice(one.key, one.label) for one in reasons]
        form.fields["reason"] = fields.PickField(label=_("Reason"), picks=picks, required=False)
    form.fields["competitor"] = forms.CharField(
        required=False, max_length=120, help_text=_("The company that competed, if one did.")
    )
    form.fields["note"] = fields.note()
