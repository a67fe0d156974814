"""The ways to break clocks down, for every report of clocks. No figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, F, OuterRef, Subquery, Value, When
from django.db.models.functions import TruncDate

from governance.kit import Kit
from leads import stages
from leads.models import Channel, EventKind, LeadEvent, SourceCategory
from people.models import User
from reports import people_shown
from reports.declaration import Row
from sla.models import ClockEvent, ClockState, Proof
from sla.services import ACTIVITY

SCOPES = {"STAGE": "Whoever has the lead, in all", "OWNERSHIP": "Each holder for themselves"}
PROOFS = dict(Proof.choices) | {"OWN": "Decided here", "": "Not stopped"}
OWN = "OWN"
"""What is proven by our own log: assignments, decisions, opportunities."""

Group = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cut:
    """How a slice groups: its columns (the first is the key), its words, its order."""

    columns: Mapping[str, Any]
    name: Callable[[Group], tuple[str, str]]
    place: Callable[[Row, Kit | None], tuple[Any, ...]] = lambda row, _: (
        row.key == "",
        row.label.casefold(),
        row.key,
    )
    read: Callable[[str], Any] = lambda text: text.replace("\0", "")


def cuts(user: User) -> dict[str, Cut]:
    """Every slice; days are those of the user's zone."""
    return {
        "obligation": Cut({"slice": F("obligation")}, _plain, _by_policy),
        "policy": Cut({"slice": F("policy")}, _plain, _by_policy),
        "scope": Cut({"slice": F("scope")}, _named(SCOPES)),
        "proof": Cut({"slice": _proof()}, _named(PROOFS)),
        "stage": Cut({"slice": _stage_at_start()}, _named(dict(stages.CHOICES)), _by_stage),
        "rep": Cut(
            {
                "slice": people_shown.column(user, "holder_id"),
                **named(user, "holder_id", "holder__"),
            },
            _rep,
            read=_id,
        ),
        "team": Cut(
            {"slice": F("holder__team_id"), "team": F("holder__team__name")}, _team, read=_id
        ),
        "channel": Cut({"slice": F("channel")}, _named(dict(Channel.choices))),
        "source": Cut({"slice": F("lead__category")}, _named(dict(SourceCategory.choices))),
        "kit": Cut({"slice": F("kit__number")}, _version, lambda row, _: (int(row.key),), _id),
        "day": Cut(
            {"slice": TruncDate("started_at", tzinfo=user.zone)},
            lambda group: (str(group["slice"]), str(group["slice"])),
            read=_day,
        ),
    }


def named(user: User, holder: str, of: str) -> dict[str, Any]:
    """The names of who is told by name."""
    names = {"first": "first_name", "last": "last_name", "login": "username"}
    return {key: people_shown.words(user, holder, F(f"{of}{name}")) for key, name in names.items()}


def _stage_at_start() -> Subquery:
    """Where the lead stood when the clock began: its last stage event up to the starting one."""
    started = ClockEvent.objects.filter(clock=OuterRef(OuterRef("pk")), kind="STARTED")
    before = LeadEvent.objects.filter(
        lead=OuterRef("lead"),
        kind=EventKind.STAGE,
        sequence__lte=Subquery(started.values("event__sequence")[:1]),
    )
    return Subquery(before.order_by("-sequence").values("to_stage")[:1])


def _proof() -> Case:
    """How sure it is what stopped a clock."""
    stopped = ClockState.STOPPED.value
    return Case(
        When(state=stopped, evidence=ACTIVITY, then=F("proof")),
        When(state=stopped, then=Value(OWN)),
        default=Value(""),
        output_field=CharField(),
    )


def _plain(group: Group) -> tuple[str, str]:
    key = str(group["slice"])
    return key, key.replace("_", " ").replace(".", ": ").capitalize()


def _named(words: Mapping[str, str]) -> Callable[[Group], tuple[str, str]]:
    def name(group: Group) -> tuple[str, str]:
        key = group["slice"] or ""
        return key, str(words.get(key, key or "Unknown"))

    return name


def _rep(group: Group) -> tuple[str, str]:
    if group["slice"] is None:
        return "", "Nobody"
    if group["slice"] == people_shown.COLLEAGUES:
        return str(group["slice"]), people_shown.TOGETHER
    full = f"{group['first']} {group['last']}".strip()
    return str(group["slice"]), full or group["login"]


def _team(group: Group) -> tuple[str, str]:
    return ("", "No team") if group["slice"] is None else (str(group["slice"]), group["team"])


def _version(group: Group) -> tuple[str, str]:
    return str(group["slice"]), f"Kit v{group['slice']}"


def _id(text: str) -> int | None:
    # No row has the id 0, so what is no number selects nothing; empty text means "none".
    return (
        (int(text) if text.removeprefix("-").isdecimal() and len(text) < 10 else 0)
        if text
        else None
    )


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return dt.date.min  # nothing began then, so what is no day selects nothing


def _by_policy(row: Row, kit: Kit | None) -> tuple[Any, ...]:
    names = [name for one in (kit.policies if kit else ()) for name in (one.obligation, one.key)]
    return (names.index(row.key) if row.key in names else len(names), row.key)


def _by_stage(row: Row, _: Kit | None) -> tuple[Any, ...]:
    order = [stage.value for stage in stages.Stage]
    return (order.index(row.key) if row.key in order else len(order),)
