"""Own fields of a lead in words: what they have, where it is from, what cannot be read. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from core.texts import _
from governance.facts import FactType
from leads.own_fields import Answer, OwnField


def shown(asked: OwnField, answer: Answer) -> str:
    """`Marketing`, `yes`, `1,234.5 minutes`; of an answer that is no value, what was said."""
    value = answer.value
    if value is None and answer.text:
        return f"“{answer.text[:80]}” ({_no(asked)})"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if asked.type is FactType.NUMBER:
        return " ".join(filter(None, (f"{value:,f}", asked.unit)))
    return str(value)


def origin(answer: Answer, *, day: Callable[[datetime], str]) -> str:
    """`From somebody here, 3 May`, `From a touchpoint, 3 May`."""
    who = _("somebody here") if answer.by_hand else _("a touchpoint")
    return _("From {who}, {day}").format(who=who, day=day(answer.at))


def declared(asked: OwnField) -> str:
    """`Number, in minutes.`, `One of Unemployed; Student.`, with the name that rules use."""
    told = {
        FactType.NUMBER: _("Number, in {unit}").format(unit=asked.unit)
        if asked.unit
        else _("Number"),
        FactType.BOOLEAN: _("Yes or no"),
        FactType.CHOICE: _("One of {choices}").format(choices="; ".join(asked.choices)),
    }.get(asked.type, _("Text"))
    return _("{told}. Rules call it {name}.").format(told=told, name=asked.name)


def picks(asked: OwnField) -> list[tuple[str, str]]:
    """What somebody chooses from; empty where they write."""
    if asked.type is FactType.BOOLEAN:
        return [("yes", _("Yes")), ("no", _("No"))]
    return [(one, one) for one in asked.choices]


def pick(value: object) -> str:
    """What is chosen now."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _no(asked: OwnField) -> str:
    """Why rules take it as missing."""
    return {
        FactType.NUMBER: _("not a number, so it counts as missing"),
        FactType.BOOLEAN: _("neither yes nor no, so it counts as missing"),
    }.get(asked.type, _("not on the list, so it counts as missing"))
