"""Where people sent a lead elsewhere than the rules had, and why."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models

from core import append_only
from routing.models.decision import Decision


class Override(models.Model):
    """A person overrode a decision of the rules. Whether they were right shows later.

    A misroute is said by the owner: the rule should not have sent the lead to them at all.
    """

    class Kind(models.TextChoices):
        MISROUTED = "MISROUTED", "Said not to be theirs"
        REASSIGNED = "REASSIGNED", "Reassigned by a manager"
        HANDED_OVER = "HANDED_OVER", "Handed over by its owner"
        RETURNED = "RETURNED", "Hand-off returned by the AE"

    class Why(models.TextChoices):
        TERRITORY = "TERRITORY", "Another territory or country"
        SEGMENT = "SEGMENT", "Another segment, size or industry"
        LANGUAGE = "LANGUAGE", "Another language"
        CUSTOMER = "CUSTOMER", "A customer, or a deal is open"
        DUPLICATE = "DUPLICATE", "Somebody has this buyer already"
        PARTNER = "PARTNER", "A partner's"
        KNOWN = "KNOWN", "Somebody knows the buyer"
        AWAY = "AWAY", "Whoever held it is away"
        LOAD = "LOAD", "Too much on their desk"
        OTHER = "OTHER", "Something else"

    lead = models.ForeignKey("leads.Lead", on_delete=models.PROTECT, related_name="overrides")
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="overrides")
    kind = models.CharField(max_length=12, choices=Kind)
    why = models.CharField(max_length=12, choices=Why)
    from_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    to_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Empty: the rules chose anew.",
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="override_by_time")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["MISROUTED", "REASSIGNED", "HANDED_OVER", "RETURNED"]),
                name="override_kind_known",
            )
        ]
        triggers = [
            pgtrigger.Protect(
                name="overrides_are_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
            append_only.never_truncated("overrides_are_never_truncated"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind} of lead #{self.lead_id}"
