"""What belongs to logging in, in the administration: second factors can be taken off, not made.

For who has lost the phone and the codes. Superusers only, as no role is given these.
"""

from __future__ import annotations

import allauth.mfa.admin
import allauth.usersessions.admin
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.http import HttpRequest

# Their own pages would show sealed secrets and keys of sessions, and take new ones.
THEIRS = {Authenticator: allauth.mfa.admin, UserSession: allauth.usersessions.admin}
for shown in THEIRS:
    if admin.site.is_registered(shown):
        admin.site.unregister(shown)


@admin.register(Authenticator)
class AuthenticatorAdmin(admin.ModelAdmin[Authenticator]):
    """Whose second factor there is, and since when."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_select_related = ("user",)
    search_fields = ("user__username", "user__email")
    fields = readonly_fields = list_display
    ordering = ("user__username", "type")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Each is set up by its owner."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Authenticator | None = None) -> bool:
        """Nothing in it is for others to change."""
        return False
