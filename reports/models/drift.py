"""Alarms of the drift monitor."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models


class DriftAlarm(models.Model):
    """One figure that left its control limits after a publication; closed, never deleted.

    Shares are from 0 to 1, volumes MQLs per working day. The figures are those of `last_seen_at`.
    """

    class Metric(models.TextChoices):
        ACCEPTANCE = "ACCEPTANCE", "Acceptance rate"
        REASONS = "REASONS", "Reject reasons"
        VOLUME = "VOLUME", "MQL volume"

    class Closing(models.TextChoices):
        WITHIN = "WITHIN", "Back within its limits"
        REPLACED = "REPLACED", "The version was replaced"
        OVER = "OVER", "Acknowledged, and watched for eight weeks"

    kit = models.ForeignKey(
        "governance.KitVersion", on_delete=models.PROTECT, related_name="drift_alarms"
    )
    metric = models.CharField(max_length=10, choices=Metric)
    slice = models.CharField(
        max_length=60, blank=True, help_text="Source or key of a reason; empty: all."
    )
    observed = models.FloatField()
    expected = models.FloatField(help_text="Under the version before.")
    low = models.FloatField()
    high = models.FloatField()
    n = models.PositiveIntegerField(help_text="Decisions, rejections or working days since.")
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_because = models.CharField(max_length=8, choices=Closing, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True, help_text="What whoever acknowledged it makes of it.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kit", "metric", "slice"],
                condition=models.Q(closed_at__isnull=True),
                name="one_open_drift_alarm_each",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True, closed_because="")
                | (models.Q(closed_at__isnull=False) & ~models.Q(closed_because="")),
                name="drift_alarm_closed_for_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    acknowledged_by__isnull=True, acknowledged_at__isnull=True, note=""
                )
                | (
                    models.Q(acknowledged_by__isnull=False, acknowledged_at__isnull=False)
                    & ~models.Q(note="")
                ),
                name="drift_alarm_acknowledged_with_note",
            ),
        ]
        indexes = [
            models.Index(fields=["-first_seen_at"], name="drift_alarms_latest"),
        ]
        triggers = [
            pgtrigger.Protect(name="drift_alarms_are_never_deleted", operation=pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.metric} {self.slice or 'all'} of kit #{self.kit_id}"
