"""Charts as inline SVG: no script, no style attribute; each has a label and a table beside it."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core.texts import _
from web.console.decay_curve import EDGE, HEIGHT, WIDTH, Curve

register = template.Library()

SEGMENTS = ("met", "late", "breached", "running")


@register.simple_tag
def steps(score: float | None) -> SafeString:
    """A score of 0 to 100 as five steps."""
    return _steps(0 if score is None else max(0, min(5, round(float(score) / 20))))


@functools.cache
def _steps(lit: int) -> SafeString:
    marks = format_html_join(
        "",
        '<rect x="{}" y="{}" width="6" height="{}" rx="1.5" class="{}"/>',
        ((i * 8, 6 - i * 1.5, 4 + i * 1.5, "on" if i < lit else "off") for i in range(5)),
    )
    return format_html('<svg class="steps" viewBox="0 0 39 10" aria-hidden="true">{}</svg>', marks)


@register.simple_tag
def meter(value: float, whole: float, tone: str = "", label: str = "") -> SafeString:
    """A share as a bar; past the whole it is full and late."""
    share = min(1.0, value / whole) if whole else 0.0
    return format_html(
        '<svg class="meter" data-tone="{}" viewBox="0 0 100 6" preserveAspectRatio="none"'
        ' role="img" aria-label="{}"><rect class="track" width="100" height="6" rx="1"/>'
        '<rect class="fill" width="{}" height="6" rx="1"/></svg>',
        tone,
        label or _("{value} of {whole}").format(value=f"{value:g}", whole=f"{whole:g}"),
        f"{share * 100:.1f}",
    )


@register.simple_tag
def stacked(segments: Any, label: str = "") -> SafeString:
    """Met, late, breached and running of one row as one bar; `segments` has those four counts."""
    counts = [(name, _count(segments, name)) for name in SEGMENTS]
    whole = sum(count for _, count in counts)
    return format_html(
        '<svg class="chart chart--stacked" viewBox="0 0 100 8" height="8"'
        ' preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>',
        label or ", ".join(f"{count} {name}" for name, count in counts),
        _bars(counts, whole),
    )


def _count(segments: Any, name: str) -> int:
    value = segments[name] if isinstance(segments, dict) else getattr(segments, name)
    return int(value)


def _bars(counts: Sequence[tuple[str, int]], whole: int) -> SafeString:
    if not whole:
        return format_html('<rect class="{}" width="100" height="8" rx="1"/>', "running")
    rows, x = [], 0.0
    for name, count in counts:
        width = 100 * count / whole
        if count:
            rows.append((name, f"{x:.2f}", f"{max(width - 0.4, 0.4):.2f}"))
        x += width
    return format_html_join("", '<rect class="{}" x="{}" width="{}" height="8"/>', rows)


@register.simple_tag
def sparkline(values: Iterable[float], label: str = "") -> SafeString:
    """A small line of a series, first to last."""
    points = [float(value) for value in values]
    if len(points) < 2:
        return SafeString("")
    low, high = min(points), max(points)
    reach = (high - low) or 1.0
    coordinates = [
        (120 * i / (len(points) - 1), 26 - 22 * (value - low) / reach)
        for i, value in enumerate(points)
    ]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in coordinates)
    return format_html(
        '<svg class="chart chart--spark" viewBox="0 0 120 28" role="img" aria-label="{}">'
        '<polygon class="area" points="0,28 {} 120,28"/><polyline class="line" points="{}"/></svg>',
        label,
        path,
        path,
    )


@register.simple_tag
def columns(days: Sequence[Any], label: str = "") -> SafeString:
    """One column per day, met lowest; each day has a `label` and the four counts."""
    tallest = max((sum(_count(day, name) for name in SEGMENTS) for day in days), default=0) or 1
    step = 600 / max(len(days), 1)
    drawn: list[SafeString] = []
    for i, day in enumerate(days):
        y = 119.5
        for name in SEGMENTS:
            height = 112 * _count(day, name) / tallest
            y -= height
            if height:
                drawn.append(_column(name, i * step + step * 0.18, y, step * 0.64, height))
    return format_html(
        '<svg class="chart chart--days" viewBox="0 0 600 120" preserveAspectRatio="none"'
        ' role="img" aria-label="{}">{}</svg>'
        '<div class="chart__labels" aria-hidden="true">{}</div>',
        label,
        format_html_join("", "{}", ((mark,) for mark in drawn)),
        format_html_join("", "<span>{}</span>", ((text,) for text in _day_labels(days))),
    )


def _column(name: str, x: float, y: float, width: float, height: float) -> SafeString:
    return format_html(
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="1"/>',
        name,
        f"{x:.1f}",
        f"{y:.1f}",
        f"{width:.1f}",
        f"{height:.1f}",
    )


def _day_labels(days: Sequence[Any]) -> list[str]:
    """First, last and up to four between them, evenly apart."""
    marks = min(6, len(days))
    picked = sorted({round(i * (len(days) - 1) / max(marks - 1, 1)) for i in range(marks)})
    return [days[i]["label"] if isinstance(days[i], dict) else days[i].label for i in picked]


@register.simple_tag(takes_context=True)
def clockbar(context: template.Context, obligation: Any) -> SafeString:
    """A clock drawn from start to due time, with the warning as a tick and what ran over in red."""
    now: datetime = context.get("now") or timezone.now()
    end = obligation.stopped_at or max(now, obligation.started_at)
    reach = max(end, obligation.due_at) - obligation.started_at
    total = reach.total_seconds() or 1.0

    def at(instant: datetime) -> float:
        passed: float = (instant - obligation.started_at).total_seconds()
        return 400 * max(0.0, passed) / total

    due, stop = at(obligation.due_at), at(end)
    warn = at(obligation.warn_at) if obligation.warn_at else None
    return format_html(
        '<svg class="clockbar" viewBox="0 0 400 10" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="track" y="2" width="400" height="6" rx="3"/>'
        '<rect class="{}" y="2" width="{}" height="6" rx="3"/>{}{}'
        '<rect class="tick" x="{}" width="1.5" height="10"/></svg>',
        _clock_class(obligation, warn, stop),
        f"{min(stop, due):.1f}",
        _over(due, stop),
        format_html('<rect class="tick" x="{}" y="3" width="1" height="4"/>', f"{warn:.1f}")
        if warn
        else "",
        f"{min(due, 398.5):.1f}",
    )


def _clock_class(obligation: Any, warn: float | None, stop: float) -> str:
    if obligation.stopped_at:
        return "met" if obligation.stopped_at <= obligation.due_at else "done"
    return "warn" if warn is not None and stop >= warn else "running"


def _over(due: float, stop: float) -> SafeString:
    if stop <= due:
        return SafeString("")
    return format_html(
        '<rect class="over" x="{}" y="2" width="{}" height="6" rx="3"/>',
        f"{due:.1f}",
        f"{stop - due:.1f}",
    )


@register.simple_tag
def decay_curve(curve: Curve, label: str) -> SafeString:
    """Rates span by span with their intervals, and the line of who was still waiting."""
    marks = format_html_join(
        "",
        '<g><line class="reach" x1="{x}" x2="{x}" y1="{low}" y2="{high}"/>'
        '<circle class="dot" cx="{x}" cy="{y}" r="4"><title>{text}</title></circle></g>',
        (
            {name: f"{getattr(one, name):.1f}" for name in ("x", "y", "low", "high")}
            | {"text": one.text}
            for one in curve.marks
        ),
    )
    return format_html(
        '<svg class="chart chart--curve" viewBox="0 0 {} {}" role="img" aria-label="{}">'
        '<line class="grid" x1="0" x2="{}" y1="{}" y2="{}"/>'
        '<polyline class="line" points="{}"/>{}</svg>',
        f"{WIDTH:.0f}", f"{HEIGHT:.0f}", label,
        f"{WIDTH:.0f}", *[f"{HEIGHT - EDGE:.0f}"] * 2,
        curve.line, marks,
    )  # fmt: skip
