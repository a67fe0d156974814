"""A decision record as it is stored, for a file: enough to make the pick again elsewhere."""

from __future__ import annotations

from typing import Any

from routing import decision_seen
from routing.discretion import Sight
from routing.models import Decision


def of(decision: Decision, sight: Sight) -> dict[str, Any]:
    """Every column, the snapshot with it; candidates of a large pool dealt again. Whatever the
    reader may not see is left out, and marked as withheld.
    """
    row = decision_seen.in_full(decision, sight)
    snapshot = row.snapshot
    return {
        "decision": row.pk,
        "lead": row.lead_id,
        "at": row.at.isoformat(),
        "moment": row.moment,
        "facts": row.facts,
        "tried": row.tried,
        "target": row.target,
        "pool": row.pool,
        "picked": row.picked_id,
        "because": row.because,
        "seed": row.seed,
        "turn": row.turn,
        "place": row.place,
        "candidates": row.candidates,
        "kit": {"number": row.kit.number, "checksum": row.kit.checksum},
        "snapshot": None
        if snapshot is None
        else {"id": snapshot.pk, "checksum": snapshot.checksum, "content": snapshot.content},
    }
