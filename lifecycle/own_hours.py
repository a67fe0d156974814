"""Clocks that count in the hours of whoever holds them, moved when those work otherwise.

A shift, a holiday region or leave that changes, also by a calendar that is read again, moves the
deadlines that pinned it. What is late stays late, and goes on counting in the new hours.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction

from core import database, reading
from governance import selectors as kits
from leads import present
from leads.ledger import Ledger
from leads.models import Lead
from lifecycle import gathering
from lifecycle.case import Case
from sla import hours, moves, pins
from sla import selectors as clocks
from sla import services as sla
from sla.models import HoursPin
from sla.pins import Pins

Pair = tuple[int, int]
"""Somebody, and a pin that open clocks of theirs have."""

# Each pair once, by one step in the index from each to the next.
_OPEN = "state IN ('RUNNING', 'PAUSED') AND pin_id IS NOT NULL AND holder_id IS NOT NULL"
_PAIRS = f"""
    WITH RECURSIVE pair AS (
        (SELECT holder_id, pin_id FROM sla_clock WHERE {_OPEN} ORDER BY 1, 2 LIMIT 1)
        UNION ALL
        SELECT n.holder_id, n.pin_id FROM pair p CROSS JOIN LATERAL (
            SELECT holder_id, pin_id FROM sla_clock
             WHERE {_OPEN} AND (holder_id, pin_id) > (p.holder_id, p.pin_id)
             ORDER BY 1, 2 LIMIT 1) n)
    SELECT holder_id, pin_id FROM pair
"""  # noqa: S608 - our own words
_LEADS = f"""
    SELECT DISTINCT c.lead_id FROM unnest(%s::bigint[], %s::bigint[]) AS s (holder, pin)
      JOIN sla_clock c ON c.holder_id = s.holder AND c.pin_id = s.pin
     WHERE {_OPEN} AND (c.state = 'PAUSED' OR c.breached_at IS NOT NULL OR (
           c.due_at > %s AND (c.warned_at IS NOT NULL OR c.warn_at > %s)))
     LIMIT %s
"""  # noqa: S608 - our own words


def follow(*, now: dt.datetime | None = None, limit: int = 200) -> int:
    """Move the deadlines whose holders' hours have changed; returns how many clocks.

    Up to `limit` leads in one transaction; leads that somebody holds come next time.
    """
    at = now or database.now()
    changed = _changed(_pairs(), at)
    if not changed:
        return 0
    with transaction.atomic():
        kit = kits.active_kit()
        asked = reading.plain(_LEADS, *map(list, zip(*changed, strict=True)), at, at, limit)
        reading.ask(asked)
        rows = Lead.objects.filter(pk__in=[pk for (pk,) in asked.found]).order_by("pk")
        leads = list(rows.select_for_update(skip_locked=True, no_key=True))
        at = now or present.of(lead.pk for lead in leads)
        ledger = Ledger(kit=kit, now=at, actor="hours")
        ledger.once(Pins).read({holder for holder, _ in changed})
        moved = _follow(gathering.open_cases(leads).values(), ledger)
        ledger.flush()
    return moved


def _pairs() -> list[Pair]:
    asked = reading.plain(_PAIRS)
    reading.ask(asked)
    return [(holder, pin) for holder, pin in asked.found]


def _changed(pairs: list[Pair], at: dt.datetime) -> list[Pair]:
    """Those whose holder works otherwise by now than the pin says."""
    if not pairs:
        return []
    works = pins.present(sorted({holder for holder, _ in pairs}), now=at)
    pinned = HoursPin.objects.in_bulk({pin for _, pin in pairs})
    known = {pk: pins.known_hours(pin) for pk, pin in pinned.items()}
    return [
        (holder, pin) for holder, pin in pairs if hours.changed(known[pin], works[holder], now=at)
    ]


def _follow(cases: Iterable[Case], ledger: Ledger) -> int:
    cases = list(cases)
    pasts = clocks.notes_of(one.pk for case in cases for one in case.clocks if one.pin_id)
    changed = 0
    for case in cases:
        for one in case.clocks:
            one.past = pasts.get(one.pk, one.past)
        moved = [one for one in case.clocks if moves.follow(one, case.lead, ledger=ledger)]
        if moved:
            sla.show_next_due(case.lead, case.clocks, ledger=ledger)
        changed += len(moved)
    return changed
