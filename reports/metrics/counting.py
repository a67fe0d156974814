"""Counting a metric: for a reader, over a period, by one slice. Reads only."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any, TypeAlias

from django.db.models import Count

from core import database, steps
from governance import selectors as kits
from people.models import User
from reports import measures
from reports.declaration import Made
from reports.facts.days import Totals
from reports.metrics import adding, labels, values
from reports.metrics.declaring import Metric, Quantile, Source, Spans
from reports.metrics.values import Row
from reports.periods import Period

Report: TypeAlias = Made[Row]

PEOPLE = ("rep", "team")


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
    summing = sums_asked(metric, user, period, chosen.key, kept, live=live, now=now)
    measuring = spans_asked(metric, user, period, chosen.key, kept)
    under = _kits(metric, user, period, kept, live=live)
    active = kits.in_force_or_none()
    yield [summing, measuring, under, active]
    (sums, whole), spans = summing.found, measuring.found
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
    metric: Metric, user: User, period: Period, only: Mapping[str, str], *, live: bool
) -> steps.Story[tuple[str, ...]]:
    """The versions under which what is counted came about, by their ids."""
    if "kit" not in metric.cube.dimensions:
        return ()
    found = adding.sums_asked(metric.cube, user, period, "kit", only, live=live)
    yield [found]
    return tuple(found.found)


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


@steps.in_steps
def sums_asked(
    metric: Metric,
    user: User,
    period: Period,
    by: str,
    only: Mapping[str, str],
    *,
    live: bool = False,
    now: dt.datetime | None = None,
) -> steps.Story[tuple[Totals, dict[str, float]]]:
    """What each value of the slice adds up to (with none: under ""), and all; what is counted
    beside the facts as `source.measure`.
    """
    cube = metric.cube
    own: list[steps.Steps[Totals]] = []
    if cube.measures:
        own = [adding.sums_asked(cube, user, period, by, only, live=live)]
    lines = [one.asked(user, period, by, only, now=now) for one in metric.beside]
    whole_too = [one.asked(user, period, "", only, now=now) for one in metric.beside if by]
    yield [*own, *lines, *whole_too]
    wholes = whole_too if by else lines
    if not own:
        return {}, {}
    whole: Mapping[str, float] = adding.whole_of(cube, own[0].found)
    nought = dict.fromkeys(cube.names, 0.0)
    found: Totals = {key: dict(sums) for key, sums in own[0].found.items()}
    for source, line, all_of in zip(metric.beside, lines, wholes, strict=True):
        for key, sums in (line.found or {}).items():
            found.setdefault(key, dict(nought)).update(_named(source, sums))
        whole = {**whole, **_named(source, (all_of.found or {}).get("", {}))}
    for source, line in zip(metric.beside, lines, strict=True):
        if source.nought and line.found is not None:
            none = _named(source, dict.fromkeys(source.names, 0.0))
            found = {key: {**none, **sums} for key, sums in found.items()}
    return found, dict(whole)


def _named(source: Source, sums: Mapping[str, float]) -> dict[str, float]:
    return {f"{source.key}.{name}": value for name, value in sums.items()}


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
    rows = adding.rows_of(metric.cube, user, period, only).order_by()
    whole = rows.annotate(own=measures.EMPTY).values("own").annotate(**named)
    asked = [whole]
    if by:
        own = (
            rows.annotate(own=adding.column(metric.cube, user, by)).values("own").annotate(**named)
        )
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
