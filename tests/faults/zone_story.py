"""`python -m tests.faults.zone_story begin|go_on`: a lead's clocks under the zones of this process.

Prints lines of JSON: by the clocks' state what is due when, by which release of the zones.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import sys

import django

django.setup()

from core import errors  # noqa: E402
from lifecycle import jobs, recalculating  # noqa: E402
from lifecycle.invariants import run as invariants  # noqa: E402
from sla.models import Clock  # noqa: E402
from tests import factories, kit_edits  # noqa: E402
from tests.factories import HOUR, MINUTE, NOW  # noqa: E402

EVENING = NOW + 9 * HOUR
"""A Tuesday, 20:00 in Berlin: the office opens tomorrow at 9, whenever that is."""
FAR = "2026-12-29"


def tell() -> None:
    rows = Clock.objects.filter(obligation="first_contact", state="RUNNING")
    told = [(one.due_at.isoformat(), one.tzdata, one.kit_id) for one in rows]
    sys.stdout.write(json.dumps(told) + "\n")


def faults(now: dt.datetime) -> None:
    """What `verify` finds that is broken; what is only worth a word is no fault."""
    found = invariants.check(now=now)
    broken = [one.invariant.key for one in found if one.broken]
    sys.stdout.write(json.dumps(broken) + "\n")


def begin() -> None:
    factories.company()
    factories.capture(now=EVENING)
    tell()


def go_on() -> None:
    """The worker goes by, a kit comes that closes a day far off, somebody recalculates."""
    at = EVENING + MINUTE
    jobs.run({**jobs.CLOCKS, **jobs.DECIDING}, now=at)
    here = factories.standing()
    kit_edits.publish(kit_edits.holiday(FAR), by=here.revops, now=at)
    tell()
    faults(at)
    with contextlib.suppress(errors.InvalidInput):  # where there is nothing that would change
        recalculating.apply(None, by=here.revops, now=at + MINUTE, reason="New zones", seen=None)
    tell()
    faults(at + MINUTE)


if __name__ == "__main__":
    {"begin": begin, "go_on": go_on}[sys.argv[1]]()
