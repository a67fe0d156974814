"""What time brings for signals: those left behind, those that wait, those that waited in vain."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Mapping

from core import database
from leads.models import SentSignal, SentStatus
from lifecycle import parking
from lifecycle.signalling import advancing, looking

AT_ONCE = 200
MOST_ATTEMPTS = 5


def sweep(now: dt.datetime | None, until: float) -> Mapping[str, int]:
    """Advance what its door left behind, one by one; look again at what waits; drop the rest."""
    at = now or database.now()
    done = Counter(
        signals_dropped=looking.drop(now=at),
        signals_set_aside=parking.give_up(at, after=MOST_ATTEMPTS, model=SentSignal),
    )
    # One at a time: what failed with others is tried alone.
    while time.monotonic() < until:
        ids = parking.take_left_behind(now=at, limit=1, model=SentSignal)
        if not ids:
            break
        done["signals"] += len(advancing.advance(ids, now=now))
    while time.monotonic() < until:
        ids = parking.take_left_behind(
            now=at, limit=AT_ONCE, model=SentSignal, statuses=(SentStatus.WAITING.value,)
        )
        if not ids:
            break
        found = advancing.advance(ids, now=now).values()
        done["signals_found"] += sum(one["outcome"] != "waiting" for one in found)
    return done
