"""How good the records are: the share of leads that fulfil each rule for a good record.

Judged by the kit that is active now, and by what is known now, whenever the leads came in.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.db.models import Count, Q

from core import database
from governance import facts
from governance import selectors as kits
from governance.facts import Registry
from governance.terms import QualityRule
from leads import quality_sql
from people.models import User
from reports import cohort, measures
from reports.cohort import Cut
from reports.declaration import Column, Declaration, Made
from reports.declaration import Value as Figure
from reports.periods import Period

DECLARATION = Declaration(
    key="data_quality",
    name="Data quality",
    meaning=(
        "How much of what the kit asks of a good record is known of the leads that came in "
        "during the period, as they are now."
    ),
    formula=(
        "One column for each data quality rule of the active kit: leads that fulfil it ÷ leads. "
        "Quality = fulfilled rules ÷ (leads × rules). Complete counts leads that fulfil every "
        "rule. Quality before is that of the leads of as long a time before, by the same rules and "
        "by what is known of them now. In quarantine counts those that wait there now."
    ),
    owner_role="RevOps",
    unit="share",
    slices=cohort.SLICES,
    columns=(
        Column("leads", "Leads"),
        Column("complete", "Complete"),
        Column("quality", "Quality", "share"),
        Column("before", "Quality before", "share"),
        Column("quarantined", "In quarantine"),
    ),
)
"""What is the same under every kit; a report that was made has the kit's rules as columns too."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line: how many leads, how many with everything, and how many for each rule by key."""

    key: str
    label: str
    leads: int
    complete: int
    fulfilled: Mapping[str, int]
    quarantined: int = 0
    before: tuple[int, int] = (0, 0)
    """Of as long a time before: rules fulfilled, and rules asked."""

    def figures(self) -> Mapping[str, Figure]:
        """The values of the declared columns."""
        asked = self.leads * len(self.fulfilled)
        return {
            "leads": self.leads,
            "complete": self.complete,
            "quality": sum(self.fulfilled.values()) / asked if asked else None,
            "before": self.before[0] / self.before[1] if self.before[1] else None,
            "quarantined": self.quarantined,
            **{
                _column(rule): count / self.leads if self.leads else None
                for rule, count in self.fulfilled.items()
            },
        }


Report: TypeAlias = Made[Row]
"""`kits` is the version whose rules were asked."""


def build(
    user: User,
    *,
    period: Period,
    by: str = "",
    only: Mapping[str, str] | None = None,
    now: dt.datetime | None = None,
) -> Report:
    """Data quality of the leads this user may see, broken down `by` one slice (the source).

    `only` keeps to one value of other slices, as `{"channel": "FORM"}`. Raises InvalidInput when
    a slice is unknown.
    """
    chosen = DECLARATION.slice(by)
    at = now or database.now()
    active = kits.active_version()
    kit = kits.kit_of(active.pk) if active else None
    rules, registry = (kit.quality, kit.registry) if kit else ((), facts.registry)
    cut = cohort.cuts(user)[chosen.key]
    leads = cohort.selected(user, declaration=DECLARATION, period=period, only=only)
    judged, names = quality_sql.annotate(leads, rules, now=at, registry=registry)
    figures = _figures(names)
    earlier = _before(user, period, cut, rules, only=only, now=at, registry=registry)
    rows = [
        _of_group(cut, group, rules, earlier)
        for group in measures.rows(judged, {"slice": cut.column}, **figures)
    ]
    return Made(
        declaration=_with_rules(rules),
        by=chosen,
        period=period,
        rows=tuple(sorted(rows, key=lambda row: cohort.place(row.key, row.label))),
        totals=_row("", "All", judged.aggregate(**figures), rules, _summed(earlier)),
        kit_version=active.number if active else None,
        kits=(active.number,) if active else (),
        generated_at=at,
    )


def _before(
    user: User,
    period: Period,
    cut: Cut,
    rules: Sequence[QualityRule],
    *,
    only: Mapping[str, str] | None,
    now: dt.datetime,
    registry: Registry,
) -> dict[str, tuple[int, int]]:
    """By slice, what the leads of as long a time before fulfil now, and what they were asked."""
    earlier = Period(period.start - (period.end - period.start), period.start)
    leads = cohort.selected(user, declaration=DECLARATION, period=earlier, only=only)
    judged, names = quality_sql.annotate(leads, rules, now=now, registry=registry)
    return {
        cut.key(group["slice"]): (
            sum(group[f"n_{number}"] for number in range(len(rules))),
            group["leads"] * len(rules),
        )
        for group in measures.rows(judged, {"slice": cut.column}, **_figures(names))
    }


def _summed(earlier: Mapping[str, tuple[int, int]]) -> tuple[int, int]:
    return sum(one for one, _ in earlier.values()), sum(one for _, one in earlier.values())


def _figures(names: Sequence[str]) -> dict[str, Any]:
    return {
        "leads": Count("pk"),
        "quarantined": Count("pk", filter=Q(quarantined_at__isnull=False)),
        "complete": Count("pk", filter=Q(**dict.fromkeys(names, True)) if names else None),
        **{f"n_{number}": Count("pk", filter=Q(**{name: True}))
           for number, name in enumerate(names)},
    }  # fmt: skip


def _with_rules(rules: Sequence[QualityRule]) -> Declaration:
    told = tuple(Column(_column(rule.key), rule.label, "share") for rule in rules)
    return dataclasses.replace(DECLARATION, columns=(*DECLARATION.columns, *told))


def _column(rule: str) -> str:
    return f"has_{rule}"


def _of_group(
    cut: Cut,
    group: Mapping[str, Any],
    rules: Sequence[QualityRule],
    earlier: Mapping[str, tuple[int, int]],
) -> Row:
    key = cut.key(group["slice"])
    return _row(key, cut.label(key), group, rules, earlier.get(key, (0, 0)))


def _row(
    key: str,
    label: str,
    counted: Mapping[str, Any],
    rules: Sequence[QualityRule],
    before: tuple[int, int],
) -> Row:
    fulfilled = {rule.key: counted[f"n_{number}"] for number, rule in enumerate(rules)}
    return Row(
        key, label, counted["leads"], counted["complete"], fulfilled, counted["quarantined"], before
    )
