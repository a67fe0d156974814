"""What a condition can be about, as editors offer it: every fact, families with open numbers. Pure.

A family such as `signal.{kind}.count_{days}d` is offered once for each known `kind`, with `days`
left open: `signal.demo_request.count_{days}d` and a field for the number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from governance.facts import (
    Fact,
    FactFamily,
    FactType,
    Registry,
    Slug,
    Subject,
    UnknownFact,
    Whole,
    did_you_mean,
)

TYPE_WORDS = {
    FactType.TEXT: "text",
    FactType.INTEGER: "whole number",
    FactType.NUMBER: "number",
    FactType.BOOLEAN: "yes or no",
    FactType.CHOICE: "choice",
}
_OPEN = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a family that is left to whoever writes the condition."""

    name: str
    low: int
    high: int
    usual: str

    @property
    def label(self) -> str:
        """“Days”."""
        return self.name.replace("_", " ").capitalize()

    def fault(self, text: str) -> str:
        """What is wrong with this text as the number; empty when nothing is."""
        try:
            Whole(self.low, self.high).parse(text if re.fullmatch("[0-9]{1,9}", text) else "-1")
        except ValueError:
            return f"{self.label}: enter a whole number from {self.low} to {self.high}."
        return ""


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing a test may be about. `name` has its open numbers in braces."""

    name: str
    label: str
    type: FactType
    unit: str = ""
    help: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    numbers: tuple[Number, ...] = ()
    listed: Callable[[], Iterable[tuple[str, str]]] | None = None

    def offered(self) -> tuple[tuple[str, str], ...]:
        """The choices there are now; of some facts the database is asked for them."""
        return self.choices if self.listed is None else tuple(self.listed())

    @property
    def group(self) -> str:
        """The heading it stands under: the first word of its name."""
        return self.name.partition(".")[0].capitalize()

    @property
    def line(self) -> str:
        """“company.employees · whole number in employees”."""
        unit = f" in {self.unit}" if self.unit else ""
        return f"{self.name} · {TYPE_WORDS[self.type]}{unit}"

    def fact_name(self, numbers: Mapping[str, str]) -> str:
        """The name of the fact with these numbers in it, whatever they are."""
        return _OPEN.sub(lambda found: numbers.get(found[1], ""), self.name)


class Catalogue:
    """Everything on offer about one subject.

    `known` gives the values of families' slugs, such as a kit's signals. Families are about leads.
    """

    def __init__(
        self,
        registry: Registry,
        *,
        known: Mapping[str, Iterable[str]] | None = None,
        about: Subject = Subject.LEAD,
    ) -> None:
        self.registry = registry
        self.about = about
        values = {name: tuple(found) for name, found in (known or {}).items()}
        offers = [_of_fact(fact) for fact in registry if fact.subject is about]
        for family in registry.families() if about is Subject.LEAD else ():
            offers += _of_family(family, values)
        self.offers = tuple(_told_apart(offers))
        self._by_name = {offer.name: offer for offer in self.offers}
        self._by_label = {offer.label.casefold(): offer for offer in self.offers}

    def find(self, text: str) -> Offer | None:
        """The offer of this name or label; also one of a family that is not on the list."""
        found = self._by_name.get(text) or self._by_label.get(text.strip().casefold())
        return found or self.split(text.strip())[0]

    def split(self, name: str) -> tuple[Offer | None, dict[str, str]]:
        """The offer that a fact's full name belongs to, and the numbers in that name."""
        if name in self._by_name:
            return self._by_name[name], {}
        for family in self.registry.families() if self.about is Subject.LEAD else ():
            found = _expression(family).fullmatch(name)
            if found:
                return self._of_match(family, found.groupdict())
        return None, {}

    def shown(self, offer: Offer) -> str:
        """What stands in the field for it: its label, or its name when it is not on the list."""
        return offer.label if self._by_label.get(offer.label.casefold()) == offer else offer.name

    def nearest(self, text: str) -> str:
        """“; did you mean “Company size”?”, or an empty string."""
        return did_you_mean(text, [*self._by_name, *(offer.label for offer in self.offers)])

    def _of_match(
        self, family: FactFamily, given: Mapping[str, str]
    ) -> tuple[Offer | None, dict[str, str]]:
        slugs = {name: given[name] for name, one in family.parameters.items() if _is_slug(one)}
        numbers = {
            name: text
            for name, text in given.items()
            if name not in slugs and not text.startswith("{")
        }
        try:
            offer = _offer(family, slugs)
        except UnknownFact:
            return None, {}
        return self._by_name.get(offer.name, offer), numbers


def _is_slug(parameter: Slug | Whole) -> bool:
    return isinstance(parameter, Slug)


def _of_fact(fact: Fact) -> Offer:
    return Offer(
        fact.name, fact.label, fact.type, fact.unit, fact.help, fact.choices, listed=fact.listed
    )


def _of_family(family: FactFamily, known: Mapping[str, tuple[str, ...]]) -> Iterator[Offer]:
    """One offer for each combination of the slugs' known values; none where they are unknown."""
    combinations: list[dict[str, str]] = [{}]
    for name, parameter in family.parameters.items():
        if isinstance(parameter, Slug):
            values = parameter.known or known.get(name, ())
            combinations = [one | {name: value} for one in combinations for value in values]
    for slugs in combinations:
        try:
            yield _offer(family, slugs)
        except UnknownFact:
            continue


def _offer(family: FactFamily, slugs: Mapping[str, str]) -> Offer:
    """The offer with these slugs. Raises `UnknownFact` where the family has no such fact."""
    usual = _numbers_of_example(family)
    numbers = tuple(
        Number(name, one.low, one.high, usual.get(name, str(one.low)))
        for name, one in family.parameters.items()
        if isinstance(one, Whole)
    )
    name = _OPEN.sub(lambda found: slugs.get(found[1], found[0]), family.pattern)
    highest = {number.name: str(number.high) for number in numbers}
    fact = family.match(_OPEN.sub(lambda found: highest[found[1]], name))
    if fact is None:
        raise UnknownFact(f"{name} is none of {family.pattern}")
    label = fact.label
    for number in numbers:
        label = label.replace(str(number.high), "…")
    return Offer(name, label, fact.type, fact.unit, fact.help, fact.choices, numbers)


def _numbers_of_example(family: FactFamily) -> dict[str, str]:
    found = _expression(family).fullmatch(family.example)
    return found.groupdict() if found else {}


def _expression(family: FactFamily) -> re.Pattern[str]:
    """The pattern of the full names, with parameters filled in or left open."""
    pieces = _OPEN.split(family.pattern)
    inner = [
        f"(?P<{piece}>{family.parameters[piece].pattern}|{{{piece}}})"
        if place % 2
        else re.escape(piece)
        for place, piece in enumerate(pieces)
    ]
    return re.compile("".join(inner))


def _told_apart(offers: list[Offer]) -> Iterator[Offer]:
    """Labels are what people type, so no two may be the same."""
    seen: set[str] = set()
    for offer in offers:
        label = offer.label
        if label.casefold() in seen:
            label = f"{label} ({offer.name})"
        seen.add(label.casefold())
        yield replace(offer, label=label)
