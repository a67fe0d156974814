"""Reading the parts of a document, one by one, into frozen objects. `kit` puts them together.

Pure: no tables, no clock. An entry that a document does not have takes the meaning it had before
the entry existed, so that what was published means the same in every later release.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, TypeVar

from core import errors, worktime
from governance import conditions
from governance.conditions import Node
from governance.facts import Fact, Registry, Subject
from governance.moments import HandOff
from governance.terms import (
    Band,
    ChannelWords,
    Checklist,
    Criterion,
    Exclusion,
    Exemption,
    Fixture,
    General,
    IdentityRule,
    Item,
    Level,
    Policy,
    QualityRule,
    Reason,
    ScoreRule,
    SignalWords,
    StageWords,
)

Entry = Mapping[str, Any]
Part = TypeVar("Part")

ASKED_BY_THEMSELVES = (("PHONE", "Phone"), ("CHAT", "Chat"))
"""Before channels were parts, who called or chatted had asked for a person."""

IDENTIFYING = ("EMAIL", "PHONE", "EXTERNAL", "CONTACT", "NAME")
"""The values a touch may bring that say who somebody is."""

NAMELESS = ("EMAIL", "PHONE", "EXTERNAL")
"""Those that did so before names were looked at; a kit silent on names still means that."""

USES = ("MERGE", "SUGGEST", "IGNORE")
"""What such a value, known already, may mean."""


class Reader:
    """Reads parts one by one and collects what is wrong with them, by place."""

    def __init__(self, document: Mapping[str, Any], registry: Registry) -> None:
        self.document = document
        self.registry = registry
        self.faults: list[errors.FieldError] = []

    def read(self, kind: str, build: Callable[[Entry], Part]) -> list[Part]:
        """Every part of a kind that can be read, in order of position."""
        found = []
        for entry in entries(self.document, kind):
            place = f"{kind}.{entry.get('key', '?')}"
            try:
                found.append(build(entry))
            except errors.InvalidInput as refusal:
                self.faults += [
                    errors.FieldError(f"{place}.{fault.field}", fault.message, fault.code)
                    for fault in refusal.errors
                ] or [errors.FieldError(place, refusal.message)]
            except (KeyError, TypeError, ValueError, AttributeError) as fault:
                what = f"misses “{fault.args[0]}”" if isinstance(fault, KeyError) else str(fault)
                self.faults.append(errors.FieldError(place, f"cannot be read: {what}"))
        return found

    def declared(self) -> list[Fact]:
        """The facts that parts of this document declare."""
        makers = self.registry.makers
        return [fact for kind, make in makers.items() for fact in self.read(kind, make)]

    def condition(self, entry: Entry) -> Node | None:
        """The condition of a part; None where it has none, which means always."""
        document = entry.get("condition")
        if document is None:
            return None
        return conditions.parse(document, self.registry, at="condition", about=Subject.LEAD)

    def criterion(self, entry: Entry) -> Criterion:
        """What must be proven to enter a stage."""
        return Criterion(
            key=entry["key"],
            stage=entry["stage"],
            label=entry["label"],
            prose=entry.get("prose", ""),
            proof=entry.get("proof", "FACTS"),
            condition=self.condition(entry),
            activity_kinds=tuple(entry.get("activity_kinds", ())),
            checklists=tuple(entry.get("checklists", ())),
            shown_by=tuple(entry.get("shown_by") or ()),
        )

    def policy(self, entry: Entry) -> Policy:
        """An obligation in time."""
        return Policy(
            key=entry["key"],
            obligation=entry["obligation"],
            label=entry["label"],
            prose=entry.get("prose", ""),
            scope=entry.get("scope", "STAGE"),
            stages=frozenset(entry["stages"]),
            condition=self.condition(entry),
            starts_on=frozenset(entry["starts_on"]),
            stopped_by=frozenset(entry["stopped_by"]),
            allowance=timedelta(minutes=entry["minutes"]),
            calendar=entry.get("calendar", ""),
            warn_percent=entry.get("warn_percent", 75),
            escalation=entry.get("escalation", ""),
            elapsed=entry.get("basis", "WORKING") == "ELAPSED",
            by_holder=entry.get("hours", "CALENDAR") == "HOLDER",
            from_promise=entry.get("counts_from", "START") == "PROMISE",
            pauses_for=frozenset(entry.get("pauses_for", ())),
            longest_pause=timedelta(days=entry.get("pause_days", 14)),
        )

    def score_rule(self, entry: Entry) -> ScoreRule:
        """Points."""
        return ScoreRule(
            key=entry["key"],
            label=entry["label"],
            category=entry["category"],
            condition=self.condition(entry),
            signal=entry.get("signal", ""),
            points=float(entry["points"]),
            half_life_days=_number(entry.get("half_life_days")),
            cap=_number(entry.get("cap")),
            once=entry.get("times", "EVERY") == "ONCE",
            within_days=entry.get("within_days"),
        )

    def exclusion(self, entry: Entry) -> Exclusion:
        """Who is no buyer at all."""
        return Exclusion(
            entry["key"], entry["label"], entry.get("prose", ""), self.condition(entry),
            entry["reason"],
        )  # fmt: skip

    def quality_rule(self, entry: Entry) -> QualityRule:
        """Something every good record has."""
        return QualityRule(
            entry["key"], entry["label"], entry.get("prose", ""), self.condition(entry)
        )


def stage(entry: Entry) -> StageWords:
    """What it means to be in a stage."""
    return StageWords(
        key=entry["key"],
        stage=entry["stage"],
        label=entry["label"],
        definition=entry.get("definition", ""),
        owner_role=entry.get("owner_role", ""),
    )


def calendar(entry: Entry) -> worktime.WorkCalendar:
    """When time counts."""
    document = {
        "zone": entry["zone"],
        "week": entry.get("week", {}),
        "closed": list(entry.get("closed", {})),  # the names of holidays are for people
        "opened": entry.get("opened", {}),
    }
    return worktime.from_document(document, name=entry["key"])


def signal(entry: Entry) -> SignalWords:
    """A behaviour."""
    return SignalWords(entry["key"], entry["label"], bool(entry.get("hand_raise", False)))


def band(entry: Entry) -> Band:
    """A range of scores."""
    leaves = _number(entry.get("leaves_below"))
    return Band(entry["key"], entry["label"], float(entry["at_least"]), leaves)


def reason(entry: Entry) -> Reason:
    """Why a lead leaves the path."""
    return Reason(
        key=entry["key"],
        label=entry["label"],
        used_for=frozenset(entry["used_for"]),
        outcome=entry.get("outcome", ""),
        criterion=entry.get("criterion", ""),
        note_required=bool(entry.get("note_required", False)),
        returns_turn=bool(entry.get("returns_turn", False)),
        attempts_needed=int(entry.get("attempts_needed") or 0),
        attempt_days=int(entry.get("attempt_days") or 0),
        wake_days=int(entry.get("wake_days") or 0),
        wake_on=entry.get("wake_on", ""),
        instead=entry.get("instead", ""),
    )


def checklist(entry: Entry) -> Checklist:
    """A qualification framework."""
    items = tuple(Item(item["key"], item["label"], item.get("help", "")) for item in entry["items"])
    return Checklist(entry["key"], entry["label"], items, int(entry["needed"]))


def general(entry: Entry) -> General:
    """The settings of the whole company."""
    return General(
        undo=timedelta(minutes=entry.get("undo_minutes", 10)),
        recycle_below=float(entry.get("recycle_below", 0)),
        emergency=timedelta(hours=entry.get("emergency_hours", 24)),
        hands_off_at=entry.get("hands_off_at", HandOff.SQL.value),
        backdating=_span(entry.get("backdating_minutes")),
        dispute=timedelta(hours=entry.get("dispute_hours", 0)),
        ruling=timedelta(hours=entry.get("ruling_hours", 0)),
        dispute_calendar=entry.get("dispute_calendar", ""),
    )


def _span(minutes: int | None) -> timedelta | None:
    return None if minutes is None else timedelta(minutes=minutes)


def channel(entry: Entry) -> ChannelWords:
    """A way leads come in."""
    return ChannelWords(
        key=entry["key"],
        channel=entry["channel"],
        label=entry["label"],
        prose=entry.get("prose", ""),
        asks_for_person=bool(entry.get("asks_for_person", False)),
    )


def channels(reader: Reader) -> dict[str, ChannelWords]:
    """The channels by their code."""
    found = reader.read("channel", channel)
    if not entries(reader.document, "channel"):
        found = [
            ChannelWords(code.lower(), code, label, "", asks_for_person=True)
            for code, label in ASKED_BY_THEMSELVES
        ]
    return {one.channel: one for one in found}


def exemption(entry: Entry) -> Exemption:
    """A cell without a clock."""
    return Exemption(
        key=entry["key"],
        stages=frozenset(entry["stages"]),
        channels=frozenset(entry.get("channels", ())),
        obligation=entry.get("obligation", ""),
        because=entry["because"],
    )


def level(entry: Entry) -> Level:
    """Who hears of what is overdue."""
    return Level(
        key=entry["key"],
        label=entry["label"],
        after=timedelta(minutes=entry.get("after_minutes", 0)),
        tell=tuple(entry["tell"]),
        then=entry.get("then", ""),
        act=entry.get("act", ""),
        pool=entry.get("pool", ""),
        rep=entry.get("rep", ""),
        times=int(entry.get("times", 3)),
    )


def identity(reader: Reader) -> dict[str, IdentityRule]:
    """What each kind of value says; where no rule speaks of it, as before there were rules."""
    before = next(iter(entries(reader.document, "general_policy")), {})
    spelling = (bool(before.get("strip_plus", True)), bool(before.get("gmail_dots", True)))
    found = {one.value: one for one in reader.read("identity_rule", identity_rule)}
    silent = {
        value: IdentityRule(
            value.lower(), value, "MERGE" if value in NAMELESS else "IGNORE", *spelling
        )
        for value in IDENTIFYING
        if value not in found
    }
    return found | silent


def identity_rule(entry: Entry) -> IdentityRule:
    """What a known value of one kind says."""
    return IdentityRule(
        key=entry["key"],
        value=_one_of(IDENTIFYING, entry["value"]),
        use=_one_of(USES, entry.get("use", "MERGE")),
        strip_plus=bool(entry.get("strip_plus", True)),
        gmail_dots=bool(entry.get("gmail_dots", True)),
        shared_after=int(entry.get("shared_after") or 0),
    )


def fixture(entry: Entry) -> Fixture:
    """An example, and what is to become of it."""
    return Fixture(entry["key"], entry["label"], dict(entry["given"]), dict(entry["expect"]))


def registry_of(registry: Registry, *documents: Mapping[str, Any] | None) -> Registry:
    """The facts that rules of these documents may speak of, for telling about them.

    What the last one declares counts; parts that declare nothing readable are left out.
    """
    for document in reversed(documents):
        registry = registry.and_these(Reader(document or {}, registry).declared())
    return registry


def labels(document: Mapping[str, Any], kind: str) -> dict[str, str]:
    """What the parts of a kind are called, by key."""
    return {
        str(part["key"]): str(part.get("label", part["key"])) for part in entries(document, kind)
    }


def entries(document: Mapping[str, Any], kind: str) -> list[dict[str, Any]]:
    """The parts of one kind as the document holds them, in order of position."""
    found = document.get("parts", {}).get(kind, [])
    placed = [(entry.get("position", place), entry) for place, entry in enumerate(found)]
    placed.sort(key=lambda one: (one[0], one[1].get("key", "")))
    return [entry for _, entry in placed]


def _one_of(known: tuple[str, ...], value: Any) -> str:
    if value not in known:
        raise ValueError(f"“{value}” is none of {', '.join(known)}")
    return str(value)


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
