"""Which heading of a foreign table means what. A mapping is YAML; presets lie beside this file.

    system: acme                   whose ids these are; they are unique per system
    label: Acme CRM
    extends: zoho                  take over another mapping; what stands here goes first
    prefixes: [property_]          left out of headings before they are compared
    recognised_by: [[Lead Owner, Created Time]]   a table with all headings of one list is ours
    zone: Europe/Berlin            of instants that name none; UTC otherwise
    unanswered: [Select]           values that mean “no answer”, beside the usual ones
    ignored: [System Modstamp]     columns that are not kept at all
    constants: {source.medium: crm}
    exact: true                    headings are meant letter by letter
    columns:
      person.email: [Email, E-mail]              the first of these columns that is filled
      occurred_at: {from: [Created], formats: [iso, "%d-%m-%Y"]}
      channel: {from: [Lead Source], words: {Cold Call: OUTBOUND}}

Headings are compared without regard to case, spaces and signs. What no target names is kept with
the touch as a field. Pure but for reading the presets.
"""

from __future__ import annotations

import functools
import re
import unicodedata
import zoneinfo
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from core import zones
from core.errors import FieldError, InvalidInput
from governance import kit_yaml
from leads import intake, own_fields, past
from leads.models.touch import Channel, SourceCategory
from lifecycle.importing import converting

PRESETS = Path(__file__).parent / "presets"
TARGETS = frozenset(
    {f"{section}.{name}" for section, names in intake.LIMITS.items() for name in names}
    | {f"history.{name}" for name in (*past.WORDS, *past.INSTANTS)}
    | {
        "person.full_name",
        "external_id",
        "external_url",
        "occurred_at",
        "consent",
        "note",
        "channel",
    }
)
UNANSWERED = frozenset(
    ("-", "--", "\u2013", "\u2014", "-None-", "--None--", "Select", "N/A", "n/a", "#N/A", "NULL",
     "null", "(not set)", "(blank)", "(empty)", "\\N")
)  # fmt: skip
CHOICES = {
    "channel": Channel.values,
    "source.category": SourceCategory.values,
    "history.stage": past.SAYABLE,
}
OF_ONE = frozenset(
    {"external_id", "external_url", "occurred_at", "person.full_name"}
    | {f"history.{name}" for name in past.INSTANTS}
)
"""What each row says for itself."""
OF_ALL = "history.owner_else"
"""What no row says for itself: the owner where a row names nobody who is known here."""
_KEYS = frozenset(
    ("system", "label", "extends", "prefixes", "recognised_by", "zone", "unanswered", "ignored",
     "constants", "columns", "exact")
)  # fmt: skip
_COLUMN_KEYS = frozenset(("from", "as", "formats", "words"))
_SYSTEM = re.compile(r"[a-z][a-z0-9_-]{0,39}")


class BadMapping(InvalidInput):
    """The mapping cannot be used; `errors` names each place."""

    code = "bad_mapping"


@dataclass(frozen=True, slots=True)
class Column:
    """One target and the headings it may come from, the preferred first."""

    target: str
    headings: tuple[str, ...]
    convert: str
    formats: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Meanings:
    """A whole mapping, checked. `words` of its columns are folded as headings are."""

    name: str
    system: str
    label: str
    columns: tuple[Column, ...]
    constants: Mapping[str, str]
    zone: zoneinfo.ZoneInfo
    unanswered: frozenset[str]
    ignored: frozenset[str]
    prefixes: tuple[str, ...]
    recognised_by: tuple[tuple[str, ...], ...]
    exact: bool = False

    def folded(self, heading: str) -> str:
        """A heading as it is compared."""
        if self.exact:
            return heading.strip()
        low = heading.strip().casefold()
        for prefix in self.prefixes:
            low = low.removeprefix(prefix)
        return fold(low)

    def recognises(self, headings: Iterable[str]) -> tuple[str, ...]:
        """The headings by which a table is known to be of this kind; empty if it is not."""
        there = {self.folded(heading) for heading in headings}
        for group in self.recognised_by:
            if {self.folded(heading) for heading in group} <= there:
                return group
        return ()


def fold(text: str) -> str:
    """A heading or word without case, accents of form, spaces and signs."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(sign for sign in plain if sign.isalnum()) or plain.strip()


def plain(text: str) -> str:
    """A heading or word folded, and without accents, too, as people type in a hurry."""
    apart = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    return fold("".join(sign for sign in apart if not unicodedata.combining(sign)))


def preset_names() -> list[str]:
    """The names `--mapping` knows, in order."""
    return sorted(path.stem for path in PRESETS.glob("*.yaml"))


def load(name_or_path: str) -> Meanings:
    """A preset by name, or a mapping by path. Raises BadMapping saying what is wrong where."""
    if name_or_path in preset_names():
        return _preset(PRESETS / f"{name_or_path}.yaml")
    path = Path(name_or_path)
    if path.suffix not in (".yaml", ".yml") or not path.is_file():
        known = ", ".join(preset_names())
        raise BadMapping(f"There is no mapping “{name_or_path}”: name {known}, or a YAML file.")
    return parse(_read(path), name=path.stem)


@functools.cache
def _preset(path: Path) -> Meanings:
    """Read once a process: it comes with the product, and a table is held against all of them."""
    return parse(_read(path), name=path.stem)


def recognise(headings: Iterable[str]) -> list[tuple[Meanings, tuple[str, ...]]]:
    """The presets that know a table by its headings, with those headings."""
    there = list(headings)
    presets = [load(name) for name in preset_names()]
    return [(one, known) for one in presets if (known := one.recognises(there))]


def parse(text: str, *, name: str) -> Meanings:
    """A mapping out of its YAML. Raises BadMapping with every fault."""
    return read(kit_yaml.read(text), name=name)


def read(document: Mapping[str, Any], *, name: str) -> Meanings:
    """A mapping out of its document. Raises BadMapping with every fault."""
    faults = [
        FieldError(key, f"Unknown entry; known are {', '.join(sorted(_KEYS))}.")
        for key in sorted(document.keys() - _KEYS)
    ]
    base = load(str(document["extends"])) if document.get("extends") else None
    system = document.get("system", base.system if base else "")
    if not isinstance(system, str) or not _SYSTEM.fullmatch(system):
        faults.append(
            FieldError("system", "Name the system the ids are of, in small letters: acme_crm.")
        )
    found = Meanings(
        name=name,
        system=str(system),
        label=str(document.get("label", name)),
        columns=tuple(_columns(document.get("columns") or {}, faults)),
        constants=_constants(document.get("constants") or {}, faults),
        zone=_zone(document.get("zone", base.zone.key if base else "UTC"), faults),
        unanswered=UNANSWERED | set(_texts(document, "unanswered", faults)),
        ignored=frozenset(_texts(document, "ignored", faults)),
        prefixes=tuple(word.casefold() for word in _texts(document, "prefixes", faults)),
        recognised_by=tuple(
            tuple(map(str, group)) if isinstance(group, list) else ()
            for group in document.get("recognised_by") or []
        ),
        exact=document.get("exact") is True,
    )
    if faults:
        told = "; ".join(f"{fault.field}: {fault.message}" for fault in faults[:5])
        raise BadMapping(f"The mapping “{name}” cannot be used. {told}", errors=faults)
    return _extended(found, base) if base else found


def document_of(meanings: Meanings) -> dict[str, Any]:
    """The document that reads as this mapping, to be kept with what was imported by it."""
    return {
        "system": meanings.system,
        "label": meanings.label,
        "zone": meanings.zone.key,
        "exact": meanings.exact,
        "prefixes": list(meanings.prefixes),
        "unanswered": sorted(meanings.unanswered - UNANSWERED),
        "ignored": sorted(meanings.ignored),
        "constants": dict(meanings.constants),
        "columns": {column.target: _said(column) for column in meanings.columns},
    }


def _said(column: Column) -> dict[str, Any]:
    said: dict[str, Any] = {"from": list(column.headings), "as": column.convert}
    if column.convert == "instant":
        said["formats"] = list(column.formats)
    if column.words:
        said["words"] = dict(column.words)
    return said


def _extended(own: Meanings, base: Meanings) -> Meanings:
    """What the mapping itself says of a target replaces what the other says of it."""
    said = {column.target for column in own.columns} | own.constants.keys()
    inherited = tuple(column for column in base.columns if column.target not in said)
    return replace(
        own,
        columns=own.columns + inherited,
        constants={name: value for name, value in base.constants.items() if name not in said}
        | dict(own.constants),
        unanswered=own.unanswered | base.unanswered,
        ignored=own.ignored | base.ignored,
        prefixes=own.prefixes + base.prefixes,
        recognised_by=own.recognised_by or base.recognised_by,
    )


def _columns(raw: object, faults: list[FieldError]) -> Iterable[Column]:
    if not isinstance(raw, Mapping):
        faults.append(FieldError("columns", "This must be an object: target to headings."))
        return
    for target, said in raw.items():
        path = f"columns.{target}"
        if target not in TARGETS - {OF_ALL} and not own_fields.is_name(str(target)):
            known = ", ".join(sorted(TARGETS - {OF_ALL}))
            faults.append(
                FieldError(
                    path,
                    f"There is no such target; known are {known}, and field.KEY of own fields.",
                )
            )
            continue
        options = said if isinstance(said, Mapping) else {"from": said}
        yield _column(target, options, path, faults)


def _column(target: str, options: Mapping[str, Any], path: str, faults: list[FieldError]) -> Column:
    faults += [
        FieldError(f"{path}.{key}", "Known are from, as, formats and words.")
        for key in sorted(options.keys() - _COLUMN_KEYS)
    ]
    headings = _texts(options, "from", faults, path=path, required=True)
    convert = options.get("as", converting.USUAL.get(target, "text"))
    if convert not in converting.KINDS:
        known = ", ".join(sorted(converting.KINDS))
        faults.append(FieldError(f"{path}.as", f"Known ways to read a value are {known}."))
    named = tuple(_texts(options, "formats", faults, path=path)) or converting.FORMATS
    formats = converting.ANY if "any" in named else named
    faults += [
        FieldError(f"{path}.formats", fault)
        for pattern in formats
        if (fault := converting.fault_of_format(pattern))
    ]
    words = options.get("words") or {}
    if not isinstance(words, Mapping):
        faults.append(FieldError(f"{path}.words", "This must be an object: word to value."))
        words = {}
    for value in words.values():
        _choice(target, value, f"{path}.words", faults)
    return Column(
        target,
        tuple(headings),
        str(convert),
        formats,
        {fold(word): str(value) for word, value in words.items()},
    )


def _constants(raw: object, faults: list[FieldError]) -> dict[str, str]:
    if not isinstance(raw, Mapping):
        faults.append(FieldError("constants", "This must be an object: target to value."))
        return {}
    for target, value in raw.items():
        if target not in TARGETS - OF_ONE:
            faults.append(FieldError(f"constants.{target}", "This cannot be the same for all."))
        elif not isinstance(value, str):
            faults.append(FieldError(f"constants.{target}", "This must be text."))
        else:
            _choice(target, value, f"constants.{target}", faults)
    return {str(target): str(value) for target, value in raw.items()}


def _choice(target: str, value: object, path: str, faults: list[FieldError]) -> None:
    known = CHOICES.get(target)
    if known and value not in known:
        faults.append(FieldError(path, f"“{value}” is none of {', '.join(known)}."))


def _zone(raw: object, faults: list[FieldError]) -> zoneinfo.ZoneInfo:
    if zones.is_known(raw):
        return zoneinfo.ZoneInfo(str(raw))
    faults.append(FieldError("zone", f"“{raw}” is no time zone; write one like Europe/Berlin."))
    return zoneinfo.ZoneInfo("UTC")


def _texts(
    source: Mapping[str, Any],
    key: str,
    faults: list[FieldError],
    *,
    path: str = "",
    required: bool = False,
) -> list[str]:
    raw = source.get(key)
    if not raw and not required:
        return []
    if isinstance(raw, str):
        raw = [raw]
    if not isinstance(raw, list) or not raw or not all(isinstance(one, str) for one in raw):
        where = f"{path}.{key}" if path else key
        faults.append(FieldError(where, "This must be a list of texts."))
        return []
    return raw


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadMapping(f"The mapping {path} cannot be read: {error}.") from None
