"""What belongs to logging in, in the administration: second factors can be taken off, not made.

For who has lost the phone and the codes. Superusers only, as no role is given these.
"""

from __future__ import annotations

import allauth.mfa.admin
import allauth.usersessions.admin
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

# Their own pages would show sealed secrets and keys of sessions, and take new ones.
THEIRS = {Authenticator: allauth.mfa.admin, UserSession: allauth.usersessions.admin}
for shown in THEIRS:
    if admin.site.is_registered(shown):
        admin.site.unregister(shown)


class OnlyTakenOff(admin.ModelAdmin[Model]):
    """Rows that their owners make by logging in; others can look at them, and take them off."""

    list_select_related = ("user",)
    search_fields = ("user__username", "user__email")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Each is set up by its owner."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nothing in it is for others to change."""
        return False


@admin.register(Authenticator)
class AuthenticatorAdmin(OnlyTakenOff):
    """Whose second factor there is, and since when."""

    list_display = ("user", "type", "created_at", "last_used_at")
    fields = readonly_fields = list_display
    ordering = ("user__username", "type")


if apps.is_installed("allauth.socialaccount"):
    import allauth.socialaccount.admin
    from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken

    # Which providers there are is for the settings to say, not for a row with a secret in clear.
    FURTHER = dict.fromkeys((SocialAccount, SocialApp, SocialToken), allauth.socialaccount.admin)
    for shown in FURTHER:
        admin.site.unregister(shown)

    @admin.register(SocialAccount)
    class LinkedAccountAdmin(OnlyTakenOff):
        """Whose account at the company's provider is linked, and since when."""

        list_display = ("user", "provider", "uid", "date_joined", "last_login")
        fields = readonly_fields = list_display
        ordering = ("user__username", "provider")
