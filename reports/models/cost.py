"""What was spent to make buyers come."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from leads.models import Channel, SourceCategory
from leads.models.exchange import validate_currency
from reports.models import statement


class CostEntry(statement.Statement):
    """What a source cost from day to day, as somebody stated it at one instant.

    The worth is that of the rate of its day; without one it is unknown, never guessed.
    """

    source = models.CharField(max_length=20, choices=SourceCategory)
    channel = models.CharField(max_length=14, choices=Channel, blank=True)
    campaign = models.CharField(max_length=200, blank=True)
    label = models.CharField(max_length=200, blank=True, help_text="Vendor, invoice or purpose.")
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    currency = models.CharField(max_length=3, validators=[validate_currency])
    amount_base = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    rate = models.DecimalField(max_digits=18, decimal_places=8, null=True, blank=True)
    rate_date = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "cost entries"
        constraints = [
            *statement.rules("cost"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="cost_not_below_nought"),
            models.CheckConstraint(
                condition=Q(source__in=SourceCategory.values), name="cost_of_a_known_source"
            ),
            models.CheckConstraint(
                condition=Q(amount_base=None, rate=None, rate_date=None)
                | Q(amount_base__isnull=False, rate__isnull=False, rate_date__isnull=False),
                name="cost_worth_with_its_rate",
            ),
        ]
        indexes = [
            models.Index(fields=["last_day", "first_day"], name="costs_by_span"),
            models.Index(fields=["recorded_at"], name="costs_by_time_of_entry"),
            models.Index(fields=["external_id"], name="costs_by_external_id"),
        ]
        triggers = statement.guards("costs")

    def __str__(self) -> str:
        return f"#{self.number} {self.source} {self.first_day} to {self.last_day}"
