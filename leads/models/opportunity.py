"""The deal a sales-qualified lead opens or joins, and the log of its way."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models

from core import append_only, history
from leads import search_index


class Opportunity(models.Model):
    """One deal with its own owner. Money keeps its currency and its value in the base currency."""

    class Status(models.TextChoices):
        OPEN = "OPEN", "Open"
        WON = "WON", "Won"
        LOST = "LOST", "Lost"

    class PartnerRole(models.TextChoices):
        SOURCED = "SOURCED", "Sourced by the partner"
        INFLUENCED = "INFLUENCED", "Influenced by the partner"

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
    sales_stage = models.CharField(
        max_length=60, blank=True, help_text="Key of the sales stage; of a closed one the last."
    )
    sales_stage_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when it stands at that stage."
    )
    version = models.PositiveIntegerField(default=0, help_text="Sequence of the last step.")
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
    reason = models.CharField(
        max_length=60, blank=True, help_text="Key of the reason why it was won or lost."
    )
    competitor = models.CharField(
        max_length=120, blank=True, help_text="The company that competed. No names of people."
    )
    partner = models.ForeignKey(
        "leads.Account",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="partnered_opportunities",
    )
    partner_role = models.CharField(max_length=10, choices=PartnerRole, blank=True)
    history = history.records(excluded=("version",))

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
            models.CheckConstraint(
                condition=models.Q(partner__isnull=True, partner_role="")
                | (models.Q(partner__isnull=False) & ~models.Q(partner_role="")),
                name="opportunity_partner_has_role",
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="opportunities_newest_first"),
            search_index.of_deals(),
            models.Index(
                fields=["account"],
                name="open_opportunity_of_account",
                condition=models.Q(status="OPEN"),
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.name}"


class OpportunityStep(models.Model):
    """One step of an opportunity's way: opened, at another sales stage, closed, opened again.

    Steps are appended and never edited, so that velocity and coverage can be computed from them.
    They go only with the opportunity itself.
    """

    class Kind(models.TextChoices):
        OPENED = "OPENED", "Opened"
        STAGE = "STAGE", "Sales stage"
        OWNER = "OWNER", "Owner"
        PRODUCTS = "PRODUCTS", "Products"
        WON = "WON", "Won"
        LOST = "LOST", "Lost"
        REOPENED = "REOPENED", "Opened again"
        TAKEN_BACK = "TAKEN_BACK", "Taken back"

    opportunity = models.ForeignKey(
        Opportunity, on_delete=models.PROTECT, related_name="steps", db_index=False
    )
    sequence = models.PositiveIntegerField(help_text="1, 2, 3 … per opportunity, without gaps.")
    kind = models.CharField(max_length=10, choices=Kind)
    from_stage = models.CharField(max_length=60, blank=True)
    to_stage = models.CharField(
        max_length=60, blank=True, help_text="Key of the sales stage from here on."
    )
    win_percent = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="What the kit said of that stage then."
    )
    amount_base = models.DecimalField(
        max_digits=18,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="What it was worth then, in the base currency.",
    )
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    because = models.JSONField(default=dict, help_text="Ids and keys only, nothing personal.")
    kit = models.ForeignKey(
        "governance.KitVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(help_text="When it became true.")
    recorded_at = models.DateTimeField(help_text="When it was written down.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["opportunity", "sequence"], name="opportunity_steps_have_one_order"
            ),
        ]
        indexes = [models.Index(fields=["kind", "at"], name="opportunity_steps_by_time")]
        triggers = [
            pgtrigger.Protect(name="opportunity_steps_are_kept", operation=pgtrigger.Update),
            append_only.never_truncated("opportunity_steps_not_truncated"),
            pgtrigger.Trigger(
                name="opportunity_steps_go_with_it",
                when=pgtrigger.After,
                operation=pgtrigger.Delete,
                timing=pgtrigger.Deferred,
                func="""
                    IF EXISTS (SELECT FROM leads_opportunity WHERE id = OLD.opportunity_id) THEN
                        RAISE EXCEPTION 'step % of opportunity % is kept while that is there',
                            OLD.sequence, OLD.opportunity_id;
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind}"
