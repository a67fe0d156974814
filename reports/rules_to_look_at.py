"""Which parts of the kit come with more rejections than the rest: what to look at first.

Sources, routing rules and score bands are held against the share that is rejected of all; reasons
and criteria against an even spread over those that are used. Only who is clearly above is marked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.db.models import Count, F, Q, QuerySet
from django.db.models import Value as Constant

from core import database
from governance import selectors as kits
from governance.kit import Kit
from leads.models import LeadEvent
from people.models import User
from reports import intervals, measures, mql_passes, rejections
from reports.declaration import Column, Declaration, Made, Slice
from reports.declaration import Value as Figure
from reports.periods import Period
from routing import rules

FEW = 10
"""Of fewer decisions nothing is said."""
ABOVE, EVEN, TOO_FEW = "Yes, clearly above", "No", "Too few to say"
ALL = "all"

DECLARATION = Declaration(
    key="rules_to_look_at",
    name="Rules to look at",
    meaning=(
        "Criteria, reasons, sources, routing rules and score bands whose leads are rejected more "
        "often than the rest, the clearest first, and how many of those rejections were overturned."
    ),
    formula=(
        "Of leads that became MQLs in the period and were decided: rejected ÷ decided, before "
        "disputes, with Wilson's interval at 95 %. Of a source, a routing rule or a band (of the "
        "score with which the lead was routed): its own decided leads, compared with the share of "
        "all. Of a reason or criterion: all decided leads, compared with what each would have were "
        "rejections spread evenly over those that were used. Above the rest: the lower bound lies "
        f"above that. Fewer than {FEW} decided leads get no verdict. Overturned = overturned ÷ "
        "rejected: where it is high, the reason is used wrongly; where it is low, the rule lets "
        "leads pass that Sales is right to refuse."
    ),
    owner_role="RevOps",
    unit="share",
    slices=(
        Slice(ALL, "Kit part or source"),
        Slice("criterion", "Failed criterion"),
        Slice("reason", "Reason"),
        Slice("source", "Source"),
        Slice("rule", "Routing rule"),
        Slice("band", "Score band"),
    ),
    columns=(
        Column("kind", "What it is", "text"),
        Column("verdict", "Look at it?", "text"),
        Column("decided", "Decided"),
        Column("rejected", "Rejected"),
        Column("rate", "Share", "share"),
        Column("rate_low", "Low", "share"),
        Column("rate_high", "High", "share"),
        Column("usual", "Compared with", "share"),
        Column("overturned", "Overturned"),
        Column("overturned_share", "of the rejected", "share"),
    ),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One criterion, reason, source, rule or band; `usual` is what its share is held against."""

    key: str
    label: str
    kind: str
    decided: int
    rejected: int
    overturned: int
    usual: float | None

    @property
    def verdict(self) -> str:
        """Whether it is clearly above the rest; empty of all together."""
        if self.usual is None:
            return ""
        if self.decided < FEW:
            return TOO_FEW
        low, _ = intervals.wilson(self.rejected, self.decided) or (0.0, 1.0)
        return ABOVE if low > self.usual else EVEN

    def figures(self) -> Mapping[str, Figure]:
        """The values of the declared columns."""
        low, high = intervals.wilson(self.rejected, self.decided) or (None, None)
        return {
            "kind": self.kind,
            "verdict": self.verdict,
            "decided": self.decided,
            "rejected": self.rejected,
            "rate": measures.share(self.rejected, self.decided),
            "rate_low": low,
            "rate_high": high,
            "usual": self.usual,
            "overturned": self.overturned,
            "overturned_share": measures.share(self.overturned, self.rejected),
        }


Report: TypeAlias = Made[Row]
"""`kits` are the versions under which leads qualified."""


def build(
    user: User,
    *,
    period: Period,
    by: str = "",
    only: Mapping[str, str] | None = None,
    now: dt.datetime | None = None,
) -> Report:
    """The list, or the part of it that is `by` one slice. Raises InvalidInput for an unknown one.

    Keys begin with what a line is of, as `reason.no_interest`. `only` keeps to one value of a
    slice beside ALL.
    """
    chosen, kit = DECLARATION.slice(by), kits.active_kit()
    rows = mql_passes.selected(user, period=period).filter(Q(first__isnull=False))
    columns = _columns(kit)
    for name, value in (only or {}).items():
        column = columns.get(DECLARATION.slice(name).key, Constant(ALL, output_field=measures.TEXT))
        rows = rows.annotate(**{f"only_{name}": column})
        rows = rows.filter(**{f"only_{name}": value})
    whole = rows.aggregate(**_FIGURES)
    wanted = list(columns) if chosen.key == ALL else [chosen.key]
    lines = [line for key in wanted for line in _lines(rows, key, columns[key], whole, kit)]
    numbers = rows.order_by("kit__number").values_list("kit__number", flat=True).distinct()
    return Made(
        declaration=DECLARATION,
        by=chosen,
        period=period,
        rows=tuple(sorted(lines, key=_place)),
        totals=Row("", "All", "", *_counted(whole), None),
        kit_version=kit.number,
        kits=tuple(number for number in numbers if number is not None),
        generated_at=now or database.now(),
    )


def _columns(kit: Kit) -> dict[str, Any]:
    return {
        "criterion": F("criterion"),
        "reason": F("reason"),
        "source": F("lead__category"),
        "rule": F("rule"),
        "band": mql_passes.band(kit),
    }


_FIGURES: dict[str, Any] = {
    "n_decided": Count("pk"),
    "n_rejected": Count("pk", filter=Q(first="reject")),
    "n_overturned": Count("pk", filter=Q(disputed="OVERTURNED")),
}


def _counted(group: Mapping[str, Any]) -> tuple[int, int, int]:
    return group["n_decided"], group["n_rejected"], group["n_overturned"]


def _lines(
    rows: QuerySet[LeadEvent], key: str, column: Any, whole: Mapping[str, Any], kit: Kit
) -> Iterator[Row]:
    groups = [one for one in measures.rows(rows, {"slice": column}, **_FIGURES) if one["slice"]]
    decided, rejected, _ = _counted(whole)
    names, kind = _names(key, kit), next(one.label for one in DECLARATION.slices if one.key == key)
    usual = measures.share(rejected, decided)
    spread = key in rejections.OF_REJECTIONS
    if spread:
        usual = usual / len(groups) if usual is not None and groups else None
    for group in groups:
        mine, refused, overturned = _counted(group)
        value = str(group["slice"])
        label = names.get(value, value)
        of = decided if spread else mine
        yield Row(f"{key}.{value}", label, kind, of, refused, overturned, usual)


def _names(key: str, kit: Kit) -> Mapping[str, str]:
    if key == "rule":
        levels = {key: one.label for key, one in kit.escalations.items()}
        return levels | {one.key: one.label for one in rules.of_kit(kit)}
    if key == "band":
        return {one.key: one.label for one in kit.bands}
    return rejections.labels(key, kit)


def _place(row: Row) -> tuple[int, float, str, str]:
    """The clearest first: how far the lower bound lies above what is usual."""
    low, _ = intervals.wilson(row.rejected, row.decided) or (0.0, 1.0)
    order: Sequence[str] = (ABOVE, EVEN, TOO_FEW)
    return order.index(row.verdict), (row.usual or 0.0) - low, row.kind, row.label
