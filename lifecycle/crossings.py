"""Crossings of thresholds: a lead's score reaches a higher band, or falls out of its own.

Each is one event, up or down; a band with a lower exit (`leaves_below`) is not left and reached
again by every point. What hangs on thresholds, such as sequences and notices, hears of the event.
"""

from __future__ import annotations

from typing import Any

from governance.kit import Kit
from leads.ledger import Ledger
from leads.models import EventKind, Lead, LeadEvent
from leads.scoring import Score

UP, DOWN = "up", "down"


def tell(
    lead: Lead, before: str, score: Score, *, ledger: Ledger, quiet: bool = False
) -> LeadEvent | None:
    """Record that the lead came from the band `before` to the one it is in now, if it did.

    A lead that begins in the lowest band crosses nothing, nor does one whose band the kit has
    given another name. `quiet` tells nobody: of history that is brought in.
    """
    because = _crossing(ledger.kit, before, score)
    if because is None:
        return None
    return ledger.event(lead, EventKind.CROSSED, because=because, quiet=quiet)


def _crossing(kit: Kit, before: str, score: Score) -> dict[str, Any] | None:
    """What is told of it: both bands, which way, the threshold, and the score right then."""
    ranks = {band.key: rank for rank, band in enumerate(reversed(kit.bands), start=1)}
    lowest = kit.bands[-1].key if kit.bands else ""
    old, new = ranks.get(before or lowest), ranks.get(score.band, 0)
    if old is None or old == new:
        return None
    up = new > old
    crossed = kit.bands[-new] if up else kit.bands[-old]
    return {
        "from_band": before,
        "to_band": score.band,
        "direction": UP if up else DOWN,
        "threshold": crossed.at_least if up else crossed.left_below,
        "score": score.rounded(),
    }
