"""Leads that wait in a pool's queue, drained oldest due first as soon as somebody can take them.

Two things make a waiting lead be looked at: its own time (`route_at`: when somebody starts, or
five minutes on), and room in its pool, by whatever it came about: somebody came back, ended a
lead, got a higher cap, joined. Room is seen, not told of: each pass asks the pools in which leads
wait who of them could take something now, so no act can forget to say so. What is kept for somebody
leaves those alone who work on the same date as they do; where somebody works on an earlier date
after all, it is theirs. As long as nobody has started, it is shared anew first (`keeping`). What is
kept in vain after that (the rep left the pool, works no leads any more, will not be there; the pool
has another policy) is looked at, too, and kept for another. A pass takes the leads due earliest
among all it may place, and those that find nobody go on waiting, with their clocks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from core import database, isolation, reading
from governance import selectors as kits
from leads import present
from leads.ledger import Ledger
from leads.models import Lead
from lifecycle import gathering, keeping, ownership
from people import holders, roles
from people.models import Leave
from routing import desk
from routing.models import Pool, PoolMember

PARKED_FOR = dt.timedelta(minutes=10)
TRIED_AGAIN = dt.timedelta(minutes=1)
"""How long a lead that found nobody, though its pool had room, is left to its own time."""

_tried: dict[int, dt.datetime] = {}
"""Such leads, in this process; another one tries them once more, which does no harm."""


def route(*, now: dt.datetime | None = None, limit: int = 200) -> int:
    """Try again for leads whose queue can be served now; returns how many found an owner."""
    kits.active_kit()  # raises while there is none: then nobody waits
    keeping.share_anew(now=now)
    at = now or database.now()
    ids = _due(at, limit)
    found = sum(isolation.together_or_alone(ids, lambda some: _route(some, now), park=_park))
    if found < len(ids):
        _leave_alone(ids, at)
    return found


def _due(at: dt.datetime, limit: int) -> list[int]:
    """The leads to look at: those whose time has come and those there is room for."""
    waiting = Lead.objects.exclude(queue="").filter(quarantined_at__isnull=True)
    ids = _first(waiting.filter(route_at__lte=at), limit)
    later = waiting.filter(route_at__gt=at)
    in_vain = _first(later.filter(_KEPT_IN_VAIN), limit)
    roomy = list(_with_room(at))
    if not roomy and not in_vain:
        return ids
    ids += in_vain
    resting = [lead for lead, until in _tried.items() if until > at]
    for pool, room, keeps in roomy:
        here = later.filter(queue=pool).exclude(kept_for__in=keeps).exclude(pk__in=resting)
        ids += _first(here, min(room, limit))
    return _first(Lead.objects.filter(pk__in=ids), limit)


def _first(rows: QuerySet[Lead], limit: int) -> list[int]:
    by_due = rows.order_by(F("next_due_at").asc(nulls_last=True), "pk")
    return list(by_due.values_list("pk", flat=True)[:limit])


def _with_room(at: dt.datetime) -> Iterable[tuple[str, int, frozenset[int]]]:
    """The pools in which leads wait for later although somebody could take some, how many, and for
    whom leads stay kept all the same.
    """
    asked = reading.plain(_WAITING, at)
    reading.ask(asked)
    keys = [key for (key,) in asked.found]
    if not keys:
        return
    counter = desk.open_for(keys, now=at, locked=False)
    for key in keys:
        room = counter.room(key)
        if room > 0:
            yield key, room, counter.keeps(key)


_ON_LEAVE = Leave.objects.filter(
    user=OuterRef("kept_for"), starts_at__lte=OuterRef("route_at"), ends_at__gt=OuterRef("route_at")
)
_MEMBERSHIP = PoolMember.objects.filter(
    active=True, user=OuterRef("kept_for"), pool__key=OuterRef("queue")
)
_SPREADING = Pool.objects.filter(key=OuterRef("queue"), off_shift=Pool.OffShift.SPREAD)
_KEPT_IN_VAIN = Q(kept_for__isnull=False) & (
    Q(kept_for__is_active=False)
    | ~roles.playing(*holders.ROLES, path="kept_for__")
    | Q(kept_for__away_until__gt=F("route_at"))
    | Exists(_ON_LEAVE)
    | ~Exists(_MEMBERSHIP)
    | ~Exists(_SPREADING)
)
"""Kept for somebody who has gone, shares the pool no more or will not be there when they were to
start; or in a pool that keeps nothing any more.
"""

_WAITING = """
    SELECT p.key FROM routing_pool p
     WHERE EXISTS (SELECT 1 FROM leads_lead l
                    WHERE l.queue = p.key AND l.queue <> '' AND l.route_at > %s)
     ORDER BY p.key
"""


_TO_ROUTE = """
    WHERE id = ANY(%s) AND quarantined_at IS NULL AND queue <> ''
    ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
"""


@transaction.atomic
def _route(ids: Sequence[int], now: dt.datetime | None) -> int:
    kit = kits.active_kit()
    waiting = reading.rows(Lead, _TO_ROUTE, list(ids))
    reading.ask(waiting)
    leads = waiting.found
    if not leads:
        return 0
    ledger = Ledger(kit=kit, now=now or present.of(ids), actor="route_waiting")
    cases = gathering.open_cases(leads)
    place = {pk: index for index, pk in enumerate(ids)}
    ownership.route(sorted(cases.values(), key=lambda case: place[case.lead.pk]), ledger=ledger)
    ledger.flush()
    return sum(1 for lead in leads if lead.owner_id)


def _leave_alone(ids: Sequence[int], at: dt.datetime) -> None:
    """Leads that found nobody although their pool still has room are not tried all the time.

    Those for whom there was no room are not among them: the next room is theirs.
    """
    for lead in [lead for lead, until in _tried.items() if until <= at]:
        del _tried[lead]
    roomy = [pool for pool, *_ in _with_room(at)]
    left = Lead.objects.filter(pk__in=ids, queue__in=roomy).values_list("pk", flat=True)
    _tried.update(dict.fromkeys(left, at + TRIED_AGAIN))


def _park(lead_id: int, error: Exception) -> None:
    """Look at a waiting lead that fails again later; it stays in its queue for people to claim."""
    Lead.objects.filter(pk=lead_id).update(route_at=database.now() + PARKED_FOR, kept_for=None)
