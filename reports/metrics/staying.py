"""How many leads stay with us, stage by stage, and how many are lost."""

from __future__ import annotations

from people.models import Role
from reports.facts import cubes
from reports.metrics.beside import Aged
from reports.metrics.declaring import Better, Count, Figure, Metric, Share
from reports.metrics.usual import ALL_SLICES

HORIZONS = cubes.STAYING
RETENTION = Metric(
    key="lead_retention",
    name="Lead retention and churn",
    meaning=(
        "How many of the leads that came to a stage in the period were still there or had gone on "
        "after 30, 60 and 90 days; the others were lost: disqualified, lost, or sent back to "
        "Nurture."
    ),
    formula=(
        "Retention: stays at a stage that began in the period and did not end in Nurture, "
        "Disqualified or Lost within so many days ÷ stays that began so long ago; churn is the "
        "rest. Younger stays cannot be judged yet and count in none of the shares."
    ),
    owner=Role.MARKETING,
    version=1,
    cube=cubes.ENTERED,
    figures=(
        Figure("n", "Came to the stage", Count("n")),
        *(
            one
            for days in HORIZONS
            for one in (
                Figure(f"n_{days}", f"{days} days old", Count(f"d{days}.n")),
                Figure(f"kept_{days}", f"Retention, {days} days",
                       Share(f"d{days}.kept_{days}", f"d{days}.n")),
                Figure(f"lost_{days}", f"Churn, {days} days",
                       Share(f"d{days}.lost_{days}", f"d{days}.n")),
            )
        ),
    ),
    slices=("stage", *ALL_SLICES),
    better=Better.HIGHER,
    beside=tuple(
        Aged(f"d{days}", cubes.ENTERED, ("n", f"kept_{days}", f"lost_{days}"), days)
        for days in HORIZONS
    ),
)  # fmt: skip

METRICS = (RETENTION,)
