"""Turns of the past, counted once: pages of the ledger need not read each of them again."""

from __future__ import annotations

from django.db import models

from routing.models.pool import Pool


class TurnSum(models.Model):
    """What the turns from `first_turn` to `last_turn` of a pool came to, returns left aside.

    Made of decisions alone, at any time again: `routing.turn_sums` does.
    """

    pool = models.ForeignKey(
        Pool, on_delete=models.PROTECT, related_name="turn_sums", db_index=False
    )
    first_turn = models.BigIntegerField()
    last_turn = models.BigIntegerField()
    since = models.DateTimeField(null=True, help_text="Its first decision; empty: it has none.")
    until = models.DateTimeField(null=True, help_text="Its last decision.")
    tallies = models.JSONField(
        help_text="Rows of user, weight, whole, fate, earned, and how many turns."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pool", "first_turn"], name="turns_summed_once"),
            models.CheckConstraint(
                condition=models.Q(last_turn__gte=models.F("first_turn")),
                name="turns_summed_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pool_id}/{self.first_turn}-{self.last_turn}"
