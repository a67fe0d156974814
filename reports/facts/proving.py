"""That facts are what the log says, and sums what the facts add up to. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import models
from django.db.models import OuterRef, QuerySet, Sum
from django.db.models.functions import TruncDate

from leads.models import Outbox
from lifecycle.invariants.invariant import Context, Found, Invariant, Offence, ask
from reports.facts import company_days, cubes, days, deals, keeping, obligations, reading
from reports.facts.cubes import Cube
from reports.models import DaySum, LeadFact, StaleDay

SAMPLE = 3
"""Of so many of the last summed days each slice is added up again; of all days the whole."""

_WITHOUT = """
    SELECT l.id, 'has no facts' FROM leads_lead l
     WHERE NOT EXISTS (SELECT FROM reports_leadfact f WHERE f.lead_id = l.id)
       AND NOT EXISTS (SELECT FROM leads_outbox o JOIN leads_leadevent e ON e.id = o.event_id
                        WHERE o.consumer = %(consumer)s AND e.lead_id = l.id)
"""


def _complete(context: Context) -> Found:
    """Every lead has facts, unless they are still to be made."""
    if not keeping.is_built():
        return Found()
    return ask(_WITHOUT, {"consumer": keeping.CONSUMER}, first=context.first)


def _as_the_log_says(context: Context) -> Found:
    """The facts of the leads that went on last, made again."""
    waiting = Outbox.objects.filter(consumer=keeping.CONSUMER, event__lead=OuterRef("lead"))
    told = LeadFact.objects.filter(recorded_at__lte=context.now).exclude(models.Exists(waiting))
    last = told.order_by("-recorded_at", "-pk")
    leads = list(last.values_list("pk", flat=True)[: context.replay])
    return _found(differing(leads, context), context)


def differing(leads: Sequence[int], context: Context) -> list[Offence]:
    """Leads whose facts are not those that the log gives."""
    read = reading.of(leads, known=context.now)
    made: list[models.Model] = [row for lead in leads for row in keeping.of_lead(lead, read)]
    made += obligations.of(leads, read, now=context.now)
    found: dict[int, str] = {}
    for model in keeping.MODELS:
        kept = _values(model, model._default_manager.filter(lead_id__in=leads))
        anew = _values(model, (row for row in made if isinstance(row, model)))
        for lead, *_ in kept ^ anew:
            found.setdefault(lead, f"its {model._meta.verbose_name} is not what the log says")
    return [Offence(str(lead), what) for lead, what in sorted(found.items())]


def _values(model: type[models.Model], rows: Iterable[Any]) -> set[tuple[Any, ...]]:
    """Rows by their columns, the lead first; their own numbers mean nothing."""
    own = model._meta.pk.attname
    names = [one.attname for one in model._meta.concrete_fields]
    told = sorted({*names} - ({own} if own == "id" else set()) - {"lead_id"})
    return {(row.lead_id, *(getattr(row, name) for name in told)) for row in rows}


def _deals(context: Context) -> Found:
    """Opportunities whose facts were made of something else than there is; a few may be on their
    way.
    """
    if not keeping.is_built():
        return Found()
    ids = deals.changed(limit=deals.CHUNK + 1)
    offences = [Offence(str(pk), "is not as its facts say") for pk in ids]
    return _found(offences, context)


def _added_up(context: Context) -> Found:
    """Sums of days that are not stale, against the facts of these days."""
    offences: list[Offence] = []
    for cube in cubes.summed():
        stale = set(StaleDay.objects.filter(cube=cube.key).values_list("day", flat=True))
        kept = _kept_totals(cube)
        live = _live_totals(cube)
        offences += [
            Offence(str(day), f"of {cube.key}: the sums are not what the facts add up to")
            for day in sorted({*kept, *live} - stale)
            if not _same(kept.get(day), live.get(day))
        ]
        for day in sorted({*kept} - stale)[-SAMPLE:]:
            anew = {(one.slice, one.value): one.sums for one in days.of_day(cube, day)}
            rows = DaySum.objects.filter(cube=cube.key, day=day)
            there = {(one.slice, one.value): one.sums for one in rows}
            if {*anew} != {*there} or not all(_same(there[key], anew[key]) for key in anew):
                offences.append(
                    Offence(str(day), f"of {cube.key}: a slice is not what they add up to")
                )
    return _found(offences, context)


def _kept_totals(cube: Cube) -> dict[Any, list[float]]:
    named = {f"m{place}": Sum(f"sums__{place}") for place in range(len(cube.names))}
    days_of: QuerySet[Any, Any] = DaySum.objects.filter(cube=cube.key, slice="").values("day")
    rows = days_of.annotate(**named)
    return {row["day"]: [row[name] or 0.0 for name in named] for row in rows}


def _live_totals(cube: Cube) -> dict[Any, list[float]]:
    named = days.named(cube)
    own = TruncDate(cube.at, tzinfo=company_days.zone())
    rows = cube.rows().order_by().annotate(own=own).values("own").annotate(**named)
    return {row["own"]: [row[name] or 0.0 for name in named] for row in rows}


def _same(one: Sequence[float] | None, other: Sequence[float] | None) -> bool:
    """Whether sums are the same, but for the order in which fractions were added.

    A day without a row adds up to nothing.
    """
    places = len(one or other or ())
    pairs = zip(one or [0.0] * places, other or [0.0] * places, strict=True)
    return all(abs(a - b) <= 1e-6 * max(abs(a), abs(b), 1.0) for a, b in pairs)


def _found(offences: Sequence[Offence], context: Context) -> Found:
    return Found(len(offences), tuple(offences[: context.first]))


INVARIANTS = (
    Invariant("fact.complete", "Every lead has its facts, once they are made", _complete),
    Invariant(
        "fact.as_the_log_says",
        "The facts of the leads that went on last are those that their log gives",
        _as_the_log_says,
    ),
    Invariant(
        "deal_fact.as_it_stands", "Facts of opportunities are made of what is known of them", _deals
    ),
    Invariant("day_sum.as_the_facts", "A day's figures are what its facts add up to", _added_up),
)
