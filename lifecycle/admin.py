"""Leads, with what can be done to many at once; notices; signs of life. No queue to tamper with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import django_q.admin
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core import admin as core_admin
from leads import selectors
from leads.admin import ReadHistoryAdmin
from leads.models import Lead
from lifecycle import actions
from lifecycle.enriching import admin as enriching_admin
from lifecycle.models import Heartbeat, KitApplication, Notice

__all__ = ["enriching_admin"]

# Schedules stand in `schedules.py`. A row edited by hand could call any function there is.
for _model in [
    one for one in admin.site._registry if one.__module__ == django_q.admin.Schedule.__module__
]:
    admin.site.unregister(_model)


def _act(
    request: HttpRequest, leads: QuerySet[Lead], verb: Callable[..., object], done: str
) -> None:
    by: Any = request.user
    core_admin.each(request, leads, lambda lead: verb(lead_id=lead.pk, by=by), done)


@admin.register(Lead)
class LeadAdmin(ReadHistoryAdmin):
    """Leads, as this person may see them. What needs an answer is done on the lead's own page."""

    viewers = frozenset({"REVOPS", "MANAGER", "MARKETING"})
    list_display = ("id", "stage", "cycle", "owner", "queue", "band", "channel", "next_due_at",
                    "last_touch_at", "page")  # fmt: skip
    list_filter = ("stage", "band", "channel", "queue")
    list_select_related = ("owner",)
    search_fields = ("=id", "=account__domain", "=owner__username")
    ordering = ("-id",)
    actions = ("recycle", "reopen", "undo")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Lead]:
        """Only what this person may see anywhere."""
        by: Any = request.user
        return selectors.visible_to(by)

    @admin.display(description="Act")
    def page(self, lead: Lead) -> SafeString:
        """Accept, reject and the rest need an answer: they are on the lead's page."""
        return format_html('<a href="/leads/{}/">Open</a>', lead.pk)

    @admin.action(description="Recycle to nurture")
    def recycle(self, request: HttpRequest, leads: QuerySet[Lead]) -> None:
        """Back to Marketing."""
        _act(request, leads, actions.recycle, "recycled")

    @admin.action(description="Reopen in the next cycle")
    def reopen(self, request: HttpRequest, leads: QuerySet[Lead]) -> None:
        """Closed leads begin anew."""
        _act(request, leads, actions.reopen, "reopened")

    @admin.action(description="Undo my last step")
    def undo(self, request: HttpRequest, leads: QuerySet[Lead]) -> None:
        """Within the window the kit allows."""
        _act(request, leads, actions.undo, "undone")


@admin.register(Notice)
class NoticeAdmin(core_admin.ReadOnlyAdmin):
    """What people were told, and whether the mail left."""

    list_display = ("id", "to", "kind", "lead_id", "kit", "created_at", "read_at",
                    "mail_due_at", "mailed_at")  # fmt: skip
    list_filter = ("kind", ("mailed_at", admin.EmptyFieldListFilter))
    list_select_related = ("to", "kit")
    search_fields = ("=to__username", "=lead__id", "=kit__number")
    ordering = ("-id",)


@admin.register(Heartbeat)
class HeartbeatAdmin(core_admin.ReadOnlyAdmin):
    """The last sign of life of each moving part."""

    list_display = ("part", "beat_at")
    ordering = ("part",)


@admin.register(KitApplication)
class KitApplicationAdmin(core_admin.ReadOnlyAdmin):
    """When the kit was brought to leads that were there before it: by whom, why, how many."""

    list_display = ("id", "act", "kit", "by", "reason", "state", "changed", "total",
                    "requested_at", "finished_at")  # fmt: skip
    list_filter = ("act", "state")
    list_select_related = ("kit", "by")
    ordering = ("-id",)
