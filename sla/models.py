"""Obligations with a due time, and what became of them."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models


class ClockState(models.TextChoices):
    """Where a clock stands."""

    RUNNING = "RUNNING", "Running"
    PAUSED = "PAUSED", "Paused"
    STOPPED = "STOPPED", "Stopped"
    CANCELLED = "CANCELLED", "Cancelled"


OPEN = (ClockState.RUNNING, ClockState.PAUSED)


class Clock(models.Model):
    """One obligation on one lead. `due_at` is computed once, under the kit that started it.

    Met: stopped by `due_at`. Late: stopped after it. Breached and open: still runs past it.
    """

    lead = models.ForeignKey(
        "leads.Lead", on_delete=models.PROTECT, related_name="clocks", db_index=False
    )
    obligation = models.CharField(max_length=40)
    policy = models.CharField(max_length=60, help_text="Key of the clock policy in its kit.")
    scope = models.CharField(max_length=10)
    kit = models.ForeignKey("governance.KitVersion", on_delete=models.PROTECT, related_name="+")
    calendar = models.CharField(max_length=60)
    cycle = models.PositiveSmallIntegerField(default=1)
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="clocks",
    )
    state = models.CharField(max_length=10, choices=ClockState, default=ClockState.RUNNING)
    channel = models.CharField(max_length=14, blank=True)
    started_at = models.DateTimeField()
    warn_at = models.DateTimeField()
    due_at = models.DateTimeField()
    warned_at = models.DateTimeField(null=True, blank=True)
    breached_at = models.DateTimeField(null=True, blank=True, help_text="The deadline that passed.")
    escalation = models.CharField(
        max_length=60, blank=True, help_text="Key of the escalation level that comes next."
    )
    escalate_at = models.DateTimeField(
        null=True, blank=True, help_text="When it comes, unless the clock has ended by then."
    )
    stopped_at = models.DateTimeField(null=True, blank=True)
    evidence = models.CharField(max_length=60, blank=True, help_text="Kind of what ended it.")
    evidence_id = models.BigIntegerField(null=True, blank=True)
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    working_seconds = models.FloatField(
        null=True, blank=True, help_text="Open time on its calendar from start to end."
    )
    parked_until = models.DateTimeField(
        null=True, blank=True, help_text="A sweep failed on it; the next one looks then."
    )
    parked_error = models.TextField(blank=True)
    void = models.BooleanField(
        default=False, help_text="What ended it was undone; a successor runs on."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lead", "obligation", "scope"],
                condition=models.Q(state__in=["RUNNING", "PAUSED"]),
                name="one_open_clock_per_obligation",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["RUNNING", "PAUSED"], stopped_at__isnull=True)
                | models.Q(state__in=["STOPPED", "CANCELLED"], stopped_at__isnull=False),
                name="ended_clock_has_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="STOPPED") | ~models.Q(evidence=""),
                name="stopped_clock_has_evidence",
            ),
            models.CheckConstraint(
                condition=models.Q(breached_at__isnull=True)
                | models.Q(breached_at=models.F("due_at")),
                name="breach_is_at_the_deadline",
            ),
        ]
        indexes = [
            models.Index(
                fields=["warn_at"],
                name="clocks_to_warn",
                condition=models.Q(
                    state="RUNNING", warned_at__isnull=True, breached_at__isnull=True
                ),
            ),
            models.Index(
                fields=["due_at"],
                name="clocks_to_breach",
                condition=models.Q(state="RUNNING", breached_at__isnull=True),
            ),
            models.Index(
                fields=["escalate_at"],
                name="clocks_to_escalate",
                condition=models.Q(state="RUNNING", escalate_at__isnull=False),
            ),
            models.Index(fields=["lead"], name="clock_by_lead"),
            models.Index(fields=["started_at", "obligation"], name="clock_by_start"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="ended_clocks_stay_ended",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state__in=["STOPPED", "CANCELLED"])
                & (
                    pgtrigger.Q(old__state__df=pgtrigger.F("new__state"))
                    | pgtrigger.Q(old__stopped_at__df=pgtrigger.F("new__stopped_at"))
                    | pgtrigger.Q(old__due_at__df=pgtrigger.F("new__due_at"))
                    | pgtrigger.Q(old__breached_at__df=pgtrigger.F("new__breached_at"))
                ),
            ),
            pgtrigger.Protect(name="clocks_are_never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.obligation} of lead #{self.lead_id}"


class ClockEvent(models.Model):
    """One thing that happened to a clock, tied to the lead event of the same act."""

    class Kind(models.TextChoices):
        STARTED = "STARTED", "Started"
        WARNED = "WARNED", "Warned"
        BREACHED = "BREACHED", "Breached"
        STOPPED = "STOPPED", "Stopped"
        CANCELLED = "CANCELLED", "Cancelled"
        VOIDED = "VOIDED", "Voided"
        CORRECTED = "CORRECTED", "Corrected"
        ESCALATED = "ESCALATED", "Escalated"

    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=10, choices=Kind)
    at = models.DateTimeField(help_text="When it became true.")
    recorded_at = models.DateTimeField()
    event = models.ForeignKey(
        "leads.LeadEvent", on_delete=models.PROTECT, related_name="clock_events", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clock", "kind"],
                condition=~models.Q(kind__in=["CORRECTED", "ESCALATED"]),
                name="each_clock_event_once",
            ),
            models.UniqueConstraint(
                fields=["clock"],
                condition=models.Q(kind__in=["STOPPED", "CANCELLED"]),
                name="clock_ends_once",
            ),
        ]
        indexes = [models.Index(fields=["event"], name="clock_event_by_event")]
        triggers = [
            pgtrigger.Protect(
                name="clock_events_are_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind} of clock #{self.clock_id}"
