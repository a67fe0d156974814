"""The inbox of one rep: their leads by due time in groups, the lead in hand, today's numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from fractions import Fraction
from functools import partial
from statistics import median
from typing import Any

from django.db.models import Count, F, Min, Q, QuerySet
from django.urls import reverse

from core import steps
from core.texts import _
from governance import selectors as kits
from leads import bands, score_sql, selectors, stages
from leads.models import Lead
from leads.stages import Stage
from lifecycle import closed_lines
from people import holders
from people.models import User
from routing import fairness
from routing.models import Pool
from sla import selectors as clocks
from sla.models import OPEN, Clock, ClockState
from web.console import (
    calling_words,
    course_words,
    fairness_words,
    lead_facts,
    lead_page,
    todo,
    words,
)
from web.console.lead_page import LeadPage

MOST = 150
"""Rows an inbox shows; who holds more finds the rest in the list of leads."""

Pools = Sequence[tuple[Pool, Fraction | None]]
"""The reader's pools, with what each owes them where they share it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One lead of the inbox."""

    id: int
    name: str
    title: str
    company: str
    size: str
    country: str
    due_at: datetime | None
    warn_at: datetime | None
    score: float
    todo: str
    came_by: str
    plan: tuple[str, ...]
    call: calling_words.Call
    awaits_verdict: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Leads due alike."""

    key: str
    name: str
    tone: str
    rows: tuple[Row, ...]

    @property
    def count(self) -> int:
        """How many are shown."""
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class Queue:
    """A pool's queue the rep may claim from."""

    key: str
    name: str
    count: int
    oldest_at: datetime


@dataclass(frozen=True, slots=True)
class Owed:
    """What a pool of the rep's owes them, in leads."""

    url: str
    pool: str
    amount: str


@dataclass(frozen=True, slots=True)
class Inbox:
    """The page."""

    url: str
    groups: tuple[Group, ...]
    more: bool
    today: str
    shares: tuple[Owed, ...]
    queues: tuple[Queue, ...]
    selected_id: int | None
    chosen: bool
    pane: LeadPage | None
    next_words: str
    may_add: bool

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is held."""
        return not any(group.rows for group in self.groups)

    @property
    def queued(self) -> int:
        """Leads waiting in the rep's queues."""
        return sum(queue.count for queue in self.queues)


@steps.in_steps
def build(
    reader: User, *, now: datetime, zone: tzinfo, lead_id: int | None = None
) -> steps.Story[Inbox]:
    """The whole inbox. `lead_id` is the lead in hand; without one it is the first due."""
    held, shared, ended = _held(reader, now), fairness.of_person(reader), _ended(reader, now, zone)
    yield held, shared, ended
    leads, pools = list(held)[:MOST], shared.found
    selected = lead_id or next((lead.pk for lead in leads), None)
    rows, waiting = _rows(leads, now, zone), _waiting(pools)
    in_hand = pane(reader, selected, now=now, zone=zone)
    yield rows, waiting, in_hand
    queues = _queues(pools, waiting)
    return Inbox(
        url=reverse("console:inbox") + (f"?lead={lead_id}" if lead_id else ""),
        groups=_grouped(rows.found, now=now, zone=zone),
        more=len(held) > MOST,
        today=_today(ended),
        shares=_owed(pools),
        queues=queues,
        selected_id=selected,
        chosen=lead_id is not None,
        pane=in_hand.found,
        next_words=_next_words(queues),
        may_add=holders.works_leads(reader) and (bool(leads) or kits.active_or_none() is not None),
    )


@steps.in_steps
def pane(
    reader: User, lead_id: int | None, *, now: datetime, zone: tzinfo
) -> steps.Story[LeadPage | None]:
    """The lead in hand, if there is one and the reader may see it."""
    found = lead_page.rows(selectors.visible_to(reader), lead_id or 0)
    yield [found] if lead_id else []
    if not lead_id or not found:
        return None
    back = reverse("console:inbox")
    page = lead_page.build(found[0], reader=reader, now=now, zone=zone, back=back)
    yield [page]
    return page.found


def _held(reader: User, now: datetime) -> QuerySet[Lead]:
    held = (
        selectors.visible_to(reader)
        .filter(owner=reader)
        .exclude(stage__in=[stage.value for stage in stages.CLOSED])
        .select_related("person", "account")
        .annotate(score=score_sql.score(now))
        .order_by(F("next_due_at").asc(nulls_last=True), "-score", "-pk")
    )
    return held[: MOST + 1]


@steps.in_steps
def _rows(leads: Sequence[Lead], now: datetime, zone: tzinfo) -> steps.Story[list[Row]]:
    running, shut = clocks.open_of([lead.pk for lead in leads]), closed_lines.of(leads)
    yield running, shut
    clocks.with_pins(running.found)
    open_clocks, closed = clocks.by_lead(running.found), shut.found
    return [
        _row(lead, open_clocks.get(lead.pk, []), now, zone, callable_=lead.pk not in closed)
        for lead in leads
    ]


def _row(
    lead: Lead, open_clocks: Sequence[Clock], now: datetime, zone: tzinfo, *, callable_: bool
) -> Row:
    clock = open_clocks[0] if open_clocks else None
    account = lead.account
    return Row(
        id=lead.pk,
        name=lead.person.name,
        title=lead.person.title,
        company=account.name or account.domain or "" if account else _("No company known"),
        size=bands.shown(account.employees) if account else "",
        country=(account.country if account else "") or lead.person.country,
        due_at=lead.next_due_at,
        warn_at=clock.warn_at if clock else None,
        score=lead.score,  # type: ignore[attr-defined]
        todo=todo.words_for(clock),
        came_by=lead_facts.came_by(lead),
        plan=course_words.plan(lead, open_clocks, partial(words.day, now=now, zone=zone)),
        call=calling_words.of(lead, allowed=callable_, now=now, zone=zone),
        awaits_verdict=lead.stage == Stage.MQL,
    )


def _grouped(rows: Sequence[Row], *, now: datetime, zone: tzinfo) -> tuple[Group, ...]:
    tonight = datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time(), zone)
    groups: dict[str, list[Row]] = {"overdue": [], "today": [], "later": [], "waiting": []}
    for row in rows:
        if row.due_at is None:
            groups["waiting"].append(row)
        elif row.due_at <= now:
            groups["overdue"].append(row)
        else:
            groups["today" if row.due_at < tonight else "later"].append(row)
    named = (("overdue", _("Overdue"), "late"), ("today", _("Due today"), "warn"),
             ("later", _("Later"), "none"), ("waiting", _("Waiting"), "none"))  # fmt: skip
    return tuple(Group(key, name, tone, tuple(groups[key])) for key, name, tone in named)


def _waiting(pools: Pools) -> QuerySet[Lead, Any]:
    keys = [pool.key for pool, _rest in pools]
    return (
        Lead.objects.filter(queue__in=keys, quarantined_at__isnull=True)
        .values("queue")
        .annotate(count=Count("pk"), oldest=Min("entered_stage_at"))
        .order_by("oldest")
    )


def _queues(pools: Pools, waiting: Iterable[dict[str, Any]]) -> tuple[Queue, ...]:
    labels = {pool.key: pool.label for pool, _rest in pools}
    return tuple(
        Queue(one["queue"], labels[one["queue"]], one["count"], one["oldest"]) for one in waiting
    )


def _owed(pools: Pools) -> tuple[Owed, ...]:
    return tuple(
        Owed(reverse("console:pool", args=[pool.key]), pool.label, fairness_words.signed(amount))
        for pool, amount in pools
        if amount is not None
    )


def _ended(reader: User, now: datetime, zone: tzinfo) -> QuerySet[Clock]:
    """The rep's clocks that were stopped today, or breached and run on."""
    midnight = datetime.combine(now.astimezone(zone).date(), time(), zone)
    return Clock.objects.filter(holder=reader, void=False).filter(
        Q(state=ClockState.STOPPED, stopped_at__gte=midnight)
        | Q(state__in=OPEN, breached_at__gte=midnight)
    )


def _today(rows: Iterable[Clock]) -> str:
    """The rep's own numbers of the day, each with what it counts."""
    met = decided = 0
    responses: list[float] = []
    for clock in rows:
        decided += 1
        met += clock.is_met
        if clock.obligation in {"first_contact", "respond"} and clock.working_seconds is not None:
            responses.append(clock.working_seconds)
    if not decided:
        return _("No clock has ended today yet")
    told = _("SLA attainment today {met} of {decided}").format(met=met, decided=decided)
    if responses:
        usual = words.span(timedelta(seconds=median(responses)))
        told += _(" · median response {usual} of working time").format(usual=usual)
    return told


def _next_words(queues: Sequence[Queue]) -> str:
    if queues:
        return _("Leads wait in a queue of yours: claim the next one.")
    return _("The next one routed to you appears here by itself.")
