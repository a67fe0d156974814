"""Alarms of the drift monitor, to be read. They are acknowledged on the page of the monitor."""

from __future__ import annotations

from django.contrib import admin

from core import admin as core_admin
from reports.models import DriftAlarm


@admin.register(DriftAlarm)
class DriftAlarmAdmin(core_admin.ReadOnlyAdmin):
    """What left its limits after which publication, when, and who has seen it."""

    viewers = frozenset({"REVOPS", "MANAGER", "MARKETING"})
    list_display = ("id", "kit", "metric", "slice", "observed", "low", "high", "n",
                    "first_seen_at", "closed_at", "closed_because", "acknowledged_by")  # fmt: skip
    list_filter = ("metric", ("closed_at", admin.EmptyFieldListFilter))
    list_select_related = ("kit", "acknowledged_by")
    ordering = ("-id",)
