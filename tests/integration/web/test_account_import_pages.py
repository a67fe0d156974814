"""A table of accounts by page: mapped, checked, imported; who may, and what becomes of each row."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core import database
from leads.models import Account
from lifecycle.account_importing import working
from lifecycle.importing import runs
from lifecycle.importing import working as importing
from lifecycle.models import ImportRun
from people.models import User
from tests import pages
from tests.callers import Company

pytestmark = pytest.mark.django_db

ROWS = (
    ("Account ID", "Account Name", "Website", "Type", "Parent Account ID", "Colour"),
    ("1", "Acme", "acme.example", "Good friend", "2", "red"),
    ("2", "Holding", "holding.example", "Customer", "1", ""),
    ("1", "Acme", "acme.example", "Competitor", "", ""),
    ("", "", "", "", "", "blue"),
)


@pytest.fixture(autouse=True)
def queued(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the queue was asked for; the tests do it when they see fit."""
    asked: list[str] = []
    monkeypatch.setattr(runs.queue, "enqueue", lambda job, *_, **__: asked.append(job))
    return asked


@pytest.fixture
def revops(company: Company) -> User:
    return company.people["revops"]


@pytest.fixture
def client(revops: User) -> Client:
    client = Client()
    client.force_login(revops)
    return client


def workbook() -> bytes:
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append([cell or None for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def text() -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(ROWS)
    return out.getvalue().encode()


def table(content: bytes) -> list[dict[str, str]]:
    """A result file, whatever it was written as."""
    if not content.startswith(b"PK"):
        return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    headings, *rows = openpyxl.load_workbook(io.BytesIO(content)).active.values
    return [dict(zip(headings, (cell or "" for cell in row), strict=True)) for row in rows]


def uploaded(client: Client, content: bytes, name: str) -> ImportRun:
    file = SimpleUploadedFile(name, content)
    answer = client.post("/import/", {"file": file, "subject": "ACCOUNTS"})
    assert answer.status_code == 303, answer.content
    return ImportRun.objects.latest("pk")


def checked(client: Client, run: ImportRun, **changes: Any) -> ImportRun:
    page = client.get(f"/import/{run.pk}/")
    answer = client.post(f"/import/{run.pk}/check/", pages.form(page, "mapping", **changes))
    assert answer.status_code == 303, answer.content
    working.work(run.pk)
    run.refresh_from_db()
    return run


@pytest.mark.parametrize(("content", "name"), [(text(), "a.csv"), (workbook(), "a.xlsx")])
def test_a_table_of_accounts_is_mapped_checked_and_imported(
    client: Client, revops: User, content: bytes, name: str
) -> None:
    run = uploaded(client, content, name)
    given = pages.form(client.get(f"/import/{run.pk}/"), "mapping")
    assert [given[f"c{n}"] for n in range(6)] == [
        ["external_id"], ["name"], ["domain"], ["status"], ["parent"], [""],
    ]  # fmt: skip
    assert (given["w0"], given["w1"], given["system"]) == ([""], ["CUSTOMER"], ["salesforce"])
    run = checked(client, run, w0="PARTNER")
    assert (run.state, Account.objects.filter(domain="acme.example").count()) == ("READY", 0)
    tallies = run.tallies
    assert client.post(f"/import/{run.pk}/start/").status_code == 303
    working.work(run.pk)
    run.refresh_from_db()
    assert (run.state, run.tallies) == ("DONE", tallies)
    assert tallies == {"CREATED": 2, "UNCHANGED": 1, "REJECTED": 1}
    acme = Account.objects.get(domain="acme.example")
    assert (acme.status, acme.parent and acme.parent.domain) == ("PARTNER", "holding.example")
    assert acme.history.latest().history_user == revops
    page = client.get(f"/import/{run.pk}/").content.decode()
    assert "It would stand above itself" in page
    assert "Row 3 (status) said otherwise" in page
    assert "not undone at one go" in page
    assert f'href="/accounts/{acme.pk}/"' in page
    answer = client.get(f"/import/{run.pk}/rows.csv")
    told = table(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    assert [row["LeadGov verdict"] for row in told] == [
        "Created", "Created", "Unchanged", "Rejected",
    ]  # fmt: skip
    assert told[0]["LeadGov account"].endswith(f"/accounts/{acme.pk}/")


def test_a_run_that_lost_its_worker_begins_anew(client: Client) -> None:
    run = checked(client, uploaded(client, text(), "a.csv"))
    runs.start(run.pk, by=run.by)
    working.work(run.pk)
    ImportRun.objects.filter(pk=run.pk).update(state="RUNNING", beat_at=None)
    working.work(run.pk)
    run.refresh_from_db()
    assert (run.state, run.done, run.tallies) == ("DONE", 4, {"UNCHANGED": 3, "REJECTED": 1})
    assert any("begun anew" in note for note in run.notes)


@pytest.mark.parametrize(("minutes", "taken"), [(5, 0), (25, 1)])
def test_a_check_that_cannot_show_a_sign_of_life_is_given_time(
    client: Client, minutes: int, taken: int
) -> None:
    run = uploaded(client, text(), "a.csv")
    now = database.now()
    silent = now - dt.timedelta(minutes=minutes)
    ImportRun.objects.filter(pk=run.pk).update(state="CHECKING", beat_at=silent)
    assert importing.take_up_left_behind(now=now) == taken


def test_a_table_that_names_no_account_is_told_so(client: Client) -> None:
    run = uploaded(client, b"Colour,Shape\nred,round\n", "a.csv")
    answer = client.post(f"/import/{run.pk}/check/", {"c0": "country", "system": "x"})
    assert answer.status_code == 422
    assert b"No column names the account" in answer.content


def test_only_revops_imports_accounts(company: Company, client: Client) -> None:
    run = uploaded(client, text(), "a.csv")
    other = Client()
    other.force_login(company.people["marketing"])
    file = SimpleUploadedFile("a.csv", text())
    assert other.post("/import/", {"file": file, "subject": "ACCOUNTS"}).status_code == 403
    assert other.get(f"/import/{run.pk}/").status_code == 404
    assert other.post(f"/import/{run.pk}/start/").status_code == 404
    assert b"a.csv" not in other.get("/import/").content
    assert b'value="ACCOUNTS"' not in other.get("/import/").content
    assert client.get(f"/import/{run.pk}/undo/").status_code == 303
