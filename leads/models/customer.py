"""What follows a win: since when a company is a customer, who looks after it, when it renews."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models

from core import append_only, history


class Customer(models.Model):
    """One company as a customer. WITHDRAWN ones never were: what said so was taken back."""

    class Status(models.TextChoices):
        ACTIVE = "ACTIVE", "Customer"
        CHURNED = "CHURNED", "Churned"
        WITHDRAWN = "WITHDRAWN", "Never was one"

    account = models.OneToOneField(
        "leads.Account", on_delete=models.PROTECT, related_name="customer"
    )
    status = models.CharField(max_length=9, choices=Status, default=Status.ACTIVE)
    since = models.DateTimeField(help_text="Since when, of the last time it became one.")
    cs_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="customers",
        help_text="Who looks after it.",
    )
    renewal_date = models.DateField(null=True, blank=True)
    value_base = models.DecimalField(
        max_digits=18,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="What it brings, in the base currency: its wins together, or as people say.",
    )
    churned_at = models.DateTimeField(null=True, blank=True)
    churn_reason = models.CharField(max_length=60, blank=True, help_text="Key of a reason.")
    churn_note = models.CharField(max_length=500, blank=True, help_text="No names of people.")
    version = models.PositiveIntegerField(default=0, help_text="Sequence of the last step.")
    history = history.records(excluded=("version",))

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status="CHURNED", churned_at__isnull=False)
                | (~models.Q(status="CHURNED") & models.Q(churned_at__isnull=True)),
                name="customer_churned_with_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["renewal_date", "id"],
                name="customers_by_renewal",
                condition=models.Q(status="ACTIVE"),
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.status}"


class CustomerStep(models.Model):
    """One step of a customer's way; appended, never edited. Retention is computed from these."""

    class Kind(models.TextChoices):
        BECAME = "BECAME", "Became a customer"
        ADDED = "ADDED", "Bought again"
        CHANGED = "CHANGED", "Changed"
        RENEWED = "RENEWED", "Renewed"
        CHURNED = "CHURNED", "Churned"
        WITHDRAWN = "WITHDRAWN", "Never was one"
        TAKEN_BACK = "TAKEN_BACK", "Taken back"

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="steps", db_index=False
    )
    sequence = models.PositiveIntegerField(help_text="1, 2, 3 … per customer, without gaps.")
    kind = models.CharField(max_length=10, choices=Kind)
    status = models.CharField(
        max_length=9, choices=Customer.Status, help_text="How it stands after the step."
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    because = models.JSONField(default=dict, help_text="Ids, keys, and what stood there before.")
    at = models.DateTimeField(help_text="When it became true.")
    recorded_at = models.DateTimeField(help_text="When it was written down.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "sequence"], name="customer_steps_have_one_order"
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="customer_steps_are_kept", operation=pgtrigger.Update | pgtrigger.Delete
            ),
            append_only.never_truncated("customer_steps_not_truncated"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind}"
