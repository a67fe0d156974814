"""The parts that define stages, proof, time and score. Routing rules live in `routing`."""

from __future__ import annotations

from typing import Any

from django.db import models

from governance.models.part import KitPart


def _words() -> models.TextField[str, str]:
    return models.TextField(blank=True, help_text="Meaning in the words both sides signed.")


def _condition() -> models.JSONField[Any, Any]:
    return models.JSONField(null=True, blank=True, help_text="A condition; empty means always.")


class StageDefinition(KitPart):
    """What it means to be in a stage, and who answers for it."""

    kind = "stage"

    stage = models.CharField(max_length=12)
    label = models.CharField(max_length=80)
    definition = _words()
    owner_role = models.CharField(max_length=12, blank=True)

    class Meta(KitPart.Meta):
        verbose_name = "stage definition"


class Criterion(KitPart):
    """One acceptance criterion of a stage, and how it is proven."""

    kind = "criterion"

    class Proof(models.TextChoices):
        FACTS = "FACTS", "a condition over facts"
        AFFIRMED = "AFFIRMED", "the rep affirms it"
        ACTIVITY = "ACTIVITY", "a completed activity"
        CHECKLIST = "CHECKLIST", "a filled checklist"

    stage = models.CharField(max_length=12)
    label = models.CharField(max_length=80)
    prose = _words()
    proof = models.CharField(max_length=10, choices=Proof, default=Proof.FACTS)
    condition = _condition()
    activity_kinds = models.JSONField(default=list, blank=True)
    checklists = models.JSONField(default=list, blank=True, help_text="Any one of these suffices.")

    class Meta(KitPart.Meta):
        verbose_name_plural = "criteria"


class ClockPolicy(KitPart):
    """One obligation: how long, on which calendar, from which moment, ended by what evidence.

    Several policies may share an obligation; the first whose stages and condition fit is used.
    """

    kind = "clock_policy"

    class Scope(models.TextChoices):
        STAGE = "STAGE", "stage"
        OWNERSHIP = "OWNERSHIP", "ownership"

    obligation = models.CharField(max_length=40)
    label = models.CharField(max_length=80)
    prose = _words()
    scope = models.CharField(max_length=10, choices=Scope, default=Scope.STAGE)
    stages = models.JSONField(default=list, help_text="Stages in which the obligation stands.")
    condition = _condition()
    starts_on = models.JSONField(default=list, help_text="Moments that start it.")
    stopped_by = models.JSONField(default=list, help_text="Evidence that meets it.")
    minutes = models.PositiveIntegerField(help_text="Working minutes on its calendar.")
    calendar = models.CharField(max_length=60, help_text="Key of a calendar.")
    warn_percent = models.PositiveSmallIntegerField(default=75)

    class Meta(KitPart.Meta):
        verbose_name = "clock policy"
        verbose_name_plural = "clock policies"
        constraints = [
            *KitPart.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(warn_percent__range=(1, 99)), name="warn_percent_sensible"
            ),
            models.CheckConstraint(
                condition=models.Q(minutes__range=(1, 525_600)), name="clock_minutes_sensible"
            ),
        ]


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


class SignalDefinition(KitPart):
    """A behaviour the company listens to. A hand-raise asks for a person."""

    kind = "signal"

    label = models.CharField(max_length=80)
    hand_raise = models.BooleanField(default=False)

    class Meta(KitPart.Meta):
        verbose_name = "signal definition"


class ScoreRule(KitPart):
    """Points for fitting the ICP, or for a behaviour that fades with a half-life."""

    kind = "score_rule"
    needs_both_signatures = False

    class Category(models.TextChoices):
        FIT = "FIT", "fit"
        ENGAGEMENT = "ENGAGEMENT", "engagement"
        INTENT = "INTENT", "intent"

    label = models.CharField(max_length=80)
    category = models.CharField(max_length=10, choices=Category)
    condition = _condition()
    signal = models.CharField(max_length=60, blank=True, help_text="Key of a signal definition.")
    points = models.DecimalField(max_digits=7, decimal_places=2)
    half_life_days = models.DecimalField(
        max_digits=7, decimal_places=2, null=True, blank=True, help_text="Empty: does not fade."
    )
    cap = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)

    class Meta(KitPart.Meta):
        constraints = [
            *KitPart.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(half_life_days__isnull=True) | models.Q(half_life_days__gt=0),
                name="half_life_positive",
            ),
        ]


class ScoreBand(KitPart):
    """A name for a range of scores; the highest band whose floor is reached."""

    kind = "score_band"

    label = models.CharField(max_length=40)
    at_least = models.DecimalField(max_digits=7, decimal_places=2)

    class Meta(KitPart.Meta):
        pass


class Reason(KitPart):
    """Why a lead is rejected, returned, recycled or disqualified, and where it then goes."""

    kind = "reason"

    label = models.CharField(max_length=80)
    used_for = models.JSONField(
        default=list, help_text="reject, return_to_nurture, recycle, disqualify"
    )
    outcome = models.CharField(
        max_length=12, help_text="Where a rejected lead goes: NURTURE or DISQUALIFIED."
    )
    criterion = models.CharField(
        max_length=60, blank=True, help_text="The criterion this reason contests."
    )
    note_required = models.BooleanField(default=False)

    class Meta(KitPart.Meta):
        pass


class Checklist(KitPart):
    """A qualification framework: BANT, MEDDIC or the company's own."""

    kind = "checklist"

    label = models.CharField(max_length=80)
    items = models.JSONField(default=list, help_text="A list of {key, label, help}.")
    needed = models.PositiveSmallIntegerField(help_text="How many items must be answered.")

    class Meta(KitPart.Meta):
        pass


class GeneralPolicy(KitPart):
    """Settings with one value for the whole company."""

    kind = "general_policy"

    undo_minutes = models.PositiveIntegerField(default=10)
    recycle_below = models.DecimalField(
        max_digits=7,
        decimal_places=2,
        default=0,
        help_text="An MQL without owner whose score falls below this is recycled.",
    )
    strip_plus = models.BooleanField(default=True, help_text="anna+news@… is the mailbox of anna@…")
    gmail_dots = models.BooleanField(default=True, help_text="Dots in Gmail names do not count.")

    class Meta(KitPart.Meta):
        verbose_name = "general policy"
        verbose_name_plural = "general policies"
