"""What other systems call our rows."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class ExternalReference(models.Model):
    """A row's id and address in another system. One id of a system names one row of a kind."""

    class Kind(models.TextChoices):
        ACCOUNT = "ACCOUNT", "Account"
        LEAD = "LEAD", "Lead"
        OPPORTUNITY = "OPPORTUNITY", "Opportunity"
        ACTIVITY = "ACTIVITY", "Activity"

    kind = models.CharField(max_length=11, choices=Kind)
    system = models.CharField(max_length=80)
    value = models.CharField(max_length=200)
    url = models.CharField(max_length=500, blank=True)
    account = models.ForeignKey(
        "leads.Account", null=True, on_delete=models.PROTECT, related_name="references"
    )
    lead = models.ForeignKey(
        "leads.Lead", null=True, on_delete=models.PROTECT, related_name="references"
    )
    opportunity = models.ForeignKey(
        "leads.Opportunity", null=True, on_delete=models.PROTECT, related_name="references"
    )
    activity = models.ForeignKey(
        "leads.Activity", null=True, on_delete=models.PROTECT, related_name="references"
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "system", "value"], name="reference_names_one"),
            models.CheckConstraint(
                condition=(
                    Q(
                        kind="ACCOUNT",
                        account__isnull=False,
                        lead=None,
                        opportunity=None,
                        activity=None,
                    )
                    | Q(
                        kind="LEAD",
                        lead__isnull=False,
                        account=None,
                        opportunity=None,
                        activity=None,
                    )
                    | Q(
                        kind="OPPORTUNITY",
                        opportunity__isnull=False,
                        account=None,
                        lead=None,
                        activity=None,
                    )
                    | Q(
                        kind="ACTIVITY",
                        activity__isnull=False,
                        account=None,
                        lead=None,
                        opportunity=None,
                    )
                ),
                name="reference_of_one_row",
            ),
        ]
        indexes = [models.Index(fields=["value"], name="references_by_value")]

    def __str__(self) -> str:
        return f"{self.system}:{self.value}"
