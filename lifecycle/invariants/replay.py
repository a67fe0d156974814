"""The last decisions made again from their records, by the code that makes them.

Not queries: the pick, the due times and the score are pure functions, and the record must hold
everything they were given.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from governance import selectors as kits
from leads import score_sql
from leads.models import Lead, ScorePart
from leads.scoring import Part
from lifecycle.invariants.invariant import Context, Found, Invariant, Offence, tell
from routing import replay
from routing.models import Decision
from routing.records import Dealer
from routing.replay import UNREADABLE
from sla import clock as clocks
from sla.models import Clock

TOLERANCE = 1e-6


def _decisions(context: Context) -> Found:
    # Erasing a person takes the facts about them out of the records: those cannot be replayed.
    known = Decision.objects.filter(lead__person__erased_at__isnull=True)
    last = known.prefetch_related("snapshot").order_by("-pk")[: context.replay]
    dealer = Dealer()
    rows = sorted(last, key=lambda one: one.pk)  # a batch is dealt again in its order
    return tell(_offences(rows, lambda one: _against_record(one, dealer)), first=context.first)


def _clocks(context: Context) -> Found:
    rows = Clock.objects.order_by("-pk")[: context.replay]
    return tell(_offences(rows, _against_policy), first=context.first)


def _offences(rows: Any, judge: Any) -> Iterator[Offence]:
    for row in rows:
        try:
            what = judge(row)
        except UNREADABLE as fault:
            what = f"cannot be replayed: {fault}"
        if what:
            yield Offence(str(row.pk), what)


def _against_record(decision: Decision, dealer: Dealer) -> str:
    """What differs when the decision is made again; empty when nothing does."""
    again = replay.of(decision, dealer)
    return again.differs or again.fault


def _against_policy(clock: Clock) -> str:
    kit = kits.kit_of(clock.kit_id)
    due = clocks.due(kit, kit.policy(clock.policy), clock.started_at)
    if (due.warn_at, due.due_at) == (clock.warn_at, clock.due_at):
        return ""
    return f"was due at {clock.due_at}, its policy says {due.due_at}"


def _scores(context: Context) -> Found:
    """Leads whose score in SQL is not the sum of their parts as Python adds them."""
    leads = Lead.objects.order_by("-pk")[: context.replay]
    in_sql = dict(
        Lead.objects.filter(pk__in=[lead.pk for lead in leads])
        .annotate(total=score_sql.score(context.now))
        .values_list("pk", "total")
    )
    in_python = dict.fromkeys(in_sql, 0.0)
    for row in ScorePart.objects.filter(lead__in=list(in_sql)):
        part = Part(row.rule, row.category, row.value, row.at, row.half_life_days, row.cap)
        in_python[row.lead_id] += part.present(context.now)
    return tell(
        (
            Offence(str(pk), f"scores {in_sql[pk]} in SQL, {in_python[pk]} by its parts")
            for pk in in_sql
            if abs(in_sql[pk] - in_python[pk]) > TOLERANCE * max(1.0, abs(in_python[pk]))
        ),
        first=context.first,
    )


INVARIANTS = (
    Invariant(
        "decision.replays",
        "The last decisions, made again from their records, pick the same rep",
        _decisions,
    ),
    Invariant(
        "clock.due_replays",
        "The last clocks, computed again from their start and kit, are due at the same time",
        _clocks,
    ),
    Invariant(
        "lead.score_replays",
        "The scores of the last leads are the same in SQL and by their parts",
        _scores,
    ),
)
