"""Marketing looks through what was rejected, disputes some of it, and RevOps decides.

In the end some rejections can be contested still, one is disputed, and others are decided.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime, timedelta

from core.errors import DomainError
from lifecycle import disputes, rejections
from lifecycle.demo.agenda import Deed
from lifecycle.models import RejectionDispute
from lifecycle.rejections import Standing, Wanted
from people.models import User

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
DAYS = 21
LATEST = 2 * HOUR
_WHY = ("Their size and country stand on the site, both are ours.",
        "They asked for the demo twice; somebody should call again.",
        "The note speaks of another company of that name.")  # fmt: skip
_RULED = {
    "OVERTURNED": "The facts bear Marketing out. Please work it.",
    "UPHELD": "Checked with the rep: what they found on the phone weighs more.",
}


def planned(*, now: datetime) -> Iterator[tuple[datetime, Deed]]:
    """When somebody looks, and what they do then; the last dispute waits to be decided."""
    for days in range(DAYS, 0, -1):
        morning = (now - days * DAY).replace(hour=9, minute=30, second=0)
        if morning.weekday() < 5:
            yield morning, _decide
            yield morning + HOUR, _dispute
    yield now - LATEST, _dispute


def _dispute(at: datetime) -> None:
    """The newest rejection that can be contested, if there is one."""
    nina = User.objects.get(username="nina")
    found = rejections.narrow(
        rejections.visible_to(nina), Wanted(Standing.CONTESTABLE), now=at
    ).order_by("-at", "-pk")
    event = found.first()
    if event is None:
        return
    note = _WHY[event.lead_id % len(_WHY)]
    # Where the buyer came back meanwhile, there is nothing to dispute any more.
    with contextlib.suppress(DomainError):
        disputes.dispute(lead_id=event.lead_id, by=nina, note=note, now=at)


def _decide(at: datetime) -> None:
    rita = User.objects.get(username="rita")
    waiting = RejectionDispute.objects.filter(state="OPEN", opened_at__lt=at - 12 * HOUR)
    decided = RejectionDispute.objects.exclude(state="OPEN").count()
    for number, row in enumerate(waiting.order_by("pk"), start=decided):
        outcome = "OVERTURNED" if number % 3 == 1 else "UPHELD"
        with contextlib.suppress(DomainError):
            disputes.rule(
                lead_id=row.lead_id, by=rita, outcome=outcome, note=_RULED[outcome], now=at
            )
