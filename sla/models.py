"""Obligations with a due time, and what became of them."""

from __future__ import annotations

import datetime as dt
import weakref
from collections.abc import Sequence

import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Coalesce

from core import append_only
from leads.models import LeadEvent
from sla.hours import Hours


class ClockState(models.TextChoices):
    """Where a clock stands."""

    RUNNING = "RUNNING", "Running"
    PAUSED = "PAUSED", "Paused"
    STOPPED = "STOPPED", "Stopped"
    CANCELLED = "CANCELLED", "Cancelled"


OPEN = (ClockState.RUNNING, ClockState.PAUSED)


ENDED_AT = Coalesce("effective_at", "stopped_at")
"""When a clock ended, in SQL; `Clock.ended_at` says the same."""


class HoursPin(models.Model):
    """Somebody's working hours and leave as they were known when a deadline was computed."""

    digest = models.CharField(max_length=64, help_text="Of the document.")
    document = models.JSONField(
        help_text="As `sla.hours` writes it; empty where the calendar of the policy counts instead."
    )

    class Meta:
        # Not unique: two acts at once may write the same, and neither waits for the other.
        indexes = [models.Index(fields=["digest"], name="hours_pin_by_digest")]
        triggers = [
            pgtrigger.Protect(
                name="hours_pins_are_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
            append_only.never_truncated("hours_pins_are_never_truncated"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class Proof(models.TextChoices):
    """What speaks for the evidence that ended a clock."""

    VERIFIED = "VERIFIED", "Verified"
    SELF = "SELF", "Self-reported"


_OPEN = models.Q(state__in=["RUNNING", "PAUSED"])
_RESUMES = models.Q(state="PAUSED", resume_at__isnull=False)
_STOPPED = models.Q(state="STOPPED")
_BREACHED = models.Q(state="RUNNING", breached_at__isnull=False)


class Clock(models.Model):
    """One obligation on one lead. `due_at` is computed under the kit that started it and stored.

    Met: stopped by `due_at`. Late: stopped after it. Breached and open: still runs past it. Where
    evidence of an earlier stop came later, `effective_at` has it and decides about met and late.
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
    event_at = models.DateTimeField(
        null=True, blank=True, help_text="When what started it happened, where that was earlier."
    )
    received_at = models.DateTimeField(
        null=True, blank=True, help_text="When we heard of it, where it came from outside."
    )
    promised_at = models.DateTimeField(
        null=True, blank=True, help_text="The instant somebody promised, where it counts from that."
    )
    started_at = models.DateTimeField()
    warn_at = models.DateTimeField()
    due_at = models.DateTimeField()
    pin = models.ForeignKey(
        HoursPin,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text="The hours it counts, where they are its holder's.",
    )
    tzdata = models.CharField(
        max_length=12, blank=True, help_text="Release of the time zones it was computed with."
    )
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_for = models.CharField(max_length=8, blank=True, help_text="Why, while it pauses.")
    resume_at = models.DateTimeField(
        null=True, blank=True, help_text="When a pause ends by itself at the latest."
    )
    left_us = models.BigIntegerField(
        null=True, blank=True, help_text="Microseconds of open time to the deadline, in a pause."
    )
    left_warn_us = models.BigIntegerField(
        null=True, blank=True, help_text="The same to its warning; negative once it has passed."
    )
    warned_at = models.DateTimeField(null=True, blank=True)
    breached_at = models.DateTimeField(null=True, blank=True, help_text="The deadline that passed.")
    escalation = models.CharField(
        max_length=60, blank=True, help_text="Key of the escalation level that comes next."
    )
    escalate_at = models.DateTimeField(
        null=True, blank=True, help_text="When it comes, unless the clock has ended by then."
    )
    stopped_at = models.DateTimeField(null=True, blank=True)
    effective_at = models.DateTimeField(
        null=True, blank=True, help_text="An earlier stop, proven after the clock had ended."
    )
    proof = models.CharField(max_length=8, choices=Proof, blank=True)
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
    parked_times = models.PositiveSmallIntegerField(
        default=0, help_text="How often a sweep failed on it; each time it waits longer."
    )
    void = models.BooleanField(
        default=False, help_text="What ended it was undone; a successor runs on."
    )

    _unwritten: weakref.ref[ClockEvent] | None = None
    past: list[ClockEvent] | None = None
    """Its notes as they are written, where they were read with it."""
    changes: Sequence[tuple[dt.datetime, Hours | None]] = ()
    """When its holder's hours have changed since its pin, to what; where it was read with it."""
    joined_by: LeadEvent | None = None
    """The last event that joined it in this act."""

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
            models.CheckConstraint(
                condition=models.Q(
                    state="PAUSED",
                    paused_at__isnull=False,
                    left_us__isnull=False,
                    breached_at__isnull=True,
                )
                | (
                    ~models.Q(state="PAUSED")
                    & models.Q(paused_at__isnull=True, resume_at__isnull=True, left_us__isnull=True)
                ),
                name="paused_clock_knows_what_is_left",
            ),
            models.CheckConstraint(
                condition=models.Q(event_at__isnull=True)
                | models.Q(event_at__lte=models.F("started_at")),
                name="clock_starts_after_its_cause",
            ),
            models.CheckConstraint(
                condition=models.Q(effective_at__isnull=True)
                | models.Q(state="STOPPED", effective_at__lte=models.F("stopped_at")),
                name="earlier_stop_of_a_stopped_clock",
            ),
            models.CheckConstraint(
                condition=models.Q(proof__in=["", *Proof.values]), name="proof_known"
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
            models.Index(fields=["resume_at"], name="clocks_to_resume", condition=_RESUMES),
            models.Index(
                fields=["holder", "pin"],
                name="clocks_by_pin",
                condition=models.Q(state__in=["RUNNING", "PAUSED"], pin__isnull=False),
            ),
            models.Index(
                fields=["parked_until"],
                name="clocks_parked",
                condition=models.Q(state__in=["RUNNING", "PAUSED"], parked_until__isnull=False),
            ),
            models.Index(fields=["holder", "due_at"], name="clocks_open", condition=_OPEN),
            models.Index(
                fields=["holder", "stopped_at"], name="clocks_stopped", condition=_STOPPED
            ),
            models.Index(fields=["due_at"], name="clocks_breached", condition=_BREACHED),
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
            append_only.never_truncated("clocks_are_never_truncated"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.obligation} of lead #{self.lead_id}"

    @property
    def unwritten(self) -> ClockEvent | None:
        """The last note of who holds it, as long as that is not written yet.

        Held weakly: the note knows its clock, and such circles would be left to the collector.
        """
        return None if self._unwritten is None else self._unwritten()

    @unwritten.setter
    def unwritten(self, note: ClockEvent) -> None:
        self._unwritten = weakref.ref(note)

    @property
    def ended_at(self) -> dt.datetime | None:
        """When it ended, by all that is known: what was proven later was earlier."""
        return self.effective_at or self.stopped_at

    @property
    def is_stopped(self) -> bool:
        """Whether something met it, by its deadline or after."""
        return self.state == ClockState.STOPPED

    @property
    def is_met(self) -> bool:
        """Whether it was stopped by its deadline."""
        ended = self.ended_at
        return self.is_stopped and ended is not None and ended <= self.due_at


ONCE = ("STARTED", "WARNED", "BREACHED", "STOPPED", "CANCELLED", "VOIDED")
"""Kinds of clock events of which a clock has one at most."""


class ClockEvent(models.Model):
    """One thing that happened to a clock, tied to the lead event of the same act.

    Read in their order they are the clock's segments: who held it, when it ran, why it paused.
    """

    class Kind(models.TextChoices):
        STARTED = "STARTED", "Started"
        WARNED = "WARNED", "Warned"
        BREACHED = "BREACHED", "Breached"
        STOPPED = "STOPPED", "Stopped"
        CANCELLED = "CANCELLED", "Cancelled"
        VOIDED = "VOIDED", "Voided"
        CORRECTED = "CORRECTED", "Corrected"
        ESCALATED = "ESCALATED", "Escalated"
        HANDED = "HANDED", "Handed over"
        PAUSED = "PAUSED", "Paused"
        RESUMED = "RESUMED", "Resumed"
        MOVED = "MOVED", "Deadline moved"
        JOINED = "JOINED", "Joined by a further cause"

    class Cause(models.TextChoices):
        """Why a clock pauses."""

        CUSTOMER = "CUSTOMER", "Waiting for the customer"
        LEAVE = "LEAVE", "Holder on leave"

    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=10, choices=Kind)
    at = models.DateTimeField(help_text="When it became true.")
    recorded_at = models.DateTimeField()
    event = models.ForeignKey(
        "leads.LeadEvent", on_delete=models.PROTECT, related_name="clock_events", db_index=False
    )
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text="Who held the lead from here on; nobody while it waits in a queue.",
    )
    due_at = models.DateTimeField(null=True, blank=True, help_text="The deadline from here on.")
    pin = models.ForeignKey(
        HoursPin,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text="The hours it counts from here on, where they are its holder's.",
    )
    cause = models.CharField(max_length=8, choices=Cause, blank=True, help_text="Of a pause.")
    level = models.CharField(max_length=60, blank=True, help_text="Of an escalation: its key.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clock", "kind"],
                condition=models.Q(kind__in=ONCE),
                name="each_clock_event_once",
            ),
            models.UniqueConstraint(
                fields=["clock", "level"],
                condition=models.Q(kind="ESCALATED"),
                name="each_level_once",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="PAUSED", cause__in=["CUSTOMER", "LEAVE"])
                | (~models.Q(kind="PAUSED") & models.Q(cause="")),
                name="a_pause_has_its_cause",
            ),
            models.UniqueConstraint(
                fields=["clock"],
                condition=models.Q(kind__in=["STOPPED", "CANCELLED"]),
                name="clock_ends_once",
            ),
        ]
        indexes = [
            models.Index(fields=["event"], name="clock_event_by_event"),
            BrinIndex(fields=["recorded_at"], name="clock_events_by_recording", autosummarize=True),
        ]
        triggers = [
            pgtrigger.Protect(
                name="clock_events_are_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
            append_only.never_truncated("clock_events_are_never_truncated"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind} of clock #{self.clock_id}"
