"""What was learnt of a buyer so far, point by point of the kit's checklists."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class ChecklistAnswer(models.Model):
    """One answered point of a checklist in one cycle of a lead: erasable free text.

    Kept between calls, until all that an SQL needs is known and afterwards.
    """

    lead = models.ForeignKey(
        "leads.Lead", on_delete=models.PROTECT, related_name="checklist_answers", db_index=False
    )
    cycle = models.PositiveSmallIntegerField(help_text="In which it was learnt.")
    point = models.CharField(max_length=130, help_text="Checklist and item of the kit: bant.need.")
    text = models.CharField(max_length=2_000, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lead", "cycle", "point"], name="one_answer_per_point")
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.point}"
