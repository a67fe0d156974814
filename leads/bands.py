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


def lowest(text: str) -> int | None:
    """The lowest number of a band, however it is written: 201-500, 201–500, 10,001+; else None."""
    written = "".join(text.split()).replace("–", "-").replace(",", "")
    return next((low for key, low, _ in BANDS if key == written), None)


def shown(employees: int | None) -> str:
    """A company's size in words: `420`, and `501–1,000` where a band may have been meant.

    Of a band its lowest number is kept, so the lowest of a band stands for the whole of it.
    """
    if employees is None:
        return ""
    labels = dict(CHOICES)
    return next((labels[key] for key, low, _ in BANDS if low == employees), f"{employees:,}")
