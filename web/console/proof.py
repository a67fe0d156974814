"""Criteria and facts of recorded decisions in plain words. Reads no tables; a kit is given."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.texts import _
from governance import condition_prose, facts
from governance.facts import FactType, Registry
from governance.kit import Kit
from web.console import places, words

COUNTED = re.compile(r"signal\.(.+)\.count_(\d+)d")
SIZE = "company.employees"
COUNTRIES = frozenset({"company.country", "person.country"})


@dataclass(frozen=True, slots=True)
class Check:
    """One criterion and how it fared; `tone` is ok, late (not met) or info."""

    tone: str
    text: str


def checks(judged: Iterable[Mapping[str, Any]], *, kit: Kit) -> tuple[Check, ...]:
    """Every criterion of a verdict, each with the facts it looked at."""
    return tuple(_check(one, kit) for one in judged)


def _check(one: Mapping[str, Any], kit: Kit) -> Check:
    labels = {criterion.key: criterion.label for criterion in kit.all_criteria}
    key = str(one.get("criterion", ""))
    label = labels.get(key, key.replace("_", " ").capitalize())
    seen = facts_in_words(one.get("facts", {}), kit.registry)
    return Check("ok" if one.get("met") else "late", f"{label}: {seen}" if seen else label)


def facts_in_words(
    seen: Mapping[str, Any], registry: Registry = facts.registry, *, missing: bool = False
) -> str:
    """`Company size 420 employees, Industry Logistics`; missing ones only when asked for."""
    told = [
        _fact(name, value, registry)
        for name, value in seen.items()
        if value not in (None, 0, False) or missing
    ]
    return ", ".join(told)


def _fact(name: str, value: Any, registry: Registry) -> str:
    counted = COUNTED.fullmatch(name)
    if counted:
        times = (
            "never"
            if not value
            else "once"
            if value == 1
            else _("{value} times").format(value=value)
        )
        return _("{replace} {times} in {plural}").format(
            replace=counted[1].replace("_", " "),
            times=times,
            plural=words.plural(int(counted[2]), "day"),
        )
    if name in COUNTRIES and value:
        return f"{_label(name, registry)} {places.country(str(value))}"
    if name == SIZE and isinstance(value, int):
        return f"{_label(name, registry)} {words.employees(value)}"
    return f"{_label(name, registry)} {_value(name, value, registry)}"


def _label(name: str, registry: Registry) -> str:
    try:
        return registry.get(name).label
    except facts.UnknownFact:
        return name


def _value(name: str, value: Any, registry: Registry) -> str:
    try:
        fact = registry.get(name)
        if fact.type is FactType.NUMBER and isinstance(value, str):
            value = fact.clean(round(Decimal(value), 1))
        said = condition_prose.value_words(fact, value)
    except (facts.UnknownFact, ArithmeticError, TypeError, ValueError):
        return str(value)
    return said.strip("“”")
