"""What other currencies are worth in the base currency, day by day."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models

from core import history

validate_currency = RegexValidator(r"^[A-Z]{3}\Z", "Use a three-letter code such as EUR.")


class ExchangeRate(models.Model):
    """One unit of a currency in units of the base currency, from a day on until the next rate."""

    currency = models.CharField(max_length=3, validators=[validate_currency])
    day = models.DateField(help_text="The day the rate is of.")
    rate = models.DecimalField(
        max_digits=18, decimal_places=8, help_text="Units of the base currency for one unit."
    )
    source = models.CharField(max_length=80, help_text="Where the rate is from.")
    history = history.records()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["currency", "day"], name="one_rate_per_day"),
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="rate_above_nought"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.currency} {self.day}"
