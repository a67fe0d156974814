"""Why two people may be one, in words: fields and findings, never values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.texts import _, lazy
from leads.likeness import Field
from leads.personal_names import Found

FIELDS = {
    Field.FIRST_NAME: lazy("first name"),
    Field.LAST_NAME: lazy("last name"),
    Field.NAMES_SWAPPED: lazy("names in the other order"),
    Field.EMAIL: "e-mail",
    Field.PHONE: "phone",
    Field.COMPANY: "company",
    Field.COUNTRY: "country",
    Field.TITLE: lazy("job title"),
}
FINDINGS = {
    Found.EQUAL: "same {}",
    Found.SHORT_FORM: "{} is a short form",
    Found.ALIKE: "similar {}",
    Found.SAME_MAILBOX_NAME: lazy("same name before the @"),
    Found.OTHER: "other {}",
    Found.ANOTHER: "clearly another {}",
}
PERSON = lazy("somebody here says so")


def speak(reasons: Sequence[Mapping[str, Any]]) -> str:
    """`Same last name, similar first name; against it: other country`."""
    speaks_for = [_one(one) for one in reasons if one.get("bits", 1) >= 0]
    against = [_one(one) for one in reasons if one.get("bits", 1) < 0]
    told = ", ".join(filter(None, speaks_for)) or _("no field speaks for it")
    sentence = told[:1].upper() + told[1:]
    return (
        _("{sentence}; against it: {filter}").format(
            sentence=sentence, filter=", ".join(filter(None, against))
        )
        if against
        else sentence
    )


def _one(reason: Mapping[str, Any]) -> str:
    rule = str(reason.get("rule", ""))
    if rule == "PERSON":
        return PERSON
    if rule == Field.NAMES_SWAPPED:
        return FIELDS[Field.NAMES_SWAPPED]
    field = FIELDS.get(rule, rule.replace("_", " ").lower())  # type: ignore[call-overload]
    pattern = FINDINGS.get(str(reason.get("found", "EQUAL")), "same {}")  # type: ignore[call-overload]
    return str(pattern).format(field)
