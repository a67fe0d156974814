"""Employee bands: the sizes of company that people speak of. Pure."""

from __future__ import annotations

BANDS = (
    ("1-10", 1, 10),
    ("11-50", 11, 50),
    ("51-200", 51, 200),
    ("201-500", 201, 500),
    ("501-1000", 501, 1_000),
    ("1001-5000", 1_001, 5_000),
    ("5001-10000", 5_001, 10_000),
    ("10001+", 10_001, None),
)
"""Each with its lowest and highest number of employees."""

CHOICES = tuple(
    (key, f"{low:,}+" if high is None else f"{low:,}–{high:,}") for key, low, high in BANDS
)


def band(employees: int | None) -> str:
    """The band of a company's size; empty when it is unknown or nobody works there."""
    if employees is None:
        return ""
    for key, low, high in BANDS:
        if low <= employees and (high is None or employees <= high):
            return key
    return ""
