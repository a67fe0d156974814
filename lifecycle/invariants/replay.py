"""The last decisions made again from their records, by the code that makes them.

Not queries: the pick, the due times and the score are pure functions, and the record must hold
everything they were given.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from core.errors import DomainError
from governance import facts
from governance import selectors as kits
from leads import score_sql
from leads.models import Lead, ScorePart
from leads.scoring import Part
from lifecycle.invariants.invariant import Context, Found, Invariant, Offence, tell
from routing import matching, records, rules, strategies, targets
from routing.matching import Match
from routing.models import Decision
from routing.records import Dealer
from sla import clock as clocks
from sla.models import Clock

TOLERANCE = 1e-6
UNREADABLE = (DomainError, LookupError, TypeError, ValueError)
"""What damaged records raise; anything else is a fault of the program."""


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
    match = _matched(decision)
    differs = _against_rules(decision, match)
    if differs or match.user is not None or match.target == rules.QUEUE:
        return differs or _differs(decision, match.user)
    content = decision.snapshot.content if decision.snapshot else {"members": []}
    considered = decision.candidates if decision.place is None else content["state"]["candidates"]
    if _members(considered) != _members(content["members"]):
        return "considered other members than its snapshot has"
    if decision.place is None:
        candidates = [strategies.of_data(one) for one in decision.candidates]
        pick = strategies.pick(strategies.terms_of(content), candidates, records.wanted(decision))
    else:
        pick = dealer.again(decision)
    if pick.user != decision.picked_id:
        return _differs(decision, pick.user)
    # Records of before a field was kept are compared in what they hold.
    kept = [{"until": None, **one} for one in decision.candidates]
    if [one.as_data() for one in pick.considered] != kept:
        return "ranked its candidates otherwise than when replayed"
    return ""


def _matched(decision: Decision) -> Match:
    """The rule that decides, by the facts and the people in the record."""
    known = facts.registry.from_document(decision.facts)
    of_kit = rules.of_kit(kits.kit_of(decision.kit_id))
    people = {
        one["rule"]: targets.from_data(one["meant"]) for one in decision.tried if "meant" in one
    }
    return matching.decide(of_kit, known, moment=decision.moment, people=people, now=decision.at)


def _against_rules(decision: Decision, match: Match) -> str:
    if match.pool != decision.pool:
        return f"went to pool “{decision.pool}”, replayed “{match.pool}”"
    if match.target != decision.target:
        return f"was for {decision.target}, replayed for {match.target}"
    if [facts_as_kept(tried.as_data()) for tried in match.tried] != decision.tried:
        return "tried other rules, or saw other facts or people, than when replayed"
    return ""


def _differs(decision: Decision, user: int | None) -> str:
    return "" if user == decision.picked_id else f"picked {decision.picked_id}, replayed {user}"


def facts_as_kept(tried: dict[str, Any]) -> dict[str, Any]:
    """A tried rule as the record holds it."""
    return {**tried, "facts": facts.registry.to_document(tried["facts"])}


def _members(some: Iterable[Mapping[str, Any]]) -> list[list[Any]]:
    return [[one[name] for name in ("user", "weight", "open_cap")] for one in some]


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
