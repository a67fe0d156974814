"""The drift monitor as a page: what left its limits, and every figure of the last publications."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from core import errors
from core.texts import _, lazy
from people.models import User
from reports.drift import publications, series, wording
from reports.drift.publications import Publication
from reports.drift.verdicts import ALL, Metric, State, Verdict
from web.console import drift_alarms, drift_chart, kit_links, words
from web.console.drift_alarms import Attempt, Group, Past
from web.console.drift_chart import Chart, Gauge

SHOWN = 4
ORDER = (Metric.ACCEPTANCE, Metric.VOLUME, Metric.REASONS)
TONES = {
    State.WITHIN: ("ok", "check-circle"),
    State.ABOVE: ("late", "arrow-up"),
    State.BELOW: ("late", "arrow-down"),
    State.TOO_FEW: ("none", "clock"),
}
OVERALL = {
    State.WITHIN: lazy("Within limits"),
    State.ABOVE: lazy("Outside limits"),
    State.BELOW: lazy("Outside limits"),
    State.TOO_FEW: lazy("Too few yet"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One slice of a figure; `lack` says why nothing can be said of it."""

    label: str
    seen: str
    expected: str
    limits: str
    basis: str
    word: str
    tone: str
    icon: str
    lack: str
    gauge: Gauge | None


@dataclass(frozen=True, slots=True)
class Step:
    """One point of the chart as a line of its table."""

    label: str
    side: str
    seen: str
    limits: str
    word: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the three figures."""

    key: str
    title: str
    about: str
    word: str
    tone: str
    icon: str
    lack: str
    chart: Chart | None
    steps: tuple[Step, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """One publication; `nothing` says why it cannot be judged."""

    number: int
    base: int
    title: str
    line: str
    state: str
    tone: str
    url: str
    compare_url: str
    nothing: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class DriftPage:
    """The page."""

    sentence: str
    alarms: tuple[Group, ...]
    past: tuple[Past, ...]
    panels: tuple[Panel, ...]


def build(
    reader: User, *, now: datetime, zone: tzinfo, attempt: Attempt | None = None
) -> DriftPage:
    """The page for who works on kits; `attempt` is a refused try to acknowledge.

    The number of queries does not depend on the data. Raises NotAllowed.
    """
    if not kit_links.sees_drafts(reader, now=now):
        raise errors.NotAllowed(_("The drift monitor is for RevOps, Marketing and managers."))
    found = publications.recent(now=now, most=SHOWN)
    alarms = drift_alarms.groups(found, reader=reader, now=now, zone=zone, attempt=attempt)
    return DriftPage(
        sentence=_sentence(found, alarms),
        alarms=alarms,
        past=drift_alarms.past(now=now, zone=zone),
        panels=tuple(_panel(one, now=now, zone=zone) for one in found),
    )


def _sentence(found: Sequence[Publication], alarms: Sequence[Group]) -> str:
    if not found:
        return _("No version has replaced another yet, so nothing can have drifted.")
    standing = sum(len(group.alarms) for group in alarms)
    if standing:
        verb = "is" if standing == 1 else "are"
        return _("{plural} {verb} outside of what chance explains.").format(
            plural=words.plural(standing, "figure"), verb=verb
        )
    return _("Every figure that can be judged is within what chance explains.")


def _panel(one: Publication, *, now: datetime, zone: tzinfo) -> Panel:
    window, number, base = one.window, one.version.number, one.base.number
    since = words.day(one.version.published_at or now, now=now, zone=zone)
    sides = (
        _("; {plural} since, {before} before under v{base}").format(
            plural=words.plural(len(window.after), "whole day"),
            before=f"{len(window.before):,}",
            base=base,
        )
        if window.after
        else ""
    )
    nothing = _nothing(one)
    return Panel(
        number=number,
        base=base,
        title=one.version.title,
        line=_("Published {since}{sides}").format(since=since, sides=sides),
        state=one.version.get_status_display(),
        tone="ok" if one.is_active else "none",
        url=kit_links.url("kit-version", number),
        compare_url=kit_links.url("kit-compare", base, number),
        nothing=nothing,
        figures=() if nothing else tuple(_figure(one, metric) for metric in ORDER),
    )


def _nothing(one: Publication) -> str:
    """Why a publication cannot be judged at all; empty when it can."""
    number, base = one.version.number, one.base.number
    if not one.window.after:
        if one.is_active:
            day = wording.speaks_from(one.window.first)
            return _("v{number} is too young: nothing can be said before {day}.").format(
                number=number, day=day
            )
        return _(
            "v{number} was in force for less than a whole day; there is nothing to compare."
        ).format(number=number)
    if not one.window.before:
        return _(
            "v{base} was in force for less than a whole day; there is nothing to compare with."
        ).format(base=base)
    return ""


def _figure(one: Publication, metric: Metric) -> Figure:
    judged = [verdict for verdict in one.verdicts if verdict.metric is metric]
    state = _overall(judged)
    tone, icon = TONES[state]
    points = series.of(metric, one.evidence)
    whole = next((verdict for verdict in judged if verdict.slice == ALL), None)
    lack = _lack(one, whole)
    label = _("{NAMES} before and since v{number}").format(
        NAMES=wording.NAMES[metric], number=one.version.number
    )
    return Figure(
        key=f"v{one.version.number}-{metric.lower()}",
        title=wording.NAMES[metric],
        about=wording.ABOUT[metric],
        word=OVERALL[state],
        tone=tone,
        icon="alert" if state in (State.ABOVE, State.BELOW) else icon,
        lack=lack,
        chart=drift_chart.chart(metric, points, label=label),
        steps=tuple(_step(metric, point) for point in points if point.limits is not None),
        rows=_rows(one, judged),
    )


def _overall(judged: Sequence[Verdict]) -> State:
    for state in (State.ABOVE, State.BELOW, State.WITHIN):
        if any(verdict.state is state for verdict in judged):
            return state
    return State.TOO_FEW


def _lack(one: Publication, verdict: Verdict | None) -> str:
    if verdict is None or verdict.lack is None:
        return ""
    return wording.too_few(verdict.lack, version=one.version.number, base=one.base.number)


def _rows(one: Publication, judged: Sequence[Verdict]) -> tuple[Row, ...]:
    limits = [verdict.limits for verdict in judged if verdict.limits is not None]
    if not limits:
        return ()
    top = max(max(found.high, found.observed) for found in limits)
    return tuple(_row(one, verdict, top) for verdict in judged)


def _row(one: Publication, verdict: Verdict, top: float) -> Row:
    metric, limits = verdict.metric, verdict.limits
    tone, icon = TONES[verdict.state]
    word = wording.STATES[verdict.state]
    label = one.label(metric, verdict.slice) or _("All")
    if limits is None:
        dash = words.DASH
        return Row(label, dash, dash, dash, "", word, tone, icon, _lack(one, verdict), None)
    return Row(
        label=label,
        seen=wording.figure(metric, limits.observed),
        expected=wording.figure(metric, limits.expected),
        limits=wording.span(metric, limits.low, limits.high),
        basis=wording.basis(metric, limits.n),
        word=word,
        tone=tone,
        icon=icon,
        lack="",
        gauge=drift_chart.gauge(
            low=limits.low,
            high=limits.high,
            expected=limits.expected,
            seen=limits.observed,
            top=top,
        ),
    )


def _step(metric: Metric, point: series.Point) -> Step:
    limits = point.limits
    if limits is None:
        raise LookupError("a point without limits has no line")
    return Step(
        drift_chart.span(point),
        "since" if point.after else "before",
        f"{wording.figure(metric, limits.observed)} {wording.basis(metric, limits.n)}",
        wording.span(metric, limits.low, limits.high),
        "outside" if point.is_outside else "within",
    )
