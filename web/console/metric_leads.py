"""The leads behind a figure of a metric, as a list and as a file: just those that it counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, Q, QuerySet
from django.http.response import HttpResponseBase
from django.urls import reverse

from core import database, errors, reading
from core.texts import _
from leads.models import SourceCategory
from people.models import User
from reports.declaration import Value
from reports.metrics import behind, labels
from reports.metrics.declaring import SLICES, Mean, Quantile, Share, Spans, Total
from reports.models import ClockFact, DealFact
from web import csv_files
from web.console import keyset, lead_list, metric_page, metric_words, words
from web.console.metric_page import Asked
from web.models import LeadExport

PAGE = 50
BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Line:
    """One fact: of which lead, when, and what it adds to the figure."""

    name: str
    url: str
    at: datetime
    rep: str
    source: str
    told: str


@dataclass(frozen=True, slots=True)
class LeadsPage:
    """One page of them."""

    title: str
    sentence: str
    back_url: str
    told: str
    """The heading over what each adds; empty where it only counts."""
    rows: tuple[Line, ...]
    next_url: str
    csv_url: str


def build(reader: User, asked: Asked, query: Mapping[str, str]) -> LeadsPage:
    """One page of the facts behind a figure. Raises InvalidInput for an address that is not ours.

    How many there are, and how many of them the reader may open, is asked together with them.
    """
    wanted = behind.read(asked.metric, of=query.get("of", ""), by=asked.by, row=query.get("row"))
    facts = behind.counted(asked.metric, reader, wanted, period=asked.span.period, only=asked.only)
    shown = behind.newest_first(behind.openable(reader, facts))
    some = _after(_with_names(shown), query.get("after", ""))[: PAGE + 1]
    count, seen = reading.count_of(facts), reading.count_of(shown)
    reading.ask(count, seen, some)
    found = list(some)
    last = found[PAGE - 1] if len(found) > PAGE else None
    rest = {name: value for name, value in query.items() if name != "after"}
    address = metric_page.leads_url(
        asked, of=wanted.figure.key, row=wanted.row, name="metric-leads-csv"
    )
    return LeadsPage(
        title=_title(asked, wanted),
        sentence=_sentence(asked, count.found[0], seen.found[0]),
        back_url=f"{reverse('console:report', args=[asked.metric.key])}?{urlencode(asked.query)}",
        told=_heading(wanted.figure),
        rows=tuple(_line(one, wanted.figure) for one in found[:PAGE]),
        next_url=f"?{urlencode({**rest, 'after': keyset.write(last.at, last.pk)})}" if last else "",
        csv_url=address if lead_list.may_export(reader) else "",
    )


def send(
    reader: User, asked: Asked, query: Mapping[str, str], *, now: datetime
) -> HttpResponseBase:
    """All of them as CSV, noted beforehand. Raises NotAllowed for who may not take leads away."""
    if not lead_list.may_export(reader):
        raise errors.NotAllowed(_("Your role may not export leads; ask RevOps for the file."))
    wanted = behind.read(asked.metric, of=query.get("of", ""), by=asked.by, row=query.get("row"))
    kept = {"report": asked.metric.key, **query}
    note = LeadExport.objects.create(
        by=reader, form=LeadExport.Form.CSV, query=urlencode(kept)[:1_000],
        columns=["name", "at", "rep", "source", "value"], begun_at=now,
    )  # fmt: skip
    facts = behind.counted(asked.metric, reader, wanted, period=asked.span.period, only=asked.only)
    shown = behind.newest_first(behind.openable(reader, facts))
    name = f"{asked.metric.key}-{wanted.figure.key}-leads.csv"
    return csv_files.stream(name, _rows(_with_names(shown), wanted.figure, note))


def _rows(facts: QuerySet[Any], figure: Any, note: LeadExport) -> Iterator[Sequence[Value]]:
    yield [_("Lead"), _("Name"), _("When"), _("Rep"), _("Source"), _heading(figure) or _("Counts")]
    kept, after = LeadExport.objects.filter(pk=note.pk), ""
    while True:
        batch = list(_after(facts, after)[:BATCH])
        for one in batch:
            yield [one.lead_id, _name(one), one.at.isoformat(), _rep(one), one.category,
                   _amount(one, figure)]  # fmt: skip
        kept.update(leads=F("leads") + len(batch))
        if len(batch) < BATCH:
            kept.update(ended_at=database.now())
            return
        after = keyset.write(batch[-1].at, batch[-1].pk)


def _with_names(facts: QuerySet[Any]) -> QuerySet[Any]:
    if facts.model is DealFact:
        return facts.select_related("lead__person", "opportunity", "rep")
    names = {one.name for one in facts.model._meta.fields}
    return facts.select_related("lead__person", *({"rep"} & names))


def _after(facts: QuerySet[Any], text: str) -> QuerySet[Any]:
    place = keyset.read(text)
    if place is None:
        return facts
    at, pk = place
    return facts.filter(at__lte=at).filter(Q(at__lt=at) | Q(pk__lt=pk))


def _title(asked: Asked, wanted: behind.Figures) -> str:
    told = [f"{asked.metric.name}: {wanted.figure.label}"]
    if wanted.row is not None:
        label = labels.of(wanted.by, [wanted.row]).label(wanted.row)
        told.append(f"{SLICES[wanted.by]} {label}")
    told += [
        f"{SLICES[name]} {labels.of(name, [value]).label(value)}"
        for name, value in asked.only.items()
    ]
    return " · ".join(told)


def _sentence(asked: Asked, count: int, seen: int) -> str:
    told = _("{days}: {count}.").format(
        days=asked.span.words(), count=words.plural(count, "is counted", "are counted")
    )
    if seen == count:
        return told
    hidden = words.plural(count - seen, "is of a lead", "are of leads")
    return _("{told} {hidden} that you may not open.").format(told=told, hidden=hidden)


def _heading(figure: Any) -> str:
    how = figure.how
    if isinstance(how, Share):
        return str(_("Went on"))
    if isinstance(how, Quantile | Spans):
        return str(_("Took"))
    return str(_("Worth")) if isinstance(how, Total | Mean) else ""


def _line(one: Any, figure: Any) -> Line:
    return Line(
        name=_name(one),
        url=_url(one),
        at=one.at,
        rep=_rep(one),
        source=str(dict(SourceCategory.choices).get(one.category, words.DASH)),
        told=_told(one, figure),
    )


def _name(one: Any) -> str:
    if isinstance(one, DealFact):
        return str(one.opportunity.name)
    return one.lead.person.name or _("No name")


def _url(one: Any) -> str:
    if isinstance(one, DealFact):
        return reverse("console:opportunity", args=[one.opportunity_id])
    if isinstance(one, ClockFact):
        return reverse("console:lead-clock", args=[one.lead_id, one.clock_id])
    return reverse("console:lead", args=[one.lead_id])


def _rep(one: Any) -> str:
    rep = getattr(one, "rep", None)
    return str(rep) if rep else ""


def _amount(one: Any, figure: Any) -> Value:
    if isinstance(figure.how, Share):
        return 1 if one.hit else 0
    amount = getattr(one, "amount", None)
    return 1 if _heading(figure) == "" else (None if amount is None else float(amount))


def _told(one: Any, figure: Any) -> str:
    how = figure.how
    if isinstance(how, Share):
        return _("yes") if one.hit else _("no")
    amount = getattr(one, "amount", None)
    if isinstance(how, Quantile | Spans):
        return metric_words.say(amount and float(amount), "seconds")
    if isinstance(how, Total | Mean):
        return metric_words.say(None if amount is None else float(amount), how.unit)
    return ""
