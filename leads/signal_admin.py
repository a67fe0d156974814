"""Signals that came by themselves, to look at: counted, waiting, parked, and the dropped."""

from __future__ import annotations

from django.contrib import admin

from core import admin as core_admin
from leads.models import DroppedSignals, SentSignal


@admin.register(SentSignal)
class SentSignalAdmin(core_admin.ReadOnlyAdmin):
    """Signals as they were sent."""

    list_display = ("id", "kind", "status", "occurred_at", "idempotency_scope", "last_error")
    list_filter = ("status",)
    search_fields = ("=id", "=kind")
    ordering = ("-id",)


@admin.register(DroppedSignals)
class DroppedSignalsAdmin(core_admin.ReadOnlyAdmin):
    """What found nobody in time."""

    list_display = ("day_date", "kind", "source", "count")
    search_fields = ("=kind",)
    ordering = ("-day_date", "kind")
