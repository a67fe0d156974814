"""The forms of inviting people and of coming in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError

from core import zones
from core.texts import _, lazy
from people import access_models, inviting
from people.invitation_rows import Row, read
from people.models import Invitation, Role, Team, User

MOST_BYTES = 200_000
ROLES = [(one, Role(one).label) for one in access_models.ROLES]
LINES = forms.Textarea(
    attrs={
        "rows": 6,
        "spellcheck": "false",
        "autocapitalize": "none",
        "placeholder": "Ann Lee, ann@…, SDR",
    }
)


class InviteForm(forms.Form):
    """Who is invited: lines that were pasted, and those of a file below them."""

    lines = forms.CharField(
        label=lazy("People, one a line"),
        required=False,
        max_length=MOST_BYTES,
        widget=LINES,
        help_text=lazy(
            "An e-mail address is enough. Or: name, e-mail, role, team, time zone; a "
            "heading may give another order."
        ),
    )
    file = forms.FileField(label=lazy("Or a CSV file with the same columns"), required=False)
    role = forms.ChoiceField(label=lazy("Role of those that name none"), choices=ROLES)
    team = forms.ModelChoiceField(
        label=lazy("Team of those that name none"),
        queryset=Team.objects.order_by("name"),
        required=False,
    )
    make_teams = forms.BooleanField(label=lazy("Make teams that are missing"), required=False)

    def clean_file(self) -> str:
        """Its lines."""
        file = self.cleaned_data["file"]
        if file is None:
            return ""
        if file.size > MOST_BYTES:
            raise ValidationError(_("The file is larger than 200 kB."))
        try:
            return str(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise ValidationError(_("The file is not in UTF-8; save it as “CSV UTF-8”.")) from None

    def clean(self) -> dict[str, Any]:
        """Both together."""
        given = dict(super().clean() or {})
        both = "\n".join(filter(None, (given.get("lines", ""), given.get("file", ""))))
        if not self.errors and not both.strip():
            raise ValidationError(_("Enter at least one address."))
        return {**given, "both": both}

    def rows(self, *, by: User) -> list[Row]:
        """What its lines say, and what is wrong with each."""
        given = self.cleaned_data
        return inviting.checked(
            read(given["both"]), by=by, role=given["role"], team=given["team"],
            make_teams=given["make_teams"],
        )  # fmt: skip

    def keeping(self, lines: str) -> InviteForm:
        """The same form with these lines in it, those of a file too."""
        given = self.cleaned_data
        kept = {"role": given["role"], "make_teams": given["make_teams"], "team": given["team"]}
        return InviteForm(initial={**kept, "lines": lines})


class ComeInForm(forms.Form):
    """What somebody says of themselves who was invited."""

    first_name = forms.CharField(label=lazy("First name"), max_length=150)
    last_name = forms.CharField(label=lazy("Last name"), max_length=150)
    password = forms.CharField(
        label=lazy("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=lazy("At least eight characters, nothing common and not your name."),
    )
    time_zone = forms.CharField(
        label=lazy("Your time zone"),
        max_length=64,
        widget=forms.TextInput(attrs={"spellcheck": "false", "data-own-zone": ""}),
        help_text=lazy("A name such as Europe/Berlin. Times are shown and hours counted in it."),
    )

    def __init__(self, *args: Any, invitation: Invitation, **more: Any) -> None:
        self.invitation = invitation
        super().__init__(*args, **more)
        for name in ("first_name", "last_name", "time_zone"):
            self.initial[name] = getattr(invitation, name)
        self.fields["first_name"].widget.attrs["autocomplete"] = "given-name"
        self.fields["last_name"].widget.attrs["autocomplete"] = "family-name"

    def clean_time_zone(self) -> str:
        """One there is."""
        zone = str(self.cleaned_data["time_zone"])
        if not zones.is_known(zone):
            raise ValidationError(
                _("“{zone}” is no time zone; write it like Europe/Berlin.").format(zone=zone)
            )
        return zone

    def clean(self) -> dict[str, Any]:
        """The password, as strict as everywhere, knowing who it is for."""
        given = dict(super().clean() or {})
        who = User(
            email=self.invitation.email, first_name=given.get("first_name", ""),
            last_name=given.get("last_name", ""),
        )  # fmt: skip
        if "password" in given:
            try:
                password_validation.validate_password(given["password"], who)
            except ValidationError as fault:
                self.add_error("password", fault)
        return given
