"""The forms of a customer: who looks after it, its renewal, its churn, and back."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms

from core.texts import _, lazy
from governance.kit import Kit
from leads.models import Customer
from lifecycle import customers
from people import holders
from people.models import User
from web.console import fields
from web.console.act_form import ActForm
from web.console.fields import Choice


class CustomerForm(ActForm):
    """One act on a customer."""

    def __init__(self, *data: Any, customer: Customer, kit: Kit, reader: User) -> None:
        self.customer, self.name = customer, customer.account.called
        super().__init__(*data, kit=kit, reader=reader)

    @property
    def begin(self) -> dict[str, Any]:
        """What every call begins with."""
        return {"customer_id": self.customer.pk, "by": self.reader}


def _day() -> forms.DateField:
    return forms.DateField(
        required=False, widget=forms.DateInput(attrs={"type": "date"}), label=_("Next renewal")
    )


def _worth() -> forms.DecimalField:
    return forms.DecimalField(
        required=False, min_value=0, max_digits=18, decimal_places=2,
        label=_("What it brings"), help_text=_("In the base currency."),
    )  # fmt: skip


class Edit(CustomerForm):
    title, submit = "{} as a customer", lazy("Save")

    cs_owner = forms.ModelChoiceField(
        queryset=User.objects.none(),
        required=False,
        label=lazy("CS owner"),
        empty_label=lazy("Nobody"),
    )
    renewal_date = _day()
    value_base = _worth()

    def build(self) -> None:
        people = holders.everybody() | User.objects.filter(pk=self.customer.cs_owner_id or 0)
        self.fields["cs_owner"].queryset = holders.by_name(people)  # type: ignore[attr-defined]
        for name in self.fields:
            self.fields[name].initial = getattr(self.customer, name)

    def act(self) -> str:
        given = {name: self.cleaned_data[name] for name in self.changed_data}
        if "cs_owner" in given:
            given["cs_owner"] = given["cs_owner"].pk if given["cs_owner"] else None
        customers.revise(**self.begin, values=given)
        return _("{name} is saved.").format(name=self.name)


class Renew(CustomerForm):
    title, submit = "{} renews", lazy("Renew")

    renewal_date = _day()
    value_base = _worth()

    def build(self) -> None:
        due = self.customer.renewal_date
        self.fields["renewal_date"].required = True
        self.fields["renewal_date"].initial = due + dt.timedelta(days=365) if due else None
        self.fields["value_base"].initial = self.customer.value_base

    def act(self) -> str:
        customers.renew(**self.begin, **self.cleaned_data)
        return _("{name} stays until {cleaned_data}.").format(
            name=self.name, cleaned_data=f"{self.cleaned_data['renewal_date']:%Y-%m-%d}"
        )


class Churn(CustomerForm):
    title, submit, danger = "{} has left", lazy("Record the churn"), True

    def build(self) -> None:
        picks = [
            Choice(one.key, one.label)
            for one in self.kit.reasons.values()
            if "churn" in one.used_for
        ]
        self.fields["reason"] = fields.PickField(label=_("Reason"), picks=picks)
        self.fields["note"] = forms.CharField(
            required=False,
            max_length=500,
            help_text=_("No names of people."),
            widget=forms.Textarea,
        )

    def act(self) -> str:
        customers.churn(**self.begin, **self.cleaned_data)
        return _("{name} is a former customer.").format(name=self.name)


class Undo(CustomerForm):
    title, submit = lazy("Undo the last step with {}"), lazy("Undo")

    def act(self) -> str:
        customers.undo(**self.begin)
        return _("Undone: {name} stands where it stood before.").format(name=self.name)


FORMS: dict[str, type[CustomerForm]] = {
    "edit": Edit,
    "renew": Renew,
    "churn": Churn,
    "undo": Undo,
}
