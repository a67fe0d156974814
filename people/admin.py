"""People, their teams, shifts and leave; the keys of machines, which are never shown.

Log-in data and passwords of others are for superusers: who could change them could sign a kit as
somebody else. Administrators add people, who choose a password by mail, and say what each may do;
nobody does so for themselves, or for a superuser. That somebody has left, or is back, is for RevOps
to say, too: it gives nobody more than they were given.
"""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Mapping
from typing import Any

import knox.admin
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from core import admin as core_admin
from core import database
from people import duties, languages, login_admin, working_time
from people.models import FURTHER, AccessSettings, ApiKey, Leave, Role, Shift, Team, User

__all__ = ["PersonAdmin", "login_admin"]

# Its page would show a new key and edit old ones.
if admin.site.is_registered(knox.admin.models.get_token_model()):
    admin.site.unregister(knox.admin.models.get_token_model())

# Roles say who may what; groups would say it a second time.
admin.site.unregister(Group)

MANAGERS = frozenset({"MANAGER"})
ADMIN = "ADMIN"
EDITORS = frozenset({"REVOPS", ADMIN})
PRIVILEGES = ("role", "further_roles", "is_active", "is_staff", "is_superuser")
OWN_FACTS = ("first_name", "last_name", "team", "languages", "time_zone", "holiday_country",
             "holiday_subdivision", "away_until", "backup", "slack_id", "teams_id")  # fmt: skip


class ShiftsInline(core_admin.Below):
    """When somebody works."""

    model = Shift
    form = core_admin.ChangedForm
    deletable = True


class LeaveForm(core_admin.ChangedForm):
    """From when until when; what is entered or changed lies near now, as on *My time*."""

    def clean(self) -> dict[str, Any]:
        """Each end by itself, and both together."""
        given = dict(super().clean() or {})
        begins, ends = given.get("starts_at"), given.get("ends_at")
        for name in {"starts_at", "ends_at"}.intersection(self.changed_data):
            require_near(self, name, given.get(name))
        if begins and ends and self.has_changed():
            if ends <= begins:
                self.add_error("ends_at", "A leave ends after it begins.")
            elif ends - begins > working_time.LONGEST:
                self.add_error("ends_at", "That is more than two years.")
        return given


def require_near(form: forms.BaseForm, name: str, at: dt.datetime | None) -> None:
    """An error beside the field for an instant that lies far from now."""
    if at is not None and not working_time.is_near(at, now=database.now()):
        form.add_error(name, "That is more than two years from today.")


class LeaveInline(core_admin.Below):
    """When somebody is away."""

    model = Leave
    form = LeaveForm
    deletable = True


def may_edit(request: HttpRequest, person: User | None) -> bool:
    """RevOps and administrators edit people, but nobody below a superuser edits one."""
    by: Any = request.user
    return by.is_superuser or (by.plays(*EDITORS) and not (person and person.is_superuser))


def may_grant(request: HttpRequest, person: User | None) -> bool:
    """Who says what somebody may do: superusers, and administrators of others than themselves."""
    by: Any = request.user
    return by.is_superuser or (by.plays(ADMIN) and person is not None and person != by)


def may_say_who_left(request: HttpRequest, person: User | None) -> bool:
    """Below a superuser: of people alone, not of oneself. Machines have their keys revoked."""
    by: Any = request.user
    if by.is_superuser:
        return True
    return person is not None and person != by and person.role != Role.SERVICE


class LanguagesField(forms.CharField):
    """Languages by code or name, parted by commas; a list of codes below."""

    def prepare_value(self, value: Any) -> Any:
        """A list as it is written; what was sent stays as it was written."""
        return languages.write(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """The codes, sorted, each once."""
        if isinstance(value, list):
            return value
        try:
            return languages.read(value or "")
        except languages.Unreadable as fault:
            raise forms.ValidationError(str(fault)) from None


class RolesField(forms.MultipleChoiceField):
    """Roles beside the main one, in the order in which all are listed."""

    def clean(self, value: Any) -> list[str]:
        """Each once."""
        chosen = set(super().clean(value))
        return [role.value for role in FURTHER if role.value in chosen]


class PersonForm(core_admin.ReasonForm, core_admin.ChangedForm, UserChangeForm[User]):
    """Who somebody is and when they work, with the reason for the change."""

    languages = LanguagesField(
        required=False,
        max_length=200,
        help_text="What they speak with buyers beside English: codes or names such as de, French.",
    )

    further_roles = RolesField(
        required=False,
        choices=[(role.value, role.label) for role in FURTHER],
        widget=forms.CheckboxSelectMultiple,
        help_text="They see and may do what any of their roles allows.",
    )

    class Meta(UserChangeForm.Meta):
        model = User

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "password" in self.fields:
            self.fields["password"].show_hidden_initial = False  # not even its hash
        if "is_active" in self.fields:
            self.fields["is_active"].help_text = (
                "Untick for who has left: they cannot log in any more, and their open leads go on "
                "within a minute, as “Handed on” tells. Tick again for who is back."
            )

    def clean(self) -> dict[str, Any]:
        """Whoever leaves, or may do less, leaves nothing behind that nobody answers for."""
        given = dict(super().clean() or {})
        self._require_apart(given)
        less = {"is_active", "role", "further_roles", "is_superuser"}
        less = less.intersection(self.changed_data, given)
        if less:
            then = copy.copy(self.instance)
            for name in less:
                setattr(then, name, given[name])
            for sentence in duties.left_by(then):
                self.add_error(min(less), sentence)
        return given

    def _require_apart(self, given: Mapping[str, Any]) -> None:
        main = given.get("role", self.instance.role)
        more = given.get("further_roles", self.instance.further_roles)
        if main in more:
            self.add_error("further_roles", f"{Role(main).label} is the main role already.")
        if main == Role.SERVICE and more:
            self.add_error("further_roles", "A machine has no role of people.")

    def clean_away_until(self) -> dt.datetime | None:
        """Not for ever: who never comes back is not active."""
        at: dt.datetime | None = self.cleaned_data["away_until"]
        if "away_until" in self.changed_data:
            require_near(self, "away_until", at)
        return at


class NewPersonForm(forms.ModelForm[User]):
    """An account whose password its person chooses, by “Forgot your password?”."""

    class Meta:
        model = User
        fields = ("username", "email", "role")


@admin.register(User)
class PersonAdmin(core_admin.AuditedAdmin, UserAdmin):  # type: ignore[type-arg]
    """Everybody who logs in, and service users."""

    viewers = MANAGERS
    editors = EDITORS
    form = PersonForm
    list_display = (
        "username",
        "first_name",
        "last_name",
        "roles_in_words",
        "team",
        "is_active",
        "away_until",
    )
    list_filter = ("role", "team", "is_active")
    list_select_related = ("team",)
    search_fields = ("username", "first_name", "last_name", "email")
    ordering = ("username",)
    inlines = (ShiftsInline, LeaveInline)
    fieldsets = (
        (None, {"fields": ("username", "password", "email")}),
        ("Work", {"fields": (*OWN_FACTS, "reason")}),
        ("Privileges", {"fields": PRIVILEGES}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "email", "role", "password1", "password2")}),
    )  # fmt: skip
    filter_horizontal = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A new account is a new privilege."""
        by: Any = request.user
        return bool(by.is_superuser or by.plays(ADMIN))

    def get_form(self, request: HttpRequest, obj: User | None = None, **more: Any) -> Any:  # type: ignore[override]
        """Only a superuser gives a password with the account."""
        if obj is None and not request.user.is_superuser:
            return NewPersonForm
        return super().get_form(request, obj, **more)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """As the form has them."""
        if obj is None and not request.user.is_superuser:
            return ((None, {"fields": NewPersonForm.Meta.fields}),)
        return super().get_fieldsets(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """See `may_edit`."""
        return may_edit(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Below a superuser, what somebody may do and how they log in stays as it is.

        But for whether they are here at all: see `may_say_who_left`.
        """
        dates = ("last_login", "date_joined")
        if request.user.is_superuser:
            return dates
        kept = (*dates, "username", "password", "email", "is_superuser")
        if obj is None or may_grant(request, obj):
            return kept
        theirs = () if may_say_who_left(request, obj) else ("is_active",)
        return (*kept, "role", "further_roles", "is_staff", *theirs)

    def get_inlines(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Shifts and leave belong to somebody who is there."""
        return self.inlines if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        """An account that was made without a password has none that anybody knows."""
        if not obj.password:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)

    def user_change_password(self, request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        """Whoever sets a password can log in with it."""
        if not request.user.is_superuser:
            raise PermissionDenied
        return super().user_change_password(request, *args, **more)


class AccessForm(core_admin.ReasonForm, core_admin.ChangedForm):
    """Who sees what, with the reason for a change."""

    class Meta:
        model = AccessSettings
        fields = ("visibility", "people_figures")


class TeamForm(core_admin.ChangedForm):
    """A team, which stands nowhere above itself."""

    def clean_parent(self) -> Team | None:
        """The database refuses the same, for every door."""
        parent: Team | None = self.cleaned_data["parent"]
        above, seen = parent, set()
        while above is not None and above.pk not in seen:
            if above.pk == self.instance.pk:
                raise forms.ValidationError(
                    f"{parent} is a part of {self.instance} itself: choose a team outside of it."
                )
            seen.add(above.pk)
            above = above.parent
        return parent


@admin.register(Team)
class TeamAdmin(core_admin.AuditedAdmin):
    """Teams and who leads them."""

    viewers = MANAGERS
    editors = EDITORS
    form = TeamForm
    list_display = ("name", "manager", "parent")
    list_select_related = ("manager", "parent")
    autocomplete_fields = ("manager", "parent")
    search_fields = ("name",)
    ordering = ("name",)


@admin.register(AccessSettings)
class AccessSettingsAdmin(core_admin.AuditedAdmin):
    """What holds for the whole company: one row, made when it is first changed."""

    viewers = MANAGERS
    editors = EDITORS
    form = AccessForm
    fields = ("visibility", "people_figures", "reason")
    list_display = ("__str__", "visibility", "people_figures")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Only while there is none."""
        return super().has_add_permission(request) and not AccessSettings.objects.exists()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        """There is one row."""
        obj.pk = 1
        super().save_model(request, obj, form, change)


@admin.register(ApiKey)
class ApiKeyAdmin(core_admin.RoleAdmin):
    """Keys of machines. `manage.py api_key` makes one and shows it once."""

    viewers = editors = EDITORS
    list_display = ("name", "scope", "user", "created", "expiry", "last_used_date", "revoked_at")
    list_filter = ("scope",)
    list_select_related = ("user",)
    search_fields = ("name",)
    ordering = ("name",)
    fields = readonly_fields = list_display
    actions = ("revoke",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A key is made where it can be shown only once."""
        return False

    @admin.action(description="Revoke at once", permissions=["change"])
    def revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        """The key stops working with the next request."""
        ended = keys.filter(revoked_at__isnull=True).update(revoked_at=database.now())
        self.message_user(request, f"{ended} revoked.")
