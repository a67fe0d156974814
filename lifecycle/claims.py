"""Who was first to take a lead from a queue: for those who saw it there, and came second. Reads."""

from __future__ import annotations

import datetime as dt

from core import database, errors
from leads.models import EventKind, LeadEvent
from people.models import Role, User
from routing.models import PoolMember

LATELY = dt.timedelta(days=1)
"""So long ago somebody may have opened the page from which they claim a lead."""
_PLACES = (EventKind.QUEUED, EventKind.ASSIGNED, EventKind.RELEASED)


def require_waiting(lead_id: int, *, by: User) -> None:
    """Raises TooLate where a lead has left a queue in which this person saw it lately.

    To be asked of leads they may not see now: whoever takes one may be of another team.
    """
    places = LeadEvent.objects.filter(lead=lead_id, kind__in=_PLACES).select_related("owner")
    waited = places.filter(kind=EventKind.QUEUED).order_by("-sequence").first()
    if waited is None:
        return
    left = places.filter(sequence__gt=waited.sequence).order_by("sequence").first()
    if left is None or left.at < database.now() - LATELY:
        return
    if not _saw(waited.queue, by, at=left.at):
        return
    first = f"{left.owner} was first: the lead" if left.owner else "The lead"
    raise errors.TooLate(
        f"{first} left the queue at {left.at.astimezone(by.zone):%H:%M}.",
        state={"lead": str(lead_id), "owner": str(left.owner_id) if left.owner_id else None},
    )


def _saw(queue: str, by: User, *, at: dt.datetime) -> bool:
    """Whether this person saw what waited there at that instant."""
    if not by.is_active:
        return False
    if by.plays(Role.MANAGER):
        return True
    was = PoolMember.history.filter(user=by, pool__key=queue, history_date__lte=at)
    member = was.order_by("-history_date", "-history_id").first()
    return member is not None and member.active
