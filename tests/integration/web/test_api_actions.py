"""Acting on leads by API: each body as the contract names it, each refusal with its reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from core import database
from leads.models import Activity, Lead
from tests.callers import Caller, Company

ACCEPT = {"icp_confirmed": True, "reachable": True, "evidence": "Spoke on the phone"}
BANT = {f"bant.{item}": "as told" for item in ("budget", "authority", "need", "timeline")}
Key = Callable[[str], Caller]


@pytest.fixture
def sdr(company: Company) -> Caller:
    return Caller(user=company.sdr)


def act(caller: Caller, lead: str, name: str, body: Any = None) -> Any:
    return caller.post(f"/api/v1/leads/{lead}/{name}/", body)


def test_a_lead_is_taken_all_the_way_to_won(mql: str, sdr: Caller) -> None:
    assert act(sdr, mql, "accept", ACCEPT).json()["stage"] == "SAL"
    called = {"kind": "DISCOVERY_CALL", "direction": "OUTBOUND", "outcome": "COMPLETED"}
    assert act(sdr, mql, "activities", called).status_code == 201
    answer = act(sdr, mql, "sales_qualify", {"checklist": BANT})
    assert answer.status_code == 200, answer.json()
    answer = act(
        sdr,
        mql,
        "convert",
        {
            "name": "Nordwind",
            "amount": "12000.50",
            "currency": "EUR",
            "expected_close": "2027-01-31",
        },
    )
    assert answer.status_code == 200, answer.json()
    assert answer.json()["opportunity"]["amount"] == "12000.50"
    answer = act(sdr, mql, "win", {"amount": "11000"})
    assert answer.status_code == 200, answer.json()
    assert answer.json()["stage"] == "WON"


def test_accepting_stops_the_clock_and_says_so(mql: str, sdr: Caller) -> None:
    act(sdr, mql, "accept", ACCEPT)
    clocks = sdr.get(f"/api/v1/leads/{mql}/clocks/").json()["results"]
    [accept] = [clock for clock in clocks if clock["policy"] == "accept"]
    assert accept["state"] == "STOPPED"
    assert accept["stopped_at"] is not None
    assert accept["breached_at"] is None


def test_the_second_of_two_is_told_the_present_state(mql: str, sdr: Caller) -> None:
    act(sdr, mql, "accept", ACCEPT)
    answer = act(sdr, mql, "accept", ACCEPT)
    assert answer.status_code == 409
    assert answer["Content-Type"].startswith("application/problem+json")
    assert answer.json()["state"]["stage"] == "SAL"


def test_undo_takes_the_last_step_back(mql: str, sdr: Caller) -> None:
    act(sdr, mql, "accept", ACCEPT)
    assert act(sdr, mql, "undo").json()["stage"] == "MQL"


def test_a_rejected_lead_may_vanish_from_the_reps_sight_but_is_answered(
    mql: str, sdr: Caller, company: Company, key_of: Key
) -> None:
    kit = key_of("READ").get("/api/v1/kit/").json()["document"]
    [reason] = [
        entry["key"]
        for entry in kit["parts"]["reason"]
        if "reject" in entry["used_for"] and not entry.get("note_required")
    ][:1]
    answer = act(sdr, mql, "reject", {"reason": reason, "criterion": "icp", "note": "too small"})
    assert answer.status_code == 200, answer.json()
    assert answer.json()["stage"] in {"NURTURE", "DISQUALIFIED"}
    assert answer.json()["reason"] == reason


def test_who_reassigns_second_is_told_who_has_it_since_when_and_from_whom(
    mql: str, company: Company
) -> None:
    manager = Caller(user=company.manager)
    owner, other = str(company.sdr.pk), str(company.other_sdr.pk)
    body = {"to": other, "reason": "Speaks Dutch", "expected_owner": owner}
    assert act(manager, mql, "reassign", {**body, "expected_owner": None}).status_code == 409
    assert act(manager, mql, "reassign", body).status_code == 200
    revops = Caller(user=company.revops)
    second = act(revops, mql, "reassign", {**body, "to": owner})
    assert second.status_code == 409
    assert f"has been with {company.other_sdr} since " in second.json()["detail"]
    assert f"given by {company.manager}" in second.json()["detail"]
    assert second.json()["state"]["owner"] == other
    assert act(revops, mql, "reassign", {"to": owner, "reason": "Back"}).status_code == 200


def test_a_manager_reassigns_by_id(mql: str, company: Company) -> None:
    manager = Caller(user=company.manager)
    body = {"to": str(company.ae.pk), "reason": "Knows the customer"}
    answer = act(manager, mql, "reassign", body)
    assert answer.status_code == 200, answer.json()
    assert answer.json()["owner"]["id"] == str(company.ae.pk)


@pytest.mark.parametrize(
    ("name", "body", "named"),
    [
        ("accept", {}, "icp_confirmed"),
        ("accept", {"icp_confirmed": "yes", "reachable": True}, "icp_confirmed"),
        ("accept", {"icp_confirmed": 1, "reachable": True}, "icp_confirmed"),
        ("accept", {**ACCEPT, "stage": "WON"}, "stage"),
        ("accept", {**ACCEPT, "accepted_at": "2020-01-01T00:00:00Z"}, "accepted_at"),
        ("accept", {**ACCEPT, "owner": 1, "by": 1}, "owner"),
        ("accept", {**ACCEPT, "evidence": "x" * 2001}, "evidence"),
        ("accept", {**ACCEPT, "evidence": ["list"]}, "evidence"),
        ("reject", {}, "reason"),
        ("reject", {"reason": ""}, "reason"),
        ("reject", {"reason": "because_i_say_so"}, "reason"),
        ("reject", {"reason": None}, "reason"),
        ("reassign", {"reason": "x", "to": "bob"}, "to"),
        ("reassign", {"reason": "x", "to": True}, "to"),
        ("reassign", {"reason": "x", "expected_owner": "bob"}, "expected_owner"),
        ("reassign", {"to": "1"}, "reason"),
        ("undo", {"force": True}, "force"),
        ("activities", {}, "kind"),
        ("activities", {"kind": "SEANCE", "direction": "OUTBOUND", "outcome": "COMPLETED"}, "kind"),
        (
            "activities",
            {"kind": "CALL", "direction": "OUTBOUND", "outcome": "COMPLETED", "at": "2026-05-04"},
            "at",
        ),
        (
            "activities",
            {"kind": "CALL", "direction": "INBOUND", "outcome": "COMPLETED", "at": "2026-05-04T1"},
            "at",
        ),
        (
            "activities",
            {
                "kind": "CALL", "direction": "OUTBOUND", "outcome": "COMPLETED",
                "at": "0001-01-01T00:00:00+14:00",
            },
            "at",
        ),
        (
            "activities",
            {"kind": "CALL", "direction": "OUTBOUND", "outcome": "COMPLETED", "external_id": "7"},
            "source",
        ),
        (
            "activities",
            {"kind": "CALL", "direction": "OUTBOUND", "outcome": "COMPLETED", "by": "999"},
            "by",
        ),
        ("sales_qualify", {"checklist": {}}, "checklist"),
        ("sales_qualify", {"checklist": {"bant.budget": 5}}, "checklist.bant.budget"),
        ("convert", {"name": " "}, "name"),
        ("convert", {"name": "x", "amount": "12"}, "currency"),
        ("convert", {"name": "x", "amount": "-1", "currency": "EUR"}, "amount"),
        ("convert", {"name": "x", "amount": "1e400", "currency": "EUR"}, "amount"),
        ("convert", {"name": "x", "amount": "NaN", "currency": "EUR"}, "amount"),
        ("convert", {"name": "x", "amount": 5, "currency": "euro"}, "currency"),
        ("convert", {"name": "x", "expected_close": "2026-02-30"}, "expected_close"),
        ("convert", {"name": "x", "url": "javascript:alert(1)"}, "url"),
        ("convert", {"name": "x", "opportunity": "x"}, "opportunity"),
        ("accept", [], ""),
        ("accept", "accept", ""),
        ("accept", None, "icp_confirmed"),
    ],
    ids=str,
)  # fmt: skip
def test_wrong_bodies_are_422_and_change_nothing(
    mql: str, sdr: Caller, name: str, body: Any, named: str
) -> None:
    before = Lead.objects.values("stage", "owner_id", "version").get(pk=mql)
    answer = act(sdr, mql, name, body)
    assert answer.status_code == 422, answer.content
    assert named in {fault["field"] for fault in answer.json()["errors"]}
    assert Lead.objects.values("stage", "owner_id", "version").get(pk=mql) == before


def test_a_system_reports_a_call_for_the_rep_and_it_counts_as_verified(
    mql: str, company: Company, key_of: Key
) -> None:
    body = {
        "kind": "CALL", "direction": "OUTBOUND", "outcome": "COMPLETED",
        "by": str(company.sdr.pk), "source": "telephony", "external_id": "call-17",
    }  # fmt: skip
    for _ in range(2):
        answer = act(key_of("WRITE"), mql, "activities", body)
        assert answer.status_code == 201, answer.json()
    activity = Activity.objects.get()
    assert (activity.by, activity.verified) == (company.sdr, True)


def test_an_activity_at_an_instant_in_another_zone_is_kept_in_utc(mql: str, sdr: Caller) -> None:
    body = {
        "kind": "NOTE", "direction": "OUTBOUND", "outcome": "COMPLETED",
        "at": "2026-01-02T03:04:05+05:45",
    }  # fmt: skip
    answer = act(sdr, mql, "activities", body)
    if answer.status_code == 201:
        assert Activity.objects.get().at.isoformat() == "2026-01-01T21:19:05+00:00"
    else:
        assert answer.json()["errors"][0]["field"] == "at"


@pytest.mark.parametrize("name", ["accept", "reject", "claim", "undo", "reassign", "activities"])
def test_acting_on_a_hidden_lead_is_the_same_404_as_on_a_missing_one(
    mql: str, company: Company, name: str
) -> None:
    stranger = Caller(user=company.other_sdr)
    hidden = act(stranger, mql, name, {})
    missing = act(stranger, "999999999", name, {})
    assert (hidden.status_code, hidden.json()) == (missing.status_code, missing.json())
    assert hidden.status_code == 404


def test_a_next_step_is_promised_with_what_was_done_or_both_are_refused(
    mql: str, sdr: Caller
) -> None:
    call = {"kind": "CALL", "direction": "OUTBOUND", "outcome": "COMPLETED"}
    late = act(sdr, mql, "activities", {**call, "next_step": {"at": "2020-01-01T10:00:00Z"}})
    assert late.status_code == 422
    assert [one["field"] for one in late.json()["errors"]] == ["next_step.at"]
    assert not Activity.objects.filter(lead=mql).exists()
    at = (database.now() + dt.timedelta(days=2)).isoformat()
    step = {"at": at, "kind": "EMAIL"}
    assert act(sdr, mql, "activities", {**call, "next_step": step}).status_code == 201
    assert Lead.objects.get(pk=mql).next_step_at == dt.datetime.fromisoformat(at)
    assert act(sdr, mql, "undo").status_code == 200
    assert Lead.objects.get(pk=mql).next_step_at is None
