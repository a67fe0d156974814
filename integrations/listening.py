"""Which kinds of events anybody outside wants to hear of: nothing is kept for nobody.

Every process remembers the answer for a few seconds, so a new endpoint hears of what happens five
seconds after it was saved.
"""

from __future__ import annotations

import time

from integrations.models import Endpoint
from leads.models import EventKind

KINDS = frozenset(
    {
        EventKind.STAGE,
        EventKind.ASSIGNED,
        EventKind.QUEUED,
        EventKind.RELEASED,
        EventKind.WARNED,
        EventKind.BREACHED,
        EventKind.CORRECTED,
        EventKind.ESCALATED,
        EventKind.PAUSED,
        EventKind.RESUMED,
        EventKind.MOVED,
        EventKind.NEXT_STEP,
        EventKind.JOINED,
        EventKind.PARTED,
        EventKind.DISPUTED,
        EventKind.RULED,
        EventKind.CROSSED,
        EventKind.WAKE_UP,
    }
)
"""What an endpoint can be told of."""
IN_CHATS = frozenset(
    {EventKind.ASSIGNED, EventKind.WARNED, EventKind.BREACHED, EventKind.ESCALATED}
)
"""What a chat can be told of."""
REMEMBERED_SECONDS = 5.0

_known: dict[str, tuple[float, frozenset[str]]] = {}


def is_wanted(kind: EventKind) -> bool:
    """Whether an active endpoint wants events of this kind."""
    until, wanted = _known.get("wanted", (0.0, frozenset()))
    if time.monotonic() >= until:
        listed = Endpoint.objects.filter(active=True).values_list("kinds", flat=True)
        wanted = frozenset(one for kinds in listed for one in kinds)
        _known["wanted"] = (time.monotonic() + REMEMBERED_SECONDS, wanted)
    return kind in wanted


def forget() -> None:
    """Have the next question asked of the database."""
    _known.clear()
