"""Which open clocks a version that is not in force yet would move, seen before it is published.

The same judgement as *Recalculate SLAs* makes of the kit in force, so what is listed here is what
is listed there on the day the version comes into force. Reads only; nothing moves by publishing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count

from core import errors
from governance import selectors as kits
from governance import texts
from governance.kit import Kit, KitInvalid
from governance.models import KitVersion
from lifecycle import recalculating
from lifecycle.permissions import Reach
from lifecycle.recalculated import Line, Only, Preview
from lifecycle.recalculating import LOOKED_AT
from sla import recalculation
from sla.models import Clock, ClockState


@dataclass(frozen=True, slots=True)
class Told:
    """What recalculating would do if the version were in force.

    `breached` would be due otherwise but are late already; `kept` stay for another reason;
    `paused` is how many stand still under rules that read otherwise.
    """

    preview: Preview
    breached: tuple[Line, ...]
    kept: tuple[Line, ...]
    paused: int

    @property
    def kit(self) -> Kit:
        """The version as it stands."""
        return self.preview.kit


def look(
    version: KitVersion, *, reach: Reach, now: dt.datetime, only: Only | None = None,
    limit: int | None = LOOKED_AT,
) -> Told:  # fmt: skip
    """Every open clock within reach that this version would have due, or warn, at another time.

    Raises `InvalidInput` for a draft that cannot be executed yet.
    """
    try:
        kit = texts.compiled(version)
    except KitInvalid as refusal:
        raise errors.InvalidInput(
            f"Kit v{version.number} cannot be executed yet: mend what its page lists first.",
            errors=refusal.errors,
        ) from None
    found = recalculating.preview(kit, reach=reach, now=now, only=only, limit=limit)
    late = tuple(line for line in found.stays if line.verdict.why == recalculation.BREACHED)
    return Told(
        preview=found,
        breached=late,
        kept=tuple(line for line in found.stays if line.verdict.why != recalculation.BREACHED),
        paused=_paused(kit, reach, only or Only()),
    )


def _paused(kit: Kit, reach: Reach, only: Only) -> int:
    """How many clocks stand still whose rules this kit writes otherwise."""
    still = Clock.objects.filter(reach.of("lead__"), only.q(), state=ClockState.PAUSED)
    rows = still.exclude(kit=kit.id).order_by().values_list("kit", "policy")
    return sum(
        count
        for version, policy, count in rows.annotate(Count("pk"))
        if recalculation.may_differ(kits.kit_of(version), kit, policy)
    )
