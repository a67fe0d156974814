"""What scores were worth: how often leads of each range of points came to what was hoped for."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from core import database
from governance import selectors as kits
from governance.models import KitVersion
from people.models import User
from reports import cohort, intervals, measures, ranking, scored
from reports.cohort import Cut
from reports.declaration import Column, Declaration, Made, Slice, Value
from reports.periods import Period
from reports.ranking import Group
from reports.scored import Moment, Outcome, Sample, Scored

STEP = 10
"""Points of one range."""
CONVERTED = Outcome.CONVERTED

DECLARATION = Declaration(
    key="scores",
    name="Score lab",
    meaning=(
        "How often leads that came in during the period were accepted and became opportunities, by "
        "the score they had. Young leads may still do so."
    ),
    formula=(
        "The score is the one that was shown at the moment, from the records of scores: when the "
        "lead was first scored, when it first became MQL, or now, which knows what came after. "
        "Accepted: of the leads that Sales accepted or rejected. Converted: the lead became an "
        "opportunity, and that was not taken back; of all leads, with Wilson's interval at 95 %. "
        "Lift: the rate of the range ÷ the rate of all. Expected: by the logistic curve that fits "
        "all leads best. Captured: the share of all conversions with at least this score. AUC: how "
        "often a lead that converted had scored higher than one that did not; of other slices, by "
        "the score when it came in. Merged "
        f"leads are left out; of more than {scored.MOST:,} leads the newest are looked at."
    ),
    owner_role="RevOps",
    unit="share",
    slices=(
        Slice(Moment.ENTRY.value, "Score when it came in"),
        Slice(Moment.QUALIFIED.value, "Score when it became MQL"),
        Slice(Moment.NOW.value, "Score now"),
        *cohort.SLICES,
    ),
    columns=(
        Column("leads", "Leads"),
        Column("decided", "Accepted or rejected"),
        Column("accepted", "Accepted"),
        Column("acceptance", "Acceptance", "share"),
        Column("converted", "Converted"),
        Column("rate", "Rate", "share"),
        Column("rate_low", "Lower bound", "share"),
        Column("rate_high", "Upper bound", "share"),
        Column("expected", "Expected rate", "share"),
        Column("lift", "Lift", "figure"),
        Column("captured", "Captured", "share"),
        Column("auc", "AUC", "figure"),
    ),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One line: its leads, and where it is a range of points what they were expected to come to."""

    key: str
    label: str
    here: tuple[Scored, ...]
    base: float | None
    """The rate of all leads."""
    group: Group | None = None

    def figures(self) -> Mapping[str, Value]:
        """The values of the declared columns."""
        decided = [one.accepted for one in self.here if one.accepted is not None]
        converted = sum(one.converted for one in self.here)
        rate = measures.share(converted, len(self.here))
        low, high = intervals.wilson(converted, len(self.here)) or (None, None)
        expected = self.group.expected if self.group else None
        area = None if self.group else ranking.discrimination(scored.cases(self.here, CONVERTED))
        return {
            "leads": len(self.here),
            "decided": len(decided),
            "accepted": sum(decided),
            "acceptance": measures.share(sum(decided), len(decided)),
            "converted": converted,
            "rate": rate,
            "rate_low": low,
            "rate_high": high,
            "expected": None if expected is None else expected / len(self.here),
            "lift": f"{rate / self.base:.2f}" if rate is not None and self.base else None,
            "captured": self.group.captured if self.group else None,
            "auc": f"{area.auc:.3f}" if area else None,
        }


Report: TypeAlias = Made[Row]
"""`kits` are the versions that scored the leads."""


def build(
    user: User,
    *,
    period: Period,
    by: str = "",
    only: Mapping[str, str] | None = None,
    now: dt.datetime | None = None,
) -> Report:
    """The report of the leads this user may see, by their score at a moment or another slice.

    `only` keeps to one value of other slices, as `{"source": "PAID"}`. Raises InvalidInput when a
    slice is unknown.
    """
    chosen, at = DECLARATION.slice(by), now or database.now()
    ranged = chosen.key in set(Moment)
    moment = Moment(chosen.key) if ranged else Moment.ENTRY
    found = sample(user, moment, period=period, only=only, now=at, by="" if ranged else chosen.key)
    base = measures.share(sum(one.converted for one in found.scored), len(found.scored))
    rows = _ranges(found, base) if ranged else _slices(found, base, cohort.cuts(user)[chosen.key])
    active = kits.active_version()
    numbers = KitVersion.objects.filter(pk__in=found.kits).order_by("number")
    return Made(
        declaration=DECLARATION,
        by=chosen,
        period=period,
        rows=rows,
        totals=Row("", "All", found.scored, base),
        kit_version=active.number if active else None,
        kits=tuple(numbers.values_list("number", flat=True)),
        generated_at=at,
    )


def sample(
    user: User,
    moment: Moment,
    *,
    period: Period,
    only: Mapping[str, str] | None,
    now: dt.datetime,
    by: str = "",
) -> Sample:
    """The leads that this report counts; `by` names the slice of theirs that is wanted.

    `only` may keep to a range of scores of any moment, by the points it begins with. Raises
    InvalidInput when it names a slice that there is not.
    """
    kept = dict(only or {})
    ranges = {one: kept.pop(one.value) for one in Moment if one.value in kept}
    cut = cohort.cuts(user)[by] if by else None
    leads = cohort.selected(user, declaration=DECLARATION, period=period, only=kept)
    found = scored.sample(leads, moment, cut=cut, now=now)
    for other, edge in ranges.items():
        there = found if other is moment else scored.sample(leads, other, now=now)
        inside = {one.lead for one in there.scored if str(_edge(one.points)) == edge}
        found = replace(found, scored=tuple(one for one in found.scored if one.lead in inside))
    return found


def _edge(points: float) -> int:
    """Where the range of a score begins; its key."""
    return math.floor(points / STEP) * STEP


def _ranges(found: Sample, base: float | None) -> tuple[Row, ...]:
    """Ranges of points, the highest first."""
    points = [one.points for one in found.scored]
    if not points:
        return ()
    top, bottom = _edge(max(points)), _edge(min(points))
    edges = range(top, bottom - STEP, -STEP)
    rows = []
    for group in ranking.groups(found.cases(CONVERTED), edges):
        edge = _edge(group.least)
        here = tuple(one for one in found.scored if _edge(one.points) == edge)
        rows.append(Row(str(edge), f"{edge} to under {edge + STEP}", here, base, group))
    return tuple(rows)


def _slices(found: Sample, base: float | None, cut: Cut) -> tuple[Row, ...]:
    sliced: dict[str, list[Scored]] = defaultdict(list)
    for one in found.scored:
        sliced[cut.key(one.slice)].append(one)
    rows = (Row(key, cut.label(key), tuple(here), base) for key, here in sliced.items())
    return tuple(sorted(rows, key=lambda row: cohort.place(row.key, row.label)))
