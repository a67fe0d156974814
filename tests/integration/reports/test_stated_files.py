"""Files of costs and quotas: what becomes of each row, and of files that are none."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from openpyxl import Workbook

from core import errors
from lifecycle.importing.reading import Unreadable
from people.models import User
from reports import cost_acts, costs, quotas
from reports.models import CostEntry, QuotaEntry
from reports.models.statement import Kind, Via
from reports.periods import Period
from reports.stated_files import table, taking
from reports.stated_files.plan import Plan, Verdict
from tests import factories, threads

pytestmark = pytest.mark.django_db

NEW, SAME, RESTATES, REFUSED = Verdict.NEW, Verdict.SAME, Verdict.RESTATES, Verdict.REFUSED
GERMAN = """\
Monat;Quelle;Lieferant;Betrag (EUR);Belegnummer
Oktober 2026;Bezahlt;Google Ireland;1.234,50;R-1
Okt 26;Messe;IT-Messe Köln;9.200;R-2
"""
ENGLISH = """\
First day,Last day,Source,Label,Amount,Currency
10/1/2026,10/31/2026,Paid,Search ads,"1,234.50",EUR
10/1/2026,12/31/2026,Event,Fair,9200,EUR
"""


@pytest.fixture
def fiona() -> User:
    return factories.user("fiona", role="FINANCE")


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    def written(content: str | bytes, name: str = "costs.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return written


def kept(path: Path) -> table.Kept:
    return table.read(path, name=path.name, folder=path.parent)


def looked(path: Path, by: User, book: str = "costs") -> Plan[Any]:
    return taking.look(book, taking.rows_of(book, kept(path)), by=by)


def taken(path: Path, by: User, book: str = "costs", **further: Any) -> taking.Taken:
    rows = taking.rows_of(book, kept(path))
    return taking.take(book, rows, by=by, via=Via.FILE, name=path.name, **further)


def verdicts(plan: Plan[Any]) -> list[Verdict]:
    return [line.verdict for line in plan.lines]


def whys(plan: Plan[Any]) -> list[str]:
    return [line.why for line in plan.lines]


def test_a_german_file_is_understood(file: Any, fiona: User) -> None:
    done = taken(file(GERMAN), fiona)
    assert verdicts(done.plan) == [NEW, NEW]
    first, second = CostEntry.objects.order_by("pk")
    assert (first.amount, first.currency, first.external_id, first.source) == (
        Decimal("1234.50"), "EUR", "R-1", "PAID",
    )  # fmt: skip
    assert (second.amount, second.label, second.source) == (
        Decimal(9200), "IT-Messe Köln", "EVENT",
    )  # fmt: skip
    assert (second.first_day, second.last_day, second.via) == (
        dt.date(2026, 10, 1), dt.date(2026, 10, 31), Via.FILE,
    )  # fmt: skip


def test_an_english_file_is_understood_by_its_own_dates(file: Any, fiona: User) -> None:
    taken(file(ENGLISH), fiona)
    spans = list(CostEntry.objects.order_by("pk").values_list("first_day", "last_day", "amount"))
    assert spans == [
        (dt.date(2026, 10, 1), dt.date(2026, 10, 31), Decimal("1234.50")),
        (dt.date(2026, 10, 1), dt.date(2026, 12, 31), Decimal(9200)),
    ]


def test_a_workbook_is_understood_and_its_numbers_are_not_parted(
    tmp_path: Path, fiona: User
) -> None:
    book = Workbook()
    sheet: Any = book.active
    sheet.append(["Month", "Source", "Amount"])
    sheet.append([dt.datetime(2026, 10, 1), "Paid", 1234.5])  # noqa: DTZ001
    sheet.append([dt.datetime(2026, 11, 1), "Paid", 1234.567])  # noqa: DTZ001
    path = tmp_path / "costs.xlsx"
    book.save(path)
    plan = taken(path, fiona).plan
    assert verdicts(plan) == [NEW, REFUSED]
    assert "two digits" in plan.lines[1].why
    assert CostEntry.objects.get().amount == Decimal("1234.50")


@pytest.mark.parametrize("content", [GERMAN, ENGLISH])
def test_the_same_file_twice_changes_nothing(file: Any, fiona: User, content: str) -> None:
    taken(file(content), fiona)
    again = taken(file(content, "again.csv"), fiona)
    assert verdicts(again.plan) == [SAME, SAME]
    assert CostEntry.objects.count() == 2


def test_what_says_otherwise_restates_by_its_number_or_by_what_it_is_of(
    file: Any, fiona: User
) -> None:
    taken(file(GERMAN), fiona)
    moved = GERMAN.replace("Oktober 2026;Bezahlt;Google Ireland;1.234,50", "Nov 2026;SEA;Google;2")
    plan = taken(file(moved), fiona, reason="The agency sent it anew").plan
    assert verdicts(plan) == [RESTATES, SAME]
    assert [name for name, *_ in plan.lines[0].changes] == [
        "first_day", "last_day", "amount", "label",
    ]  # fmt: skip
    head = costs.entries_as_of().get(external_id="R-1")
    assert (head.kind, head.reason, head.version) == (
        Kind.CORRECTED, "The agency sent it anew", 2,
    )  # fmt: skip
    taken(file(ENGLISH), fiona)
    plan = taken(file(ENGLISH.replace("9200", "9300"), "c.csv"), fiona).plan
    assert verdicts(plan) == [SAME, RESTATES]
    assert costs.entries_as_of().get(label="Fair").reason == "Imported from c.csv"


def test_a_channel_does_not_tell_costs_apart(file: Any, fiona: User) -> None:
    typed = cost_acts.Said(
        first_day=dt.date(2026, 10, 1), last_day=dt.date(2026, 10, 31), source="PAID",
        amount=Decimal("1234.50"), currency="EUR", label="Search ads", channel="FORM",
    )  # fmt: skip
    cost_acts.enter(typed, by=fiona)
    assert verdicts(taken(file(ENGLISH), fiona).plan) == [SAME, NEW]
    assert costs.entries_as_of().get(source="PAID").channel == "FORM"


def test_what_was_typed_is_found_by_a_file_that_knows_its_number(file: Any, fiona: User) -> None:
    typed = cost_acts.Said(
        first_day=dt.date(2026, 10, 1), last_day=dt.date(2026, 10, 31), source="PAID",
        amount=Decimal("1234.50"), currency="EUR", label="google ireland", note="By hand",
    )  # fmt: skip
    entry = cost_acts.enter(typed, by=fiona)
    plan = taken(file(GERMAN), fiona).plan
    assert verdicts(plan) == [RESTATES, NEW]
    head = costs.entries_as_of().get(external_id="R-1")
    assert (head.number, head.note) == (entry.number, "By hand")


def test_wrong_rows_are_refused_alone_with_heading_and_what_to_do(file: Any, fiona: User) -> None:
    content = GERMAN + (
        "Oktober 2026;Fernsehen;TV;100;R-3\n"
        "irgendwann;Messe;X;100;R-4\n"
        "Oktober 2026;Messe;X;viel;R-5\n"
        "Oktober 2026;Messe;X;-100;R-6\n"
        "Oktober 2026;Messe;X;;R-7\n"
        "Oktober 2026;;X;1;R-8\n"
        "Oktober 2026;Messe;X;1;R-1\n"
        "Oktober 2026;Messe;zu viele;1;R-9;Zellen\n"
    )
    done = taken(file(content), fiona)
    assert verdicts(done.plan) == [NEW, NEW, *[REFUSED] * 8]
    expected = [
        "“Quelle”: “Fernsehen” is none of ours", "“Monat”: “irgendwann” is no month",
        "“Betrag (EUR)”: “viel” is no amount", "“Betrag (EUR)”: An amount is not below 0",
        "“Betrag (EUR)”: An amount is missing", "“Quelle”: Say which source",
        "Row 1 of the file speaks of the same cost", "6 cells under 5 headings",
    ]  # fmt: skip
    for told, why in zip(expected, whys(done.plan)[2:], strict=True):
        assert told in why
    assert CostEntry.objects.count() == 2


def test_the_refused_rows_are_mended_and_taken_in(file: Any, fiona: User) -> None:
    path = file(GERMAN + "Oktober 2026;Fernsehen;'=1+1;100;R-3\n")
    whole = kept(path)
    plan = taken(path, fiona).plan
    faults = [(line.row, line.why) for line in plan.lines if line.verdict is REFUSED]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows(table.refused_rows(whole, faults))
    assert "LeadGov reason" in out.getvalue()
    mended = file(out.getvalue().replace("Fernsehen", "Sonstiges"), "mended.csv")
    assert verdicts(taken(mended, fiona).plan) == [NEW]
    assert costs.entries_as_of().get(external_id="R-3").label == "=1+1"


def test_what_was_withdrawn_is_not_taken_in_again_by_the_same_file(file: Any, fiona: User) -> None:
    taken(file(GERMAN), fiona)
    entry = CostEntry.objects.get(external_id="R-1")
    cost_acts.withdraw(entry.number, reason="Not ours", by=fiona)
    again = looked(file(GERMAN), fiona)
    assert verdicts(again) == [REFUSED, SAME]
    assert f"Entry #{entry.number} said this and was withdrawn by {fiona}" in again.lines[0].why
    assert verdicts(looked(file(GERMAN.replace("1.234,50", "1.200")), fiona)) == [NEW, SAME]


def test_a_download_is_taken_in_again_and_its_numbers_say_what_is_meant(
    file: Any, fiona: User
) -> None:
    entry = cost_acts.enter(
        cost_acts.Said(first_day=dt.date(2026, 10, 1), last_day=dt.date(2026, 10, 31),
                       source="PAID", amount=Decimal(5), currency="EUR", label="Old name"),
        by=fiona,
    )  # fmt: skip
    text = "Entry,First day,Last day,Source,Channel,Campaign,Label,Amount,Currency\n{}\n"
    row = f"{entry.number},2026-10-01,2026-10-31,PAID,,,{{}},5.00,EUR"
    assert verdicts(looked(file(text.format(row.format("Old name"))), fiona)) == [SAME]
    done = taken(file(text.format(row.format("New name"))), fiona)
    assert verdicts(done.plan) == [RESTATES]
    assert costs.entries_as_of().get().label == "New name"
    missing = text.format("99999,2026-10-01,2026-10-31,PAID,,,X,5.00,EUR")
    assert "no entry #99999" in looked(file(missing), fiona).lines[0].why


def test_what_changed_since_one_looked_is_shown_before_anything_is_done(
    file: Any, fiona: User
) -> None:
    seen = looked(file(GERMAN), fiona).fingerprint
    taken(file(GERMAN), factories.user("rita", role="REVOPS"))
    done = taken(file(GERMAN), fiona, seen=seen)
    assert done.moved
    assert verdicts(done.plan) == [SAME, SAME]


BAD: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "blank": (b"\n\n", "is empty"),
    "headings alone": (b"Month,Source,Amount\n", "no rows below"),
    "no amount": (b"Month,Source\n2026-10,Paid\n", "No column is called Amount"),
    "no days": (b"Source,Amount\nPaid,5\n", "No column is called Month"),
    "no heading": (b"2026-10,Paid,5\n2026-11,Paid,6\n", "No column is called"),
    "zip": (b"PK\x03\x04\x00\x00", "cannot be read"),
    "old excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel"),
    "pdf": (b"%PDF-1.7\n", "a PDF"),
    "web page": (b"<!doctype html><table></table>", "web page"),
    "json": (b'[{"month": "2026-10"}]', "JSON"),
    "binary": (bytes(range(256)) * 4, ""),
    "one long line": (b"Month,Source,Amount\n" + b"x" * 3_000_000, "is longer than"),
    "open quote": (b'Month,Source,Amount\n2026-10,"Paid,5\n', "never closed"),
    "NUL": (b"Month,Source,Amount,Label\n2026-10,Paid,5,a\x00b\n", "cannot be stored"),
    "huge amount": (b"Month,Source,Amount\n2026-10,Paid," + b"9" * 19 + b"\n", "out of range"),
    "endless amount": (b"Month,Source,Amount\n2026-10,Paid," + b"9" * 400 + b"\n", "no amount"),
    "nan": (b"Month,Source,Amount\n2026-10,Paid,NaN\n", "no amount"),
    "scientific": (b"Month,Source,Amount\n2026-10,Paid,1e5\n", "no amount"),
    "far future": (b"Month,Source,Amount\n9999-10,Paid,5\n", "out of range"),
    "long label": (b"Month,Source,Amount,Label\n2026-10,Paid,5," + b"x" * 300 + b"\n", "200"),
    "either day": (b"From,To,Source,Amount\n3/4/2026,5/4/2026,Paid,5\n", "may be two days"),
    "backwards": (b"From,To,Source,Amount\n2026-10-31,2026-10-01,Paid,5\n", "before the first"),
    "no currency": (b"Month,Source,Amount,Currency\n2026-10,Paid,5,Taler\n", "no currency"),
    "wrong entry": (b"Entry,Month,Source,Amount\nabc,2026-10,Paid,5\n", "no number of an entry"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_refused_with_words_and_write_nothing(
    file: Any, fiona: User, name: str
) -> None:
    content, told = BAD[name]
    try:
        plan = taken(file(content), fiona).plan
    except Unreadable as refusal:
        said = refusal.message
    else:
        assert set(verdicts(plan)) == {REFUSED}
        said = " ".join(whys(plan))
    assert told in said
    assert not CostEntry.objects.exists()


def test_too_many_rows_are_refused(file: Any, fiona: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MOST_ROWS", 1)
    with pytest.raises(Unreadable, match="2 rows; at most 1"):
        looked(file(GERMAN), fiona)


def test_quotas_are_taken_in_and_restated(file: Any) -> None:
    rita = factories.user("rita", role="REVOPS")
    factories.team("DACH")
    factories.user("anna")
    content = (
        "Wer;Quartal;Umsatzziel EUR;Abschlüsse\n"
        "Company;Q4 2026;1.000.000;30\n"
        "dach;Q4 2026;400.000;\n"
        "anna;Okt 2026;50.000;2\n"
        "anna;Q4 2026;150.000;6\n"
        "niemand;Q4 2026;1;1\n"
        "anna;Nov 2026;50.000;zwei\n"
    )
    plan = taken(file(content, "q.csv"), rita, "quotas").plan
    assert verdicts(plan) == [NEW, NEW, NEW, REFUSED, REFUSED, REFUSED]
    for told, why in zip(
        ("shares days with row 3", "“Wer”: “niemand” is neither", "“Abschlüsse”: “zwei” is no"),
        whys(plan)[3:],
        strict=True,
    ):
        assert told in why
    found = quotas.of(None, Period.of_days(dt.date(2026, 10, 1), dt.date(2026, 12, 31), dt.UTC))
    assert found is not None
    assert (found.amount, found.deals) == (Decimal(1_000_000), Decimal(30))
    again = taken(file(content.replace("400.000", "450.000"), "q.csv"), rita, "quotas").plan
    assert verdicts(again)[:3] == [SAME, RESTATES, SAME]
    assert QuotaEntry.objects.count() == 4


def test_a_manager_imports_quotas_of_the_own_team_alone(file: Any) -> None:
    mia = factories.user("mia", role="MANAGER")
    factories.user("anna", team=factories.team("DACH", manager=mia))
    factories.user("alien", team=factories.team("UK"))
    content = "Whose,Month,Amount\nanna,2026-10,5\nalien,2026-10,5\nCompany,2026-10,5\n"
    plan = taken(file(content), mia, "quotas").plan
    assert verdicts(plan) == [NEW, REFUSED, REFUSED]
    assert "your own teams" in plan.lines[1].why


def test_who_may_not_enter_does_not_import(file: Any) -> None:
    with pytest.raises(errors.NotAllowed):
        looked(file(GERMAN), factories.user("anna"))
    with pytest.raises(errors.NotAllowed):
        looked(file("Whose,Month,Amount\nx,2026-10,5\n"), factories.user("ben"), "quotas")


def test_the_command_takes_in_what_it_can_and_reports_the_rest(
    file: Any, fiona: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = file(GERMAN + "Oktober 2026;Fernsehen;TV;100;R-3\n")
    out = tmp_path / "refused.csv"
    call_command("import_costs", str(path), "--by", "fiona", "--dry-run")
    assert not CostEntry.objects.exists()
    call_command("import_costs", str(path), "--by", "fiona", "--report", str(out))
    told = capsys.readouterr()
    assert "2 are new" in told.out
    assert "1 are refused" in told.out
    assert "row 3 (line 4): “Quelle”" in told.err
    assert "Fernsehen" in out.read_text(encoding="utf-8-sig")
    assert CostEntry.objects.count() == 2
    with pytest.raises(CommandError, match="no active user"):
        call_command("import_costs", str(path), "--by", "nobody")
    with pytest.raises(CommandError, match="would overwrite"):
        call_command("import_costs", str(path), "--by", "fiona", "--report", str(path))
    with pytest.raises(CommandError, match="Quotas are set by"):
        call_command("import_quotas", str(path), "--by", factories.user("anna").username)


def test_a_table_travels_whole_and_nobody_changes_it(file: Any) -> None:
    whole = kept(file(GERMAN))
    packed = table.pack(whole)
    assert table.unpack(packed).rows == whole.rows
    for broken in (packed[:-2], packed.replace(packed[5], "x", 1) + "y", "", "a:b"):
        with pytest.raises(Unreadable, match="did not come back whole"):
            table.unpack(broken)


@pytest.mark.django_db(transaction=True)
def test_the_same_file_by_two_at_once_is_taken_in_once(file: Any) -> None:
    path = file(GERMAN)
    people = [factories.user(name, role="FINANCE") for name in ("fiona", "finn")]
    found = threads.together([lambda who=who: taken(path, who) for who in people])  # type: ignore[misc]
    assert sorted(tuple(map(str, verdicts(one.plan))) for one in found) == [
        ("new", "new"), ("same", "same"),
    ]  # fmt: skip
    assert CostEntry.objects.count() == 2
