"""The smallest company on which time can be seen at work: a kit of two clocks, people, leads.

Written through the product's own ledger, so every database rule holds.
"""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from django.db import transaction

from governance import kit as kits
from governance import selectors
from governance.kit import Kit
from governance.models import KitStatus, KitVersion, Signature
from leads import services as lead_services
from leads.ledger import Ledger
from leads.models import Account, Channel, EventKind, Lead, LeadEvent, Person
from people.models import Role, Team, User
from routing import services as routing
from routing.models import Pool
from sla import notes
from sla import services as sla
from sla.models import Clock, ClockEvent

_numbers = itertools.count(1)


def _policy(key: str, label: str) -> dict[str, Any]:
    return {
        "key": key,
        "obligation": key,
        "label": label,
        "stages": ["INQUIRY", "MQL"],
        "starts_on": ["QUALIFIED"],
        "stopped_by": ["ACCEPTED"],
        "minutes": 60,
        "calendar": "always",
        "warn_percent": 50,
    }


WEEK = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
DOCUMENT = {
    "schema": 1,
    "parts": {
        "calendar": [{"key": "always", "label": "Always", "zone": "UTC", "week": WEEK}],
        "clock_policy": [
            _policy("accept", "Accept or reject within an hour"),
            _policy("route", "Route within an hour"),
        ],
    },
}


def publish_kit(*, now: dt.datetime) -> Kit:
    """An active kit: `accept` and `route`, an hour each, ever open, warned at half time."""
    text = kits.checksum(DOCUMENT)
    version = KitVersion.objects.create(number=1, created_at=now)
    signer = person("Signe", role=Role.REVOPS, is_active=False)
    Signature.objects.create(kit=version, by=signer, party="APPROVER", checksum=text, signed_at=now)
    version.status, version.document, version.checksum = KitStatus.ACTIVE, DOCUMENT, text
    version.published_at = now
    version.save(update_fields=["status", "document", "checksum", "published_at"])
    return selectors.kit_of(version.pk)


def person(name: str, *, role: str = Role.SDR, team: Team | None = None, **columns: Any) -> User:
    """Somebody of the company, with an address of their own."""
    return User.objects.create(
        username=name.lower(),
        email=f"{name.lower()}@example.com",
        first_name=name,
        role=role,
        team=team,
        **columns,
    )


def team(name: str, *, manager: User | None = None) -> Team:
    """A team under its manager."""
    return Team.objects.create(name=name, manager=manager)


def pool(key: str, *, manager: User | None = None) -> Pool:
    """A pool under its manager."""
    return Pool.objects.create(key=key, label=key.title(), manager=manager)


def ledger(*, now: dt.datetime, by: User | None = None) -> Ledger:
    """A ledger under the active kit."""
    by_id = by.pk if by else None
    return Ledger(kit=selectors.active_kit(), now=now, actor="pipeline", by_id=by_id)


@transaction.atomic
def lead(
    *,
    now: dt.datetime,
    owner: User | None = None,
    queue: str = "",
    via: str = "",
    by: User | None = None,
    company: str = "Acme GmbH",
    due_at: dt.datetime | None = None,
    policy: str = "accept",
) -> Lead:
    """A lead with an owner (through the pool `via`) or in a queue; `due_at` gives it a clock."""
    number = next(_numbers)
    book = ledger(now=now, by=by)
    account = Account.objects.create(name=company, name_key=f"{company}{number}", created_at=now)
    row = Lead(
        person=Person.objects.create(
            first_name="Petra",
            last_name="Private",
            email=f"petra{number}@buyer.test",
            created_at=now,
        ),
        account=account,
        entered_stage_at=now,
        channel=Channel.FORM,
        last_touch_at=now,
        created_at=now,
    )
    begun = lead_services.begin(row, ledger=book, because={})
    if due_at is not None:
        # The owner is put in first so that the clock is theirs from the start.
        row.owner = owner
        since = due_at - dt.timedelta(hours=1)
        clock = sla.prepare(row, _the(policy), ledger=book, since=since)
        notes.held(clock, ClockEvent.Kind.STARTED, since, ledger=book, event=begun)
        row.next_due_at = clock.due_at
    if owner is not None:
        routing.assign(row, owner.pk, ledger=book, pool=via)
    elif queue:
        routing.enqueue(row, queue, route_at=now + dt.timedelta(days=365), ledger=book)
    book.flush()
    return row


def _the(key: str) -> Any:
    return next(one for one in selectors.active_kit().policies if one.key == key)


@transaction.atomic
def stop_clock(row: Clock, *, now: dt.datetime) -> None:
    """End a clock by evidence."""
    book = ledger(now=now)
    locked = lead_services.lock(row.lead_id)
    event = book.event(locked, EventKind.ACTIVITY, because={})
    fate = sla.clocks.Fate("STOPPED")
    sla.end(row, fate, sla.Evidence("CONTACTED", now), ledger=book, event=event, lead=locked)
    book.flush()


def events(kind: EventKind) -> list[LeadEvent]:
    """All events of that kind, in their order."""
    return list(LeadEvent.objects.filter(kind=kind).order_by("id"))
