"""The company a lead works for."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from core import history
from leads import search_index


class AccountStatus(models.TextChoices):
    """How the company stands to us."""

    PROSPECT = "PROSPECT", "Prospect"
    OPEN_OPPORTUNITY = "OPEN_OPPORTUNITY", "Open opportunity"
    CUSTOMER = "CUSTOMER", "Customer"
    FORMER_CUSTOMER = "FORMER_CUSTOMER", "Former customer"
    PARTNER = "PARTNER", "Partner"
    COMPETITOR = "COMPETITOR", "Competitor"
    DO_NOT_CONTACT = "DO_NOT_CONTACT", "Do not contact"


class Account(models.Model):
    """One company, keyed by its registrable domain; without one, by its name and country."""

    domain = models.CharField(max_length=253, null=True, blank=True, unique=True)
    name = models.CharField(max_length=200, blank=True)
    name_key = models.CharField(max_length=200, blank=True, editable=False)
    industry = models.CharField(max_length=80, blank=True)
    employees = models.PositiveIntegerField(null=True, blank=True)
    annual_revenue = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    country = models.CharField(max_length=2, blank=True)
    region = models.CharField(max_length=80, blank=True, help_text="State, province or county.")
    postal_code = models.CharField(max_length=16, blank=True)
    status = models.CharField(max_length=16, choices=AccountStatus, default=AccountStatus.PROSPECT)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="accounts",
    )
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="subsidiaries"
    )
    provenance = models.JSONField(
        default=dict,
        blank=True,
        editable=False,
        help_text="Field to [source, confidence, instant].",
    )
    created_at = models.DateTimeField()
    history = history.records(excluded=("provenance",), unindexed=("domain", "owner", "parent"))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name_key", "country"],
                condition=models.Q(domain__isnull=True),
                name="account_without_domain_once_per_name",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=AccountStatus.values), name="account_status_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(domain=""), name="account_domain_null_not_empty"
            ),
            models.CheckConstraint(
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("id")),
                name="account_not_its_own_parent",
            ),
        ]
        indexes = [
            models.Index(fields=["name_key"], name="accounts_by_name_key"),
            models.Index(
                fields=["status", "-id"],
                name="accounts_by_status",
                condition=~models.Q(status=AccountStatus.PROSPECT),
            ),
            search_index.of_companies(),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.name or self.domain or 'unnamed'}"

    @property
    def called(self) -> str:
        """Something to call it by."""
        return self.name or self.domain or f"account {self.pk}"


class AccountAlias(models.Model):
    """Another name or domain of a company. One belongs to one account."""

    class Kind(models.TextChoices):
        NAME = "NAME", "Name"
        DOMAIN = "DOMAIN", "Domain"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="aliases")
    kind = models.CharField(max_length=6, choices=Kind)
    value = models.CharField(max_length=253, help_text="The domain, or the name as compared.")
    shown = models.CharField(max_length=253, help_text="As it was written.")
    source = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField()
    history = history.records()

    class Meta:
        verbose_name_plural = "account aliases"
        constraints = [
            models.UniqueConstraint(fields=["kind", "value"], name="alias_names_one_account"),
            models.CheckConstraint(condition=~models.Q(value=""), name="alias_not_empty"),
        ]
        indexes = [search_index.of_values("aliases_by_part")]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind}"


class AccountMerge(models.Model):
    """One account was made a part of another; everything that is needed to take it back.

    The account that became a part is gone meanwhile; both are named by their numbers.
    """

    winner = models.BigIntegerField(help_text="Number of the account that took the other over.")
    loser = models.BigIntegerField(help_text="The number the other had, and gets back.")
    before = models.JSONField(default=dict, help_text="Its columns, leads and aliases.")
    reason = models.CharField(max_length=100, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["loser"],
                condition=models.Q(undone_at__isnull=True),
                name="account_part_of_one",
            ),
            models.CheckConstraint(
                condition=~models.Q(winner=models.F("loser")), name="account_part_of_another"
            ),
        ]
        indexes = [models.Index(fields=["winner"], name="account_merges_by_winner")]

    def __str__(self) -> str:
        return f"#{self.pk} {self.loser} into {self.winner}"
