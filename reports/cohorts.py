"""How much of each cohort of leads took a step by when: within 30 days of coming in, 60, 90 …

A cell of a cohort is told once all of its leads are so old; before that it is not known (*right-
censored*), and left empty.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from django.db.models import F

from core import database, errors
from core.errors import FieldError
from governance import selectors as kits
from leads import selectors as leads
from people.models import User
from reports import cohort
from reports.declaration import Column, Declaration, Made, Slice
from reports.declaration import Value as Figure
from reports.facts import company_days, days
from reports.facts.cubes import AGES, HORIZONS, STEPS
from reports.metrics import labels
from reports.periods import Period

LABELS = {"mql": "MQL", "sql": "SQL", "opportunity": "Opportunity", "won": "Won"}
OF = ("source", "medium", "channel", "campaign", "segment")

DECLARATION = Declaration(
    key="cohorts",
    name="Cohorts of leads",
    meaning=(
        "How much of the leads that came in together took a step within so many days of coming "
        "in: won, unless another step is asked for. Empty: not all of them are so old yet."
    ),
    formula=(
        "Leads of the cohort that took the step for the first time within 30, 60, 90, 180 or 360 "
        "days of coming in ÷ leads of the cohort. A step that was taken back was not taken. Cells "
        "of a cohort whose youngest lead is younger than that are not told."
    ),
    owner_role="RevOps",
    unit="share",
    slices=(
        Slice("month", "Month"),
        Slice("week", "Week"),
        Slice("step", "Step"),
        *(Slice(one, one.capitalize()) for one in OF),
    ),
    columns=(
        Column("n", "Leads"),
        *(Column(f"d{span}", f"Within {span} days", "share") for span in HORIZONS),
    ),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One cohort: its leads, and how many took the step within each span that is over."""

    key: str
    label: str
    n: int
    within: Mapping[int, int | None]

    def figures(self) -> Mapping[str, Figure]:
        """The values of the declared columns."""
        shares = {
            f"d{span}": count / self.n if count is not None and self.n else None
            for span, count in self.within.items()
        }
        return {"n": self.n, **shares}


Report: TypeAlias = Made[Row]


def build(
    user: User,
    *,
    period: Period,
    by: str = "",
    only: Mapping[str, str] | None = None,
    now: dt.datetime | None = None,
) -> Report:
    """Cohorts of the leads of a period, by month or week; by step or origin all of them together.

    `only` keeps to one step (`{"step": "sql"}`), and to one value of one other slice. Raises
    InvalidInput where it is unknown, or more is asked.
    """
    chosen = DECLARATION.slice(by)
    at = now or database.now()
    kept = {DECLARATION.slice(name).key: value for name, value in (only or {}).items()}
    step = _step(kept.pop("step", "") or "won")
    period = _within(period, kept)
    if len(kept) > 1 or set(kept) - set(OF):
        raise _refused("by", f"Keep to one of {', '.join(OF)}.")
    of = next(iter(kept.items()), None)
    rows, whole = _rows(user, period, chosen.key, of, step, at)
    active = kits.active_version()
    return Made(
        declaration=DECLARATION,
        by=chosen,
        period=period,
        rows=rows,
        totals=whole,
        kit_version=active.number if active else None,
        kits=(),
        generated_at=at,
    )


def _rows(
    user: User, period: Period, by: str, of: tuple[str, str] | None, step: str, now: dt.datetime
) -> tuple[tuple[Row, ...], Row]:
    grain = by if by in ("month", "week") else "month"
    found = _spans(user, period, grain, of)
    cohorts = [
        _cohort(key, key[:7] if grain == "month" else key, sums, step, _youngest(key, grain), now)
        for key, sums in sorted(found.items())
    ]
    if by in ("month", "week"):
        return tuple(cohorts), _together(found, "All", step, grain, now)
    if by == "step":
        steps = [_together(found, LABELS[one], one, grain, now, key=one) for one in STEPS]
        return tuple(steps), _together(found, "All", step, grain, now)
    youngest = max((_youngest(one, grain) for one in found), default=now)
    lines = _by_origin(user, period, by, of, step, youngest, now)
    return tuple(lines), _together(found, "All", step, grain, now)


def _by_origin(
    user: User,
    period: Period,
    by: str,
    of: tuple[str, str] | None,
    step: str,
    youngest: dt.datetime,
    now: dt.datetime,
) -> list[Row]:
    """All leads of the period by where they came from, once the youngest can be old enough."""
    rows = AGES.rows().filter(came_at__gte=period.start, came_at__lt=period.end)
    if of is not None:
        rows = rows.filter(**{AGES.dimensions[of[0]]: of[1]})
    if leads.counts_all(user) and of is None:
        found = days.totals(AGES, period, by)
    else:
        seen = rows if leads.counts_all(user) else rows.filter(AGES.seen_by(user))
        found = days.of_rows(AGES, seen, F(AGES.dimensions[by])).read()
    words = labels.of(by, found)
    lines = [
        _cohort(key, words.label(key), sums, step, youngest, now) for key, sums in found.items()
    ]
    return sorted(lines, key=lambda row: cohort.place(row.key, row.label))


def _spans(
    user: User, period: Period, grain: str, of: tuple[str, str] | None
) -> dict[str, dict[str, float]]:
    seen = None if leads.counts_all(user) else AGES.seen_by(user)
    return days.by_span(AGES, period, grain, of=of, seen=seen)


def _cohort(
    key: str, label: str, sums: Mapping[str, float], step: str, youngest: dt.datetime,
    now: dt.datetime,
) -> Row:  # fmt: skip
    within = {
        span: int(sums[f"{step}_{span}"]) if youngest + dt.timedelta(days=span) <= now else None
        for span in HORIZONS
    }
    return Row(key, label, int(sums["n"]), within)


def _together(
    found: Mapping[str, Mapping[str, float]], label: str, step: str, grain: str, now: dt.datetime,
    *, key: str = "",
) -> Row:  # fmt: skip
    """All cohorts as one, as far as the youngest of them is old enough."""
    whole = {name: sum(sums[name] for sums in found.values()) for name in AGES.names}
    youngest = max((_youngest(one, grain) for one in found), default=now)
    return _cohort(key, label, whole, step, youngest, now)


def _youngest(first: str, grain: str) -> dt.datetime:
    """When the last lead of a cohort can have come: its end."""
    day = dt.date.fromisoformat(first)
    if grain == "week":
        return company_days.begin(day + 7 * company_days.DAY)
    return company_days.begin((day.replace(day=28) + 4 * company_days.DAY).replace(day=1))


def _within(period: Period, kept: dict[str, str]) -> Period:
    """What of a period lies in the month or week that it is kept to; takes them from `kept`."""
    for grain in ("month", "week"):
        day = kept.pop(grain, "")
        if day:
            start, end = company_days.begin(_day(grain, day)), _youngest(day, grain)
            start = max(period.start, start)
            period = Period(start, max(start, min(period.end, end)))
    return period


def _day(grain: str, text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise _refused(grain, "Write its first day, such as 2026-03-01.") from None


def _step(name: str) -> str:
    if name not in STEPS:
        raise _refused("step", f"There is no step “{name[:40]}”; use one of {', '.join(STEPS)}.")
    return name


def _refused(field: str, message: str) -> errors.InvalidInput:
    return errors.InvalidInput(message, errors=[FieldError(field, message, "unknown")])
