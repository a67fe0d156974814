"""Drift in words: figures, sentences, why nothing can be said yet. Pure."""

from __future__ import annotations

import datetime as dt

from reports.drift.verdicts import Lack, Metric, State

NAMES = {
    Metric.ACCEPTANCE: "Acceptance rate",
    Metric.REASONS: "Reject reasons",
    Metric.VOLUME: "MQL volume",
}
ABOUT = {
    Metric.ACCEPTANCE: "Accepted ÷ (accepted + rejected), by the day of the decision",
    Metric.REASONS: "Share of each reason among the rejections for reasons that both versions know",
    Metric.VOLUME: "MQLs per working day, by source; re-qualified leads are not counted",
}
UNITS = {
    Metric.ACCEPTANCE: "decision",
    Metric.REASONS: "rejection",
    Metric.VOLUME: "working day",
}
STATES = {
    State.WITHIN: "Within",
    State.ABOVE: "Above",
    State.BELOW: "Below",
    State.TOO_FEW: "Too few",
}


def subject(metric: Metric, label: str) -> str:
    """“Acceptance rate”, “Acceptance rate (Paid)”, “Reject reason “No budget””."""
    if metric is Metric.REASONS:
        return f"Reject reason “{label}”" if label else NAMES[metric]
    return f"{NAMES[metric]} ({label})" if label else NAMES[metric]


def figure(metric: Metric, value: float) -> str:
    """A share as “62.5 %”, a volume as “15.0”."""
    return f"{value:.1f}" if metric is Metric.VOLUME else f"{100 * value:.1f} %"


def span(metric: Metric, low: float, high: float) -> str:
    """“57.8 to 95.6 %”, “2.1 to 9.4”."""
    return f"{figure(metric, low).removesuffix(' %')} to {figure(metric, high)}"


def basis(metric: Metric, n: int) -> str:
    """What a figure was counted over: “of 45 decisions”, “over 9 working days”."""
    preposition = "over" if metric is Metric.VOLUME else "of"
    return f"{preposition} {plural(n, UNITS[metric])}"


def left_limits(
    metric: Metric, label: str, *, observed: float, low: float, high: float, n: int
) -> str:
    """What left its limits: “Acceptance rate fell to 20.0 % of 45 decisions; 57.8 to 95.6 % …”."""
    moved = "rose" if observed > high else "fell"
    a_day = " a working day" if metric is Metric.VOLUME else ""
    return (
        f"{subject(metric, label)} {moved} to {figure(metric, observed)}{a_day} "
        f"{basis(metric, n)}; {span(metric, low, high)} was to be expected."
    )


def too_few(lack: Lack, *, version: int, base: int) -> str:
    """“12 of 30 decisions since v3”, “9 of 30 rejections under v2 to compare with”."""
    count = f"{lack.have:,} of {plural(lack.need, lack.unit)}"
    if lack.side == "since":
        return f"{count} since v{version}"
    if lack.side == "before":
        return f"{count} under v{base} to compare with"
    return f"{count} before and since"


def speaks_from(first: dt.date) -> str:
    """When the first whole day of a version is over: the morning after, as “19 Mar”."""
    day = first + dt.timedelta(days=1)
    return f"{day:%a} {day.day} {day:%b %Y}"


def plural(count: int, unit: str) -> str:
    """“1 decision”, “45 decisions”."""
    return f"{count:,} {unit}" if count == 1 else f"{count:,} {unit}s"
