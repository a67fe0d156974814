"""Providers, set up and tried; questions to them, with what failed and why."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core import admin as core_admin
from core import database, sealing
from leads.models import EnrichmentProvider, EnrichmentTask
from lifecycle.enriching import asking, trying
from lifecycle.enriching.forms import ProviderForm, TryForm


@admin.register(EnrichmentProvider)
class EnrichmentProviderAdmin(core_admin.AuditedAdmin):
    """Who is asked about buyers."""

    form = ProviderForm
    fields = ("label", "key", "kind", "active", "position", "url", "header", "key_stored",
              "new_key", "forget_key", "mapping", "confidence", "timeout_seconds", "retries",
              "refresh_days", "try_it", "reason")  # fmt: skip
    readonly_fields = ("key_stored", "try_it")
    list_display = ("label", "key", "kind", "active", "confidence", "refresh_days", "try_it")
    list_filter = ("active", "kind")
    search_fields = ("key", "label")
    ordering = ("position", "id")
    history_list_display = ()

    @admin.display(description="Stored key")
    def key_stored(self, row: EnrichmentProvider) -> str:
        """Whether there is one; never which."""
        return "A key is stored." if row.secret else "No key is stored."

    @admin.display(description="Try")
    def try_it(self, row: EnrichmentProvider) -> SafeString:
        """A page where it is asked about one company."""
        if row.pk is None:
            return format_html("{}", "Save it first.")
        url = reverse("admin:leads_enrichmentprovider_try", args=[row.pk])
        return format_html('<a href="{}">Try it</a>', url)

    def get_urls(self) -> list[URLPattern]:
        """The usual ones and the page to try it."""
        view = self.admin_site.admin_view(self.try_view)
        own = path("<int:pk>/try/", view, name="leads_enrichmentprovider_try")
        return [own, *super().get_urls()]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        """The key beside what the form's own columns say."""
        given = form.cleaned_data
        if given["forget_key"] or given["new_key"]:
            obj.secret = "" if given["forget_key"] else sealing.seal(given["new_key"])
        super().save_model(request, obj, form, change)
        if change and (given["forget_key"] or given["new_key"]):
            obj.save(update_fields=["secret"])

    def try_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask it once and show what would be filled, or the exact error."""
        row = self.get_object(request, str(pk))
        if row is None or not self.has_change_permission(request, row):
            raise Http404
        form = TryForm(request.POST or None)
        tried = trying.ask(row, form.question()) if request.POST and form.is_valid() else None
        context = {
            **self.admin_site.each_context(request),
            "title": f"Try {row}",
            "opts": self.model._meta,
            "original": row,
            "form": form,
            "tried": tried,
        }
        return TemplateResponse(request, "admin/leads/try_provider.html", context)


@admin.register(EnrichmentTask)
class EnrichmentTaskAdmin(core_admin.ReadOnlyAdmin):
    """What was asked, what came of it, and what failed."""

    list_display = ("id", "provider", "lead_id", "outcome", "attempts", "due_at", "done_at",
                    "filled", "last_error")  # fmt: skip
    list_filter = ("outcome", "provider", ("done_at", admin.EmptyFieldListFilter))
    list_select_related = ("provider",)
    search_fields = ("=lead__id",)
    ordering = ("-id",)
    actions = ("retry",)

    @admin.action(description="Ask failed questions again", permissions=["view"])
    def retry(self, request: HttpRequest, tasks: QuerySet[EnrichmentTask]) -> None:
        """Once what made them fail is put right."""
        count = asking.retry(tasks, now=database.now())
        messages.success(request, f"{count} will be asked again.")
