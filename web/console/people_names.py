"""Names of colleagues by id, in one query."""

from __future__ import annotations

from collections.abc import Iterable

from people.models import User


def of(ids: Iterable[int | None]) -> dict[int, str]:
    """The names of these users; None among the ids is passed over."""
    wanted = {pk for pk in ids if pk is not None}
    rows = User.objects.filter(pk__in=wanted) if wanted else User.objects.none()
    return {user.pk: str(user) for user in rows}
