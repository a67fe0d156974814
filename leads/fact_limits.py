"""What is known of facts about leads before any is read: their range, whether one can be missing.

Pure. Rules that speak of something outside it can never hold, or always do.
"""

from __future__ import annotations

from governance.contradictions import UNLIMITED, Bounds
from governance.kit import Kit
from governance.possibilities import Limits
from governance.score_reach import of_kit as reach_of

_KNOWN = Limits(always_known=True)
_COUNT = Limits(low=0, always_known=True)
_FIXED = {
    "account.has_owner": _KNOWN,
    "company.employees": Limits(low=0),
    "lead.channel": _KNOWN,
    "lead.cycle": Limits(low=1, always_known=True),
    "lead.hand_raiser": _KNOWN,
    "lead.potential_value": Limits(low=0),
    "lead.stage": _KNOWN,
    "lead.touches": _COUNT,
    "person.has_email": _KNOWN,
    "lead.last_touch_days": _COUNT,
    "person.company_mailbox": _KNOWN,
    "person.has_name": _KNOWN,
    "person.has_phone": _KNOWN,
    "person.phone_valid": _KNOWN,
    "touch.channel": _KNOWN,
}


def under(kit: Kit) -> Bounds:
    """The limits of every fact, by name, with scores as this kit's rules can give them."""
    reach = reach_of(kit)
    scores = {
        f"score.{name}": Limits(*_finite(getattr(reach, name)), always_known=True)
        for name in ("total", "fit", "engagement", "intent")
    }
    known = _FIXED | scores

    def limits(name: str) -> Limits:
        if name.startswith("signal."):
            return Limits(low=0) if name.endswith(".last_days") else _COUNT
        return known.get(name, UNLIMITED)

    return limits


def _finite(bounds: tuple[float, float]) -> tuple[float | None, float | None]:
    low, high = bounds
    return (None if low == float("-inf") else low, None if high == float("inf") else high)
