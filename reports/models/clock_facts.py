"""What became of each obligation, as rows that figures are counted from."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from reports.models.facts import Sliced


class ClockFact(Sliced):
    """One clock, from its start. Clocks whose end was undone have none: successors run on.

    `rep` is who held the lead at its end, or holds it; `ended_by` is who did what ended it.
    """

    class Outcome(models.TextChoices):
        MET = "MET", "Met"
        LATE = "LATE", "Late"
        BREACHED = "BREACHED", "Breached and open"
        RUNNING = "RUNNING", "Running"
        CANCELLED = "CANCELLED", "Cancelled"
        CANCELLED_LATE = "CANCELLED_LATE", "Cancelled past the deadline"

    clock = models.OneToOneField(
        "sla.Clock", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    lead = models.ForeignKey("leads.Lead", on_delete=models.PROTECT, related_name="+")
    obligation = models.CharField(max_length=40)
    policy = models.CharField(max_length=60)
    stage = models.CharField(max_length=12, help_text="Where the lead stood when it began.")
    counts = models.BooleanField(
        help_text="It is the whole obligation, not one holder's own beside that."
    )
    first_contact = models.BooleanField(help_text="A first contact ends it.")
    answer = models.BooleanField(help_text="A contact ends it, the first one or another.")
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    outcome = models.CharField(max_length=14, choices=Outcome)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    elapsed = models.FloatField(null=True, help_text="Seconds from its start, where stopped.")
    working = models.FloatField(null=True, help_text="The same on its calendar.")
    answered = models.FloatField(
        null=True, help_text="Seconds from what the buyer did to the contact that ended it."
    )
    answered_working = models.FloatField(null=True)
    verified = models.BooleanField(default=False)
    intake = models.PositiveIntegerField(default=0, help_text="Whole seconds of `answered` …")
    routing = models.PositiveIntegerField(default=0)
    promised = models.PositiveIntegerField(default=0)
    queue = models.PositiveIntegerField(default=0)
    off_shift = models.PositiveIntegerField(default=0)
    with_rep = models.PositiveIntegerField(default=0)
    customer = models.PositiveIntegerField(default=0, help_text="… by what they are put down to.")

    class Meta:
        indexes = [models.Index(fields=["started_at"], name="clock_facts_by_start")]

    def __str__(self) -> str:
        return f"clock #{self.clock_id}"
