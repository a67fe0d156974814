"""What a mail of figures says: the numbers of the pages, to one reader, over whole days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from core import steps
from core.texts import _
from people.models import User
from reports import csv
from reports.metrics import bare, catalogue, counting, labels
from reports.metrics.declaring import PERIODS, SLICES, Metric
from reports.metrics.values import Row
from web.by_mail import rhythm
from web.console import metric_period, metric_words
from web.console.metric_period import Span
from web.console.metric_words import Change
from web.models import ReportMailing

MOST_ROWS = 20
"""So many lines of a break-down stand in the mail; the page has all."""


@dataclass(frozen=True, slots=True)
class Part:
    """One KPI of a mailing: alone, or by a slice, with filters."""

    metric: Metric
    by: str
    only: Mapping[str, str]

    @property
    def name(self) -> str:
        """“Lead conversion by team, only Source: Paid”."""
        told = self.metric.name
        if self.by:
            told = _("{name} by {slice}").format(name=told, slice=SLICES[self.by].lower())
        kept = [
            f"{SLICES[one]}: {labels.of(one, [value]).label(value)}"
            for one, value in self.only.items()
        ]
        return _("{name}, only {kept}").format(name=told, kept=", ".join(kept)) if kept else told

    def as_data(self) -> dict[str, Any]:
        """As a mailing keeps it."""
        return {"key": self.metric.key, "by": self.by, "only": dict(self.only)}


@dataclass(frozen=True, slots=True)
class Line:
    """One number: of what, its value, of how many, and what became of it."""

    label: str
    value: str
    of: str
    change: Change


@dataclass(frozen=True, slots=True)
class Section:
    """One KPI as it is told."""

    name: str
    url: str
    whole: Line
    slice: str
    rows: tuple[Line, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail: subject, text, HTML, and files by name."""

    subject: str
    days: str
    before: str
    sections: tuple[Section, ...]
    text: str
    html: str
    files: tuple[tuple[str, str], ...]


def parts_of(data: Sequence[Mapping[str, Any]]) -> tuple[Part, ...]:
    """What a mailing tells; a KPI or slice that is declared no more is left out."""
    found = []
    for one in data:
        metric = catalogue.ALL.get(str(one.get("key")))
        by, only = str(one.get("by") or ""), dict(one.get("only") or {})
        if metric is not None and {by, *only} - {""} <= {*metric.slices}:
            found.append(Part(metric, by, only))
    return tuple(found)


def write(mailing: ReportMailing, reader: User, days: Span, *, now: dt.datetime) -> Letter:
    """The mail as this reader gets it: the same numbers as on their pages at this moment."""
    other = metric_period.beside(days, metric_period.BEFORE) or days
    parts = parts_of(mailing.parts)
    told = [_asked(part, reader, days, other, now=now) for part in parts]
    steps.ask(*(one for asked in told for one in asked if one is not None))
    sections = tuple(_section(part, days, *asked) for part, asked in zip(parts, told, strict=True))
    files = [
        (csv.file_name(broken.found), "".join(csv.stream(broken.found)))
        for _whole, _then, broken, _before in told
        if mailing.with_files and broken is not None
    ]
    subject = f"{mailing.name}: {days.words()}"
    said = {
        "mailing": mailing,
        "days": days.words(),
        "before": other.words(),
        "sections": sections,
        "rhythm": rhythm.words(mailing),
        "owner": str(mailing.owner),
        "url": _url(reverse("console:mailing", args=[mailing.pk])),
        "preferences_url": _url(reverse("console:notice-choices")),
    }
    return Letter(
        subject=" ".join(subject.split()),
        days=days.words(),
        before=other.words(),
        sections=sections,
        text=render_to_string("mail/figures.txt", said),
        html=render_to_string("mail/figures.html", said),
        files=tuple(files),
    )


def _asked(part: Part, reader: User, days: Span, other: Span, *, now: dt.datetime) -> Any:
    """Its number and that before; by a slice each line and what it was before."""
    metric, only = part.metric, part.only
    one = bare.asked_of(metric, reader, period=days.period, only=only, now=now)
    then = bare.asked_of(metric, reader, period=other.period, only=only, now=now)
    if not part.by:
        return one, then, None, None
    broken = counting.asked_of(metric, reader, period=days.period, by=part.by, only=only, now=now)
    before = None if part.by in PERIODS else bare.asked_of(
        metric, reader, period=other.period, by=part.by, only=only, now=now
    )  # fmt: skip
    return one, then, broken, before


def _section(part: Part, days: Span, one: Any, then: Any, broken: Any, before: Any) -> Section:
    rows: Sequence[Row] = broken.found.rows if broken is not None else ()
    earlier = before.found.rows if before is not None else {}
    address = reverse("console:report", args=[part.metric.key])
    query = {**days.query, **({"by": part.by} if part.by else {}), **part.only}
    return Section(
        name=part.name,
        url=_url(f"{address}?{urlencode(query)}"),
        whole=_line(_("All"), one.found.totals, then.found.totals),
        slice=SLICES[part.by] if part.by else "",
        rows=tuple(_line(row.label, row, earlier.get(row.key)) for row in rows[:MOST_ROWS]),
        more=max(0, len(rows) - MOST_ROWS),
    )


def _line(label: str, row: Row, then: Row | None) -> Line:
    return Line(
        label,
        metric_words.value(row),
        metric_words.of_how_many(row),
        metric_words.change(row, then),
    )


def _url(path: str) -> str:
    return f"{settings.BASE_URL.rstrip('/')}{path}"
