"""The log of the kit: each step of a version appends one event; nothing ever edits it."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models

from core import append_only


class KitEvent(models.Model):
    """Who took a version a step further, and when; `by` is empty where time did.

    `text` is the checksum the step was about. What else belongs to a kind stands in `details`.
    """

    class Kind(models.TextChoices):
        SUBMITTED = "SUBMITTED", "Submitted for review"
        SIGNED = "SIGNED", "Signed"
        COUNTERSIGNED = "COUNTERSIGNED", "Countersigned"
        SCHEDULED = "SCHEDULED", "Scheduled"
        UNSCHEDULED = "UNSCHEDULED", "Schedule cancelled"
        PUBLISHED = "PUBLISHED", "Came into force"
        HALF_TIME = "HALF_TIME", "Half of an emergency's time is over"
        SET_BACK = "SET_BACK", "Could not come into force"
        REOPENED = "REOPENED", "Back to draft"
        WITHDRAWN = "WITHDRAWN", "Withdrawn"

    kit = models.ForeignKey("governance.KitVersion", on_delete=models.PROTECT, related_name="log")
    kind = models.CharField(max_length=14, choices=Kind)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()
    text = models.CharField(max_length=64, blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        verbose_name = "step of a kit version"
        verbose_name_plural = "steps of kit versions"
        constraints = [
            models.UniqueConstraint(
                fields=["kit", "kind"],
                condition=models.Q(kind__in=["PUBLISHED", "HALF_TIME"]),
                name="kit_steps_that_come_once",
            )
        ]
        indexes = [models.Index(fields=["kit", "at"], name="kit_steps_of_version")]
        triggers = [
            pgtrigger.Protect(
                name="kit_steps_are_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
            append_only.never_truncated("kit_steps_are_never_truncated"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind} of kit #{self.kit_id}"


class KitOutbox(models.Model):
    """One step that one consumer has yet to see. Upper apps drain their own rows."""

    event = models.ForeignKey(KitEvent, on_delete=models.PROTECT, related_name="deliveries")
    consumer = models.CharField(max_length=30)
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "outbox of the kit"
        constraints = [
            models.UniqueConstraint(
                fields=["event", "consumer"], name="kit_step_delivered_once_each"
            )
        ]
        indexes = [
            models.Index(
                fields=["consumer", "due_at"],
                name="kit_outbox_due",
                condition=models.Q(done_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.consumer}"
