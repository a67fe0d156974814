"""Rescore leads: bring the score rules in force to the leads that are there, all of them at once.

A lead is scored by the kit in force with the next touchpoint or act that concerns it. This does it
for those whom nothing concerns: parts of scores are made anew in the database, block by block, and
the decay job then tells who crossed a threshold by it. No stage changes here.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max, Min
from django.db.models.functions import Coalesce

from core import database, errors
from governance import conditions
from governance import selectors as kits
from governance.kit import Kit
from leads import score_bulk, score_sql
from leads.models import Lead
from leads.stages import Stage
from lifecycle import applying, own_values, permissions
from lifecycle.applying import Item, Worked
from lifecycle.models import KitApplication
from people.models import User

RESCORE = "rescore"
BLOCK = 1_000
"""Leads of one transaction, by id; who wants to act on one of them waits for so long."""
LOOKED_AT = 1_000


@dataclass(frozen=True, slots=True)
class Move:
    """So many leads come from one band to another; keys, empty for none."""

    before: str
    after: str
    leads: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What rescoring would do to the `looked_at` newest of all `leads`."""

    kit: Kit
    leads: int
    looked_at: int
    changed: int
    moves: tuple[Move, ...]


def preview(kit: Kit, *, by: User, now: dt.datetime) -> Preview:
    """Try it on the newest leads, and undo it. Raises NotAllowed for who may not."""
    _require(by)
    there = Lead.objects.exclude(stage=Stage.MERGED.value)
    bands = dict(there.order_by("-pk").values_list("pk", "band")[:LOOKED_AT])
    with transaction.atomic():
        changed = rescored(sorted(bands), kit, now, records=False)
        scores = Lead.objects.filter(pk__in=bands).annotate(total=score_sql.score(now))
        totals = dict(scores.values_list("pk", "total"))
        transaction.set_rollback(True)
    found = Counter(
        (band, after)
        for pk, band in bands.items()
        if (after := kit.band_of(totals[pk], before=band)) != band
    )
    moves = tuple(Move(*pair, leads=count) for pair, count in found.most_common())
    return Preview(kit, there.count(), len(bands), changed, moves)


def apply(*, by: User, reason: str, now: dt.datetime | None = None) -> KitApplication:
    """Rescore every lead under the kit in force. One recorded act, done by the worker if long.

    Raises NotAllowed for who may not, InvalidInput without a reason.
    """
    _require(by)
    applying.checked_reason(reason)
    ends = Lead.objects.aggregate(first=Coalesce(Min("pk"), 1), last=Coalesce(Max("pk"), 0))
    blocks = [(RESCORE, first) for first in range(ends["first"], ends["last"] + 1, BLOCK)]
    return applying.submit(
        KitApplication.Act.RESCORE, blocks, kit=kits.active_kit(), by=by, reason=reason,
        work=_work, now=now,
    )  # fmt: skip


def resume(application_id: int, *, now: dt.datetime | None = None) -> None:
    """Work on at an application that was left to the worker. Called by the queue."""
    applying.run(application_id, work=_work, now=now)


def _work(
    application: KitApplication, items: Sequence[Item], kit: Kit, now: dt.datetime | None
) -> Worked:
    changed = 0
    for _, first in items:
        rows = Lead.objects.filter(pk__gte=first, pk__lt=first + BLOCK)
        rows = rows.exclude(stage=Stage.MERGED.value).order_by("pk")
        ids = list(rows.select_for_update(no_key=True).values_list("pk", flat=True))
        changed += rescored(ids, kit, now or database.now())
    return Worked(changed)


def rescored(ids: Sequence[int], kit: Kit, now: dt.datetime, *, records: bool = True) -> int:
    """Bring the kit to these locked leads; how many changed. See `score_bulk.rescore`."""
    if not ids:
        return 0
    registry = own_values.laid_out(ids, kit, _spoken_of(kit))
    return score_bulk.rescore(ids, kit, now=now, records=records, registry=registry)


@functools.lru_cache(maxsize=16)
def _spoken_of(kit: Kit) -> frozenset[str]:
    """The facts that score rules speak of."""
    spoken = (one.condition for one in kit.score_rules if one.condition is not None)
    return frozenset(name for one in spoken for name in conditions.facts_of(one))


def _require(by: User) -> None:
    if not permissions.reach(by).everywhere:
        raise errors.NotAllowed("Only RevOps rescores leads: the scores of all teams change by it.")
