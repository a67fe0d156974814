"""Sending anew by hand, and trying an endpoint."""

from __future__ import annotations

import datetime as dt
import secrets

from django.db import transaction
from django.db.models import F, QuerySet

from core import errors
from integrations.models import Endpoint, Sending
from lifecycle.models import SentAgain
from people.models import User


class SwitchedOff(errors.DomainError):
    """Nothing is sent to an endpoint that is switched off."""

    code = "endpoint_switched_off"


@transaction.atomic
def replay(sendings: QuerySet[Sending], *, by: User, now: dt.datetime) -> int:
    """Send these again, sent or given up, under the same id; returns how many will be.

    Who did it is kept. What is still being tried and what is for endpoints that are switched off
    stays as it is.
    """
    ended = sendings.filter(state__in=["SENT", "DEAD"], endpoint__active=True)
    rows = Sending.objects.filter(pk__in=ended.values("pk")).order_by("id").select_for_update()
    begun = [(row.pk, row.round + 1) for row in rows if row.state in ("SENT", "DEAD")]
    Sending.objects.filter(pk__in=[pk for pk, _ in begun]).update(
        state=Sending.State.RETRYING,
        due_at=now,
        lease_until=None,
        attempts=0,
        round=F("round") + 1,
        sent_at=None,
        last_error="",
    )
    SentAgain.objects.bulk_create(
        SentAgain(way=SentAgain.Way.SENDING, what=pk, round=number, by=by, at=now)
        for pk, number in begun
    )
    return len(begun)


def send_test(endpoint: Endpoint, *, now: dt.datetime) -> Sending:
    """Have an event that tells of nothing sent. Raises SwitchedOff."""
    if not endpoint.active:
        raise SwitchedOff(f"“{endpoint}” is switched off: switch it on first.")
    key = f"test_{secrets.token_hex(12)}"
    return Sending.objects.create(endpoint=endpoint, key=key, created_at=now, due_at=now)
