"""When what did not arrive is sent again, and how long a failing endpoint is left alone. Pure."""

from __future__ import annotations

import datetime as dt

PAUSES = (
    dt.timedelta(seconds=5),
    dt.timedelta(minutes=5),
    dt.timedelta(minutes=30),
    dt.timedelta(hours=2),
    dt.timedelta(hours=5),
    dt.timedelta(hours=10),
    dt.timedelta(hours=14),
    dt.timedelta(hours=20),
    dt.timedelta(hours=24),
)
"""After the first attempt, the second, and so on; after the last one it is given up."""
MOST_ATTEMPTS = len(PAUSES) + 1
JITTER = 0.1
"""Up to such a share is added, so that what failed together does not come back together."""
SAME_AT_LAST = dt.timedelta(hours=24)
TRIPS_AT = 5
"""Failures in a row after which an endpoint rests."""
FIRST_REST = dt.timedelta(seconds=10)
LONGEST_REST = dt.timedelta(minutes=10)


def pause(attempts: int, *, share: float, asked: int | None = None) -> dt.timedelta | None:
    """How long to wait after so many attempts; None when there is none to follow.

    `share` of 0 to 1 is how much of the jitter is added; `asked` are the seconds the other side
    asked for, which count up to a day if they are more.
    """
    if attempts >= MOST_ATTEMPTS:
        return None
    own: dt.timedelta = PAUSES[max(attempts, 1) - 1] * (1 + JITTER * share)
    return max(own, min(dt.timedelta(seconds=asked or 0), SAME_AT_LAST))


def rest(failures: int) -> dt.timedelta | None:
    """How long an endpoint is left alone after so many failures in a row; None: not at all."""
    if failures < TRIPS_AT:
        return None
    doubled: int = 1 << min(failures - TRIPS_AT, 10)
    return min(LONGEST_REST, FIRST_REST * doubled)
