"""Endpoints set up and tried; what was sent to them, with every attempt; sent anew by hand."""

from __future__ import annotations

import secrets
from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core import admin as core_admin
from core import database, sealing
from integrations import listening, replaying, signing
from integrations.forms import EndpointForm, host_of
from integrations.models import Attempt, Endpoint, Sending
from people.models import User


@admin.register(Endpoint)
class EndpointAdmin(core_admin.AuditedAdmin):
    """Servers and team chats that are told of events."""

    editors = frozenset({"REVOPS", "ADMIN"})
    form = EndpointForm
    fieldsets = (
        (None, {"fields": ("label", "kind", "active", "host", "new_url", "kinds")}),
        ("Signed webhooks", {"fields": ("with_names", "secrets", "new_secret", "drop_former")}),
        ("Chats", {"fields": ("team", "pool")}),
        ("So far", {"fields": ("state", "sendings")}),
        ("Change", {"fields": ("reason",)}),
    )
    readonly_fields = ("host", "secrets", "state", "sendings")
    list_display = ("label", "kind", "active", "host", "state", "sendings")
    list_filter = ("kind", "active")
    search_fields = ("label", "host")
    ordering = ("label",)
    actions = ("send_test",)

    @admin.display(description="Secrets")
    def secrets(self, row: Endpoint) -> str:
        """How many there are; never which."""
        count = bool(row.secret) + bool(row.former_secret)
        return ("None yet.", "One signs.", "Two sign: this one and the former.")[count]

    @admin.display(description="State")
    def state(self, row: Endpoint) -> str:
        """Whether it answers."""
        if not row.active:
            return "Switched off"
        if row.resting_until and row.resting_until > database.now():
            return f"Rests after {row.failures} failures, until {row.resting_until:%H:%M:%S} UTC"
        return f"{row.failures} failures in a row" if row.failures else "Answers"

    @admin.display(description="Sendings")
    def sendings(self, row: Endpoint) -> SafeString:
        """The log of what was sent there."""
        if row.pk is None:
            return format_html("{}", "Save it first.")
        url = f"{reverse('admin:integrations_sending_changelist')}?endpoint__id__exact={row.pk}"
        return format_html('<a href="{}">Look at them</a>', url)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        """Address and secret beside what the form's own columns say; the secret is shown once."""
        given = form.cleaned_data
        columns = []
        if given["new_url"]:
            obj.url, obj.host = sealing.seal(given["new_url"]), host_of(given["new_url"])
            columns += ["url", "host"]
        if given["drop_former"]:
            obj.former_secret = ""
        made = ""
        if obj.kind == Endpoint.Kind.EVENTS and (given["new_secret"] or not obj.secret):
            made = signing.new_secret(secrets.token_bytes(32))
            obj.former_secret = "" if given["drop_former"] else obj.secret
            obj.secret = sealing.seal(made)
        if made or given["drop_former"]:
            columns += ["secret", "former_secret"]
        if change and (columns or (obj.active and "active" in form.changed_data)):
            obj.failures, obj.resting_until = 0, None  # it may answer now
            columns += ["failures", "resting_until"]
        super().save_model(request, obj, form, change)
        if change and columns:
            obj.save(update_fields=columns)
        listening.forget()
        if made:
            text = f"The secret is {made} – copy it now, it is not shown again."
            self.message_user(request, text, messages.WARNING)

    @admin.action(description="Send a test event", permissions=["change"])
    def send_test(self, request: HttpRequest, endpoints: QuerySet[Endpoint]) -> None:
        """Goes out within seconds; what becomes of it stands in the log."""
        now = database.now()
        core_admin.each(
            request,
            endpoints,
            lambda one: replaying.send_test(one, now=now),  # type: ignore[arg-type]
            "test events will be sent within seconds; see their sendings",
        )


class Tries(core_admin.Below):
    """Every attempt."""

    model = Attempt
    fields = ("round", "number", "at", "arrived", "status", "milliseconds", "why")
    ordering = ("round", "number")

    def _may(self, request: HttpRequest, obj: Any) -> bool:
        return False


@admin.register(Sending)
class SendingAdmin(core_admin.ReadOnlyAdmin):
    """What was sent to whom, what waits, and what was given up, with a button to send it anew."""

    list_display = ("key", "endpoint", "kind", "lead", "state", "attempts", "created_at", "due_at",
                    "sent_at", "last_error")  # fmt: skip
    list_filter = ("state", "endpoint", "kind")
    list_select_related = ("endpoint",)
    search_fields = ("=key", "=lead", "=event")
    ordering = ("-id",)
    inlines = (Tries,)
    actions = ("replay",)

    @admin.action(description="Send again, under the same id", permissions=["view"])
    def replay(self, request: HttpRequest, sendings: QuerySet[Sending]) -> None:
        """What was sent or given up; what waits is left alone."""
        count = replaying.replay(sendings, by=cast("User", request.user), now=database.now())
        left = sendings.count() - count
        messages.success(request, f"{count} will be sent again.")
        if left:
            messages.warning(request, f"{left} are still being tried, or their endpoint is off.")
