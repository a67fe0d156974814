"""What people keep of lists and reports: filters by name, columns; and who exported leads."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models


class SavedFilter(models.Model):
    """Filters, columns and order of the list of leads, or a report as it was asked for, under a
    name; never what was searched for.

    Whoever opens it sees what they may see, not what its owner may.
    """

    LEADS = "leads"

    class Share(models.TextChoices):
        OWN = "OWN", "Only me"
        TEAM = "TEAM", "My team"
        ALL = "ALL", "Everybody"

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="saved_filters"
    )
    name = models.CharField(max_length=80)
    page = models.CharField(
        max_length=60, default=LEADS, help_text="Of the list of leads, or the key of a report."
    )
    share = models.CharField(max_length=4, choices=Share, default=Share.OWN)
    query = models.CharField(max_length=1_000, blank=True, help_text="As it stands in the address.")
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(
        null=True, blank=True, help_text="It can be had back for a day."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "page", "name"],
                condition=models.Q(deleted_at=None),
                name="saved_filter_name_is_free",
            ),
            models.CheckConstraint(
                condition=models.Q(share__in=["OWN", "TEAM", "ALL"]),
                name="saved_filter_share_known",
            ),
        ]
        indexes = [models.Index(fields=["share"], name="saved_filters_by_share")]

    def __str__(self) -> str:
        return f"#{self.pk} {self.name}"


class ListColumns(models.Model):
    """The columns of the list of leads that somebody chose, in their order."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="list_columns"
    )
    columns = ArrayField(models.CharField(max_length=20))

    def __str__(self) -> str:
        return f"#{self.pk}"


class LeadExport(models.Model):
    """One download of the list of leads: who, when, which columns of how many leads."""

    class Form(models.TextChoices):
        CSV = "CSV", "CSV"
        XLSX = "XLSX", "Excel workbook"

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="lead_exports"
    )
    form = models.CharField(max_length=4, choices=Form)
    query = models.CharField(max_length=1_000, blank=True, help_text="The filters, no search.")
    searched = models.BooleanField(default=False, help_text="Whether it was searched besides.")
    columns = ArrayField(models.CharField(max_length=20))
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(
        null=True, blank=True, help_text="Empty while it runs, or when it was broken off."
    )
    leads = models.PositiveIntegerField(default=0, help_text="So many were sent.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(form__in=["CSV", "XLSX"]), name="lead_export_form_known"
            )
        ]
        indexes = [
            models.Index(fields=["-begun_at", "-id"], name="lead_exports_newest_first"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.form}"
