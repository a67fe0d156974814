"""The predicate and the query select the same rows, missing values and odd letters included."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.apps.registry import Apps
from django.db import connection, models
from django.db.models import Count, F, OuterRef, Subquery
from django.db.models.functions import Coalesce, Power
from hypothesis import HealthCheck, given, settings

from governance import condition_operators, condition_sql, conditions
from governance.conditions import ALWAYS, All, AnyOf, Not, Test
from governance.facts import Fact, FactFamily, FactType, Registry, Slug, Whole
from tests import condition_trees

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ROWS = 400
ODD_FLOATS = [float("nan"), float("inf"), float("-inf"), -0.0]
isolated = Apps()  # these tables belong to this test alone


class Firm(models.Model):  # noqa: DJ008
    employees = models.IntegerField(null=True, db_index=True)
    revenue = models.DecimalField(max_digits=20, decimal_places=2, null=True)
    growth = models.FloatField(null=True)
    industry = models.CharField(max_length=20, blank=True)

    class Meta:
        app_label = "governance"
        apps = isolated


class Row(models.Model):  # noqa: DJ008
    firm = models.ForeignKey(Firm, null=True, on_delete=models.CASCADE)
    title = models.CharField(max_length=100, null=True)  # noqa: DJ001 (both ways of missing)
    hand_raiser = models.BooleanField(null=True)

    class Meta:
        app_label = "governance"
        apps = isolated


class Visit(models.Model):  # noqa: DJ008
    row = models.ForeignKey(Row, on_delete=models.CASCADE)
    kind = models.CharField(max_length=20)

    class Meta:
        app_label = "governance"
        apps = isolated


def _visits(name: str, kind: str, days: int) -> Fact:
    counted = Visit.objects.filter(row=OuterRef("pk"), kind=kind).values("row")
    return Fact(
        name,
        f"{kind} visits in {days} days",
        FactType.INTEGER,
        read=lambda row: sum(visit.kind == kind for visit in row.visit_set.all()),
        sql=lambda now: Coalesce(Subquery(counted.annotate(n=Count("pk")).values("n")), 0),
    )


def _of_firm(name: str, field: str, fact_type: FactType, **more: Any) -> Fact:
    return Fact(
        name,
        field,
        fact_type,
        read=lambda row: getattr(row.firm, field) if row.firm else None,
        sql=lambda now: F(f"firm__{field}"),
        **more,
    )


registry = Registry()
registry.register(
    _of_firm("company.employees", "employees", FactType.INTEGER),
    _of_firm("company.revenue", "revenue", FactType.NUMBER),
    _of_firm("company.growth", "growth", FactType.NUMBER),
    _of_firm("company.industry", "industry", FactType.CHOICE, choices=condition_trees.INDUSTRIES),
    Fact(
        "person.title", "Title", FactType.TEXT, read=lambda r: r.title, sql=lambda now: F("title")
    ),
    Fact(
        "lead.hand_raiser",
        "Hand-raiser",
        FactType.BOOLEAN,
        read=lambda row: row.hand_raiser,
        sql=lambda now: F("hand_raiser"),
    ),
    Fact(
        "score.growth",
        "Grown",
        FactType.NUMBER,
        read=lambda row: _grown(row.firm.growth if row.firm else None),
        sql=lambda now: models.ExpressionWrapper(
            F("firm__growth") * Power(2.0, 0.5), output_field=models.FloatField()
        ),
    ),
)
registry.register_family(
    FactFamily(
        "signal.{kind}.count_{days}d",
        "Visits",
        parameters={"kind": Slug(("pricing", "demo")), "days": Whole(1, 365)},
        make=_visits,
        example="signal.pricing.count_30d",
    )
)
FACTS = [*registry, registry.get("signal.pricing.count_30d"), registry.get("signal.demo.count_7d")]


def _grown(growth: float | None) -> float | None:
    return None if growth is None else growth * 2.0**0.5


@pytest.fixture
def rows(db: None) -> list[Row]:
    chance = random.Random(20260302)
    with connection.schema_editor() as editor:
        for model in (Firm, Row, Visit):
            editor.create_model(model)
    firms = [
        Firm(
            employees=chance.choice([None, 0, 1, 2, 49, 50, 51, 5000, 2**31 - 1]),
            revenue=chance.choice([None, Decimal("0.10"), Decimal("-1.50"), 0, 100, 2**40]),
            growth=chance.choice(
                [None, 0.1, 0.1 + 0.2, 1e-9, 99.9999994, 99.9999995, 1e300, -1.5, *ODD_FLOATS]
            ),
            industry=chance.choice(["", "SOFTWARE", "LOGISTICS", "RETAIL", "software"]),
        )
        for _ in range(200)
    ]
    Firm.objects.bulk_create(firms)
    Row.objects.bulk_create(
        Row(
            firm=chance.choice([None, *firms]) if chance.random() > 0.1 else None,
            title=chance.choice([None, "", *condition_trees.TEXTS]),
            hand_raiser=chance.choice([None, True, False]),
        )
        for _ in range(ROWS)
    )
    made = list(Row.objects.order_by("pk"))
    Visit.objects.bulk_create(
        Visit(row=chance.choice(made), kind=chance.choice(["pricing", "demo"])) for _ in range(ROWS)
    )
    return list(Row.objects.select_related("firm").prefetch_related("visit_set").order_by("pk"))


def _agree(rows: list[Row], known: list[dict[str, object]], node: conditions.Node) -> None:
    predicate = conditions.compile(node)
    expected = [row.pk for row, facts in zip(rows, known, strict=True) if predicate(facts)]
    found = condition_sql.select(Row.objects.order_by("pk"), node, registry=registry, now=NOW)
    assert list(found.values_list("pk", flat=True)) == expected


def test_query_and_predicate_select_the_same_rows_for_any_condition(rows: list[Row]) -> None:
    names = [fact.name for fact in FACTS]
    known = [registry.read_all(row, names) for row in rows]

    @given(node=condition_trees.trees(FACTS))
    @settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
    def agree(node: conditions.Node) -> None:
        _agree(rows, known, node)

    agree()


EDGES = [
    ALWAYS,
    Not(ALWAYS),
    AnyOf((Not(ALWAYS), Test("company.employees", "gt", 1))),
    All((Not(All(())), Test("company.employees", "gt", 1))),
    Test("company.employees", "lt", 2**40),
    Not(Test("company.employees", "gt", 2**40)),
    Test("company.employees", "in", (1, 2**40)),
    Test("company.employees", "between", (-(2**63), 2**63 - 1)),
    Test("company.growth", "gt", 0),
    Test("company.growth", "eq", Decimal("0.3")),
    Test("company.growth", "gte", 100),
    Test("company.growth", "is_missing"),
    Test("company.industry", "is_missing"),
    Not(Test("person.title", "contains", "grö")),
    Test("person.title", "in", (*(f"title {n}" for n in range(499)), "VP")),
]


@pytest.mark.parametrize("node", EDGES, ids=str)
def test_query_and_predicate_agree_at_the_edges(rows: list[Row], node: conditions.Node) -> None:
    _agree(rows, [registry.read_all(row, conditions.facts_of(node)) for row in rows], node)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.name)
def test_every_operator_agrees_and_so_does_its_negation(rows: list[Row], fact: Fact) -> None:
    known = [registry.read_all(row, [fact.name]) for row in rows]
    for leaf in condition_trees.leaves_of(fact):
        _agree(rows, known, leaf)
        _agree(rows, known, Not(leaf))


def test_every_operator_of_every_type_is_tried_on_missing_and_present_values(
    rows: list[Row],
) -> None:
    tried = {(fact.type, leaf.op) for fact in FACTS for leaf in condition_trees.leaves_of(fact)}
    assert tried == {
        (fact_type, op) for fact_type in FactType for op in condition_operators.allowed(fact_type)
    }
    for fact_type in FactType:
        of_type = [fact for fact in FACTS if fact.type is fact_type]
        values = [fact.value(row) for fact in of_type for row in rows]
        assert None in values
        assert len(set(values)) >= 3


def test_conditions_can_be_selected_one_after_the_other(rows: list[Row]) -> None:
    large, demo = Test("company.employees", "gte", 50), Test("signal.demo.count_7d", "gte", 1)
    once = condition_sql.select(Row.objects.all(), large, registry=registry, now=NOW)
    twice = condition_sql.select(once, demo, registry=registry, now=NOW)
    both = condition_sql.select(Row.objects.all(), All((large, demo)), registry=registry, now=NOW)
    assert set(twice) == set(both) != set()


def test_a_fact_without_sql_is_refused_by_name(rows: list[Row]) -> None:
    only_read = Registry()
    only_read.register(Fact("lead.mood", "Mood", FactType.TEXT, read=lambda row: "good"))
    with pytest.raises(condition_sql.NotSelectable, match="Mood"):
        condition_sql.select(
            Row.objects.all(), Test("lead.mood", "is_set"), registry=only_read, now=NOW
        )


def test_a_plain_column_keeps_its_index(rows: list[Row]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    columns = {"company.employees": "employees", "company.revenue": "revenue"}
    node = All((Test("company.employees", "gte", 50), Test("company.revenue", "gte", 5)))
    plan = Firm.objects.filter(condition_sql.q(node, columns)).explain()
    assert "Index Cond: (employees >= " in plan
