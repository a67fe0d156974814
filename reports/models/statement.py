"""What was said of a span of days, by whom and when; put right by a further row, never edited."""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core import append_only
from reports import spreading


class Kind(models.TextChoices):
    """What a row does to the one before it."""

    ENTERED = "ENTERED", "Entered"
    CORRECTED = "CORRECTED", "Corrected"
    WITHDRAWN = "WITHDRAWN", "Withdrawn"
    UNDONE = "UNDONE", "Taken back"
    VALUED = "VALUED", "Valued by a rate entered later"


class Via(models.TextChoices):
    """By which door it came."""

    PAGE = "PAGE", "Page"
    FILE = "FILE", "File"
    API = "API", "API"


class Statement(models.Model):
    """One row of a chain: the last one counts, unless it is withdrawn; those before it are kept."""

    kind = models.CharField(max_length=9, choices=Kind, default=Kind.ENTERED)
    root = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The first row of the chain; empty of that itself.",
    )
    replaces = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by"
    )
    version = models.PositiveIntegerField(default=1, help_text="1, 2, 3 … in each chain.")
    withdrawn = models.BooleanField(default=False, help_text="From here on it does not count.")
    first_day = models.DateField()
    last_day = models.DateField(help_text="This day is part of it.")
    external_id = models.CharField(
        max_length=200, blank=True, help_text="What the system that it comes from calls it."
    )
    note = models.TextField(blank=True)
    reason = models.CharField(max_length=300, blank=True, help_text="Why it was changed.")
    via = models.CharField(max_length=4, choices=Via, default=Via.PAGE)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField(help_text="When it was written down.")

    class Meta:
        abstract = True

    @property
    def late(self) -> bool:
        """Whether its span and the days of grace were over when it was written (UTC)."""
        return spreading.is_late(self.last_day, self.recorded_at)

    @property
    def number(self) -> int:
        """The number people know the entry by, whatever was put right since."""
        return self.root_id or self.pk  # type: ignore[attr-defined,no-any-return]


def rules(name: str) -> list[models.BaseConstraint]:
    """What the database refuses in each table of statements."""
    return [
        models.CheckConstraint(
            condition=Q(last_day__gte=F("first_day")), name=f"{name}_ends_after_start"
        ),
        models.CheckConstraint(
            condition=Q(root=None, replaces=None, version=1, kind="ENTERED", withdrawn=False)
            | Q(root__isnull=False, replaces__isnull=False, version__gt=1)
            & ~Q(kind="ENTERED")
            & ~Q(reason=""),
            name=f"{name}_replaces_for_a_reason",
        ),
        models.CheckConstraint(
            condition=Q(kind="WITHDRAWN", withdrawn=True)
            | Q(kind="UNDONE")
            | Q(kind__in=["ENTERED", "CORRECTED", "VALUED"], withdrawn=False),
            name=f"{name}_withdrawn_by_its_kind",
        ),
        models.UniqueConstraint(fields=["root", "version"], name=f"{name}_versions_in_one_line"),
    ]


def guards(name: str) -> list[Any]:
    """The triggers that keep every row as it was written."""
    return [
        pgtrigger.Protect(name=f"{name}_are_kept", operation=pgtrigger.Update | pgtrigger.Delete),
        append_only.never_truncated(f"{name}_not_truncated"),
    ]
