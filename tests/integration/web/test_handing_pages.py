"""Handing on many leads in the console and by API: what is offered, to whom, and what is said."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from leads.models import Lead
from lifecycle.models import Reassignment
from people.models import Leave, Role, Shift, User
from tests import factories, pages
from tests.factories import Company

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


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
    for asked in ("reason=timing", "of_reason=timing&way=ANEW&reason=-"):
        assert "Hand on 3 leads" not in rita.get(f"/leads/reassign/?all=1&{asked}").text
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


class TestWhoIsNotAtWork:
    """Whoever gives a lead by hand to somebody who is away knows it."""

    @pytest.fixture
    def away(self, company: Company, leads: list[Lead]) -> User:
        now = timezone.now()
        anna, ben, cleo = company.reps
        User.objects.filter(pk=anna.pk).update(first_name="")
        Leave.objects.create(user=cleo, starts_at=now - factories.HOUR, ends_at=now + 5 * DAY)
        Shift.objects.filter(user=ben).delete()
        return cleo

    def test_pickers_say_so_in_the_order_of_the_names_shown(
        self, company: Company, leads: list[Lead], away: User
    ) -> None:
        mia = at(company.manager)
        Lead.objects.filter(pk=leads[0].pk).update(owner=None)
        for path in ("/leads/reassign/?all=1", f"/leads/{leads[1].pk}/reassign/"):
            text = mia.get(path).text
            labels = re.findall(r">([^<]*) · DACH</option>", text)
            names = [one.split(" (")[0] for one in labels]
            assert names == sorted(names, key=str.casefold), path
            assert {"anna", "Cleo"} <= set(names), "who has no full name stands by user name"
            assert any(one.startswith("Cleo (on leave until ") for one in labels), path
        bens = [one for one in labels if one.startswith("Ben")]
        assert bens in ([], ["Ben (off shift)"])

    def test_what_was_done_says_so_too(
        self, company: Company, leads: list[Lead], away: User
    ) -> None:
        mia, lead = at(company.manager), next(one for one in leads if one.owner_id != away.pk)
        path = f"/leads/{lead.pk}/reassign/"
        given = pages.form(mia.get(path), path, to=away.pk, reason="Hers")
        assert mia.post(path, given).status_code == 303
        told = mia.get("/leads/").text
        assert "is with Cleo now. Cleo is on leave until " in told
        shown = mia.get(f"/leads/reassign/?lead={leads[1].pk}&way=PERSON&to={away.pk}").text
        assert re.search(r"Cleo \(on leave until [^)]*\)</", shown.split("What would come")[1])

    def test_a_picker_costs_the_same_for_three_and_for_thirty(
        self, company: Company, leads: list[Lead], django_assert_num_queries: Any
    ) -> None:
        mia, path = at(company.manager), f"/leads/{leads[0].pk}/reassign/"
        with CaptureQueriesContext(connection) as few:
            mia.get(path)
        for number in range(27):
            factories.rep(f"rep{number}", team=company.reps[0].team)
        with django_assert_num_queries(len(few)):
            mia.get(path)
