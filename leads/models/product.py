"""What is sold, and how much of it an opportunity is about."""

from __future__ import annotations

from django.db import models

from core import history
from governance.models.part import validate_key


class Product(models.Model):
    """One product. People data: RevOps keeps the list, and what was ever sold stays on it."""

    key = models.CharField(max_length=60, unique=True, validators=[validate_key])
    name = models.CharField(max_length=120, unique=True)
    also_called = models.TextField(
        blank=True, max_length=2000, help_text="What other systems call it, one name a line."
    )
    active = models.BooleanField(default=True, help_text="Offered for opportunities.")
    list_price = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    history = history.records()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(list_price__isnull=True)
                | models.Q(list_price__gte=0) & ~models.Q(currency=""),
                name="list_price_has_currency",
                violation_error_message="Name the currency of the list price.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def names(self) -> tuple[str, ...]:
        """Everything it is called, its own key and name first."""
        others = (one.strip() for one in self.also_called.splitlines())
        return (self.key, self.name, *(one for one in others if one))


class OpportunityLine(models.Model):
    """One product of an opportunity. Lines may differ from its amount, which stays the truth."""

    opportunity = models.ForeignKey(
        "leads.Opportunity", on_delete=models.PROTECT, related_name="lines", db_index=False
    )
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="lines")
    quantity = models.PositiveIntegerField(default=1)
    amount = models.DecimalField(
        max_digits=18,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="What they are sold for together, in the currency of the opportunity.",
    )
    history = history.records(unindexed=("opportunity", "product"))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["opportunity", "product"], name="a_product_once_per_opportunity"
            ),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="line_of_something"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.quantity}"
