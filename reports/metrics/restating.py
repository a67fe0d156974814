"""A metric as it was, as it would be told of that time today, and as it stands; row by row.

*Frozen* is what was known at an instant of what had happened by then. *Restated* is what had
happened by then, by all that is known today: what differs was written down late, or put right, and
is explained lead by lead. *Today* goes on: what has happened since is no restatement.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core import database, errors
from leads.models import LeadEvent
from people.models import User
from reports.facts import days, reading, then
from reports.metrics import adding, counting
from reports.metrics.counting import Report
from reports.metrics.declaring import Metric, Quantile
from reports.periods import Period

Part = tuple[str, str]
"""A value of the slice, and the name of a measure."""


@dataclass(frozen=True, slots=True)
class Told:
    """An event that was written down later than the instant, of what had happened before it."""

    event: int
    kind: str
    transition: str
    at: dt.datetime
    recorded_at: dt.datetime
    actor: str
    by: int | None


@dataclass(frozen=True, slots=True)
class Difference:
    """One lead that counts otherwise: each measure before and after, and what was told late."""

    lead: int
    before: Mapping[Part, float]
    after: Mapping[Part, float]
    because: Sequence[Told]


@dataclass(frozen=True, slots=True)
class Restatement:
    """The three reports, and every lead by which the first two differ."""

    at: dt.datetime
    frozen: Report
    restated: Report
    today: Report
    rows: tuple[Difference, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing that was told of the time has changed."""
        return not self.rows


def as_of(
    metric: Metric,
    user: User,
    *,
    period: Period,
    at: dt.datetime,
    by: str = "",
    known: dt.datetime | None = None,
) -> Report:
    """The metric as it would have been told at an instant, by what was known then or is `known`.

    Raises InvalidInput for a metric that the log of leads alone does not make, TooMuch where too
    many leads have gone on since.
    """
    _require(metric)
    with then.at(at, known=known, of=metric.cube):
        return counting.build(metric, user, period=period, by=by, now=at, live=True)


def compare(
    metric: Metric,
    user: User,
    *,
    period: Period,
    at: dt.datetime,
    by: str = "",
    now: dt.datetime | None = None,
) -> Restatement:
    """Hold a metric as it was told at an instant against what is known today. Raises as `as_of`."""
    _require(metric)
    today = now or database.now()
    with then.at(at, of=metric.cube) as ids:
        frozen = counting.build(metric, user, period=period, by=by, now=at, live=True)
        before = _by_lead(metric, user, period, frozen.by.key, ids)
    with then.at(at, known=today, of=metric.cube):
        restated = counting.build(metric, user, period=period, by=by, now=at, live=True)
        after = _by_lead(metric, user, period, frozen.by.key, ids)
    changed = [lead for lead in ids if before.get(lead) != after.get(lead)]
    told = _told_late(changed, at)
    return Restatement(
        at=at,
        frozen=frozen,
        restated=restated,
        today=counting.build(metric, user, period=period, by=by, now=today),
        rows=tuple(
            Difference(lead, before.get(lead, {}), after.get(lead, {}), told[lead])
            for lead in changed
        ),
    )


def can_tell(metric: Metric) -> bool:
    """Whether a metric can be told as of an instant: the log of leads alone makes it."""
    return not metric.beside and then.can_tell(metric.cube)


def _require(metric: Metric) -> None:
    if not can_tell(metric):
        raise errors.InvalidInput(
            f"“{metric.name}” can only be told as it stands: what it counts is not made by the log "
            "of leads alone."
        )


def _by_lead(
    metric: Metric, user: User, period: Period, by: str, leads: Sequence[int]
) -> dict[int, dict[Part, float]]:
    """What each of these leads adds to the metric: its measures, and its spans in seconds."""
    cube = metric.cube
    rows = cube.rows().filter(
        lead_id__in=leads, **{f"{cube.at}__gte": period.start, f"{cube.at}__lt": period.end}
    )
    found: dict[int, dict[Part, float]] = defaultdict(dict)
    own = rows.order_by().annotate(of=adding.column(metric.cube, user, by)).values("lead_id", "of")
    for row in own.annotate(**days.named(cube)):
        for place, name in enumerate(cube.names):
            if value := row[f"m{place}"]:
                found[row["lead_id"]][row["of"], name] = float(value)
    for name in sorted({one.how.span for one in metric.figures if isinstance(one.how, Quantile)}):
        spans = rows.annotate(of=adding.column(metric.cube, user, by), span=cube.spans[name])
        told = spans.order_by("lead_id", cube.at, "pk").values_list("lead_id", "of", "span")
        for number, (lead, of, seconds) in enumerate(told):
            found[lead][of, f"{name} {number}"] = float(seconds or 0.0)
    return dict(found)


def _told_late(leads: Sequence[int], at: dt.datetime) -> dict[int, list[Told]]:
    """What was written down after an instant and had happened before it, or takes a step back."""
    rows = LeadEvent.objects.filter(
        lead_id__in=leads, recorded_at__gt=at, kind__in=reading.KINDS
    ).order_by("lead_id", "sequence")
    found: dict[int, list[Told]] = defaultdict(list)
    for row in rows:
        if row.at <= at or "undone" in row.because:
            found[row.lead_id].append(
                Told(row.pk, row.kind, row.transition, row.at, row.recorded_at, row.actor,
                     row.by_id)
            )  # fmt: skip
    return found
