"""What leads and opportunities bring."""

from __future__ import annotations

from people.models import Role
from reports import attribution
from reports.facts import cubes
from reports.metrics.declaring import (
    Better,
    Count,
    Figure,
    Mean,
    Metric,
    Quantile,
    Total,
)
from reports.metrics.usual import ORIGINS, PEOPLE, WHEN, share, span_of

WIN_RATE = Metric(
    key="win_rate",
    name="Win rate",
    meaning="How many of the opportunities that ended in the period were won.",
    formula="Won ÷ (won + lost), of opportunities that ended in the period, with leads or without.",
    owner=Role.MANAGER,
    version=1,
    cube=cubes.CLOSED,
    figures=share("won", "Won", "n", "Ended", "Win rate"),
    slices=("team", "rep", *ORIGINS, *WHEN, "partner"),
    better=Better.HIGHER,
)
DEAL_SIZE = Metric(
    key="deal_size",
    name="Average deal size",
    meaning=(
        "What the opportunities that were won in the period were worth, together and on average."
    ),
    formula=(
        "Value of won opportunities ÷ won opportunities with a known value, in the base currency. "
        "Those without amount or rate are won, but worth nothing here."
    ),
    owner=Role.MANAGER,
    version=1,
    cube=cubes.CLOSED,
    figures=(
        Figure("won", "Won", Count("won")),
        Figure("n", "With a value", Count("valued")),
        Figure("value", "Won value", Total("value")),
        Figure("mean", "Average deal size", Mean("value", "valued")),
    ),
    slices=("team", "rep", *ORIGINS, *WHEN, "partner"),
    better=Better.HIGHER,
)
LEAD_TO_CLOSE = Metric(
    key="lead_to_close",
    name="Lead-to-close time",
    meaning=(
        "How long it took from the first touchpoint of the first lead to the win, of the "
        "opportunities won in the period, and how long of it the opportunity was open."
    ),
    formula=(
        "From the first touchpoint to the win, calendar time; open: from when the opportunity was "
        "opened. Opportunities without leads have no first touchpoint."
    ),
    owner=Role.REVOPS,
    version=1,
    cube=cubes.CLOSED,
    figures=(
        *span_of("to_close", "Won with leads"),
        Figure("open_median", "Median time open", Quantile("open", 0.5)),
    ),
    slices=("source", "medium", "channel", "campaign", "segment", *PEOPLE, *WHEN, "partner"),
    better=Better.LOWER,
)
PARTNER_DEALS = Metric(
    key="partner_deals",
    name="Partner deals",
    meaning="What partners brought or had a part in, of the opportunities won in the period.",
    formula=(
        "Won opportunities that name a partner as who sourced or influenced them; value in the "
        "base currency."
    ),
    owner=Role.PARTNER_MANAGER,
    version=1,
    cube=cubes.CLOSED,
    figures=(
        Figure("n", "Won with a partner", Count("partner_won")),
        Figure("sourced", "Sourced", Count("sourced")),
        Figure("influenced", "Influenced", Count("influenced")),
        Figure("sourced_value", "Sourced value", Total("sourced_value")),
        Figure("influenced_value", "Influenced value", Total("influenced_value")),
        Figure("sourced_size", "Average sourced deal", Mean("sourced_value", "sourced")),
    ),
    slices=("partner", *PEOPLE, *ORIGINS, *WHEN),
    better=Better.HIGHER,
)
ATTRIBUTED_REVENUE = Metric(
    key="attributed_revenue",
    name="Attributed revenue",
    meaning=(
        "To which sources the revenue won in the period is put down, by each attribution model. "
        "No model is true: compare them."
    ),
    formula=(
        "Value of each won opportunity, shared among the touchpoints of its leads before the win: "
        + "; ".join(attribution.LABELS.values())
        + ". Opportunities without touchpoints are in none."
    ),
    owner=Role.MARKETING,
    version=1,
    cube=cubes.CREDITED,
    figures=tuple(
        Figure(model, f"Revenue, {label}", Total(model))
        for model, label in attribution.LABELS.items()
    ),
    slices=("source", "medium", "channel", "campaign", "month"),
    better=Better.HIGHER,
)

METRICS = (
    WIN_RATE,
    DEAL_SIZE,
    LEAD_TO_CLOSE,
    PARTNER_DEALS,
    ATTRIBUTED_REVENUE,
)
