"""Websites that tell us what visitors look at: from where, what it means, and the snippet."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html

from core import admin as core_admin
from governance import selectors as kits
from web.models import Site


class SiteForm(core_admin.ReasonForm):
    """A website, whose signals the kit in force knows."""

    class Meta:
        model = Site
        exclude: ClassVar[Any] = ()
        widgets: ClassVar[Any] = {
            name: forms.Textarea({"rows": 4}) for name in ("allowed_origins", "rules", "events")
        }

    def _post_clean(self) -> None:
        """Once the fields are read: signals that nobody knows would count for nothing."""
        super()._post_clean()  # type: ignore[misc]
        active = kits.active_version()
        if self.errors or active is None:
            return
        unknown = sorted(self.instance.kinds - kits.kit_of(active.pk).signals.keys())
        if unknown:
            self.add_error(
                None, ValidationError(f"The kit in force knows no signal “{unknown[0]}”.")
            )


@admin.register(Site)
class SiteAdmin(core_admin.AuditedAdmin):
    """Websites, edited by RevOps and Marketing."""

    form = SiteForm
    viewers = frozenset({"REVOPS", "MARKETING", "MANAGER"})
    editors = frozenset({"REVOPS", "MARKETING"})
    list_display = ("key", "label", "active")
    list_filter = ("active",)
    search_fields = ("key", "label")
    ordering = ("key",)
    readonly_fields = ("snippet",)
    fieldsets = (
        (None, {"fields": ("label", "key", "active", "allowed_origins", "snippet")}),
        ("What pages mean", {"fields": ("rules", "page_signal", "events")}),
        ("Against abuse", {"fields": ("network_limit", "site_limit", "daily_limit")}),
        ("Change", {"fields": ("reason",)}),
    )  # fmt: skip

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        """Its key stays: pages name it."""
        return (*self.readonly_fields, "key") if obj else self.readonly_fields

    @admin.display(description="for its pages")
    def snippet(self, site: Site) -> str:
        """The script, and what begins it."""
        if site.pk is None:
            return "Save it first."
        address = settings.BASE_URL.rstrip("/") + reverse("site-script")
        markup = f'<script src="{address}" data-site="{site.key}" async></script>'
        return format_html(
            '<textarea rows="3" cols="80" readonly aria-label="Snippet">{}</textarea>'
            "<p>It does nothing before <code>leadgov.consent(true)</code>.</p>",
            markup,
        )
