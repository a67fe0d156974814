"""The parts about time: clocks, what follows a breach, where nothing is owed, calendars."""

from __future__ import annotations

from django.core import validators
from django.core.exceptions import ValidationError
from django.db import models

from governance.models import parts
from governance.models.part import KitPart

TEN_YEARS = 5_256_000
"""In minutes: so long after a breach a level comes at most."""


class ClockPolicy(KitPart):
    """One obligation: how long, on which calendar, from which moment, ended by what evidence.

    Several policies may share an obligation; the first whose stages and condition fit is used.
    """

    kind = "clock_policy"

    class Scope(models.TextChoices):
        STAGE = "STAGE", "stage"
        OWNERSHIP = "OWNERSHIP", "ownership"

    class Basis(models.TextChoices):
        WORKING = "WORKING", "working time of its calendar"
        ELAPSED = "ELAPSED", "all time that passes"

    class Hours(models.TextChoices):
        CALENDAR = "CALENDAR", "of its calendar"
        HOLDER = "HOLDER", "of whoever holds the lead"

    class From(models.TextChoices):
        START = "START", "when it starts"
        PROMISE = "PROMISE", "the instant that was promised"

    class Pause(models.TextChoices):
        CUSTOMER = "CUSTOMER", "while it waits for the customer"
        LEAVE = "LEAVE", "while whoever holds the lead is on leave"

    NO_CALENDAR = (
        "Working time is counted in the open hours of a calendar: name one, or count all time "
        "that passes."
    )

    obligation = models.CharField(max_length=40)
    label = models.CharField(max_length=80)
    prose = parts.words()
    scope = models.CharField(max_length=10, choices=Scope, default=Scope.STAGE)
    stages = models.JSONField(default=list, help_text="Stages in which the obligation stands.")
    condition = parts.condition_column()
    starts_on = models.JSONField(default=list, help_text="Moments that start it.")
    stopped_by = models.JSONField(default=list, help_text="Evidence that meets it.")
    minutes = models.PositiveIntegerField(help_text="Minutes of the time that counts.")
    calendar = models.CharField(
        max_length=60,
        blank=True,
        help_text="Key of the calendar whose open hours count; what counts all time needs none.",
    )
    basis = models.CharField(
        max_length=8, choices=Basis, default=Basis.WORKING, help_text="Which time counts."
    )
    hours = models.CharField(
        max_length=8,
        choices=Hours,
        default=Hours.CALENDAR,
        help_text="Whose working hours count; the calendar's while nobody holds the lead.",
    )
    counts_from = models.CharField(
        max_length=8, choices=From, default=From.START, help_text="From when on its time counts."
    )
    pauses_for = models.JSONField(
        default=list, blank=True, help_text="What stops its time: CUSTOMER, LEAVE; empty: nothing."
    )
    pause_days = models.PositiveSmallIntegerField(
        default=14, help_text="Days it waits for the customer at most in one go."
    )
    warn_percent = models.PositiveSmallIntegerField(default=75)
    escalation = models.CharField(
        max_length=60, blank=True, help_text="Key of the first escalation level after a breach."
    )

    class Meta(KitPart.Meta):
        verbose_name = "clock policy"
        verbose_name_plural = "clock policies"
        constraints = [
            *KitPart.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(warn_percent__range=(1, 99)),
                name="warn_percent_sensible",
                violation_error_message="The warning comes after 1 to 99 percent of the time.",
            ),
            models.CheckConstraint(
                condition=models.Q(minutes__range=(1, 525_600)),
                name="clock_minutes_sensible",
                violation_error_message="A clock has from 1 to 525,600 minutes.",
            ),
            models.CheckConstraint(
                condition=models.Q(pause_days__range=(1, 365)),
                name="pause_days_sensible",
                violation_error_message="A clock waits from 1 to 365 days in one go.",
            ),
        ]

    def clean(self) -> None:
        """Refuse to count open hours of no calendar."""
        if not self.calendar and self.basis != self.Basis.ELAPSED:
            raise ValidationError({"calendar": self.NO_CALENDAR})


class EscalationLevel(KitPart):
    """Who hears of a clock that has been overdue for a while, and which level comes after.

    Levels form a chain by `then`; several policies may enter the same chain. One that acts gives
    the lead to somebody else; where nobody it means can take it, the next level comes at once.
    """

    kind = "escalation_level"

    class Tell(models.TextChoices):
        HOLDER = "HOLDER", "whoever holds the lead"
        TEAM_MANAGER = "TEAM_MANAGER", "the manager of the holder's team"
        POOL_MANAGER = "POOL_MANAGER", "the manager of the pool it waits in"
        MANAGERS = "MANAGERS", "all sales managers"
        MARKETING = "MARKETING", "Marketing"
        REVOPS = "REVOPS", "RevOps"

    class Act(models.TextChoices):
        GIVE_ANEW = "GIVE_ANEW", "The rules choose anew, passing over who had it"
        BACKUP = "BACKUP", "The holder's backup has it"
        POOL = "POOL", "Another pool gives it to one of its members"
        MANAGER = "MANAGER", "The manager of the holder's team has it"
        QUEUE = "QUEUE", "It waits in the queue of a pool for people to claim"

    label = models.CharField(max_length=80)
    after_minutes = models.PositiveIntegerField(
        default=0,
        validators=[validators.MaxValueValidator(TEN_YEARS, "At most 5,256,000: ten years.")],
        help_text="Minutes after the deadline, as the calendar of the clock's policy counts them; "
        "all minutes where that counts all time. Never in the hours of whoever holds the lead.",
    )
    tell = models.JSONField(default=list, help_text="Who hears of it.")
    act = models.CharField(
        max_length=12,
        choices=Act,
        blank=True,
        help_text="What becomes of the lead; empty: it stays with whoever has it.",
    )
    pool = models.CharField(
        max_length=60, blank=True, help_text="Key of the pool, where one is meant."
    )
    rep = models.CharField(
        max_length=150,
        blank=True,
        help_text="User name of the backup; empty: whoever the holder has named.",
    )
    times = models.PositiveSmallIntegerField(
        default=3,
        help_text="How often in one pass the rules give a lead anew by this level; then the next "
        "level comes at once.",
    )
    then = models.CharField(
        max_length=60, blank=True, help_text="Key of the next level; empty: this is the last."
    )

    class Meta(KitPart.Meta):
        verbose_name = "escalation level"
        constraints = [
            *KitPart.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(times__range=(1, 99)),
                name="escalation_times_sensible",
                violation_error_message="A level acts from 1 to 99 times.",
            ),
        ]


class ClockExemption(KitPart):
    """A cell of stage × channel that deliberately has no clock, and why."""

    kind = "clock_exemption"

    stages = models.JSONField(default=list)
    channels = models.JSONField(default=list, blank=True, help_text="Empty: every channel.")
    obligation = models.CharField(
        max_length=40, blank=True, help_text="Empty: no obligation at all stands there."
    )
    because = models.TextField(help_text="Why nothing is owed there, for who signs.")

    class Meta(KitPart.Meta):
        verbose_name = "clock exemption"


class Calendar(KitPart):
    """When time counts: weekly intervals in one zone, holidays, special days.

    Holidays are a snapshot, so that a later release of the source cannot move a signed deadline.
    """

    kind = "calendar"
    needs_both_signatures = False

    label = models.CharField(max_length=80)
    zone = models.CharField(max_length=64)
    week = models.JSONField(default=dict)
    holiday_country = models.CharField(max_length=2, blank=True)
    holiday_subdivision = models.CharField(max_length=8, blank=True)
    closed = models.JSONField(default=dict, blank=True, help_text="Date to name.")
    opened = models.JSONField(default=dict, blank=True, help_text="Date to intervals.")

    class Meta(KitPart.Meta):
        pass
