"""Sums of facts by day: made for days that have changed, read for those that have not.

What a period adds up to is the same whether its days were summed up already or not: a stale day is
counted fact by fact, in the same statement, so that no day counts twice or not at all.
"""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from django.db import transaction
from django.db.models import F, FloatField, Q, QuerySet, Sum
from django.db.models.functions import Cast, Coalesce, Trunc

from core import bulk, database, steps
from reports import measures
from reports.facts import company_days, cubes, keeping
from reports.facts.cubes import Cube
from reports.models import DaySum, StaleDay
from reports.periods import Period

SETTLE = dt.timedelta(seconds=30)
"""A day is left alone for so long after it became stale: much that changes, changes often."""


def sum_up(*, now: dt.datetime | None = None, until: float | None = None) -> Mapping[str, int]:
    """Sum up days that are stale, the longest first; returns how many.

    `until`, an instant of the monotonic clock, ends it between two days.
    """
    done: Counter[str] = Counter()
    at = now or database.now()
    while until is None or not done or time.monotonic() < until:
        if not _next(at, settle=now is None):
            break
        done["days_summed"] += 1
    return done


@transaction.atomic
def _next(now: dt.datetime, *, settle: bool) -> bool:
    keeping.alone()
    waiting = StaleDay.objects.filter(since__lte=now - SETTLE) if settle else StaleDay.objects.all()
    stale = waiting.order_by("since", "pk").first()
    if stale is None:
        return False
    DaySum.objects.filter(cube=stale.cube, day=stale.day)._raw_delete("default")
    cube = cubes.ALL.get(stale.cube)
    if cube is not None:
        bulk.copy(of_day(cube, stale.day))
    stale.delete()
    return True


def of_day(cube: Cube, day: dt.date) -> list[DaySum]:
    """What the facts of one day add up to, for all and for each value of each slice."""
    period = company_days.between(day, day)
    made = []
    for name, column in (("", None), *cube.dimensions.items()):
        for value, sums in _live(cube, _within(cube, [period]), _of_column(column)).items():
            if any(sums):
                made.append(DaySum(cube=cube.key, day=day, slice=name, value=value, sums=sums))
    return made


Totals: TypeAlias = dict[str, dict[str, float]]


def totals(cube: Cube, period: Period, by: str = "") -> Totals:
    """What a period adds up to: measures by the values of one slice, or under "" for all.

    Two queries, whatever the state of the sums.
    """
    return totals_asked(cube, period, by).read()


@steps.in_steps
def totals_asked(cube: Cube, period: Period, by: str = "") -> steps.Story[Totals]:
    """The same, to be asked side by side with others."""
    cut = company_days.cut(period)
    # Read first: a day that is summed up meanwhile is counted by its facts all the same.
    stale = StaleDay.objects.filter(cube=cube.key, day__gte=cut.first, day__lt=cut.end)
    told = stale.values_list("day", flat=True)
    yield [told]
    days = sorted(told)
    kept = DaySum.objects.filter(cube=cube.key, slice=by, day__gte=cut.first, day__lt=cut.end)
    clean: QuerySet[Any, Any] = kept.exclude(day__in=days).annotate(own=F("value")).values("own")
    summed = clean.annotate(
        **{f"m{place}": Sum(f"sums__{place}") for place in range(len(cube.names))}
    )
    changed = cube.rows().filter(_in(cube, [*cut.edges, *_spans(days)]))
    live = _grouped(cube, changed, _of_column(cube.dimensions[by] if by else None))
    found: Totals = defaultdict(lambda: dict.fromkeys(cube.names, 0.0))
    both = summed.union(live, all=True)
    yield [both]
    for row in both:
        own = found[row["own"]]
        for place, name in enumerate(cube.names):
            own[name] += row[f"m{place}"] or 0.0
    return dict(found)


def _spans(days: Sequence[dt.date]) -> list[Period]:
    """Days as few periods: those that follow each other are one."""
    spans: list[tuple[dt.date, dt.date]] = []
    for day in days:
        if spans and day - spans[-1][1] == company_days.DAY:
            spans[-1] = (spans[-1][0], day)
        else:
            spans.append((day, day))
    return [company_days.between(first, last) for first, last in spans]


@steps.in_steps
def of_rows(cube: Cube, rows: QuerySet[Any], value: Any = None) -> steps.Story[Totals]:
    """The same of some facts of a cube, counted one by one; `value` is what they are sliced by."""
    grouped = _grouped(cube, rows, value)
    yield [grouped]
    return {
        row["own"]: {name: float(row[f"m{place}"] or 0) for place, name in enumerate(cube.names)}
        for row in grouped
    }


def _in(cube: Cube, periods: Sequence[Period]) -> Q:
    found = Q(pk__in=[])
    for one in periods:
        found |= Q(**{f"{cube.at}__gte": one.start, f"{cube.at}__lt": one.end})
    return found


def _within(cube: Cube, periods: list[Period]) -> QuerySet[Any]:
    return cube.rows().filter(_in(cube, periods))


def _of_column(column: str | None) -> Any:
    """A slice as text, empty where there is none."""
    if column is None:
        return None
    return Coalesce(Cast(F(column), measures.TEXT), measures.EMPTY)


def named(cube: Cube) -> dict[str, Any]:
    """Its measures as aggregates m0, m1, …, in their order."""
    return {
        f"m{place}": Cast(aggregate, FloatField())
        for place, aggregate in enumerate(cube.aggregates().values())
    }


def _grouped(cube: Cube, rows: QuerySet[Any], value: Any) -> QuerySet[Any, Any]:
    own = measures.EMPTY if value is None else value
    values: QuerySet[Any, Any] = rows.order_by().annotate(own=own).values("own")
    found: QuerySet[Any, Any] = values.annotate(**named(cube))
    return found


def _live(cube: Cube, rows: QuerySet[Any], value: Any) -> dict[str, list[float]]:
    places = range(len(cube.names))
    return {
        row["own"]: [float(row[f"m{place}"] or 0) for place in places]
        for row in _grouped(cube, rows, value)
    }


def by_span(
    cube: Cube,
    period: Period,
    grain: str,
    *,
    of: tuple[str, str] | None = None,
    seen: Q | None = None,
) -> Totals:
    """What each month or week (`grain`) of a period adds up to, by its first day.

    `of` keeps to one value of one slice, as `("source", "PAID")`; `seen` to facts that somebody
    sees, which are counted one by one. Two queries.
    """
    return by_span_asked(cube, period, grain, of=of, seen=seen).read()


@steps.in_steps
def by_span_asked(
    cube: Cube,
    period: Period,
    grain: str,
    *,
    of: tuple[str, str] | None = None,
    seen: Q | None = None,
) -> steps.Story[Totals]:
    """The same, to be asked side by side with others."""
    cut = company_days.cut(period)
    days = [*cut.days()]
    if seen is None:
        stale = StaleDay.objects.filter(cube=cube.key, day__gte=cut.first, day__lt=cut.end)
        told = stale.values_list("day", flat=True)
        yield [told]
        days = sorted(told)
    name, value = of or ("", "")
    kept = DaySum.objects.filter(
        cube=cube.key, slice=name, value=value, day__gte=cut.first, day__lt=cut.end
    ).exclude(day__in=days)
    summed = _text_of(kept, Trunc("day", grain)).annotate(
        **{f"m{place}": Sum(f"sums__{place}") for place in range(len(cube.names))}
    )
    changed = cube.rows().filter(_in(cube, [*cut.edges, *_spans(days)]))
    if seen is not None:
        changed = changed.filter(seen)
    if of is not None:
        changed = changed.annotate(kept=_of_column(cube.dimensions[name])).filter(kept=value)
    when = Trunc(cube.at, grain, tzinfo=company_days.zone())
    live = _text_of(changed.order_by(), when).annotate(**named(cube))
    found: Totals = defaultdict(lambda: dict.fromkeys(cube.names, 0.0))
    both = summed.union(live, all=True)
    yield [both]
    for row in both:
        own = found[row["own"]]
        for place, measure in enumerate(cube.names):
            own[measure] += row[f"m{place}"] or 0.0
    return dict(found)


def _text_of(rows: QuerySet[Any], when: Any) -> QuerySet[Any, Any]:
    """Rows by the first day of a span, written as text."""
    day = Cast(Cast(when, measures.DATE), measures.TEXT)
    found: QuerySet[Any, Any] = rows.annotate(own=day).values("own")
    return found
