"""What the forms of costs and quotas have in common."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django import forms

from core.errors import DomainError
from core.texts import _, lazy
from leads import amounts
from people.models import User
from reports import spreading, statements
from web.console import fields

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class MoneyField(forms.Field):
    """An amount as people write it: 12,500.00, 12.500,00, 12 500."""

    widget = forms.TextInput(
        attrs={"inputmode": "decimal", "autocomplete": "off", "maxlength": "40"}
    )

    def to_python(self, value: Any) -> Decimal | None:
        """The number, or None where nothing was written."""
        text = str(value or "").strip()
        if not text:
            return None
        amount = amounts.money(text)
        if amount is None:
            told = _("“{text}” is no amount: write 12500, 12,500.00 or 12.500,00.")
            raise forms.ValidationError(told.format(text=text[:40]))
        return amount


class LedgerForm(forms.Form):
    """One act on an entry, or a new one. `run` makes its call and returns the entry."""

    title: ClassVar[str] = ""
    submit: ClassVar[str] = lazy("Save")
    danger: ClassVar[bool] = False

    seen = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def __init__(
        self, *data: Any, reader: User, head: Any = None, given: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(*data)
        self.reader, self.head = reader, head
        if head is not None:
            self.fields["seen"].initial = head.version
        self.build(given or {})

    def build(self, given: Mapping[str, str]) -> None:
        """Add and prefill what depends on the entry and on what the address says."""

    def act(self) -> Any:
        """Make the call; returns the row that was written. Raises DomainError."""
        raise NotImplementedError

    def told(self, entry: Any) -> str:
        """What was done, in a sentence."""
        raise NotImplementedError

    def run(self) -> tuple[Any, int]:
        """The row that was written, or none and why not as a status, with faults in the form."""
        if not self.is_valid():
            return None, 422
        try:
            return self.act(), 303
        except DomainError as refusal:
            named = [fault for fault in refusal.errors if fault.field in self.fields]
            for fault in named:
                self.add_error(fault.field, fault.message)
            if not named:
                self.add_error(None, refusal.message)
            return None, refusal.status


class Withdraw(LedgerForm):
    """Have an entry no longer count."""

    title, submit, danger = lazy("Withdraw entry #{}"), lazy("Withdraw"), True

    reason = forms.CharField(
        max_length=statements.MOST_REASON,
        label=lazy("Reason"),
        help_text=lazy("Stands in its history, and in what is told as restated."),
    )


def add_span(form: forms.Form, *, first: dt.date, last: dt.date) -> None:
    """The two days of a span."""
    form.fields["first_day"] = forms.DateField(label=_("First day"), widget=DAY, initial=first)
    form.fields["last_day"] = forms.DateField(
        label=_("Last day"),
        widget=DAY,
        initial=last,
        help_text=_("Both days count. The amount counts evenly per day."),
    )


def add_reason(form: forms.Form) -> None:
    """Why it is said otherwise."""
    form.fields["reason"] = forms.CharField(
        max_length=statements.MOST_REASON,
        label=_("Reason of the correction"),
        help_text=_("Such as: the invoice came. What was told before is marked as restated."),
    )


def add_amount(form: forms.Form, initial: Decimal | None, *, label: str) -> None:
    """The amount of an entry."""
    told = f"{initial:.2f}".removesuffix(".00") if initial is not None else None
    form.fields["amount"] = MoneyField(label=label, initial=told)


def add_note(form: forms.Form, initial: str) -> None:
    """A note."""
    form.fields["note"] = fields.note()
    form.fields["note"].initial = initial


def day_of(given: Mapping[str, str], name: str, otherwise: dt.date) -> dt.date:
    """A day that the address says, if it does."""
    try:
        return dt.date.fromisoformat(given.get(name, ""))
    except ValueError:
        return otherwise


def last_month(today: dt.date) -> tuple[dt.date, dt.date]:
    """The month that is over."""
    last = today.replace(day=1) - dt.timedelta(days=1)
    return last.replace(day=1), last


def this_month(today: dt.date) -> tuple[dt.date, dt.date]:
    """The month that goes on."""
    return today.replace(day=1), spreading.last_of_month(today)
