"""Every metric at a glance: its number of the last thirty days, and what became of it since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from core import steps
from people.models import User
from reports.metrics import bare, catalogue
from reports.metrics.declaring import Metric
from web.console import metric_period, metric_words
from web.console.metric_words import Change


@dataclass(frozen=True, slots=True)
class Tile:
    """One metric."""

    name: str
    url: str
    value: str
    of: str
    """Of how many, with the interval; empty where that says nothing."""
    change: Change
    owner: str


@dataclass(frozen=True, slots=True)
class Tiles:
    """All of them by their kind, and the days they are of."""

    days: str
    before: str
    groups: tuple[tuple[str, tuple[Tile, ...]], ...]


def build(reader: User, *, now: datetime) -> Tiles:
    """The numbers of all metrics as this reader is told them; asked side by side."""
    span = metric_period.read({}, now=now)
    other = metric_period.beside(span, metric_period.BEFORE) or span
    pairs = {
        metric.key: tuple(
            bare.asked_of(metric, reader, period=one.period, now=now) for one in (span, other)
        )
        for metric in catalogue.ALL.values()
    }
    steps.ask(*(one for pair in pairs.values() for one in pair))
    groups = tuple(
        (
            str(metric_words.GROUPS[name]),
            tuple(_tile(one, *(told.found for told in pairs[one.key])) for one in metrics),
        )
        for name, metrics in catalogue.GROUPS.items()
    )
    return Tiles(span.words(), other.words(), groups)


def _tile(metric: Metric, told: bare.Bare, before: bare.Bare) -> Tile:
    return Tile(
        name=metric.name,
        url=reverse("console:report", args=[metric.key]),
        value=metric_words.value(told.totals),
        of=metric_words.of_how_many(told.totals),
        change=metric_words.change(told.totals, before.totals),
        owner=str(metric.owner.label),
    )
