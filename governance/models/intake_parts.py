"""The parts about what comes in: where it came from, what it may overwrite, what is too thin or
no buyer at all.
"""

from __future__ import annotations

from django.core import validators
from django.db import models

from governance.facts import Subject
from governance.models import parts
from governance.models.part import KitPart


class AttributionRule(KitPart):
    """What made a buyer come: the first rule whose condition fits a touchpoint names it."""

    kind = "attribution_rule"
    needs_both_signatures = False
    speaks_of = Subject.TOUCHPOINT

    label = models.CharField(max_length=80)
    prose = parts.words()
    condition = parts.condition_column()
    category = models.CharField(max_length=20, help_text="Paid, organic, referral, event …")

    class Meta(KitPart.Meta):
        verbose_name = "attribution rule"


class FieldRule(KitPart):
    """Whether a field of a person or company that has a value may be given another one."""

    kind = "field_rule"
    needs_both_signatures = False

    class Overwrite(models.TextChoices):
        NEVER = "NEVER", "never"
        LESS_SURE = "LESS_SURE", "by a source that is surer"
        ALWAYS = "ALWAYS", "by whatever comes last, but never what a person typed here"

    field = models.CharField(max_length=60, help_text="As in facts: company.employees.")
    prose = parts.words()
    overwrite = models.CharField(max_length=10, choices=Overwrite, default=Overwrite.NEVER)

    class Meta(KitPart.Meta):
        verbose_name = "field rule"


class OwnField(KitPart):
    """A field of the company's own that touchpoints carry, so that rules can speak of it."""

    kind = "own_field"
    needs_both_signatures = False

    class Type(models.TextChoices):
        TEXT = "TEXT", "text"
        NUMBER = "NUMBER", "number"
        BOOLEAN = "BOOLEAN", "yes or no"
        CHOICE = "CHOICE", "one of a list"

    label = models.CharField(max_length=80, help_text="What pages call it: Specialization.")
    prose = parts.words()
    type = models.CharField(max_length=7, choices=Type, default=Type.TEXT)
    choices = models.JSONField(
        default=list, blank=True, help_text="Of a list: what can be answered, as it comes in."
    )
    unit = models.CharField(max_length=40, blank=True, help_text="Of a number: minutes, visits.")
    reads = models.JSONField(
        default=list,
        blank=True,
        help_text="Column headings and form names under which it comes in, besides key and label. "
        "Case, spaces and punctuation do not count.",
    )
    not_answered = models.JSONField(
        default=list, blank=True, help_text="What stands for no answer, such as Select or n/a."
    )

    class Meta(KitPart.Meta):
        verbose_name = "own field"


class Exclusion(KitPart):
    """Who is no buyer at all: the first whose condition holds disqualifies a lead nobody owns."""

    kind = "exclusion"

    label = models.CharField(max_length=80)
    prose = parts.words()
    condition = parts.condition_column()
    reason = models.CharField(
        max_length=60, help_text="Key of a reason that is used for “disqualify”."
    )

    class Meta(KitPart.Meta):
        pass


class QualityFloor(KitPart):
    """Below this share of the data quality rules a lead waits in quarantine, unless it asked."""

    kind = "quality_floor"
    needs_both_signatures = False

    label = models.CharField(max_length=80)
    prose = parts.words()
    condition = parts.condition_column()
    at_least_percent = models.PositiveSmallIntegerField(
        validators=[validators.MinValueValidator(1), validators.MaxValueValidator(100)],
        help_text="Of the data quality rules, so many percent must be met.",
    )
    pool = models.CharField(max_length=60, help_text="Key of the pool that looks after these.")

    class Meta(KitPart.Meta):
        verbose_name = "quality floor"
