"""The values one fact may still take once some tests hold. Pure; trees are `contradictions`.

Numbers are closed intervals of whole steps (a step is one, or a millionth for decimals), choices
are sets, texts are what was asked of them. A missing value is one possibility more.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, TypeAlias

from governance import condition_operators, facts
from governance.conditions import Test
from governance.facts import Fact, FactType

Edge: TypeAlias = int | float
Intervals: TypeAlias = tuple[tuple[Edge, Edge], ...]

STEPS = 10**facts.DECIMAL_PLACES
_EVERYTHING: Intervals = ((-math.inf, math.inf),)


@dataclass(frozen=True, slots=True)
class Limits:
    """What is known of a fact beforehand: its range, and whether it is never missing."""

    low: float | Decimal | None = None
    high: float | Decimal | None = None
    always_known: bool = False


@dataclass(frozen=True, slots=True)
class Numbers:
    """Disjoint closed intervals in ascending order, counted in steps."""

    intervals: Intervals
    steps: int = 1

    def both(self, other: Numbers) -> Numbers:
        """What lies in both."""
        found = (
            (max(low, lower), min(high, higher))
            for low, high in self.intervals
            for lower, higher in other.intervals
        )
        return replace(self, intervals=tuple(sorted(one for one in found if one[0] <= one[1])))

    def others(self) -> Numbers:
        """What does not lie in it."""
        edges, start = [], -math.inf
        for low, high in self.intervals:
            if low > start:
                edges.append((start, low - 1))
            start = high + 1
        if start < math.inf:
            edges.append((start, math.inf))
        return replace(self, intervals=tuple(edges))

    def is_empty(self) -> bool:
        """Whether no number is left."""
        return not self.intervals

    def example(self) -> Any:
        """One of the numbers, an edge where there is one."""
        low, high = self.intervals[0]
        chosen = next((int(edge) for edge in (low, high) if math.isfinite(edge)), 0)
        return facts.clean_number(Decimal(chosen) / self.steps) if self.steps > 1 else chosen


@dataclass(frozen=True, slots=True)
class Choices:
    """Some of a closed list; yes and no are one too."""

    among: tuple[Any, ...]
    known: tuple[Any, ...]

    def both(self, other: Choices) -> Choices:
        """What lies in both."""
        return replace(self, among=tuple(one for one in self.among if one in other.among))

    def others(self) -> Choices:
        """What does not lie in it."""
        return replace(self, among=tuple(one for one in self.known if one not in self.among))

    def is_empty(self) -> bool:
        """Whether no choice is left."""
        return not self.among

    def example(self) -> Any:
        """The first of the choices."""
        return self.among[0]


@dataclass(frozen=True, slots=True)
class Texts:
    """What was asked of a text: to be one of some, none of some, to start with, to contain."""

    one_of: frozenset[str] | None = None
    none_of: frozenset[str] = frozenset()
    starts: frozenset[str] = frozenset()
    holds: frozenset[str] = frozenset()
    never_starts: frozenset[str] = frozenset()
    never_holds: frozenset[str] = frozenset()

    def both(self, other: Texts) -> Texts:
        """A text that does what both ask."""
        one_of = self.one_of
        if other.one_of is not None:
            one_of = other.one_of if one_of is None else one_of & other.one_of
        return Texts(
            one_of,
            self.none_of | other.none_of,
            self.starts | other.starts,
            self.holds | other.holds,
            self.never_starts | other.never_starts,
            self.never_holds | other.never_holds,
        )

    def others(self) -> Texts:
        """The opposite of a single demand; of several it would be no single one."""
        if self.one_of is not None:
            return Texts(none_of=self.one_of)
        if self.none_of:
            return Texts(one_of=self.none_of)
        if self.starts or self.never_starts:
            return Texts(starts=self.never_starts, never_starts=self.starts)
        if self.holds or self.never_holds:
            return Texts(holds=self.never_holds, never_holds=self.holds)
        return Texts(one_of=frozenset())

    def allows(self, text: str) -> bool:
        """Whether this text does what is asked."""
        folded = condition_operators.fold(text)
        return (
            (self.one_of is None or text in self.one_of)
            and text not in self.none_of
            and all(folded.startswith(one) for one in self.starts)
            and all(one in folded for one in self.holds)
            and not any(folded.startswith(one) for one in self.never_starts)
            and not any(one in folded for one in self.never_holds)
        )

    def is_empty(self) -> bool:
        """Whether certainly no text is left; where that is not certain, no."""
        if self.one_of is not None:
            return not any(map(self.allows, self.one_of))
        longest = max(self.starts, key=len, default="")
        asked = {longest, *self.holds}
        return (
            any(not longest.startswith(one) for one in self.starts)
            or any(longest.startswith(one) for one in self.never_starts)
            or any(part in one for part in self.never_holds for one in asked)
        )

    def example(self) -> str | None:
        """A text that does what is asked, or None when none comes to mind."""
        return next(filter(self.allows, self._ideas()), None)

    def _ideas(self) -> Iterator[str]:
        if self.one_of is not None:
            yield from sorted(self.one_of)
            return
        start = max(self.starts, key=len, default="")
        missing = [one for one in sorted(self.holds) if one not in start]
        for gap, end in itertools.product(("", " ", "·", "~"), ("", "q", "0", "·", "☉")):
            text = start + gap + gap.join(missing) + end
            if text:
                yield text
        for number in range(len(self.none_of) + 1):
            yield f"{start}{' '.join(missing)}☉{number}"


Values: TypeAlias = Numbers | Choices | Texts


@dataclass(frozen=True, slots=True)
class Possible:
    """What a fact may be: one of `values`, or missing."""

    values: Any
    missing: bool = field(default=True)

    def both(self, other: Possible) -> Possible:
        """What both allow."""
        return Possible(self.values.both(other.values), self.missing and other.missing)

    def is_empty(self) -> bool:
        """Whether certainly nothing is left."""
        return not self.missing and bool(self.values.is_empty())

    def example(self) -> Any:
        """A value, None for missing. Raises LookupError when none comes to mind."""
        value = None if self.values.is_empty() else self.values.example()
        if value is None and not self.missing:
            raise LookupError("no example comes to mind")
        return value


def anything(fact: Fact, limits: Limits) -> Possible:
    """Everything a fact can be before any test."""
    values = _all(fact)
    if isinstance(values, Numbers) and (limits.low, limits.high) != (None, None):
        low = -math.inf if limits.low is None else _steps(limits.low, values.steps, math.ceil)
        high = math.inf if limits.high is None else _steps(limits.high, values.steps, math.floor)
        values = replace(values, intervals=((low, high),))
    return Possible(values, missing=not limits.always_known)


def under(test: Test, fact: Fact, *, negated: bool) -> Possible:
    """What a fact can be where the test holds, or where it does not."""
    operator, turned = condition_operators.base(test.op)
    values = _passing(operator.name, test.value, fact)
    if turned is not negated:
        return Possible(values.others(), missing=True)
    return Possible(values, missing=False)


def _all(fact: Fact) -> Values:
    if fact.type is FactType.CHOICE and fact.listed is None:
        known = tuple(key for key, _ in fact.choices)
        return Choices(known, known)
    if fact.type is FactType.BOOLEAN:
        return Choices((True, False), (True, False))
    if fact.type in (FactType.TEXT, FactType.CHOICE):
        return Texts()
    return Numbers(_EVERYTHING, 1 if fact.type is FactType.INTEGER else STEPS)


def _passing(op: str, value: Any, fact: Fact) -> Values:
    """The present values that pass a test."""
    everything = _all(fact)
    if op == "is_set":
        return everything
    if isinstance(everything, Texts):
        return _texts(op, value)
    listed = value if op == "in" else (value,)
    if isinstance(everything, Choices):
        return replace(everything, among=tuple(one for one in everything.known if one in listed))
    return replace(everything, intervals=_intervals(op, value, everything.steps))


def _texts(op: str, value: Any) -> Texts:
    if op == "starts_with":
        return Texts(starts=frozenset({condition_operators.fold(value)}))
    if op == "contains":
        return Texts(holds=frozenset({condition_operators.fold(value)}))
    return Texts(one_of=frozenset(value if op == "in" else (value,)))


def _intervals(op: str, value: Any, steps: int) -> Intervals:
    if op in ("eq", "in"):
        points = {int(one * steps) for one in (value if op == "in" else (value,))}
        return tuple((point, point) for point in sorted(points))
    if op == "between":
        return ((int(value[0] * steps), int(value[1] * steps)),)
    at = int(value * steps)
    return {
        "lt": ((-math.inf, at - 1),),
        "lte": ((-math.inf, at),),
        "gt": ((at + 1, math.inf),),
        "gte": ((at, math.inf),),
    }[op]


def _steps(value: float | Decimal, steps: int, rounded: Any) -> int:
    return int(rounded(Decimal(str(value)) * steps))
