"""Every report by its name. Pages and the API find them here."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping
from typing import Protocol

from core import errors
from people.models import User
from reports import (
    cohorts,
    funnel,
    overrides,
    quality,
    rejections,
    rules_to_look_at,
    scores,
    sla,
    speed,
    uncontacted,
)
from reports.declaration import Declaration, Report
from reports.metrics import catalogue, counting
from reports.periods import Period


class Builder(Protocol):
    """How every report is made."""

    def __call__(
        self,
        user: User,
        *,
        period: Period,
        by: str = "",
        only: Mapping[str, str] | None = None,
        now: dt.datetime | None = None,
    ) -> Report: ...


_BUILDERS: dict[str, tuple[Declaration, Builder]] = {
    sla.DECLARATION.key: (sla.DECLARATION, sla.build),
    speed.DECLARATION.key: (speed.DECLARATION, speed.build),
    uncontacted.DECLARATION.key: (uncontacted.DECLARATION, uncontacted.build),
    funnel.DECLARATION.key: (funnel.DECLARATION, funnel.build),
    cohorts.DECLARATION.key: (cohorts.DECLARATION, cohorts.build),
    rejections.DECLARATION.key: (rejections.DECLARATION, rejections.build),
    rules_to_look_at.DECLARATION.key: (rules_to_look_at.DECLARATION, rules_to_look_at.build),
    scores.DECLARATION.key: (scores.DECLARATION, scores.build),
    quality.DECLARATION.key: (quality.DECLARATION, quality.build),
    overrides.DECLARATION.key: (overrides.DECLARATION, overrides.build),
}


_BUILDERS.update(
    {
        one.key: (one.declaration, functools.partial(counting.build, one))
        for one in catalogue.ALL.values()
    }
)


def all() -> tuple[Declaration, ...]:
    """What there is, in the order pages list it."""
    return tuple(declaration for declaration, _ in _BUILDERS.values())


def get(name: str) -> Declaration:
    """The report of this name. Raises NotFound, naming those there are."""
    return _known(name)[0]


def build(
    name: str,
    user: User,
    *,
    period: Period,
    by: str = "",
    only: Mapping[str, str] | None = None,
    now: dt.datetime | None = None,
) -> Report:
    """Make the report of this name. Raises NotFound, or InvalidInput naming an unknown slice."""
    return _known(name)[1](user, period=period, by=by, only=only, now=now)


def _known(name: str) -> tuple[Declaration, Builder]:
    if name not in _BUILDERS:
        known = ", ".join(_BUILDERS)
        raise errors.NotFound(f"There is no report “{name[:40]}”; there are: {known}.")
    return _BUILDERS[name]
