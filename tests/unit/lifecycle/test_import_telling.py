"""Faults of rows in the words of their file: with the heading, with the value, or without it."""

from __future__ import annotations

import zoneinfo

import pytest

from core.errors import FieldError
from lifecycle.importing import converting, telling
from lifecycle.importing.converting import NoValue
from lifecycle.importing.telling import Cell

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
CELLS = {
    "person.email": Cell("E-Mail", "kaputt@"),
    "person.full_name": Cell("Nom d'usage", "x" * 90),
    "history.owner": Cell("Zuständig", "Kim Ex"),
    "occurred_at": Cell("Eingangsdatum", "31.02.2026"),
}


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (FieldError("person.email", "This is none."), "E-Mail “kaputt@”: This is none."),
        (FieldError("occurred_at", "“31.02.2026” is no date."),
         "Eingangsdatum: “31.02.2026” is no date."),
        (FieldError("person.last_name", "Too long."), f"Nom d'usage “{'x' * 60}…”: Too long."),
        (FieldError("person.phone", "This is none."), "Phone: This is none."),
        (FieldError("fields.Branche", "This must be text."), "Branche: This must be text."),
        (FieldError("person", "Give an address."), "Give an address."),
        (FieldError("", "This row has 3 cells."), "This row has 3 cells."),
    ],
)  # fmt: skip
def test_a_fault_names_the_column_and_shows_the_value(fault: FieldError, told: str) -> None:
    assert telling.sentence(fault, CELLS) == told


def test_what_is_kept_quotes_nothing_and_is_filled_again_from_the_file() -> None:
    faults = [
        FieldError("person.email", "This is none."),
        FieldError("occurred_at", "“31.02.2026” is no date."),
        FieldError("person.last_name", "Too long."),
    ]
    fresh = telling.sentences(faults, CELLS)
    kept = [telling.bare(one) for one in fresh]
    assert not any(cell.text[:5] in one for one in kept for cell in CELLS.values())
    assert kept[2] == "Nom d'usage “…”: Too long."
    assert telling.filled(kept, reversed(fresh), CELLS) == fresh


@pytest.mark.parametrize(
    ("kept", "filled"),
    [
        ("Zuständig: Nobody here is called “…”.", "Zuständig: Nobody here is called “Kim Ex”."),
        ("“…” is no reason, nor is “…”.", "“…” is no reason, nor is “…”."),
        ("Its past is not taken over.", "Its past is not taken over."),
    ],
)
def test_what_is_not_told_again_is_filled_from_the_cell_it_names(kept: str, filled: str) -> None:
    assert telling.filled([kept], [], CELLS) == (filled,)


@pytest.mark.parametrize(
    ("text", "formats", "told"),
    [
        ("31.02.2026", converting.ANY, "“31.02.2026” is no date."),
        ("gestern", ("iso",), "“gestern” is no date."),
        ("12/31/2026", ("%d/%m/%Y", "%d/%m/%y"), "like 31/12/2026"),
        ("31/12/2026", ("iso",), "like 2026-12-31"),
        ("2026-12-31", ("epoch_ms",), "like 1798727400000"),
    ],
)
def test_an_unread_date_is_told_as_people_write_dates(
    text: str, formats: tuple[str, ...], told: str
) -> None:
    with pytest.raises(NoValue, match=told):
        converting.instant(text, formats, BERLIN)


def test_what_was_assumed_of_day_and_month_is_told_by_an_example() -> None:
    _, doubt = converting.settle_formats(["05/06/2025", "01/06/2025"], converting.ANY, BERLIN)
    assert "“05/06/2025” is read as 5 June 2025; it could be 6 May 2025 as well" in doubt
