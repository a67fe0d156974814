"""Reads what is to be told about events: whom, and what the sentence is made of.

A fixed number of queries for any number of events. No names: those are read when it is shown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from governance import selectors as kits
from governance.kit import Kit
from governance.terms import Level
from leads.models import EventKind, LeadEvent
from lifecycle import dispute_news, handed_together, notices_undone, recipients, windows
from lifecycle.escalating import ESCALATED
from lifecycle.models import Notice
from lifecycle.recipients import Around, Recipient
from people import selectors as people
from people.availability import Unavailable
from people.models import Role, User
from routing.models import Assignment, Pool
from sla.models import OPEN, Clock, ClockEvent

BY_THE_CLOCK = (EventKind.WARNED, EventKind.BREACHED, EventKind.ESCALATED)


@dataclass(frozen=True, slots=True)
class Item:
    """One event, ready to be told. `settled`: what it asks for is done, so nobody is mailed."""

    event: int
    lead: int
    kind: Notice.Kind
    recorded_at: dt.datetime
    recipients: tuple[Recipient, ...]
    words: dict[str, Any]
    settled: bool


@dataclass(frozen=True, slots=True)
class _Company:
    """The people of the company, as far as the events at hand concern them."""

    active: frozenset[int]
    team_manager: Mapping[int, int | None]
    pool_manager: Mapping[str, int | None]
    pool_of: Mapping[tuple[int, int], str]
    of_role: Mapping[str, tuple[int, ...]]
    superusers: tuple[int, ...]
    missed: Mapping[int, int | None]
    absent: Mapping[int, Unavailable]
    off_shift: frozenset[int]
    with_hours: frozenset[int]
    kits: Mapping[int, Kit]


def gather(event_ids: Iterable[int]) -> list[Item]:
    """What is to be told about these events, in their order; nothing of what was undone since."""
    rows = list(
        LeadEvent.objects.filter(pk__in=list(event_ids)).select_related("lead").order_by("id")
    )
    undone = notices_undone.taken_back(rows)
    events = [event for event in rows if event.pk not in undone]
    clocks = {
        row.event_id: row.clock
        for row in ClockEvent.objects.filter(
            event__in=events, kind__in=BY_THE_CLOCK
        ).select_related("clock")
    }
    company = _company(events, clocks)
    told = dispute_news.gather(
        [event for event in events if event.kind in dispute_news.KINDS],
        active=company.active,
        of_role=company.of_role,
        superusers=company.superusers,
    )
    return [_disputed(event, told[event.pk]) if event.pk in told
            else _item(event, clocks.get(event.pk), company) for event in events]  # fmt: skip


def _disputed(event: LeadEvent, told: dispute_news.Told) -> Item:
    return Item(
        event=event.pk,
        lead=event.lead_id,
        kind=told.kind,
        recorded_at=event.recorded_at,
        recipients=told.recipients,
        words=told.words,
        settled=told.settled,
    )


def _company(events: Sequence[LeadEvent], clocks: Mapping[int, Clock]) -> _Company:
    holders = {_holder(event, clocks.get(event.pk)) for event in events} - {None}
    everybody = list(
        User.objects.order_by("id").values_list(
            "id", "is_active", "role", "further_roles", "team__manager_id", "is_superuser"
        )
    )
    held = Assignment.objects.filter(
        lead__in=[event.lead_id for event in events], user__in=holders
    ).order_by("started_at")
    overdue = {clocks[one.pk].pk for one in events if one.kind == EventKind.ESCALATED}
    breaches = ClockEvent.objects.filter(clock__in=overdue, kind=ClockEvent.Kind.BREACHED)
    off_shift, with_hours = _attendance([user for user, *_ in everybody] if overdue else [], events)
    return _Company(
        active=frozenset(user for user, active, *_ in everybody if active),
        team_manager={user: manager for user, *_, manager, _ in everybody},
        pool_manager=dict(Pool.objects.values_list("key", "manager_id")),
        pool_of={(row.lead_id, row.user_id): row.pool for row in held if row.pool},
        of_role={
            role: tuple(user for user, _, theirs, more, *_ in everybody if role in (theirs, *more))
            for role in Role
        },
        superusers=tuple(user for user, *_, is_superuser in everybody if is_superuser),
        missed=dict(breaches.values_list("clock_id", "event__because__holder")),
        absent=_absent(holders, events) if clocks else {},
        off_shift=off_shift,
        with_hours=with_hours,
        kits={id: kits.kit_of(id) for id in {clock.kit_id for clock in clocks.values()}},
    )


def _absent(
    holders: Iterable[int | None], events: Sequence[LeadEvent]
) -> Mapping[int, Unavailable]:
    """Which of those who owe something are on leave, away or gone, as the last event came."""
    at = max(event.recorded_at for event in events)
    rows = User.objects.filter(pk__in=[one for one in holders if one is not None])
    return people.absent(rows, at=at)


def _attendance(
    of: Sequence[int], events: Sequence[LeadEvent]
) -> tuple[frozenset[int], frozenset[int]]:
    """Who of them is not at work, as the last event came, and who has working hours at all."""
    if not of:
        return frozenset(), frozenset()
    at = max(event.recorded_at for event in events)
    hearers = windows.of(of, at=at)
    off_shift = (user for user, one in hearers.items() if not one.is_on_shift(at))
    return frozenset(off_shift), frozenset(user for user in hearers if hearers[user].has_hours)


def _holder(event: LeadEvent, clock: Clock | None) -> int | None:
    """Who has the lead by this event; of a deadline, who had it then."""
    if event.kind == EventKind.ASSIGNED:
        return event.owner_id
    if "holder" in event.because:
        holder: int | None = event.because["holder"]
        return holder
    return clock.holder_id if clock is not None else event.lead.owner_id


def _item(event: LeadEvent, clock: Clock | None, company: _Company) -> Item:
    kind = Notice.Kind(event.kind)
    level = _level(event, clock, company)
    holder = _holder(event, clock)
    acted = bool(event.because.get("acted"))
    left_in = str(event.because["queue"]) if acted else ""
    pool = left_in or event.lead.queue
    if holder is not None and not left_in:
        pool = company.pool_of.get((event.lead_id, holder), pool)
    around = Around(
        holder=holder,
        by=event.by_id,
        team_manager=company.team_manager.get(holder) if holder is not None else None,
        pool_manager=company.pool_manager.get(pool),
        others=company.of_role[Role.REVOPS],
        active=company.active,
        tell=level.tell if level is not None else (),
        missed=company.missed.get(clock.pk) if clock is not None else None,
        managers=company.of_role[Role.MANAGER],
        marketing=company.of_role[Role.MARKETING],
        superusers=company.superusers,
        lost=event.because["from"] if acted else None,
        off_shift=company.off_shift,
        with_hours=company.with_hours,
        in_queue=bool(left_in),
    )
    told = recipients.decide(kind, around)
    words = _words(event, clock, company, level=level, holder=holder, pool=pool)
    if kind is Notice.Kind.ESCALATED and recipients.nobody_at_work(told, around):
        words["nobody_at_work"] = True
    return Item(
        event=event.pk,
        lead=event.lead_id,
        kind=kind,
        recorded_at=event.recorded_at,
        recipients=told,
        words=words,
        settled=_settled(event, clock),
    )


def _settled(event: LeadEvent, clock: Clock | None) -> bool:
    # A breach stays worth telling when the clock has ended since, and who has the lead now; the
    # others do not.
    if event.kind == EventKind.ASSIGNED:
        return event.lead.owner_id != event.owner_id
    if event.because.get("acted"):
        return False
    return event.kind != EventKind.BREACHED and clock is not None and clock.state not in OPEN


def _level(event: LeadEvent, clock: Clock | None, company: _Company) -> Level | None:
    """The escalation level an event tells of, in the kit that started the clock."""
    if clock is None or event.kind != EventKind.ESCALATED:
        return None
    return company.kits[clock.kit_id].escalations.get(event.because["level"])


def _words(
    event: LeadEvent,
    clock: Clock | None,
    company: _Company,
    *,
    level: Level | None,
    holder: int | None,
    pool: str,
) -> dict[str, Any]:
    due_at = event.lead.next_due_at if clock is None else clock.due_at
    words: dict[str, Any] = handed_together.words_of(event) | {
        "due_at": due_at.isoformat() if due_at else None,
        "holder": holder,
        "pool": pool,
        "stage": event.lead.stage,
        "channel": event.lead.channel,
    }
    if clock is not None:
        words |= {"obligation": clock.obligation, "label": _label(clock, company)}
        why = company.absent.get(holder or 0)
        if why is not None:
            words |= {"absent": why.words, "back": why.until.isoformat() if why.until else None}
    if level is not None:
        words["level"] = level.label
    if event.because.get("acted"):
        words |= {"moved": True, "holder": event.because["to"]}
    elif event.because.get("again") == ESCALATED:
        words |= _escalated(event.because)
    return words


def _escalated(because: Mapping[str, Any]) -> dict[str, Any]:
    """Which level of which clock gave somebody the lead, as its kit calls them."""
    kit = kits.kit_of(because["clock_kit"])
    level, policy = kit.escalations.get(because["level"]), because["policy"]
    label = next((one.label for one in kit.policies if one.key == policy), policy)
    return {"level": level.label if level else because["level"], "label": label}


def _label(clock: Clock, company: _Company) -> str:
    """What the clock's own kit calls it."""
    policies = company.kits[clock.kit_id].policies
    return next((one.label for one in policies if one.key == clock.policy), clock.obligation)
