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
    active = selectors.active_version()
    known = {one.key: one for one in selectors.active_kit().score_rules}
    if active is None or rule not in known:
        raise _refused("rule", f"The kit in force has no score rule “{rule[:40]}”.")
    require_points(more, worth=known[rule].points)
    title = f"What if: {known[rule].label} {more:+g} points"
    draft = services.draft(base=active, title=title[:120], by=by, now=now)
    part = editing.part_of(draft, "score_rule", rule)
    part.points += Decimal(str(more))
    editing.save_part(part, changed=("points",), by=by, now=now, because="What if")
    return runs.request(draft, by=by, now=now, days=days)


def require_points(more: float, *, worth: float) -> None:
    """Raises `InvalidInput` for points that change nothing, are out of all measure, or make a rule
    that is `worth` so many points add what it takes away, or nothing: that is another rule.
    """
    if not may_be_added(more, worth=worth):
        low = f"more than {-worth:g}" if 0 < worth <= MOST else f"at least -{MOST:,}"
        high = f"less than {-worth:g}" if -MOST <= worth < 0 else f"at most {MOST:,}"
        stays = "still adds to scores" if worth > 0 else "still takes from scores"
        raise _refused(
            "more",
            f"It is worth {worth:+g} now. Give {low} and {high} points, and not 0: then it "
            f"{stays}. For another rule write a draft of the kit.",
        )


def may_be_added(more: float, *, worth: float) -> bool:
    """Whether so many points can be asked for of a rule that is worth so many now."""
    plain = math.isfinite(more) and more and abs(more) <= MOST and round(more, 2) == more
    return bool(plain) and (worth + more) * worth > 0


def _refused(field: str, message: str) -> errors.InvalidInput:
    return errors.InvalidInput(message, errors=[FieldError(field, message)])
