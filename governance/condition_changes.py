"""What differs between two conditions, line by line, in words. Pure; decides nothing."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from governance import condition_operators, condition_prose, conditions
from governance.condition_operators import Shape
from governance.condition_prose import Line
from governance.conditions import Test
from governance.facts import Registry, UnknownFact

SUMMED_UP = 3
"""More changes than these are not told in one sentence."""


class Mark(StrEnum):
    """What became of a line."""

    ADDED = "+"
    REMOVED = "-"
    CHANGED = "~"
    KEPT = " "


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a small comparison; depth 0 is the outermost."""

    mark: Mark
    text: str
    depth: int = 0
    is_group: bool = False


def steps(before: Any, after: Any, registry: Registry) -> list[Step]:
    """Two stored conditions, laid over each other; None stands for “always”.

    A test of the same fact that changed is one line with both values; a condition that cannot be
    read stands as what is wrong with it.
    """
    old, new = _lines(before, registry), _lines(after, registry)
    texts = [line.text for line in old], [line.text for line in new]
    matcher = difflib.SequenceMatcher(None, *texts, autojunk=False)
    found: list[Step] = []
    for _, a, b, c, d in matcher.get_opcodes():
        if texts[0][a:b] == texts[1][c:d]:
            found += [_step(Mark.KEPT, line) for line in new[c:d]]
        else:
            found += _replaced(old[a:b], new[c:d], registry)
    return found


def all_of(document: Any, registry: Registry) -> list[Step]:
    """One stored condition, each line kept."""
    return [_step(Mark.KEPT, line) for line in _lines(document, registry)]


def summary(found: list[Step]) -> str:
    """What differs as a phrase, while it is little; else an empty string.

    “Company size is between 50 and 5,000 people → between 100 and 5,000 people; added Channel is
    Web form”. Groups that came or went are only understood from the whole list.
    """
    changed = [step for step in found if step.mark is not Mark.KEPT]
    if len(changed) > SUMMED_UP or any(step.is_group for step in changed):
        return ""
    words = {Mark.ADDED: "added: ", Mark.REMOVED: "removed: ", Mark.CHANGED: ""}
    return "; ".join(f"{words[step.mark]}{step.text}" for step in changed)


def is_one_shift(found: list[Step]) -> bool:
    """Whether one changed test says it all, so that no list is needed."""
    return [step.mark for step in found if step.mark is not Mark.KEPT] == [Mark.CHANGED]


def _step(mark: Mark, line: Line) -> Step:
    return Step(mark, line.text, line.depth, line.test is None)


def _lines(document: Any, registry: Registry) -> list[Line]:
    if document is None:
        return [Line(0, "Always")]
    try:
        return condition_prose.lines(conditions.parse(document, registry), registry)
    except conditions.ConditionInvalid as refusal:
        return [Line(0, refusal.message)]


def _replaced(old: list[Line], new: list[Line], registry: Registry) -> Iterator[Step]:
    """Lines that gave way to others: first what left, then what came, pairs where they are."""
    pairs = _pairs(old, new)
    yield from (_step(Mark.REMOVED, line) for place, line in enumerate(old) if place not in pairs)
    partners = {to: of for of, to in pairs.items()}
    for place, line in enumerate(new):
        if place in partners:
            yield Step(Mark.CHANGED, _shift(old[partners[place]], line, registry), line.depth)
        else:
            yield _step(Mark.ADDED, line)


def _pairs(old: list[Line], new: list[Line]) -> dict[int, int]:
    """Places of tests that speak of the same fact, each used once, in their order."""
    found: dict[int, int] = {}
    for place, line in enumerate(old):
        if line.test is None:
            continue
        for other, candidate in enumerate(new):
            same = candidate.test is not None and candidate.test.fact == line.test.fact
            if same and other not in found.values():
                found[place] = other
                break
    return found


def _shift(old: Line, new: Line, registry: Registry) -> str:
    """“Company size is between 50 and 5,000 people → between 100 and 5,000 people”."""
    was, now = old.test, new.test
    if was is None or now is None:  # only tests are paired
        return new.text
    label = _label(now.fact, registry)
    operator = condition_operators.OPERATORS[now.op]
    starts = [f"{label} {words}" for words in (operator.words, operator.words_negated)]
    start = next((one for one in starts if new.text.startswith(f"{one} ")), label)
    before, after = was.value, now.value
    same = was.op == now.op and operator.shape is Shape.LIST and old.text.startswith(f"{start} ")
    if same and isinstance(before, tuple) and isinstance(after, tuple):
        return f"{start} …: {items(before, after, lambda one: _item(now, one, registry))}"
    rest = new.text.removeprefix(label).strip()
    return f"{old.text} → {rest.removeprefix('is ')}"


def items(before: Iterable[Any], after: Iterable[Any], said: Callable[[Any], str]) -> str:
    """“added Germany; removed France” of two lists; “in another order” when only that changed."""
    before, after = list(before), list(after)
    came = [said(one) for one in after if one not in before]
    left = [said(one) for one in before if one not in after]
    told = [
        f"{word} {', '.join(names)}"
        for word, names in (("added", came), ("removed", left))
        if names
    ]
    return "; ".join(told) or "in another order"


def _label(name: str, registry: Registry) -> str:
    try:
        return registry.get(name).label
    except UnknownFact:
        return name


def _item(test: Test, value: object, registry: Registry) -> str:
    try:
        return condition_prose.value_words(registry.get(test.fact), value)
    except UnknownFact:
        return str(value)
