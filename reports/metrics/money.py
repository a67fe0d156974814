"""What leads cost, what they bring, and whether the pipeline is enough."""

from __future__ import annotations

from people.models import Role
from reports import attribution
from reports.facts import cubes
from reports.metrics import formulas
from reports.metrics.beside import Facts, Pipeline, Quotas, Spent, Year
from reports.metrics.declaring import (
    Better,
    Count,
    Figure,
    Formula,
    Mean,
    Metric,
    Ratio,
    Share,
    Total,
)
from reports.metrics.usual import COHORT, ORIGINS, PEOPLE

SPENT = Spent()
OPEN = Pipeline()
_SHARED = (
    "By anything but source, channel and campaign, the cost of each source is shared evenly among "
    "its leads of the period. Not known while an entry has no rate; entries written down after "
    "their span and the days of grace are counted as late: they restate what was told before."
)
_LEDGER = (
    Figure("cost", "Cost", Total("spent.amount")),
    Figure("late", "Late entries", Count("spent.late")),
    Figure("unvalued", "Entries without a rate", Count("spent.unvalued")),
)


def _cost_per(key: str, name: str, measure: str, label: str, what: str, formula: str) -> Metric:
    return Metric(
        key=key,
        name=name,
        meaning=f"{what} {COHORT if measure != 'n' else ''}".strip(),
        formula=f"{formula} {_SHARED}",
        owner=Role.MARKETING,
        version=1,
        cube=cubes.LEADS,
        figures=(
            Figure("n", label, Count(measure)),
            *_LEDGER,
            Figure("each", name, Ratio("spent.amount", measure)),
        ),
        slices=(*ORIGINS, "nurtured", *PEOPLE, "month", "week"),
        better=Better.LOWER,
        beside=(SPENT,),
        of=measure,
    )


COST_PER_LEAD = _cost_per(
    "cost_per_lead", "Cost per lead", "n", "Leads",
    "What a lead that came in during the period cost.",
    "Cost of the period by the ledger ÷ leads of the period.",
)  # fmt: skip
COST_PER_MQL = _cost_per(
    "cost_per_mql", "Cost per MQL", "mql", "MQL",
    "What each lead of the period that became an MQL cost, with all that did not.",
    "Cost of the period by the ledger ÷ leads of the period that became MQLs.",
)  # fmt: skip
COST_PER_SQL = _cost_per(
    "cost_per_sql", "Cost per SQL", "sql", "SQL",
    "What each lead of the period that became an SQL cost, with all that did not.",
    "Cost of the period by the ledger ÷ leads of the period that became SQLs.",
)  # fmt: skip
COST_PER_OPPORTUNITY = _cost_per(
    "cost_per_opportunity", "Cost per opportunity", "opportunity", "Opportunities",
    "What each lead of the period that led to an opportunity cost, with all that did not.",
    "Cost of the period by the ledger ÷ leads of the period that led to an opportunity.",
)  # fmt: skip
SOURCE_ROI = Metric(
    key="source_roi",
    name="Lead source ROI",
    meaning=(
        "What each unit of money spent on a source brought in revenue, by each attribution model. "
        "No model is true: compare them."
    ),
    formula=(
        "Revenue won in the period that a model puts down to the source ÷ what was spent on it in "
        "the period. What is spent now is often won later: look at long periods. Not known where "
        "the ledger has no cost, or an entry without a rate."
    ),
    owner=Role.MARKETING,
    version=1,
    cube=cubes.CREDITED,
    figures=(
        Figure("cost", "Cost", Total("spent.amount")),
        *(
            Figure(f"revenue_{model}", f"Revenue, {label}", Total(model))
            for model, label in attribution.LABELS.items()
        ),
        *(
            Figure(f"roi_{model}", f"Return, {label}", Ratio(model, "spent.amount", "times"))
            for model, label in attribution.LABELS.items()
        ),
    ),
    slices=("source", "channel", "campaign", "month"),
    better=Better.HIGHER,
    beside=(SPENT,),
    main="roi_linear",
)
LEAD_TO_REVENUE = Metric(
    key="lead_to_revenue",
    name="Lead-to-revenue ratio",
    meaning="What the revenue won in the period makes for each lead that came in during it.",
    formula=(
        "Value of the opportunities won in the period, in the base currency ÷ leads that came in "
        "during the period. An opportunity is of the source of its first lead; of those without "
        "leads no source is known."
    ),
    owner=Role.FINANCE,
    version=1,
    cube=cubes.LEADS,
    figures=(
        Figure("n", "Leads", Count("n")),
        Figure("won", "Won opportunities", Count("closed.won")),
        Figure("revenue", "Won value", Total("closed.value")),
        Figure("each", "Revenue per lead", Ratio("closed.value", "n")),
    ),
    slices=(*ORIGINS, *PEOPLE, "month", "week"),
    better=Better.HIGHER,
    beside=(Facts("closed", cubes.CLOSED, ("won", "value")),),
    of="n",
)
PIPELINE_VELOCITY = Metric(
    key="pipeline_velocity",
    name="Pipeline velocity",
    meaning="How much revenue a day the open pipeline turns into, if it goes on as in the period.",
    formula=(
        "Opportunities open at the end of the period × win rate × average deal size ÷ average "
        "cycle in days, the last three of the opportunities that ended in the period; the cycle is "
        "how long the won ones were open, calendar time."
    ),
    owner=Role.REVOPS,
    version=1,
    cube=cubes.CLOSED,
    figures=(
        Figure("open", "Open at the end", Count("open.n")),
        Figure("ended", "Ended", Count("n")),
        Figure("win_rate", "Win rate", Share("won", "n")),
        Figure("size", "Average deal size", Mean("value", "valued")),
        Figure("cycle", "Average cycle", Mean("open_seconds", "won", "seconds")),
        Figure(
            "velocity",
            "Revenue a day",
            Formula(
                formulas.velocity, ("open.n", "won", "n", "value", "valued", "open_seconds")
            ),
        ),
    ),
    slices=("team", "rep", *ORIGINS, "month"),
    better=Better.HIGHER,
    beside=(OPEN,),
    main="velocity",
    of="n",
)  # fmt: skip
PIPELINE_COVERAGE = Metric(
    key="pipeline_coverage",
    name="Pipeline coverage",
    meaning=(
        "How often the weighted pipeline covers what is still to be won of the quota, and how many "
        "more leads it takes to reach it."
    ),
    formula=(
        "Value of the opportunities open at the end of the period, each times the win likelihood "
        "of its sales stage ÷ (quota of the period − value won in it). Leads needed: what is "
        "missing then ÷ (lead conversion × average deal size, both of the 365 days that end with "
        "the period). No quota, no ratio: quotas of reps are not added up to that of a team."
    ),
    owner=Role.MANAGER,
    version=1,
    cube=cubes.CLOSED,
    figures=(
        Figure("quota", "Quota", Total("quota.amount")),
        Figure("won", "Won", Count("won")),
        Figure("value", "Won value", Total("value")),
        Figure("left", "Still to be won", Formula(formulas.remaining, ("quota.amount", "value"))),
        Figure("open", "Open", Count("open.n")),
        Figure("weighted", "Weighted pipeline", Total("open.weighted")),
        Figure(
            "coverage",
            "Coverage",
            Formula(formulas.coverage, ("open.weighted", "quota.amount", "value"), "times"),
        ),
        Figure(
            "needed",
            "Leads needed",
            Formula(
                formulas.leads_needed,
                ("open.weighted", "quota.amount", "value",
                 "came.n", "came.won", "year.value", "year.valued"),
                "count",
            ),
        ),
    ),
    slices=("team", "rep", "month"),
    better=Better.HIGHER,
    beside=(
        OPEN,
        Quotas(),
        Year("came", cubes.LEADS, ("n", "won")),
        Year("year", cubes.CLOSED, ("value", "valued")),
    ),
    main="coverage",
    of="won",
)  # fmt: skip

METRICS = (
    COST_PER_LEAD,
    COST_PER_MQL,
    COST_PER_SQL,
    COST_PER_OPPORTUNITY,
    SOURCE_ROI,
    LEAD_TO_REVENUE,
    PIPELINE_VELOCITY,
    PIPELINE_COVERAGE,
)
