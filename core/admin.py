"""What all pages of the administration have in common: who may, field history, nothing deleted.

Declarations only: verbs are actions that call one service each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db import models
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.functional import cached_property
from simple_history.admin import SimpleHistoryAdmin

from core.errors import DomainError
from core.json_field import StorableJSONField

MOST_COUNTED = 10_000
ASKED = frozenset({"reason", "as_opened"})
"""Fields of forms that no row has."""
AUDITORS = frozenset({"AUDITOR"})
"""Who looks at everything, and changes nothing."""


class CappedPaginator(Paginator[Any]):
    """Counts no further than people leaf: large tables stay quick."""

    @cached_property
    def count(self) -> int:
        """The number of rows, at most `MOST_COUNTED`."""
        rows = self.object_list
        return rows[:MOST_COUNTED].count() if isinstance(rows, QuerySet) else len(rows)


class RoleAdmin(admin.ModelAdmin[Any]):
    """Access by role: superusers may all, `editors` may change, `viewers` may look."""

    viewers: ClassVar[frozenset[str]] = frozenset({"REVOPS"})
    editors: ClassVar[frozenset[str]] = frozenset({"REVOPS"})
    show_full_result_count = False
    paginator = CappedPaginator
    list_per_page = 50
    formfield_overrides: ClassVar[Any] = {
        models.URLField: {"assume_scheme": "https"},
        models.JSONField: {"form_class": StorableJSONField},
    }

    def may_edit(self, request: HttpRequest) -> bool:
        """Whether this person may change such rows at all."""
        return _role_in(request, self.editors)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether the app is listed."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Viewers, editors and auditors look."""
        return _role_in(request, self.viewers | self.editors | AUDITORS)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Editors add."""
        return self.may_edit(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Editors change."""
        return self.may_edit(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is deleted; what references it would lose its meaning."""
        return False


class AuditedAdmin(SimpleHistoryAdmin, RoleAdmin):  # type: ignore[misc]
    """Rows with field history, which can be read but not turned back."""

    object_history_list_template = "admin/object_history_list.html"

    def revert_disabled(self, request: HttpRequest, obj: Any = None) -> bool:
        """A version is looked at, never restored past the checks of the form."""
        return True

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Whoever only looks is not asked why."""
        shown = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return shown
        return [
            (title, {**options, "fields": [one for one in options["fields"] if one not in ASKED]})
            for title, options in shown
        ]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        """Write what was changed and nothing else, with who did it and why."""
        obj._history_user = request.user
        obj._change_reason = form.cleaned_data.get("reason") or None
        if not change:
            obj.save()
            return
        columns = {field.name for field in obj._meta.concrete_fields}
        if changed := [name for name in form.changed_data if name in columns]:
            obj.save(update_fields=[*changed, *self.note(obj, changed)])

    def note(self, obj: Any, changed: list[str]) -> list[str]:
        """Columns that say where these values are from; set here, saved with them."""
        return []

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:  # noqa: FBT001
        """The same reason for the rows below; of those that were there, only what was changed."""
        for below in formset.forms:
            below.instance._change_reason = form.cleaned_data.get("reason") or None
        formset.save(commit=False)
        for row in formset.new_objects:
            row.save()
        for row, changed in formset.changed_objects:
            columns = {field.name for field in row._meta.concrete_fields}
            row.save(update_fields=[name for name in changed if name in columns])
        for row in formset.deleted_objects:
            row.delete()
        formset.save_m2m()


class ReadOnlyAdmin(RoleAdmin):
    """Evidence: to be read by those who may, changed by nobody."""

    editors = frozenset()
    viewers = frozenset({"REVOPS"})

    def may_edit(self, request: HttpRequest) -> bool:
        """Nobody, superusers included."""
        return False


PARTS = ("date", "time")
"""What the two inputs of an instant ask for."""


def name_inputs(fields: Mapping[str, forms.Field], *, alone: bool) -> None:
    """Say to a screen reader what each input is where no label of its own stands beside it.

    Those are the parts of an instant, and all of them in the rows of a table (`alone`).
    """
    for name, field in fields.items():
        label = str(field.label or name.replace("_", " ").capitalize())
        if isinstance(field.widget, forms.MultiWidget):
            for part, widget in zip(PARTS, field.widget.widgets, strict=False):
                widget.attrs.setdefault("aria-label", f"{label}: {part}")
        elif alone:
            field.widget.attrs.setdefault("aria-label", label)


class Rows(BaseInlineFormSet[Any, Any, Any]):
    """Rows whose inputs are named one by one; to the eye the head of the table names them."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """As Django adds them."""
        super().add_fields(form, index)
        name_inputs(form.fields, alone=True)


class Below(admin.TabularInline[Any, Any]):
    """Rows below a page, seen and changed by whoever may see and change that page."""

    extra = 0
    formset: type[BaseInlineFormSet[Any, Any, Any]] = Rows
    deletable: ClassVar[bool] = False

    def _may(self, request: HttpRequest, obj: Any) -> bool:
        above = self.admin_site.get_model_admin(self.parent_model)
        return above.has_change_permission(request, obj)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As on the page above."""
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As on the page above."""
        return self._may(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As on the page above."""
        return self._may(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only where nothing refers to such rows; their history stays."""
        return self.deletable and self._may(request, obj)


class ReasonForm(forms.ModelForm[Any]):
    """A form that asks why; the answer stands in the history."""

    reason = forms.CharField(
        max_length=200, required=False, help_text="Why you change this; kept in its history."
    )

    def clean_reason(self) -> str:
        """A change of what exists needs a reason, a new row explains itself."""
        reason: str = self.cleaned_data["reason"].strip()
        if self.instance.pk and not reason:
            raise forms.ValidationError("Say why, in a few words.")
        return reason


class ChangedForm(forms.ModelForm[Any]):
    """A form that writes what this person changed since it was opened, and nothing else.

    What was shown travels with the form; what somebody else saved meanwhile stays as it is. Where
    both changed the same value the second is refused: they have not seen what they would undo.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_inputs(self.fields, alone=False)
        if self.instance.pk is None:
            return
        for column in self.instance._meta.concrete_fields:
            if column.name in self.fields:
                self.fields[column.name].show_hidden_initial = True

    def clean(self) -> dict[str, Any]:
        """What was left as shown is what is stored now, in checks and in the history, too."""
        cleaned = super().clean() or self.cleaned_data
        shown = [name for name, field in self.fields.items() if field.show_hidden_initial]
        for name in [one for one in shown if one in cleaned]:
            if name not in self.changed_data:
                cleaned[name] = getattr(self.instance, name)
            elif cleaned[name] != getattr(self.instance, name) and self._is_stale(name):
                self.add_error(
                    name,
                    f"Somebody has changed this since you opened the page: {self._stored(name)}. "
                    "Open the page again before you change it.",
                )
        return cleaned

    def _is_stale(self, name: str) -> bool:
        """Whether another value is stored by now than the form showed."""
        field, widget, at = self.fields[name], self.fields[name].hidden_widget(), self[name]
        where = self.data, self.files, at.html_initial_name
        if widget.value_omitted_from_data(*where):
            return False  # sent without what was shown, as by a script
        stored = self.get_initial_for_field(field, name)
        return field.has_changed(stored, widget.value_from_datadict(*where))

    def _stored(self, name: str) -> str:
        value = getattr(self.instance, name)
        if isinstance(value, bool):
            return "it is ticked now" if value else "it is not ticked now"
        told = getattr(self.instance, f"get_{name}_display", lambda: value)()
        return "it is empty now" if told in (None, "", []) else f"it is “{told}” now"


def each(
    request: HttpRequest, rows: QuerySet[Any], act: Callable[[models.Model], object], done: str
) -> None:
    """Do one thing to each selected row; say what was done, and every refusal with its row."""
    count = 0
    for row in rows:
        try:
            act(row)
            count += 1
        except DomainError as refusal:
            listed = "".join(f" {fault.field}: {fault.message}" for fault in refusal.errors[:5])
            messages.error(request, f"{row}: {refusal.message}{listed}")
    if count:
        messages.success(request, f"{count} {done}.")


def _role_in(request: HttpRequest, roles: frozenset[str]) -> bool:
    user = request.user
    return user.is_active and (user.is_superuser or (user.is_authenticated and user.plays(*roles)))
