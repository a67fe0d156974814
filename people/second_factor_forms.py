"""The forms of a code: each counts once, for as long as it could be typed again."""

from __future__ import annotations

from typing import Any

from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms
from django.core.cache import cache


class _Once:
    """The library remembers a code for one period, but with a tolerance takes it for three."""

    user: Any

    def clean_code(self) -> str:
        """The code, if nobody has logged in with it before."""
        code: str = super().clean_code()  # type: ignore[misc]
        lasts = app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 1)
        if not cache.add(f"second-factor-used:{self.user.pk}:{code.strip()}", "y", timeout=lasts):
            raise get_adapter().validation_error("incorrect_code")
        return code


class Authenticate(_Once, forms.AuthenticateForm):  # type: ignore[misc]
    """The code of a log-in."""


class Reauthenticate(_Once, forms.ReauthenticateForm):  # type: ignore[misc]
    """The code that confirms who is there."""
