"""The form of an opportunity's products: all its lines, and one more."""

from __future__ import annotations

from django import forms

from core.texts import _, lazy
from leads.models import OpportunityLine, Product
from lifecycle import deal_lines
from web.console import deal_list
from web.console.deal_form import DealForm

OFFERED = 500


class Products(DealForm):
    title, submit = lazy("Products of {}"), lazy("Save")

    version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def build(self) -> None:
        """A number and an amount for each line, and a choice of what else is offered."""
        self.fields["version"].initial = self.deal.version
        self.lines = list(self.deal.lines.select_related("product").order_by("pk"))
        for line in self.lines:
            self._add(str(line.pk), line.product.name, line)
        held = [line.product_id for line in self.lines]
        offered = Product.objects.filter(active=True).exclude(pk__in=held).order_by("name")
        known = [(one.key, _offer(one)) for one in offered[:OFFERED]]
        self.fields["product"] = forms.ChoiceField(
            choices=[("", _("Nothing more")), *known], required=False, label=_("Add a product")
        )
        self._add("new", _("Of that"), None)

    def _add(self, key: str, name: str, line: OpportunityLine | None) -> None:
        self.fields[f"quantity_{key}"] = forms.IntegerField(
            label=_("{name}: how many").format(name=name),
            min_value=0,
            max_value=deal_lines.MOST_OF_ONE,
            required=line is not None,
            initial=line.quantity if line is not None else 1,
            help_text=_("0 takes it off.") if line is not None else "",
        )
        self.fields[f"amount_{key}"] = forms.DecimalField(
            label=_("{name}: for how much together").format(name=name),
            min_value=0,
            max_digits=18,
            decimal_places=2,
            required=False,
            initial=line.amount if line is not None else None,
            help_text=_("In {currency}.").format(currency=self.deal.currency)
            if self.deal.currency
            else "",
        )

    def act(self) -> str:
        given = self.cleaned_data
        said = [
            deal_lines.Said(line.product.key, quantity, given[f"amount_{line.pk}"])
            for line in self.lines
            if (quantity := given[f"quantity_{line.pk}"])
        ]
        if given["product"]:
            more = given["quantity_new"] if given["quantity_new"] is not None else 1
            said.append(deal_lines.Said(given["product"], more, given["amount_new"]))
        deal_lines.put(**self.begin, products=said, version=given["version"])
        return _("The products of {name} are saved.").format(name=self.deal.name)


def _offer(one: Product) -> str:
    price = deal_list.money(one.list_price, one.currency)
    return _("{name} ({price} each)").format(name=one.name, price=price) if price else one.name
