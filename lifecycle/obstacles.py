"""Why a waiting lead is with nobody: what stands in the way of each who could have it, now.

The same desk is asked that gives leads out; nothing is locked and nothing is booked.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from leads.models import Lead
from routing import desk, discretion
from routing.discretion import Sight
from routing.strategies import Candidate


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One member of the pool; `why` is empty for who could take it now."""

    user: int
    name: str
    why: str
    until: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Waits:
    """A lead in a queue. `is_for_people`: routing leaves it there until somebody claims it.

    `members` is None where there is no such pool any more.
    """

    pool: str
    members: tuple[Obstacle, ...] | None
    in_quarantine: bool
    is_for_people: bool
    again_at: dt.datetime | None
    kept_for: int | None


def of(lead: Lead, *, sight: Sight, now: dt.datetime) -> Waits | None:
    """What stands in its way, as a reader of this sight may see it; None for a lead that waits in
    no queue. Four messages.
    """
    if not lead.queue:
        return None
    counter = desk.open_for([lead.queue], now=now, locked=False)
    members = None
    if lead.queue in counter.pools:
        candidates = counter.candidates(lead.queue, on_call=counter.is_calling(lead.queue))
        members = tuple(
            _obstacle(one, counter.names[one.user], sees=sight.sees(lead.queue, one.user))
            for one in candidates
        )
    return Waits(
        pool=lead.queue,
        members=members,
        in_quarantine=lead.quarantined_at is not None,
        is_for_people=lead.route_at is None and lead.quarantined_at is None,
        again_at=lead.route_at,
        kept_for=lead.kept_for_id,
    )


def _obstacle(one: Candidate, name: str, *, sees: bool) -> Obstacle:
    why, until = one.exclusion or "", one.ends if one.exclusion else None
    if not sees:
        why, until = discretion.reason(why), discretion.ends(why, until)
    return Obstacle(one.user, name, why, dt.datetime.fromisoformat(until) if until else None)
