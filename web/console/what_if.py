"""“What if they had been at work?”: the lines of the form, and the answer in words.

The form asks by address, so an answer can be sent to a colleague; nothing is changed by asking.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core import phrases
from core.errors import DomainError, FieldError, InvalidInput
from core.texts import _, lazy
from routing import decision_seen, redeciding, rules
from routing.discretion import Sight
from routing.models import Decision
from routing.redeciding import Supposed
from web.console import decision_words
from web.console.decision_words import Record

AT_WORK, ROOM, FREE, NEW, GONE, WEIGHT = "AT_WORK", "ROOM", "FREE", "NEW", "GONE", "WEIGHT"
HAD = (
    (FREE, lazy("could have taken it: at work, and under their caps")),
    (AT_WORK, lazy("had been at work")),
    (ROOM, lazy("had been under their caps")),
    (NEW, lazy("had not held it before, nor was it kept for another")),
    (GONE, lazy("had not been there")),
    (WEIGHT, lazy("had had the weight")),
)
SAID = {
    "at_work": lazy("been at work"),
    "has_room": lazy("been under every cap"),
    "is_new": lazy("not held it before"),
    "is_gone": lazy("not been there"),
}
MOST_LINES = 6
LONGEST = 4_000
"""So many people are offered in a list; pools are smaller."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the form: whom, what, and the weight."""

    who: str = ""
    had: str = ""
    weight: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What would have come of it; `problem` says why the question cannot be answered."""

    headline: str = ""
    tone: str = "info"
    record: Record | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The form as it was filled in, and the answer once it was sent."""

    people: tuple[tuple[str, str], ...]
    had: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    answer: Answer | None
    weighs: bool
    """Whether the reader may suppose other weights."""


def read(
    who: Sequence[str], had: Sequence[str], weight: Sequence[str]
) -> tuple[tuple[Line, ...], tuple[Supposed, ...]]:
    """The lines that say something, and what they suppose; several of one person add up.

    Raises InvalidInput for what cannot be understood.
    """
    rows = zip(who, [*had, *[""] * len(who)], [*weight, *[""] * len(who)], strict=False)
    lines = tuple(Line(*map(str.strip, row)) for row in rows if row[0].strip())
    if len(lines) > MOST_LINES:
        raise _refusal(
            "who",
            _("Suppose something of at most {MOST_LINES} people at once.").format(
                MOST_LINES=MOST_LINES
            ),
        )
    found: dict[int, Supposed] = {}
    for line in lines:
        if not (line.who.isascii() and line.who.isdigit() and len(line.who) < 19):
            raise _refusal("who", _("Choose somebody from the list."))
        user = int(line.who)
        found[user] = _with(found.get(user, Supposed(user)), line)
    return lines, tuple(found.values())


def form(
    people: Mapping[int, str],
    lines: Sequence[Line] = (),
    answer: Answer | None = None,
    *,
    weighs: bool,
) -> WhatIf:
    """The form with one line to spare."""
    empty = [Line()] * max(1, 2 - len(lines))
    shown = (*lines, *empty)[:MOST_LINES]
    had = tuple(one for one in HAD if weighs or one[0] != WEIGHT)
    whom = tuple((str(pk), name) for pk, name in people.items())
    return WhatIf(whom, had, shown, answer, weighs)


def answer(
    decision: Decision,
    supposed: Sequence[Supposed],
    *,
    pools: Mapping[str, str],
    names: Mapping[int, str],
    sight: Sight,
) -> Answer:
    """In words. A refusal is told beside the form."""
    try:
        found = decision_seen.suppose(decision, supposed, sight)
    except DomainError as refusal:
        return Answer(problem=refusal.message)
    start = " and ".join(_supposition(one, names) for one in supposed)
    row = found.row
    if found.made.unknown or row is None:
        return Answer(
            _("Had {start}: the record cannot tell. {unknown}").format(
                start=start, unknown=found.made.unknown
            ),
            "warn",
        )
    label = pools.get(row.pool, row.pool)
    told = decision_words.of_record(
        row, kit=decision.kit.number, pool=label, names=names, reader_id=sight.reader
    )
    return Answer(
        _("Had {start}, {outcome}").format(
            start=start, outcome=_outcome(decision, row, label, names)
        ),
        "none" if row.picked_id == decision.picked_id else "ok",
        told,
    )


def _with(one: Supposed, line: Line) -> Supposed:
    """A weight counts beside whatever else the line supposes."""
    if line.weight and line.had != WEIGHT:
        one = replace(one, weight=_weight(line.weight))
    match line.had:
        case "AT_WORK":
            return replace(one, at_work=True)
        case "ROOM":
            return replace(one, has_room=True)
        case "FREE":
            return replace(one, at_work=True, has_room=True)
        case "NEW":
            return replace(one, is_new=True)
        case "GONE":
            return replace(one, is_gone=True)
        case "WEIGHT":
            return replace(one, weight=_weight(line.weight))
    raise _refusal("had", _("Choose what is supposed of them."))


def _weight(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 4):
        raise _refusal(
            "weight",
            _("Give a weight from 1 to {MOST_WEIGHT}.").format(MOST_WEIGHT=redeciding.MOST_WEIGHT),
        )
    return int(text)


def _supposition(one: Supposed, names: Mapping[int, str]) -> str:
    said = [words for name, words in SAID.items() if getattr(one, name)]
    if one.weight is not None:
        said.append(_("had the weight {weight}").format(weight=one.weight))
    return "{names} {said}".format(
        names=names.get(one.user, _("user {user}").format(user=one.user)), said=phrases.listed(said)
    )


def _outcome(decision: Decision, row: Decision, pool: str, names: Mapping[int, str]) -> str:
    if row.picked_id is None:
        if row.target == rules.QUEUE:
            waits = _("it would have waited in the queue of {pool} for people to claim").format(
                pool=pool
            )
        else:
            waits = _("nobody of {pool} could have taken it").format(pool=pool)
        return "{waits}{words}.".format(
            waits=waits, words=_(", as it did") if decision.picked_id is None else ""
        )
    name = names.get(row.picked_id, _("User {picked_id}").format(picked_id=row.picked_id))
    same = _("all the same") if row.picked_id == decision.picked_id else "instead"
    return _("{name} would have got it {same}: {because}.").format(
        name=name, same=same, because=row.because
    )


def _refusal(field: str, message: str) -> InvalidInput:
    return InvalidInput(message, errors=[FieldError(field, message)])
