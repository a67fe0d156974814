"""What a column of an imported table may be, as people choose it, and a mapping read from that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.errors import FieldError
from core.texts import _
from governance.kit import Kit
from leads import own_fields, past
from leads.models import SourceCategory
from lifecycle import touch_words
from lifecycle.importing import converting, guessing, mapping
from lifecycle.importing.mapping import BadMapping

KEEP, LEAVE = "", "-"
STAGE = "history.stage"
STAGE_WORD = "stage:"
"""Before a word of the table, the name of the field that says which stage it means."""
GROUPS, LABELS = touch_words.GROUPS, touch_words.LABELS
CONSTANTS = (
    "person.country", "source.campaign", "source.category", "history.stage", "history.owner_else"
)  # fmt: skip
"""What may be the same for all rows, beside the channel."""


def groups(kit: Kit | None) -> dict[str, Mapping[str, str]]:
    """What a column may be, group by group, the kit's own fields among it."""
    own = (
        {
            one.name: _("Own field: {label}").format(label=one.label)
            for one in own_fields.of_kit(kit)
        }
        if kit
        else {}
    )
    return {**GROUPS, **({"Own fields": own} if own else {})}


def chosen(document: Mapping[str, Any], heading: str) -> tuple[str, tuple[str, ...]]:
    """What a mapping makes of a column: the choice shown, and what else it is taken for."""
    if heading in document.get("ignored", ()):
        return LEAVE, ()
    taken = [
        _choice(target, said)
        for target, said in document.get("columns", {}).items()
        if heading in said["from"]
    ]
    return (taken[0], tuple(taken[1:])) if taken else (KEEP, ())


def read(
    base: Mapping[str, Any], headings: Sequence[str], given: Mapping[str, str]
) -> dict[str, Any]:
    """The mapping somebody chose, as a document. `base` is what the page proposed.

    What the proposal knows of a column (words, forms of dates) stays where its choice stays.
    `given` holds a choice for each shown column as c0, c1 …, and the fields of the form.
    Raises BadMapping.
    """
    columns: dict[str, dict[str, Any]] = {}
    ignored: list[str] = []
    for place, heading in enumerate(headings):
        was, _rest = chosen(base, heading)
        choice = given.get(f"c{place}", was)
        if choice == LEAVE:
            ignored.append(heading)
        elif choice != KEEP:
            if choice not in LABELS and not own_fields.is_name(choice):
                raise _unknown(heading)
            _add(columns, _said(base, heading, choice, stays=choice == was))
    _order(columns, base)
    _say_stages(columns.get(STAGE, {}), given)
    if form := guessing.DATE_FORMS.get(given.get("dates", "")) if given.get("dates") else None:
        for target, said in columns.items():
            if converting.USUAL.get(target) == "instant":
                said["formats"] = list(form)
    constants = {
        name: value for name, value in base.get("constants", {}).items() if name not in CONSTANTS
    }
    constants |= {name: text for name in CONSTANTS if (text := given.get(name, "").strip())}
    return {
        "system": _system(given, columns),
        "label": str(base.get("label", "")),
        "zone": given.get("zone", "").strip() or "UTC",
        "exact": True,
        "unanswered": base.get("unanswered", []),
        "ignored": ignored,
        "constants": constants,
        "columns": columns,
    }


def stage_of(words: Mapping[str, str], said: str) -> str:
    """The stage a word of the table means by a mapping; empty if it does not know it."""
    return words.get(mapping.fold(said)) or words.get(mapping.plain(said), "")


def _say_stages(said: dict[str, Any], given: Mapping[str, str]) -> None:
    """What the table's words of stages mean, as chosen; a word that is left open means none."""
    words = dict(said.get("words", {}))
    for name, stage in given.items():
        if (
            not name.startswith(STAGE_WORD)
            or stage_of(words, name.removeprefix(STAGE_WORD)) == stage
        ):
            continue
        word = name.removeprefix(STAGE_WORD)
        words.pop(mapping.fold(word), None)
        words.pop(mapping.plain(word), None)
        if stage in past.SAYABLE:
            words[word] = stage
    if words:
        said["words"] = words


def _system(given: Mapping[str, str], columns: Mapping[str, Any]) -> str:
    named = given.get("system", "").strip()
    ids = {"external_id"} if given.get("as_what") == "live" else {"external_id", "history.deal_id"}
    if not named and ids & columns.keys():
        raise BadMapping(
            _("Say of which system the ids are."),
            errors=[
                FieldError(
                    "system",
                    _(
                        "Say of which system the ids are, in small letters: acme_crm. "
                        "The same id of the same system is the same buyer."
                    ),
                )
            ],
        )
    return named or "import"


def _choice(target: str, said: Mapping[str, Any]) -> str:
    return "opt_out" if target == "consent" and said.get("as") == "opt_out" else target


def _said(
    base: Mapping[str, Any], heading: str, choice: str, *, stays: bool
) -> Mapping[str, Mapping[str, Any]]:
    if not stays:
        return guessing.columns_of({heading: choice})
    return {
        target: {**said, "from": [heading]}
        for target, said in base["columns"].items()
        if heading in said["from"]
    }


def _add(columns: dict[str, dict[str, Any]], more: Mapping[str, Mapping[str, Any]]) -> None:
    for target, said in more.items():
        known = columns.setdefault(target, {**said, "from": []})
        if known.get("as") != said.get("as") and target == "consent":
            message = _("Two columns say whether mail is allowed; choose one of them.")
            raise BadMapping(message, errors=[FieldError("consent", message)])
        known["from"] = [*known["from"], *said["from"]]


def _order(columns: Mapping[str, dict[str, Any]], base: Mapping[str, Any]) -> None:
    """Of several columns of one target the first filled one counts; the proposal knows which."""
    for target, said in columns.items():
        first = list(base.get("columns", {}).get(target, {}).get("from", ()))
        said["from"].sort(
            key=lambda heading: first.index(heading) if heading in first else len(first)
        )


def _unknown(heading: str) -> BadMapping:
    message = _("{heading}: pick what it is from the list.").format(heading=heading)
    return BadMapping(message, errors=[FieldError("columns", message)])


CATEGORIES = tuple((str(key), str(label)) for key, label in SourceCategory.choices)
