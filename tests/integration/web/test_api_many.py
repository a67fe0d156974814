"""By API: the same for many leads, a lead that a rep adds, and what escalated to whoever asks."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator

from core import database
from leads.models import Lead
from lifecycle import jobs, notices
from tests.callers import Caller, Company, touch
from tests.integration.web.test_api_schema import fits

pytestmark = pytest.mark.django_db
BULK = "/api/v1/leads/bulk_act/"


@pytest.fixture
def sdr(company: Company) -> Caller:
    return Caller(user=company.sdr)


def shape(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    parts = SchemaGenerator().get_schema(request=None, public=True)["components"]["schemas"]
    return parts[name], parts


def test_a_field_is_previewed_set_and_taken_back(mql: str, sdr: Caller) -> None:
    said = {"leads": [mql], "do": "SET", "field": "person.country", "value": "Austria"}
    shown = sdr.post(BULK, {**said, "preview": True}).json()
    assert (shown["id"], shown["state"], shown["went"]) == (None, "PREVIEW", 1)
    done = sdr.post(BULK, said).json()
    fits(done, *shape("BulkActDocument"), "bulk act")
    assert (done["state"], done["went"], done["left"]) == ("DONE", 1, [])
    assert Lead.objects.get(pk=mql).person.country == "AT"
    assert sdr.get(f"{BULK}{done['id']}/").json() == done
    assert sdr.post(f"{BULK}{done['id']}/cancel/").status_code == 409
    back = sdr.post(f"{BULK}{done['id']}/undo/").json()
    assert (back["do"], back["undoes"], back["went"]) == ("UNDO", done["id"], 1)
    assert sdr.get(f"{BULK}{done['id']}/").json()["undone_by"] == back["id"]
    assert Lead.objects.get(pk=mql).person.country == "DE"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"do": "SET", "field": "person.country", "value": "Atlantis"}, "value"),
        ({"do": "SET", "field": "person.email", "value": "a@b.de"}, "field"),
        ({"do": "REJECT"}, "reason"),
        ({"do": "NEXT_STEP", "at": "2020-01-01T00:00:00Z"}, "at"),
        ({"do": "UNDO"}, "do"),
        ({"do": "ACCEPT", "leads": []}, "leads"),
    ],
)
def test_what_cannot_be_is_refused_by_name_before_any_lead_is_touched(
    mql: str, sdr: Caller, more: dict[str, Any], field: str
) -> None:
    answer = sdr.post(BULK, {"leads": [mql], **more})
    assert answer.status_code == 422, answer.json()
    assert field in {one["field"].partition(".")[0] for one in answer.json()["errors"]}
    assert Lead.objects.get(pk=mql).stage == "MQL"


def test_what_is_somebody_elses_is_left_and_says_so(mql: str, company: Company) -> None:
    act = Caller(user=company.other_sdr).post(BULK, {"leads": [mql], "do": "ACCEPT"}).json()
    assert act["went"] == 0
    assert [one["leads"] for one in act["left"]] == [1]
    stranger = Caller(user=company.marketing)
    assert stranger.get(f"{BULK}{act['id']}/").status_code == 404
    assert stranger.get(f"{BULK}x/").status_code == 404


def test_a_rep_adds_a_buyer_and_hears_whose_they_are(sdr: Caller, company: Company) -> None:
    body = touch("jona@weiss-werke.de", channel="OUTBOUND", signals=[])
    answer = sdr.post("/api/v1/leads/", body)
    assert answer.status_code == 201, answer.json()
    lead = Lead.objects.get(pk=answer.json()["lead"])
    assert (lead.stage, lead.owner) == ("SAL", company.sdr)
    again = sdr.post("/api/v1/leads/", {**body, "note": "Called back"})
    assert (again.status_code, again.json()["mine"]) == (200, True)
    assert "yours already" in again.json()["why_not"]
    other = Caller(user=company.ae).post("/api/v1/leads/", body)
    assert (other.status_code, other.json()["mine"]) == (200, False)
    assert "worked by" in other.json()["why_not"]
    empty = sdr.post("/api/v1/leads/", {"channel": "OUTBOUND"})
    assert empty.status_code == 422
    assert sdr.post("/api/v1/leads/", [body]).status_code == 422
    assert Caller(user=company.marketing).post("/api/v1/leads/", body).status_code == 403


def test_escalations_are_listed_to_whom_they_went(mql: str, company: Company) -> None:
    manager = Caller(user=company.manager)
    assert manager.get("/api/v1/escalations/").json() == {"count": 0, "results": []}
    later = database.now() + dt.timedelta(days=20)
    for hours in range(6):
        jobs.sweep(now=later + dt.timedelta(hours=hours))
        while notices.drain(now=later + dt.timedelta(hours=hours)).done:
            pass
    found = manager.get("/api/v1/escalations/").json()
    assert found["count"] == len(found["results"]) > 0
    fits(found, *shape("Escalations"), "escalations")
    assert {one["lead"] for one in found["results"]} == {mql}
    assert Caller(user=company.sdr).get("/api/v1/escalations/").json()["count"] == 0
    assert manager.get("/api/v1/escalations/", wrong="1").status_code == 400
