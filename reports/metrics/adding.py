"""What facts of a cube add up to: for a reader, over a period, by one slice. Reads only.

Who sees all leads is answered from sums by day; others, and whoever keeps to one value of a slice,
from the facts themselves. Both give the same numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Cast, Coalesce, TruncMonth, TruncWeek

from core import steps
from leads import selectors as leads
from people.models import User
from reports import measures, people_shown
from reports.facts import company_days, days
from reports.facts.cubes import Cube
from reports.facts.days import Totals
from reports.metrics.declaring import PERIODS
from reports.periods import Period

OTHERS = str(people_shown.COLLEAGUES)
"""In place of a person, for readers who do not lead them: all others together."""
_TRUNCATED = {"month": TruncMonth, "week": TruncWeek}


@steps.in_steps
def sums_asked(
    cube: Cube,
    user: User,
    period: Period,
    by: str,
    only: Mapping[str, str],
    *,
    live: bool = False,
) -> steps.Story[Totals]:
    """What each value of the slice adds up to; with no slice all, under ""."""
    if live or not cube.summed or not leads.counts_all(user) or (only and by not in PERIODS):
        rows = rows_of(cube, user, period, only)
        counted = days.of_rows(cube, rows, column(cube, user, by) if by else None)
        yield [counted]
        return counted.found
    if by in PERIODS:
        spans = _spans_asked(cube, user, period, by, only)
        yield [spans]
        return spans.found
    summed = days.totals_asked(cube, period, by)
    if by != "rep" or people_shown.tells_all(user):
        yield [summed]
        return summed.found
    told = people_shown.told(user)
    yield [summed, told]
    return _as_seen({str(user.pk), *(str(one.pk) for one in told)}, summed.found)


@steps.in_steps
def _spans_asked(
    cube: Cube, user: User, period: Period, by: str, only: Mapping[str, str]
) -> steps.Story[Totals]:
    """By month or week: sums are kept by the value of one slice, not of two."""
    of_some = "rep" in only and not people_shown.tells_all(user)
    if len(only) > 1 or {*only} & {*PERIODS} or of_some:
        rows = days.of_rows(cube, rows_of(cube, user, period, only), column(cube, user, by))
        yield [rows]
        return rows.found
    spans = days.by_span_asked(cube, period, by, of=next(iter(only.items()), None))
    yield [spans]
    return spans.found


def _as_seen(named: Collection[str], found: Totals) -> Totals:
    """Single people as far as they are named; all others together are one."""
    seen: Totals = {}
    for key, sums in found.items():
        own = seen.setdefault(key if not key or key in named else OTHERS, {})
        for name, value in sums.items():
            own[name] = own.get(name, 0.0) + value
    return seen


def rows_of(cube: Cube, user: User, period: Period, only: Mapping[str, str]) -> QuerySet[Any]:
    """The facts of a period that a reader's figures are counted from."""
    rows = cube.rows().filter(**{f"{cube.at}__gte": period.start, f"{cube.at}__lt": period.end})
    if not leads.counts_all(user):
        rows = rows.filter(cube.seen_by(user))
    for name, value in only.items():
        own = column(cube, user, name)
        rows = rows.annotate(**{f"only_{name}": own}).filter(**{f"only_{name}": value})
    return rows


def column(cube: Cube, user: User, by: str) -> Any:
    """The value of a slice as this reader sees it, as text; empty where there is none."""
    if by in PERIODS:
        when = _TRUNCATED[by](cube.at, tzinfo=company_days.zone())
        return Cast(Cast(when, measures.DATE), measures.TEXT)
    found: Any = F(cube.dimensions[by])
    if by == "rep":
        found = people_shown.column(user, cube.dimensions[by])
    return Coalesce(Cast(found, measures.TEXT), measures.EMPTY)


def whole_of(cube: Cube, found: Totals) -> dict[str, float]:
    """All values of a slice together."""
    whole = dict.fromkeys(cube.names, 0.0)
    for one in found.values():
        for name, value in one.items():
            whole[name] += value
    return whole
