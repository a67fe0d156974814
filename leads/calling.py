"""May somebody be called at this hour, where they are? Pure; whether at all is `contact.decide`.

Where it is not known in which of several zones they are, it must be a good hour in all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

LOOK_AHEAD = 21
"""Days within which a day comes that is none of rest."""


class State(StrEnum):
    """Whether now is a good hour there."""

    NOW = "NOW"
    LATER = "LATER"
    UNSURE = "UNSURE"
    """A good hour in some of the zones they may be in."""
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Hour:
    """The answer. `times` are what clocks there may show, early to late, one where it is known.

    `zone` is theirs where it is known. `until` ends the good hours, `opens` begins the next ones,
    in every zone it may be.
    """

    state: State
    zone: str = ""
    times: tuple[datetime, ...] = ()
    until: datetime | None = None
    opens: datetime | None = None


def decide(
    zones: Sequence[str],
    *,
    now: datetime,
    hours: tuple[time, time],
    rests: Callable[[date], bool],
) -> Hour:
    """Judge `now` in the zones they may be in; `rests` says that nobody is called on a day."""
    by_offset = {now.astimezone(ZoneInfo(name)).utcoffset(): name for name in reversed(zones)}
    if not by_offset:
        return Hour(State.UNKNOWN)
    names = list(by_offset.values())
    times = tuple(sorted(now.astimezone(ZoneInfo(name)).replace(tzinfo=None) for name in names))
    zone = names[0] if len(names) == 1 else ""
    spans = [_next_span(now.astimezone(ZoneInfo(name)), hours, rests) for name in names]
    is_open = [begins <= now for begins, _ in spans]
    if all(is_open):
        return Hour(State.NOW, zone, times, until=min(ends for _, ends in spans))
    opens = max(begins for begins, _ in spans)
    return Hour(State.UNSURE if any(is_open) else State.LATER, zone, times, opens=opens)


def _next_span(
    local: datetime, hours: tuple[time, time], rests: Callable[[date], bool]
) -> tuple[datetime, datetime]:
    """The good hours that are, or come next, in the zone of `local`."""
    begins = ends = local
    for ahead in range(LOOK_AHEAD):
        day = local.date() + timedelta(days=ahead)
        begins = datetime.combine(day, hours[0], local.tzinfo)
        ends = datetime.combine(day, hours[1], local.tzinfo)
        if not rests(day) and local < ends:
            break
    return begins, ends
