"""Which whole days a publication is judged by: those since, and as many before. Pure.

Days are those of one zone. The day of a publication itself belongs to neither side: both kits
decided on it. What came before is at most as long as what came after, and only of the version
that was replaced; nobody looks further than eight weeks.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

LONGEST = 56
"""Days that are looked at on either side; afterwards a change is not news any more."""

Days = tuple[dt.date, ...]
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """The days before and after. `first` is the first whole day after, whether over yet or not."""

    before: Days
    after: Days
    first: dt.date

    @property
    def is_full(self) -> bool:
        """Whether no later day will be looked at."""
        return len(self.after) == LONGEST


def of_publication(
    published_at: dt.datetime,
    *,
    replaced_since: dt.datetime,
    until: dt.datetime,
    zone: dt.tzinfo,
) -> Window:
    """The days to compare as things stand at `until`: now, or when the version was retired.

    `replaced_since` is when the version before came into force.
    """
    day = published_at.astimezone(zone).date()
    first = day + _DAY
    end = until.astimezone(zone).date()  # not over yet, or shared with the next version
    length = min(max(0, (end - first).days), LONGEST)
    reach = max(0, (day - replaced_since.astimezone(zone).date() - _DAY).days)
    back = min(length, reach)
    return Window(_days(day - back * _DAY, back), _days(first, length), first)


def _days(first: dt.date, count: int) -> Days:
    return tuple(first + number * _DAY for number in range(count))
