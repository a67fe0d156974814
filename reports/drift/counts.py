"""What the log says of each day: MQLs, acceptances and rejections, under the kit they fell under.

Steps that were taken back do not count. Neither do MQLs that were made by re-qualifying leads
that were there before: an act of people, not what the market brings.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Collection

from django.db.models import Count, F
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, TruncDate

from leads.stages import TRANSITIONS
from reports import measures
from reports.drift.verdicts import Step, Tally
from reports.periods import Period

_TARGETS = sorted({stage.value for step in Step for stage in TRANSITIONS[step.value].targets})
"""Where these steps lead: the log is ordered by that."""


def read(
    kits: Collection[int], *, first: dt.date, last: dt.date, zone: zoneinfo.ZoneInfo
) -> list[Tally]:
    """The tallies of these versions (ids) from one day to another, both included. One query."""
    period = Period.of_days(first, last, zone)
    steps = measures.taken().filter(
        kit__in=kits,
        transition__in=[step.value for step in Step],
        to_stage__in=_TARGETS,
        at__gte=period.start,
        at__lt=period.end,
    )
    by = {
        "kit_key": F("kit_id"),
        "day": TruncDate("at", tzinfo=zone),
        "step": F("transition"),
        "source": F("lead__category"),
        "reason": Coalesce(KeyTextTransform("reason", "because"), measures.EMPTY),
    }
    rows = measures.rows(steps.exclude(because__has_key="application"), by, count=Count("pk"))
    return [
        Tally(row["kit_key"], row["day"], row["step"], row["source"], row["reason"], row["count"])
        for row in rows
    ]
