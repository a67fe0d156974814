"""What the sentences of a timeline are made of, and what they draw on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.texts import _, lazy
from governance.kit import Kit
from leads.models import Account, Activity, LeadEvent, Signal, Touch
from routing import discretion
from routing.discretion import Sight

NOBODY = Sight(0)
ACTORS = {
    "pipeline": lazy("The kit"),
    "sweep": lazy("The clock"),
    "route_waiting": lazy("The queue"),
    "decay": lazy("The score"),
    "enriching": lazy("What was learnt"),
    "disputes": lazy("The lead"),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text; `strong` ones are names and values, `url` leads to the evidence."""

    text: str
    strong: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """An event ready to be read."""

    icon: str
    tone: str
    pieces: tuple[Piece, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What sentences draw on: names, pools, touches, activities, and the kits of the events.

    `reasons` are those of applications of a kit, by id, `handed` of many leads handed on;
    `moment` says a time in the reader's words, `sight` is whose figures the reader sees.
    """

    names: Mapping[int, str] = field(default_factory=dict)
    pools: Mapping[str, str] = field(default_factory=dict)
    touches: Mapping[int, Touch] = field(default_factory=dict)
    activities: Mapping[int, Activity] = field(default_factory=dict)
    signals: Mapping[int, Signal] = field(default_factory=dict)
    kits: Mapping[int, Kit] = field(default_factory=dict)
    reasons: Mapping[int, str] = field(default_factory=dict)
    handed: Mapping[int, str] = field(default_factory=dict)
    accounts: Mapping[int, Account] = field(default_factory=dict)
    providers: Mapping[str, str] = field(default_factory=dict)
    moment: Callable[[datetime], str] = str
    sight: Sight = NOBODY

    def why(self, event: LeadEvent) -> str:
        """Why a rule or a level gave it to somebody, or could not, as the reader may see it."""
        return discretion.of_event(event.because, owner=event.owner_id, sight=self.sight)

    def note(self, event: LeadEvent) -> str:
        """What a person wrote beside it."""
        row = self.activities.get(event.because.get("note") or 0)
        if row:
            return row.note
        handed = self.handed.get(event.because.get("reassignment") or 0, "")
        return handed or self.reasons.get(event.because.get("application") or 0, "")

    def who(self, event: LeadEvent) -> Piece:
        """Who or what acted."""
        if event.by_id is not None:
            return Piece(self.names.get(event.by_id, _("Somebody")), strong=True)
        return Piece(ACTORS.get(event.actor, event.actor.replace("_", " ").capitalize()))
