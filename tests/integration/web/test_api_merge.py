"""Merging and parting over the API."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from leads.models import DuplicateSuggestion, Lead
from lifecycle import intake, merging
from tests.callers import Caller, Company, touch

Key = Callable[[str], Caller]


@pytest.fixture
def two(company: Company) -> tuple[str, str]:
    bodies = [touch("a@eins.de", company={}), touch("b@zwei.de", company={})]
    answers = intake.capture(bodies, scope="tests", keys=["a", "b"])
    one, other = (str(answer.receipt["lead"]) for answer in answers if answer.receipt)
    return one, other


def read(answer: Any) -> Any:
    return json.loads(answer.content)


def test_leads_are_merged_and_parted(key_of: Key, two: tuple[str, str]) -> None:
    one, other = two
    caller = key_of("WRITE")
    body = {"into": one, "keep": {"email": "LOSER"}, "reason": "same"}
    merged = caller.post(f"/api/v1/leads/{other}/merge/", body)
    assert (merged.status_code, read(merged)["merged_into"], read(merged)["stage"]) == (
        200, one, "MERGED",
    )  # fmt: skip
    kept = read(caller.get(f"/api/v1/leads/{one}/"))
    assert (kept["person"]["email"], kept["merged_into"]) == ("b@zwei.de", None)
    late = caller.post(f"/api/v1/leads/{other}/reassign/", {"reason": "r"})
    assert late.status_code == 409
    assert read(late)["state"]["merged_into"] == one
    again = caller.post(f"/api/v1/leads/{other}/merge/", body)
    assert again.status_code == 409
    parted = caller.post(f"/api/v1/leads/{other}/unmerge/")
    assert (parted.status_code, read(parted)["merged_into"]) == (200, None)
    assert caller.post(f"/api/v1/leads/{other}/unmerge/").status_code == 409


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "into"),
        ({"into": "x"}, "into"),
        ({"into": "999999999"}, "into"),
        ({"into": "{one}", "keep": {"salary": "LOSER"}}, "keep.salary"),
        ({"into": "{one}", "keep": {"title": "BOTH"}}, "keep.title"),
        ({"into": "{one}", "force": True}, "force"),
    ],
)
def test_bodies_that_make_no_sense_are_refused_by_field(
    key_of: Key, two: tuple[str, str], body: dict[str, Any], field: str
) -> None:
    one, other = two
    sent = json.loads(json.dumps(body).replace("{one}", one))
    answer = key_of("WRITE").post(f"/api/v1/leads/{other}/merge/", sent)
    assert answer.status_code == 422
    assert field in [fault["field"] for fault in read(answer)["errors"]]


def test_pairs_are_listed_merged_and_dismissed(
    key_of: Key, company: Company, two: tuple[str, str], django_assert_max_num_queries: Any
) -> None:
    one, other = map(int, two)
    made = merging.suggest(lead_id=one, other_id=other, by=company.revops)
    caller = Caller(user=company.marketing)
    with django_assert_max_num_queries(4):
        listed = caller.get("/api/v1/duplicates/", status="OPEN")
    (row,) = read(listed)["results"]
    assert (row["id"], row["first"]["email"]) == (str(made.pk), "a@eins.de")
    assert Caller(user=company.sdr).get("/api/v1/duplicates/").status_code == 403
    address = f"/api/v1/duplicates/{made.pk}"
    assert read(caller.post(f"{address}/dismiss/"))["status"] == "DISMISSED"
    merging.reopen(suggestion_ids=[made.pk], by=company.revops)
    winner = str(Lead.objects.get(pk=other).person_id)
    assert caller.post(f"{address}/merge/", {"winner": "1" + winner}).status_code == 422
    done = caller.post(f"{address}/merge/", {"winner": winner})
    assert (done.status_code, read(done)["winner"]) == (200, winner)
    assert DuplicateSuggestion.objects.get().status == "MERGED"
