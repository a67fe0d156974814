"""What reports keep, to be read: alarms of the drift monitor, and every row of costs and quotas."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin

from core import admin as core_admin
from reports.models import CostEntry, DriftAlarm, QuotaEntry


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
