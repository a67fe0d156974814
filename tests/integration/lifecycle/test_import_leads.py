"""`manage.py import_leads`: files become leads, and every row is accounted for."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from leads import outbox
from leads.models import Account, Lead, LeadEvent, Outbox, Person, Touch, TouchStatus
from lifecycle import intake, pipeline
from lifecycle.importing import mapping, reading, run, translating
from lifecycle.models import Notice
from sla.models import Clock
from tests import factories
from tests.factories import Company

pytestmark = pytest.mark.django_db

ZOHO = "Record Id,Last Name,Company,Lead Owner,Email,Website,Lead Source,Created Time"
BUYERS = [
    'z1,Roe,Acme,Lee,roe@acme.test,acme.test,Cold Call,"15 Apr, 2021 00:03:00"',
    'z2,Paz,Acme,Lee,paz@acme.test,acme.test,Trade Show,"16 Apr, 2021 10:00:00"',
    'z3,Doe,Beta,Kim,doe@beta.test,beta.test,Partner,"17 Apr, 2021 10:00:00"',
]
AGAIN = 'z9,Roe,Acme,Lee,ROE@acme.test,acme.test,Chat,"18 Apr, 2021 10:00:00"'
BAD = [
    'z4,Ray,Gamma,Kim,ray@gamma.test,gamma.test,Partner,"yesterday"',
    ',Nobody,Gamma,Kim,,gamma.test,Partner,"17 Apr, 2021 10:00:00"',
    "z5,short row",
]


@pytest.fixture
def company(db: None) -> Company:
    return factories.company()


def write(folder: Path, *rows: str, headings: str = ZOHO, name: str = "leads.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([headings, *rows, ""]), encoding="utf-8")
    return path


class Import:
    """One run of the command: what it said, and its report read back."""

    def __init__(self, path: Path, *options: str) -> None:
        out = path.with_suffix(".report.csv")
        self.said, self.warned = io.StringIO(), io.StringIO()
        arguments = [str(path), *options, "--report", str(out)]
        call_command("import_leads", *arguments, stdout=self.said, stderr=self.warned)
        with out.open(encoding="utf-8-sig", newline="") as stream:
            self.rows = list(csv.DictReader(stream))

    @property
    def verdicts(self) -> list[str]:
        return [row["verdict"] for row in self.rows]


def written() -> dict[str, int]:
    models = (Touch, Person, Account, Lead, LeadEvent, Clock, Outbox, Notice)
    return {model.__name__: model._default_manager.count() for model in models}


def test_every_row_has_a_fate_and_they_add_up(company: Company, tmp_path: Path) -> None:
    done = Import(write(tmp_path, *BUYERS, AGAIN, BUYERS[0], *BAD))
    assert done.verdicts == ["created"] * 3 + ["attached", "replayed"] + ["rejected"] * 3
    assert [row["row"] for row in done.rows] == [str(number) for number in range(1, 9)]
    assert [bool(row["errors"]) for row in done.rows] == [False] * 5 + [True] * 3
    assert "8 of 8 rows" in done.said.getvalue()
    assert Touch.objects.count() == 4
    assert Lead.objects.count() == Person.objects.count() == 3
    factories.check_rules()


def test_the_report_leads_from_a_row_to_its_lead(company: Company, tmp_path: Path) -> None:
    done = Import(write(tmp_path, *BUYERS))
    lead = Lead.objects.get(pk=done.rows[1]["lead"])
    assert (lead.person.last_name, lead.account and lead.account.domain) == ("Paz", "acme.test")
    assert (lead.channel, lead.category) == ("EVENT", "EVENT")
    [touch] = Touch.objects.filter(lead=lead)
    assert touch.occurred_at.isoformat() == "2021-04-16T10:00:00+00:00"
    assert touch.payload["fields"]["Lead Owner"] == "Lee"


def test_history_starts_no_clocks_and_tells_nobody(company: Company, tmp_path: Path) -> None:
    Import(write(tmp_path, *BUYERS), "--channel", "phone")
    assert set(Lead.objects.values_list("stage", "owner", "queue")) == {("INQUIRY", None, "")}
    assert Clock.objects.count() == outbox.news().count() == Notice.objects.count() == 0
    assert set(Touch.objects.values_list("historical", "status")) == {(True, "ADVANCED")}


def test_live_rows_are_routed_and_their_clocks_run(company: Company, tmp_path: Path) -> None:
    headings = f"{ZOHO},Country"
    path = write(tmp_path, *(f"{row},Germany" for row in BUYERS), headings=headings)
    Import(path, "--live", "--channel", "phone")
    answerable = Lead.objects.exclude(owner=None, queue="")
    assert answerable.count() == 3
    assert Clock.objects.filter(state="RUNNING").values("lead").distinct().count() == 3


def test_a_second_import_changes_nothing(company: Company, tmp_path: Path) -> None:
    path = write(tmp_path, *BUYERS, *BAD)
    first = Import(path)
    before = written()
    second = Import(path)
    assert second.verdicts == ["replayed"] * 3 + ["rejected"] * 3
    assert [row["lead"] for row in second.rows] == [row["lead"] for row in first.rows]
    assert written() == before


def test_a_record_that_changed_since_joins_its_lead(company: Company, tmp_path: Path) -> None:
    Import(write(tmp_path, *BUYERS))
    changed = BUYERS[0].replace("Cold Call", "Partner")
    later = Import(write(tmp_path, changed, *BUYERS[1:], name="later.csv"))
    assert later.verdicts == ["attached", "replayed", "replayed"]


def test_a_known_id_with_another_address_is_for_people_to_look_at(
    company: Company, tmp_path: Path
) -> None:
    Import(write(tmp_path, *BUYERS))
    other = BUYERS[0].replace("roe@", "rudi.ray@")
    doubtful = Import(write(tmp_path, other, name="later.csv"))
    assert doubtful.verdicts == ["review"]
    assert Lead.objects.count() == 4


def test_the_same_id_in_another_system_is_another_buyer(company: Company, tmp_path: Path) -> None:
    Import(write(tmp_path, "7,social", headings="mql_id,origin"), "--mapping", "olist")
    ours = tmp_path / "ours.yaml"
    ours.write_text("system: acme\ncolumns: {external_id: [No]}\n")
    other = Import(write(tmp_path, "7", headings="No", name="other.csv"), "--mapping", str(ours))
    assert other.verdicts == ["created"]


@pytest.mark.parametrize("size", ["1", "2", "100"])
def test_a_dry_run_decides_the_same_and_writes_nothing(
    company: Company, tmp_path: Path, size: str
) -> None:
    path = write(tmp_path, *BUYERS, AGAIN, BUYERS[0], *BAD)
    before = written()
    rehearsal = Import(path, "--dry-run", "--batch-size", size)
    assert written() == before
    real = Import(path, "--batch-size", "3")
    assert rehearsal.verdicts == real.verdicts
    assert [row["errors"] for row in rehearsal.rows] == [row["errors"] for row in real.rows]


def test_a_stopped_import_goes_on_where_it_was(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, *BUYERS, AGAIN)
    advance = pipeline.advance
    calls = []

    def stopped_in_the_second_batch(ids: list[int], **more: Any) -> Any:
        calls.append(ids)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return advance(ids, **more)

    monkeypatch.setattr(pipeline, "advance", stopped_in_the_second_batch)
    with pytest.raises(SystemExit) as stopped:
        Import(path, "--batch-size", "2")
    assert stopped.value.code == 130
    assert Touch.objects.filter(status=TouchStatus.ADVANCED).count() == 2
    assert Import(path, "--batch-size", "2").verdicts == ["replayed"] * 2 + ["created", "attached"]
    assert Touch.objects.exclude(status=TouchStatus.ADVANCED).count() == 0


def test_what_cannot_be_decided_is_parked_and_told_with_its_reason(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = pipeline._advance_together

    def poisoned(ids: list[int], now: Any) -> Any:
        if Touch.objects.filter(pk__in=ids, payload__external_id="z2").exists():
            raise ValueError("this one is poison")
        return together(ids, now)

    monkeypatch.setattr(pipeline, "_advance_together", poisoned)
    path = write(tmp_path, *BUYERS)
    done = Import(path)
    assert done.verdicts == ["created", "parked", "created"]
    assert "this one is poison" in done.rows[1]["errors"]
    monkeypatch.setattr(pipeline, "_advance_together", together)
    assert Import(path).verdicts == ["replayed", "created", "replayed"]


def test_the_same_touch_twice_in_one_call_is_a_replay(company: Company) -> None:
    body = factories.touch()
    once, again = intake.receive([body, body], scope="tests", keys=["k", "k"])
    assert (once.replayed, again.replayed) == (False, True)
    assert once.touch_id == again.touch_id


def test_a_failing_database_says_how_to_go_on(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: Any, **__: Any) -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(run.intake, "receive", gone)
    with pytest.raises(CommandError, match=r"server closed.*Run the same command again"):
        Import(write(tmp_path, *BUYERS))


def test_statements_do_not_grow_with_the_batch(
    company: Company, tmp_path: Path, django_assert_max_num_queries: Any
) -> None:
    rows = [
        f"y{n},N{n},Co{n % 9},Lee,n{n}@co{n % 9}.test,co{n % 9}.test,Partner," for n in range(200)
    ]
    table = reading.open_table(write(tmp_path, *rows))
    plan = translating.bind(mapping.load("zoho"), table)
    with django_assert_max_num_queries(45):
        run.run(table, plan, options=run.Options(), settle=lambda _: None)
    assert Lead.objects.count() == 200


def test_a_report_is_safe_to_open_in_a_spreadsheet(company: Company, tmp_path: Path) -> None:
    evil = ["=HYPERLINK(1)", "@SUM(1)", "+cmd", "-1+1", "＝A1"]
    headings = "mql_id,first_contact_date"
    done = Import(
        write(tmp_path, *(f"{word},01-01-2020" for word in evil), headings=headings),
        "--mapping",
        "olist",
    )
    assert [row["external id"] for row in done.rows] == [f"'{word}" for word in evil]
    known = Counter(touch.payload["external_id"] for touch in Touch.objects.all())
    assert known == Counter(evil)


@pytest.mark.parametrize(
    ("headings", "options", "told"),
    [
        ("Name,Phone", [], "No preset knows these headings"),
        ("mql_id,first_contact_date,landing_page_id,origin,Record ID,Lifecycle Stage", [], "fit"),
        ("Deal,Amount", ["--mapping", "zoho"], "Its headings are: Deal, Amount"),
        (ZOHO, ["--mapping", "pigeon"], "no mapping “pigeon”"),
        (ZOHO, ["--batch-size", "0"], "1 to"),
        (ZOHO, ["--channel", "pigeon"], "pigeon|PIGEON"),
    ],
)
def test_a_request_that_cannot_be_met_is_told_why(
    company: Company, tmp_path: Path, headings: str, options: list[str], told: str
) -> None:
    with pytest.raises(CommandError, match=told):
        Import(write(tmp_path, headings=headings), *options)


def test_files_and_reports_that_are_not_there_are_told(company: Company, tmp_path: Path) -> None:
    path = write(tmp_path, *BUYERS)
    for arguments, told in (
        ([str(tmp_path / "missing.csv")], "cannot be opened"),
        ([str(path), "--report", str(tmp_path / "no" / "where.csv")], "cannot be written"),
        ([str(path), "--report", str(path)], "overwrite"),
    ):
        with pytest.raises(CommandError, match=told):
            call_command("import_leads", *arguments, stdout=io.StringIO(), stderr=io.StringIO())
    assert Touch.objects.count() == 0


def test_without_a_kit_nothing_is_stored(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="kit"):
        Import(write(tmp_path, *BUYERS))
    assert Touch.objects.count() == 0
