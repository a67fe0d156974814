"""The first page of those who work no leads: what must be nought, and what waits for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from django.db.models import F
from django.urls import reverse

from governance import signing, waiting
from governance.models import KitStatus, KitVersion
from leads import selectors
from lifecycle import escalations, heartbeats, operations, permissions, queues, rejections
from lifecycle.models import RejectionDispute
from lifecycle.rejections import Standing, Wanted
from people.models import User
from reports.drift import alarms, publications, wording
from reports.drift.verdicts import Metric
from web.console import frame, home_sources, kit_links, todo, watch_words, words
from web.console.home_sources import Sources
from web.console.watch_words import Counter

SHOWN = 6
ON_ITS_WAY = (KitStatus.DRAFT, KitStatus.IN_REVIEW, KitStatus.SCHEDULED)


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits: what, what is to be done with it, where, and by when if by any time."""

    name: str
    line: str
    url: str
    due_at: datetime | None = None
    tone: str = "none"


@dataclass(frozen=True, slots=True)
class Tasks:
    """A list of what waits; `None` of these means that it is not the reader's to look after."""

    rows: tuple[Task, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Home:
    """The page. Parts that are not the reader's are None."""

    counters: tuple[Counter, ...]
    escalated: Tasks | None
    to_sign: Tasks | None
    kit: Tasks | None
    drift: Tasks | None
    contestable: Tasks | None
    disputes: Tasks | None
    sources: Sources | None
    queues: queues.Counts | None
    worker: frame.Worker | None

    rules: bool
    """Whether the reader decides disputes."""

    @property
    def disputes_title(self) -> str:
        """What disputes are to the reader."""
        return "Disputes to decide" if self.rules else "Disputes that RevOps decides"

    @property
    def broken(self) -> int:
        """How many of the numbers are not nought."""
        return sum(1 for one in self.counters if one.count)


def build(reader: User, *, now: datetime, zone: tzinfo) -> Home:
    """The whole page; the number of queries does not depend on what there is."""
    writes = signing.may_write(reader)
    return Home(
        counters=watch_words.of(reader, now=now),
        escalated=_escalated(reader),
        to_sign=_to_sign(reader, now) if signing.works_on_kits(reader) else None,
        kit=_on_its_way(now, zone) if writes else None,
        drift=_drift() if writes else None,
        contestable=_contestable(reader, now) if permissions.disputes(reader) else None,
        disputes=_disputes(reader) if permissions.keeps_queues(reader) else None,
        sources=home_sources.build(reader, now=now) if permissions.disputes(reader) else None,
        queues=queues.counts() if permissions.keeps_queues(reader) else None,
        rules=permissions.rules_disputes(reader),
        worker=frame.worker(heartbeats.status(now)) if operations.operates(reader) else None,
    )


def _escalated(reader: User) -> Tasks | None:
    """What escalated to them, the longest overdue first; None while nothing has."""
    beside = ("lead__person", "holder")
    found = escalations.open_of(reader).select_related(*beside).order_by("due_at", "pk")
    rows = [
        Task(
            one.lead.person.name,
            f"{todo.label(one)} · {one.holder or 'nobody holds it'}",
            reverse("console:lead", args=[one.lead_id]),
            one.due_at,
        )
        for one in found[: SHOWN + 1]
    ]
    return _tasks(rows) if rows else None


def _to_sign(reader: User, now: datetime) -> Tasks:
    asked = waiting.asked_of(reader, waiting.standing(), at=now)
    return _tasks(
        [Task(_version(one), "Read it, then sign or decline", _kit_url(one)) for one in asked]
    )


def _on_its_way(now: datetime, zone: tzinfo) -> Tasks:
    rows = KitVersion.objects.filter(status__in=ON_ITS_WAY).select_related("created_by")
    found = rows.defer("document").order_by("-number")
    return _tasks([_coming(one, now, zone) for one in found])


def _coming(one: KitVersion, now: datetime, zone: tzinfo) -> Task:
    author = str(one.created_by) if one.created_by else "the system"
    if one.status == KitStatus.SCHEDULED and one.effective_from is not None:
        line = f"In force from {words.moment(one.effective_from, now=now, zone=zone)}"
    elif one.status == KitStatus.IN_REVIEW:
        line = f"In review, by {author}"
    else:
        line = f"Draft by {author}, begun {words.day(one.created_at, now=now, zone=zone)}"
    return Task(_version(one), line, _kit_url(one))


def _version(one: KitVersion) -> str:
    return f"v{one.number} {one.title}".strip()


def _kit_url(one: KitVersion) -> str:
    return kit_links.url("kit-version", one.number)


def _drift() -> Tasks:
    """Alarms that stand and that nobody has acknowledged."""
    rows = alarms.open_alarms().filter(acknowledged_by__isnull=True).select_related("kit")
    return _tasks(
        [
            Task(
                wording.left_limits(
                    Metric(row.metric),
                    publications.label(row.kit, Metric(row.metric), row.slice),
                    observed=row.observed,
                    low=row.low,
                    high=row.high,
                    n=row.n,
                ),
                f"Since v{row.kit.number}",
                kit_links.url("kit-drift"),
                tone="warn",
            )
            for row in rows
        ]
    )


def _contestable(reader: User, now: datetime) -> Tasks:
    """Rejections that the facts of their leads contradict, while they can be disputed."""
    wanted = Wanted(standing=Standing.CONTESTABLE)
    found = rejections.narrow(rejections.visible_to(reader), wanted, now=now)
    rows = found.select_related("lead__person", "by").order_by(F("until"), "pk")
    return _tasks([_rejection(row) for row in rows[: SHOWN + 1]])


def _rejection(row: Any) -> Task:
    """Of an event with what `rejections.visible_to` adds to it."""
    return Task(
        row.lead.person.name,
        f"Rejected by {row.by}",
        reverse("console:lead", args=[row.lead_id]),
        row.until,
    )


def _disputes(reader: User) -> Tasks:
    """Disputes that are to be decided, the first due first."""
    seen = selectors.visible_to(reader).values("pk")
    rows = RejectionDispute.objects.filter(state=RejectionDispute.State.OPEN, lead__in=seen)
    found = rows.select_related("lead__person", "opened_by").order_by("due_at", "pk")
    return _tasks(
        [
            Task(
                one.lead.person.name,
                f"Disputed by {one.opened_by}",
                reverse("console:lead", args=[one.lead_id]),
                one.due_at,
            )
            for one in found[: SHOWN + 1]
        ]
    )


def _tasks(rows: list[Task]) -> Tasks:
    return Tasks(tuple(rows[:SHOWN]), len(rows))
