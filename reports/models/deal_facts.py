"""What became of opportunities, and which touchpoints their revenue is put down to."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from leads.models import Channel, SourceCategory


class DealFact(models.Model):
    """One opportunity. Where it came from is told by its first lead; without leads nothing is.

    `rep` is its owner, `team` theirs when it ended or was opened; `value` is in the base currency.
    """

    opportunity = models.OneToOneField(
        "leads.Opportunity", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    digest = models.CharField(max_length=32, help_text="Of all that it is derived from.")
    status = models.CharField(max_length=4)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    first_touch_at = models.DateTimeField(null=True)
    value = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    account = models.ForeignKey(
        "leads.Account", null=True, on_delete=models.PROTECT, related_name="+"
    )
    lead = models.ForeignKey("leads.Lead", null=True, on_delete=models.PROTECT, related_name="+")
    category = models.CharField(max_length=20, choices=SourceCategory, blank=True)
    medium = models.CharField(max_length=120, blank=True)
    channel = models.CharField(max_length=14, choices=Channel, blank=True)
    campaign = models.CharField(max_length=160, blank=True)
    segment = models.CharField(max_length=20, blank=True)
    reason = models.CharField(max_length=60, blank=True)
    partner = models.ForeignKey(
        "leads.Account", null=True, on_delete=models.PROTECT, related_name="+"
    )
    partner_role = models.CharField(max_length=10, blank=True)
    rep = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    team = models.ForeignKey("people.Team", null=True, on_delete=models.PROTECT, related_name="+")
    kit = models.ForeignKey(
        "governance.KitVersion", null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        indexes = [
            models.Index(fields=["closed_at"], name="deal_facts_by_end"),
            models.Index(fields=["opened_at"], name="deal_facts_by_opening"),
        ]

    def __str__(self) -> str:
        return f"opportunity #{self.opportunity_id}"


class CreditFact(models.Model):
    """The part that one touchpoint has in the revenue of a won opportunity, by each model."""

    opportunity = models.ForeignKey("leads.Opportunity", on_delete=models.PROTECT, related_name="+")
    touch = models.ForeignKey(
        "leads.Touch", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    lead = models.ForeignKey(
        "leads.Lead", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    closed_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    value = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    category = models.CharField(max_length=20, choices=SourceCategory)
    medium = models.CharField(max_length=120, blank=True)
    channel = models.CharField(max_length=14, choices=Channel)
    campaign = models.CharField(max_length=160, blank=True)
    first = models.FloatField(help_text="Shares of one opportunity add up to 1 in each model.")
    last = models.FloatField()
    linear = models.FloatField()
    position = models.FloatField()
    decay = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["opportunity", "touch"], name="credit_is_given_once")
        ]
        indexes = [models.Index(fields=["closed_at"], name="credit_facts_by_end")]

    def __str__(self) -> str:
        return f"touch #{self.touch_id} of opportunity #{self.opportunity_id}"
