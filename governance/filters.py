"""Filters of the administration's lists."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from governance.models import KitVersion


class OfKit(admin.SimpleListFilter):
    """The parts of one version; of all of them until one is chosen."""

    title = "kit"
    parameter_name = "kit"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Every version, newest first."""
        return [(str(one.pk), str(one)) for one in KitVersion.objects.order_by("-number")[:50]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Only the parts of the chosen version."""
        chosen = self.value()
        if chosen is None:
            return queryset
        return queryset.filter(kit=int(chosen)) if chosen.isdecimal() else queryset.none()
