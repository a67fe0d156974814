"""Reports of a draft tried on leads of the past. What stands in them, `lifecycle` writes."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Simulation(models.Model):
    """One run: the draft and the version in force, side by side on the same leads.

    `checksum` and `base_checksum` pin both texts, so a report speaks for exactly one change.
    """

    class State(models.TextChoices):
        WAITING = "WAITING", "Waiting"
        RUNNING = "RUNNING", "Running"
        DONE = "DONE", "Done"
        FAILED = "FAILED", "Failed"

    kit = models.ForeignKey(
        "governance.KitVersion", on_delete=models.PROTECT, related_name="simulations"
    )
    checksum = models.CharField(max_length=64)
    base_checksum = models.CharField(max_length=64, blank=True)
    days = models.PositiveSmallIntegerField(help_text="How many days of leads, back from `until`.")
    until = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="simulations"
    )
    requested_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    beat_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="Last sign of life; a run that stops giving any is taken up again.",
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    done = models.PositiveIntegerField(default=0, help_text="Leads replayed so far.")
    total = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    summary = models.JSONField(default=dict, help_text="The report's figures.")

    class Meta:
        indexes = [models.Index(fields=["kit", "-requested_at"], name="simulations_of_kit")]

    def __str__(self) -> str:
        return f"#{self.pk} of kit #{self.kit_id}"
