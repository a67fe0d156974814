"""The deal a sales-qualified lead opens or joins."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from core import history


class Opportunity(models.Model):
    """One deal with its own owner. Money keeps its currency and its value in the base currency."""

    class Status(models.TextChoices):
        OPEN = "OPEN", "Open"
        WON = "WON", "Won"
        LOST = "LOST", "Lost"

    account = models.ForeignKey(
        "leads.Account",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="opportunities",
    )
    name = models.CharField(max_length=200)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="opportunities"
    )
    status = models.CharField(max_length=4, choices=Status, default=Status.OPEN)
    amount = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    amount_base = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    rate = models.DecimalField(max_digits=18, decimal_places=8, null=True, blank=True)
    rate_date = models.DateField(null=True, blank=True)
    expected_close = models.DateField(null=True, blank=True)
    external_id = models.CharField(max_length=200, blank=True)
    url = models.URLField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    history = history.records()

    class Meta:
        verbose_name_plural = "opportunities"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status="OPEN", closed_at__isnull=True)
                | models.Q(status__in=["WON", "LOST"], closed_at__isnull=False),
                name="opportunity_closed_with_time",
            ),
            models.UniqueConstraint(
                fields=["external_id"],
                condition=~models.Q(external_id=""),
                name="opportunity_external_id_once",
            ),
            models.CheckConstraint(
                condition=models.Q(amount__isnull=True) | ~models.Q(currency=""),
                name="opportunity_amount_has_currency",
            ),
        ]
        indexes = [
            models.Index(
                fields=["account"],
                name="open_opportunity_of_account",
                condition=models.Q(status="OPEN"),
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.name}"
