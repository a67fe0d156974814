"""The forms of an opportunity: another stage, its end, what is said of it, and back."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from core.errors import DomainError
from governance.kit import Kit
from leads import deal_stages
from leads.models import Account, Opportunity
from lifecycle import deal_closing, deal_edits, deal_moving
from lifecycle.deal_closing import Outcome
from people import holders
from people.models import User
from web.console import deal_fields

PARTNERS = 500


class DealForm(forms.Form):
    """One act on an opportunity. `run` makes its call and says what was done."""

    title: ClassVar[str]
    submit: ClassVar[str]
    danger: ClassVar[bool] = False

    def __init__(self, *data: Any, deal: Opportunity, kit: Kit, reader: User) -> None:
        super().__init__(*data)
        self.deal, self.kit, self.reader = deal, kit, reader
        self.build()

    def build(self) -> None:
        """Add what depends on the opportunity or the kit."""

    def act(self) -> str:
        """Make the call; returns the sentence of the toast. Raises DomainError."""
        raise NotImplementedError

    def run(self) -> tuple[str, int]:
        """What was done in words, or nothing and why not as a status, with faults in the form."""
        if not self.is_valid():
            return "", 422
        try:
            return self.act(), 303
        except DomainError as refusal:
            for fault in refusal.errors:
                self.add_error(fault.field if fault.field in self.fields else None, fault.message)
            if not refusal.errors:
                self.add_error(None, refusal.message)
            return "", refusal.status

    @property
    def begin(self) -> dict[str, Any]:
        """What every call begins with."""
        return {"opportunity_id": self.deal.pk, "by": self.reader}


class Move(DealForm):
    title, submit = "Another stage for {}", "Move"

    version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def build(self) -> None:
        stages = deal_stages.of_kit(self.kit)
        self.fields["version"].initial = self.deal.version
        self.fields["stage"] = forms.ChoiceField(
            choices=[(one.key, f"{one.label} ({one.win_percent} % are won)") for one in stages],
            initial=self.deal.sales_stage,
        )

    def act(self) -> str:
        given = self.cleaned_data
        deal_moving.move(**self.begin, stage=given["stage"], version=given["version"])
        return f"{self.deal.name} stands at “{deal_stages.label(self.kit, given['stage'])}”."


class Win(DealForm):
    title, submit = "Won: {}", "Mark as won"

    def build(self) -> None:
        deal_fields.winning(self, self.deal, self.kit)

    def act(self) -> str:
        outcome = Outcome(deal_closing.WIN, **deal_fields.said(self.cleaned_data))
        deal_closing.close(**self.begin, outcome=outcome)
        return f"Won {self.deal.name}."


class Lose(DealForm):
    title, submit, danger = "Lost: {}", "Mark as lost", True

    def build(self) -> None:
        deal_fields.losing(self, self.kit)

    def act(self) -> str:
        outcome = Outcome(deal_closing.LOSE, **deal_fields.said(self.cleaned_data))
        deal_closing.close(**self.begin, outcome=outcome)
        return f"Lost {self.deal.name}."


class Edit(DealForm):
    title, submit = "Edit {}", "Save"

    name = forms.CharField(max_length=200)
    amount = forms.DecimalField(required=False, min_value=0, max_digits=18, decimal_places=2)
    currency = forms.CharField(required=False, min_length=3, max_length=3)
    expected_close = forms.DateField(
        required=False, widget=forms.DateInput(attrs={"type": "date"}), label="Expected close"
    )
    owner = forms.ModelChoiceField(queryset=User.objects.none())
    partner = forms.ModelChoiceField(
        queryset=Account.objects.none(), required=False, empty_label="No partner"
    )
    partner_role = forms.ChoiceField(
        choices=Opportunity.PartnerRole.choices, required=False, label="The partner’s part"
    )

    def build(self) -> None:
        people = holders.by_name(holders.everybody() | User.objects.filter(pk=self.deal.owner_id))
        partners = Account.objects.filter(status="PARTNER").order_by("name", "pk")
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]
        self.fields["partner"].queryset = partners  # type: ignore[attr-defined]
        self.fields["partner"].label_from_instance = lambda one: one.called  # type: ignore[attr-defined]
        names = ("name", "amount", "currency", "expected_close", "owner", "partner", "partner_role")
        for name in names:
            self.fields[name].initial = getattr(self.deal, name)

    def act(self) -> str:
        given = {name: self.cleaned_data[name] for name in self.changed_data}
        for name in ("owner", "partner"):
            if name in given:
                given[name] = given[name].pk if given[name] is not None else None
        deal_edits.revise(**self.begin, values=given)
        return f"{self.deal.name} is saved."


class Undo(DealForm):
    title, submit = "Undo the last step of {}", "Undo"

    def act(self) -> str:
        deal_moving.undo(**self.begin)
        return f"Undone: {self.deal.name} stands where it stood before."


FORMS: dict[str, type[DealForm]] = {
    "move": Move,
    "win": Win,
    "lose": Lose,
    "edit": Edit,
    "undo": Undo,
}
