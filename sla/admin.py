"""Clocks and what became of them, to be read."""

from __future__ import annotations

from django.contrib import admin

from core import admin as core_admin
from sla.models import Clock, ClockEvent


@admin.register(Clock)
class ClockAdmin(core_admin.ReadOnlyAdmin):
    """Obligations with a due time."""

    list_display = ("id", "lead_id", "obligation", "holder", "state", "started_at", "due_at",
                    "stopped_at", "breached_at")  # fmt: skip
    list_filter = ("state", "obligation", ("breached_at", admin.EmptyFieldListFilter))
    list_select_related = ("holder",)
    search_fields = ("=lead__id",)
    ordering = ("-id",)


@admin.register(ClockEvent)
class ClockEventAdmin(core_admin.ReadOnlyAdmin):
    """Start, warning, breach and end of each clock."""

    list_display = ("id", "clock_id", "kind", "at", "recorded_at", "event_id")
    list_filter = ("kind",)
    search_fields = ("=clock__id",)
    ordering = ("-id",)
