"""What reports keep, to be read: alarms, costs and quotas, governance reviews."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from core import admin as core_admin
from reports.models import (
    CostEntry,
    DriftAlarm,
    QuotaEntry,
    Review,
    ReviewFinding,
    ReviewSignature,
    ReviewStep,
)


@admin.register(DriftAlarm)
class DriftAlarmAdmin(core_admin.ReadOnlyAdmin):
    """What left its limits after which publication, when, and who has seen it."""

    viewers = frozenset({"REVOPS", "MANAGER", "MARKETING"})
    list_display = ("id", "kit", "metric", "slice", "observed", "low", "high", "n",
                    "first_seen_at", "closed_at", "closed_because", "acknowledged_by")  # fmt: skip
    list_filter = ("metric", ("closed_at", admin.EmptyFieldListFilter))
    list_select_related = ("kit", "acknowledged_by")
    ordering = ("-id",)


class StatementAdmin(core_admin.ReadOnlyAdmin):
    """Rows as they were written; pages of the console add to them."""

    list_filter: ClassVar[tuple[str, ...]] = ("kind", "withdrawn", "via")
    date_hierarchy = "last_day"
    ordering = ("-id",)


@admin.register(CostEntry)
class CostEntryAdmin(StatementAdmin):
    """Every row of the costs, those that were put right since, too."""

    viewers = frozenset({"REVOPS", "FINANCE", "MARKETING", "MANAGER"})
    list_display = ("id", "number", "version", "kind", "source", "campaign", "label", "first_day",
                    "last_day", "amount", "currency", "amount_base", "withdrawn", "by",
                    "recorded_at")  # fmt: skip
    list_filter = ("source", *StatementAdmin.list_filter)
    search_fields = ("label", "campaign", "external_id")
    list_select_related = ("by",)


@admin.register(QuotaEntry)
class QuotaEntryAdmin(StatementAdmin):
    """Every row of the quotas, those that were put right since, too."""

    viewers = frozenset({"REVOPS", "FINANCE"})
    list_display = ("id", "number", "version", "kind", "rep", "team", "first_day", "last_day",
                    "amount", "deals", "sqls", "withdrawn", "by", "recorded_at")  # fmt: skip
    list_select_related = ("by", "rep", "team")


class OfReviews(core_admin.ReadOnlyAdmin):
    """Tables of governance reviews: for who works on them."""

    viewers = frozenset({"REVOPS", "MANAGER", "MARKETING"})
    ordering = ("-id",)


@admin.register(Review)
class ReviewAdmin(OfReviews):
    """Reviews with their checksums."""

    list_display = ("number", "state", "opened_at", "closed_at", "snapshot_checksum", "checksum")
    list_filter = ("state",)
    ordering = ("-month",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Review]:
        """Without the tables, which are long."""
        return super().get_queryset(request).defer("snapshot", "content")


@admin.register(ReviewFinding)
class ReviewFindingAdmin(OfReviews):
    """Findings as they stand."""

    list_display = ("id", "review", "number", "rule", "text", "owner", "due_on", "decision",
                    "done_at")  # fmt: skip
    list_filter = ("rule", "decision", ("done_at", admin.EmptyFieldListFilter))
    list_select_related = ("owner", "review")


@admin.register(ReviewSignature)
class ReviewSignatureAdmin(OfReviews):
    """Who signed which text."""

    list_display = ("id", "review", "party", "by", "deputy_of", "checksum", "signed_at")
    list_select_related = ("review", "by", "deputy_of")


@admin.register(ReviewStep)
class ReviewStepAdmin(OfReviews):
    """The log."""

    list_display = ("id", "review", "finding", "kind", "by", "at")
    list_filter = ("kind",)
    list_select_related = ("review", "finding", "by")
