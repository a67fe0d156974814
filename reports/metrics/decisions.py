"""What Sales makes of MQLs."""

from __future__ import annotations

from people.models import Role
from reports.facts import cubes
from reports.metrics.declaring import (
    Better,
    Count,
    Figure,
    Metric,
    Share,
)
from reports.metrics.usual import ALL_SLICES

ACCEPTANCE = Metric(
    key="acceptance",
    name="Acceptance rate",
    meaning=(
        "How many of the MQLs of the period that were decided Sales accepted, before disputes and "
        "after them. Accepted, rejected and undecided together are all MQLs."
    ),
    formula=(
        "Accepted ÷ (accepted + rejected), by the first decision of each pass. After disputes: by "
        "the first decision that was not overturned. Imported history is left out: nobody decided "
        "about it here."
    ),
    owner=Role.REVOPS,
    version=1,
    cube=cubes.MQLS,
    figures=(
        Figure("n", "MQL", Count("here")),
        Figure("accepted", "Accepted", Count("accepted")),
        Figure("rejected", "Rejected", Count("rejected")),
        Figure("undecided", "Undecided", Count("undecided")),
        Figure("rate", "Acceptance", Share("accepted", "decided")),
        Figure("final", "After disputes", Share("final_accepted", "final_decided")),
    ),
    slices=ALL_SLICES,
    better=Better.HIGHER,
)
REJECTION = Metric(
    key="rejection",
    name="Rejection rate",
    meaning=(
        "How many of the MQLs of the period that were decided Sales rejected, before disputes and "
        "after them."
    ),
    formula=(
        "Rejected ÷ (accepted + rejected), by the first decision of each pass; by reason and by "
        "criterion: rejections for it ÷ all decisions. After disputes: by the first decision that "
        "was not overturned. Imported history is left out."
    ),
    owner=Role.REVOPS,
    version=1,
    cube=cubes.MQLS,
    figures=(
        Figure("n", "Decided", Count("decided")),
        Figure("rejected", "Rejected", Count("rejected")),
        Figure("rate", "Rejection", Share("rejected", "decided")),
        Figure("final", "After disputes", Share("final_rejected", "final_decided")),
    ),
    slices=(*ALL_SLICES, "reason", "criterion"),
    better=Better.LOWER,
    parts=("reason", "criterion"),
)

METRICS = (
    ACCEPTANCE,
    REJECTION,
)
