"""Territories: which part of the world is whose, from which day on. People data, not kit."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models

from core import history
from governance.models.part import validate_key
from routing.models.pool import Pool

BEGINNING = dt.date(2000, 1, 1)
"""Since when an area is its territory's where nobody said so: before every lead."""


class Territory(models.Model):
    """A part of the world that one rep or pool looks after at a time."""

    key = models.CharField(max_length=60, unique=True, validators=[validate_key])
    label = models.CharField(max_length=80)
    history = history.records()

    class Meta:
        verbose_name_plural = "territories"

    def __str__(self) -> str:
        return self.label


class TerritoryArea(models.Model):
    """A country, or a part of it, that is a territory's from a day on, until it is another's.

    The most exact area takes a place in. Days are of UTC.
    """

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="areas")
    country = models.CharField(max_length=2, help_text="ISO code of two letters, such as DE.")
    region = models.CharField(max_length=80, blank=True, help_text="Empty: the whole country.")
    postal_prefix = models.CharField(
        max_length=16, blank=True, help_text="With what postal codes begin; empty: all of them."
    )
    starts_on = models.DateField(
        default=BEGINNING, help_text="From which day on (UTC) it belongs to this territory."
    )
    history = history.records()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["country", "region", "postal_prefix", "starts_on"],
                name="area_in_one_territory_a_day",
            ),
            models.CheckConstraint(
                condition=models.Q(country__regex="^[A-Z]{2}$"), name="area_country_is_a_code"
            ),
        ]

    def __str__(self) -> str:
        return " ".join(filter(None, (self.country, self.region, self.postal_prefix)))


class TerritoryHolder(models.Model):
    """Who looks after a territory from a day on, until somebody else begins. Days are of UTC."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="holders")
    starts_on = models.DateField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="territories",
    )
    pool = models.ForeignKey(
        Pool, null=True, blank=True, on_delete=models.PROTECT, related_name="territories"
    )
    history = history.records()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["territory", "starts_on"], name="one_holder_begins_on_a_day"
            ),
            models.CheckConstraint(
                condition=models.Q(user__isnull=True) | models.Q(pool__isnull=True),
                name="territory_held_by_a_rep_or_a_pool",
                violation_error_message="Choose a rep or a pool, not both.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user or self.pool or 'nobody'} from {self.starts_on}"
