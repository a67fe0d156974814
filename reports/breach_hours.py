"""When deadlines pass unmet: by weekday and hour, of the clocks that the SLA report counts.

Whether a sweep has been by does not matter. A clock whose evidence turned out to be from before its
deadline is met, and not among them; one that was cancelled past its deadline is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db.models import Count, F, Q
from django.db.models.functions import Coalesce, ExtractHour, ExtractIsoWeekDay
from django.db.models.lookups import LessThanOrEqual

from core import steps
from people.models import User
from reports import measures, sla
from reports.periods import Period
from sla.models import ENDED_AT, ClockState

Slot = tuple[int, int]
"""Weekday from 0 (Monday) to 6, hour from 0 to 23."""


@steps.in_steps
def asked_of(
    user: User,
    *,
    period: Period,
    only: Mapping[str, str] | None = None,
    zone: dt.tzinfo,
    now: dt.datetime,
) -> steps.Story[dict[Slot, int]]:
    """How many deadlines passed unmet in which hour of which weekday, as the zone counts them."""
    met = Q(LessThanOrEqual(ENDED_AT, F("due_at")), state=ClockState.STOPPED)
    passed = Q(breached_at__isnull=False) | Q(state=ClockState.RUNNING, due_at__lt=now)
    some = sla.selected(user, period=period, only=only).filter(passed)
    at = Coalesce("breached_at", "due_at")
    slots = {"weekday": ExtractIsoWeekDay(at, tzinfo=zone), "hour": ExtractHour(at, tzinfo=zone)}
    found = measures.grouped(some.exclude(met), slots, count=Count("pk"))
    yield [found]
    return {(one["weekday"] - 1, one["hour"]): one["count"] for one in found}
