"""What a buyer allowed, the suppression list, and the data of a person, by page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

from leads.models import Lead, Permission, Person, Suppression
from lifecycle import actions, contacting
from lifecycle.contacting import Entry
from people.models import User
from tests import factories


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def company(db: None) -> factories.Company:
    return factories.company()


@pytest.fixture
def lead(company: factories.Company) -> Lead:
    return factories.capture()


SAID = {"way": "EMAIL", "state": "WITHDRAWN", "basis": "CONSENT", "source": "Call", "words": "No."}


def test_what_an_owner_writes_down_shows_at_once(company: factories.Company, lead: Lead) -> None:
    owner = User.objects.get(pk=lead.owner_id)
    client = browser(owner)
    assert client.post(f"/leads/{lead.pk}/permission/", SAID).status_code == 303
    page = client.get(f"/leads/{lead.pk}/permission/").content.decode()
    assert "Withdrawn" in page
    assert "written down by" in page
    assert "/permission/" in client.get(f"/leads/{lead.pk}/").content.decode()


def test_who_must_not_be_called_is_told_and_what_was_done_stays_with_a_remark(
    company: factories.Company,
) -> None:
    phone = "+49 30 9017724"
    lead = factories.capture(person={"email": "robin@acme.de", "phone": phone})
    actions.accept(lead_id=lead.pk, by=lead.owner, icp_confirmed=True, reachable=True)
    Lead.objects.update(hand_raised_at=None)
    told = {"reach": "CALL", "source": "Robinson", "reason": "asked on the phone"}
    contacting.suppress([Entry("PHONE", phone)], by=company.revops, **told)
    client, url = browser(User.objects.get(pk=lead.owner_id)), f"/leads/{lead.pk}/activity/"
    stop = "This number must not be called: on the list “Robinson” (asked on the phone), since "
    assert stop in client.get(url).content.decode()
    assert stop in client.get(f"/leads/{lead.pk}/").content.decode()
    call = {"kind": "CALL", "outcome": "COMPLETED", "direction": "OUTBOUND"}
    assert client.post(url, {**call, "direction": "INBOUND"}).status_code == 303
    assert client.post(url, {**call, "kind": "EMAIL"}).status_code == 303
    assert not lead.events.filter(because__has_key="against").exists()
    assert client.post(url, call).status_code == 303
    remark = "Phone was “Do not use”: it is on a suppression list."
    assert client.get(f"/leads/{lead.pk}/").content.decode().count(remark) == 2  # toast, timeline


def test_whom_no_way_leads_to_asks_for_a_decision_while_the_clock_runs(
    company: factories.Company, lead: Lead
) -> None:
    actions.accept(lead_id=lead.pk, by=lead.owner, icp_confirmed=True, reachable=True)
    Lead.objects.update(hand_raised_at=None)
    entry = Entry("EMAIL", lead.person.email)
    contacting.suppress([entry], by=company.revops, reach="ALL", source="Erased")
    page = browser(User.objects.get(pk=lead.owner_id)).get(f"/leads/{lead.pk}/").content.decode()
    assert "No contact is allowed: decide" in page
    assert "Every way to reach them is “Do not use”: on the list “Erased”" in page
    assert "the clock stops" not in page
    assert "until then the clock runs on" in page
    assert page.index("Disqualify") < page.index("More actions") < page.index("Log contact")


def test_faults_stand_beside_what_was_typed(company: factories.Company, lead: Lead) -> None:
    client = browser(User.objects.get(pk=lead.owner_id))
    answer = client.post(f"/leads/{lead.pk}/permission/", SAID | {"source": "", "way": "FAX"})
    assert answer.status_code == 422
    assert "No." in answer.content.decode()
    assert not Permission.objects.filter(way="FAX").exists()


def test_a_colleague_cannot_write_down_for_another(company: factories.Company, lead: Lead) -> None:
    other = next(rep for rep in company.reps if rep.pk != lead.owner_id)
    assert browser(other).post(f"/leads/{lead.pk}/permission/", SAID).status_code == 409
    assert not Permission.objects.filter(state="WITHDRAWN").exists()


def test_a_list_is_added_looked_up_and_lifted(company: factories.Company) -> None:
    client = browser(company.revops)
    file = SimpleUploadedFile("list.csv", b"name;email\nX;a.b@acme.com\nY;nonsense\nZ;c@acme.com\n")
    told = {"file": file, "reach": "MAIL", "source": "Robinson"}
    answer = client.post("/suppressions/", told)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "2 added, 0 on the list already; 1 line refused, all others are in:" in page
    assert "Line 3: <bdi>“nonsense”: " in page
    assert Suppression.objects.count() == 2
    told = {"value": "+49 30 9017724", "reach": "CALL", "source": "Robinson"}
    assert client.post("/suppressions/", told).status_code == 303
    assert (
        "On the list: Do not mail" in client.get("/suppressions/?q=A.B@ACME.com").content.decode()
    )
    row = Suppression.objects.get(kind="PHONE")
    assert client.post(f"/suppressions/{row.pk}/lift/").status_code == 303
    assert "Not on the list" in client.get("/suppressions/?q=%2B49309017724").content.decode()
    assert client.post(f"/suppressions/{row.pk}/lift/").status_code == 303  # told, not repeated


def test_the_command_names_each_refused_line_and_takes_the_others(
    company: factories.Company, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "robinson.csv"
    file.write_text("Rufnummer;Name\n+49 30 9017724;A\n12;B\n;\n+49 30 9017725;C\n")
    with pytest.raises(SystemExit) as ended:
        call_command("import_suppressions", file, reach="CALL", source="Robinson")
    out, err = capsys.readouterr()
    assert (ended.value.code, out) == (1, "2 added, 0 on the list already\n")
    assert err.startswith("line 3: “12”: ")
    assert "1 line was refused; all others are in." in err


@pytest.mark.parametrize(
    "told",
    [
        {"value": "", "reach": "CALL", "source": "x"},
        {"value": "nonsense", "reach": "FAX", "source": "x"},
        {"value": "a@b.co", "reach": "MAIL", "source": ""},
    ],
)
def test_a_bad_entry_is_refused_with_words(
    company: factories.Company, told: dict[str, str]
) -> None:
    assert browser(company.revops).post("/suppressions/", told).status_code == 422
    assert not Suppression.objects.exists()


def test_reps_do_not_keep_the_list(company: factories.Company) -> None:
    assert browser(company.reps[0]).get("/suppressions/").status_code == 403


def test_a_person_is_given_out_and_erased_only_by_revops_and_only_when_confirmed(
    company: factories.Company, lead: Lead
) -> None:
    url = f"/people/{lead.person_id}/data/"
    assert browser(company.manager).get(url).status_code == 403
    assert browser(company.manager).get(f"{url}export/").status_code == 403
    client = browser(company.revops)
    document = json.loads(client.get(f"{url}export/").content)
    assert document["person"] == lead.person_id
    assert document["touchpoints"]
    assert client.post(url, {"number": "1x", "reason": "Asked"}).status_code == 422
    assert client.post(url, {"number": str(lead.person_id), "reason": ""}).status_code == 422
    assert Person.objects.get(pk=lead.person_id).erased_at is None
    answer = client.post(url, {"number": f"#{lead.person_id}", "reason": "Asked"})
    assert answer.status_code == 303
    assert "This person is erased" in client.get(url).content.decode()
    page = client.get(f"/leads/{lead.pk}/").content.decode()
    assert "nothing is kept of them" in page
    for refused in ("reopen", "let-in", "edit", "same-as"):
        assert f"/leads/{lead.pk}/{refused}/" not in page
    assert f"/people/{lead.person_id}/data/" not in page
    assert client.post(f"/leads/{lead.pk}/permission/", SAID).status_code == 409
    assert "Keep it" not in client.get(f"/leads/{lead.pk}/permission/").content.decode()
    assert client.get("/people/999999999/data/").status_code == 404
