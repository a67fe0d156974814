"""Asks what is due, one question at a time and outside any transaction.

The attempt is committed before anybody is asked, so a question that kills or hangs its asker is
counted too. A provider that fails is left alone for the rest of the pass: its next question would
fare no better.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from dataclasses import dataclass

from django.db import models
from django.db.models import Q

from core import database, work
from leads.models import EnrichmentTask
from lifecycle.enriching import learning, providers
from lifecycle.enriching.provider import Answer
from lifecycle.outbound.failing import Failed

LEASE = dt.timedelta(minutes=3)
FIRST_PAUSE = dt.timedelta(minutes=1)
LONGEST_PAUSE = dt.timedelta(hours=6)
SECONDS = 5.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """What one pass did."""

    answered: int = 0
    filled: int = 0
    failed: int = 0


def run(*, now: dt.datetime | None = None, seconds: float = SECONDS) -> Asked:
    """Ask due questions for about so long; one that fails is asked again, ever later."""
    until = time.monotonic() + seconds
    answered = filled = failed = 0
    resting: set[int] = set()
    while time.monotonic() < until:
        task = _take_one(now or database.now(), resting)
        if task is None:
            break
        try:
            taken = _ask(task, now=now)
            answered, filled = answered + 1, filled + bool(taken)
        except Failed as fault:
            _put_off(task, str(fault), now=now or database.now(), fault=fault)
            failed += 1
            if not fault.for_good:
                resting.add(task.provider_id)
        except Exception as error:
            log.exception("Question %s could not be worked.", task.pk)
            _put_off(task, type(error).__name__, now=now or database.now())
            failed += 1
    return Asked(answered, filled, failed)


def retry(tasks: models.QuerySet[EnrichmentTask], *, now: dt.datetime) -> int:
    """Have failed questions asked anew, unless the same is being asked already."""
    open_ones = EnrichmentTask.objects.filter(
        lead=models.OuterRef("lead"), provider=models.OuterRef("provider"), done_at__isnull=True
    )
    failed = tasks.filter(~models.Exists(open_ones), outcome=EnrichmentTask.Outcome.FAILED)
    newest: dict[tuple[int, int], int] = {}
    for pk, lead, provider in failed.order_by("pk").values_list("pk", "lead_id", "provider_id"):
        newest[lead, provider] = pk
    return EnrichmentTask.objects.filter(pk__in=newest.values()).update(
        done_at=None, outcome="", attempts=0, lease_until=None, due_at=now, last_error=""
    )


def _take_one(now: dt.datetime, resting: set[int]) -> EnrichmentTask | None:
    due = EnrichmentTask.objects.filter(
        Q(lease_until__isnull=True) | Q(lease_until__lte=now),
        done_at__isnull=True,
        due_at__lte=now,
        provider__active=True,
    ).exclude(provider_id__in=resting)
    rows = work.take(
        due.order_by("due_at", "pk"), until="lease_until", attempts="attempts", now=now,
        lease=LEASE, limit=1,
    )  # fmt: skip
    beside = ("provider", "lead__person", "lead__account")
    return EnrichmentTask.objects.select_related(*beside).get(pk=rows[0].pk) if rows else None


def _ask(task: EnrichmentTask, *, now: dt.datetime | None) -> tuple[str, ...]:
    if task.attempts > task.provider.retries + 1:
        raise Failed("Every attempt ended its process; see the worker's log.", for_good=True)
    lead = task.lead
    question = providers.question_of(lead)
    answer = Answer()
    if lead.person.erased_at is None and providers.can_be_asked(task.provider, question):
        answer = providers.open_one(task.provider).ask(question)
    return learning.take(task, answer, account_id=lead.account_id, now=now)


def _put_off(
    task: EnrichmentTask, why: str, *, now: dt.datetime, fault: Failed | None = None
) -> None:
    log.warning("Question %s to %s failed (attempt %s): %s",
                task.pk, task.provider.key, task.attempts, why)  # fmt: skip
    wait = work.pause(task.attempts, first=FIRST_PAUSE, factor=4, longest=LONGEST_PAUSE)
    if fault is not None and fault.after is not None:
        wait = min(max(wait, dt.timedelta(seconds=fault.after)), LONGEST_PAUSE)
    over = (fault is not None and fault.for_good) or task.attempts > task.provider.retries
    row = EnrichmentTask.objects.filter(pk=task.pk, done_at__isnull=True)
    if over:
        row.update(
            done_at=now, outcome=EnrichmentTask.Outcome.FAILED, lease_until=None, last_error=why
        )
        return
    row.update(due_at=now + wait, lease_until=None, last_error=why)
