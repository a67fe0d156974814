"""The pages of imports: who may, what is refused with which word, and the way of a file."""

from __future__ import annotations

import csv
import io
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from leads.models import Lead
from lifecycle.importing import runs, working
from lifecycle.models import ImportRun
from tests import pages
from tests.callers import Company

pytestmark = pytest.mark.django_db

TABLE = (
    "Vorname;Nachname;E-Mail;Firma;Datum;Punkte\n"
    "Zoë;Roe;zoe@acme.test;Acme GmbH;03.04.2025;7\n"
    "Ben;Paz;ben@beta.test;Beta;25.04.2025;8\n"
    "Zoë;Roe;ZOE@acme.test;Acme;26.04.2025;9\n"
    '=1+1;Bad;;"Gam;ma";gestern;\n'
)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker does what it is asked at once."""
    monkeypatch.setattr(runs.queue, "enqueue", lambda *_, **__: None)


@pytest.fixture
def client(company: Company) -> Client:
    client = Client()
    client.force_login(company.people["marketing"])
    return client


def send(client: Client, content: bytes | str, name: str = "fair.csv") -> Any:
    body = content.encode() if isinstance(content, str) else content
    return client.post("/import/", {"file": SimpleUploadedFile(name, body)})


def uploaded(client: Client, content: bytes | str, name: str = "fair.csv") -> ImportRun:
    answer = send(client, content, name)
    assert answer.status_code == 303, answer.content
    return ImportRun.objects.latest("pk")


def mapped(client: Client, run: ImportRun, **changes: Any) -> Any:
    page = client.get(f"/import/{run.pk}/")
    return client.post(f"/import/{run.pk}/check/", pages.form(page, "mapping", **changes))


def result(answer: Any) -> list[dict[str, str]]:
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def test_a_table_is_uploaded_guessed_checked_and_imported(client: Client) -> None:
    run = uploaded(client, TABLE)
    page = client.get(f"/import/{run.pk}/")
    given = pages.form(page, "mapping")
    assert [given[f"c{n}"] for n in range(6)] == [
        ["person.first_name"], ["person.last_name"], ["person.email"], ["company.name"],
        ["occurred_at"], [""],
    ]  # fmt: skip
    assert b"zoe@acme.test" in page.content
    assert mapped(client, run).status_code == 303
    assert b"waits for the worker" in client.get(f"/import/{run.pk}/").content
    working.work(run.pk)
    checked = client.get(f"/import/{run.pk}/").content.decode()
    assert "Import 3 rows for good" in checked
    assert Lead.objects.count() == 0
    assert client.post(f"/import/{run.pk}/start/").status_code == 303
    working.work(run.pk)
    done = client.get(f"/import/{run.pk}/?verdict=REJECTED").content.decode()
    assert "4 rows done, 3 imported." in done
    assert "Datum: “gestern” is no date." in done
    ImportRun.objects.filter(pk=run.pk).update(file_until=None)
    kept = client.get(f"/import/{run.pk}/?verdict=REJECTED").content.decode()
    assert "Datum: “…” is no date." in kept
    run.refresh_from_db()
    assert run.tallies == {"CREATED": 2, "ATTACHED": 1, "REJECTED": 1}


def test_rejected_rows_are_mended_in_the_result_and_uploaded_again(client: Client) -> None:
    run = uploaded(client, f"{TABLE}Kim;Wide;kim@delta.test;Del;ta;28.04.2025;3\n")
    mapped(client, run)
    working.work(run.pk)
    client.post(f"/import/{run.pk}/start/")
    working.work(run.pk)
    every = result(client.get(f"/import/{run.pk}/rows.csv"))
    assert [row["LeadGov verdict"] for row in every] == [
        "Created", "Created", "Attached", "Rejected", "Rejected",
    ]  # fmt: skip
    assert [row["LeadGov line"] for row in every] == ["2", "3", "4", "5", "6"]
    assert all(row["LeadGov lead"].startswith("http") for row in every[:3])
    [bad, wide] = result(client.get(f"/import/{run.pk}/rows.csv?verdict=REJECTED"))
    assert bad["Vorname"] == "'=1+1"
    assert bad["LeadGov reason"].startswith("Datum: “gestern” is no date.")
    assert (wide["Datum"], wide["Punkte"], wide["LeadGov extra cell 1"]) == (
        "ta",
        "28.04.2025",
        "3",
    )
    bad |= {"E-Mail": "bad@gamma.test", "Datum": "27.04.2025"}
    wide |= {"Firma": "Delta", "Datum": "28.04.2025", "Punkte": "3", "LeadGov extra cell 1": ""}
    out = io.StringIO()
    writer = csv.DictWriter(out, bad, delimiter=";")
    writer.writeheader()
    writer.writerows([wide, bad])
    again = uploaded(client, out.getvalue(), "mended.csv")
    assert b"As a table with these headings was last." in client.get(f"/import/{again.pk}/").content
    mapped(client, again)
    working.work(again.pk)
    client.post(f"/import/{again.pk}/start/")
    working.work(again.pk)
    kim, lead = Lead.objects.order_by("-pk")[:2][::-1]
    assert (kim.person.first_name, lead.person.first_name) == ("Kim", "=1+1")
    assert not any(
        name.startswith("LeadGov") for name in lead.touches.get().payload.get("fields", {})
    )


def test_a_workbook_is_taken_with_the_sheet_one_chooses(client: Client) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Nothing", "here"])
    people = book.create_sheet("People")
    for row in (["Id", "Work email"], [17.0, "a@b.test"], [None, "c@d.test"]):
        people.append(row)
    out = io.BytesIO()
    book.save(out)
    run = uploaded(client, out.getvalue(), "fair.xlsx")
    page = client.get(f"/import/{run.pk}/?sheet=People")
    given = pages.form(page, "mapping", system="fair")
    assert (given["c0"], given["c1"]) == (["external_id"], ["person.email"])
    assert client.post(f"/import/{run.pk}/check/", given).status_code == 303
    working.work(run.pk)
    run.refresh_from_db()
    assert (run.state, run.sheet, run.tallies) == ("READY", "People", {"CREATED": 2})


def test_what_was_chosen_wrong_is_said_and_kept(client: Client) -> None:
    run = uploaded(client, "Id,Mail\n1,a@b.test\n")
    answer = mapped(client, run)
    assert answer.status_code == 422
    assert b"Say of which system the ids are" in answer.content
    answer = mapped(client, run, c0="-", c1="", zone="Mars/Phobos")
    assert answer.status_code == 422
    given = pages.form(answer, "mapping")
    assert (given["c0"], given["c1"], given["zone"]) == (["-"], [""], ["Mars/Phobos"])
    for change in ({"c1": "person.shoe"}, {"channel": "PIGEON"}, {"encoding": "klingon"}):
        assert mapped(client, run, **change).status_code == 422
    run.refresh_from_db()
    assert run.state == "UPLOADED"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 99, "old Excel workbook"),
        (b"PK\x03\x04" + b"x" * 99, "cannot be read as a workbook"),
        (b"%PDF-1.7", "a PDF"),
        (b",".join(b"c%d" % n for n in range(9_000)), "9,000 columns"),
        (b"x" * 2_000, ""),
    ],
)
def test_a_file_that_is_no_table_is_refused_on_the_page(
    client: Client, content: bytes, told: str
) -> None:
    answer = send(client, content)
    if told:
        assert (answer.status_code, told in answer.content.decode()) == (422, True)
        assert ImportRun.objects.count() == 0
    else:
        assert answer.status_code == 303


def test_a_file_that_is_too_large_is_refused_with_the_limit(client: Client, settings: Any) -> None:
    settings.IMPORT_MAX_BYTES = 50_000
    answer = send(client, b"a,b\n" + b"1,2\n" * 50_000)
    assert (answer.status_code, b"Split it" in answer.content) == (413, True)
    assert client.post("/import/", {}).status_code == 422


@pytest.mark.parametrize("who", ["sdr", "ae"])
def test_reps_do_not_import(company: Company, client: Client, who: str) -> None:
    run = uploaded(client, TABLE)
    rep = Client()
    rep.force_login(company.people[who])
    for address in ("/import/", f"/import/{run.pk}/", f"/import/{run.pk}/rows.csv"):
        assert rep.get(address).status_code == 403
    assert send(rep, TABLE).status_code == 403
    assert rep.post(f"/import/{run.pk}/cancel/").status_code == 403
    assert b'href="/import/"' not in rep.get("/").content
    assert b'href="/import/"' in client.get("/leads/").content


def test_what_is_not_there_or_too_late_is_told(client: Client) -> None:
    assert client.get("/import/999999/").status_code == 404
    assert client.post("/import/999999/start/").status_code == 404
    run = uploaded(client, TABLE)
    assert client.post(f"/import/{run.pk}/dance/").status_code == 404
    assert client.post(f"/import/{run.pk}/start/").status_code == 303
    assert b"look at it again" in client.get("/import/").content
    assert client.post(f"/import/{run.pk}/cancel/").status_code == 303
    assert client.get(f"/import/{run.pk}/?verdict=MAYBE").status_code == 422
    assert client.get(f"/import/{run.pk}/?after=x&before=y").status_code == 200


def test_an_upload_whose_file_is_gone_can_only_be_given_up(client: Client) -> None:
    run = uploaded(client, TABLE)
    ImportRun.objects.filter(pk=run.pk).update(file_until=None)
    page = client.get(f"/import/{run.pk}/")
    assert (page.status_code, b"Upload it again" in page.content) == (200, True)
    client.post(f"/import/{run.pk}/cancel/")
    run.refresh_from_db()
    assert run.state == "CANCELLED"


def test_the_pages_ask_a_fixed_number_of_queries(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    rows = "".join(f"A{n};B{n};a{n}@c.test;Acme;;\n" for n in range(70))
    run = uploaded(client, TABLE.split("\n", maxsplit=1)[0] + "\n" + rows)
    mapped(client, run)
    working.work(run.pk)
    client.post(f"/import/{run.pk}/start/")
    working.work(run.pk)
    with django_assert_max_num_queries(11):
        page = client.get(f"/import/{run.pk}/?after=2")
    assert page.content.count(b"<bdi>A") >= 50
    with django_assert_max_num_queries(10):
        client.get("/import/")


def test_a_past_is_told_with_its_days_on_the_page_of_the_lead(client: Client) -> None:
    run = uploaded(
        client,
        "Email,Lead status,Create date,Close date\n"
        "zoe@acme.test,Unbrauchbar,2025-03-03,2025-04-05\n",
    )
    mapped(client, run, **{"stage:Unbrauchbar": "DISQUALIFIED"})
    working.work(run.pk)
    client.post(f"/import/{run.pk}/start/")
    working.work(run.pk)
    lead = Lead.objects.get()
    assert lead.stage == "DISQUALIFIED"
    assert "5 Apr 2025" in client.get(f"/leads/{lead.pk}/").content.decode()
