"""Who was faster: what somebody else did to a lead last, for who came too late. One query."""

from __future__ import annotations

from core.errors import DomainError, TooLate
from core.texts import _
from leads.models import EventKind, LeadEvent
from people.models import User
from web.console.sentences import STEPS

_OF_OTHERS = (EventKind.STAGE, EventKind.ASSIGNED, EventKind.QUEUED, EventKind.RELEASED)


def told(refusal: DomainError, lead_id: int, reader: User) -> str:
    """The refusal, and where another was faster, who and when in the reader's zone."""
    if not isinstance(refusal, TooLate):
        return refusal.message
    return " ".join(filter(None, (refusal.message, by_whom(lead_id, reader))))


def by_whom(lead_id: int, reader: User) -> str:
    """`Bert Ohm accepted it as SAL at 14:02.`; empty where the last step is the reader's own."""
    steps = LeadEvent.objects.filter(lead=lead_id, kind__in=_OF_OTHERS)
    last = steps.select_related("by", "owner").order_by("-sequence").first()
    if last is None or last.by_id == reader.pk:
        return ""
    at = f"{last.at.astimezone(reader.zone):%H:%M}"
    who = str(last.by) if last.by is not None else "LeadGov"
    if last.kind == EventKind.STAGE:
        did = STEPS.get(last.transition, ("", "", _("moved it on")))[2]
        return _("{who} {did} at {at}.").format(who=who, did=did, at=at)
    if last.owner is None:
        return _("{who} put it into a queue at {at}.").format(who=who, at=at)
    to = "themselves" if last.owner_id == last.by_id else last.owner
    return _("{who} gave it to {to} at {at}.").format(who=who, to=to, at=at)
