"""Pools, who shares them, and the ledger of whose turn it is."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from core import append_only, history
from governance.models.part import validate_key
from people import holders


class Pool(models.Model):
    """Reps that share leads. Leads nobody can take wait here, so a pool is a queue too."""

    class Strategy(models.TextChoices):
        WEIGHTED_ROUND_ROBIN = "WEIGHTED_ROUND_ROBIN", "Weighted round-robin"
        LEAST_LOADED = "LEAST_LOADED", "Fewest open leads"
        BEST_PERFORMER = "BEST_PERFORMER", "Best with leads like this"

    class OffShift(models.TextChoices):
        FIRST_BACK = "FIRST_BACK", "Wait for whoever is back first"
        SPREAD = "SPREAD", "Hold, and spread over the next working day by weight"
        ON_CALL = "ON_CALL", "Whoever is on call"

    key = models.CharField(max_length=60, unique=True, validators=[validate_key])
    label = models.CharField(max_length=80)
    strategy = models.CharField(
        max_length=24, choices=Strategy, default=Strategy.WEIGHTED_ROUND_ROBIN
    )
    look_ahead_minutes = models.PositiveIntegerField(
        default=0, help_text="A rep whose shift starts within this time may already be picked."
    )
    off_shift = models.CharField(
        max_length=12,
        choices=OffShift,
        default=OffShift.FIRST_BACK,
        help_text="What becomes of leads that come while nobody works.",
    )
    catches_up = models.BooleanField(
        default=False,
        help_text="Who was away gets more for a while, until the shares of all are even again.",
    )
    matches_language = models.BooleanField(
        default=False, help_text="Whoever speaks the buyer's language comes first."
    )
    random_percent = models.PositiveSmallIntegerField(
        default=0, help_text="Share of leads given at random, to compare the strategy with."
    )
    fewest_outcomes = models.PositiveSmallIntegerField(
        default=20, help_text="Fewer known outcomes say nothing about a rep."
    )
    most_percent = models.PositiveSmallIntegerField(
        default=40, help_text="Nobody gets more than this share because of their outcomes."
    )
    skips_holders = models.PositiveSmallIntegerField(
        default=1, help_text="Who held a lead lately is passed over when it is given anew."
    )
    shares_ledger = models.BooleanField(
        default=False, help_text="Members see each other's shares and turns, not only their own."
    )
    turns = models.BigIntegerField(default=0, editable=False)
    manager = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="managed_pools",
    )
    history = history.records(excluded=("turns",))

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(random_percent__range=(0, 50)),
                name="pool_random_share_sensible",
                violation_error_message="The share given at random is from 0 to 50 percent.",
            ),
            models.CheckConstraint(
                condition=models.Q(most_percent__range=(1, 100)),
                name="pool_most_share_sensible",
                violation_error_message="The most that one may get is from 1 to 100 percent.",
            ),
            models.CheckConstraint(
                condition=models.Q(skips_holders__range=(0, 10)),
                name="pool_skips_sensible",
                violation_error_message="From none to 10 former holders are passed over.",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def paced(self) -> bool:
        """Whether what was lent is paid back by and by: it is wherever it is paid back at all."""
        return self.catches_up

    @property
    def by_weight(self) -> bool:
        """Whether what somebody takes beyond their share is borne by weight."""
        return self.strategy == self.Strategy.BEST_PERFORMER


class PoolMember(models.Model):
    """A rep's share in a pool. `credit` is the running ledger of the rotation."""

    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="pool_memberships"
    )
    weight = models.PositiveSmallIntegerField(default=1)
    open_cap = models.PositiveIntegerField(
        null=True, blank=True, help_text="Most open leads at once; empty means no cap."
    )
    day_cap = models.PositiveIntegerField(
        null=True, blank=True, help_text="Most leads a day, in the rep's zone; empty: no cap."
    )
    week_cap = models.PositiveIntegerField(null=True, blank=True, help_text="Most leads a week.")
    month_cap = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="Most leads a month, spread over its days; what a day leaves over is not lost.",
    )
    on_call = models.BooleanField(
        default=False, help_text="Takes leads while nobody works, where the pool calls."
    )
    active = models.BooleanField(default=True)
    credit = models.BigIntegerField(default=0, editable=False)
    lent = models.BigIntegerField(
        default=0,
        db_default=0,
        editable=False,
        help_text="The part of the credit that absences left over, in half units of weight.",
    )
    since_turn = models.BigIntegerField(
        null=True,
        blank=True,
        editable=False,
        help_text="The turn of the pool since when they take part; empty: not in the books.",
    )
    left_turn = models.BigIntegerField(
        null=True, blank=True, editable=False, help_text="The last turn before they left."
    )
    history = history.records(excluded=("credit", "lent", "since_turn", "left_turn"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pool", "user"], name="member_once_per_pool"),
            models.CheckConstraint(
                condition=models.Q(weight__range=(1, 100)),
                name="member_weight_sensible",
                violation_error_message="A weight is from 1 to 100.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.pool}"

    def clean(self) -> None:
        """Raise ValidationError where a pool is to be shared by somebody who works no leads."""
        said = (self.user_id, True)
        stood = type(self).objects.filter(pk=self.pk).values_list("user_id", "active").first()
        is_new = self.active and self.user_id and stood != said
        if is_new and (refused := holders.refusal(self.user)):
            raise ValidationError({"user": refused})


class CreditEntry(models.Model):
    """A change of the rotation's ledger that no decision made: a turn given back, a start."""

    class Why(models.TextChoices):
        RETURNED = "RETURNED", "A lead that was not theirs counts no turn"
        BEGAN = "BEGAN", "Joined, or came back"
        CORRECTED = "CORRECTED", "Set by a person, or a return was undone"

    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="credit_entries")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="credit_entries"
    )
    turn = models.BigIntegerField(help_text="Its place in the ledger of the pool.")
    change = models.BigIntegerField()
    credit = models.BigIntegerField(help_text="What it came to.")
    lent = models.BigIntegerField(
        default=0, db_default=0, help_text="How the part that was lent changed, in half units."
    )
    why = models.CharField(max_length=12, choices=Why)
    note = models.CharField(
        max_length=200, blank=True, help_text="Why the turn was given back, or counts after all."
    )
    decision = models.ForeignKey(
        "routing.Decision", null=True, blank=True, on_delete=models.PROTECT, related_name="returns"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "credit entries"
        constraints = [
            models.UniqueConstraint(fields=["pool", "turn", "user"], name="credit_entry_once"),
            models.CheckConstraint(
                condition=models.Q(why__in=["RETURNED", "BEGAN", "CORRECTED"]),
                name="credit_entry_why_known",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="credit_entries_are_append_only",
                operation=pgtrigger.Update | pgtrigger.Delete,
            ),
            append_only.never_truncated("credit_entries_are_never_truncated"),
        ]

    def __str__(self) -> str:
        return f"{self.pool_id}/{self.turn} {self.change:+d}"


class PoolSnapshot(models.Model):
    """A pool as it was when a decision was made; the same content is stored once."""

    checksum = models.CharField(max_length=64, unique=True)
    content = models.JSONField()
    taken_at = models.DateTimeField()

    class Meta:
        triggers = [
            pgtrigger.Protect(
                name="pool_snapshots_are_append_only",
                operation=pgtrigger.Update | pgtrigger.Delete,
            ),
            append_only.never_truncated("pool_snapshots_are_never_truncated"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.checksum[:8]}"
