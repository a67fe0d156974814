"""What a webhook says of an event: ids, stages and instants; names only where they are asked for.

Made anew for each attempt from rows that never change, so all attempts say the same; names are
those of now, so who was erased meanwhile is told to nobody.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from integrations.models import Endpoint, Sending
from leads.models import EventKind, LeadEvent
from lifecycle.outbound.failing import Failed
from sla.models import ClockEvent

TEST = "test"


def body(sending: Sending, endpoint: Endpoint) -> bytes:
    """The JSON of one webhook. Raises Failed when its event is no more."""
    if sending.event is None:
        said: dict[str, Any] = {
            "type": TEST,
            "timestamp": _instant(sending.created_at),
            "data": {"endpoint": endpoint.label},
        }
    else:
        said = _of_event(sending.event, with_names=endpoint.with_names)
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def _of_event(event_id: int, *, with_names: bool) -> dict[str, Any]:
    beside = ("kit", "lead__person", "lead__account", "owner")
    rows = LeadEvent.objects.select_related(*beside).defer("kit__document")
    event = rows.filter(pk=event_id).first()
    if event is None:
        raise Failed("The event is no more: its import was undone.", for_good=True)
    data: dict[str, Any] = {
        "event": event.pk,
        "lead": event.lead_id,
        "sequence": event.sequence,
        "cycle": event.cycle,
        "actor": event.actor,
        "by": event.by_id,
        "kit_version": event.kit.number if event.kit else None,
        "recorded_at": _instant(event.recorded_at),
        **_of_kind(event),
    }
    if with_names:
        data["names"] = _names(event)
    return {"type": f"lead.{event.kind.lower()}", "timestamp": _instant(event.at), "data": data}


def _of_kind(event: LeadEvent) -> dict[str, Any]:
    """What only events of its kind have."""
    if event.to_stage:
        return {
            "transition": event.transition,
            "from_stage": event.from_stage or None,
            "to_stage": event.to_stage,
        }
    if event.kind in ("ASSIGNED", "QUEUED", "RELEASED"):
        return {"owner": event.owner_id, "queue": event.queue or None}
    if event.kind in ("DISPUTED", "RULED"):
        said = event.because
        told = {"rejection": said["rejection"], "outcome": said.get("outcome")}
        return {**told, "due_at": said.get("due_at")}
    if event.kind == EventKind.CROSSED:
        said = event.because
        bands = {"from": said["from_band"] or None, "to": said["to_band"] or None}
        return bands | {name: said[name] for name in ("direction", "threshold", "score")}
    return _of_time(event)


def _of_time(event: LeadEvent) -> dict[str, Any]:
    """What time brought: a day to look again, or a clock."""
    if event.kind == EventKind.WAKE_UP:
        said = event.because
        return {"due": bool(said.get("due")), "wake_at": said["at"], "wake_on": said["on"] or None}
    clocked = ClockEvent.objects.filter(event=event).select_related("clock").first()
    if clocked is None:
        return {}
    clock = clocked.clock
    return {
        "clock": clock.pk,
        "obligation": clock.obligation,
        "policy": clock.policy,
        "level": event.because.get("level"),
        "started_at": _instant(clock.started_at),
        "due_at": _instant(clocked.due_at or clock.due_at),
        "owner": event.because.get("holder", clock.holder_id),
    }


def _names(event: LeadEvent) -> dict[str, Any]:
    person, account = event.lead.person, event.lead.account
    return {
        "person": " ".join(filter(None, [person.first_name, person.last_name])) or None,
        "email": person.email or None,
        "company": (account.name or account.domain or None) if account else None,
        "owner": str(event.owner) if event.owner else None,
    }


def _instant(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
