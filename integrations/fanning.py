"""Outbox rows become sendings: one for each event and each endpoint that wants it.

A row may be worked twice: the key of a sending is made of its event and its endpoint.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from core import database
from integrations.listening import IN_CHATS
from integrations.models import Endpoint, Sending
from leads.models import LeadEvent, Outbox
from lifecycle import news, windows
from lifecycle.deliveries import Deliveries, Drained
from lifecycle.news import Item
from lifecycle.windows import Hearer
from people.models import User

CONSUMER = "webhooks"
BATCH = 200
STALE_AFTER = dt.timedelta(days=1)
"""What was recorded longer ago is no news for a chat."""


def drain(*, now: dt.datetime | None = None, limit: int = BATCH) -> Drained:
    """Turn up to `limit` waiting outbox rows into sendings; run again until it finds nothing."""
    return _deliveries.drain(now=now or database.now(), limit=limit)


def _fan(rows: Sequence[Outbox], now: dt.datetime) -> None:
    endpoints = list(Endpoint.objects.filter(active=True))
    events = LeadEvent.objects.filter(pk__in=[row.event_id for row in rows]).order_by("id")
    plain = [one for one in endpoints if one.kind == Endpoint.Kind.EVENTS]
    chats = [one for one in endpoints if one.kind != Endpoint.Kind.EVENTS]
    found = list(events)
    sendings = [
        _sending(endpoint, event, now)
        for event in found
        for endpoint in plain
        if event.kind in endpoint.kinds
    ]
    if chats:
        sendings += _to_chats(chats, found, now)
    Sending.objects.bulk_create(sendings, ignore_conflicts=True)


def _to_chats(
    chats: Sequence[Endpoint], events: Sequence[LeadEvent], now: dt.datetime
) -> list[Sending]:
    """What is still news goes to the channels it concerns."""
    told = {one.pk: one for one in events if one.kind in IN_CHATS}
    items = [
        item
        for item in news.gather(told)
        if item.recipients and not item.settled and now - item.recorded_at <= STALE_AFTER
    ]
    teams = teams_of(items)
    hearers = windows.of({one.user for item in items for one in item.recipients}, at=now)
    return [
        _sending(chat, told[item.event], now, due_at=opening(item, hearers, now))
        for item in items
        for chat in chats
        if item.kind in chat.kinds and concerns(chat, item, teams)
    ]


def teams_of(items: Iterable[Item]) -> Mapping[int, int | None]:
    """The team of everybody who holds one of the leads."""
    holders = {item.words["holder"] for item in items} - {None}
    return dict(User.objects.filter(pk__in=holders).values_list("id", "team_id"))


def concerns(chat: Endpoint, item: Item, teams: Mapping[int, int | None]) -> bool:
    """Whether a channel is for this lead: by the team of its holder, and by its pool."""
    holder = item.words["holder"]
    of_team = chat.team_id is None or teams.get(holder or 0) == chat.team_id
    return of_team and chat.pool in ("", item.words["pool"])


def opening(item: Item, hearers: Mapping[int, Hearer], now: dt.datetime) -> dt.datetime:
    """When the first of those whom it concerns is there to be called."""
    called = (one.user for one in item.recipients if not one.console_only)
    found = [hearers[user].opening(now) for user in called if user in hearers]
    return min(found, default=now)


def _sending(
    endpoint: Endpoint, event: LeadEvent, now: dt.datetime, *, due_at: dt.datetime | None = None
) -> Sending:
    return Sending(
        endpoint=endpoint,
        key=f"event_{event.pk}_{endpoint.pk}",
        kind=event.kind,
        event=event.pk,
        lead=event.lead_id,
        created_at=now,
        due_at=due_at or now,
    )


_deliveries = Deliveries(Outbox, CONSUMER, _fan, together=BATCH)
