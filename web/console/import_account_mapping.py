"""The mapping page of a table of accounts: its columns, and the words of how they stand to us."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from core.errors import DomainError
from core.texts import _, lazy
from leads.models import AccountStatus
from lifecycle.account_importing import asking, fates, headings
from lifecycle.importing import runs
from lifecycle.importing.mapping import UNANSWERED, BadMapping, fold
from lifecycle.importing.tables import Peek
from lifecycle.models import ImportRun
from people.models import User
from web.console import import_mapping
from web.console.import_mapping import MOST_SHOWN, Asked
from web.console.lead_list import Option

TEMPLATE = "console/import_map_accounts.html"
LABELS = fates.FIELDS | {"external_id": lazy("Id in its system")}
MOST_WORDS = 40


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table, and what it may be."""

    name: str
    heading: str
    samples: tuple[str, ...]
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """One word of the status column, and the status it stands for."""

    name: str
    word: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class MappingPage:
    """What is chosen, and what may be."""

    url: str
    basis: str
    sheets: tuple[Option, ...]
    encodings: tuple[Option, ...]
    columns: tuple[Column, ...]
    unseen: int
    words: tuple[Word, ...]
    system: str
    problems: tuple[str, ...]


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
    document, basis = _proposed(run, seen)
    meanings = _bound(seen, document)
    chosen = [_chosen(meanings, place, given) for place in range(len(seen.headings))]
    known = {**headings.known_words(), **_own(document), **_own(_read(seen, given))}
    return MappingPage(
        url=reverse("console:import-act", args=[run.pk, "check"]),
        basis=basis,
        sheets=import_mapping.options(((one, one) for one in seen.sheets), seen.sheet),
        encodings=import_mapping.options(
            import_mapping.encodings(seen), wanted.encoding or run.encoding
        ),
        columns=tuple(
            Column(
                name=f"c{place}",
                heading=heading,
                samples=import_mapping.samples(seen, place),
                options=import_mapping.options(LABELS.items(), chosen[place]),
            )
            for place, heading in enumerate(seen.headings[:MOST_SHOWN])
        ),
        unseen=max(0, len(seen.headings) - MOST_SHOWN),
        words=_words(seen, chosen, known),
        system=given.get("system", meanings.system if meanings else ""),
        problems=import_mapping.problems(fault),
    )


def check(run: ImportRun, reader: User, given: Mapping[str, str]) -> ImportRun:
    """Ask for the dry run that was chosen. Raises DomainError."""
    wanted = import_mapping.asked(given)
    seen = runs.peek(run, sheet=wanted.sheet, encoding=wanted.encoding)
    return asking.check(
        run.pk,
        document=_read(seen, given),
        by=reader,
        sheet=wanted.sheet,
        encoding=wanted.encoding,
    )


def _proposed(run: ImportRun, seen: Peek) -> tuple[Mapping[str, Any], str]:
    if run.mapping:
        return run.mapping, _("As it was mapped before.")
    if known := runs.remembered(seen.headings, of_accounts=True):
        return known.document, _("As a table with these headings was last.")
    return {}, _("Guessed from headings: look over it.")


def _bound(seen: Peek, document: Mapping[str, Any]) -> headings.Meanings | None:
    own = [one for one in seen.headings if not one.startswith(runs.OURS)]
    for proposal in (document, {}):
        try:
            return headings.bind(own, mapping=proposal)
        except BadMapping:
            continue
    return None


def _chosen(meanings: headings.Meanings | None, place: int, given: Mapping[str, str]) -> str:
    found = meanings.places if meanings else {}
    was = next((target for target, places in found.items() if place in places), "")
    return given.get(f"c{place}", was)


def _own(document: Mapping[str, Any]) -> dict[str, str]:
    return {fold(str(word)): str(status) for word, status in document.get("status", {}).items()}


def _words(seen: Peek, chosen: Sequence[str], known: Mapping[str, str]) -> tuple[Word, ...]:
    place = next((n for n, target in enumerate(chosen) if target == "status"), None)
    if place is None:
        return ()
    cells = (row.cells[place].strip() for row in seen.rows if row.cells)
    found = [word for word in dict.fromkeys(cells) if word and word not in UNANSWERED]
    return tuple(
        Word(
            name=f"w{number}",
            word=word,
            options=import_mapping.options(AccountStatus.choices, known.get(fold(word), "")),
        )
        for number, word in enumerate(found[:MOST_WORDS])
    )


def _read(seen: Peek, given: Mapping[str, str]) -> dict[str, Any]:
    """The mapping somebody chose. `given` holds c0, c1 … for columns, w0 … for words."""
    columns: dict[str, list[str]] = {}
    for place, heading in enumerate(seen.headings[:MOST_SHOWN]):
        target = given.get(f"c{place}", "")
        if target:
            columns.setdefault(target, []).append(heading)
    words = {
        given[f"word-w{number}"]: given.get(f"w{number}", "")
        for number in range(MOST_WORDS)
        if given.get(f"word-w{number}")
    }
    return {
        "system": given.get("system", "").strip(),
        "exact": True,
        "columns": columns,
        "status": words,
    }
