"""Keeping facts: made from the log lead by lead, made anew whenever a lead's log goes on.

Whoever follows the log by the outbox has the leads told apart by `refresh`; a first build, and one
after the rules have changed, goes through all leads in the order of their ids, a few at a time.
"""

from __future__ import annotations

import datetime as dt
import time
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db import connection, models, transaction
from django.db.models import Max
from django.db.models.functions import TruncDate

from core import bulk, database
from leads.models import EventKind, Lead, LeadEvent, Outbox
from lifecycle.deliveries import Deliveries, Drained
from reports.facts import company_days, cubes, deriving, obligations, reading
from reports.facts.deriving import Story
from reports.facts.reading import Read, Sides
from reports.models import (
    ClockFact,
    DaySum,
    FactsBuild,
    LeadFact,
    PassFact,
    StaleDay,
    VisitFact,
)

CONSUMER = "facts"
KINDS = frozenset(EventKind(kind) for kind in reading.KINDS) | {
    EventKind.BREACHED,
    EventKind.CORRECTED,
    EventKind.PAUSED,
    EventKind.RESUMED,
    EventKind.MOVED,
    EventKind.RECALCULATED,
    EventKind.EDITED,
    EventKind.ENRICHED,
    EventKind.WITHDRAWN,
}
"""Events after which facts of a lead may be others."""

BATCH = 500
CHUNK = 1_000
"""So many leads are made at a time."""
LOCK = 0x4C45_4144_4641_4354
"""Advisory lock of whoever makes facts or sums them up."""

MODELS: tuple[type[models.Model], ...] = (LeadFact, PassFact, VisitFact, ClockFact)


def drain(*, now: dt.datetime | None = None, limit: int = BATCH) -> Drained:
    """Make the facts of leads whose log went on; run again until it finds nothing."""
    return _deliveries.drain(now=now or database.now(), limit=limit)


def _tell(rows: Sequence[Outbox], now: dt.datetime) -> None:
    events = LeadEvent.objects.filter(pk__in=[row.event_id for row in rows])
    refresh(set(events.values_list("lead_id", flat=True)), now=now)


_deliveries = Deliveries(Outbox, CONSUMER, _tell, together=BATCH, keeps=False)


@transaction.atomic
def refresh(leads: Collection[int], *, now: dt.datetime) -> int:
    """Make the facts of these leads from their log; returns of how many there are any."""
    if not leads:
        return 0
    alone()
    read = reading.of(leads, known=now)
    made: list[models.Model] = [row for lead in sorted(leads) for row in of_lead(lead, read)]
    made += obligations.of([lead for lead in leads if lead in read.sides], read, now=now)
    _replace(leads, made, now)
    return sum(isinstance(row, LeadFact) for row in made)


def of_lead(
    lead: int, read: Read, *, until: dt.datetime | None = None
) -> list[LeadFact | PassFact | VisitFact]:
    """The facts of one lead as rows; none of one that is not there, or had not come."""
    story = deriving.of_lead(read.events.get(lead, ()), until=until)
    sides = read.sides.get(lead)
    if story is None or sides is None:
        return []
    return [
        _lead(lead, story, sides, read),
        *(_pass(lead, story, sides, read)),
        *(_visits(lead, story, sides, read)),
    ]


def forget(leads: Collection[int]) -> None:
    """Leads that are removed leave no facts; the days they counted on are summed up anew."""
    alone()
    _replace(leads, [], database.now())


def build_on(*, now: dt.datetime | None = None, until: float | None = None) -> Mapping[str, int]:
    """Go on with the making of all facts, if there is one to do, for a while.

    Returns how many leads were made. `until`, an instant of the monotonic clock, ends it between
    two chunks, each of which is a transaction of its own.
    """
    done: Counter[str] = Counter()
    at = now or database.now()
    while (made := _next_chunk(at)) is not None:
        done["facts_built"] += made
        if until is not None and time.monotonic() >= until:
            break
    return done


def is_built() -> bool:
    """Whether the facts of all leads are there, made by the rules and in the zone of today."""
    build = FactsBuild.objects.order_by("-pk").first()
    return build is not None and _is_current(build) and build.finished_at is not None


def rules() -> int:
    """A number of the rules that facts and their sums are made by; others make others."""
    told = [deriving.RULES, *((one.key, one.names, [*one.dimensions]) for one in cubes.summed())]
    return zlib.crc32(repr(told).encode()) & 0x7FFF_FFFF


def _is_current(build: FactsBuild) -> bool:
    return (build.rules, build.zone) == (rules(), company_days.zone().key)


@transaction.atomic
def rebuild(*, now: dt.datetime | None = None) -> FactsBuild:
    """Have all facts made anew from the log, beginning now; `build_on` does it.

    Until a day is summed up anew it is counted fact by fact.
    """
    alone()
    at = now or database.now()
    bulk.delete(DaySum.objects.all())
    for cube in cubes.summed():
        own = TruncDate(cube.at, tzinfo=company_days.zone())
        days = cube.rows().order_by().annotate(own=own).values_list("own", flat=True).distinct()
        _stale({(cube.key, day) for day in days}, at)
    last = Lead.objects.aggregate(last=Max("pk"))["last"] or 0
    zone = company_days.zone().key
    return FactsBuild.objects.create(rules=rules(), zone=zone, last=last, begun_at=at)


@transaction.atomic
def _next_chunk(now: dt.datetime) -> int | None:
    """Make the next leads; None where all are made."""
    alone()
    build = FactsBuild.objects.order_by("-pk").first()
    if build is None or not _is_current(build):
        build = rebuild(now=now)
    if build.finished_at is not None:
        return None
    ids = Lead.objects.filter(pk__gt=build.upto, pk__lte=build.last).order_by("pk")
    some = list(ids.values_list("pk", flat=True)[:CHUNK])
    if some:
        refresh(some, now=now)
        build.upto = some[-1]
    if len(some) < CHUNK:
        build.finished_at = now
    build.save(update_fields=["upto", "finished_at"])
    return len(some)


def alone() -> None:
    """Until the transaction ends nobody else makes facts, or sums them up.

    A day that is summed up would else lose that facts of it were changing meanwhile.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _replace(leads: Collection[int], made: Sequence[models.Model], now: dt.datetime) -> None:
    """These rows instead of those that there are; the days of both are to be summed up anew."""
    days: set[tuple[str, dt.date]] = set()
    for model in MODELS:
        old = model._default_manager.filter(lead_id__in=sorted(leads))
        new = [row for row in made if isinstance(row, model)]
        for cube in cubes.of_model(model):
            instants = old.values_list(cube.at, flat=True)
            days |= _days(cube.key, (*instants, *(getattr(row, cube.at) for row in new)))
        bulk.delete(old)
        bulk.copy(new)
    _stale(days, now)


def _stale(days: Iterable[tuple[str, dt.date]], now: dt.datetime) -> None:
    rows = [StaleDay(cube=cube, day=day, since=now) for cube, day in sorted(days)]
    bulk.insert_new(rows, on=["cube", "day"])


def _days(cube: str, instants: Iterable[dt.datetime | None]) -> set[tuple[str, dt.date]]:
    return {(cube, company_days.of(at)) for at in instants if at is not None}


def _sliced(sides: Sides, *, rep: int | None, team: int | None) -> dict[str, Any]:
    return {
        "category": sides.category,
        "medium": sides.medium,
        "channel": sides.channel,
        "campaign": sides.campaign,
        "segment": sides.segment,
        "rep_id": rep,
        "team_id": team,
    }


def _lead(lead: int, story: Story, sides: Sides, read: Read) -> LeadFact:
    team = read.teams.of(story.rep, story.at.get("mql_at", story.came_at))
    return LeadFact(
        lead_id=lead,
        version=story.version,
        recorded_at=story.recorded_at,
        came_at=story.came_at,
        stage=story.stage,
        nurtured=story.nurtured,
        historical=story.historical,
        kit_id=story.kit,
        **story.at,
        **_sliced(sides, rep=story.rep, team=team),
    )


def _pass(lead: int, story: Story, sides: Sides, read: Read) -> Iterable[PassFact]:
    for one in story.passes:
        at = one.decided_at or one.at.get("mql_at") or one.at["sal_at"]
        yield PassFact(
            lead_id=lead,
            sequence=one.sequence,
            way=one.way,
            came_at=story.came_at,
            historical=one.historical,
            kit_id=one.kit,
            decision=one.decision,
            decided_at=one.decided_at,
            decided_by_id=one.decided_by,
            final=one.final,
            reason=one.reason,
            criterion=one.criterion,
            **one.at,
            **_sliced(sides, rep=one.rep, team=read.teams.of(one.rep, at)),
        )


def _visits(lead: int, story: Story, sides: Sides, read: Read) -> Iterable[VisitFact]:
    for one in story.visits:
        yield VisitFact(
            lead_id=lead,
            sequence=one.sequence,
            stage=one.stage,
            entered_at=one.entered_at,
            left_at=one.left_at,
            transition=one.transition,
            to_stage=one.to_stage,
            historical=one.historical,
            kit_id=one.kit,
            **_sliced(sides, rep=one.rep, team=read.teams.of(one.rep, one.entered_at)),
        )
