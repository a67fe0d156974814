"""Files by API: uploaded, checked, imported, read back, taken back; by RevOps alone."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from leads.models import Account, Lead
from lifecycle.account_importing import working as account_working
from lifecycle.importing import runs, working
from tests import factories
from tests.callers import Caller, Company, make_key
from tests.integration.web.test_api_schema import fits

pytestmark = pytest.mark.django_db

LEADS = "Id,Vorname,Nachname,E-Mail,Firma\n1,Zoë,Roe,zoe@acme.test,Acme\n,No,Key,,Beta\n"
ACCOUNTS = "Account ID,Account Name,Website,Type\n1,Acme,acme.example,Good friend\n2,Bolt,,\n"
WORKERS = {"LEADS": working.work, "ACCOUNTS": account_working.work}


@pytest.fixture(autouse=True)
def queued(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests do the worker's part when they see fit."""
    monkeypatch.setattr(runs.queue, "enqueue", lambda *_, **__: None)


@pytest.fixture
def revops(company: Company) -> Caller:
    return Caller(key=make_key("imports", "WRITE", company.people["revops"]))


def upload(caller: Caller, text: str, **fields: str) -> Any:
    file = SimpleUploadedFile("table.csv", text.encode(), content_type="text/csv")
    return caller.client.post("/api/v1/imports/", {"file": file, **fields})


def done(caller: Caller, url: str, act: str, body: Any = None, *, subject: str = "LEADS") -> Any:
    """Ask for an act, let the worker do it, and look again."""
    answer = caller.post(f"{url}{act}/", body)
    assert answer.status_code == 202, answer.content
    WORKERS[subject](int(answer.json()["id"]))
    return caller.get(url).json()


def table(answer: Any) -> list[dict[str, str]]:
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_leads_are_uploaded_checked_imported_read_and_taken_back(revops: Caller) -> None:
    made = upload(revops, LEADS)
    assert made.status_code == 201, made.content
    told = made.json()
    assert (told["state"], told["headings"][0]) == ("UPLOADED", "Id")
    assert told["proposal"]["columns"]["person.email"]["from"] == ["E-Mail"]
    url = f"/api/v1/imports/{told['id']}/"
    checked = done(revops, url, "check", {"system": "fair", "channel": "EVENT"})
    assert (checked["state"], checked["verdicts"]) == ("READY", {"CREATED": 1, "REJECTED": 1})
    assert not Lead.objects.exists()
    imported = done(revops, url, "start")
    assert (imported["state"], imported["dry_run"], imported["total"]) == ("DONE", False, 2)
    lead = Lead.objects.get()
    rows = revops.get(f"{url}rows/").json()["results"]
    assert [(one["row"], one["verdict"], one["lead"]) for one in rows] == [
        (2, "REJECTED", None), (1, "CREATED", str(lead.pk)),
    ]  # fmt: skip
    [bad] = revops.get(f"{url}rows/", verdict="REJECTED").json()["results"]
    assert bad["reasons"] == [one["message"] for one in bad["faults"]]
    assert [one["field"] for one in bad["faults"]] == ["person"]
    parts = SchemaGenerator().get_schema(request=None, public=True)["components"]["schemas"]
    fits(told, parts["Uploaded"], parts, "upload")
    fits(imported, parts["ImportDocument"], parts, "import")
    fits(bad, parts["RowDocument"], parts, "row")
    result = table(revops.get(f"{url}result/"))
    assert [row["LeadGov verdict"] for row in result] == ["Created", "Rejected"]
    factories.check_rules()
    gone = done(revops, url, "undo", {"reason": "the wrong file"})
    assert (gone["state"], Lead.objects.exists()) == ("UNDONE", False)
    assert [one["id"] for one in revops.get("/api/v1/imports/").json()["results"]] == [told["id"]]


def test_accounts_are_imported_and_not_taken_back(revops: Caller) -> None:
    told = upload(revops, ACCOUNTS, subject="ACCOUNTS").json()
    url = f"/api/v1/imports/{told['id']}/"
    words = {"status": {"Good friend": "PARTNER"}}
    checked = done(revops, url, "check", {"mapping": words}, subject="ACCOUNTS")
    assert checked["verdicts"] == {"CREATED": 2}
    done(revops, url, "start", subject="ACCOUNTS")
    acme = Account.objects.get(domain="acme.example")
    assert acme.status == "PARTNER"
    rows = revops.get(f"{url}rows/").json()["results"]
    assert [(one["account"], one["lead"]) for one in rows][-1] == (str(acme.pk), None)
    refused = revops.post(f"{url}undo/")
    assert (refused.status_code, "not undone" in refused.json()["detail"]) == (409, True)


@pytest.mark.parametrize(
    ("text", "fields", "body", "status", "field"),
    [
        (LEADS, {"subject": "CATS"}, None, 422, "subject"),
        (LEADS, {"colour": "red"}, None, 422, "colour"),
        ("", {}, None, 422, "file"),
        ("%PDF-1.7", {}, None, 422, ""),
        (LEADS, {}, {}, 422, "system"),
        (LEADS, {}, {"system": "fair", "mapping": "../../etc/passwd"}, 422, "mapping"),
        (LEADS, {}, {"system": "fair", "mapping": 7}, 422, "mapping"),
        (LEADS, {}, {"system": "fair", "mapping": {"columns": {"moon": ["Id"]}}}, 422, ""),
        (LEADS, {}, {"system": "fair", "encoding": "klingon"}, 422, "encoding"),
        (LEADS, {}, {"system": "fair", "pool": "nobody", "rows_a_day": 3}, 422, "pace"),
        (LEADS, {}, {"system": "fair", "speed": 3}, 422, "speed"),
        (ACCOUNTS, {"subject": "ACCOUNTS"}, {"live": True}, 422, "live"),
        (ACCOUNTS, {"subject": "ACCOUNTS"}, {"mapping": {"x": 1}}, 422, "x"),
    ],
)
def test_what_cannot_be_is_refused_by_its_name(
    revops: Caller, text: str, fields: dict[str, str], body: Any, status: int, field: str
) -> None:
    answer = upload(revops, text, **fields)
    if body is not None:
        assert answer.status_code == 201, answer.content
        answer = revops.post(f"/api/v1/imports/{answer.json()['id']}/check/", body)
    assert answer.status_code == status, answer.content
    named = [one["field"] for one in answer.json()["errors"]]
    assert not field or field in named


def test_a_file_that_is_too_large_is_413(revops: Caller, settings: Any) -> None:
    settings.IMPORT_MAX_BYTES = 2_000
    assert upload(revops, "a,b\n" + "1,2\n" * 2_000).status_code == 413


def test_a_key_of_a_service_and_other_people_may_not(company: Company, revops: Caller) -> None:
    told = upload(revops, LEADS).json()
    url = f"/api/v1/imports/{told['id']}/"
    marketing = Caller(user=company.people["marketing"])
    service = Caller(key=make_key("other", "WRITE"))
    for other in (service, marketing):
        assert other.get(url).status_code == 403
        assert upload(other, LEADS).status_code == 403
    assert revops.get("/api/v1/imports/999999/").status_code == 404
    assert revops.post(f"{url}start/").status_code == 409
    assert revops.post("/api/v1/imports/", {"file": "x"}).status_code == 415
    client = Client()
    assert client.get(url).status_code == 401
