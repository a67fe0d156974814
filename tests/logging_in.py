"""Logging in as a person does, with the codes an app on their phone would show."""

from __future__ import annotations

import time
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.http import HttpResponse
from django.test import Client

from people.models import User
from tests import factories, pages

PASSWORD = "nordwind-4-harbour"
LOGIN = "/accounts/login/"
SET_UP = "/accounts/2fa/totp/activate/"


def somebody(name: str = "anna", **columns: Any) -> User:
    """Somebody with a password."""
    user = factories.user(name, **columns)
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    return user


def log_in(client: Client, name: str = "anna", password: str = PASSWORD, **more: Any) -> Any:
    """What answers to the form of the log-in."""
    return client.post(LOGIN, {"login": name, "password": password}, **more)


def code_of(secret: str, *, steps: int = 0) -> str:
    """What the app shows now, or so many half minutes later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def set_up(client: Client) -> tuple[str, HttpResponse]:
    """Set the second factor up; its secret, and the page of the recovery codes."""
    page = client.get(SET_UP)
    assert page.status_code == 200, page
    secret = page.context["form"].secret
    assert "data:image/svg+xml;base64," in page.content.decode()
    answer = client.post(SET_UP, pages.form(page, SET_UP, code=code_of(secret)), follow=True)
    assert answer.status_code == 200
    return secret, answer
