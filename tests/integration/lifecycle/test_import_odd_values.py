"""Whatever stands in a cell, its row is taken or refused with a reason; none is parked."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import pytest

from lifecycle.importing import mapping, reading, run, translating
from lifecycle.importing.report import Fate, Tally, Verdict
from tests import factories

COLUMNS = (
    "First Name", "Last Name", "Full Name", "Email", "Phone", "Title", "Company", "Website",
    "Country", "Industry", "No. of Employees", "Annual Revenue", "Currency", "Description",
    "utm_campaign", "Referrer", "Lead Source", "Lead Owner",
)  # fmt: skip
NUMBERS = (
    "99999999999999999999", "-99999999999999999999", "1e400", "$9,999,999,999,999,999,999",
    "9" * 19, "١٢٣٤", "½", "∞", "NaN", "-5", "(500)", "2147483648", "0", "1.5e3", "1,2,3", "１２３",
)  # fmt: skip
TEXTS = (
    "ß" * 119, "İ" * 119, "ﬁ" * 119, "é" * 300, "x" * 2_100, "\u202egnp.exe", "\ud7ff", "a\tb",
    "\x01\x02", "\u200b", "ﷺ" * 20, "null", "Null", "[]", "{}", "'; --", "=1+1", "<b>", "\u0345",
    "ßab", "ŉnn",
)  # fmt: skip
ADDRESSES = (
    "a@b", "a@b.c", "user@[127.0.0.1]", "info@acme.com", "x@" + "a." * 120 + "com", "@", "a@b@c",
    "http://[::1]/", "http://xn--.com", "//acme.com", "co.uk", "acme..com", "-acme.com", "..",
    "+1 555 0100", "tel:+4930123456", "0000000000", "+999999999999999", "9" * 45, "1-800-FLOWERS",
)  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("odd", [NUMBERS, TEXTS, ADDRESSES], ids=["numbers", "texts", "addresses"])
def test_no_value_stops_the_pipeline(odd: tuple[str, ...], tmp_path: Path) -> None:
    factories.company()
    path = tmp_path / "odd.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["Record Id", *COLUMNS])
        for place in range(len(COLUMNS)):
            for number, value in enumerate(odd):
                cells = [""] * len(COLUMNS)
                cells[COLUMNS.index("Company")] = f"Acme {number}"
                cells[place] = value
                writer.writerow([f"{place}-{number}", *cells])
    table = reading.open_table(path)
    plan = translating.bind(mapping.load("zoho"), table)
    tally = Tally(table.rows, shown=20)

    def settle(fates: Sequence[Fate]) -> None:
        for fate in fates:
            tally.add(fate)

    run.run(table, plan, options=run.Options(), settle=settle)
    factories.check_rules()
    # One odd name at one company as first name and as last name may well be one person.
    new = tally.counts[Verdict.CREATED] + tally.counts[Verdict.REVIEW]
    assert new == len(COLUMNS) * len(odd), tally.first_refused
