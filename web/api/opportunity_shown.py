"""Opportunities as the API shows them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from governance import selectors as kits
from governance.kit import Kit
from leads import deal_stages, exchange
from leads.models import Opportunity, OpportunityLine, OpportunityStep
from lifecycle import deal_lines
from web.api import shown
from web.api.accounts import ReferenceRow
from web.api.bodies import Instant

MONEY: dict[str, Any] = {"max_digits": 18, "decimal_places": 2, "allow_null": True}


class Stage(shown.Document):
    """Where an opportunity stands, or stood last."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    win_percent = serializers.IntegerField(allow_null=True)
    since = Instant(allow_null=True)
    expected_by = Instant(allow_null=True)


class LineRow(shown.Document):
    """One product of a deal; `amount` is in the currency of the deal."""

    product = serializers.CharField(source="product.key")
    name = serializers.CharField(source="product.name")
    quantity = serializers.IntegerField()
    amount = serializers.DecimalField(**MONEY)


class OpportunityRow(shown.Document):
    """A deal."""

    id = serializers.CharField(source="pk")
    version = serializers.IntegerField()
    name = serializers.CharField()
    status = serializers.ChoiceField(Opportunity.Status.choices)
    stage = serializers.SerializerMethodField()
    account = serializers.CharField(source="account_id", allow_null=True)
    leads = serializers.SerializerMethodField()
    owner = shown.Who()
    amount = serializers.DecimalField(**MONEY)
    currency = serializers.CharField()
    amount_base = serializers.DecimalField(**MONEY)
    base_currency = serializers.SerializerMethodField()
    rate = serializers.DecimalField(max_digits=18, decimal_places=8, allow_null=True)
    rate_date = serializers.DateField(allow_null=True)
    rate_missing = serializers.SerializerMethodField(
        help_text="Why the value in the base currency is not known; empty where it is."
    )
    expected_close = serializers.DateField(allow_null=True)
    products = LineRow(many=True, source="lines")
    products_total = serializers.SerializerMethodField(
        help_text="What the products are worth together; null where one has no amount. The amount "
        "of the deal stays what counts."
    )
    partner = serializers.CharField(source="partner_id", allow_null=True)
    partner_role = serializers.CharField()
    reason = serializers.CharField()
    competitor = serializers.CharField()
    references = ReferenceRow(many=True)
    created_at = Instant()
    closed_at = Instant(allow_null=True)

    @extend_schema_field(Stage(allow_null=True))
    def get_stage(self, deal: Opportunity) -> dict[str, Any] | None:
        """The sales stage; null where the kit had none when it was opened."""
        if not deal.sales_stage:
            return None
        found = deal_stages.find(self._kit, deal.sales_stage)
        since = deal.sales_stage_at
        by = found.expected_by(since) if found is not None and since is not None else None
        return dict(
            Stage(
                {
                    "key": deal.sales_stage,
                    "label": found.label if found is not None else deal.sales_stage,
                    "win_percent": found.win_percent if found is not None else None,
                    "since": since,
                    "expected_by": by if deal.status == Opportunity.Status.OPEN else None,
                }
            ).data
        )

    @property
    def _kit(self) -> Kit:
        """The kit in force, read once for all rows."""
        if "kit" not in self.context:
            self.context["kit"] = kits.active_kit()  # type: ignore[index]
        kit: Kit = self.context["kit"]
        return kit

    def get_leads(self, deal: Opportunity) -> list[str]:
        """Ids of the leads on it."""
        return sorted(str(lead.pk) for lead in deal.leads.all())

    @extend_schema_field(serializers.DecimalField(**MONEY))
    def get_products_total(self, deal: Opportunity) -> str | None:
        """The sum of the products' amounts."""
        together = deal_lines.total(deal.lines.all())
        return str(together) if together is not None else None

    def get_base_currency(self, deal: Opportunity) -> str:
        """The currency of `amount_base`."""
        return settings.BASE_CURRENCY

    def get_rate_missing(self, deal: Opportunity) -> str:
        """Such as: no rate for CHF on 3 Nov."""
        return exchange.missing(deal)


class StepRow(shown.Document):
    """One step of a deal's way."""

    sequence = serializers.IntegerField()
    kind = serializers.ChoiceField(OpportunityStep.Kind.choices)
    from_stage = serializers.CharField()
    to_stage = serializers.CharField()
    win_percent = serializers.IntegerField(allow_null=True)
    amount_base = serializers.DecimalField(**MONEY)
    owner = shown.Who()
    by = shown.Who(allow_null=True)
    at = Instant()


class OpportunityFull(OpportunityRow):
    """A deal with its way."""

    steps = serializers.SerializerMethodField()

    @extend_schema_field(StepRow(many=True))
    def get_steps(self, deal: Opportunity) -> list[dict[str, Any]]:
        """Oldest first."""
        rows = deal.steps.select_related("owner", "by").order_by("sequence")
        return [dict(one) for one in StepRow(rows, many=True).data]


def beside(rows: QuerySet[Opportunity]) -> QuerySet[Opportunity]:
    """With what a row shows, in a fixed number of queries."""
    lines = OpportunityLine.objects.select_related("product").order_by("pk")
    return rows.select_related("owner").prefetch_related(
        "references", "leads", Prefetch("lines", lines)
    )


def full(pk: int) -> dict[str, Any]:
    """One deal as it is now."""
    return dict(OpportunityFull(beside(Opportunity.objects.all()).get(pk=pk)).data)
