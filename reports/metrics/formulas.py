"""What is made of several sums. Pure; None where it cannot be told."""

from __future__ import annotations

import math

DAY = 24 * 3600.0


def velocity(
    open_deals: float, won: float, ended: float, value: float, valued: float, seconds: float
) -> float | None:
    """What the pipeline turns into revenue a day: n × win rate × average deal ÷ cycle in days.

    `seconds` is how long the won ones were open, all together.
    """
    if not (won and ended and valued and seconds):
        return None
    cycle = seconds / won / DAY
    return open_deals * (won / ended) * (value / valued) / cycle


def remaining(quota: float, value: float) -> float:
    """What is still to be won; nought when the quota is reached."""
    return max(quota - value, 0.0)


def coverage(weighted: float, quota: float, value: float) -> float | None:
    """How often the weighted pipeline covers what is still to be won; None when nothing is."""
    left = remaining(quota, value)
    return weighted / left if left else None


def leads_needed(
    weighted: float, quota: float, value: float,
    leads: float, won: float, year_value: float, valued: float,
) -> float | None:  # fmt: skip
    """How many more leads are needed to reach the quota: gap ÷ (lead conversion × average deal).

    The gap is what the weighted pipeline does not cover of what is still to be won.
    """
    gap = max(remaining(quota, value) - weighted, 0.0)
    if not gap:
        return 0.0
    if not (leads and won and valued and year_value):
        return None
    return float(math.ceil(round(gap / (won / leads * (year_value / valued)), 6)))
