"""What the declarations of metrics share: usual slices, and usual rows of figures."""

from __future__ import annotations

from reports.metrics.declaring import Count, Figure, Quantile, Share, Spans

ORIGINS = ("source", "medium", "channel", "campaign", "segment")
PEOPLE = ("team", "rep")
WHEN = ("kit", "month", "week")
ALL_SLICES = (*ORIGINS, *PEOPLE, *WHEN)

COHORT = (
    "Young ones may still go on, so the figure of a period that has just ended rises for a while. "
    "A step that was taken back does not count."
)


def share(
    part: str, part_label: str, whole: str, whole_label: str, rate: str
) -> tuple[Figure, ...]:
    """How many, how many of them went on, and what part that is."""
    return (
        Figure("n", whole_label, Count(whole)),
        Figure("part", part_label, Count(part)),
        Figure("rate", rate, Share(part, whole)),
    )


def span_of(span: str, label: str) -> tuple[Figure, ...]:
    """How many spans, their median and their 90th percentile."""
    return (
        Figure("n", label, Spans(span)),
        Figure("median", "Median", Quantile(span, 0.5)),
        Figure("p90", "90th percentile", Quantile(span, 0.9)),
    )
