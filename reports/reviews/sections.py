"""What every review shows, in order. A further table is one more line here.

Tables of reports come from the registry as anybody gets them, so that the figures of a review are
those of the pages.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from leads.models import Channel
from reports import registry
from reports.declaration import Column
from reports.reviews import (
    kit_sections,
    kpi_sections,
    ledger_sections,
    months,
    other_sections,
    tables,
)
from reports.reviews.tables import Month, Section, Table

SCHEMA = 1
"""Of the snapshot: how sections are kept."""

_SLA = ("met", "late", "breached", "running", "attainment", "attainment_low", "attainment_high")
_REJECTED = ("mqls", "accepted", "rejected", "undecided", "rate", "rate_low", "rate_high",
             "disputed", "overturned", "rate_after")  # fmt: skip
_OVERRIDDEN = ("decisions", "overridden", "rate", "right", "wrong", "misrouted", "verdict")
_CAME = ("leads", "mql", "accepted", "sql", "opportunity", "won", "mql_rate", "acceptance_rate",
         "sql_rate")  # fmt: skip


def _report(name: str, by: str, show: tuple[str, ...]) -> Callable[[Month], Table]:
    def make(month: Month) -> Table:
        report = registry.build(name, month.eyes, period=month.period, by=by, now=month.now)
        return tables.of_report(report, show)

    return make


def _sla_matrix(month: Month) -> Table:
    """SLA attainment of each stage in each channel: one line for each cell that has clocks."""
    rows: list[dict[str, Any]] = []
    declared = registry.get("sla")
    for channel, label in Channel.choices:
        report = registry.build(
            "sla", month.eyes, period=month.period, by="stage", only={"channel": channel},
            now=month.now,
        )  # fmt: skip
        rows += [
            {**row.figures(), "key": f"{row.key}/{channel}", "label": row.label,
             "channel": str(label)}
            for row in report.rows
        ]  # fmt: skip
    return tables.table(
        (Column("channel", "Channel", "text"), *declared.columns),
        rows,
        head="Stage",
        show=("channel", *_SLA),
        meaning="How many of the obligations of each stage were met, channel by channel.",
        formula=declared.formula,
        owner_role=declared.owner_role,
    )


ALL: tuple[Section, ...] = (
    Section("definitions", "Definitions in force", "Stages", kit_sections.definitions),
    Section("kpi", "KPIs", "All of the month", kpi_sections.whole),
    Section("kpi.source", "KPIs", "By source", kpi_sections.by_source),
    Section("kpi.rep", "KPIs", "By rep", kpi_sections.by_rep, of_people=True),
    Section("kpi.definitions", "KPIs", "What they mean", kpi_sections.definitions),
    Section("funnel.source", "Funnel", "By source", _report("funnel", "source", _CAME)),
    Section("kit.versions", "Kit changes and approvers", "Versions", kit_sections.versions),
    Section("sla.obligation", "SLA attainment", "By obligation",
            _report("sla", "obligation", _SLA)),
    Section("sla.matrix", "SLA attainment", "Stage by channel", _sla_matrix),
    Section("sla.team", "SLA attainment", "By team", _report("sla", "team", _SLA)),
    Section("sla.rep", "SLA attainment", "By rep", _report("sla", "rep", _SLA), of_people=True),
    Section("rejections.source", "Rejections and disputes", "By source",
            _report("rejections", "source", _REJECTED)),
    Section("rejections.reason", "Rejections and disputes", "By reason",
            _report("rejections", "reason", ("rejected", "rate", "rate_low", "rate_high",
                                             "disputed", "overturned", "rate_after"))),
    Section("rejections.rep", "Rejections and disputes", "By rep",
            _report("rejections", "rep", _REJECTED), of_people=True),
    Section("fairness", "Fairness of pools", "Pools", other_sections.fairness),
    Section("fairness.members", "Fairness of pools", "Members",
            other_sections.fairness_of_members, of_people=True),
    Section("drift", "Drift", "Alarms", other_sections.drift),
    Section("overrides.rule", "Overrides and misroutes", "By rule",
            _report("overrides", "rule", _OVERRIDDEN)),
    Section("overrides.reason", "Overrides and misroutes", "By reason",
            _report("overrides", "reason", ("overridden", "rate", "right", "wrong", "undecided"))),
    Section("costs.source", "Costs", "By source", ledger_sections.spent, confidential=True),
    Section("costs.restated", "Costs", "Said late, of costs and quotas",
            ledger_sections.restated, confidential=True),
    Section("findings.earlier", "Earlier findings", "Not done yet", other_sections.earlier),
)  # fmt: skip


def snapshot(month: Month) -> dict[str, Any]:
    """Everything a review saw of its month, as it is kept."""
    return {
        "schema": SCHEMA,
        "number": f"{month.month:%Y-%m}",
        "from": tables.instant(month.period.start),
        "to": tables.instant(month.period.end),
        "as_of": tables.instant(month.now),
        "zone": str(months.zone()),
        "sections": [one.table(month) for one in ALL],
    }
