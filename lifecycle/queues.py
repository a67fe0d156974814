"""What waits for people at intake: exceptions, quarantine, suspected spam, likely duplicates.

Beside these queues, what gave up by itself: imports that failed, questions to providers that did.

Reads only. Who keeps these queues sees all of each; nobody else sees any.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from core import reading
from leads.models import (
    DuplicateSuggestion,
    EnrichmentTask,
    Lead,
    PartnerConflict,
    Touch,
    TouchStatus,
)
from lifecycle.models import ImportRun
from lifecycle.set_aside import DISCARDED, SET_ASIDE

NAMES = ("exceptions", "quarantine", "spam", "duplicates")
GRACE = dt.timedelta(seconds=60)
"""How long past its lease a touch may be in none of the queues."""
COUNTED = 99
"""Counts stop here: they tell that there is something to do, not how much exactly."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many wait in each queue, at most one more than COUNTED."""

    exceptions: int = 0
    quarantine: int = 0
    spam: int = 0
    duplicates: int = 0
    imports: int = 0
    questions: int = 0
    conflicts: int = 0
    """Between partners: in no queue, decided elsewhere."""

    @property
    def total(self) -> int:
        """In all of them, and what gave up."""
        waiting = self.exceptions + self.quarantine + self.spam + self.duplicates
        return waiting + self.imports + self.questions

    @property
    def everything(self) -> int:
        """All of that, and what partners dispute."""
        return self.total + self.conflicts

    def of(self, name: str) -> int:
        """In one of NAMES."""
        return int(getattr(self, name))


def counts() -> Counts:
    """How many wait in each. One query that stops counting early."""
    asked = counted()
    reading.ask(asked)
    return asked.found[0]


def counted() -> reading.Question[Counts]:
    """The question for `counts`; it has one answer."""
    waiting = [exceptions(), quarantine(), spam(), duplicates(), imports(), questions(),
               partner_conflicts()]  # fmt: skip
    parts = [
        rows.order_by().values("pk")[: COUNTED + 1].query.sql_with_params() for rows in waiting
    ]
    each = [f"(SELECT count(*) FROM ({text}) q)" for text, _ in parts]  # noqa: S608 - Django's
    values = [one for _, given in parts for one in given]
    return reading.Question(f"SELECT {', '.join(each)}", *values, made=lambda row: Counts(*row))


def partner_conflicts() -> QuerySet[PartnerConflict]:
    """Companies that two partners claim, and nobody has decided."""
    return PartnerConflict.objects.filter(state=PartnerConflict.State.OPEN)


def overdue(now: dt.datetime) -> int:
    """How many touches are older than a minute and in no queue: neither decided nor set aside.

    Zero, unless nothing sweeps: whoever took a touch in has a minute's lease, the sweep one more.
    """
    before = now - GRACE
    waiting = Touch.objects.filter(status=TouchStatus.RECEIVED, received_at__lt=before)
    for column in ("lease_until", "next_attempt_at"):
        waiting = waiting.filter(Q(**{f"{column}__isnull": True}) | Q(**{f"{column}__lt": before}))
    return waiting.count()


def exceptions(*, left: bool = False) -> QuerySet[Touch]:
    """Touches that could not be decided; `left` ones somebody has set aside for good."""
    parked = Touch.objects.filter(status=TouchStatus.PARKED)
    return parked.filter(outcome=SET_ASIDE) if left else parked.exclude(outcome=SET_ASIDE)


def quarantine() -> QuerySet[Lead]:
    """Leads whose record is too thin to go on."""
    return Lead.objects.filter(quarantined_at__isnull=False)


def spam(*, left: bool = False) -> QuerySet[Touch]:
    """Touches held back as suspected spam; `left` ones somebody has discarded."""
    held = Touch.objects.filter(status=TouchStatus.QUARANTINED)
    return held.filter(outcome=DISCARDED) if left else held.exclude(outcome=DISCARDED)


def duplicates() -> QuerySet[DuplicateSuggestion]:
    """Pairs of people who may be one, to review."""
    return DuplicateSuggestion.objects.filter(status=DuplicateSuggestion.Status.OPEN)


def imports() -> QuerySet[ImportRun]:
    """Imports for good that failed on the way: to go on with, or to undo."""
    return ImportRun.objects.filter(state=ImportRun.State.FAILED, dry_run=False)


def questions() -> QuerySet[EnrichmentTask]:
    """Questions to active providers that failed as often as they may: to be asked again."""
    failed = EnrichmentTask.objects.filter(outcome=EnrichmentTask.Outcome.FAILED)
    return failed.filter(provider__active=True)
