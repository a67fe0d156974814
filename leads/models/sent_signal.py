"""Signals that came by themselves, outside any touchpoint, and the visitors who are known by now.

A signal makes no person and no lead: it finds its buyer, or waits until somebody makes them known.
"""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models


class SentStatus(models.TextChoices):
    """Whether a signal has found its lead. WAITING ones have nobody yet, PARKED ones failed."""

    RECEIVED = "RECEIVED", "Received"
    ADVANCED = "ADVANCED", "Counted"
    WAITING = "WAITING", "Waiting for its buyer"
    PARKED = "PARKED", "Parked"


class SentSignal(models.Model):
    """One behaviour as a system or a page sent it, committed before anything else happens."""

    kind = models.CharField(max_length=60)
    occurred_at = models.DateTimeField(help_text="When the buyer acted, by the source's word.")
    received_at = models.DateTimeField(help_text="When we committed it.")
    payload = models.JSONField(help_text="As it came in: by whom it is to be known, the page.")
    keys = models.JSONField(
        default=list, blank=True, help_text="By what its buyer is found, each as KIND:value."
    )
    idempotency_scope = models.CharField(max_length=80)
    idempotency_key = models.CharField(max_length=200)
    body_hash = models.CharField(max_length=64)

    status = models.CharField(max_length=8, choices=SentStatus, default=SentStatus.RECEIVED)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    next_attempt_at = models.DateTimeField(
        null=True, blank=True, help_text="When it is tried again, or looked at again."
    )
    waits_until = models.DateTimeField(help_text="From then on it waits for nobody any more.")
    last_error = models.TextField(blank=True)
    came_as = models.ForeignKey(
        "leads.Person",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The person whose key named it, whoever they are merged into.",
    )
    receipt = models.JSONField(null=True, blank=True)
    advanced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "signal that came by itself"
        verbose_name_plural = "signals that came by themselves"
        constraints = [
            models.UniqueConstraint(
                fields=["idempotency_scope", "idempotency_key"], name="signal_once_per_key"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=SentStatus.values), name="sent_status_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(status="ADVANCED") | models.Q(came_as__isnull=False),
                name="counted_signal_has_somebody",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                name="sent_signal_due",
                condition=~models.Q(status="ADVANCED"),
            ),
            GinIndex(
                fields=["keys"],
                name="sent_signal_by_key",
                condition=~models.Q(status="ADVANCED"),
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind}"


class Visitor(models.Model):
    """A browser whose owner told us who they are, by a form or a touchpoint sent from it."""

    value = models.CharField(max_length=64, unique=True)
    person = models.ForeignKey("leads.Person", on_delete=models.PROTECT, related_name="visitors")
    since = models.DateTimeField(help_text="When that touchpoint was received.")

    def __str__(self) -> str:
        return f"#{self.pk}"


class DroppedSignals(models.Model):
    """How many signals found nobody in time and were deleted, by day, kind and source."""

    day_date = models.DateField()
    kind = models.CharField(max_length=60)
    source = models.CharField(max_length=80)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "dropped signals"
        verbose_name_plural = verbose_name
        constraints = [
            models.UniqueConstraint(
                fields=["day_date", "kind", "source"], name="one_count_of_dropped_signals"
            )
        ]

    def __str__(self) -> str:
        return f"{self.day_date} {self.kind} {self.count}"
