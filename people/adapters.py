"""Log-in policy: accounts are made by an administrator, never by signing up."""

from __future__ import annotations

import time
from typing import Any, ClassVar

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.http import HttpRequest

from core import database, sealing
from people import second_factor
from people.models import AccessMail, User


class ClosedSignup(DefaultAccountAdapter):  # type: ignore[misc]
    """Keeps the door closed to self-registration, and says what a wait is for."""

    error_messages: ClassVar = {
        **DefaultAccountAdapter.error_messages,
        "too_many_login_attempts": (
            "Too many failed attempts. Wait five minutes, then try again; or reset the password."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody may register by themselves."""
        return False

    def is_reauthentication_required(self, *, app: str, **more: Any) -> bool:
        """Who logged in a moment ago has just shown who they are."""
        request = context.request
        records = get_authentication_records(request, request.user)
        at = max((record["at"] for record in records), default=0.0)
        fresh = time.time() - at < app_settings.REAUTHENTICATION_TIMEOUT
        return not fresh and bool(super().is_reauthentication_required(app=app, **more))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Into the queue of the worker: whoever asks neither waits for the mail server nor learns
        by the wait, or by its failure, who has an account.
        """
        said = {"request": self.request, "email": email, **context}
        mail = self.render_mail(template_prefix, email, said)
        now = database.now()
        AccessMail.objects.create(
            to=email, subject=mail.subject[:200], text=mail.body, made_at=now, due_at=now
        )

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """To the person's one address, which is not in allauth's own table for everybody."""
        super().send_notification_mail(template_prefix, user, context, email or user.email)


class SecondFactor(DefaultMFAAdapter):  # type: ignore[misc]
    """Its secrets are encrypted at rest; where it is required it cannot be taken off."""

    def get_totp_issuer(self) -> str:
        """What the app on the phone shows beside the code."""
        return "LeadGov"

    def encrypt(self, text: str) -> str:
        """See core/sealing.py."""
        return sealing.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Raises Unreadable after the keys have changed."""
        return sealing.unseal(encrypted_text)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Not by the person, where the company requires it."""
        return not second_factor.is_required(authenticator.user)
