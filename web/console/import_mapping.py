"""The mapping page of an import: each column, what it seems to be, samples, and the choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from core.errors import DomainError
from core.texts import _, lazy
from leads import past
from leads.models import Channel
from lifecycle.importing import guessing, mapping, proposing, reading, releasing, runs
from lifecycle.importing.tables import Peek
from lifecycle.models import ImportRun
from people.models import User
from routing.models import Pool
from web.console import import_targets
from web.console.lead_list import Option

TEMPLATE = "console/import_map.html"
SAMPLES = 3
LONGEST = 60
MOST_WORDS = 40
MOST_SHOWN = 150
"""Columns with a choice; of wider tables the rest is kept as fields."""
DATES = (("", lazy("Found out from the values")), ("day", lazy("Day first: 31/12/2026")),
         ("month", lazy("Month first: 12/31/2026")))  # fmt: skip
HISTORY, LIVE = "history", "live"


@dataclass(frozen=True, slots=True)
class Group:
    """Some choices under one heading."""

    label: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table."""

    name: str
    heading: str
    samples: tuple[str, ...]
    chosen: str
    also: str
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class StageWord:
    """A word the table has for a stage, and which it means."""

    name: str
    said: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class MappingPage:
    """What is chosen, and what may be."""

    url: str
    base: str
    basis: str
    bases: tuple[Option, ...]
    sheets: tuple[Option, ...]
    encodings: tuple[Option, ...]
    columns: tuple[Column, ...]
    unseen: int
    system: str
    zone: str
    country: str
    campaign: str
    stages: tuple[Option, ...]
    stage_words: tuple[StageWord, ...]
    owner_else: str
    channels: tuple[Option, ...]
    categories: tuple[Option, ...]
    dates: tuple[Option, ...]
    live: bool
    pace: str
    pools: tuple[Option, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which proposal, sheet and encoding the page goes by."""

    base: str = ""
    sheet: str = ""
    encoding: str = ""


def asked(query: Mapping[str, str]) -> Asked:
    """Read them from the address or the form."""
    return Asked(query.get("as", ""), query.get("sheet", ""), query.get("encoding", ""))


def build(
    run: ImportRun,
    reader: User,
    wanted: Asked,
    *,
    given: Mapping[str, str],
    fault: DomainError | None,
) -> MappingPage:
    """The page; after a refusal with what was given and why it was refused."""
    seen = runs.peek(run, sheet=wanted.sheet, encoding=wanted.encoding)
    base, document, basis = propose(run, seen, wanted.base, reader)
    document = _answered(document, seen, given)
    constants = document.get("constants", {})
    channel = given.get("channel", run.channel)
    return MappingPage(
        url=reverse("console:import-act", args=[run.pk, "check"]),
        base=base,
        basis=basis,
        bases=options((("guess", _("Guess from headings and values")), *_presets()), base),
        sheets=options(((one, one) for one in seen.sheets), seen.sheet),
        encodings=options(encodings(seen), wanted.encoding or run.encoding),
        columns=_columns(document, seen, given),
        unseen=max(0, len(seen.headings) - MOST_SHOWN),
        system=given.get("system", document.get("system", "")),
        zone=given.get("zone", document.get("zone", "UTC")),
        country=given.get("person.country", constants.get("person.country", "")),
        campaign=given.get("source.campaign", constants.get("source.campaign", "")),
        stages=options(
            (("", _("Inquiry, or what its dates say")), *((one, one) for one in past.SAYABLE[1:])),
            given.get("history.stage", constants.get("history.stage", "")),
        ),
        stage_words=_stage_words(document, seen),
        owner_else=given.get("history.owner_else", constants.get("history.owner_else", "")),
        channels=options((("", _("As the table says, else import")), *Channel.choices), channel),
        categories=options(
            (("", _("As table and attribution rules say")), *import_targets.CATEGORIES),
            given.get("source.category", constants.get("source.category", "")),
        ),
        dates=options(DATES, given.get("dates", "")),
        live=given.get("as_what", LIVE if run.live else HISTORY) == LIVE,
        pace=given.get("pace", str(run.pace_per_rep or "")),
        pools=options(_pools(), given.get("pool", run.pace_pool)),
        problems=problems(fault),
    )


def check(run: ImportRun, reader: User, given: Mapping[str, str]) -> ImportRun:
    """Ask for the dry run that was chosen. Raises DomainError."""
    wanted = asked(given)
    seen = runs.peek(run, sheet=wanted.sheet, encoding=wanted.encoding)
    _rest, proposed, _rest = propose(run, seen, wanted.base, reader)
    live = given.get("as_what") == LIVE
    return runs.check(
        run.pk,
        document=import_targets.read(proposed, seen.headings, given),
        by=reader,
        channel=given.get("channel", ""),
        live=live,
        pace=releasing.read_pace(given.get("pace", ""), given.get("pool", ""), live=live),
        sheet=wanted.sheet,
        encoding=wanted.encoding,
    )


def propose(
    run: ImportRun, seen: Peek, wanted: str, reader: User
) -> tuple[str, dict[str, Any], str]:
    """A mapping to begin with: its key, its document, and in words where it comes from."""
    base, document, told = _proposed(run, seen, wanted, reader)
    return base, proposing.without_ours(document, seen), told


def _proposed(
    run: ImportRun, seen: Peek, wanted: str, reader: User
) -> tuple[str, dict[str, Any], str]:
    if wanted in mapping.preset_names():
        preset = mapping.load(wanted)
        return (
            wanted,
            guessing.bound(preset, seen.headings),
            _("By the preset {label}.").format(label=preset.label),
        )
    if not wanted:
        if run.mapping:
            return "", proposing.exact(run.mapping, seen), _("As it was mapped before.")
        if known := runs.remembered(seen.headings):
            return (
                "",
                proposing.exact(known.document, seen),
                _("As a table with these headings was last."),
            )
    document = proposing.guessed(seen, zone=reader.time_zone)
    label = document.get("label")
    told = (
        _("Recognised as {label}.").format(label=label)
        if label
        else _("Guessed from headings and values: look over it.")
    )
    return "guess", document, told


def _answered(document: dict[str, Any], seen: Peek, given: Mapping[str, str]) -> dict[str, Any]:
    if not given:
        return document
    try:
        return import_targets.read(document, seen.headings, given)
    except DomainError:
        return document


def _columns(
    document: Mapping[str, Any], seen: Peek, given: Mapping[str, str]
) -> tuple[Column, ...]:
    groups = import_targets.groups(proposing.kit())
    shown = []
    for place, heading in enumerate(seen.headings[:MOST_SHOWN]):
        was, also = import_targets.chosen(document, heading)
        choice = given.get(f"c{place}", was)
        named = ", ".join(import_targets.LABELS.get(one, one).lower() for one in also)
        shown.append(
            Column(
                name=f"c{place}",
                heading=heading,
                samples=samples(seen, place),
                chosen=choice,
                also=_("also {named}").format(named=named) if named and choice == was else "",
                groups=tuple(
                    Group(label, options(targets.items(), choice))
                    for label, targets in groups.items()
                ),
            )
        )
    return tuple(shown)


def samples(seen: Peek, place: int) -> tuple[str, ...]:
    """The first few values of a column, each once."""
    found: dict[str, None] = {}
    for row in seen.rows:
        if row.cells and (text := " ".join(row.cells[place].split())):
            found.setdefault(text if len(text) <= LONGEST else f"{text[:LONGEST]}…")
        if len(found) == SAMPLES:
            break
    return tuple(found)


def _stage_words(document: Mapping[str, Any], seen: Peek) -> tuple[StageWord, ...]:
    """The words of stages that the first rows hold, as the table writes them."""
    said = document.get("columns", {}).get(import_targets.STAGE)
    if not said:
        return ()
    places = [seen.headings.index(one) for one in said["from"] if one in seen.headings]
    cells = (row.cells[place].strip() for row in seen.rows if row.cells for place in places)
    found = [word for word in dict.fromkeys(cells) if word and len(word) <= LONGEST]
    choices = (("", _("No stage: keep as a field")), *((one, one) for one in past.SAYABLE))
    return tuple(
        StageWord(
            f"{import_targets.STAGE_WORD}{word}",
            word,
            options(choices, import_targets.stage_of(said.get("words", {}), word)),
        )
        for word in found[:MOST_WORDS]
    )


def _presets() -> Sequence[tuple[str, str]]:
    return [(name, mapping.load(name).label) for name in mapping.preset_names()]


def _pools() -> Sequence[tuple[str, str]]:
    known = Pool.objects.order_by("label").values_list("key", "label")
    return [("", _("Nobody: all at once")), *known]


def encodings(seen: Peek) -> Sequence[tuple[str, str]]:
    """The letters a text may be in, as choices; of a workbook there are none."""
    return [] if seen.is_workbook else [("", _("Found out")), *reading.ENCODINGS.items()]


def options(choices: Any, chosen: str) -> tuple[Option, ...]:
    """Choices with the one that is chosen."""
    return tuple(Option(str(key), str(label), str(key) == chosen) for key, label in choices)


def problems(fault: DomainError | None) -> tuple[str, ...]:
    """A refusal in sentences."""
    if fault is None:
        return ()
    return tuple(one.message for one in fault.errors) or (fault.message,)
