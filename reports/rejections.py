"""How often owners reject MQLs, why, and how much of it stands after disputes.

A cohort: by when leads became MQLs, whatever was decided of them by now. Accepted, rejected and
undecided ones are all of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Cast, TruncMonth

from core import database
from governance import selectors as kits
from governance.kit import Kit
from leads.models import Channel, LeadEvent, SourceCategory
from people.models import User
from reports import cohort, intervals, measures, mql_passes, people_shown
from reports.declaration import Column, Declaration, Made, Slice
from reports.declaration import Value as Figure
from reports.periods import Period

OF_REJECTIONS = ("reason", "criterion")
"""Slices that only rejected ones have: their rates are shares of all that were decided."""
COUNTED = ("mqls", "accepted", "rejected", "undecided", "contestable", "disputed", "overturned",
           "accepted_after", "rejected_after", "undecided_after")  # fmt: skip

DECLARATION = Declaration(
    key="rejections",
    name="Rejections and disputes",
    meaning=(
        "How often leads that became MQLs in the period were rejected, and how much of that stands "
        "after Marketing disputed and RevOps decided."
    ),
    formula=(
        "Each time that a lead qualified in the period counts once. Accepted, rejected: the first "
        "decision of its owner in that pass, if it was not taken back; the others are undecided, "
        "so that the three are all. Rejection rate = rejected ÷ (accepted + rejected), acceptance "
        "rate the rest, with Wilson's interval at 95 %. After disputes an overturned rejection "
        "counts for nothing, and what was decided next counts in its place. By reason and failed "
        "criterion: of all decided ones, those first rejected so; the share that stands is of the "
        "same. By rep: who held the lead when it was decided, or holds it; reps see themselves by "
        "name, and colleagues together. Imported history is left out."
    ),
    owner_role="RevOps",
    unit="share",
    slices=(
        Slice("source", "Source"),
        Slice("reason", "Reason"),
        Slice("criterion", "Failed criterion"),
        Slice("rep", "Rep"),
        Slice("channel", "Channel"),
        Slice("kit", "Kit version"),
        Slice("month", "Month"),
    ),
    columns=(
        Column("mqls", "MQLs"),
        Column("accepted", "Accepted"),
        Column("rejected", "Rejected"),
        Column("undecided", "Undecided"),
        Column("rate", "Rejection rate", "share"),
        Column("rate_low", "Low", "share"),
        Column("rate_high", "High", "share"),
        Column("acceptance", "Acceptance rate", "share"),
        Column("contestable", "Contestable"),
        Column("disputed", "Disputed"),
        Column("overturned", "Overturned"),
        Column("accepted_after", "Accepted after disputes"),
        Column("rejected_after", "Rejected"),
        Column("undecided_after", "Undecided"),
        Column("rate_after", "Rejection rate after", "share"),
        Column("after_low", "Low", "share"),
        Column("after_high", "High", "share"),
    ),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One line; `of` and `of_after` are how many decided ones its rates are shares of."""

    key: str
    label: str
    counts: Mapping[str, int]
    of: int
    of_after: int

    def figures(self) -> Mapping[str, Figure]:
        """The values of the declared columns."""
        n = self.counts
        low, high = intervals.wilson(n["rejected"], self.of) or (None, None)
        after = intervals.wilson(n["rejected_after"], self.of_after) or (None, None)
        return {
            **{name: n[name] for name in COUNTED},
            "rate": measures.share(n["rejected"], self.of),
            "rate_low": low,
            "rate_high": high,
            "acceptance": measures.share(n["accepted"], n["accepted"] + n["rejected"]),
            "rate_after": measures.share(n["rejected_after"], self.of_after),
            "after_low": after[0],
            "after_high": after[1],
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
    """The report of leads this user may see, broken down `by` one slice (the source).

    `only` keeps to one value of other slices, as `{"source": "PAID"}`. Raises InvalidInput when a
    slice is unknown.
    """
    chosen = DECLARATION.slice(by)
    rows = _selected(user, period=period, only=only)
    column = columns(user)[chosen.key]
    groups = measures.rows(rows, {"slice": column}, **_FIGURES)
    whole = _counts(rows.aggregate(**_FIGURES))
    kit = kits.active_kit()
    names = labels(chosen.key, kit)
    lines = [
        _row(group, chosen.key, names, whole)
        for group in groups
        if group["slice"] or chosen.key not in OF_REJECTIONS
    ]
    numbers = rows.order_by("kit__number").values_list("kit__number", flat=True).distinct()
    return Made(
        declaration=DECLARATION,
        by=chosen,
        period=period,
        rows=tuple(sorted(lines, key=lambda row: cohort.place(row.key, row.label))),
        totals=_line("", "All", whole, whole),
        kit_version=kit.number,
        kits=tuple(number for number in numbers if number is not None),
        generated_at=now or database.now(),
    )


def columns(user: User) -> dict[str, Any]:
    """What each slice groups by."""
    return {
        "source": F("lead__category"),
        "reason": F("reason"),
        "criterion": F("criterion"),
        "rep": mql_passes.rep(user),
        "channel": F("lead__channel"),
        "kit": F("kit__number"),
        "month": Cast(TruncMonth("at", tzinfo=user.zone), measures.DATE),
    }


def labels(key: str, kit: Kit) -> Mapping[str, str]:
    """The words for the values of a slice; keys of older versions stand for themselves."""
    if key == "rep":
        everybody = {str(one.pk): str(one) for one in User.objects.all()}
        return everybody | {str(people_shown.COLLEAGUES): people_shown.TOGETHER}
    return {
        "source": {value: str(label) for value, label in SourceCategory.choices},
        "channel": {value: str(label) for value, label in Channel.choices},
        "reason": {one.key: one.label for one in kit.reasons.values()},
        "criterion": {one.key: f"{one.stage}: {one.label}" for one in kit.all_criteria},
    }.get(key, {})


def _selected(user: User, *, period: Period, only: Mapping[str, str] | None) -> QuerySet[LeadEvent]:
    rows = mql_passes.selected(user, period=period)
    known = columns(user)
    for name, value in (only or {}).items():
        column = Cast(known[DECLARATION.slice(name).key], measures.TEXT)
        rows = rows.annotate(**{f"only_{name}": column}).filter(**{f"only_{name}": value})
    return rows


_FIGURES: dict[str, Any] = {
    "n_mqls": Count("pk"),
    "n_accepted": Count("pk", filter=Q(first="accept")),
    "n_rejected": Count("pk", filter=Q(first="reject")),
    "n_undecided": Count("pk", filter=Q(first__isnull=True)),
    "n_contestable": Count("pk", filter=Q(contestable__isnull=False)),
    "n_disputed": Count("pk", filter=Q(disputed__isnull=False)),
    "n_overturned": Count("pk", filter=Q(disputed="OVERTURNED")),
    "n_accepted_after": Count("pk", filter=Q(final="accept")),
    "n_rejected_after": Count("pk", filter=Q(final="reject")),
    "n_undecided_after": Count("pk", filter=Q(final__isnull=True)),
}


def _counts(group: Mapping[str, Any]) -> dict[str, int]:
    return {name: group[f"n_{name}"] for name in COUNTED}


def _row(
    group: Mapping[str, Any], by: str, names: Mapping[str, str], whole: Mapping[str, int]
) -> Row:
    value = group["slice"]
    key = "" if value is None else str(value)
    label = names.get(key) or {"kit": f"v{key}", "month": key[:7]}.get(by, key) if key else "None"
    counts = _counts(group)
    return _line(key, label, counts, whole if by in OF_REJECTIONS else counts)


def _line(key: str, label: str, counts: Mapping[str, int], of: Mapping[str, int]) -> Row:
    return Row(
        key,
        label,
        counts,
        of["accepted"] + of["rejected"],
        of["accepted_after"] + of["rejected_after"],
    )
