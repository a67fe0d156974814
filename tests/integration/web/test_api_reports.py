"""Reports by API: the same figures as the console's, as JSON and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest

from reports import registry
from tests.callers import Caller, Company

Key = Callable[[str], Caller]
SLA = "/api/v1/reports/sla/"


def test_the_list_says_what_each_report_means(company: Company, key_of: Key) -> None:
    [sla] = [one for one in key_of("READ").get("/api/v1/reports/").json() if one["key"] == "sla"]
    assert sla["meaning"]
    assert {"rep", "channel"} <= {one["key"] for one in sla["slices"]}


@pytest.mark.parametrize("by", ["obligation", "rep", "channel", "source", "team", "stage", "day"])
def test_a_report_counts_the_clocks_of_a_lead(mql: str, key_of: Key, by: str) -> None:
    report = key_of("READ").get(SLA, by=by).json()
    assert report["by"] == by
    assert report["kit_version"] == 1
    total = report["totals"]
    assert total["running"] >= 2
    assert total["running"] == sum(row["running"] for row in report["rows"])


def test_csv_holds_the_same_lines(mql: str, key_of: Key) -> None:
    report = key_of("READ").get(SLA, by="rep").json()
    answer = key_of("READ").get(SLA, by="rep", format="csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer["Content-Disposition"]
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["running"] for row in rows[:-1]] == [str(row["running"]) for row in report["rows"]]


NUMBERS, DAYS = ("rep", "team", "kit"), ("day", "week", "month")
POSSIBLE = {
    "channel": "FORM", "source": "PAID", "stage": "MQL", "proof": "SELF", "scope": "STAGE",
    "step": "sql",
}  # fmt: skip
TYPED = {*NUMBERS, *DAYS, *POSSIBLE}


@pytest.mark.parametrize("report", [one.key for one in registry.all()])
def test_any_slice_keeps_to_one_value_and_impossible_ones_are_refused(
    mql: str, key_of: Key, report: str
) -> None:
    known = key_of("READ").get("/api/v1/reports/").json()
    [slices] = [one["slices"] for one in known if one["key"] == report]
    for one in [one for one in slices if one["key"] != "by"]:
        key = one["key"]
        possible = (
            "7" if key in NUMBERS else "2026-03-02" if key in DAYS else POSSIBLE.get(key, "x")
        )
        for value, status in ((possible, 200), ("", 200), ("moon", 400 if key in TYPED else 200)):
            answer = key_of("READ").get(f"/api/v1/reports/{report}/", **{key: value})
            assert answer.status_code == status, (one, value, answer.content)
        answer = key_of("READ").get(f"/api/v1/reports/{report}/", **{one["key"]: "a\0b"})
        assert answer.status_code == 400
    page = key_of("READ").get(SLA, obligation="accept", by="rep").json()
    assert page["totals"]["running"] == 1


def test_a_rep_sees_the_figures_of_leads_they_may_see(mql: str, company: Company) -> None:
    mine = Caller(user=company.sdr).get(SLA).json()["totals"]
    others = Caller(user=company.other_sdr).get(SLA).json()["totals"]
    assert mine["running"] > 0
    assert others["running"] == 0


@pytest.mark.parametrize(
    ("query", "status", "named"),
    [
        ({"by": "zodiac"}, 422, "by"),
        ({"from": "yesterday"}, 422, "from"),
        ({"to": "2026-02-30"}, 422, "to"),
        ({"from": "9999-12-31T23:59:59-14:00"}, 422, "from"),
        ({"to": "0001-01-01"}, 422, "to"),
        ({"to": "9999-12-31"}, 422, "to"),
        ({"from": "2026-02-01", "to": "2026-01-01"}, 422, "from"),
        ({"from": "1990-01-01"}, 422, "from"),
        ({"format": "xml"}, 400, "format"),
        ({"form": "2026-01-01"}, 400, "form"),
    ],
    ids=str,
)
def test_a_question_it_cannot_answer_is_refused_by_name(
    company: Company, key_of: Key, query: dict[str, str], status: int, named: str
) -> None:
    answer = key_of("READ").get(SLA, **query)
    assert answer.status_code == status, answer.content
    assert named in {fault["field"] for fault in answer.json()["errors"]}


def test_an_unknown_report_is_404(company: Company, key_of: Key) -> None:
    answer = key_of("READ").get("/api/v1/reports/horoscope/")
    assert answer.status_code == 404
    assert "sla" in answer.json()["detail"]
