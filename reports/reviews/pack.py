"""What the pack of a closed review holds, in order, whatever it is printed as. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reports.reviews import tables, wording
from reports.reviews.tables import Table

WITHHELD = "Colleagues’ figures and costs are left out of this copy; the checksum is of the whole."
NOTHING = "Nothing in this month."


@dataclass(frozen=True, slots=True)
class Grid:
    """One table in words. `numbers` says of each column after the first whether it is compared."""

    title: str
    note: str
    head: tuple[str, ...]
    numbers: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...] | None
    empty: str = NOTHING


@dataclass(frozen=True, slots=True)
class Chapter:
    """A numbered heading with its tables."""

    anchor: str
    title: str
    grids: tuple[Grid, ...]
    line: str = ""


@dataclass(frozen=True, slots=True)
class Pack:
    """The whole pack."""

    number: str
    title: str
    facts: tuple[tuple[str, str], ...]
    """The cover: what, from when to when, checksum."""
    chapters: tuple[Chapter, ...]
    checksum: str


def of(content: Mapping[str, Any], text: Mapping[str, Any] | None = None) -> Pack:
    """The pack of what was signed; `text` is the same as a reader may see it."""
    text = text or content["text"]
    signed = content["signatures"]
    chapters = [*_sections(text["sections"]), _findings(text["findings"]), _signatures(signed)]
    chapters.append(_formulas(text["sections"]))
    facts = [
        ("Month", text["name"]),
        ("From", wording.moment(text["from"])),
        ("To", f"{wording.moment(text['to'])}, excluded"),
        *((("Days of", text["zone"]),) if text.get("zone") else ()),
        ("Figures as of", wording.moment(text["as_of"])),
        ("Closed", wording.moment(content["closed_at"])),
        *((f"Signed for {one['party']}", _who(one)) for one in signed),
        ("Checksum (SHA-256)", content["checksum"]),
    ]
    if text.get("withheld"):
        facts.append(("Left out", WITHHELD))
    return Pack(
        number=text["number"],
        title=f"Governance review {text['number']}",
        facts=tuple(facts),
        chapters=tuple(chapters),
        checksum=content["checksum"],
    )


def _sections(sections: Iterable[Table]) -> list[Chapter]:
    by_title: dict[str, list[Grid]] = {}
    for one in sections:
        by_title.setdefault(one["chapter"], []).append(_grid(one))
    return [Chapter(_anchor(title), title, tuple(grids)) for title, grids in by_title.items()]


def _grid(section: Table) -> Grid:
    columns = tables.shown(section)
    whose = f" Answered for by: {section['owner_role']}." if section["owner_role"] else ""
    totals = section["totals"] if section["rows"] else None
    return Grid(
        title=section["title"],
        note=f"{section['meaning']}{whose}",
        head=(section["head"], *(one["label"] for one in columns)),
        numbers=tuple(one["unit"] not in wording.READ for one in columns),
        rows=tuple(_row(row, columns) for row in section["rows"]),
        total=_row(totals, columns) if totals else None,
        empty=WITHHELD if section.get("withheld") else NOTHING,
    )


def _row(row: Mapping[str, Any], columns: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
    cells = (wording.cell(row.get(one["key"]), one["unit"]) for one in columns)
    return (str(row["label"]), *cells)


def _findings(found: Iterable[Mapping[str, Any]]) -> Chapter:
    head = ("No.", "Finding", "Owner", "Due", "Decision", "Done")
    rows = tuple(
        (
            str(one["number"]),
            "\n".join(filter(None, (one["text"], one["evidence"]))),
            one["owner"] or wording.DASH,
            one["due_on"] or wording.DASH,
            f"{one['decision']}: {one['reason']}",
            one["done"] or wording.DASH,
        )
        for one in found
    )
    grid = Grid("Findings", "Each with its decision.", head, (False,) * 5, rows, None,
                "Nothing was found.")  # fmt: skip
    return Chapter("findings", "Findings and decisions", (grid,))


def _signatures(signed: Iterable[Mapping[str, str]]) -> Chapter:
    head = ("For", "Signed by", "At", "Checksum signed")
    rows = tuple(
        (one["party"], _who(one), wording.moment(one["signed_at"]), one["checksum"])
        for one in signed
    )
    grid = Grid("Signatures", "Both signed the text of this checksum.", head, (False,) * 3,
                rows, None)  # fmt: skip
    return Chapter("signatures", "Signatures", (grid,))


def _formulas(sections: Iterable[Table]) -> Chapter:
    told = {one["formula"]: f"{one['chapter']}" for one in sections if one["formula"]}
    rows = tuple((chapter, formula) for formula, chapter in told.items())
    grid = Grid("Formulas", "How the figures are computed.", ("Figures", "Formula"), (False,),
                rows, None)  # fmt: skip
    return Chapter("formulas", "Glossary of formulas", (grid,))


def _who(signed: Mapping[str, str]) -> str:
    deputy = f", deputy of {signed['deputy_of']}" if signed["deputy_of"] else ""
    return f"{signed['by']}{deputy}"


def _anchor(title: str) -> str:
    return "".join(one if one.isalnum() else "-" for one in title.lower())
