"""The record of every decision, and who held a lead from when to when."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.fields.json import KeyTextTransform, KeyTransform

from core import append_only
from routing.models.pool import PoolSnapshot

RULE = KeyTextTransform("rule", KeyTransform("-1", "tried"))
"""The key of the rule that decided: the last that was tried."""


class Decision(models.Model):
    """Why a lead went where it went: enough to explain the pick and to make it again."""

    lead = models.ForeignKey(
        "leads.Lead", on_delete=models.PROTECT, related_name="decisions", db_index=False
    )
    moment = models.CharField(max_length=12)
    facts = models.JSONField(help_text="Every registered fact at that instant.")
    tried = models.JSONField(help_text="Rules in the order tried, each with its verdict.")
    target = models.CharField(max_length=16, default="POOL")
    pool = models.CharField(max_length=60)
    snapshot = models.ForeignKey(
        PoolSnapshot, null=True, on_delete=models.PROTECT, related_name="decisions"
    )
    candidates = models.JSONField(
        help_text="Each member's numbers or the reason for exclusion; of a large pool, the picked."
    )
    place = models.JSONField(
        null=True,
        blank=True,
        help_text="Its place in the batch whose start the snapshot of a large pool holds.",
    )
    picked = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    because = models.CharField(max_length=200)
    seed = models.CharField(max_length=40, blank=True, help_text="What chance was drawn from.")
    turn = models.BigIntegerField(
        null=True,
        blank=True,
        help_text="Its place in the ledger of the pool; empty: no turn taken.",
    )
    kit = models.ForeignKey("governance.KitVersion", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["pool", "turn"],
                name="one_decision_a_turn",
                condition=models.Q(turn__isnull=False),
            )
        ]
        indexes = [
            models.Index(fields=["lead", "-at"], name="decision_by_lead"),
            models.Index(fields=["at", "id"], name="decision_by_time"),
            models.Index(fields=["picked", "at", "id"], name="decision_by_picked"),
            models.Index(fields=["pool", "at", "id"], name="decision_by_pool"),
            models.Index(RULE, "at", "id", name="decision_by_rule"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="decisions_are_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
            append_only.never_truncated("decisions_are_never_truncated"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} for lead #{self.lead_id}"


class Assignment(models.Model):
    """A rep holds a lead from `started_at` to `ended_at`. At most one is open per lead."""

    lead = models.ForeignKey(
        "leads.Lead", on_delete=models.PROTECT, related_name="assignments", db_index=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="assignments",
        db_index=False,
    )
    pool = models.CharField(max_length=60, blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=160, blank=True)
    automatic = models.BooleanField(default=True, help_text="By a rule, not by a person.")
    decision = models.ForeignKey(
        Decision, null=True, blank=True, on_delete=models.PROTECT, related_name="assignments"
    )
    started_by_event = models.ForeignKey(
        "leads.LeadEvent", on_delete=models.PROTECT, related_name="assignments_started"
    )
    ended_by_event = models.ForeignKey(
        "leads.LeadEvent",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="assignments_ended",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lead"],
                condition=models.Q(ended_at__isnull=True),
                name="one_open_assignment_per_lead",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True)
                | models.Q(ended_at__gte=models.F("started_at")),
                name="assignment_ends_after_start",
            ),
        ]
        indexes = [
            models.Index(
                fields=["user"],
                name="open_assignments_of_user",
                condition=models.Q(ended_at__isnull=True),
            ),
            models.Index(fields=["lead", "started_at"], name="assignment_by_lead"),
            models.Index(  # with the lead: whose leads somebody held is told by it alone
                fields=["user", "started_at"], include=["lead"], name="assignments_of_user"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} lead #{self.lead_id}"
