"""Which partner has registered a company, until when, and who else claims it."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models.functions import Coalesce

from core import history


class PartnerRegistration(models.Model):
    """A partner sells to a company and has said so: from an instant to another it is theirs.

    In force while ACTIVE and now lies in the window: that it runs out needs no job. Of one company
    one registration is in force at any instant.
    """

    class State(models.TextChoices):
        ACTIVE = "ACTIVE", "Registered"
        WITHDRAWN = "WITHDRAWN", "Withdrawn"
        GIVEN_AWAY = "GIVEN_AWAY", "Given to another partner"
        YIELDED = "YIELDED", "Yielded when two accounts became one"
        UNDONE = "UNDONE", "Taken back"

    NEVER_HELD = (State.YIELDED, State.UNDONE)
    """Those that are as if they had not been."""

    account = models.ForeignKey(
        "leads.Account", on_delete=models.PROTECT, related_name="registrations"
    )
    partner = models.ForeignKey(
        "leads.Account", on_delete=models.PROTECT, related_name="registered"
    )
    note = models.CharField(
        max_length=500, blank=True, help_text="What the partner has there. No names of people."
    )
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(help_text="The first instant at which it is over.")
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    registered_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True, help_text="Ended before its time.")
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    end_reason = models.CharField(max_length=200, blank=True)
    warned_until = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="The end of which people were told that it is near.",
    )
    history = history.records(
        excluded=("warned_until",), unindexed=("account", "partner", "registered_by", "ended_by")
    )

    class Meta:
        constraints = [
            # A range of one number stands for the number, so that no extension is needed.
            ExclusionConstraint(
                name="registered_by_one_partner_at_a_time",
                expressions=[
                    (
                        models.Func(
                            models.F("account"),
                            models.F("account"),
                            models.Value("[]"),
                            function="INT8RANGE",
                            output_field=BigIntegerRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        models.Func(
                            models.F("from_at"),
                            Coalesce("ended_at", "until_at"),
                            function="TSTZRANGE",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=models.Q(state__in=["ACTIVE", "WITHDRAWN", "GIVEN_AWAY"]),
            ),
            models.CheckConstraint(
                condition=models.Q(until_at__gt=models.F("from_at")),
                name="registration_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=models.Q(state="ACTIVE", ended_at__isnull=True)
                | (~models.Q(state="ACTIVE") & models.Q(ended_at__gte=models.F("from_at"))),
                name="registration_over_is_ended",
            ),
            models.CheckConstraint(
                condition=~models.Q(account=models.F("partner")),
                name="no_partner_registers_itself",
            ),
        ]
        indexes = [
            models.Index(fields=["partner", "-from_at"], name="registrations_of_partner"),
            models.Index(
                fields=["until_at"],
                name="registrations_to_warn_of",
                condition=models.Q(state="ACTIVE")
                & (
                    models.Q(warned_until__isnull=True)
                    | models.Q(warned_until__lt=models.F("until_at"))
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.state}"

    @property
    def over_at(self) -> datetime:
        """The first instant at which it holds no more."""
        return self.ended_at or self.until_at


class PartnerExtension(models.Model):
    """A registration was given a later end before it ran out; taken back, it has the old one."""

    registration = models.ForeignKey(
        PartnerRegistration, on_delete=models.PROTECT, related_name="extensions"
    )
    until_before = models.DateTimeField()
    until_after = models.DateTimeField()
    reason = models.CharField(max_length=200)
    extended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    extended_at = models.DateTimeField()
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["registration", "until_before"],
                condition=models.Q(undone_at__isnull=True),
                name="extended_once_from_each_end",
            ),
            models.CheckConstraint(
                condition=models.Q(until_after__gt=models.F("until_before"))
                & models.Q(extended_at__lt=models.F("until_before")),
                name="extended_before_it_ran_out",
            ),
            models.CheckConstraint(
                condition=models.Q(undone_at__isnull=True, undone_by__isnull=True)
                | models.Q(undone_at__gte=models.F("extended_at"), undone_by__isnull=False),
                name="extension_undone_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(reason__gt=""), name="extended_with_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} until {self.until_after:%Y-%m-%d}"


class PartnerConflict(models.Model):
    """Another partner claims a company that is registered already, and what was decided.

    `claimant` is empty where the name that a touch gave is that of no partner we know.
    """

    class State(models.TextChoices):
        OPEN = "OPEN", "To decide"
        KEPT_FIRST = "KEPT_FIRST", "Kept by the first"
        GIVEN_TO_SECOND = "GIVEN_TO_SECOND", "Given to the second"
        DISMISSED = "DISMISSED", "No claim"

    registration = models.ForeignKey(
        PartnerRegistration, on_delete=models.PROTECT, related_name="conflicts"
    )
    claimant = models.ForeignKey(
        "leads.Account", null=True, blank=True, on_delete=models.PROTECT, related_name="claims"
    )
    claimant_name = models.CharField(max_length=200, help_text="As the claim names it.")
    claimant_key = models.CharField(
        max_length=220, editable=False, help_text="Tells claimants of one registration apart."
    )
    touch = models.ForeignKey(
        "leads.Touch", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    yielded = models.ForeignKey(
        PartnerRegistration,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The claimant's own, where two accounts became one.",
    )
    claim = models.CharField(max_length=500, blank=True)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    opened_at = models.DateTimeField()
    state = models.CharField(max_length=15, choices=State, default=State.OPEN)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    made = models.ForeignKey(
        PartnerRegistration,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The registration that the second one got.",
    )
    history = history.records(
        unindexed=("registration", "claimant", "touch", "yielded", "claimed_by", "decided_by",
                   "made")
    )  # fmt: skip

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["registration", "claimant_key"],
                condition=models.Q(state="OPEN"),
                name="one_open_conflict_per_claimant",
            ),
            models.CheckConstraint(
                condition=models.Q(state="OPEN", decided_at__isnull=True)
                | (~models.Q(state="OPEN") & models.Q(decided_at__isnull=False, reason__gt="")),
                name="conflict_decided_with_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(made__isnull=False, state="GIVEN_TO_SECOND")
                | (models.Q(made__isnull=True) & ~models.Q(state="GIVEN_TO_SECOND")),
                name="given_to_second_made_a_registration",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-opened_at", "-id"], name="conflicts_by_state"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.state}"
