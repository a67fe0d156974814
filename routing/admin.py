"""Pools and who shares them; routing rules; the record of every decision."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest

from core import admin as core_admin
from core import database
from governance.admin import PartAdmin
from people.models import User
from routing import answering, selectors, services, territory_checks
from routing.models import (
    Assignment,
    CreditEntry,
    Decision,
    Pool,
    PoolMember,
    PoolSnapshot,
    RoutingRule,
    Territory,
    TerritoryArea,
    TerritoryHolder,
)

MANAGERS = frozenset({"MANAGER"})


@admin.register(RoutingRule)
class RoutingRuleAdmin(PartAdmin):
    """Rules, in the order they are tried."""

    list_display = ("key", "label", "moment", "in_words", "target", "pool", "position", "kit")


class MembersInline(core_admin.Below):
    """Who shares the pool, with weight and caps. Whoever leaves is made inactive."""

    model = PoolMember
    form = core_admin.ChangedForm
    fields = (
        "user",
        "weight",
        "open_cap",
        "day_cap",
        "week_cap",
        "month_cap",
        "on_call",
        "active",
        "credit",
    )
    readonly_fields = ("credit",)
    autocomplete_fields = ("user",)


class PoolActionForm(ActionForm):
    """The acts on chosen pools; one of them asks why."""

    reason = forms.CharField(max_length=150, required=False, label="Why")


class PoolForm(core_admin.ReasonForm, core_admin.ChangedForm):
    """Asks why; two people at once do not undo each other's changes."""

    def clean_manager(self) -> User | None:
        """Somebody answers for the leads that wait in a pool in use."""
        chosen: User | None = self.cleaned_data["manager"]
        if "manager" not in self.changed_data:
            return chosen
        if chosen is None and self.instance.pk and answering.in_use({self.instance.key}):
            raise forms.ValidationError(
                "The kit in force names this pool, or leads wait in it: somebody must answer for "
                "them. Choose another manager instead."
            )
        if chosen is not None and answering.fault(chosen):
            raise forms.ValidationError(
                f"{chosen} cannot answer for a pool: choose a sales manager, RevOps or Marketing, "
                "who is active."
            )
        return chosen


def may_edit(request: HttpRequest, pool: Pool | None) -> bool:
    """RevOps edits pools; a manager the pools they lead."""
    by: Any = request.user
    leads_it = pool is not None and pool.manager_id == by.pk and by.plays("MANAGER")
    return by.is_superuser or by.plays("REVOPS") or leads_it


@admin.register(Pool)
class PoolAdmin(core_admin.AuditedAdmin):
    """Pools, changed by their manager or RevOps, with a reason."""

    viewers = MANAGERS
    form = PoolForm
    list_display = ("label", "key", "strategy", "members", "manager")
    list_select_related = ("manager",)
    search_fields = ("key", "label")
    ordering = ("label",)
    autocomplete_fields = ("manager",)
    inlines = (MembersInline,)
    fieldsets = (
        (None, {"fields": ("key", "label", "manager", "reason")}),
        (
            "Who gets a lead",
            {
                "fields": (
                    "strategy",
                    "matches_language",
                    "random_percent",
                    "fewest_outcomes",
                    "most_percent",
                    "skips_holders",
                ),
                "description": "How leads are shared, with the formulas: docs/howto/"
                "how-leads-are-shared.md.",
            },
        ),
        (
            "Who is away",
            {"fields": ("catches_up", "look_ahead_minutes", "off_shift")},
        ),
        (
            "Who sees the ledger of turns",
            {"fields": ("shares_ledger",)},
        ),
    )
    actions = ("start_anew",)
    action_form = PoolActionForm

    def get_queryset(self, request: HttpRequest) -> QuerySet[Pool]:
        """With the number of active members."""
        active = Count("members", filter=Q(members__active=True))
        pools: QuerySet[Pool] = super().get_queryset(request)
        return pools.annotate(active_members=active)

    def has_change_permission(self, request: HttpRequest, obj: Pool | None = None) -> bool:
        """See `may_edit`."""
        return may_edit(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Pool | None = None) -> Any:
        """Kits name a pool by its key, so the key stays; who leads it is decided by RevOps."""
        leader = () if obj is None or self.may_edit(request) else ("manager",)
        return ("key", *leader) if obj else ()

    @admin.action(description="Set all credits to nought", permissions=["change"])
    def start_anew(self, request: HttpRequest, rows: QuerySet[Pool]) -> None:
        """Nobody is owed a turn any more, as where a pool was shared otherwise until now."""
        by: Any = request.user
        reason = request.POST.get("reason", "")

        def act(pool: Any) -> None:
            services.start_anew(pool, by=by, reason=reason, now=database.now())

        core_admin.each(request, rows, act, "start anew")

    @admin.display(description="Active members", ordering="active_members")
    def members(self, pool: Any) -> int:
        """How many share it now."""
        return int(pool.active_members)


@admin.register(CreditEntry)
class CreditEntryAdmin(core_admin.ReadOnlyAdmin):
    """What changed the ledger of a pool's turns beside decisions."""

    list_display = ("id", "pool", "turn", "user", "change", "credit", "why", "note", "by", "at")
    list_filter = ("why", "pool")
    list_select_related = ("pool", "user", "by")
    raw_id_fields = ("decision",)
    ordering = ("-id",)


class AreasInline(core_admin.Below):
    """Of what a territory consists."""

    model = TerritoryArea
    form = core_admin.ChangedForm
    fields = ("country", "region", "postal_prefix", "starts_on")
    deletable = True
    ordering = ("country", "region", "postal_prefix", "starts_on")


class HoldersInline(core_admin.Below):
    """Who looks after it, from which day on."""

    model = TerritoryHolder
    form = core_admin.ChangedForm
    fields = ("starts_on", "user", "pool")
    autocomplete_fields = ("user", "pool")
    ordering = ("-starts_on",)


class TerritoryForm(core_admin.ReasonForm, core_admin.ChangedForm):
    """Asks why; two people at once do not undo each other's changes."""


@admin.register(Territory)
class TerritoryAdmin(core_admin.AuditedAdmin):
    """Territories, changed by RevOps with a reason; where they overlap is shown."""

    viewers = MANAGERS
    form = TerritoryForm
    list_display = ("label", "key")
    search_fields = ("key", "label")
    ordering = ("label",)
    inlines = (AreasInline, HoldersInline)

    def get_readonly_fields(self, request: HttpRequest, obj: Territory | None = None) -> Any:
        """Kits and decision records name a territory by its key, so the key stays."""
        return ("key", "overlaps", "named_by") if obj else ()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        """Areas are changed as asked; what the kit in force makes of that is told."""
        super().save_related(request, form, formsets, change)
        if any(one.model is TerritoryArea and one.has_changed() for one in formsets):
            for parts in territory_checks.in_use([form.instance.key]).values():
                told = f"The kit in force names this territory ({parts}): it goes by these areas."
                messages.warning(request, told)

    @admin.display(description="Named by the kit in force")
    def named_by(self, territory: Territory) -> str:
        """Which of its parts ask whether a lead is in this territory."""
        return territory_checks.in_use([territory.key]).get(territory.key, "–")

    @admin.display(description="Overlaps (the more exact area wins)")
    def overlaps(self, territory: Territory) -> str:
        """Areas of other territories that share places with areas of this one."""
        return "; ".join(selectors.overlaps_of(territory.key)) or "–"


@admin.register(Decision)
class DecisionAdmin(core_admin.ReadOnlyAdmin):
    """Why a lead went where it went."""

    list_display = ("id", "lead_id", "moment", "pool", "picked", "because", "at")
    list_filter = ("moment", "pool")
    list_select_related = ("picked",)
    search_fields = ("=lead__id",)
    raw_id_fields = ("lead",)
    ordering = ("-id",)


@admin.register(Assignment)
class AssignmentAdmin(core_admin.ReadOnlyAdmin):
    """Who held a lead, from when to when."""

    list_display = ("id", "lead_id", "user", "pool", "started_at", "ended_at", "end_reason")
    list_filter = ("automatic",)
    list_select_related = ("user",)
    search_fields = ("=lead__id", "=user__username")
    ordering = ("-id",)


@admin.register(PoolSnapshot)
class PoolSnapshotAdmin(core_admin.ReadOnlyAdmin):
    """Pools as they were when decisions were made."""

    list_display = ("id", "checksum", "taken_at")
    ordering = ("-id",)
