"""Re-qualify leads: those in the system already are judged again by the criteria in force.

Inquiries and nurtured leads that meet them now become MQLs, as if they had just come in; MQLs
that nobody owns and that no longer meet them can be recycled. Nothing is taken from an owner,
and nobody who asked for a person is sent away.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from core import database, errors
from governance import condition_sql, facts
from governance import condition_weakening as weakening
from governance import selectors as kits
from governance.conditions import All, Node, Not, facts_of
from governance.facts import Registry
from governance.kit import Kit
from governance.moments import Moment
from leads import present, qualification
from leads.ledger import Ledger
from leads.models import Lead, Signal
from leads.qualification import Judged, Verdict
from leads.snapshot import Snapshot
from leads.stages import Stage
from lifecycle import acts, applying, fingerprints, gathering, ownership, permissions, turns
from lifecycle.applying import Item, Worked
from lifecycle.case import Case
from lifecycle.models import KitApplication
from lifecycle.permissions import Reach
from people.models import User
from routing import matching, rules

QUALIFY, RECYCLE = "qualify", "recycle"
SCORE = "score."
LOOKED_AT = 5_000
"""How many leads a preview judges at most, unless it is asked for more."""
TOGETHER = 500
GONE_FROM_CRITERIA = "the criteria in force are not met"


@dataclass(frozen=True, slots=True)
class Only:
    """Which leads to keep to: of a source, of a channel, at a stage."""

    source: str = ""
    channel: str = ""
    stage: str = ""

    def q(self) -> Q:
        """The same as a filter over leads."""
        wanted = {"category": self.source, "channel": self.channel, "stage": self.stage}
        return Q(**{name: value for name, value in wanted.items() if value})


@dataclass(frozen=True, slots=True)
class Line:
    """One lead that would move, the criteria that say so, and the pool it would go to.

    A lead that is `held` has an owner, who keeps it. One that `asked` waits for a person, so it
    is not recycled.
    """

    lead: int
    verb: str
    stage: str
    source: str
    channel: str
    held: bool
    asked: bool
    pool: str
    judged: tuple[Judged, ...]

    @property
    def movable(self) -> bool:
        """Whether it may be chosen."""
        return self.verb == QUALIFY or not self.asked


@dataclass(frozen=True, slots=True)
class Preview:
    """What re-qualifying would do: `gains` become MQLs, `losses` could be recycled.

    `looked_at` leads were judged one by one, `beyond` more were not.
    """

    kit: Kit
    gains: tuple[Line, ...]
    losses: tuple[Line, ...]
    looked_at: int
    beyond: int

    def by_source(self) -> Mapping[str, tuple[int, int]]:
        """Gains and losses of each source, the largest first."""
        gained = Counter(line.source for line in self.gains)
        lost = Counter(line.source for line in self.losses)
        order = sorted(gained.keys() | lost.keys(), key=lambda key: (-gained[key], -lost[key], key))
        return {key: (gained[key], lost[key]) for key in order}

    @property
    def seen(self) -> str:
        """What to hand back with the confirmation."""
        return fingerprints.take(self.kit, self.fates)

    @property
    def fates(self) -> dict[int, str]:
        """By lead, what may be done to it."""
        return {line.lead: line.verb for line in (*self.gains, *self.losses) if line.movable}


def preview(
    kit: Kit, *, reach: Reach, now: dt.datetime, only: Only | None = None,
    limit: int | None = LOOKED_AT,
) -> Preview:  # fmt: skip
    """The leads that the criteria of `kit` would move, by the facts of `now`. Writes nothing.

    The database finds whom they may move; each of those is judged by the function that judges
    whoever comes in.
    """
    chosen = Lead.objects.filter((only or Only()).q())
    looked_at = beyond = 0
    lines: list[Line] = []
    for found in _candidates(chosen, kit, reach, now):
        left = None if limit is None else limit - looked_at
        ids = list(found.order_by("-last_touch_at", "pk").values_list("pk", flat=True)[:left])
        if left is not None and len(ids) == left:
            beyond += found.count() - left
        looked_at += len(ids)
        lines += _judged(ids, kit, reach, now)
    return Preview(
        kit=kit,
        gains=tuple(line for line in lines if line.verb == QUALIFY),
        losses=tuple(line for line in lines if line.verb == RECYCLE),
        looked_at=looked_at,
        beyond=beyond,
    )


def apply(
    leads: Collection[int] | None, *, by: User, reason: str, seen: str | None,
    recycle: Collection[int] = (), only: Only | None = None, now: dt.datetime | None = None,
    limit: int | None = LOOKED_AT,
) -> KitApplication:  # fmt: skip
    """Qualify the chosen leads (None: all that the same preview gains) and recycle those ticked.

    One recorded act. `seen` is the fingerprint of the preview that was confirmed; None where
    nobody looked at one. Raises NotAllowed for who may not, InvalidInput without a reason or a
    lead, and LookAgain when what would happen is not what was seen.
    """
    reach = permissions.reach(by)
    applying.checked_reason(reason)
    kit = kits.active_kit()
    shown = preview(kit, reach=reach, now=now or database.now(), only=only, limit=limit)
    gains = [line.lead for line in shown.gains if leads is None or line.lead in leads]
    losses = [line.lead for line in shown.losses if line.movable and line.lead in recycle]
    if seen is not None:
        among = None if leads is None else {*leads, *recycle}
        fingerprints.require(seen, kit, shown.fates, noun="lead", among=among)
    if not gains and not losses:
        raise errors.InvalidInput("No lead that would move was chosen.")
    items = [*((QUALIFY, lead) for lead in gains), *((RECYCLE, lead) for lead in losses)]
    return applying.submit(
        KitApplication.Act.REQUALIFY, items, kit=kit, by=by, reason=reason, work=_work, now=now
    )


def resume(application_id: int, *, now: dt.datetime | None = None) -> None:
    """Work on at an application that was left to the worker. Called by the queue."""
    applying.run(application_id, work=_work, now=now)


def _candidates(
    leads: QuerySet[Lead], kit: Kit, reach: Reach, now: dt.datetime
) -> Iterator[QuerySet[Lead]]:
    """Leads that the criteria may move, as far as the database can tell; never one too few.

    A score is kept as it was under the kit of its day, and of a nurtured lead only behaviour
    since it came to rest counts. So the database leaves such facts open.
    """
    criteria: Node = All(
        tuple(one.condition for one in kit.criteria(Stage.MQL.value) if one.condition is not None)
    )

    def select(found: QuerySet[Lead], node: Node) -> QuerySet[Lead]:
        return condition_sql.select(found, node, registry=kit.registry, now=now)

    is_open = functools.partial(_open, registry=kit.registry)
    theirs = leads.filter(reach.of_or_unowned(), quarantined_at__isnull=True)
    inquiries = theirs.filter(stage=Stage.INQUIRY.value)
    yield select(inquiries, weakening.weaken(criteria, is_open))
    resting = theirs.filter(stage=Stage.NURTURE.value)
    may = weakening.weaken(criteria, lambda name: is_open(name) or _of_behaviour(name))
    without = weakening.weaken(weakening.settle(criteria, _no_behaviour(criteria, now)), is_open)
    since = Signal.objects.filter(lead=OuterRef("pk"), occurred_at__gt=OuterRef("entered_stage_at"))
    yield select(resting.filter(Exists(since)), may)
    yield select(resting.filter(~Exists(since)), without)
    waiting = leads.filter(reach.of_unowned(), stage=Stage.MQL.value)
    yield select(waiting, weakening.weaken(Not(criteria), is_open))


@functools.lru_cache(maxsize=64)
def _criteria(kit: Kit) -> Node:
    """What makes an MQL, as far as facts say so."""
    conditions = (one.condition for one in kit.criteria(Stage.MQL.value))
    return All(tuple(one for one in conditions if one is not None))


def _open(name: str, *, registry: Registry) -> bool:
    return name.startswith(SCORE) or registry.get(name).sql is None


def _of_behaviour(name: str) -> bool:
    return name.startswith("signal.")


def _no_behaviour(node: Node, now: dt.datetime) -> dict[str, object]:
    """The facts about behaviour of somebody who has shown none."""
    names = [name for name in facts_of(node) if _of_behaviour(name)]
    return facts.registry.read_all(Snapshot(now=now), names)


def _judged(ids: Sequence[int], kit: Kit, reach: Reach, now: dt.datetime) -> Iterator[Line]:
    """The lines of those among these leads that would move, in their order."""
    for start in range(0, len(ids), TOGETHER):
        some = ids[start : start + TOGETHER]
        cases = gathering.open_cases(list(Lead.objects.filter(pk__in=some)))
        for pk in some:
            line = _line(cases[pk], kit, now) if pk in cases else None
            if line is not None and _within(reach, line):
                yield line


def _line(case: Case, kit: Kit, now: dt.datetime) -> Line | None:
    """What the criteria make of one lead; None when it stays where it is."""
    lead = case.lead
    verb = RECYCLE if lead.stage == Stage.MQL else QUALIFY
    if verb == QUALIFY and not _may_qualify(case, kit):
        return None
    if verb == RECYCLE and lead.owner_id is not None:
        return None
    verdict = _verdict(case, kit, now)
    if verdict.qualified is not (verb == QUALIFY):
        return None
    held = lead.owner_id is not None or bool(lead.queue)
    return Line(
        lead=lead.pk,
        verb=verb,
        stage=lead.stage,
        source=lead.category,
        channel=lead.channel,
        held=lead.owner_id is not None,
        asked=lead.hand_raised_at is not None,
        pool=lead.queue or ("" if held or verb == RECYCLE else _pool(case, kit, now)),
        judged=verdict.judged,
    )


def _may_qualify(case: Case, kit: Kit) -> bool:
    """Whether its stage is judged, its record good enough, and its company no matter of its own."""
    if case.lead.quarantined_at is not None:
        return False
    turn = turns.of(
        kit,
        stage=case.lead.stage,
        channel=case.lead.channel,
        account_status=case.account_status,
    )
    return turns.may_qualify(case.lead.stage) and turn is turns.Turn.ORDINARY


def _verdict(case: Case, kit: Kit, now: dt.datetime) -> Verdict:
    names = _names(kit)
    if any(name.startswith(SCORE) for name in names):
        case.appraise(kit, now)
    since = turns.fresh_since(case.lead.stage, case.lead.entered_stage_at)
    return qualification.decide(kit, case.facts(kit, now, since=since, names=names))


def _names(kit: Kit) -> frozenset[str]:
    """The facts that the criteria speak of."""
    return facts_of(_criteria(kit))


def _pool(case: Case, kit: Kit, now: dt.datetime) -> str:
    """Where routing would send it as an MQL; empty when no rule fits."""
    if case.score is None and any(name.startswith(SCORE) for name in _names_of_routing(kit)):
        case.appraise(kit, now)
    known = case.facts(kit, now, names=_names_of_routing(kit)) | {"lead.stage": Stage.MQL.value}
    try:
        return matching.decide(rules.of_kit(kit), known, moment=ownership.INBOUND).pool
    except matching.NoRule:
        return ""


@functools.lru_cache(maxsize=64)
def _names_of_routing(kit: Kit) -> frozenset[str]:
    nodes = [rule.condition for rule in rules.of_kit(kit) if rule.condition is not None]
    return frozenset().union(*map(facts_of, nodes))


def _within(reach: Reach, line: Line) -> bool:
    """Managers bring a new kit to what their teams hold and what their pools would get."""
    return reach.everywhere or line.held or line.pool in reach.pools


def _work(
    application: KitApplication, items: Sequence[Item], kit: Kit, now: dt.datetime | None
) -> Worked:
    """One chunk: lock the leads, judge them again, move them, find owners where nobody is."""
    verbs = {lead: verb for verb, lead in items}
    reach = permissions.reach(application.by)
    rows = Lead.objects.filter(reach.of_or_unowned(), pk__in=verbs).order_by("pk")
    locked = list(rows.select_for_update(of=("self",), no_key=True))
    at = now or present.of(verbs)
    ledger = Ledger(kit=kit, now=at, actor="user", by_id=application.by_id)
    cases = gathering.open_cases(locked)
    moved = []
    for lead, verb in verbs.items():
        line = _line(cases[lead], kit, at) if lead in cases else None
        if line is None or line.verb != verb or not line.movable:
            continue
        if _within(reach, line):
            _move(cases[lead], line, application, ledger)
            moved.append(cases[lead])
    ownership.route([case for case in moved if _needs_owner(case)], ledger=ledger)
    for case in moved:
        case.rescore(kit, at, ledger=ledger)
    ledger.flush()
    return Worked(len(moved), +Counter(moved_on=len(verbs) - len(moved)))


def _move(case: Case, line: Line, application: KitApplication, ledger: Ledger) -> None:
    because = {
        "criteria": [one.as_data() for one in line.judged],
        "application": application.pk,
    }
    act = acts.Act(case, ledger, application.by)
    if line.verb == RECYCLE:
        event = act.move(
            RECYCLE,
            because={**because, "reason": "", "why": GONE_FROM_CRITERIA, "override": True},
        )
        ownership.let_go(case, ledger=ledger, why=RECYCLE, cause=event)
        return
    event = act.move(QUALIFY, because=because)
    if case.lead.owner_id is not None:
        case.happen(Moment.ASSIGNED, event, ledger=ledger)


def _needs_owner(case: Case) -> bool:
    lead = case.lead
    held = lead.owner_id is not None or bool(lead.queue)
    return turns.needs_owner(lead.stage, asked=lead.hand_raised_at is not None, held=held)
