"""The forms of costs: enter, correct, withdraw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings

from core import database
from core.texts import _, lazy
from reports import cost_acts
from reports.models import CostEntry
from web.console import ledger_forms, ledger_words
from web.console.ledger_forms import LedgerForm
from web.console.ledger_words import CHANNELS, COST_LABELS, SOURCES

_KEPT = ("campaign", "label", "external_id")


class _Said(LedgerForm):
    """What is said of a cost."""

    def build(self, given: Mapping[str, str]) -> None:
        head = self.head
        first, last = ledger_forms.last_month(database.now().date())
        ledger_forms.add_span(
            self,
            first=head.first_day if head else ledger_forms.day_of(given, "first_day", first),
            last=head.last_day if head else ledger_forms.day_of(given, "last_day", last),
        )
        self.fields["source"] = forms.ChoiceField(
            label=COST_LABELS["source"],
            choices=[("", _("Pick a source")), *SOURCES.items()],
            initial=head.source if head else given.get("source", ""),
            help_text=_("What made the buyers come. Reports set the cost against its leads."),
        )
        ledger_forms.add_amount(self, head.amount if head else None, label=COST_LABELS["amount"])
        self.fields["currency"] = forms.CharField(
            label=COST_LABELS["currency"], max_length=3,
            initial=head.currency if head else settings.BASE_CURRENCY,
            help_text=_("Counted in {base} by the rate of the last day.").format(
                base=settings.BASE_CURRENCY
            ),
        )  # fmt: skip
        self._add_further(head)

    def _add_further(self, head: CostEntry | None) -> None:
        for name in _KEPT:
            self.fields[name] = forms.CharField(
                label=COST_LABELS[name], max_length=200, required=False,
                initial=getattr(head, name, ""),
            )  # fmt: skip
        self.fields["external_id"].help_text = _("A file that names it restates this entry.")
        self.fields["channel"] = forms.ChoiceField(
            label=COST_LABELS["channel"], required=False,
            choices=[("", _("None in particular")), *CHANNELS.items()],
            initial=getattr(head, "channel", ""),
        )  # fmt: skip
        ledger_forms.add_note(self, getattr(head, "note", ""))
        order = ["first_day", "last_day", "source", "amount", "currency", "label", "campaign",
                 "channel", "external_id", "note"]  # fmt: skip
        self.order_fields(order)

    def said(self) -> cost_acts.Said:
        """What the form says."""
        names = ("first_day", "last_day", "source", "amount", "currency", "channel", "note", *_KEPT)
        given: dict[str, Any] = {name: self.cleaned_data[name] for name in names}
        return cost_acts.Said(**given)


class Enter(_Said):
    title, submit = lazy("Enter a cost"), lazy("Enter")

    def act(self) -> CostEntry:
        return cost_acts.enter(self.said(), by=self.reader)

    def told(self, entry: CostEntry) -> str:
        return _("Entered: {source}, {span}, {amount}.").format(
            source=ledger_words.value(entry, "source"),
            span=ledger_words.span(entry.first_day, entry.last_day),
            amount=ledger_words.money(entry.amount, entry.currency),
        )


class Correct(_Said):
    title, submit = lazy("Correct entry #{}"), lazy("Correct")

    def build(self, given: Mapping[str, str]) -> None:
        super().build(given)
        ledger_forms.add_reason(self)

    def act(self) -> CostEntry:
        return cost_acts.correct(
            self.head.number, self.said(), reason=self.cleaned_data["reason"], by=self.reader,
            seen=self.cleaned_data["seen"],
        )  # fmt: skip

    def told(self, entry: CostEntry) -> str:
        return _("Entry #{number} is corrected; what it said before stays in its history.").format(
            number=entry.number
        )


class Withdraw(ledger_forms.Withdraw):
    def act(self) -> CostEntry:
        return cost_acts.withdraw(
            self.head.number, reason=self.cleaned_data["reason"], by=self.reader,
            seen=self.cleaned_data["seen"],
        )  # fmt: skip

    def told(self, entry: CostEntry) -> str:
        return _("Entry #{number} no longer counts.").format(number=entry.number)


FORMS: dict[str, type[LedgerForm]] = {"correct": Correct, "withdraw": Withdraw}
