"""Hosted forms: their words, questions and limits, a look at them, and how to embed them."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import escape, format_html

from core import admin as core_admin
from governance import selectors as kits
from governance.kit import SignalWords
from web import hook_admin, site_admin
from web.models import FormQuestion, FormSendings, HostedForm

__all__ = ["FormOfForm", "HostedFormAdmin", "hook_admin", "site_admin"]

REACHABLE = ("email", "phone")


class FormOfForm(core_admin.ReasonForm):
    """A hosted form, with the kit's signals on offer."""

    class Meta:
        model = HostedForm
        exclude: ClassVar[Any] = ()
        widgets: ClassVar[Any] = {
            name: forms.Textarea({"rows": 3})
            for name in ("intro", "points", "thanks", "allowed_origins")
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "signal" in self.fields:
            known = [(key, f"{one.label} ({key})") for key, one in _signals().items()]
            present = self.instance.signal
            gone = [] if not present or present in _signals() else [(present, f"{present} (gone)")]
            self.fields["signal"].widget = forms.Select(choices=[("", "–"), *known, *gone])

    def clean_signal(self) -> str:
        """A behaviour that the kit in force knows, or the one it was made with."""
        signal: str = self.cleaned_data["signal"]
        if signal and signal not in _signals() and signal != self.instance.signal:
            raise ValidationError(f"The kit in force knows no signal “{signal}”.")
        return signal


class QuestionSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """The questions of one form together."""

    def clean(self) -> None:
        """A buyer nobody could reach is no lead: an address or a number must be asked for."""
        super().clean()
        if any(self.errors):
            return
        asked = [one.cleaned_data for one in self.forms if one not in self.deleted_forms]
        if not any(one.get("name") in REACHABLE and one.get("required") for one in asked if one):
            raise ValidationError("Ask for an e-mail address or a phone number, as required.")


class Questions(core_admin.Below):
    """What the form asks, in order."""

    model = FormQuestion
    formset = QuestionSet
    deletable = True
    extra = 2
    ordering = ("position", "pk")
    fields = ("position", "name", "label", "required", "help", "kind", "options")
    formfield_overrides: ClassVar[Any] = {}

    def formfield_for_dbfield(self, db_field: Any, request: Any, **options: Any) -> Any:
        """Options in a small box."""
        if db_field.name == "options":
            options["widget"] = forms.Textarea({"rows": 2, "cols": 24})
        return super().formfield_for_dbfield(db_field, request, **options)


@admin.register(HostedForm)
class HostedFormAdmin(core_admin.AuditedAdmin):
    """Forms of the website, edited by RevOps and Marketing."""

    form = FormOfForm
    viewers = frozenset({"REVOPS", "MARKETING", "MANAGER"})
    editors = frozenset({"REVOPS", "MARKETING"})
    inlines = (Questions,)
    list_display = ("key", "title", "signal", "active", "look")
    list_filter = ("active",)
    search_fields = ("key", "title")
    ordering = ("key",)
    readonly_fields = ("look", "by_script", "by_frame")
    fieldsets = (
        (None, {"fields": ("key", "active", "look", "title", "intro", "points", "button",
                           "language", "signal")}),
        ("Once it was sent", {"fields": ("thanks", "redirect_url")}),
        ("Consent", {"fields": ("consent_words", "consent_way")}),
        ("On your website", {"fields": ("allowed_origins", "by_script", "by_frame")}),
        ("Against spam", {"fields": ("min_seconds", "network_limit", "form_limit",
                                     "daily_limit")}),
        ("Change", {"fields": ("reason",)}),
    )  # fmt: skip

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        """Its address stays: other sites link to it."""
        return (*self.readonly_fields, "key") if obj else self.readonly_fields

    @admin.display(description="look at it")
    def look(self, form: HostedForm) -> str:
        """A link to the form as visitors see it."""
        if not form.pk or not form.active:
            return "–"
        address = reverse("form", args=[form.key])
        return format_html('<a href="{0}" target="_blank" rel="noopener">{0}</a>', address)

    @admin.display(description="embed by script")
    def by_script(self, form: HostedForm) -> str:
        """Grows with the form, and passes on where the visitor came from."""
        if not form.pk:
            return "Save the form first."
        address = settings.BASE_URL.rstrip("/") + reverse("form-script", args=[form.key])
        return _snippet(form, f'<script src="{address}" async></script>')

    @admin.display(description="embed by frame")
    def by_frame(self, form: HostedForm) -> str:
        """Without a script, at a fixed height."""
        if not form.pk:
            return "Save the form first."
        address = settings.BASE_URL.rstrip("/") + reverse("form", args=[form.key])
        title, size = escape(form.title), 'width="100%" height="760"'
        return _snippet(form, f'<iframe src="{address}?embed=1" title="{title}" {size}></iframe>')


@admin.register(FormSendings)
class FormSendingsAdmin(core_admin.ReadOnlyAdmin):
    """How often forms were sent of late."""

    list_display = ("bucket", "starts_at", "count")
    search_fields = ("bucket",)
    ordering = ("-starts_at", "bucket")


def _snippet(form: HostedForm, markup: str) -> str:
    """To copy; with what is missing for it to work."""
    if not form.allowed_origins.strip():
        return "Name the sites that may embed it first."
    return format_html(
        '<textarea rows="3" cols="80" readonly aria-label="Snippet">{}</textarea>', markup
    )


def _signals() -> dict[str, SignalWords]:
    """The signals of the kit in force; none before there is one."""
    active = kits.active_version()
    return kits.kit_of(active.pk).signals if active is not None else {}
