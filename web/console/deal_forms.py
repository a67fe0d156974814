"""The forms of an opportunity: another stage, its end, what is said of it, and back."""

from __future__ import annotations

from django import forms

from core.texts import _, lazy
from leads import deal_stages
from leads.models import Account, Opportunity
from lifecycle import deal_closing, deal_edits, deal_moving
from lifecycle.deal_closing import Outcome
from people import holders
from people.models import User
from web.console import deal_fields
from web.console.deal_form import DealForm
from web.console.deal_product_forms import Products

PARTNERS = 500


class Move(DealForm):
    title, submit = lazy("Another stage for {}"), lazy("Move")

    version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def build(self) -> None:
        stages = deal_stages.of_kit(self.kit)
        self.fields["version"].initial = self.deal.version
        self.fields["stage"] = forms.ChoiceField(
            choices=[
                (
                    one.key,
                    _("{label} ({win_percent} % are won)").format(
                        label=one.label, win_percent=one.win_percent
                    ),
                )
                for one in stages
            ],
            initial=self.deal.sales_stage,
        )

    def act(self) -> str:
        given = self.cleaned_data
        deal_moving.move(**self.begin, stage=given["stage"], version=given["version"])
        return _("{name} stands at “{label}”.").format(
            name=self.deal.name, label=deal_stages.label(self.kit, given["stage"])
        )


class Win(DealForm):
    title, submit = lazy("Won: {}"), lazy("Mark as won")

    def build(self) -> None:
        deal_fields.winning(self, self.deal, self.kit)

    def act(self) -> str:
        outcome = Outcome(deal_closing.WIN, **deal_fields.said(self.cleaned_data))
        deal_closing.close(**self.begin, outcome=outcome)
        return _("Won {name}.").format(name=self.deal.name)


class Lose(DealForm):
    title, submit, danger = lazy("Lost: {}"), lazy("Mark as lost"), True

    def build(self) -> None:
        deal_fields.losing(self, self.kit)

    def act(self) -> str:
        outcome = Outcome(deal_closing.LOSE, **deal_fields.said(self.cleaned_data))
        deal_closing.close(**self.begin, outcome=outcome)
        return _("Lost {name}.").format(name=self.deal.name)


class Edit(DealForm):
    title, submit = lazy("Edit {}"), lazy("Save")

    name = forms.CharField(max_length=200)
    amount = forms.DecimalField(required=False, min_value=0, max_digits=18, decimal_places=2)
    currency = forms.CharField(required=False, min_length=3, max_length=3)
    expected_close = forms.DateField(
        required=False, widget=forms.DateInput(attrs={"type": "date"}), label=lazy("Expected close")
    )
    owner = forms.ModelChoiceField(queryset=User.objects.none())
    partner = forms.ModelChoiceField(
        queryset=Account.objects.none(), required=False, empty_label=lazy("No partner")
    )
    partner_role = forms.ChoiceField(
        choices=Opportunity.PartnerRole.choices, required=False, label=lazy("The partner’s part")
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
        return _("{name} is saved.").format(name=self.deal.name)


class Undo(DealForm):
    title, submit = lazy("Undo the last step of {}"), lazy("Undo")

    def act(self) -> str:
        deal_moving.undo(**self.begin)
        return _("Undone: {name} stands where it stood before.").format(name=self.deal.name)


FORMS: dict[str, type[DealForm]] = {
    "move": Move,
    "win": Win,
    "lose": Lose,
    "edit": Edit,
    "products": Products,
    "undo": Undo,
}
