"""Handing on many leads in the console and by API: what is offered, to whom, and what is said."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from leads.models import Lead
from lifecycle.models import Reassignment
from people.models import Role
from tests import factories
from tests.factories import Company

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return factories.company(reps=("anna", "ben", "cleo"))


@pytest.fixture
def leads(company: Company) -> list[Lead]:
    return factories.captures([factories.touch() for _ in range(3)])


def at(user: object) -> Client:
    client = Client()
    client.force_login(user)  # type: ignore[arg-type]
    return client


def test_leads_are_ticked_previewed_handed_on_and_taken_back(
    company: Company, leads: list[Lead]
) -> None:
    mia, cleo = at(company.manager), company.reps[2]
    assert "Hand on those ticked" in mia.get("/leads/").text
    query = "&".join(f"lead={one.pk}" for one in leads)
    shown = mia.get(f"/leads/reassign/?{query}&way=PERSON&to={cleo.pk}").text
    assert "What would come of it now" in shown
    assert not Reassignment.objects.exists()
    given = {"lead": [one.pk for one in leads], "way": "PERSON", "to": cleo.pk}
    assert "What would come of it now" in mia.post("/leads/reassign/", {**given, "preview": 1}).text
    assert not Reassignment.objects.exists()
    refused = mia.post("/leads/reassign/", given)
    assert (refused.status_code, "Say why" in refused.text) == (422, True)
    done = mia.post("/leads/reassign/", {**given, "reason": "Anna is ill."})
    act = Reassignment.objects.get()
    assert (done.status_code, done["Location"]) == (303, f"/leads/reassigned/{act.pk}/")
    page = mia.get(done["Location"]).text
    assert "Hand to Cleo" in page
    assert "Anna is ill." in page
    assert f"/leads/{leads[0].pk}/" in page
    back = mia.post(f"/leads/reassigned/{act.pk}/undo/")
    assert "Undo act" in mia.get(back["Location"]).text
    assert "Hand to Cleo" in mia.get("/leads/reassigned/").text


def test_all_that_match_go_by_the_rules_or_to_a_pool(company: Company, leads: list[Lead]) -> None:
    rita = at(company.revops)
    page = rita.get("/leads/reassign/?all=1&stage=MQL&way=ANEW").text
    assert "Hand on 3 leads" in page
    assert "What would come of it now" in page
    done = rita.post("/leads/reassign/", {"all": "1", "way": "POOL", "pool": "americas",
                                          "reason": "-"})  # fmt: skip
    assert "wait in the queue Americas" in rita.get(done["Location"]).text


def test_an_act_that_moves_nothing_does_not_read_as_done(
    company: Company, leads: list[Lead]
) -> None:
    otto = factories.user("otto", role=Role.MANAGER)  # of none of them
    ids = [str(one.pk) for one in leads]
    body = {"leads": ids, "way": "PERSON", "to": str(otto.pk), "reason": "Mine now."}
    given = at(otto).post("/api/v1/leads/bulk_reassign/", body, "application/json").json()
    assert "Moved nothing" in at(otto).get(f"/leads/reassigned/{given['id']}/").text
    assert "0 of 3 leads moved" in at(otto).get("/leads/reassigned/").text


def test_bad_addresses_are_told_and_reps_are_refused(company: Company, leads: list[Lead]) -> None:
    mia = at(company.manager)
    assert "No lead is chosen" in mia.get("/leads/reassign/?lead=x&lead=99999999999999999999").text
    assert "No lead is chosen" in mia.get("/leads/reassign/?all=1&stage=NOWHERE").text
    for way in ("way=PERSON", "way=POOL", "way=SIDEWAYS", "way=PERSON&to=x"):
        assert mia.get(f"/leads/reassign/?lead={leads[0].pk}&{way}").status_code == 422
    assert mia.get("/leads/reassigned/12345/").status_code == 404
    assert mia.post("/leads/reassigned/12345/undo/").status_code == 404
    assert mia.post("/leads/reassigned/1/other/").status_code == 404
    anna = at(company.reps[0])
    assert "Hand on those ticked" not in anna.get("/leads/").text
    for address in ("/leads/reassign/?all=1", "/leads/reassigned/"):
        assert anna.get(address).status_code == 403


def test_systems_preview_hand_on_and_ask(company: Company, leads: list[Lead]) -> None:
    rita = at(company.revops)

    def post(address: str, **body: object) -> tuple[int, dict[str, object]]:
        answer = rita.post(
            f"/api/v1/leads/bulk_reassign/{address}", json.dumps(body), "application/json"
        )
        return answer.status_code, answer.json()

    ids = [str(one.pk) for one in leads]
    body = {"leads": ids, "way": "PERSON", "to": str(company.manager.pk)}
    status, told = post("", **body, preview=True)
    assert (status, told["state"], told["to_users"]) == (
        200, "PREVIEW", [{"what": str(company.manager.pk), "leads": 3}],
    )  # fmt: skip
    assert post("", **body)[0] == 422
    status, act = post("", **body, reason="Anna is ill.")
    assert (status, act["state"], act["done"]) == (200, "DONE", 3)
    again = rita.get(f"/api/v1/leads/bulk_reassign/{act['id']}/").json()
    assert again == act
    assert post(f"{act['id']}/cancel/")[0] == 409
    assert post(f"{act['id']}/undo/")[1]["undoes"] == act["id"]
    assert post(f"{act['id']}/undo/")[0] == 409
    assert rita.get("/api/v1/leads/bulk_reassign/x/").status_code == 404


def test_a_lead_that_is_not_there_stays_as_the_preview_says(
    company: Company, leads: list[Lead]
) -> None:
    rita = at(company.revops)
    ids = [str(leads[0].pk), "99999999"]
    body = {"leads": ids, "way": "PERSON", "to": str(company.manager.pk), "reason": "-"}
    for preview in (True, False):
        told = rita.post(
            "/api/v1/leads/bulk_reassign/", {**body, "preview": preview}, "application/json"
        ).json()
        assert (told["total"], told["done"]) == (2, 2)
        assert told["to_users"] == [{"what": str(company.manager.pk), "leads": 1}]
        assert told["stayed"] == [{"what": "not yours to hand on", "leads": 1}]


def test_a_backup_is_named_by_oneself(company: Company) -> None:
    anna, ben, _ = company.reps
    page = at(anna)
    assert "Keep this backup" in page.get("/time/").text
    page.post(f"/time/{anna.pk}/backup/", {"backup": ben.pk})
    anna.refresh_from_db()
    assert anna.backup == ben
    assert page.post(f"/time/{anna.pk}/backup/", {"backup": anna.pk}).status_code == 422
    page.post(f"/time/{anna.pk}/backup/", {"backup": ""})
    anna.refresh_from_db()
    assert anna.backup is None
