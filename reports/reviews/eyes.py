"""As whose eyes a review looks: the whole company's, which are nobody's account."""

from __future__ import annotations

from django.conf import settings

from people.models import Role, User


def of_the_company() -> User:
    """Somebody who sees every figure and is nobody: never saved, cannot log in, has no leads.

    Reports ask it what it may see and in whose days it counts, as they ask any reader.
    """
    return User(
        username="the company", role=Role.REVOPS, is_active=True, time_zone=settings.REPORT_ZONE
    )
