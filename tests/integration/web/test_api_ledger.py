"""Costs and quotas by API: lists as known at an instant, many said at once."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator

from people.models import User
from reports import cost_acts, costs, quotas
from reports.models import CostEntry, QuotaEntry
from reports.models.statement import Via
from reports.periods import Period
from tests.callers import Caller, Company, make_key
from tests.integration.web.test_api_schema import fits

COST = {"month": "2026-10", "source": "PAID", "amount": 1234.5, "external_id": "R-1",
        "label": "Search ads"}  # fmt: skip
FAIR = {"first_day": "2026-10-01", "last_day": "2026-12-31", "source": "EVENT", "amount": "9200",
        "currency": "EUR"}  # fmt: skip
BAD: dict[str, Any] = {
    "": 7,
    "colour": {**COST, "colour": "red"},
    "source": {**COST, "source": "TV"},
    "amount": {**COST, "amount": "-1"},
    "month": {**COST, "month": "soon"},
    "first_day": {**COST, "first_day": "2026-10-01"},
    "last_day": {**FAIR, "last_day": "2026-09-01"},
    "currency": {**COST, "currency": "euro"},
    "label": {**COST, "label": "a\x00b"},
    "entry": {**COST, "entry": "x"},
}
MONTH = Period.of_days(dt.date(2026, 10, 1), dt.date(2026, 10, 31), dt.UTC)


@pytest.fixture
def erp(company: Company) -> Caller:
    return Caller(key=make_key("erp", "WRITE"))


def send(caller: Caller, what: str, *rows: Any, **more: Any) -> list[dict[str, Any]]:
    answer = caller.post(f"/api/v1/{what}/batch/", {what: rows, **more})
    assert answer.status_code == 200, answer.content
    receipts: list[dict[str, Any]] = answer.json()["receipts"]
    return receipts


def outcomes(receipts: list[dict[str, Any]]) -> list[str]:
    return [one["outcome"] for one in receipts]


def test_costs_are_said_once_and_bad_ones_are_refused_alone(erp: Caller) -> None:
    told = send(erp, "costs", COST, *BAD.values(), FAIR)
    assert [one["status"] for one in told] == [201, *[422] * len(BAD), 201]
    assert [one["errors"][0]["field"] for one in told[1:-1]] == list(BAD)
    first = CostEntry.objects.get(external_id="R-1")
    assert (first.via, first.amount, told[0]["entry"]) == (
        Via.API, Decimal("1234.50"), str(first.number),
    )  # fmt: skip
    assert outcomes(send(erp, "costs", COST, FAIR)) == ["same", "same"]
    [moved] = send(erp, "costs", {**COST, "amount": "1300.00"}, reason="The bill came")
    assert (moved["status"], moved["outcome"], moved["changed"]) == (200, "restates", ["amount"])
    assert costs.entries_as_of().get(external_id="R-1").reason == "The bill came"
    schema = SchemaGenerator().get_schema(request=None, public=True)["components"]["schemas"]
    fits({"receipts": [*told, moved]}, schema["StatedReceipts"], schema, "receipts")


def test_what_is_left_out_stays(erp: Caller) -> None:
    send(erp, "costs", {**COST, "note": "From the agency", "campaign": "Autumn"})
    short = {name: COST[name] for name in ("month", "source", "amount", "external_id")}
    assert outcomes(send(erp, "costs", short)) == ["same"]
    entry = costs.entries_as_of().get()
    told = send(erp, "costs", {**FAIR, "entry": str(entry.number)})
    assert (told[0]["outcome"], told[0]["entry"]) == ("restates", str(entry.number))
    assert costs.entries_as_of().get().campaign == "Autumn"


def test_a_dry_run_writes_nothing(erp: Caller) -> None:
    told = send(erp, "costs", COST, dry_run=True)
    assert outcomes(told) == ["new"]
    assert "entry" not in told[0]
    assert not CostEntry.objects.exists()


def test_costs_are_listed_as_they_were_known(erp: Caller) -> None:
    send(erp, "costs", COST, FAIR)
    entry = CostEntry.objects.get(external_id="R-1")
    send(erp, "costs", {**COST, "amount": 9})
    reader = Caller(key=make_key("reader", "READ"))
    now = reader.get("/api/v1/costs/?source=PAID&from=2026-10-31&to=2026-10-31").json()["results"]
    assert [(one["amount"], one["version"]) for one in now] == [("9.00", 2)]
    then = entry.recorded_at.isoformat().replace("+00:00", "Z")
    known = reader.get(f"/api/v1/costs/?known={then}").json()["results"]
    assert {one["amount"] for one in known} == {"1234.50", "9200.00"}
    assert reader.get("/api/v1/costs/?to=2026-09-30").json()["results"] == []
    first = reader.get("/api/v1/costs/?limit=1").json()
    second = reader.get(first["next"]).json()
    assert {first["results"][0]["entry"], second["results"][0]["entry"]} == {
        str(one.number) for one in costs.entries_as_of()
    }
    for wrong in ("known=now", "from=soon", "source=TV", "colour=red", "known=2026-10-10"):
        assert reader.get(f"/api/v1/costs/?{wrong}").status_code == 400, wrong


def test_quotas_are_set_and_seen_by_whom_they_concern(erp: Caller, company: Company) -> None:
    rows = [
        {"of": "Company", "month": "Q4 2026", "amount": 1_000_000, "deals": 30},
        {"of": "sdr", "month": "2026-10", "amount": 50_000},
        {"of": "other_sdr", "month": "2026-10", "amount": 40_000, "sqls": 9},
        {"of": "sdr", "month": "Q4 2026", "amount": 1},
        {"of": "nobody", "month": "2026-10", "amount": 1},
    ]
    told = send(erp, "quotas", *rows)
    assert outcomes(told) == ["new", "new", "new", "refused", "refused"]
    assert [one["errors"][0]["field"] for one in told[3:]] == ["first_day", "of"]
    found = quotas.of(None, MONTH)
    assert found is not None
    assert found.amount == Decimal("336956.52")
    sdr = Caller(user=User.objects.get(username="sdr"))
    seen = sdr.get("/api/v1/quotas/").json()["results"]
    assert {one["of"] for one in seen} == {"Company", str(User.objects.get(username="sdr"))}
    assert sdr.get("/api/v1/costs/").status_code == 403
    manager = Caller(user=User.objects.get(username="manager"))
    told = send(manager, "quotas", {**rows[1], "amount": 60_000}, {**rows[2], "amount": 7})
    assert outcomes(told) == ["restates", "refused"]
    assert QuotaEntry.objects.count() == 4


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "costs"),
        ({"costs": {}}, "costs"),
        ({"costs": [COST] * 1001}, "costs"),
        ({"costs": [], "colour": 1}, "colour"),
        ({"costs": [], "dry_run": "yes"}, "dry_run"),
        ({"costs": [], "reason": "x" * 301}, "reason"),
    ],
)
def test_a_body_that_is_none_is_refused_as_a_whole(erp: Caller, body: Any, field: str) -> None:
    answer = erp.post("/api/v1/costs/batch/", body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


def test_a_withdrawn_cost_is_not_listed(erp: Caller) -> None:
    [told] = send(erp, "costs", COST)
    rita = User.objects.get(username="revops")
    cost_acts.withdraw(int(told["entry"]), reason="Not ours", by=rita)
    assert erp.get("/api/v1/costs/").json()["results"] == []
    assert outcomes(send(erp, "costs", COST)) == ["refused"]
