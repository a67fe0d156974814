"""A version in review on live traffic: what it would have decided, touch by touch. Acts on nothing.

Every touch that was decided since the shadow began is judged again under the shadow, with the
facts as they were then, by the functions that replay the past (`simulation`). So a shadow that was
late, or did not run for an hour, comes to the same records.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, Max, OuterRef

from core import database
from governance import shadow, texts
from governance.kit import Kit
from governance.models import KitVersion
from leads.models import EventKind, LeadEvent, Touch
from lifecycle.models import ShadowDecision
from lifecycle.simulation import explaining, history, judging, ticking
from lifecycle.simulation.course import Course, Doing
from lifecycle.simulation.judging import Judgement, Mark

LIMIT = 200
OVERLAP = dt.timedelta(minutes=10)
"""How far behind the last decision is looked for touches whose transactions ended later."""
RECORDED = ("stage", "pool", "score", "clocks")
"""The respects in which the two are compared."""


@dataclass(frozen=True, slots=True)
class _Touched:
    """One touch that was decided: its event, and when."""

    event: int
    lead: int
    touch: int
    at: dt.datetime


def run(*, now: dt.datetime | None = None, limit: int = LIMIT) -> int:
    """Judge up to `limit` touches for each version in shadow; returns how many were judged."""
    versions = shadow.running()
    if not versions:
        return 0
    at = now or database.now()
    return sum(_run(version, at, limit) for version in versions)


def _run(version: KitVersion, at: dt.datetime, limit: int) -> int:
    since = version.shadow_since
    if since is None:
        return 0
    touched = _undecided(version, since, at, limit)
    if not touched:
        return 0
    kit = _compiled(version.pk, version.submitted_checksum)
    courses = {
        one.lead: one
        for one in history.courses(
            sorted({t.lead for t in touched}), since=since, until=at, judged_by=(kit,)
        )
    }
    receipts = dict(
        Touch.objects.filter(pk__in=[t.touch for t in touched]).values_list("pk", "receipt")
    )
    pools = _real_pools(touched)
    rows = [
        _decide(one, courses[one.lead], kit, receipts.get(one.touch) or {}, pools)
        for one in touched
    ]
    for row in rows:
        row.kit, row.checksum, row.decided_at = version, version.submitted_checksum, at
    ShadowDecision.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _undecided(
    version: KitVersion, since: dt.datetime, at: dt.datetime, limit: int
) -> list[_Touched]:
    """Touches decided since the shadow began that it has not judged, the oldest first."""
    decided = ShadowDecision.objects.filter(kit=version, checksum=version.submitted_checksum)
    last = decided.aggregate(Max("at"))["at__max"]
    begin = max(since, last - OVERLAP) if last else since
    rows = LeadEvent.objects.filter(
        ~Exists(decided.filter(event=OuterRef("pk"))),
        kind=EventKind.TOUCHED,
        at__gt=begin,
        at__lte=at,
    )
    found = rows.order_by("at", "pk").values_list("pk", "lead_id", "because", "recorded_at")
    return [
        _Touched(pk, lead, because["touch"], recorded)
        for pk, lead, because, recorded in found[:limit]
    ]


def _decide(
    touched: _Touched,
    course: Course,
    kit: Kit,
    receipt: dict[str, Any],
    pools: dict[tuple[int, dt.datetime], str],
) -> ShadowDecision:
    row = ShadowDecision(event_id=touched.event, lead_id=touched.lead, at=touched.at)
    upto = _up_to(course, touched.event)
    if course.unknown is not None or upto is None:
        row.unknown = course.unknown.value if course.unknown else "NO_RECORD"
        return row
    judged = judging.judge(upto, kit)
    row.real = _real(receipt, pools.get((touched.lead, touched.at), ""))
    row.shadow = _shadowed(upto, judged, kit, owned=bool(receipt.get("owner")))
    row.differs = [name for name in RECORDED if row.real[name] != row.shadow[name]]
    if row.differs:
        row.shadow["why"] = explaining.of_judgement(judged, kit)
    return row


def _up_to(course: Course, event: int) -> Course | None:
    """The course as it was when this touch had been decided; None if the touch is not in it."""
    places = [
        place
        for place, step in enumerate(course.steps, start=1)
        if step.doing is Doing.TOUCHED and step.order == event
    ]
    if not places:
        return None
    return dataclasses.replace(course, steps=course.steps[: places[0]])


def _shadowed(course: Course, judged: Judgement, kit: Kit, *, owned: bool) -> dict[str, Any]:
    last, score = course.steps[-1], judged.reasons.score
    asked = [
        place for place, mark in enumerate(judged.marks) if mark.mark is Mark.ASKS and mark.pool
    ]
    taken = {place: judged.marks[place].at for place in asked} if owned else {}
    clocks = ticking.run(
        judged.marks,
        taken,
        kit,
        carried=course.carried,
        owned=course.owner is not None,
        until=last.at,
    )
    now_asked = [judged.marks[place] for place in asked if judged.marks[place].at == last.at]
    running = ((one.obligation, one.due_at) for one in clocks if one.ended_at is None)
    return {
        "stage": judged.stage,
        "pool": now_asked[-1].pool if now_asked else "",
        "score": score.rounded()["total"] if score else None,
        "clocks": _dues(running),
        "kit": kit.number,
    }


def _real(receipt: dict[str, Any], pool: str) -> dict[str, Any]:
    score = receipt.get("score") or {}
    return {
        "stage": receipt.get("stage", ""),
        "pool": pool,
        "score": score.get("total"),
        "clocks": _dues(
            (one["policy"], dt.datetime.fromisoformat(one["due_at"]))
            for one in receipt.get("clocks", ())
        ),
        "kit": receipt.get("kit_version"),
    }


def _dues(clocks: Iterable[tuple[str, dt.datetime | None]]) -> list[list[str]]:
    return sorted([name, at.astimezone(dt.UTC).isoformat()] for name, at in clocks if at)


def _real_pools(touched: Sequence[_Touched]) -> dict[tuple[int, dt.datetime], str]:
    """To which pool a rule sent each lead in the very act of these touches."""
    rows = LeadEvent.objects.filter(
        lead_id__in={one.lead for one in touched},
        kind__in=[EventKind.ASSIGNED, EventKind.QUEUED],
        recorded_at__in={one.at for one in touched},
    )
    return {
        (lead, at): str(because.get("pool", ""))
        for lead, at, because in rows.values_list("lead_id", "recorded_at", "because")
        if "rule" in because
    }


@functools.lru_cache(maxsize=8)
def _compiled(version_id: int, checksum: str) -> Kit:
    """The text in review; asked for anew only when another one was submitted."""
    return texts.compiled(KitVersion.objects.get(pk=version_id))
