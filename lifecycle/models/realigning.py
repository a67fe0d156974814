"""Territories that change hands from a day on, and what of each holder's work went along."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Realignment(models.Model):
    """One act that gives territories other holders, or areas other territories, from a day on.

    What is to change stands in `changes` with what was before; `written` names the rows of
    territories that were written for it. The reason is free text and stands here only.
    """

    class State(models.TextChoices):
        SCHEDULED = "SCHEDULED", "Scheduled"
        RUNNING = "RUNNING", "Running"
        DONE = "DONE", "Done"
        CANCELLED = "CANCELLED", "Cancelled"
        UNDOING = "UNDOING", "Being undone"
        UNDONE = "UNDONE", "Undone"

    effective_on = models.DateField(help_text="From this day on, which begins at midnight UTC.")
    changes = models.JSONField(default=dict)
    terms = models.JSONField(default=dict, help_text="What goes along and what stays.")
    written = models.JSONField(default=list)
    kept = models.JSONField(default=list, help_text="What of it undoing had to leave, and why.")
    reason = models.TextField()
    state = models.CharField(max_length=9, choices=State, default=State.SCHEDULED)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="realignments"
    )
    requested_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Who cancelled or undid it.",
    )

    class Meta:
        indexes = [
            models.Index(fields=["-requested_at"], name="realignments_latest"),
            models.Index(
                fields=["effective_on"],
                name="realignments_to_work_on",
                condition=models.Q(state__in=["SCHEDULED", "RUNNING", "UNDOING"]),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    state__in=["SCHEDULED", "RUNNING", "UNDOING"], finished_at__isnull=True
                )
                | models.Q(state__in=["DONE", "CANCELLED", "UNDONE"], finished_at__isnull=False),
                name="realignment_finished_with_time",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} from {self.effective_on}"


class RealignedRow(models.Model):
    """What became of one account, lead or opportunity that a former holder had.

    `number` is its id: it may be merged or erased meanwhile, which this must not hinder.
    """

    class Kind(models.TextChoices):
        ACCOUNT = "ACCOUNT", "Account"
        OPPORTUNITY = "OPPORTUNITY", "Opportunity"
        LEAD = "LEAD", "Lead"

    class State(models.TextChoices):
        PENDING = "PENDING", "To do"
        MOVED = "MOVED", "Moved"
        STAYED = "STAYED", "Stayed"
        BACK = "BACK", "Given back"
        LEFT = "LEFT", "Left where it is"

    realignment = models.ForeignKey(Realignment, on_delete=models.PROTECT, related_name="rows")
    kind = models.CharField(max_length=11, choices=Kind)
    number = models.BigIntegerField()
    stage = models.CharField(max_length=12, blank=True)
    from_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    from_queue = models.CharField(max_length=60, blank=True)
    to_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    to_pool = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=7, choices=State, default=State.PENDING)
    why = models.CharField(max_length=200, blank=True, help_text="Why it stayed, or was left.")
    mark = models.PositiveIntegerField(
        null=True, blank=True, help_text="Of a lead, its version once it was moved."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["realignment", "kind", "number"], name="realigned_once_each"
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["STAYED", "LEFT"]) | models.Q(why__gt=""),
                name="realigned_or_says_why_not",
            ),
        ]
        indexes = [
            models.Index(
                fields=["realignment", "id"],
                name="realigned_rows_to_do",
                condition=models.Q(state="PENDING"),
            ),
            models.Index(fields=["realignment", "state", "id"], name="realigned_rows_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.number}"
