"""The differences of two versions as a list to read: what, in words, and whose hand it was."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from core.texts import _, lazy
from governance import change_values
from governance.authorship import Edit, Place
from governance.change_words import Line, Told
from governance.changes import Kind
from governance.condition_changes import Mark
from web.console import words

WORDS = {
    Kind.ADDED: (lazy("Added"), "ok", "plus"),
    Kind.REMOVED: (lazy("Removed"), "late", "x"),
    Kind.CHANGED: (lazy("Changed"), "info", "pencil"),
}
MARKS = {
    Mark.ADDED: ("added", "+"),
    Mark.REMOVED: ("removed", "\N{MINUS SIGN}"),
    Mark.CHANGED: ("changed", "→"),
    Mark.KEPT: ("kept", ""),
}
DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a comparison; `state` is added, removed, changed or kept."""

    state: str
    sign: str
    text: str
    depth: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """One thing that differs."""

    text: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One part that differs."""

    subject: str
    word: str
    tone: str
    icon: str
    sentences: tuple[Sentence, ...]
    hand: str
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    """The parts of one kind that differ."""

    title: str
    rows: tuple[Row, ...]


def groups(
    told: Iterable[Told],
    edits: Mapping[Place, Edit],
    *,
    now: datetime,
    zone: tzinfo,
    editor: Callable[[str, str], str] = lambda kind, key: "",
) -> tuple[Group, ...]:
    """Everything that differs, by kind; `editor` gives the address where a part is edited."""

    def row(one: Told) -> Row:
        word, tone, icon = WORDS[one.kind]
        gone = one.kind is Kind.REMOVED or not one.key
        return Row(
            one.subject,
            word,
            tone,
            icon,
            tuple(map(_sentence, one.lines)),
            _hand(edits.get((one.part, one.key)), now=now, zone=zone),
            "" if gone else editor(one.part, one.key),
        )

    return tuple(
        Group(change_values.kind_label(kind, many=True), tuple(map(row, found)))
        for kind, found in itertools.groupby(told, key=lambda one: one.part)
    )


def places(told: Iterable[Told]) -> list[Place]:
    """The parts that differ, by kind and key."""
    return [(one.part, one.key) for one in told if one.key]


def _sentence(line: Line) -> Sentence:
    steps = tuple(
        Step(*MARKS[step.mark], step.text, min(step.depth, DEEPEST)) for step in line.steps
    )
    text = line.heading or line.text
    return Sentence(f"{text[:1].upper()}{text[1:]}", steps)


def _hand(edit: Edit | None, *, now: datetime, zone: tzinfo) -> str:
    if edit is None:
        return ""
    who = str(edit.by) if edit.by else _("the system")
    return _("{who}, {at}, in v{number}").format(
        who=who, at=words.moment(edit.at, now=now, zone=zone), number=edit.number
    )
