"""Where a touch came from, under the kit: decided before a lead is made, and kept for ever."""

from __future__ import annotations

from governance.kit import Kit
from leads import attribution, touchpoint
from leads.models import Touch


def attribute(touch: Touch, *, kit: Kit) -> None:
    """Name the category of a touch and the rule that gave it, in memory."""
    origin = attribution.of_touchpoint(
        kit,
        touchpoint.read(
            touch.payload,
            channel=touch.channel,
            utm_source=touch.utm_source,
            referrer_host=touch.referrer_host,
        ),
    )
    touch.category, touch.attribution = origin.category, origin.rule
