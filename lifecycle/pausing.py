"""Clocks that wait: for the customer, whom somebody has asked; for a holder who is on leave.

What waits for the customer goes on by itself when they are heard of, or when its time is over.
What waits for a holder follows their leave, also when that is entered late, changed or ended early.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from core import database, errors, reading
from governance import selectors as kits
from leads import present, services
from leads.ledger import Ledger
from leads.models import Activity, EventKind, Lead, LeadEvent
from lifecycle import acts, gathering, permissions, proofs, reasons, wording
from lifecycle.case import Case
from people import availability
from people import selectors as people
from people.models import User
from sla import pauses, segments
from sla import selectors as clock_selectors
from sla import services as sla
from sla.models import Clock, ClockEvent

UTC = zoneinfo.ZoneInfo("UTC")


def await_buyer(
    *,
    lead_id: int,
    by: User,
    until: dt.datetime,
    activity: int | None = None,
    note: str = "",
    now: dt.datetime | None = None,
) -> Lead:
    """The next word is the buyer's: clocks that may wait for them stand still, at most `until`.

    Proven by what was sent or said last, or the `activity` named: each stops them once. Raises
    InvalidInput where there is none, or `until` is no instant to come or longer than the kit lets
    them wait; TooLate where nothing waits.
    """
    with acts.on(lead_id, by=by, now=now) as act:
        permissions.require_owner(act.lead, by)
        if until.tzinfo is None or until <= act.now:
            raise reasons.missing("until", "Say until when, with its zone; it lies ahead.")
        wait = may_wait(act.case.clocks, act.now, zone=by.zone)
        if wait.refused:
            raise errors.TooLate(wait.refused, state=services.state_of(act.lead))
        if until > wait.longest:
            raise reasons.missing("until", f"The kit lets it wait {wait.days} days at most.")
        proof = _proof(act.lead, activity)
        because = {
            "cause": pauses.CUSTOMER.value,
            "until": until.isoformat(),
            "activity": proof.pk,
            "clocks": [one.obligation for one in wait.clocks],
        }
        if note.strip():
            because["note"] = proofs.keep_note(act, note)
        event = act.ledger.event(act.lead, EventKind.PAUSED, because=because)
        for clock in wait.clocks:
            most = act.now + clock_selectors.policy_of(clock).longest_pause
            _pause(clock, act.lead, pauses.CUSTOMER, act.now, min(until, most), event, act.ledger)
        sla.show_next_due(act.lead, act.case.clocks, ledger=act.ledger)
    return act.lead


def go_on(*, lead_id: int, by: User, now: dt.datetime | None = None) -> Lead:
    """Wait for the buyer no longer: what stood still for them runs on from now.

    Raises TooLate where nothing does.
    """
    with acts.on(lead_id, by=by, now=now) as act:
        permissions.require_owner(act.lead, by)
        if not any(one.paused_for == pauses.CUSTOMER.value for one in act.case.clocks):
            raise errors.TooLate(
                "No clock of this lead waits for the customer any more.",
                state=services.state_of(act.lead),
            )
        sla.heard(act.lead, act.case.clocks, ledger=act.ledger, why="person")
    return act.lead


@dataclass(frozen=True, slots=True)
class Wait:
    """Which clocks may stand still for the customer now, and until when; or why none."""

    clocks: tuple[Clock, ...]
    longest: dt.datetime
    refused: str = ""
    waits: bool = False
    days: int = 0


def may_wait(clocks: Sequence[Clock], now: dt.datetime, *, zone: zoneinfo.ZoneInfo = UTC) -> Wait:
    """What a wait for the customer would do to these clocks of a lead; nothing is changed.

    `zone` is the reader's: a refusal may name an instant.
    """
    chosen = tuple(one for one in clocks if pauses.may_pause(one, pauses.CUSTOMER, now))
    if chosen:
        most = max(clock_selectors.policy_of(one).longest_pause for one in chosen)
        return Wait(chosen, now + most, days=most.days)
    waiting = [one.resume_at for one in clocks if one.paused_for == pauses.CUSTOMER.value]
    if waiting:
        until = max(filter(None, waiting), default=now)
        why = f"It waits for the customer already, until {wording.instant_in(until, zone)}."
        return Wait((), now, why, waits=True)
    open_ones = [one for one in clocks if sla.is_open(one)]
    late = [one for one in open_ones if _lets_wait(one)]
    if late:
        label = clock_selectors.policy_of(late[0]).label
        return Wait((), now, f"“{label}” is late already, and what is late does not stand still.")
    return Wait((), now, "No clock of this lead waits for the customer: the kit lets none of them.")


def _lets_wait(clock: Clock) -> bool:
    return pauses.CUSTOMER.value in clock_selectors.policy_of(clock).pauses_for


def _proof(lead: Lead, named: int | None) -> Activity:
    """What reached out to the buyer, and has stopped no clock yet."""
    done = Activity.objects.standing().filter(lead=lead, direction="OUTBOUND")
    sent = done.order_by("-at", "-pk")
    if named is not None:
        sent = sent.filter(pk=named)
    found = next((one for one in sent[:20] if one.is_contact), None)
    if found is None:
        raise reasons.missing("activity", "Log first what you asked the buyer.")
    told = LeadEvent.objects.filter(lead=lead, kind=EventKind.PAUSED)
    if told.filter(because__activity=found.pk).exists():
        raise reasons.missing(
            "activity", "It has stopped the clocks once; log what you asked since."
        )
    return found


def _pause(
    clock: Clock,
    lead: Lead,
    cause: ClockEvent.Cause,
    at: dt.datetime,
    until: dt.datetime,
    event: LeadEvent,
    ledger: Ledger,
) -> None:
    """A warning that has fallen due comes before it."""
    if clock.warned_at is None and clock.warn_at <= at:
        sla.warn(clock, lead, ledger=ledger)
    pauses.pause(clock, cause, at=at, until=until, ledger=ledger, event=event)


# Those whose holder is on leave and whose policy lets them wait; those that wait longer or shorter
# than the leave lasts.
_TO_LOOK_AT = """
    WITH waiting AS MATERIALIZED (
        SELECT k.id AS kit_id, p->>'key' AS policy
          FROM governance_kitversion k, jsonb_array_elements(k.document->'parts'->'clock_policy') p
         WHERE k.published_at IS NOT NULL AND p->'pauses_for' ? 'LEAVE')
    SELECT c.lead_id FROM waiting w
      JOIN sla_clock c ON (c.kit_id, c.policy) = (w.kit_id, w.policy)
      JOIN people_leave l ON l.user_id = c.holder_id AND l.starts_at <= %(now)s
                         AND l.ends_at > %(now)s
     WHERE c.state = 'RUNNING' AND c.breached_at IS NULL AND c.due_at >= %(now)s
     UNION
    SELECT c.lead_id FROM sla_clock c
     WHERE c.state = 'PAUSED' AND c.paused_for = 'LEAVE'
       AND NOT EXISTS (SELECT 1 FROM people_leave l
                        WHERE l.user_id = c.holder_id AND l.ends_at = c.resume_at)
     LIMIT %(limit)s
"""


def follow_leave(*, now: dt.datetime | None = None, limit: int = 200) -> int:
    """Stop the clocks of who is on leave, and let those go on whose holder is back.

    Up to `limit` leads in one transaction; leads that somebody holds come next time. Returns how
    many clocks changed.
    """
    with transaction.atomic():
        at = now or database.now()
        with connection.cursor() as cursor:
            cursor.execute(_TO_LOOK_AT, {"now": at, "limit": limit})
            wanted = [pk for (pk,) in cursor.fetchall()]
        if not wanted:
            return 0
        kit = kits.active_kit()
        rows = Lead.objects.filter(pk__in=wanted).order_by("pk")
        leads = list(rows.select_for_update(skip_locked=True, no_key=True))
        at = now or present.of(lead.pk for lead in leads)
        ledger = Ledger(kit=kit, now=at, actor="leave")
        cases = gathering.open_cases(leads)
        away = _leaves(cases.values(), at)
        pasts = clock_selectors.notes_of(c.pk for one in cases.values() for c in one.clocks)
        changed = sum(_follow(case, away, pasts, ledger) for case in cases.values())
        ledger.flush()
    return changed


Leaves = dict[int, list[tuple[dt.datetime, dt.datetime]]]


def _leaves(cases: Iterable[Case], at: dt.datetime) -> Leaves:
    holders = {c.holder_id for one in cases for c in one.clocks if c.holder_id is not None}
    asked = people.leaves_of(sorted(holders), at=at)
    reading.ask(asked)
    found: Leaves = defaultdict(list)
    for user_id, starts_at, ends_at in asked.found:
        found[user_id].append((starts_at, ends_at))
    return found


def _follow(case: Case, away: Leaves, pasts: dict[int, list[ClockEvent]], ledger: Ledger) -> int:
    changed = 0
    for clock in case.clocks:
        leaves = away.get(clock.holder_id or 0, [])
        since, until = availability.leave_around(leaves, ledger.now)
        if pauses.may_pause(clock, pauses.LEAVE, ledger.now) and until > ledger.now:
            known = [n.at for n in pasts[clock.pk] if n.kind in segments.COPIED]
            start = max([since, clock.started_at, *known])
            event = _tell(case.lead, EventKind.PAUSED, clock, until, start, ledger)
            _pause(clock, case.lead, pauses.LEAVE, start, until, event, ledger)
        elif clock.paused_for == pauses.LEAVE.value and until <= ledger.now:
            event = _tell(case.lead, EventKind.RESUMED, clock, until, ledger.now, ledger)
            pauses.wake(clock, ledger.now, ledger=ledger, event=event)
        elif clock.paused_for == pauses.LEAVE.value and until != clock.resume_at:
            event = _tell(case.lead, EventKind.MOVED, clock, until, ledger.now, ledger)
            pauses.prolong(clock, until, ledger=ledger, event=event)
        else:
            continue
        changed += 1
    if changed:
        sla.show_next_due(case.lead, case.clocks, ledger=ledger)
    return changed


def _tell(
    lead: Lead, kind: EventKind, clock: Clock, until: dt.datetime, at: dt.datetime, ledger: Ledger
) -> LeadEvent:
    because = {
        "cause": pauses.LEAVE.value,
        "until": until.isoformat(),
        "holder": clock.holder_id,
        "clocks": [clock.obligation],
    }
    return ledger.event(lead, kind, because=because, at=at)
