"""Reading leads by API: pages, filters, and the same rows everywhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from core import database
from leads.models import Lead
from lifecycle import intake
from people.models import User
from tests.callers import Caller, Company, touch

LEADS = "/api/v1/leads/"
Key = Callable[[str], Caller]


@pytest.fixture
def many(company: Company) -> list[str]:
    """Seven leads, of which five arrived in the same instant."""
    at = database.now()
    early = [touch(f"early{n}@firm{n}.de") for n in range(2)]
    together = [touch(f"late{n}@company{n}.de") for n in range(5)]
    intake.capture(early, scope="tests", now=at - dt.timedelta(hours=1))
    intake.capture(together, scope="tests", now=at)
    return [
        str(pk) for pk in Lead.objects.order_by("-created_at", "-id").values_list("pk", flat=True)
    ]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 50])
def test_pages_show_every_lead_once_in_order(many: list[str], key_of: Key, limit: int) -> None:
    seen: list[str] = []
    following: str | None = f"{LEADS}?limit={limit}"
    while following:
        page = key_of("READ").get(following).json()
        assert len(page["results"]) <= limit
        seen += [row["id"] for row in page["results"]]
        following = page["next"]
    assert seen == many


def test_a_lead_that_arrives_meanwhile_shifts_no_page(many: list[str], key_of: Key) -> None:
    page = key_of("READ").get(LEADS, limit=3).json()
    intake.capture([touch("new@newcomer.de")], scope="tests")
    rest = key_of("READ").get(page["next"]).json()
    assert [row["id"] for row in rest["results"]] == many[3:6]


def test_a_list_costs_the_same_queries_whatever_its_length(
    many: list[str], key_of: Key, django_assert_max_num_queries: Callable[..., object]
) -> None:
    reader = key_of("READ")
    reader.get(LEADS)
    with django_assert_max_num_queries(2):
        reader.get(LEADS, limit=1)
    with django_assert_max_num_queries(2):
        reader.get(LEADS, limit=7)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"stage": "MQL"}, 7),
        ({"stage": "SAL"}, 0),
        ({"channel": "FORM", "band": ""}, 7),
        ({"owner": "none"}, 0),
        ({"owner": "999999999"}, 0),
        ({"q": "late3@company3.de"}, 1),
        ({"q": "LATE3@Company3.DE"}, 1),
        ({"q": "Lindqvist mara"}, 7),
        ({"q": "nobody"}, 0),
        ({"q": "   "}, 7),
        ({"created_from": "2020-01-01T00:00:00Z"}, 7),
        ({"created_to": "2020-01-01T00:00:00+02:00"}, 0),
    ],
    ids=str,
)
def test_filters_narrow_the_list(
    many: list[str], key_of: Key, query: dict[str, str], count: int
) -> None:
    answer = key_of("READ").get(LEADS, **query)
    assert answer.status_code == 200, answer.content
    assert len(answer.json()["results"]) == count


def test_owner_me_is_the_caller(many: list[str], company: Company) -> None:
    assert len(Caller(user=company.sdr).get(LEADS, owner="me").json()["results"]) == 7
    assert Caller(user=company.revops).get(LEADS, owner="me").json()["results"] == []


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("stage=HOT", "stage"),
        ("stages=MQL", "stages"),
        ("stage=MQL&stage=SAL", "stage"),
        ("owner=bob", "owner"),
        ("owner=٣", "owner"),
        ("account=0", "account"),
        ("account=99999999999999999999", "account"),
        ("created_from=yesterday", "created_from"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=ten", "limit"),
        ("limit=", "limit"),
        ("cursor=", "cursor"),
        ("cursor=nonsense", "cursor"),
        ("cursor=%F0%9F%92%A9", "cursor"),
        ("cursor=WyIyMDI2LTAxLTAxVDAwOjAwOjAwWiIsdHJ1ZV0", "cursor"),
        ("cursor=WzEsMl0", "cursor"),
        ("page=2", "page"),
        ("format=json", "format"),
        (f"q={'x' * 201}", "q"),
    ],
)
def test_what_a_list_cannot_understand_is_400_by_name(
    company: Company, key_of: Key, query: str, named: str
) -> None:
    answer = key_of("READ").get(f"{LEADS}?{query}")
    assert answer.status_code == 400, answer.content
    assert named in {fault["field"] for fault in answer.json()["errors"]}


def test_one_lead_is_shown_whole(mql: str, key_of: Key, company: Company) -> None:
    lead = key_of("READ").get(f"{LEADS}{mql}/").json()
    assert lead["id"] == mql
    assert lead["person"]["email"] == "mara@nordwind-logistik.de"
    assert lead["account"]["domain"] == "nordwind-logistik.de"
    assert lead["owner"]["id"] == str(company.sdr.pk)
    assert lead["score"]["total"] == pytest.approx(
        sum(part["value"] for part in lead["score"]["parts"]), abs=0.3
    )
    assert [clock["state"] for clock in lead["clocks"]] == ["RUNNING"] * len(lead["clocks"])
    assert lead["clocks"]


def test_times_are_utc_whoever_reads(mql: str, company: Company) -> None:
    User.objects.filter(pk=company.sdr.pk).update(time_zone="Asia/Kathmandu")
    company.sdr.refresh_from_db()
    lead = Caller(user=company.sdr).get(f"{LEADS}{mql}/").json()
    assert lead["created_at"].endswith("Z")
    assert all(clock["due_at"].endswith("Z") for clock in lead["clocks"])


@pytest.mark.parametrize("part", ["timeline", "decisions", "clocks"])
def test_what_belongs_to_a_lead_comes_in_pages(mql: str, key_of: Key, part: str) -> None:
    whole = key_of("READ").get(f"{LEADS}{mql}/{part}/").json()
    assert whole["results"]
    first = key_of("READ").get(f"{LEADS}{mql}/{part}/", limit=1).json()

    def stable(page: Any) -> list[Any]:
        # What runs is told until now: its split and the seconds of its open segment move on.
        return [{**row, "split": None, "segments": None} for row in page["results"]]

    assert stable(first) == stable(whole)[:1]
    if len(whole["results"]) > 1:
        second = key_of("READ").get(first["next"]).json()
        assert stable(second) == stable(whole)[1:2]


def test_the_timeline_replays_to_the_present_stage(mql: str, key_of: Key) -> None:
    events = key_of("READ").get(f"{LEADS}{mql}/timeline/").json()["results"]
    assert [event["sequence"] for event in events] == list(range(len(events), 0, -1))
    steps = [event["to_stage"] for event in reversed(events) if event["kind"] == "STAGE"]
    assert steps == ["INQUIRY", "MQL"]


def test_the_decision_tells_the_rule_and_the_pick(mql: str, key_of: Key, company: Company) -> None:
    [decision] = key_of("READ").get(f"{LEADS}{mql}/decisions/").json()["results"]
    assert decision["pool"] == "dach"
    assert decision["picked"]["id"] == str(company.sdr.pk)
    assert decision["because"]


@pytest.mark.parametrize("lead_id", ["999999999", "0", "abc", "-1", "1.5", "9" * 40, "٣", "%20"])
@pytest.mark.parametrize("part", ["", "timeline/", "decisions/", "clocks/"])
def test_a_missing_lead_is_404(company: Company, key_of: Key, lead_id: str, part: str) -> None:
    answer = key_of("READ").get(f"{LEADS}{lead_id}/{part}")
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


@pytest.mark.parametrize("part", ["", "timeline/", "decisions/", "clocks/"])
def test_a_hidden_lead_looks_exactly_like_a_missing_one(
    mql: str, company: Company, part: str
) -> None:
    stranger = Caller(user=company.other_sdr)
    hidden = stranger.get(f"{LEADS}{mql}/{part}")
    missing = stranger.get(f"{LEADS}999999999/{part}")
    assert (hidden.status_code, hidden.json()) == (missing.status_code, missing.json())
    assert hidden.status_code == 404
    assert stranger.get(LEADS).json()["results"] == []


def test_the_kit_is_shown_as_it_is_executed(company: Company, key_of: Key) -> None:
    kit = key_of("READ").get("/api/v1/kit/").json()
    assert (kit["version"], kit["status"]) == (1, "ACTIVE")
    assert {stage["key"] for stage in kit["document"]["parts"]["stage"]}
    assert kit["signatures"][0]["by"]["id"] == str(company.revops.pk)
