"""Rejections that Marketing disputes, and what RevOps decided of them."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models

from core import append_only, history


class RejectionDispute(models.Model):
    """One rejection that somebody disputes. Once it is decided the row never changes.

    What people write stands in activities of the lead, which an erasure blanks.
    """

    class State(models.TextChoices):
        """What became of it. OVERTAKEN: the lead went on before anybody decided."""

        OPEN = "OPEN", "To decide"
        UPHELD = "UPHELD", "Rejection upheld"
        OVERTURNED = "OVERTURNED", "Rejection overturned"
        OVERTAKEN = "OVERTAKEN", "Overtaken"

    lead = models.ForeignKey("leads.Lead", on_delete=models.PROTECT, related_name="disputes")
    rejection = models.OneToOneField(
        "leads.LeadEvent", on_delete=models.PROTECT, related_name="dispute"
    )
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    opened_at = models.DateTimeField()
    note = models.ForeignKey("leads.Activity", on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField(
        null=True, blank=True, help_text="By when RevOps is to decide it; empty: no limit."
    )
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    ruled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    ruled_at = models.DateTimeField(null=True, blank=True)
    ruling = models.ForeignKey(
        "leads.Activity",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Why it was decided so.",
    )
    history = history.records(
        unindexed=("lead", "rejection", "opened_by", "note", "ruled_by", "ruling")
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    state="OPEN", ruled_at__isnull=True, ruled_by__isnull=True, ruling__isnull=True
                )
                | models.Q(
                    state__in=["UPHELD", "OVERTURNED"],
                    ruled_at__isnull=False,
                    ruled_by__isnull=False,
                    ruling__isnull=False,
                )
                | models.Q(
                    state="OVERTAKEN",
                    ruled_at__isnull=False,
                    ruled_by__isnull=True,
                    ruling__isnull=True,
                ),
                name="dispute_ruled_by_somebody",
            ),
            models.UniqueConstraint(
                fields=["lead"], condition=models.Q(state="OPEN"), name="one_open_dispute_per_lead"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                name="disputes_to_decide",
                condition=models.Q(state="OPEN"),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="rulings_are_final",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state__in=["UPHELD", "OVERTURNED", "OVERTAKEN"]),
            ),
            pgtrigger.Protect(name="disputes_are_never_deleted", operation=pgtrigger.Delete),
            append_only.never_truncated("disputes_are_never_truncated"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.state}"
