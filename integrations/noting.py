"""Writes down how an attempt ended: in the log, on what was sent, and on the endpoint."""

from __future__ import annotations

import datetime as dt
import logging
import random

from django.db import transaction

from integrations import retrying
from integrations.answers import Verdict
from integrations.models import Attempt, Endpoint, Sending
from integrations.taking import Portion

NO_MORE = "The endpoint is switched off."
State = Sending.State

log = logging.getLogger(__name__)


def note(portion: Portion, verdict: Verdict, *, milliseconds: int, now: dt.datetime) -> None:
    """One attempt of everything that went in one request ended at `now`."""
    with transaction.atomic():
        endpoint = Endpoint.objects.select_for_update().get(pk=portion.endpoint.pk)
        numbers = {one.pk: (one.round, one.attempts) for one in portion.sendings}
        rows = Sending.objects.filter(pk__in=numbers).order_by("id").select_for_update()
        share = random.random()  # noqa: S311 - what failed together is spread, nothing is hidden
        tried = []
        for row in rows:
            before = (row.round, row.state)
            round_, number = numbers[row.pk]
            counts = before == (round_, State.RETRYING)
            if counts:
                _end(row, verdict, now=now, share=share)
            tried.append(
                Attempt(
                    sending=row,
                    round=round_,
                    number=number,
                    at=now,
                    arrived=verdict.arrived and counts,
                    status=verdict.status,
                    milliseconds=milliseconds,
                    why=verdict.why if counts else f"Came too late to count. {verdict.why}".strip(),
                )
            )
        Attempt.objects.bulk_create(tried, ignore_conflicts=True)
        columns = ["state", "due_at", "lease_until", "sent_at", "last_error"]
        Sending.objects.bulk_update(rows, columns)
        _judge(endpoint, verdict, now=now)


def give_up_for_switched_off() -> int:
    """What waits for endpoints that are switched off is given up; it can be sent anew by hand."""
    waiting = Sending.objects.filter(state=State.RETRYING, endpoint__active=False)
    return waiting.update(state=State.DEAD, due_at=None, lease_until=None, last_error=NO_MORE)


def _end(row: Sending, verdict: Verdict, *, now: dt.datetime, share: float) -> None:
    row.lease_until = None
    row.last_error = verdict.why
    wait = retrying.pause(row.attempts, share=share, asked=verdict.after)
    if verdict.arrived:
        row.state, row.due_at, row.sent_at = State.SENT, None, now
    elif wait is None or verdict.for_good or verdict.gone:
        row.state, row.due_at = State.DEAD, None
        log.warning("Sending %s to %s was given up: %s", row.key, row.endpoint_id, verdict.why)
    else:
        row.due_at = now + wait


def _judge(endpoint: Endpoint, verdict: Verdict, *, now: dt.datetime) -> None:
    """An endpoint that fails again and again rests; one that wants no more is switched off."""
    if verdict.gone:
        endpoint.active = False
        endpoint._change_reason = verdict.why  # type: ignore[attr-defined]  # read by its history
        endpoint.save(update_fields=["active"])
        log.warning("Endpoint %s was switched off: %s", endpoint.pk, verdict.why)
        return
    if verdict.for_good:
        return  # it was not spoken to
    failures = 0 if verdict.arrived else endpoint.failures + 1
    rest = retrying.rest(failures)
    Endpoint.objects.filter(pk=endpoint.pk).update(
        failures=failures, resting_until=now + rest if rest else None
    )
