"""What somebody is to sell."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from reports.models import statement


class QuotaEntry(statement.Statement):
    """What a rep, a team or the company is to win in a span, as stated at one instant.

    Of a rep `rep` is set, of a team `team`, of the company neither. In the base currency.
    """

    rep = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="quotas",
    )
    team = models.ForeignKey(
        "people.Team", null=True, blank=True, on_delete=models.PROTECT, related_name="quotas"
    )
    amount = models.DecimalField(
        max_digits=18, decimal_places=2, help_text="To be won, in the base currency."
    )
    deals = models.PositiveIntegerField(null=True, blank=True, help_text="Opportunities to win.")
    sqls = models.PositiveIntegerField("SQLs", null=True, blank=True, help_text="SQLs to reach.")

    class Meta:
        verbose_name_plural = "quota entries"
        constraints = [
            *statement.rules("quota"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="quota_not_below_nought"),
            models.CheckConstraint(condition=Q(rep=None) | Q(team=None), name="quota_of_one_party"),
        ]
        indexes = [
            models.Index(fields=["last_day", "first_day"], name="quotas_by_span"),
            models.Index(fields=["recorded_at"], name="quotas_by_time_of_entry"),
        ]
        triggers = statement.guards("quotas")

    def __str__(self) -> str:
        return f"#{self.number} {self.first_day} to {self.last_day}"
