"""The kit's rules: which leads go to whom, moment by moment."""

from __future__ import annotations

from typing import Self

from django.core.exceptions import ValidationError
from django.db import models

from governance.models import KitPart


class RoutingRule(KitPart):
    """Sends a lead to a person or a pool. Rules are tried in order, the first that fits decides.

    `pool` takes what the target cannot, so that every lead has somewhere to go.
    """

    kind = "routing_rule"
    needs_both_signatures = False

    class Moment(models.TextChoices):
        INBOUND = "INBOUND", "Inbound"
        REENTRY = "REENTRY", "Re-entry"
        HANDOFF = "HANDOFF", "Hand-off to an AE"

    class Target(models.TextChoices):
        POOL = "POOL", "A pool"
        ACCOUNT_OWNER = "ACCOUNT_OWNER", "The owner of the account"
        CURRENT_OWNER = "CURRENT_OWNER", "Who holds or held leads of this buyer or account"
        REP = "REP", "A named rep"
        PARTNER_MANAGER = "PARTNER_MANAGER", "Who looks after the partner"
        TERRITORY = "TERRITORY", "Whose territory it is"
        QUEUE = "QUEUE", "The pool's queue, for people to claim"

    class Otherwise(models.TextChoices):
        POOL = "POOL", "The pool below"
        NEXT_RULE = "NEXT_RULE", "The next rule that fits"

    label = models.CharField(max_length=80)
    moment = models.CharField(max_length=12, choices=Moment, default=Moment.INBOUND)
    condition = models.JSONField(null=True, blank=True, help_text="Empty: always (the fallback).")
    target = models.CharField(max_length=16, choices=Target, default=Target.POOL)
    rep = models.CharField(
        max_length=150, blank=True, help_text="User name of the rep, where one is named."
    )
    at_work_within = models.PositiveIntegerField(
        default=0,
        verbose_name="at work within (minutes)",
        help_text="A person who is off shift is given the lead if they start within this time.",
    )
    keeps_to_cap = models.BooleanField(
        default=True, help_text="A person at their cap is passed over."
    )
    otherwise = models.CharField(
        max_length=12,
        choices=Otherwise,
        default=Otherwise.POOL,
        help_text="What follows where that person cannot take it.",
    )
    pool = models.CharField(
        max_length=60,
        blank=True,
        default="",
        help_text="The pool that takes it, or takes what that person cannot. May be left empty "
        "where a person is the target and the next rule follows.",
    )

    class Meta(KitPart.Meta):
        verbose_name = "routing rule"

    def clean(self) -> None:
        """Raise ValidationError where it needs a pool, or somebody, and names none."""
        faults = {}
        if not self.pool and self._takes_all:
            faults["pool"] = "Choose a pool: it takes whatever lead the target does not."
        if self.target == self.Target.REP and not self.rep:
            faults["rep"] = "Write the user name of the rep."
        if faults:
            raise ValidationError(faults)

    def comes_before(self, other: Self) -> bool:
        """A new rule is tried before the one that takes everybody who is left."""
        return self.moment == other.moment and other._is_fallback and not self._is_fallback

    @property
    def _takes_all(self) -> bool:
        means_people = self.target not in (self.Target.POOL, self.Target.QUEUE)
        return not means_people or self.otherwise == self.Otherwise.POOL

    @property
    def _is_fallback(self) -> bool:
        return self.condition is None and self._takes_all
