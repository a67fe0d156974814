"""What open clocks hang on, read with them: the hours they pin, and what has become of those.

Nothing is read of clocks that do not count in the hours of whoever holds them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from core import reading
from people import changes
from sla import pins, selectors
from sla.clock import by_holder
from sla.models import Clock

# What their hours were when the deadline was computed last is in the pin.
_SINCE = """
    SELECT c.id, c.lead_id, n.at
      FROM sla_clock c CROSS JOIN LATERAL (
           SELECT max(at) AS at FROM sla_clockevent
            WHERE clock_id = c.id AND kind IN ('STARTED', 'MOVED')) n
     WHERE c.lead_id = ANY(%s) AND c.state IN ('RUNNING', 'PAUSED')
       AND c.pin_id IS NOT NULL AND c.holder_id IS NOT NULL AND (
           EXISTS (SELECT 1 FROM people_historicalshift h
                    WHERE h.user_id = c.holder_id AND h.history_date > n.at)
        OR EXISTS (SELECT 1 FROM people_historicalleave h
                    WHERE h.user_id = c.holder_id AND h.history_date > n.at)
        OR EXISTS (SELECT 1 FROM people_historicaluser h
                     JOIN people_historicaluser o ON o.id = h.id
                      AND (o.time_zone, o.holiday_country, o.holiday_subdivision)
                       <> (h.time_zone, h.holiday_country, h.holiday_subdivision)
                    WHERE h.id = c.holder_id AND h.history_date > n.at))
"""


def behind(lead_ids: Sequence[int]) -> reading.Question[tuple[int, int, dt.datetime]]:
    """The question for open clocks of these leads whose holder may work otherwise by now.

    Answers with clock, lead, and from when on what was told of the holder counts.
    """
    return reading.plain(_SINCE, list(lead_ids))


def load(clocks: Iterable[Clock]) -> None:
    """Read the pins of those that count in their holder's hours, what these were since, and the
    notes of the overdue, which hang on everybody who has had them.

    A fixed number of queries, and none where there are no such clocks.
    """
    some = list(clocks)
    selectors.with_pins(some)
    held = {one.pk: one for one in some if one.pin_id is not None and one.holder_id is not None}
    late = [one for one in some if one.breached_at is not None and by_holder(_policy(one))]
    since = _since(held)
    read = {one.pk: one for one in [*late, *(held[pk] for pk in since)]}
    if read:
        notes = selectors.notes_of(read)
        for pk, clock in read.items():
            clock.past = notes[pk]
    if since:
        people = {held[pk].holder_id or 0 for pk in since}
        known = changes.of(people, since=min(since.values()), memory=pins.MEMORY)
        for pk, at in since.items():
            told = known.get(held[pk].holder_id or 0, ())
            held[pk].changes = [(one.at, pins.worked(one.works)) for one in told if one.at > at]


def _since(held: dict[int, Clock]) -> dict[int, dt.datetime]:
    if not held:
        return {}
    asked = behind(sorted({one.lead_id for one in held.values()}))
    reading.ask(asked)
    return {pk: at.astimezone(dt.UTC) for pk, _, at in asked.found if pk in held}


_policy = selectors.policy_of
