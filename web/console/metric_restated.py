"""A metric as it was told on a day, as it is told of that time today, and why they differ."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from core import errors
from core.errors import FieldError
from core.texts import _
from leads import selectors as leads
from leads.models import EventKind, Lead
from people.models import User
from reports.facts import company_days
from reports.metrics import explained, restating
from reports.metrics.declaring import Metric
from reports.metrics.explained import Explained
from reports.metrics.restating import Told
from reports.metrics.values import Row
from web.console import metric_period, metric_words, words
from web.console.metric_period import Span

USUAL = "last-month"
MOST = 200
"""Of so many leads the page tells how they differ."""


@dataclass(frozen=True, slots=True)
class Line:
    """One lead that counts otherwise than it did."""

    name: str
    url: str
    before: str
    after: str
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Number:
    """The metric, and of how many it is."""

    value: str
    of: str


@dataclass(frozen=True, slots=True)
class Restated:
    """The page."""

    metric: Metric
    span: Span
    day: dt.date
    frozen: Number
    restated: Number
    today: Number
    sentence: str
    rows: tuple[Line, ...]
    hidden: str
    back_url: str


def build(reader: User, metric: Metric, query: Mapping[str, str], *, now: dt.datetime) -> Restated:
    """The three numbers and each lead by which the first two differ.

    Raises InvalidInput for an address that is not ours, for a metric that the log alone does not
    make, and where too much has happened since.
    """
    span = metric_period.read({"period": USUAL, **query}, now=now)
    day = _day(query.get("at", ""), span, now)
    at = min(company_days.begin(day + company_days.DAY), now)
    found = restating.compare(metric, reader, period=span.period, at=at, now=now)
    rows = explained.rows(metric, found.rows)
    seen = leads.visible_to(reader).filter(pk__in=[one.lead for one in rows])
    names = {one.pk: one for one in seen.select_related("person")}
    shown = [one for one in rows if one.lead in names]
    return Restated(
        metric=metric,
        span=span,
        day=day,
        frozen=_number(found.frozen.totals),
        restated=_number(found.restated.totals),
        today=_number(found.today.totals),
        sentence=_sentence(rows),
        rows=tuple(_line(metric, one, names[one.lead], now) for one in shown[:MOST]),
        hidden=_hidden(len(rows) - len(shown), max(len(shown) - MOST, 0)),
        back_url=f"{reverse('console:report', args=[metric.key])}?{urlencode(span.query)}",
    )


def _number(row: Row) -> Number:
    return Number(metric_words.value(row), metric_words.of_how_many(row))


def _day(text: str, span: Span, now: dt.datetime) -> dt.date:
    """The day at whose end the number was told; without one the last of the period."""
    if not text:
        return min(span.last, company_days.of(now))
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day > company_days.of(now) or day.year < company_days.of(now).year - 50:
        message = _("Write a day that has been, such as 2026-03-31.")
        raise errors.InvalidInput(message, errors=[FieldError("at", message, "date")]) from None
    return day


def _sentence(rows: list[Explained]) -> str:
    if not rows:
        return _("Nothing that was told of this time has changed since.")
    return _(
        "{leads} otherwise than it was told: what was written down later, or taken back, is named "
        "with each."
    ).format(leads=words.plural(len(rows), "lead counts", "leads count"))


def _hidden(closed: int, more: int) -> str:
    told = []
    if closed:
        told.append(
            _("{leads} that you may not open.").format(
                leads=words.plural(closed, "further lead is one", "further leads are some")
            )
        )
    if more:
        told.append(
            _("{leads} told by API alone.").format(
                leads=words.plural(more, "further lead is", "further leads are")
            )
        )
    return " ".join(told)


def _words_of(metric: Metric, told: Mapping[str, float]) -> str:
    labels = {one.key: one.label for one in metric.figures}
    said = [
        labels[name] if name in labels else words.span(dt.timedelta(seconds=value))
        for name, value in told.items()
    ]
    return ", ".join(sorted(said)) or _("not counted")


def _line(metric: Metric, one: Explained, lead: Lead, now: dt.datetime) -> Line:
    return Line(
        name=lead.person.name or _("No name"),
        url=reverse("console:lead", args=[one.lead]),
        before=_words_of(metric, one.before),
        after=_words_of(metric, one.after),
        because=tuple(_because(told, now) for told in one.because),
    )


def _because(told: Told, now: dt.datetime) -> str:
    zone = company_days.zone()
    what = told.transition or EventKind(told.kind).label
    return _("{what}: true since {at}, written down {recorded} by {actor}").format(
        what=what.replace("_", " "),
        at=words.moment(told.at, now=now, zone=zone),
        recorded=words.moment(told.recorded_at, now=now, zone=zone),
        actor=told.actor,
    )
