"""Reading what facts of leads are derived from: their log, and what they are sliced by."""

from __future__ import annotations

import bisect
import datetime as dt
import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core import reading
from leads import bands
from reports.facts.deriving import OWNING, Event

KINDS = ("STAGE", "ACTIVITY", "RETRACTED", "RULED", *sorted(OWNING))
"""Events that facts are derived from."""

BECAUSE = Event._fields.index("because")

_EVENTS = """
    SELECT e.lead_id, e.id, e.sequence, e.kind, e.transition, e.to_stage, e.owner_id, e.by_id,
           e.because, e.kit_id, e.at, e.recorded_at
      FROM leads_leadevent e
     WHERE e.lead_id = ANY(%s) AND e.kind = ANY(%s) AND e.recorded_at <= %s
     ORDER BY e.lead_id, e.sequence
"""
# Whether it was a contact is told by its columns, which outlast that it was taken back.
_CONTACTS = """
    SELECT id FROM leads_activity
     WHERE lead_id = ANY(%s) AND NOT automatic AND (
           (direction = 'OUTBOUND' AND kind <> 'NOTE' AND outcome IN ('COMPLETED', 'NO_ANSWER'))
        OR (kind IN ('MEETING', 'DISCOVERY_CALL') AND outcome = 'COMPLETED'))
"""
_LEADS = """
    SELECT l.id, l.category, l.channel, l.campaign, a.employees,
           (SELECT t.medium FROM leads_touch t
             WHERE t.lead_id = l.id AND t.status <> 'WITHDRAWN' AND t.channel IS NOT NULL
             ORDER BY t.occurred_at, t.id LIMIT 1)
      FROM leads_lead l LEFT JOIN leads_account a ON a.id = l.account_id
     WHERE l.id = ANY(%s)
"""
_TEAMS = """
    SELECT id, history_date, team_id FROM people_historicaluser
     WHERE history_type <> '-' ORDER BY id, history_date, history_id
"""
_TEAMS_NOW = "SELECT id, team_id FROM people_user WHERE team_id IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Sides:
    """What a lead is sliced by, whatever became of it."""

    category: str
    channel: str
    campaign: str
    segment: str
    medium: str


def teams() -> tuple[reading.Question[Any], reading.Question[Any]]:
    """The questions for who was in which team; `Teams.of_answers` reads the answers."""
    return reading.plain(_TEAMS), reading.plain(_TEAMS_NOW)


class Teams:
    """Who was in which team when, as field history tells; before its first word, what that says."""

    @classmethod
    def of_answers(cls, asked: Sequence[reading.Question[Any]], known: dt.datetime) -> Teams:
        """As the database told it; of whom it tells no history, their team of today."""
        then, now = (one.found for one in asked)
        told = {user for user, _, _ in then}
        return cls([*then, *((user, known, team) for user, team in now if user not in told)])

    def __init__(self, told: Sequence[tuple[int, dt.datetime, int | None]]) -> None:
        self._at: dict[int, list[dt.datetime]] = defaultdict(list)
        self._team: dict[int, list[int | None]] = defaultdict(list)
        for user, at, team in told:
            self._at[user].append(at)
            self._team[user].append(team)

    def of(self, user: int | None, at: dt.datetime) -> int | None:
        """The team of somebody at an instant; None of nobody."""
        if user is None or user not in self._at:
            return None
        place = bisect.bisect_right(self._at[user], at) - 1
        return self._team[user][max(place, 0)]


@dataclass(frozen=True, slots=True)
class Read:
    """All that the facts of some leads are derived from."""

    events: Mapping[int, Sequence[Event]]
    sides: Mapping[int, Sides]
    teams: Teams


def of(leads: Collection[int], *, known: dt.datetime) -> Read:
    """Read what was recorded of these leads until an instant. One message.

    What they are sliced by is read as it is now.
    """
    ids = sorted(leads)
    events = reading.plain(_EVENTS, ids, list(KINDS), known)
    contacts, rows = reading.plain(_CONTACTS, ids), reading.plain(_LEADS, ids)
    people = teams()
    reading.ask(events, contacts, rows, *people)
    reached = {pk for (pk,) in contacts.found}
    by_lead: dict[int, list[Event]] = defaultdict(list)
    for lead, *told in events.found:
        event = Event(*told)._replace(because=json.loads(told[BECAUSE]))
        if event.kind == "ACTIVITY" and event.because.get("activity") in reached:
            event = event._replace(is_contact=True)
        by_lead[lead].append(event)
    sides = {
        pk: Sides(category, channel, campaign, bands.band(employees), medium or "")
        for pk, category, channel, campaign, employees, medium in rows.found
    }
    return Read(by_lead, sides, Teams.of_answers(people, known))
