"""Many leads that go to somebody else in one act, and where each of them went."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Reassignment(models.Model):
    """One act by which many leads go on: chosen by a person, or left behind by a leaver.

    `selection` holds the leads in the order of the work; the first `done` of them are dealt with.
    The reason is free text and stands here only; the events of the leads name this row.
    """

    class Way(models.TextChoices):
        PERSON = "PERSON", "To a person"
        ANEW = "ANEW", "By the rules anew"
        POOL = "POOL", "To a pool"
        LEFT = "LEFT", "Left behind"
        BACK = "BACK", "Undone"

    class State(models.TextChoices):
        WAITING = "WAITING", "Waiting"
        RUNNING = "RUNNING", "Running"
        DONE = "DONE", "Done"
        CANCELLED = "CANCELLED", "Cancelled"
        FAILED = "FAILED", "Failed"

    way = models.CharField(max_length=8, choices=Way)
    to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    pool = models.CharField(max_length=60, blank=True)
    leaver = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Whose leads went on because they were made inactive.",
    )
    undoes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="undone_by"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="reassignments",
    )
    reason = models.TextField(blank=True)
    counts_as = models.CharField(max_length=12, blank=True)
    selection = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0, help_text="Dealt with so far, moved or not.")
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
            models.Index(fields=["-requested_at"], name="reassignments_latest"),
            models.Index(
                fields=["beat_at"],
                name="reassignments_open",
                condition=models.Q(state__in=["WAITING", "RUNNING"]),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(by__isnull=False) | models.Q(way="LEFT", leaver__isnull=False),
                name="reassigned_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.way}"


class HandedLead(models.Model):
    """What became of one lead of such an act; without an event it stayed where it was."""

    act = models.ForeignKey(Reassignment, on_delete=models.PROTECT, related_name="leads")
    lead = models.ForeignKey("leads.Lead", on_delete=models.PROTECT, related_name="+")
    from_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    from_queue = models.CharField(max_length=60, blank=True)
    to_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    to_queue = models.CharField(max_length=60, blank=True)
    event = models.ForeignKey(
        "leads.LeadEvent", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    stayed = models.CharField(max_length=160, blank=True, help_text="Why it stayed.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(event__isnull=False) | models.Q(stayed__gt=""),
                name="handed_or_says_why_not",
            )
        ]
        indexes = [models.Index(fields=["act", "id"], name="handed_leads_of_act")]

    def __str__(self) -> str:
        return f"lead #{self.lead_id} of act #{self.act_id}"
