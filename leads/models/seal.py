"""The daily seal: what the logs said when the day was over, so that a later change is found.

None of these refers to the rows it speaks of by a foreign key: those may be removed, lawfully or
not, and what is sealed stays.
"""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from core import append_only


class SealedRows(models.TextChoices):
    """The logs that are sealed."""

    EVENT = "EVENT", "Lead events"
    CLOCK = "CLOCK", "SLA events"
    AWAY = "AWAY", "Records of what went lawfully"


class Seal(models.Model):
    """One day (UTC) of all logs, chained to the day before. The newest digest vouches for all."""

    day = models.DateField(unique=True)
    version = models.PositiveSmallIntegerField(help_text="Of the form of its digests.")
    previous = models.CharField(max_length=64, help_text="Digest of the day before.", blank=True)
    digest = models.CharField(max_length=64)
    count = models.PositiveIntegerField(help_text="Rows that were sealed.")
    late = models.PositiveIntegerField(help_text="Of these, rows dated on earlier days.")
    made_at = models.DateTimeField()

    class Meta:
        triggers = [
            pgtrigger.Protect(
                name="seals_are_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
            append_only.never_truncated("seals_are_never_truncated"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.digest[:16]}"


class SealPage(models.Model):
    """Some of a seal's rows of one log: their ids, the leads they are of, a digest each."""

    seal = models.ForeignKey(Seal, on_delete=models.PROTECT, related_name="pages", db_index=False)
    rows = models.CharField(max_length=5, choices=SealedRows)
    of_day = models.DateField(help_text="The day its rows bear; earlier than the seal's if late.")
    number = models.PositiveIntegerField(help_text="0, 1, 2 … in the seal.")
    last_id = models.BigIntegerField(help_text="The highest of its ids.")
    ids = ArrayField(models.BigIntegerField())
    leads = ArrayField(models.BigIntegerField(), help_text="In the order of the ids; 0 for none.")
    leaves = models.BinaryField(help_text="32 bytes each, in the order of the ids.")
    digest = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["seal", "number"], name="pages_have_one_order"),
            models.CheckConstraint(
                condition=models.Q(rows__in=SealedRows.values), name="sealed_rows_known"
            ),
        ]
        indexes = [
            models.Index(fields=["rows", "of_day"], name="pages_by_day"),
            models.Index(fields=["rows", "last_id"], name="pages_by_last_id"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="pages_are_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
            append_only.never_truncated("pages_are_never_truncated"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} page {self.number} of seal #{self.seal_id}"


class SealSalt(models.Model):
    """What hides the personal part of a lead's sealed events. It goes when the person is erased."""

    lead_id = models.BigIntegerField(unique=True)
    salt = models.UUIDField()
    day = models.DateField(help_text="The seal that first needed it.")

    def __str__(self) -> str:
        return f"#{self.pk} of lead #{self.lead_id}"


class SealedAway(models.Model):
    """A sealed row that is no longer as it was, lawfully: by whom, why, and what vouches for it."""

    class Reason(models.TextChoices):
        """The only ways in which a sealed row may change."""

        ERASED = "ERASED", "Person erased"
        REMOVED = "REMOVED", "Removed with its import"

    rows = models.CharField(max_length=5, choices=SealedRows)
    row_id = models.BigIntegerField()
    lead_id = models.BigIntegerField()
    reason = models.CharField(max_length=8, choices=Reason)
    note = models.CharField(max_length=80, blank=True, help_text="Which act: import 12.")
    commitment = models.BinaryField(null=True, help_text="To what was said, as it was sealed.")
    after = models.BinaryField(null=True, help_text="To what is left of it.")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["rows", "row_id"], name="sealed_away_by_row")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(reason="REMOVED", commitment=None, after=None)
                | models.Q(reason="ERASED", commitment__isnull=False, after__isnull=False),
                name="what_is_left_is_vouched_for",
            )
        ]
        triggers = [
            pgtrigger.Protect(
                name="sealed_away_is_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
            append_only.never_truncated("sealed_away_is_never_truncated"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.reason} {self.rows} #{self.row_id}"
