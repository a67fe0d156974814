"""How far the leads of a period came. A cohort: by when they came in, wherever they are by now.

A step that was taken back does not count. Sales-generated leads (a rep brought them in) skip the
MQL, so they have a column of their own and stay out of the MQL rates.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, OuterRef, Q

from core import database
from governance import selectors as kits
from leads.models import EventKind, LeadEvent
from people.models import User
from reports import cohort, measures
from reports.cohort import Cut
from reports.declaration import Column, Declaration, Made
from reports.declaration import Value as Figure
from reports.periods import Period

DECLARATION = Declaration(
    key="funnel",
    name="Funnel",
    meaning=(
        "How many of the leads that came in during the period have taken each step so far. "
        "Young leads may still move on."
    ),
    formula=(
        "Each column counts leads of the period that took the step at least once, in any cycle, "
        "and did not take it back; an exclusion disqualifies only while it holds. MQL rate = MQL ÷ "
        "leads. Acceptance = accepted ÷ MQL. SQL rate = SQL ÷ (accepted or self-sourced). "
        "Opportunity rate = opportunities ÷ SQL. Win rate = won ÷ opportunities."
    ),
    owner_role="RevOps",
    unit="count",
    slices=cohort.SLICES,
    columns=(
        Column("leads", "Leads"),
        Column("mql", "MQL"),
        Column("accepted", "Accepted"),
        Column("self_sourced", "Self-sourced"),
        Column("sql", "SQL"),
        Column("opportunity", "Opportunity"),
        Column("won", "Won"),
        Column("lost", "Lost"),
        Column("rejected", "Rejected"),
        Column("disqualified", "Disqualified"),
        Column("mql_rate", "MQL rate", "share"),
        Column("acceptance_rate", "Acceptance", "share"),
        Column("sql_rate", "SQL rate", "share"),
        Column("opportunity_rate", "Opportunity rate", "share"),
        Column("win_rate", "Win rate", "share"),
    ),
)

STEPS = {
    "mql": ("qualify",),
    "accepted": ("accept",),
    "self_sourced": ("self_source",),
    "worked": ("accept", "self_source"),
    "sql": ("sales_qualify",),
    "opportunity": ("convert",),
    "won": ("win",),
    "lost": ("lose",),
    "rejected": ("reject",),
    "disqualified": ("disqualify",),
}
"""The steps that each column counts; `worked` is what SQLs are a share of."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line: how many leads came in, and how many of them took each step."""

    key: str
    label: str
    leads: int
    mql: int
    accepted: int
    self_sourced: int
    worked: int
    sql: int
    opportunity: int
    won: int
    lost: int
    rejected: int
    disqualified: int

    def figures(self) -> Mapping[str, Figure]:
        """The values of the declared columns."""
        rates = {
            "mql_rate": measures.share(self.mql, self.leads),
            "acceptance_rate": measures.share(self.accepted, self.mql),
            "sql_rate": measures.share(self.sql, self.worked),
            "opportunity_rate": measures.share(self.opportunity, self.sql),
            "win_rate": measures.share(self.won, self.opportunity),
        }
        return {
            column.key: rates[column.key] if column.key in rates else getattr(self, column.key)
            for column in DECLARATION.columns
        }


Report: TypeAlias = Made[Row]
"""`kits` are the versions under which the steps were taken."""


def build(
    user: User,
    *,
    period: Period,
    by: str = "",
    only: Mapping[str, str] | None = None,
    now: dt.datetime | None = None,
) -> Report:
    """The funnel of the leads this user may see, broken down `by` one slice (the source).

    `only` keeps to one value of other slices, as `{"channel": "FORM"}`. Raises InvalidInput when
    a slice is unknown.
    """
    chosen = DECLARATION.slice(by)
    cut = cohort.cuts(user)[chosen.key]
    leads = cohort.selected(user, declaration=DECLARATION, period=period, only=only)
    counted = leads.annotate(**{f"took_{name}": _took(steps) for name, steps in STEPS.items()})
    groups = measures.rows(counted, {"slice": cut.column}, **_FIGURES)
    active = kits.active_version()
    under = LeadEvent.objects.filter(kind=EventKind.STAGE, lead__in=leads.values("pk"))
    numbers = under.order_by("kit__number").values_list("kit__number", flat=True).distinct()
    return Made(
        declaration=DECLARATION,
        by=chosen,
        period=period,
        rows=tuple(sorted((_of_group(cut, group) for group in groups), key=_place)),
        totals=_row("", "All", counted.aggregate(**_FIGURES)),
        kit_version=active.number if active else None,
        kits=tuple(number for number in numbers if number is not None),
        generated_at=now or database.now(),
    )


def _took(steps: tuple[str, ...]) -> Any:
    """Whether a lead took one of these steps without taking it back.

    By an exclusion it is disqualified only as long as that has it out.
    """
    taken = measures.taken().filter(lead=OuterRef("pk"), transition__in=steps)
    if steps != STEPS["disqualified"]:
        return Exists(taken)
    by_people = Exists(taken.exclude(because__has_key="exclusion"))
    return ExpressionWrapper(by_people | ~Q(exclusion=""), output_field=BooleanField())


_FIGURES: dict[str, Any] = {
    "leads": Count("pk"),
    **{f"n_{name}": Count("pk", filter=Q(**{f"took_{name}": True})) for name in STEPS},
}


def _of_group(cut: Cut, group: Mapping[str, Any]) -> Row:
    key = cut.key(group["slice"])
    return _row(key, cut.label(key), group)


def _row(key: str, label: str, figures: Mapping[str, Any]) -> Row:
    counted = {name: figures[f"n_{name}"] for name in STEPS}
    return Row(key=key, label=label, leads=figures["leads"], **counted)


def _place(row: Row) -> tuple[bool, str, str]:
    return cohort.place(row.key, row.label)
