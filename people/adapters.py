"""Log-in policy: accounts are made by an administrator, never by signing up."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedSignup(DefaultAccountAdapter):  # type: ignore[misc]
    """Keeps the door closed to self-registration."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody may register by themselves."""
        return False
