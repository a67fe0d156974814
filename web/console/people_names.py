"""Names of colleagues by id."""

from __future__ import annotations

from collections.abc import Iterable

from core import steps
from people.models import User


def of(ids: Iterable[int | None]) -> dict[int, str]:
    """The names of these users, in one query; None among the ids is passed over."""
    return asked(ids).read()


@steps.in_steps
def asked(ids: Iterable[int | None]) -> steps.Story[dict[int, str]]:
    """As `of`, asked with others."""
    rows = User.objects.filter(pk__in={pk for pk in ids if pk is not None})
    yield [rows]
    return {user.pk: str(user) for user in rows}
