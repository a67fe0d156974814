"""The sales stages that an opportunity goes through: a part of the kit."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models

from governance.models.part import KitPart
from governance.models.parts import words


class DealStage(KitPart):
    """One stage of an open opportunity, in the order of positions."""

    kind = "deal_stage"
    needs_both_signatures = False

    label = models.CharField(max_length=80)
    prose = words()
    win_percent = models.PositiveSmallIntegerField(
        validators=[MaxValueValidator(100)],
        help_text="How many of a hundred that stand here are won.",
    )
    expected_days = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="An opportunity is expected to go on within so many days. Empty: no matter when.",
    )

    class Meta(KitPart.Meta):
        verbose_name = "sales stage"
        constraints = [
            *KitPart.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(win_percent__lte=100), name="win_percent_at_most_100"
            ),
        ]
