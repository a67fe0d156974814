"""What the columns of an unknown table hold, guessed from headings and values. Decides nothing.

Only a proposal: people see it beside sample values and have the last word. A presets' mapping goes
first where a table is recognised; else headings by their words, then values by their looks.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from leads import cleansing, own_fields, references
from lifecycle.importing import converting, heading_words, mapping
from lifecycle.importing.mapping import Meanings
from lifecycle.importing.tables import SAMPLE, Table

DATE_FORMS: Mapping[str, tuple[str, ...]] = {
    "": converting.ANY,
    "day": ("iso", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d/%m/%y", "%d.%m.%y",
            "%d/%m/%Y %H:%M", "%d.%m.%Y %H:%M", "%d-%m-%Y %H:%M", "%d/%m/%Y %H:%M:%S",
            "%d.%m.%Y %H:%M:%S", "%d %b %Y", "%d %b, %Y %H:%M:%S"),
    "month": ("iso", "%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y", "%m/%d/%Y %H:%M", "%m/%d/%Y %I:%M %p",
              "%m/%d/%Y %H:%M:%S", "%b %d, %Y", "%b %d, %Y %I:%M %p"),
}  # fmt: skip
"""Ways to write an instant, by what people choose: found out, day first, month first."""

STAGES = heading_words.STAGES
HEADINGS: Mapping[str, str] = {
    word: target for target, words in heading_words.WORDS.items() for word in words.split()
}
"""Headings as people write them, folded, and what they mean."""

WAYS: Mapping[str, tuple[str, str]] = {"consent": ("consent", "opt_in"),
                                       "opt_out": ("consent", "opt_out")}  # fmt: skip
"""Choices that are a target read in a way of their own."""

UNNAMED = references.UNNAMED
_SURE = 0.6
_NAME_OF = re.compile(r"(_id)?/(display_)?name$")
_AROUND = re.compile(r"\([^)]*\)|\[[^\]]*\]|\*")
_PHONE = re.compile(r"\+?[\d\s().\-/]{7,24}(?:\s?(?:x|ext\.?)\s?\d{1,5})?")
_WEB = re.compile(
    r"(?:https?://)?(?:www\.)?[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*\.[a-z]{2,}(?:/\S*)?"
)


def guess(
    headings: Sequence[str],
    columns: Sequence[Sequence[str]],
    *,
    zone: str,
    ours: str,
    own: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """A mapping document for a table; `columns` are sample values by heading.

    `zone` is of instants that name none; `own` names the company's own fields by what they are
    read from (`own_fields.by_name`), and goes before what headings usually mean. Columns whose
    headings begin with `ours` were added by our own result file and are left out.
    """
    known = [heading for heading in headings if not heading.startswith(ours)]
    presets = mapping.recognise(known)
    if len(presets) == 1:
        document = mapping.document_of(presets[0][0])
        return bound(presets[0][0], known) | {"label": document["label"]}
    chosen = choose(headings, columns, ours=ours, own=own)
    return {
        "system": "",
        "label": "",
        "zone": zone,
        "exact": True,
        "ignored": [heading for heading in headings if heading.startswith(ours)],
        "constants": {},
        "columns": columns_of(chosen),
    }


def meanings_of(
    table: Table,
    *,
    system: str = "",
    ours: str = "LeadGov ",
    own: Mapping[str, str] | None = None,
) -> Meanings:
    """A mapping for a table without people to ask. Ids of no named `system` are fields only."""
    rows = [row.cells for row in itertools.islice(table, SAMPLE) if row.cells]
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(table.headings)
    document = guess(table.headings, columns, zone="UTC", ours=ours, own=own)
    document["system"] = system or document["system"] or UNNAMED
    if document["system"] == UNNAMED:
        for target in ("external_id", "history.deal_id", "history.deal_url"):
            document["columns"].pop(target, None)
    return mapping.read(document | {"label": document["label"] or "guessed"}, name="guess")


def bound(meanings: Meanings, headings: Sequence[str]) -> dict[str, Any]:
    """The document of a mapping, said of just the headings a table has."""
    document = mapping.document_of(meanings)
    places: dict[str, list[str]] = {}
    for heading in headings:
        places.setdefault(meanings.folded(heading), []).append(heading)
    columns = {}
    for column in meanings.columns:
        wanted = dict.fromkeys(meanings.folded(heading) for heading in column.headings)
        found = [heading for name in wanted for heading in places.get(name, ())]
        if found:
            columns[column.target] = document["columns"][column.target] | {"from": found}
    ignored = {meanings.folded(heading) for heading in meanings.ignored}
    document["ignored"] = [one for one in headings if meanings.folded(one) in ignored]
    return document | {"columns": columns, "exact": True, "prefixes": []}


def choose(
    headings: Sequence[str],
    columns: Sequence[Sequence[str]],
    *,
    ours: str = "\0",
    own: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Heading to choice, for those columns that mean something."""
    chosen: dict[str, str] = {}
    for heading, values in zip(headings, columns, strict=True):
        if heading.startswith(ours):
            continue
        if (field := (own or {}).get(own_fields.named(heading))) is not None:
            chosen[heading] = field
            continue
        by_words = meaning_of(heading)
        by_looks = looks(values)
        told = by_words if _agree(by_words, by_looks, values) else by_looks
        if told and not (told in chosen.values() and told not in _SEVERAL):
            chosen[heading] = told
    return _without_doubles(chosen, dict(zip(headings, columns, strict=True)))


def meaning_of(heading: str) -> str:
    """What a heading says by its words: as it stands, else without what is put around them.

    “Person - Email”, “partner_id/name”, “Telefon (geschäftlich)” and “Lead: Source” say it inside.
    """
    bare = _AROUND.sub(" ", _NAME_OF.sub("", heading))
    inner = re.split(r" - |: |/", bare)
    words = (heading, bare, inner[-1] if len(inner) > 1 else "")
    return next((found for word in words if (found := HEADINGS.get(mapping.plain(word), ""))), "")


def columns_of(chosen: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Choices by heading as the columns of a document."""
    columns: dict[str, dict[str, Any]] = {}
    for heading, choice in chosen.items():
        target, way = WAYS.get(choice, (choice, ""))
        said = columns.setdefault(target, {"from": []})
        said["from"].append(heading)
        if way:
            said["as"] = way
        if converting.USUAL.get(target) == "instant":
            said["formats"] = list(DATE_FORMS[""])
        if target == "history.stage":
            said["words"] = words_of(target)
        if target == "channel":
            said["words"] = words_of("channel")
            category = columns.setdefault("source.category", {"from": []})
            category["from"].append(heading)
            category["words"] = words_of("source.category")
    return columns


def words_of(target: str) -> dict[str, str]:
    """What all the presets together know the words of a column for, and before them our own."""
    words: dict[str, str] = {}
    for name in mapping.preset_names():
        for column in mapping.load(name).columns:
            if column.target == target:
                words |= column.words
    if target == "history.stage":
        words |= {said: key for key, some in STAGES.items() for said in some.split()}
    return words | {mapping.fold(key.replace("_", " ")): key for key in mapping.CHOICES[target]}


def looks(values: Iterable[str]) -> str:
    """What the values of a column look like; empty when nothing is sure."""
    filled = [value.strip() for value in values if value.strip()]
    if not filled:
        return ""
    for target, test in (("person.email", _is_email), ("company.domain", _is_web),
                         ("person.phone", _is_phone)):  # fmt: skip
        if sum(map(test, filled)) / len(filled) >= _SURE:
            return target
    return ""


_SEVERAL = frozenset(("person.email", "person.phone"))
"""Targets that take the first filled one of several columns."""


def _agree(by_words: str, by_looks: str, values: Sequence[str]) -> bool:
    """Whether the words of a heading may stand against the looks of its values."""
    if not by_words:
        return False
    if by_words == "person.email" and any(values):
        return by_looks == "person.email"
    if by_words in ("person.full_name", "company.name", "note"):
        return by_looks != "person.email"
    return True


def _without_doubles(chosen: dict[str, str], values: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """One name in full is no use beside its parts; beside a first name it may be the last one."""
    by_target = {target: heading for heading, target in chosen.items()}
    full, first = by_target.get("person.full_name"), by_target.get("person.first_name")
    if full is None or not by_target.keys() & {"person.first_name", "person.last_name"}:
        return chosen
    if first is None or "person.last_name" in by_target:
        # “Name” beside “Last name” alone is the first name in some tables, more often the whole.
        both = first is not None
        return {one: what for one, what in chosen.items() if not (both and one == full)}
    pairs = [pair for pair in zip(values[first], values[full], strict=True) if all(pair)]
    if sum(whole.startswith(begin) for begin, whole in pairs) > len(pairs) / 2:
        return {one: what for one, what in chosen.items() if one != first}
    return chosen | {full: "person.last_name"}


def _is_email(value: str) -> bool:
    if "@" not in value:
        return False
    try:
        converting.email(value)
    except converting.NoValue:
        return False
    return True


def _is_phone(value: str) -> bool:
    digits = sum(sign.isdigit() for sign in value)
    formed = value.startswith("+") or any(sign in value for sign in " -()/")
    dated = bool(re.match(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}", value))
    return 7 <= digits <= 15 and formed and not dated and bool(_PHONE.fullmatch(value))


def _is_web(value: str) -> bool:
    return (
        bool(_WEB.fullmatch(value.casefold())) and cleansing.registrable_domain(value) is not None
    )
