"""What a lead's score is made of: one number and its instant per rule; time does the rest."""

from __future__ import annotations

import pgtrigger
from django.db import models


class ScorePart(models.Model):
    """The value one rule had at one instant. Present value: value·2^(−age/half-life) within ±cap.

    Of a rule with a window, `value` is what one behaviour is worth, and those of kind `signal` are
    read that were shown within `within_days`; without a kind the one at `at` is the only one.
    `kit` is the one under which it last became what it is; later ones gave the same.
    """

    lead = models.ForeignKey(
        "leads.Lead", on_delete=models.PROTECT, related_name="score_parts", db_index=False
    )
    rule = models.CharField(max_length=60)
    category = models.CharField(max_length=10)
    value = models.FloatField()
    at = models.DateTimeField()
    half_life_days = models.FloatField(null=True)
    cap = models.FloatField(null=True)
    within_days = models.PositiveIntegerField(null=True)
    signal = models.CharField(max_length=60, blank=True)
    kit = models.ForeignKey("governance.KitVersion", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lead", "rule"], name="one_score_part_per_rule"),
            models.CheckConstraint(
                condition=models.Q(half_life_days__isnull=True) | models.Q(half_life_days__gt=0),
                name="score_half_life_positive",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.rule}"


class ScoreRecord(models.Model):
    """What a lead's score was made of from `at` until its next record; never edited.

    With it the score of any past instant is what was shown then, to the point.
    """

    lead = models.ForeignKey(
        "leads.Lead", on_delete=models.PROTECT, related_name="score_records", db_index=False
    )
    at = models.DateTimeField()
    kit = models.ForeignKey("governance.KitVersion", on_delete=models.PROTECT, related_name="+")
    parts = models.JSONField(help_text="Rule to its part; rules that were worth nothing left out.")

    class Meta:
        indexes = [models.Index(fields=["lead", "-at", "-id"], name="score_records_of_lead")]
        triggers = [pgtrigger.Protect(name="score_records_stay", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"#{self.pk} lead {self.lead_id}"
