"""Territories: which part of the world is whose, from which day on. People data, not kit."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from core import database, history
from governance.models.part import validate_key
from people import holders
from routing import area_spelling, realignment
from routing.models.pool import Pool

BEGINNING = dt.date(2000, 1, 1)
"""Since when an area is its territory's where nobody said so: before every lead."""
FARTHEST = dt.timedelta(days=730)
"""Nothing begins later than so far from today, as in realignments."""


def require_day(field: str, day: dt.date | None) -> dict[str, str]:
    """A fault beside the field for a day on which nothing can begin."""
    if day is None or BEGINNING <= day <= database.now().date() + FARTHEST:
        return {}
    return {field: f"Choose a day from {BEGINNING:%Y-%m-%d} on, within two years from today."}


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
    region = models.CharField(max_length=80, blank=True, help_text="Empty: any region.")
    postal_prefix = models.CharField(
        max_length=16,
        blank=True,
        help_text="With what postal codes begin, such as 10; empty: all of them. Without a "
        "region it holds in any region, and goes before areas that only name a region.",
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

    def clean(self) -> None:
        """Raise ValidationError for a part or a day that means nothing, or another spelling.

        An area spelled in two ways would be two, and which of them counts would be chance.
        """
        faults = {
            "country": area_spelling.country_fault(self.country),
            "region": area_spelling.region_fault(self.region),
            "postal_prefix": area_spelling.prefix_fault(self.postal_prefix, self.country),
        }
        faults = {name: fault for name, fault in faults.items() if fault}
        faults |= require_day("starts_on", self.starts_on)
        if not faults and (written := self._written_otherwise()):
            faults["region"] = f"This area is there already as “{written}”: write it in that way."
        if faults:
            raise ValidationError(faults)

    def _written_otherwise(self) -> str:
        """The same area in another spelling, if it is there."""
        here = (self.country, self.region, self.postal_prefix)
        others = type(self).objects.filter(country=self.country).exclude(pk=self.pk)
        found = set(others.values_list("country", "region", "postal_prefix")) - {here}
        same = (one for one in sorted(found) if realignment.same(one) == realignment.same(here))
        return " ".join(filter(None, next(same, ())))


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

    def clean(self) -> None:
        """Raise ValidationError for a day out of reach, or somebody who works no leads."""
        if faults := require_day("starts_on", self.starts_on):
            raise ValidationError(faults)
        # Who held it once, and left since, did hold it.
        stood = type(self).objects.filter(pk=self.pk).values_list("user_id", flat=True).first()
        is_new = self.user is not None and stood != self.user_id
        if is_new and (refused := holders.refusal(self.user)):
            raise ValidationError({"user": refused})
