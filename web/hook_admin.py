"""Inbound webhooks: where systems post, how they prove themselves, what their bodies mean."""

from __future__ import annotations

import base64
import secrets
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse

from core import admin as core_admin
from core import sealing
from web.capture import hook_mapping
from web.models import InboundHook

LONGEST_PATH = 200


class HookForm(core_admin.ReasonForm):
    """An address, with its secret to be set but never shown."""

    new_secret = forms.CharField(
        required=False,
        max_length=500,
        help_text="The secret the sender gave you. Empty: it stays as it is.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    make_secret = forms.BooleanField(
        required=False, help_text="Make a new one; it is shown once, after saving."
    )
    drop_former = forms.BooleanField(
        required=False, help_text="The secret before this one counts no more."
    )

    class Meta:
        model = InboundHook
        exclude: ClassVar[Any] = ()

    def clean_paths(self) -> dict[str, str]:
        """Known fields to paths."""
        return _texts(self.cleaned_data["paths"], "path")

    def clean_constants(self) -> dict[str, str]:
        """Known fields to values."""
        return _texts(self.cleaned_data["constants"], "value")

    def clean(self) -> dict[str, Any]:
        """One new secret at most, and one at least before anybody can post."""
        given = super().clean() or {}
        new, make = given.get("new_secret"), given.get("make_secret")
        if new and make:
            self.add_error("new_secret", "Enter a secret or have one made, not both.")
        if not (new or make or self.instance.secret):
            self.add_error("make_secret", "Without a secret nobody can post: enter or make one.")
        return given


@admin.register(InboundHook)
class InboundHookAdmin(core_admin.AuditedAdmin):
    """Addresses for other systems."""

    form = HookForm
    list_display = ("key", "label", "brings", "channel", "scheme", "active")
    list_filter = ("active", "channel")
    search_fields = ("key", "label")
    ordering = ("key",)
    readonly_fields = ("address", "created_at")
    fieldsets = (
        (None, {"fields": ("label", "key", "active", "address", "brings", "channel", "signal")}),
        ("Proof", {"fields": ("scheme", "header", "new_secret", "make_secret", "drop_former")}),
        ("What a body means", {"fields": ("id_path", "paths", "constants", "per_minute")}),
        ("Change", {"fields": ("reason",)}),
    )  # fmt: skip

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        """Its address stays: other systems post to it."""
        return (*self.readonly_fields, "key") if obj else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        """The former secret stays good until it is dropped."""
        given = form.cleaned_data
        made = f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}"
        fresh = made if given.get("make_secret") else given.get("new_secret")
        if given.get("drop_former"):
            obj.former_secret = ""
        if fresh:
            obj.former_secret = "" if given.get("drop_former") else obj.secret
            obj.secret = sealing.seal(fresh)
        super().save_model(request, obj, form, change)
        if given.get("make_secret"):
            self.message_user(
                request, f"The secret is {made} – copy it now, it is not shown again.",
                messages.WARNING,
            )  # fmt: skip

    @admin.display(description="address")
    def address(self, hook: InboundHook) -> str:
        """Where the other system posts to."""
        if hook.pk is None:  # the key may be none yet
            return "Save it first."
        return settings.BASE_URL.rstrip("/") + reverse("inbound-hook", args=[hook.key])


def _texts(given: Any, what: str) -> dict[str, str]:
    if not isinstance(given, dict):
        raise ValidationError(f"Write an object: {{“person.email”: “{what}”}}.")
    for target, value in given.items():
        if target not in hook_mapping.TARGETS:
            known = ", ".join(sorted(hook_mapping.TARGETS))
            raise ValidationError(f"A touch has no field “{target[:60]}”; it has {known}.")
        if not isinstance(value, str) or not 0 < len(value) <= LONGEST_PATH:
            raise ValidationError(f"“{target}” needs a {what} of 1 to {LONGEST_PATH} characters.")
    return given
