"""What people did with touches that were set aside: tried again, mended, let through, discarded."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models


class TouchHandling(models.Model):
    """One act of a person on a touch of the exception queue, or on suspected spam.

    `before` is the payload as it was before the act, for those that changed it; the first one is
    what came in. It is part of the data of the touch's person: who is erased is erased here too.
    """

    class Act(models.TextChoices):
        RETRIED = "RETRIED", "Tried again"
        MENDED = "MENDED", "Mended"
        SET_ASIDE = "SET_ASIDE", "Set aside"
        RELEASED = "RELEASED", "Let through"
        DISCARDED = "DISCARDED", "Discarded"

    touch = models.ForeignKey("leads.Touch", on_delete=models.PROTECT, related_name="handlings")
    act = models.CharField(max_length=10, choices=Act)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.CharField(max_length=500, blank=True)
    before = models.JSONField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["touch", "at"], name="handlings_by_touch")]
        triggers = [
            pgtrigger.Protect(name="handlings_are_never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.act} of touch #{self.touch_id}"
