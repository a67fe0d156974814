"""A lead's clocks for systems: evidence, proof, segments, and a split that adds up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core import database
from leads.models import Activity, Lead
from lifecycle import actions, intake
from tests.callers import Caller, Company, touch

pytestmark = pytest.mark.django_db

Key = Callable[[str], Caller]
MINUTE = dt.timedelta(minutes=1)


def clocks(key_of: Key, lead: str) -> dict[str, dict[str, Any]]:
    rows = key_of("READ").get(f"/api/v1/leads/{lead}/clocks/").json()["results"]
    return {row["obligation"]: row for row in rows if row["scope"] == "STAGE"}


def log(key: Caller, lead: str, **more: Any) -> Any:
    body = {"kind": "CALL", "direction": "OUTBOUND", "outcome": "COMPLETED", **more}
    return key.post(f"/api/v1/leads/{lead}/activities/", body)


@pytest.mark.parametrize(
    ("more", "proof"),
    [
        ({"source": "phone", "external_id": "c-1"}, "VERIFIED"),
        ({"source": "phone"}, "SELF"),
        ({}, "SELF"),
    ],
)
def test_what_met_a_clock_and_how_sure_that_is(
    mql: str, company: Company, key_of: Key, more: dict[str, str], proof: str
) -> None:
    sdr = str(company.sdr.pk)
    assert log(key_of("WRITE"), mql, by=sdr, **more).status_code == 201
    row = clocks(key_of, mql)["first_contact"]
    call = Activity.objects.get(lead=mql)
    found = row["proven_by"]
    assert (row["state"], row["outcome"]) == ("STOPPED", "MET")
    assert (found["kind"], found["id"], found["proof"]) == ("activity", str(call.pk), proof)
    assert (found["by"]["id"], found["source"]) == (sdr, more.get("source", ""))


def test_a_machine_s_message_meets_nothing(mql: str, company: Company, key_of: Key) -> None:
    told = {"source": "mailer", "external_id": "1", "automatic": True, "kind": "EMAIL"}
    assert log(key_of("WRITE"), mql, by=str(company.sdr.pk), **told).status_code == 201
    row = clocks(key_of, mql)["first_contact"]
    assert (row["state"], row["proven_by"], row["outcome"]) == ("RUNNING", None, None)


def test_every_second_of_every_clock_has_its_cause(mql: str, key_of: Key) -> None:
    for row in clocks(key_of, mql).values():
        split = dict(row["split"])
        total = split.pop("total")
        assert set(split) == {
            "intake",
            "routing",
            "promised",
            "queue",
            "off_shift",
            "rep",
            "customer",
        }
        assert sum(split.values()) == total
        first = row["segments"][0]
        assert first["since"] == row["started_at"]
        assert (first["pause"], first["runs"]) == ("", True)


def test_decisions_are_evidence_of_our_own(mql: str, company: Company, key_of: Key) -> None:
    actions.accept(lead_id=int(mql), by=company.sdr, icp_confirmed=True, reachable=True)
    found = clocks(key_of, mql)["accept"]["proven_by"]
    assert (found["kind"], found["proof"], found["by"]["id"]) == (
        "ACCEPTED", "", str(company.sdr.pk)
    )  # fmt: skip
    assert Lead.objects.get(pk=mql).events.filter(pk=found["id"], transition="accept").exists()


def test_the_number_of_queries_does_not_hang_on_how_many_there_are(
    mql: str, company: Company, key_of: Key
) -> None:
    key = key_of("READ")

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            key.get(f"/api/v1/leads/{mql}/clocks/")
        return len(asked)

    queries()
    few = queries()
    common = {"lead_id": int(mql), "by": company.sdr}
    actions.log_activity(**common, kind="CALL", now=database.now())
    actions.accept(**common, icp_confirmed=True, reachable=True, now=database.now())
    assert queries() <= few + 1  # the activities that met them


@pytest.mark.parametrize(
    ("minutes", "remark"), [(-600, "uncounted"), (-90, "backdated"), (-10, None)]
)
def test_whoever_logs_is_told_what_does_not_count(
    company: Company, key_of: Key, minutes: int, remark: str | None
) -> None:
    began = database.now() - 240 * MINUTE
    [answer] = intake.capture([touch()], scope="tests", keys=["remarks"], now=began)
    assert answer.receipt is not None
    lead, at = str(answer.receipt["lead"]), database.now() + minutes * MINUTE
    told = log(key_of("WRITE"), lead, by=str(company.sdr.pk), at=at.isoformat())
    assert told.status_code == 201, told.content
    assert [one["code"] for one in told.json()["remarks"]] == ([remark] if remark else [])
    row = clocks(key_of, lead)["first_contact"]
    assert row["state"] == ("RUNNING" if remark == "uncounted" else "STOPPED")


def test_the_console_tells_it_as_well(company: Company, key_of: Key, mql: str) -> None:
    browser = Client()
    browser.force_login(company.sdr)
    body = {"kind": "CALL", "outcome": "COMPLETED", "direction": "OUTBOUND", "note": "",
            "at": "2026-01-05T10:00", "next": "/"}  # fmt: skip
    assert browser.post(f"/leads/{mql}/activity/", body).status_code == 303
    page = browser.get(f"/leads/{mql}/").content.decode()
    told = "ogged, but it stops no clock: it took place before the buyer asked."
    assert page.count(told) == 2, "once as the answer, once on the timeline"
