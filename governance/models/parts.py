"""The parts that define stages, proof and score. Time is in `clock_parts`, routing in `routing`."""

from __future__ import annotations

from typing import Any

from django.db import models

from governance.models.part import KitPart
from governance.moments import HandOff, Instead

MOST_DAYS = 730
"""The longest window in which a behaviour can count."""


def words() -> models.TextField[str, str]:
    """Prose for people."""
    return models.TextField(blank=True, help_text="Meaning in the words both sides signed.")


def condition_column() -> models.JSONField[Any, Any]:
    """A condition over facts, as its JSON document."""
    return models.JSONField(null=True, blank=True, help_text="A condition; empty means always.")


class StageDefinition(KitPart):
    """What it means to be in a stage, and who answers for it."""

    kind = "stage"

    stage = models.CharField(max_length=12)
    label = models.CharField(max_length=80)
    definition = words()
    owner_role = models.CharField(max_length=20, blank=True)

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
    prose = words()
    proof = models.CharField(max_length=10, choices=Proof, default=Proof.FACTS)
    condition = condition_column()
    activity_kinds = models.JSONField(default=list, blank=True)
    checklists = models.JSONField(default=list, blank=True, help_text="Any one of these suffices.")
    shown_by = models.JSONField(
        default=list,
        blank=True,
        help_text="Of what the rep affirms: any one of these facts shows it beforehand.",
    )

    class Meta(KitPart.Meta):
        verbose_name_plural = "criteria"


class SignalDefinition(KitPart):
    """A behaviour the company listens to. A hand-raise asks for a person."""

    kind = "signal"

    label = models.CharField(max_length=80)
    hand_raise = models.BooleanField(default=False)

    class Meta(KitPart.Meta):
        verbose_name = "signal definition"


class ScoreRule(KitPart):
    """Points while facts hold, or for a behaviour that fades with a half-life."""

    kind = "score_rule"
    needs_both_signatures = False

    class Category(models.TextChoices):
        FIT = "FIT", "fit"
        ENGAGEMENT = "ENGAGEMENT", "engagement"
        INTENT = "INTENT", "intent"

    class Times(models.TextChoices):
        EVERY = "EVERY", "every time it is shown"
        ONCE = "ONCE", "once, for the last time it was shown"

    label = models.CharField(max_length=80)
    category = models.CharField(max_length=10, choices=Category)
    condition = condition_column()
    signal = models.CharField(
        max_length=60,
        blank=True,
        help_text="The behaviour that is worth the points. Empty: they are for the condition.",
    )
    points = models.DecimalField(
        max_digits=7, decimal_places=2, help_text="Below zero they count against the lead."
    )
    times = models.CharField(
        max_length=5, choices=Times, default=Times.EVERY, help_text="How often a behaviour counts."
    )
    within_days = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="For so many times 24 hours a behaviour counts. Empty: for ever.",
    )
    half_life_days = models.DecimalField(
        max_digits=7,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="Days in which half of the points are gone. Empty: they do not fade.",
    )
    cap = models.DecimalField(
        max_digits=7,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="The rule is worth no more than this, for the lead or against it.",
    )

    class Meta(KitPart.Meta):
        constraints = [
            *KitPart.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(half_life_days__isnull=True) | models.Q(half_life_days__gt=0),
                name="half_life_positive",
            ),
            models.CheckConstraint(
                condition=models.Q(within_days__isnull=True)
                | models.Q(within_days__range=(1, MOST_DAYS)),
                name="score_window_in_range",
            ),
        ]


class ScoreBand(KitPart):
    """A name for a range of scores; the highest band whose floor is reached."""

    kind = "score_band"

    label = models.CharField(max_length=40)
    at_least = models.DecimalField(
        max_digits=7, decimal_places=2, help_text="The score from which a lead is in it."
    )
    leaves_below = models.DecimalField(
        max_digits=7,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="A lead leaves it below this score. Empty: below where it begins.",
    )

    class Meta(KitPart.Meta):
        pass


class Reason(KitPart):
    """Why a lead is rejected, returned, recycled or disqualified, and where it then goes."""

    kind = "reason"

    label = models.CharField(max_length=80)
    used_for = models.JSONField(
        default=list, help_text="reject, return_to_nurture, recycle, disqualify, lose, win"
    )
    outcome = models.CharField(
        max_length=12,
        blank=True,
        help_text="Where a rejected lead goes: NURTURE or DISQUALIFIED.",
    )
    criterion = models.CharField(
        max_length=60, blank=True, help_text="The criterion this reason contests."
    )
    note_required = models.BooleanField(default=False)
    returns_turn = models.BooleanField(
        default=False,
        help_text="The lead should not have come to its owner: their turn is given back.",
    )
    attempts_needed = models.PositiveSmallIntegerField(
        default=0, help_text="So many attempts to reach the buyer must be logged in this pass."
    )
    attempt_days = models.PositiveSmallIntegerField(
        default=0, help_text="On so many different days, as whoever acts counts them."
    )
    wake_days = models.PositiveSmallIntegerField(
        default=0, help_text="So many days later a nurtured lead is looked at again. 0: it rests."
    )
    wake_on = models.CharField(
        max_length=80,
        blank=True,
        help_text="What wakes it sooner: signal:KEY of the kit, or band:KEY or a higher one.",
    )
    instead = models.CharField(
        max_length=8,
        blank=True,
        choices=[(one.value, one.label) for one in Instead],
        help_text="Who means to reject for it is led to this: it is no rejection.",
    )

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
    emergency_hours = models.PositiveSmallIntegerField(
        default=24, help_text="An emergency change reverts after so long, unless countersigned."
    )
    hands_off_at = models.CharField(
        max_length=8,
        choices=[
            (HandOff.MEETING.value, "When a meeting is booked, or at SQL"),
            (HandOff.SQL.value, "At SQL"),
        ],
        default=HandOff.SQL.value,
        help_text="When leads go to an AE, where there are routing rules for hand-offs.",
    )
    backdating_minutes = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="What people report of themselves later than so long after it was done counts "
        "from when it was written, so that it meets no missed deadline. Empty: no limit.",
    )
    dispute_hours = models.PositiveSmallIntegerField(
        default=0, help_text="Marketing may dispute a rejection for so long. 0: not at all."
    )
    ruling_hours = models.PositiveSmallIntegerField(
        default=0, help_text="RevOps decides a dispute within so long. 0: whenever they do."
    )
    dispute_calendar = models.CharField(
        max_length=60,
        blank=True,
        help_text="Key of the calendar whose open hours these count in. Empty: all that passes.",
    )

    class Meta(KitPart.Meta):
        verbose_name = "general policy"
        verbose_name_plural = "general policies"
