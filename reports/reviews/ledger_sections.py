"""Costs of the month by source, and what was said late: figures that were told changed."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from leads.models import SourceCategory
from reports import costs, quotas, restating
from reports.declaration import Column
from reports.models import CostEntry, QuotaEntry
from reports.models.statement import Kind
from reports.restating import Restatement
from reports.reviews import tables
from reports.reviews.tables import Month, Table

_COUNTED = "Each cost counts evenly per day; what has no rate is missing in the sum."


def spent(month: Month) -> Table:
    """What each source cost in the month, as it is known now."""
    found = costs.spent(month.period, known=month.now)
    rows = [
        {
            "key": source,
            "label": str(label),
            "spent": str(found[source].amount) if source in found else "not known",
            "entries": len(found[source].entries) if source in found else 0,
            "late": len(found[source].late) if source in found else 0,
            "unvalued": len(found[source].unvalued) if source in found else 0,
        }
        for source, label in SourceCategory.choices
    ]
    return tables.table(
        (
            Column("spent", f"Spent ({settings.BASE_CURRENCY})", "figure"),
            Column("entries", "Entries"),
            Column("late", "Said late"),
            Column("unvalued", "Without a rate"),
        ),
        rows,
        head="Source",
        meaning="What each source cost in the month.",
        formula=_COUNTED,
        owner_role="Finance",
    )


def restated(month: Month) -> Table:
    """Rows written in the month about days that were over by then, costs first."""
    told: list[Restatement[Any]] = [
        *restating.late_within(CostEntry, month.period),
        *restating.late_within(QuotaEntry, month.period),
    ]
    return tables.table(
        (
            Column("days", "Days", "text"),
            Column("done", "What was done", "text"),
            Column("change", f"Change ({settings.BASE_CURRENCY})", "figure"),
            Column("by", "By", "text"),
            Column("at", "When", "text"),
            Column("reason", "Why", "lines"),
        ),
        [_line(one) for one in told],
        head="Entry",
        meaning="Costs and quotas that were said or changed when their days were long over: "
        "figures that people had read changed by it.",
        formula="Written more than five days after the last day of the entry.",
        owner_role="Finance",
    )


def _line(one: Restatement[Any]) -> dict[str, Any]:
    entry = one.entry
    if isinstance(entry, CostEntry):
        book, what = "Cost", str(SourceCategory(entry.source).label)
    else:
        book, what = "Quota", quotas.party_name(entry)
    return {
        "key": f"{book.lower()}-{entry.number}-{entry.version}",
        "label": f"{book} #{entry.number}: {what}",
        "days": f"{entry.first_day} to {entry.last_day}",
        "done": str(Kind(entry.kind).label),
        "change": "not known" if one.delta is None else f"{one.delta:+,.2f}",
        "by": str(one.by or ""),
        "at": tables.instant(one.at),
        "reason": one.reason,
    }
