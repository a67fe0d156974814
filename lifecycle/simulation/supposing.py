"""“What if this rule were worth ten points more?”: a draft that says so, and a run of it."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal

from django.db import transaction

from core import errors
from core.errors import FieldError
from governance import editing, selectors, services
from governance.models import Simulation
from lifecycle.simulation import runs
from people.models import User

MOST = 1_000
"""Points more or less that can be asked for."""


@transaction.atomic
def worth_more(
    rule: str, more: float, *, by: User, now: dt.datetime, days: int = runs.USUAL_DAYS
) -> Simulation:
    """A draft of the kit in force with so many points more for one score rule, and its simulation.

    The draft stays, to be gone on with or withdrawn. Raises `NotAllowed` for who may not write
    kits, `InvalidInput` for points that change nothing or a rule that is not there, `KitInvalid`
    for a kit that could not be executed.
    """
    require_points(more)
    active = selectors.active_version()
    known = {one.key: one for one in selectors.active_kit().score_rules}
    if active is None or rule not in known:
        raise _refused("rule", f"The kit in force has no score rule “{rule[:40]}”.")
    title = f"What if: {known[rule].label} {more:+g} points"
    draft = services.draft(base=active, title=title[:120], by=by, now=now)
    part = editing.part_of(draft, "score_rule", rule)
    part.points += Decimal(str(more))
    if not part.points:
        raise _refused("more", "The rule would be worth nothing: take it out of a draft instead.")
    editing.save_part(part, changed=("points",), by=by, now=now, because="What if")
    return runs.request(draft, by=by, now=now, days=days)


def require_points(more: float) -> None:
    """Raises `InvalidInput` for points that change nothing, or are out of all measure."""
    if not math.isfinite(more) or not more or abs(more) > MOST or round(more, 2) != more:
        raise _refused("more", f"Give points that are not 0, between -{MOST:,} and {MOST:,}.")


def _refused(field: str, message: str) -> errors.InvalidInput:
    return errors.InvalidInput(message, errors=[FieldError(field, message)])
