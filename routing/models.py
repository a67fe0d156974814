"""Who may get leads, who got them, and why."""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models

from core import history
from governance.models import KitPart
from governance.models.part import validate_key


class RoutingRule(KitPart):
    """Sends a lead to a pool. Rules are tried in order, the first that fits decides."""

    kind = "routing_rule"
    needs_both_signatures = False

    class Moment(models.TextChoices):
        INBOUND = "INBOUND", "Inbound"

    label = models.CharField(max_length=80)
    moment = models.CharField(max_length=12, choices=Moment, default=Moment.INBOUND)
    condition = models.JSONField(null=True, blank=True, help_text="Empty: always (the fallback).")
    pool = models.CharField(max_length=60, help_text="Key of a pool.")

    class Meta(KitPart.Meta):
        verbose_name = "routing rule"


class Pool(models.Model):
    """Reps that share leads. Leads nobody can take wait here, so a pool is a queue too."""

    class Strategy(models.TextChoices):
        WEIGHTED_ROUND_ROBIN = "WEIGHTED_ROUND_ROBIN", "Weighted round-robin"

    key = models.CharField(max_length=60, unique=True, validators=[validate_key])
    label = models.CharField(max_length=80)
    strategy = models.CharField(
        max_length=24, choices=Strategy, default=Strategy.WEIGHTED_ROUND_ROBIN
    )
    look_ahead_minutes = models.PositiveIntegerField(
        default=0, help_text="A rep whose shift starts within this time may already be picked."
    )
    manager = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="managed_pools",
    )
    history = history.records()

    def __str__(self) -> str:
        return self.label


class PoolMember(models.Model):
    """A rep's share in a pool. `credit` is the running ledger of the rotation."""

    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="pool_memberships"
    )
    weight = models.PositiveSmallIntegerField(default=1)
    open_cap = models.PositiveIntegerField(
        null=True, blank=True, help_text="Most open leads at once; empty means no cap."
    )
    active = models.BooleanField(default=True)
    credit = models.IntegerField(default=0, editable=False)
    history = history.records(excluded=("credit",))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pool", "user"], name="member_once_per_pool"),
            models.CheckConstraint(
                condition=models.Q(weight__range=(1, 100)), name="member_weight_sensible"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.pool}"


class PoolSnapshot(models.Model):
    """A pool as it was when a decision was made; the same content is stored once."""

    checksum = models.CharField(max_length=64, unique=True)
    content = models.JSONField()
    taken_at = models.DateTimeField()

    class Meta:
        triggers = [
            pgtrigger.Protect(
                name="pool_snapshots_are_append_only",
                operation=pgtrigger.Update | pgtrigger.Delete,
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.checksum[:8]}"


class Decision(models.Model):
    """Why a lead went where it went: enough to explain the pick and to make it again."""

    lead = models.ForeignKey(
        "leads.Lead", on_delete=models.PROTECT, related_name="decisions", db_index=False
    )
    moment = models.CharField(max_length=12)
    facts = models.JSONField(help_text="Every registered fact at that instant.")
    tried = models.JSONField(help_text="Rules in the order tried, each with its verdict.")
    pool = models.CharField(max_length=60)
    snapshot = models.ForeignKey(
        PoolSnapshot, null=True, on_delete=models.PROTECT, related_name="decisions"
    )
    candidates = models.JSONField(help_text="Each member's numbers or the reason for exclusion.")
    picked = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    because = models.CharField(max_length=200)
    kit = models.ForeignKey("governance.KitVersion", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["lead", "-at"], name="decision_by_lead")]
        triggers = [
            pgtrigger.Protect(
                name="decisions_are_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk} for lead #{self.lead_id}"


class Assignment(models.Model):
    """A rep holds a lead from `started_at` to `ended_at`. At most one is open per lead."""

    lead = models.ForeignKey(
        "leads.Lead", on_delete=models.PROTECT, related_name="assignments", db_index=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="assignments"
    )
    pool = models.CharField(max_length=60, blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=40, blank=True)
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
        ]

    def __str__(self) -> str:
        return f"#{self.pk} lead #{self.lead_id}"


def content_of(member: PoolMember) -> dict[str, Any]:
    """The ledger-free part of a membership, as pool snapshots keep it."""
    return {"user": member.user_id, "weight": member.weight, "open_cap": member.open_cap}
