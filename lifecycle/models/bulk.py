"""One step taken on many leads together, and what became of each of them."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class BulkAct(models.Model):
    """One act by which somebody takes the same step on many leads, or takes it back on them.

    `selection` holds the leads in the order of the work; the first `done` of them are dealt with.
    """

    class Verb(models.TextChoices):
        ACCEPT = "ACCEPT", "Accept"
        REJECT = "REJECT", "Reject"
        NURTURE = "NURTURE", "Return to nurture"
        DISQUALIFY = "DISQUALIFY", "Disqualify"
        SET = "SET", "Set a field"
        NEXT_STEP = "NEXT_STEP", "Set the next step"
        UNDO = "UNDO", "Undo"

    class State(models.TextChoices):
        WAITING = "WAITING", "Waiting"
        RUNNING = "RUNNING", "Running"
        DONE = "DONE", "Done"
        CANCELLED = "CANCELLED", "Cancelled"
        FAILED = "FAILED", "Failed"

    verb = models.CharField(max_length=10, choices=Verb)
    cause = models.CharField(max_length=60, blank=True, help_text="Key of the reason given.")
    note = models.TextField(blank=True)
    given = models.JSONField(
        default=dict, db_default={}, help_text="What each lead is given: a field, or a next step."
    )
    undoes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="undone_by"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="bulk_acts"
    )
    selection = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0, help_text="Dealt with so far, done or left.")
    requested_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    beat_at = models.DateTimeField(
        null=True, blank=True, help_text="Last sign of life; a run without one is taken up again."
    )
    falls = models.PositiveSmallIntegerField(
        default=0, help_text="How often in a row it lost its worker without getting on."
    )

    class Meta:
        indexes = [
            models.Index(fields=["by", "-requested_at"], name="bulk_acts_of_somebody"),
            models.Index(
                fields=["beat_at"],
                name="bulk_acts_open",
                condition=models.Q(state__in=["WAITING", "RUNNING"]),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(verb="UNDO", undoes__isnull=False)
                | (~models.Q(verb="UNDO") & models.Q(undoes__isnull=True)),
                name="bulk_undo_undoes_an_act",
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.verb}"


class BulkLine(models.Model):
    """What became of one lead of such an act; one that says why was left as it was."""

    act = models.ForeignKey(BulkAct, on_delete=models.PROTECT, related_name="lines")
    lead = models.ForeignKey("leads.Lead", on_delete=models.PROTECT, related_name="+")
    left = models.CharField(max_length=300, blank=True, help_text="Why it was left as it was.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["act", "lead"], name="bulk_line_once_per_lead")
        ]

    def __str__(self) -> str:
        return f"lead #{self.lead_id} of act #{self.act_id}"
