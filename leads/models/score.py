"""What a lead's score is made of: one number and its instant per rule; time does the rest."""

from __future__ import annotations

from django.db import models


class ScorePart(models.Model):
    """The value one rule had at one instant. Present value: min(cap, value·2^(−age/half-life)).

    Not field history: every change follows from a touch or signal that is itself kept.
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
