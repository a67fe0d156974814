"""The first page of those who work no leads: what must be nought, and what waits for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any

from django.db.models import F, QuerySet
from django.urls import reverse

from core import steps
from core.texts import _
from governance import signing, waiting
from governance.models import KitStatus, KitVersion
from leads import selectors
from lifecycle import (
    escalations,
    heartbeats,
    operations,
    partner_rights,
    permissions,
    queues,
    rejections,
)
from lifecycle.models import RejectionDispute
from lifecycle.rejections import Standing, Wanted
from people.models import User
from reports.drift import alarms, publications, wording
from reports.drift.verdicts import Metric
from reports.models import DriftAlarm
from sla.models import Clock
from web.console import frame, home_audit, home_sources, kit_links, todo, watch_words, words
from web.console.home_audit import Audit
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

    audit: Audit | None

    rules: bool
    """Whether the reader decides disputes."""

    @property
    def disputes_title(self) -> str:
        """What disputes are to the reader."""
        return _("Disputes to decide") if self.rules else _("Disputes that RevOps decides")

    @property
    def broken(self) -> int:
        """How many of the numbers are not nought."""
        return sum(1 for one in self.counters if one.count)


@steps.in_steps
def build(reader: User, *, now: datetime, zone: tzinfo) -> steps.Story[Home]:
    """The whole page, in one message beside what is cached, whatever there is."""
    writes, keeps = signing.may_write(reader), permissions.keeps_queues(reader)
    disputes, runs = permissions.disputes(reader), operations.looks(reader)
    looks_in = permissions.sees_queues(reader)
    to_sign = waiting.for_person(reader, at=now)
    coming, alarmed = _on_its_way(), _drift()
    contestable, disputed = _contestable(reader, now), _disputes(reader)
    counted, signs, escalated = queues.counted(), heartbeats.signs(), _escalated(reader)
    audited = home_audit.build(reader, now=now, zone=zone)
    asked: list[steps.Needed] = [to_sign, escalated, audited]
    asked += [coming, alarmed] if writes else []
    asked += [contestable] if disputes else []
    asked += [disputed] if keeps else []
    asked += [counted] if looks_in else []
    asked += [signs] if runs else []
    yield asked
    return Home(
        counters=watch_words.of(reader, now=now),
        escalated=_held(escalated),
        to_sign=_to_sign(to_sign.found.versions) if signing.works_on_kits(reader) else None,
        kit=_tasks([_coming(one, now, zone) for one in coming]) if writes else None,
        drift=_alarms(alarmed) if writes else None,
        contestable=_tasks([_rejection(row) for row in contestable]) if disputes else None,
        disputes=_tasks([_dispute(one) for one in disputed]) if keeps else None,
        sources=home_sources.build(reader, now=now) if disputes else None,
        queues=_waiting(counted.found[0], reader) if looks_in else None,
        rules=permissions.rules_disputes(reader),
        audit=audited.found,
        worker=frame.worker(heartbeats.judged(signs.found, now)) if runs else None,
    )


def _escalated(reader: User) -> QuerySet[Clock]:
    """What escalated to them, the longest overdue first."""
    beside = ("lead__person", "holder")
    found = escalations.open_of(reader).select_related(*beside).order_by("due_at", "pk")
    return found[: SHOWN + 1]


def _waiting(counts: queues.Counts, reader: User) -> queues.Counts:
    """What partners dispute is counted for whom it is open."""
    if partner_rights.may_decide(reader) or permissions.audits(reader):
        return counts
    return replace(counts, conflicts=0)


def _held(found: Iterable[Clock]) -> Tasks | None:
    """Those clocks as what waits for them; None while nothing has."""
    rows = [
        Task(
            one.lead.person.name,
            "{label} · {holder}".format(
                label=todo.label(one), holder=one.holder or _("nobody holds it")
            ),
            reverse("console:lead", args=[one.lead_id]),
            one.due_at,
        )
        for one in found
    ]
    return _tasks(rows) if rows else None


def _to_sign(versions: Iterable[KitVersion]) -> Tasks:
    return _tasks(
        [Task(_version(one), _("Read it, then sign or decline"), _kit_url(one)) for one in versions]
    )


def _on_its_way() -> QuerySet[KitVersion]:
    rows = KitVersion.objects.filter(status__in=ON_ITS_WAY).select_related("created_by")
    return rows.defer("document").order_by("-number")


def _coming(one: KitVersion, now: datetime, zone: tzinfo) -> Task:
    author = str(one.created_by) if one.created_by else _("the system")
    if one.status == KitStatus.SCHEDULED and one.effective_from is not None:
        line = _("In force from {effective_from}").format(
            effective_from=words.moment(one.effective_from, now=now, zone=zone)
        )
    elif one.status == KitStatus.IN_REVIEW:
        line = _("In review, by {author}").format(author=author)
    else:
        line = _("Draft by {author}, begun {day}").format(
            author=author, day=words.day(one.created_at, now=now, zone=zone)
        )
    return Task(_version(one), line, _kit_url(one))


def _version(one: KitVersion) -> str:
    return f"v{one.number} {one.title}".strip()


def _kit_url(one: KitVersion) -> str:
    return kit_links.url("kit-version", one.number)


def _drift() -> QuerySet[DriftAlarm]:
    """Alarms that stand and that nobody has acknowledged."""
    return alarms.open_alarms().filter(acknowledged_by__isnull=True).select_related("kit")


def _alarms(rows: Iterable[DriftAlarm]) -> Tasks:
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
                _("Since v{number}").format(number=row.kit.number),
                kit_links.url("kit-drift"),
                tone="warn",
            )
            for row in rows
        ]
    )


def _contestable(reader: User, now: datetime) -> QuerySet[Any]:
    """Rejections that the facts of their leads contradict, while they can be disputed."""
    wanted = Wanted(standing=Standing.CONTESTABLE)
    found = rejections.narrow(rejections.visible_to(reader), wanted, now=now)
    return found.select_related("lead__person", "by").order_by(F("until"), "pk")[: SHOWN + 1]


def _rejection(row: Any) -> Task:
    """Of an event with what `rejections.visible_to` adds to it."""
    return Task(
        row.lead.person.name,
        _("Rejected by {by}").format(by=row.by),
        reverse("console:lead", args=[row.lead_id]),
        row.until,
    )


def _disputes(reader: User) -> QuerySet[RejectionDispute]:
    """Disputes that are to be decided, the first due first."""
    seen = selectors.visible_to(reader).values("pk")
    rows = RejectionDispute.objects.filter(state=RejectionDispute.State.OPEN, lead__in=seen)
    found = rows.select_related("lead__person", "opened_by").order_by("due_at", "pk")
    return found[: SHOWN + 1]


def _dispute(one: RejectionDispute) -> Task:
    return Task(
        one.lead.person.name,
        _("Disputed by {opened_by}").format(opened_by=one.opened_by),
        reverse("console:lead", args=[one.lead_id]),
        one.due_at,
    )


def _tasks(rows: list[Task]) -> Tasks:
    return Tasks(tuple(rows[:SHOWN]), len(rows))
