"""Facts: the named, typed things a rule may speak of. Not where they are stored or computed.

An app registers its facts once, from `AppConfig.ready()`. Whoever decides reads them from a
snapshot (`Registry.read_all`); whoever selects asks for their SQL (`Fact.sql`). Both ways must
give the same value, which is why values are cleaned here, in one place.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum
from typing import Any

from core import errors

DECIMAL_PLACES = 6
NAME_LENGTH = 120
WHOLE_DIGITS = 30
_EXACT = 1e15  # below it a float that is whole is that number, digit for digit
_STEP = Decimal(1).scaleb(-DECIMAL_PLACES)
# Wide enough for whatever a database column holds, so rounding never fails for size.
_CONTEXT = Context(prec=200_000, rounding=ROUND_HALF_UP)
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9][a-z0-9_]*)+")
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


class UnknownFact(errors.InvalidInput):
    """No fact has this name; the message names the nearest one."""

    code = "unknown_fact"


class FactMisread(TypeError):
    """A fact's reader returned a value of another type than declared: a fault of the program."""


class FactType(StrEnum):
    """What values a fact can take, and so which operators may test it."""

    TEXT = "TEXT"
    INTEGER = "INTEGER"
    NUMBER = "NUMBER"
    BOOLEAN = "BOOLEAN"
    CHOICE = "CHOICE"


class Subject(StrEnum):
    """What a fact is about, and so which parts of a kit may speak of it."""

    LEAD = "LEAD"
    TOUCHPOINT = "TOUCHPOINT"

    @property
    def words(self) -> str:
        """“the lead”, “one touchpoint”."""
        return "the lead" if self is Subject.LEAD else "one touchpoint"


def clean_number(value: float | Decimal) -> int | Decimal | None:
    """The number rules compare: rounded half away from zero to six places; NaN and
    infinities are missing. Whole numbers come back as `int`.
    """
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return int(value)
    # The shortest text of a float, not its binary value: PostgreSQL's text of it is the same.
    exact = Decimal(repr(value)) if isinstance(value, float) else value
    if not exact.is_finite():
        return None
    places = exact.as_tuple().exponent
    if isinstance(places, int) and places < -DECIMAL_PLACES:
        exact = exact.quantize(_STEP, context=_CONTEXT)
    is_whole = exact.adjusted() < WHOLE_DIGITS and exact == exact.to_integral_value()
    return int(exact) if is_whole else exact


def _clean_text(value: Any) -> str | None:
    return str.__str__(value) or None


_CLEANERS: dict[FactType, tuple[tuple[type, ...], Callable[[Any], object]]] = {
    FactType.TEXT: ((str,), _clean_text),
    FactType.CHOICE: ((str,), _clean_text),
    FactType.INTEGER: ((int,), int),
    FactType.NUMBER: ((int, float, Decimal), clean_number),
    FactType.BOOLEAN: ((bool,), bool),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing a rule may speak of.

    `read` takes the snapshot of its subject and returns a plain value or None (missing).
    `sql` takes the present instant and returns the expression that gives the same value when a
    queryset of its subject is annotated with it; None means rules over it cannot select rows.
    `listed` asks the database for the choices there are now, where they are no part of the kit:
    a rule may name others, and the kit's check says so. `on_demand` facts are read, and kept in
    decision records, only where the kit speaks of them.
    """

    name: str
    label: str
    type: FactType
    _: KW_ONLY
    read: Callable[[Any], object]
    sql: Callable[[Any], Any] | None = None
    choices: tuple[tuple[str, str], ...] = ()
    listed: Callable[[], Iterable[tuple[str, str]]] | None = None
    unit: str = ""
    help: str = ""
    subject: Subject = Subject.LEAD
    on_demand: bool = False

    def __post_init__(self) -> None:
        if len(self.name) > NAME_LENGTH or not _NAME.fullmatch(self.name):
            raise ValueError(
                f"fact name {self.name!r} must look like 'company.employees': "
                f"lower-case words joined by dots, at most {NAME_LENGTH} characters"
            )
        if (self.type is FactType.CHOICE) != bool(self.choices or self.listed):
            raise ValueError(
                f"fact {self.name}: choices belong to CHOICE facts, and they need some"
            )

    def value(self, snapshot: Any) -> object:
        """Read the fact from a snapshot and clean it; None means missing."""
        return self.clean(self.read(snapshot))

    def clean(self, value: object) -> object:
        """The value as rules compare it: empty text is missing, numbers are rounded.

        Raises `FactMisread` when the value is not of the fact's type.
        """
        if value is None:
            return None
        accepted, cleaner = _CLEANERS[self.type]
        if not isinstance(value, accepted) or (bool not in accepted and isinstance(value, bool)):
            raise FactMisread(
                f"fact {self.name} is {self.type}, but its reader returned {type(value).__name__}"
            )
        return cleaner(value)

    def choice_label(self, value: object) -> str:
        """What people call a choice; the value itself when it is no longer offered."""
        return next((label for key, label in self.choices if key == value), str(value))


@dataclass(frozen=True, slots=True)
class Slug:
    """A parameter of lower-case letters, digits and underscores; `known` closes the list."""

    known: tuple[str, ...] = ()
    pattern: str = "[a-z0-9_]{1,60}"

    def parse(self, text: str) -> str:
        """The parameter itself, or ValueError saying what is allowed."""
        if not self.known or text in self.known:
            return text
        raise ValueError(f"{text!r} is not known{did_you_mean(text, self.known)}")


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole-number parameter from `low` to `high`, written without leading zeros."""

    low: int
    high: int
    pattern: str = "[0-9]{1,9}"

    def parse(self, text: str) -> int:
        """The number, or ValueError saying what is allowed."""
        number = int(text)
        if str(number) != text or not self.low <= number <= self.high:
            raise ValueError(f"{text!r} must be a whole number from {self.low} to {self.high}")
        return number


@dataclass(frozen=True, slots=True)
class FactFamily:
    """Facts that differ by parameters: `signal.{kind}.count_{days}d`.

    `make(name, **parameters)` returns the fact; `example` is a name editors can show.
    """

    pattern: str
    label: str
    _: KW_ONLY
    parameters: Mapping[str, Slug | Whole]
    make: Callable[..., Fact]
    example: str
    help: str = ""

    def __post_init__(self) -> None:
        named = _PLACEHOLDER.findall(self.pattern)
        if sorted(named) != sorted(self.parameters):
            raise ValueError(f"family {self.pattern}: placeholders and parameters differ")
        if self.match(self.example) is None:
            raise ValueError(f"family {self.pattern}: example {self.example!r} does not match")

    def match(self, name: str) -> Fact | None:
        """The fact of this name; None when the name has another form.

        Raises `UnknownFact` when the form is right and a parameter is not.
        """
        found = re.fullmatch(self._expression(), name)
        if found is None:
            return None
        values: dict[str, object] = {}
        for key, text in found.groupdict().items():
            try:
                values[key] = self.parameters[key].parse(text)
            except ValueError as fault:
                raise UnknownFact(f"There is no fact “{name}”: {key} {fault}.") from None
        return self.make(name, **values)

    def _expression(self) -> str:
        """The pattern as a regular expression of literals and the parameters' fixed classes."""
        pieces = _PLACEHOLDER.split(self.pattern)
        return "".join(
            f"(?P<{piece}>{self.parameters[piece].pattern})" if place % 2 else re.escape(piece)
            for place, piece in enumerate(pieces)
        )


def did_you_mean(text: str, candidates: Iterable[str]) -> str:
    """“; did you mean “x”?” for the nearest candidate, or an empty string."""
    near = difflib.get_close_matches(text[:NAME_LENGTH], list(candidates), n=1)
    return f"; did you mean “{near[0]}”?" if near else ""


class Registry:
    """All facts by name. Registering a name twice is a fault of the program."""

    def __init__(self) -> None:
        self._facts: dict[str, Fact] = {}
        self._families: list[FactFamily] = []
        self._made: dict[str, Fact] = {}
        self.makers: dict[str, Callable[[Mapping[str, Any]], Fact]] = {}

    def register(self, *facts: Fact) -> None:
        """Add facts. Raises ValueError when a name is taken."""
        for fact in facts:
            if self._find(fact.name) is not None:
                raise ValueError(f"fact {fact.name} is registered already")
            self._facts[fact.name] = fact

    def register_family(self, family: FactFamily) -> None:
        """Add a family. Raises ValueError when its form is taken or covers a registered fact."""
        taken = [name for name in self._facts if family.match(name) is not None]
        if taken or self._find(family.example) is not None:
            raise ValueError(f"facts like {family.pattern} are registered already {taken}")
        self._families.append(family)

    def register_maker(self, kind: str, make: Callable[[Mapping[str, Any]], Fact]) -> None:
        """Let the parts of one kind declare facts of their kit: `make` reads one such part.

        It raises ValueError or `InvalidInput` for a part that declares none.
        """
        self.makers[kind] = make

    def and_these(self, declared: Iterable[Fact]) -> Registry:
        """A registry that knows these facts besides; this one stays as it is.

        Of two facts of one name the one that was there first counts.
        """
        more = {fact.name: fact for fact in declared}
        if not more:
            return self
        wider = Registry()
        wider._facts, wider._families = more | self._facts, self._families
        wider.makers = self.makers
        return wider

    def over(self, others: Iterable[Fact]) -> Registry:
        """A registry in which these facts stand for those of their names."""
        other = Registry()
        other._facts = self._facts | {fact.name: fact for fact in others}
        other._families, other.makers = self._families, self.makers
        return other

    def get(self, name: str) -> Fact:
        """The fact of this name. Raises `UnknownFact`, naming the nearest fact there is."""
        fact = self._find(name)
        if fact is None:
            examples = [family.example for family in self._families]
            hint = did_you_mean(name, [*self._facts, *examples])
            raise UnknownFact(f"There is no fact “{name[:NAME_LENGTH]}”{hint or '.'}")
        return fact

    def names(self, subject: Subject = Subject.LEAD) -> tuple[str, ...]:
        """Names of the single facts about a subject, in the order they were registered.

        Without those that are read on demand only.
        """
        return tuple(
            name
            for name, fact in self._facts.items()
            if fact.subject is subject and not fact.on_demand
        )

    def families(self) -> tuple[FactFamily, ...]:
        """The parametrised facts, in the order they were registered."""
        return tuple(self._families)

    def __iter__(self) -> Iterator[Fact]:
        return iter(self._facts.values())

    def __contains__(self, name: object) -> bool:
        try:
            return isinstance(name, str) and self._find(name) is not None
        except UnknownFact:
            return False

    def read_all(self, snapshot: Any, names: Iterable[str]) -> dict[str, object]:
        """The cleaned values of these facts; None where missing.

        Raises `UnknownFact` for a name nobody registered, `FactMisread` for a wrong reader.
        """
        facts = self._facts
        return {name: (facts.get(name) or self.get(name)).value(snapshot) for name in names}

    def to_document(self, values: Mapping[str, object]) -> dict[str, object]:
        """Fact values as JSON can keep them; decimals become text so that no digit is lost."""
        return {
            name: str(value) if isinstance(value, Decimal) else value
            for name, value in values.items()
        }

    def from_document(self, document: Mapping[str, Any]) -> dict[str, object]:
        """Fact values as `to_document` kept them, ready to be judged again."""
        return {name: self._restored(name, value) for name, value in document.items()}

    def _restored(self, name: str, value: Any) -> object:
        fact = self.get(name)
        if fact.type is FactType.NUMBER and isinstance(value, str):
            return fact.clean(Decimal(value))
        return fact.clean(value)

    def _find(self, name: str) -> Fact | None:
        fact = self._facts.get(name) or self._made.get(name)
        if fact is None and len(name) <= NAME_LENGTH:
            fact = next(filter(None, (family.match(name) for family in self._families)), None)
            if fact is not None:
                self._remember(fact)
        return fact

    def _remember(self, fact: Fact) -> None:
        # Bounded, as the names come from documents that people write.
        if len(self._made) >= 1000:
            self._made.clear()
        self._made[fact.name] = fact


registry = Registry()
