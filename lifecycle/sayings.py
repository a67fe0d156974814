"""What touchpoints said in own fields, as far as the leads at hand need it. Reads only."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence

from core import reading
from leads import own_fields
from leads.models import Lead, Touch, TouchStatus
from leads.own_fields import Answer, OwnField, Saying


class Sayings:
    """The sayings of some leads; none are read before somebody asks, and then in one query."""

    def __init__(self, leads: Iterable[int] = ()) -> None:
        self._unread = set(leads)
        self._known: dict[int, dict[int, Saying]] = defaultdict(dict)
        self._joined: dict[int, list[tuple[Sayings, int]]] = defaultdict(list)

    def about(self, leads: Iterable[int]) -> None:
        """Read of these leads too, when it comes to that."""
        self._unread |= set(leads)

    def note(self, lead: int, touch: Touch) -> None:
        """A touchpoint that belongs to the lead now."""
        if said := own_fields.said_by(touch.payload.get("fields")):
            self._known[lead][touch.pk] = Saying(touch.occurred_at, touch.pk, said)

    def join(self, lead: int, others: Sayings, joined: int) -> None:
        """From now on what was said of another lead counts for this one too."""
        self._joined[lead].append((others, joined))

    def of(self, lead: int) -> tuple[Saying, ...]:
        """What the touchpoints of a lead said, the latest first."""
        self._read()
        found = list(self._known[lead].values())
        for others, joined in self._joined[lead]:
            found += others.of(joined)
        return tuple(sorted(found, reverse=True))

    def _read(self) -> None:
        if not self._unread:
            return
        leads = sorted(self._unread)
        self._unread = set()
        said = reading.plain(_SAID, leads, leads)
        reading.ask(said)
        for lead, touch, at, fields in said.found:
            # What was noted meanwhile is of this very transaction, and in no table yet.
            one = Saying(at, touch, own_fields.said_by(json.loads(fields)))
            self._known[lead].setdefault(touch, one)


# Those of the leads that were merged into one count for it as well.
_SAID = f"""
    SELECT t.lead_id, t.id, t.occurred_at, (t.payload -> 'fields')::text FROM leads_touch t
     WHERE t.lead_id = ANY(%s) AND t.status <> '{TouchStatus.WITHDRAWN.value}'
       AND t.payload ? 'fields'
    UNION ALL
    SELECT l.merged_into_id, t.id, t.occurred_at, (t.payload -> 'fields')::text
      FROM leads_touch t JOIN leads_lead l ON l.id = t.lead_id
     WHERE l.merged_into_id = ANY(%s) AND t.status <> '{TouchStatus.WITHDRAWN.value}'
       AND t.payload ? 'fields'
"""  # noqa: S608 - fragments of ours


def answers(asked: Sequence[OwnField], lead: Lead) -> dict[str, Answer]:
    """What one lead's own fields rest on, by key, without those that nobody has answered.

    One query; none where there are no fields.
    """
    if not asked:
        return {}
    said = Sayings([lead.pk]).of(lead.pk)
    found = {one.key: own_fields.answer(one, said, lead.own_fields) for one in asked}
    return {key: one for key, one in found.items() if one is not None}
