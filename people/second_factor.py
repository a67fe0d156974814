"""Who must log in with a second factor, and who has one."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.conf import settings

from people.models import User


def is_required(user: User) -> bool:
    """Whether the company's settings ask it of this person; ADMIN is who may administer."""
    asked = set(settings.SECOND_FACTOR_FOR)
    mine = {"ALL", *user.roles} | ({"ADMIN"} if user.is_staff or user.is_superuser else set())
    return bool(asked & mine)


def is_set_up(user: User) -> bool:
    """Whether the person has an authenticator app; codes for recovery alone are none."""
    return bool(Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists())
