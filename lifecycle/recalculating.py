"""Recalculate SLAs: running clocks of earlier kits are started again under the one in force.

A clock keeps the kit that started it until somebody asks for this, having seen what it would do.
The start of a clock stays, so a new deadline may lie in the past: the sweep then records the
breach at that deadline. A breach that has happened is never cured.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Q, QuerySet

from core import database, errors
from governance import selectors as kits
from governance.kit import Kit
from leads import present
from leads.ledger import Ledger
from leads.models import EventKind, Lead
from leads.stages import CLOSED, WORKED
from lifecycle import applying, fingerprints, gathering, permissions
from lifecycle.applying import Item, Worked
from lifecycle.case import Case
from lifecycle.models import KitApplication
from lifecycle.permissions import Reach
from lifecycle.recalculated import Line, Only, Preview, most_urgent
from people.models import User
from sla import histories, recalculation, successors
from sla import selectors as clock_selectors
from sla import services as sla
from sla.clock import Fate
from sla.models import Clock, ClockEvent, ClockState
from sla.pins import Pins
from sla.recalculation import Outcome, Running, Verdict
from sla.retracing import Turn

VERB = "recalculate"
LOOKED_AT = 20_000
"""How many clocks a preview judges at most, unless it is asked for more."""
TOGETHER = 500

Facts = Callable[[], Mapping[str, object]]
Turns = tuple[Turn, ...]


def preview(
    kit: Kit, *, reach: Reach, now: dt.datetime, only: Only | None = None,
    limit: int | None = LOOKED_AT,
) -> Preview:  # fmt: skip
    """Every running clock of an earlier kit that `kit` would have due, or warn, at another time.

    Within `reach` and `only`; at most `limit` clocks that may differ are judged. Writes nothing.
    """
    found = _candidates(kit, reach, only or Only())
    rows = list(found.order_by("lead_id", "pk").values(*FIELDS)[:limit])
    lines = [
        line
        for start in range(0, len(rows), TOGETHER)
        for line in _judged(rows[start : start + TOGETHER], kit, now)
        if line.verdict.outcome is not Outcome.SAME
    ]
    lines = _with_the_last_kept(lines)
    more = found.count() - len(rows) if limit is not None and len(rows) == limit else 0
    changing = [line for line in lines if line.verdict.changes]
    return Preview(
        kit=kit,
        lines=tuple(sorted(changing, key=most_urgent)),
        stays=tuple(line for line in lines if not line.verdict.changes),
        looked_at=len(rows),
        beyond=more,
    )


def apply(
    clocks: Collection[int] | None, *, by: User, reason: str, seen: str | None,
    only: Only | None = None, now: dt.datetime | None = None, limit: int | None = LOOKED_AT,
) -> KitApplication:  # fmt: skip
    """Recalculate the chosen clocks (None: all that the same preview lists), as one recorded act.

    `seen` is the fingerprint of the preview that was confirmed; None where nobody looked at one.
    Raises NotAllowed for who may not, InvalidInput without a reason or a clock, and LookAgain
    when what would happen is not what was seen.
    """
    reach = permissions.reach(by)
    applying.checked_reason(reason)
    kit = kits.active_kit()
    shown = preview(kit, reach=reach, now=now or database.now(), only=only, limit=limit)
    if seen is not None:
        fingerprints.require(seen, kit, shown.fates, noun="clock", among=clocks)
    chosen = shown.fates.keys() if clocks is None else shown.fates.keys() & set(clocks)
    if not chosen:
        raise errors.InvalidInput("No clock that would change was chosen.")
    places = sorted((line.lead, line.clock) for line in shown.lines if line.clock in chosen)
    items = [(VERB, clock) for _, clock in places]
    return applying.submit(
        KitApplication.Act.RECALCULATE, items, kit=kit, by=by, reason=reason, work=_work, now=now
    )


def resume(application_id: int, *, now: dt.datetime | None = None) -> None:
    """Work on at an application that was left to the worker. Called by the queue."""
    applying.run(application_id, work=_work, now=now)


FIELDS = ("pk", "lead_id", "lead__stage", "lead__channel", "holder_id", "obligation", "policy",
          "scope", "kit_id", "started_at", "warn_at", "due_at", "breached_at")  # fmt: skip


def _candidates(kit: Kit, reach: Reach, only: Only) -> QuerySet[Clock]:
    """Running clocks of other kits whose policy, calendar or exemptions read otherwise in this."""
    running = Clock.objects.filter(reach.of("lead__"), only.q(), state=ClockState.RUNNING)
    older = running.exclude(kit=kit.id)
    differing: dict[int, list[str]] = defaultdict(list)
    for version, policy in older.order_by().values_list("kit", "policy").distinct():
        if recalculation.may_differ(kits.kit_of(version), kit, policy):
            differing[version].append(policy)
    wanted = Q(pk__in=[])
    for version, policies in differing.items():
        wanted |= Q(kit=version, policy__in=policies)
    return older.filter(wanted)


def _judged(rows: Sequence[dict[str, Any]], kit: Kit, now: dt.datetime) -> Iterator[Line]:
    """These clocks with their verdicts; the leads behind them are read if a condition asks."""

    @functools.cache
    def cases() -> dict[int, Case]:
        leads = Lead.objects.filter(pk__in={row["lead_id"] for row in rows})
        return gathering.open_cases(list(leads))

    def known(lead: int) -> Mapping[str, object]:
        return _facts(cases()[lead], kit, now)

    policies = {row["pk"]: kits.kit_of(row["kit_id"]).policy(row["policy"]) for row in rows}
    turns = histories.of(policies, kit, now=now)
    for row in rows:
        known_turns = turns.get(row["pk"], ())
        yield _line(row, known_turns, kit, now, functools.partial(known, row["lead_id"]))


def _line(row: Mapping[str, Any], turns: Turns, kit: Kit, now: dt.datetime, facts: Facts) -> Line:
    running = Running(
        policy=row["policy"],
        obligation=row["obligation"],
        scope=row["scope"],
        started_at=row["started_at"],
        warn_at=row["warn_at"],
        due_at=row["due_at"],
        breached=row["breached_at"] is not None,
        stage=row["lead__stage"],
        channel=row["lead__channel"],
        turns=turns,
    )
    old = kits.kit_of(row["kit_id"])
    verdict = recalculation.decide(running, old=old, new=kit, now=now, facts=facts)
    return Line(
        clock=row["pk"],
        lead=row["lead_id"],
        stage=running.stage,
        holder=row["holder_id"],
        obligation=running.obligation,
        policy=running.policy,
        label=old.policy(running.policy).label,
        kit=old.number,
        due_at=running.due_at,
        verdict=verdict,
        overdue_at_once=verdict.outcome is Outcome.MOVES
        and verdict.due is not None
        and verdict.due.due_at < now,
    )


def _facts(case: Case, kit: Kit, now: dt.datetime) -> Mapping[str, object]:
    case.appraise(kit, now)
    return case.facts(kit, now)


def _with_the_last_kept(lines: Sequence[Line]) -> list[Line]:
    """The same lines, but nothing ends that is the last thing due on its lead."""
    leads = {line.lead for line in lines if line.verdict.outcome is Outcome.ENDS}
    if not leads:
        return list(lines)
    running = clock_selectors.open_by_lead(leads)
    owed = {lead.pk for lead in Lead.objects.filter(pk__in=leads) if _is_owed(lead)}
    by_clock = {line.clock: line for line in lines}
    for lead in leads:
        told = [by_clock.get(clock.pk) for clock in running[lead]]
        verdicts = [line.verdict if line else recalculation.SAME for line in told]
        kept = recalculation.keep_one(verdicts, owed=lead in owed)
        for line, verdict in zip(told, kept, strict=True):
            if line is not None:
                by_clock[line.clock] = replace(line, verdict=verdict)
    return [by_clock[line.clock] for line in lines]


def _is_owed(lead: Lead) -> bool:
    asked = lead.hand_raised_at is not None and lead.stage not in CLOSED
    return lead.stage in WORKED or asked


def _work(
    application: KitApplication, items: Sequence[Item], kit: Kit, now: dt.datetime | None
) -> Worked:
    """One chunk: lock the leads, judge their clocks again, replace those that change."""
    wanted = {clock for _, clock in items}
    leads = _locked(wanted, permissions.reach(application.by))
    at = now or present.of(lead.pk for lead in leads)
    ledger = Ledger(kit=kit, now=at, actor="user", by_id=application.by_id)
    cases = list(gathering.open_cases(leads).values())
    running = [one for case in cases for one in case.clocks if one.state == ClockState.RUNNING]
    pasts = clock_selectors.notes_of(one.pk for one in running)
    policies = {one.pk: clock_selectors.policy_of(one) for one in running}
    turns = histories.of(policies, kit, now=ledger.now, notes=pasts)
    chosen = [
        (case, [(one, found) for one, found in _verdicts(case, kit, turns, ledger)
                if one.pk in wanted])
        for case in cases
    ]  # fmt: skip
    _look_up_pins((found for _, some in chosen for _, found in some), ledger)
    changed = judged = 0
    for case, some in chosen:
        changing = [(clock, found) for clock, found in some if found.changes]
        if changing:
            _replace(case, changing, pasts, application=application, ledger=ledger)
        changed += len(changing)
        judged += len(some)
    passed_over = Counter(stays=judged - changed, moved_on=len(wanted) - judged)
    ledger.flush()
    return Worked(changed, +passed_over)


def _look_up_pins(verdicts: Iterable[Verdict], ledger: Ledger) -> None:
    """Hours that others have pinned already are pinned once."""
    pinned = [step.pinned for one in verdicts if one.changes for step in one.steps]
    documents = [one for one in pinned if one is not None]
    if documents:
        ledger.once(Pins).look_up(documents)


def _locked(clocks: Iterable[int], reach: Reach) -> list[Lead]:
    """The leads of these clocks that are still within reach, locked in order."""
    of_clocks = Clock.objects.filter(pk__in=list(clocks)).values("lead_id")
    leads = Lead.objects.filter(reach.of(), pk__in=of_clocks).order_by("pk")
    return list(leads.select_for_update(of=("self",), no_key=True))


def _verdicts(
    case: Case, kit: Kit, turns: Mapping[int, Turns], ledger: Ledger
) -> list[tuple[Clock, Verdict]]:
    lead, now = case.lead, ledger.now
    running = [clock for clock in case.clocks if clock.state == ClockState.RUNNING]
    found = [
        recalculation.decide(
            Running(
                policy=clock.policy,
                obligation=clock.obligation,
                scope=clock.scope,
                started_at=clock.started_at,
                warn_at=clock.warn_at,
                due_at=clock.due_at,
                breached=clock.breached_at is not None,
                stage=lead.stage,
                channel=lead.channel,
                turns=turns.get(clock.pk, ()),
            ),
            old=kits.kit_of(clock.kit_id),
            new=kit,
            now=now,
            facts=lambda: _facts(case, kit, now),
        )
        for clock in running
    ]
    kept = recalculation.keep_one(found, owed=_is_owed(lead))
    return list(zip(running, kept, strict=True))


def _replace(
    case: Case,
    changing: Sequence[tuple[Clock, Verdict]],
    pasts: Mapping[int, Sequence[ClockEvent]],
    *,
    application: KitApplication,
    ledger: Ledger,
) -> None:
    """One event for the lead; each clock is void with a successor, or is no longer owed."""
    lead = case.lead
    event = ledger.event(
        lead,
        EventKind.RECALCULATED,
        because={
            "application": application.pk,
            "kit": ledger.kit.number,
            "clocks": [_as_data(clock, verdict) for clock, verdict in changing],
        },
    )
    proof = sla.Evidence(sla.RECALCULATED, ledger.now, application.pk, application.by_id)
    for clock, verdict in changing:
        case.clocks.remove(clock)
        if verdict.due is not None:
            successor = successors.replace(
                clock, verdict.due, verdict.steps, lead,
                past=pasts[clock.pk], ledger=ledger, event=event,
            )  # fmt: skip
            case.clocks.append(successor)
        else:
            sla.end(clock, Fate.CANCELLED, proof, ledger=ledger, event=event, lead=lead)
    sla.show_next_due(lead, case.clocks, ledger=ledger)


def _as_data(clock: Clock, verdict: Verdict) -> dict[str, Any]:
    due = verdict.due
    return {
        "obligation": clock.obligation,
        "policy": clock.policy,
        "kit": kits.kit_of(clock.kit_id).number,
        "from": clock.due_at.isoformat(),
        "to": due.due_at.isoformat() if due else None,
        "outcome": verdict.outcome.value,
    }
