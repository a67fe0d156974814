"""Counting a metric: for a reader, over a period, by one slice. Reads only.

Who sees all leads is answered from sums by day; others, and whoever keeps to one value of a slice,
from the facts themselves. Both give the same numbers.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any, TypeAlias

from django.db.models import Case, Count, F, QuerySet, When
from django.db.models import Value as Constant
from django.db.models.functions import Cast, Coalesce, TruncMonth, TruncWeek

from core import database, steps
from governance import selectors as kits
from leads import selectors as leads
from people.models import User
from reports import measures
from reports.declaration import Made
from reports.facts import company_days, days
from reports.metrics import labels, values
from reports.metrics.declaring import PERIODS, Metric, Quantile, Spans
from reports.metrics.values import Row
from reports.periods import Period
from routing import pool_rights

Report: TypeAlias = Made[Row]

OTHERS = "-1"
"""In place of a person, for readers who do not lead them: all others together."""
PEOPLE = ("rep", "team")
_TRUNCATED = {"month": TruncMonth, "week": TruncWeek}


def build(
    metric: Metric,
    user: User,
    *,
    period: Period,
    by: str = "",
    only: Mapping[str, str] | None = None,
    now: dt.datetime | None = None,
    live: bool = False,
) -> Report:
    """The metric as this user may see it, broken down `by` one slice (its first).

    `only` keeps to one value of other slices, as `{"source": "PAID"}`. Raises InvalidInput when a
    slice is unknown. `live` counts fact by fact, whatever is summed up.
    """
    return asked_of(metric, user, period=period, by=by, only=only, now=now, live=live).read()


@steps.in_steps
def asked_of(
    metric: Metric,
    user: User,
    *,
    period: Period,
    by: str = "",
    only: Mapping[str, str] | None = None,
    now: dt.datetime | None = None,
    live: bool = False,
) -> steps.Story[Report]:
    """The same, to be asked side by side with others."""
    declared = metric.declaration
    chosen = declared.slice(by)
    kept = {declared.slice(name).key: value for name, value in (only or {}).items()}
    adding = sums_asked(metric, user, period, chosen.key, kept, live=live)
    measuring = spans_asked(metric, user, period, chosen.key, kept)
    under = _kits(metric, user, period, kept)
    active = kits.in_force_or_none()
    yield [adding, measuring, under, active]
    (sums, whole), spans = adding.found, measuring.found
    withheld = chosen.key in PEOPLE and values.known_too_rarely(metric, sums)
    shown = {key: one for key, one in sums.items() if _is_shown(metric, chosen.key, one)}
    shown |= {key: {} for key in spans if key is not None and key not in shown}
    words = labels.of(chosen.key, shown)
    rows = [
        Row(
            metric,
            key,
            words.label(key),
            one,
            whole if chosen.key in metric.parts else one,
            spans.get(key, {}),
            withheld=withheld and key != "",
        )
        for key, one in shown.items()
    ]
    return Made(
        declaration=_with_word(metric) if withheld else declared,
        by=chosen,
        period=period,
        rows=tuple(sorted(rows, key=words.place)),
        totals=Row(metric, "", "All", whole, whole, spans.get(None, {})),
        kit_version=active.found.number if active.found else None,
        kits=labels.kit_numbers(under.found),
        generated_at=now or database.now(),
    )


@steps.in_steps
def _kits(
    metric: Metric, user: User, period: Period, only: Mapping[str, str]
) -> steps.Story[tuple[str, ...]]:
    """The versions under which what is counted came about, by their ids."""
    if "kit" not in metric.cube.dimensions:
        return ()
    found = sums_asked(metric, user, period, "kit", only)
    yield [found]
    return tuple(found.found[0])


def _with_word(metric: Metric) -> Any:
    declared = metric.declaration
    told = (
        f"{declared.meaning} Rates by person cannot be stated: mostly of the successful ones it is "
        "known whose they were."
    )
    return dataclasses.replace(declared, meaning=told)


def _is_shown(metric: Metric, by: str, sums: values.Sums) -> bool:
    """Parts that make nothing of the whole are no line."""
    how = metric.headline.how
    return by not in metric.parts or bool(sums.get(getattr(how, "part", ""), 0))


def _sees_all(user: User) -> bool:
    return leads.counts_all(user)


@steps.in_steps
def sums_asked(
    metric: Metric,
    user: User,
    period: Period,
    by: str,
    only: Mapping[str, str],
    *,
    live: bool = False,
) -> steps.Story[tuple[days.Totals, dict[str, float]]]:
    """What each value of the slice adds up to (with none: under ""), and all."""
    if not metric.cube.measures:
        return {}, {}
    alone = by in PERIODS or only or not _sees_all(user)
    if live or alone or not metric.cube.summed:
        rows = rows_of(metric, user, period, only)
        asked = days.of_rows(metric.cube, rows, column(metric, user, by) if by else None)
        yield [asked]
        found = asked.found
    else:
        asked = days.totals_asked(metric.cube, period, by)
        yield [asked]
        found = _as_seen(user, by, asked.found)
    whole: dict[str, float] = dict.fromkeys(metric.cube.names, 0.0)
    for one in found.values():
        for name, value in one.items():
            whole[name] += value
    return found, whole


def _as_seen(
    user: User, by: str, found: dict[str, dict[str, float]]
) -> dict[str, dict[str, float]]:
    """Single people only to those who lead them; all others together are one."""
    if by != "rep" or pool_rights.leads_all(user):
        return found
    seen: dict[str, dict[str, float]] = {}
    for key, sums in found.items():
        own = seen.setdefault(key if key in ("", str(user.pk)) else OTHERS, {})
        for name, value in sums.items():
            own[name] = own.get(name, 0.0) + value
    return seen


def rows_of(metric: Metric, user: User, period: Period, only: Mapping[str, str]) -> QuerySet[Any]:
    """The facts of a period that a reader's figures are counted from."""
    cube = metric.cube
    rows = cube.rows().filter(**{f"{cube.at}__gte": period.start, f"{cube.at}__lt": period.end})
    if not _sees_all(user):
        rows = rows.filter(cube.seen_by(user))
    for name, value in only.items():
        own = column(metric, user, name)
        rows = rows.annotate(**{f"only_{name}": own}).filter(**{f"only_{name}": value})
    return rows


def column(metric: Metric, user: User, by: str) -> Any:
    """The value of a slice as this reader sees it, as text; empty where there is none."""
    if by in PERIODS:
        when = _TRUNCATED[by](metric.cube.at, tzinfo=company_days.zone())
        return Cast(Cast(when, measures.DATE), measures.TEXT)
    found: Any = F(metric.cube.dimensions[by])
    if by == "rep" and not pool_rights.leads_all(user):
        found = Case(
            When(rep=user.pk, then=Constant(str(user.pk))),
            When(rep__isnull=False, then=Constant(OTHERS)),
            output_field=measures.TEXT,
        )
    return Coalesce(Cast(found, measures.TEXT), measures.EMPTY)


@steps.in_steps
def spans_asked(
    metric: Metric, user: User, period: Period, by: str, only: Mapping[str, str]
) -> steps.Story[dict[str | None, dict[str, float | None]]]:
    """By the values of the slice, and under None for all: quantiles, and of how many spans."""
    named: dict[str, Any] = {}
    for one in metric.figures:
        if isinstance(one.how, Quantile | Spans):
            span = metric.cube.spans[one.how.span]
            named[f"q_{one.key}"] = (
                measures.Percentile(span, one.how.share) if isinstance(one.how, Quantile)
                else Count(span)
            )  # fmt: skip
    if not named:
        return {}
    rows = rows_of(metric, user, period, only).order_by()
    whole = rows.annotate(own=measures.EMPTY).values("own").annotate(**named)
    asked = [whole]
    if by:
        own = rows.annotate(own=column(metric, user, by)).values("own").annotate(**named)
        asked.append(own)
    yield asked
    found: dict[str | None, dict[str, float | None]] = {None: dict.fromkeys(_short(named))}
    for row in whole:
        found[None] = {name: row[f"q_{name}"] for name in _short(named)}
    for row in asked[1] if by else ():
        found[row["own"]] = {name: row[f"q_{name}"] for name in _short(named)}
    return found


def _short(named: Mapping[str, Any]) -> list[str]:
    return [name.removeprefix("q_") for name in named]
