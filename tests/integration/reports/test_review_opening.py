"""A review is opened once for each month, by whoever comes first, and what it saw stays."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from governance import kit as kits
from lifecycle import jobs
from people import roles
from people.models import Role, User
from reports import registry
from reports.drift import alarms
from reports.metrics import catalogue
from reports.metrics.declaring import Benchmark
from reports.models import Review, ReviewFinding, ReviewStep
from reports.reviews import months, opening, tables
from tests import factories
from tests.factories import DAY, HOUR, MINUTE
from tests.integration.reports.conftest import LATER, Drifted

pytestmark = pytest.mark.django_db

APRIL = dt.datetime(2026, 4, 1, 0, 5, tzinfo=dt.UTC)
MARCH = dt.date(2026, 3, 1)


def opened(now: dt.datetime = APRIL) -> Review:
    assert opening.open_due(now) == 1
    return Review.objects.get(month=months.last_over(now))


def section(review: Review, key: str) -> tables.Table:
    found = tables.section_of(review.snapshot, key)
    assert found is not None
    return found


def test_it_is_opened_on_the_first_of_the_month_and_once(drifted: Drifted) -> None:
    assert opening.open_due(APRIL - 6 * MINUTE) == 0
    review = opened()
    assert (review.number, review.month, review.opened_at) == ("2026-03", MARCH, APRIL)
    assert opening.open_due(APRIL + DAY) == 0
    assert opening.open_month(MARCH, now=APRIL + DAY) is None
    assert next(iter(review.log.values_list("kind", flat=True))) == ReviewStep.Kind.OPENED


def test_its_worker_is_a_step_of_every_pass(drifted: Drifted) -> None:
    step = jobs.BESIDE["reviews"]
    assert step(APRIL, 0.0)["reviews_opened"] == 0  # the facts of the month are still being made
    jobs.BESIDE["facts"](APRIL, time.monotonic() + 60)
    assert step(APRIL, 0.0) == {"reviews_opened": 1, "findings_overdue": 0}


def test_facts_that_do_not_come_hold_it_up_for_some_hours_alone(drifted: Drifted) -> None:
    assert jobs.BESIDE["reviews"](APRIL + 6 * HOUR, 0.0)["reviews_opened"] == 1


def test_every_kpi_stands_in_it_with_who_answers_for_it(drifted: Drifted) -> None:
    jobs.BESIDE["facts"](APRIL, time.monotonic() + 60)
    review = opened()
    rows = {row["key"]: row for row in section(review, "kpi")["rows"]}
    assert list(rows) == list(catalogue.ALL)
    assert all(row["owner"] and row["version"] for row in rows.values())
    # By hand: 9 days of 4 accepted and 1 rejected, then 9 days of 1 and 4.
    assert (rows["acceptance"]["value"], rows["acceptance"]["said"]) == (45 / 90, "50.0 %")
    rita, period = User.objects.get(username="rita"), months.period(MARCH)
    for key in ("kpi.source", "kpi.rep"):
        for row in section(review, key)["rows"]:
            metric, _, value = row["key"].partition("/")
            said = registry.build(metric, rita, period=period, by=key[4:], now=APRIL)
            (line,) = (one for one in said.rows if one.key == value)
            assert line.value == row["value"], row["key"]  # type: ignore[attr-defined]


def test_a_kpi_outside_its_benchmark_or_without_an_owner_is_proposed(
    drifted: Drifted, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs.BESIDE["facts"](APRIL, time.monotonic() + 60)
    usual = Benchmark(0.8, 0.9, "A survey", dt.date(2026, 1, 1))
    known = {**catalogue.ALL}
    known["acceptance"] = dataclasses.replace(known["acceptance"], benchmark=usual)
    monkeypatch.setattr(catalogue, "ALL", known)
    User.objects.filter(role=Role.FINANCE).update(is_active=False)
    found = {(one.rule, one.row_key): one for one in opened().findings.all()}
    text = found[ReviewFinding.Rule.BENCHMARK, "acceptance"]
    assert text.text == "Acceptance rate: 50.0 % is below its benchmark."
    assert "80.0 % to 90.0 % (A survey, 2026-01-01)" in text.evidence
    unowned = {key for rule, key in found if rule == ReviewFinding.Rule.UNOWNED}
    assert unowned == {
        one.key for one in known.values()
        if not User.objects.filter(roles.playing(one.owner), is_active=True)
    }  # fmt: skip


def test_after_an_outage_no_month_is_left_out(drifted: Drifted) -> None:
    opened()
    july = dt.datetime(2026, 7, 9, tzinfo=dt.UTC)
    assert opening.due_months(now=july) == [dt.date(2026, month, 1) for month in (4, 5, 6)]
    assert [opening.open_due(july) for _ in range(4)] == [1, 1, 1, 0]
    numbers = Review.objects.order_by("month").values_list("month", flat=True)
    assert [f"{one:%Y-%m}" for one in numbers] == ["2026-03", "2026-04", "2026-05", "2026-06"]


def test_its_tables_are_what_the_reports_say_to_who_sees_all(drifted: Drifted) -> None:
    review = opened()
    rita = User.objects.get(username="rita")
    period = months.period(MARCH)
    for key in ("funnel.source", "sla.obligation", "sla.rep", "rejections.source",
                "rejections.rep", "overrides.rule"):  # fmt: skip
        name, by = key.split(".")
        said = registry.build(name, rita, period=period, by=by, now=APRIL)
        kept = section(review, key)
        assert [row["key"] for row in kept["rows"]] == [row.key for row in said.rows], key
        for row, line in zip(kept["rows"], said.rows, strict=True):
            assert {**line.figures()} == {name: row[name] for name in line.figures()}, key


def test_the_matrix_adds_up_to_the_stages(drifted: Drifted) -> None:
    matrix = section(opened(), "sla.matrix")["rows"]
    rita, period = User.objects.get(username="rita"), months.period(MARCH)
    whole = registry.build("sla", rita, period=period, by="stage", now=APRIL)
    assert sum(row["met"] for row in matrix) == whole.totals.figures()["met"]


def test_the_kit_of_the_month_with_what_changed_and_who_signed(drifted: Drifted) -> None:
    rows = section(opened(), "kit.versions")["rows"]
    assert [row["key"] for row in rows] == ["1", "2"]
    assert rows[0]["changes"] == "The first kit."
    assert "MQL criterion “Ideal customer profile”: prose reworded" in rows[1]["changes"]
    assert "Sales: sally, 2026-03-17 10:00 UTC" in rows[1]["signed_by"]
    assert "Marketing: " in rows[1]["signed_by"]
    words = section(opening_of(MARCH), "definitions")
    assert "kit v2" in words["meaning"]
    assert [row["key"] for row in words["rows"]][:2] == ["INQUIRY", "MQL"]


def opening_of(month: dt.date) -> Review:
    return Review.objects.get(month=month)


def test_fairness_counts_the_turns_of_the_month_alone(drifted: Drifted) -> None:
    factories.captures([factories.touch() for _ in range(3)], now=APRIL)
    (row,) = section(opened(APRIL + MINUTE), "fairness")["rows"]
    members = section(opening_of(MARCH), "fairness.members")["rows"]
    assert row["turns"] == sum(one["received"] for one in members)
    made = section(opening_of(MARCH), "funnel.source")["totals"]["leads"]
    assert row["turns"] == made


def test_rules_propose_what_is_to_be_decided(drifted: Drifted) -> None:
    alarms.watch(LATER)
    review = opened()
    found = list(review.findings.values_list("number", "rule", "decision", "owner"))
    rules = [rule for _, rule, _, _ in found]
    assert rules.count(ReviewFinding.Rule.DRIFT) == len(section(review, "drift")["rows"]) == 3
    assert [number for number, *_ in found] == list(range(1, len(found) + 1))
    assert {(decision, owner) for *_, decision, owner in found} == {("", None)}
    assert review.log.filter(kind=ReviewStep.Kind.PROPOSED).count() == len(found)


def test_what_it_saw_never_changes(drifted: Drifted) -> None:
    review = opened()
    assert review.snapshot_checksum == kits.checksum(review.snapshot)
    for change in ({"snapshot": {}}, {"month": dt.date(2026, 1, 1)}, {"opened_at": APRIL + DAY}):
        with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
            Review.objects.filter(pk=review.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        review.delete()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE reports_review CASCADE")


def test_a_pass_without_anything_due_asks_one_question(drifted: Drifted) -> None:
    opened()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert opening.open_due(APRIL + DAY) == 0
    assert len(asked) == 1
