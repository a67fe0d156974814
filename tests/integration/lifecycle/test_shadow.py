"""A version in shadow: it decides on live touches, is compared, and touches nothing."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from core.errors import TooLate
from governance import services, shadow
from governance.models import Criterion, KitVersion
from leads.models import Lead
from lifecycle import actions, editing, intake, jobs
from lifecycle.models import ShadowDecision
from lifecycle.shadow import run
from routing.models import Pool, RoutingRule
from tests import factories, kit_versions
from tests.factories import HOUR, MINUTE, NOW

LARGER = {"fact": "company.employees", "op": "between", "value": [1000, 5000]}


@pytest.fixture
def company(db: None) -> factories.Company:
    return factories.company()


def in_shadow(company: factories.Company, **changes: Any) -> KitVersion:
    """A version in review whose ICP wants larger companies, in shadow since NOW."""
    active = KitVersion.objects.get(status="ACTIVE")
    version = services.draft(base=active, title="Larger", by=company.revops, now=NOW)
    Criterion.objects.filter(kit=version, key="icp").update(condition=LARGER)
    for model, values in changes.items():
        {"rule": RoutingRule}[model].objects.filter(kit=version, key="dach").update(**values)
    kit_versions.review(version, by=company.revops, now=NOW)
    return shadow.start(version, by=company.revops, now=NOW)


def contents(without: frozenset[str]) -> dict[str, str]:
    """A fingerprint of every table."""
    tables = sorted({model._meta.db_table for model in apps.get_models()} - without)
    found = {}
    with connection.cursor() as cursor:
        for table in tables:
            rows = f"SELECT t::text AS row FROM {table} t"
            cursor.execute(
                f"SELECT md5(coalesce(string_agg(row, '|' ORDER BY row), '')) FROM ({rows})"
            )
            found[table] = cursor.fetchone()[0]
    return found


def test_a_lead_the_shadow_would_not_qualify_is_told_with_its_reason(
    company: factories.Company,
) -> None:
    in_shadow(company)
    small = factories.capture(now=NOW + MINUTE, company={"employees": "420"})
    large = factories.capture(now=NOW + 2 * MINUTE, company={"employees": "2000"})
    assert run(now=NOW + HOUR) == 2
    told = {row.lead_id: row for row in ShadowDecision.objects.all()}
    assert told[large.pk].differs == []
    row = told[small.pk]
    assert (row.real["stage"], row.shadow["stage"]) == ("MQL", "INQUIRY")
    assert "stage" in row.differs
    icp = next(one for one in row.shadow["why"]["criteria"] if one["criterion"] == "icp")
    assert not icp["met"]
    assert icp["facts"] == {"company.employees": 420}


def test_the_same_kit_in_shadow_agrees_with_every_real_decision(
    company: factories.Company,
) -> None:
    active = KitVersion.objects.get(status="ACTIVE")
    version = services.draft(base=active, title="Words", by=company.revops, now=NOW)
    Criterion.objects.filter(kit=version, key="icp").update(prose="Other words.")
    kit_versions.review(version, by=company.revops, now=NOW)
    shadow.start(version, by=company.revops, now=NOW)
    lead = factories.capture(now=NOW + MINUTE)
    factories.capture(now=NOW + 2 * MINUTE, company={"employees": "7"}, signals=[])
    factories.work(lead, to="SQL", now=NOW + 3 * MINUTE)
    factories.capture(now=NOW + 2 * HOUR, channel="EVENT")
    run(now=NOW + 3 * HOUR)
    rows = ShadowDecision.objects.all()
    assert rows.count() == 3
    assert {(row.unknown, *row.differs) for row in rows} == {("",)}


def test_it_agrees_on_who_waits_in_quarantine_and_who_leaves(company: factories.Company) -> None:
    active = KitVersion.objects.get(status="ACTIVE")
    version = services.draft(base=active, title="Words", by=company.revops, now=NOW)
    Criterion.objects.filter(kit=version, key="icp").update(prose="Other words.")
    kit_versions.review(version, by=company.revops, now=NOW)
    good = {"industry": "Software", "employees": "420", "country": "DE"}
    views = [{"kind": "pricing_page_view"}] * 3

    def row(name: str, at: dt.timedelta, **more: Any) -> Lead:
        body = {
            "channel": "IMPORT", "person": {"email": f"{name}@{name}.de"}, "signals": views,
            "company": dict.fromkeys(good), **more,
        }  # fmt: skip
        (answer,) = intake.capture(
            [factories.touch(**body)], scope="list", keys=[f"{name} {at}"], now=NOW + at
        )
        assert answer.receipt is not None
        return Lead.objects.get(pk=answer.receipt["lead"])

    row("before", MINUTE)
    shadow.start(version, by=company.revops, now=NOW + 2 * MINUTE)
    row("stays", HOUR)
    row("raises", HOUR)
    row("completed", HOUR)
    passed = row("passed", HOUR)
    spam = row("spam", HOUR)
    taken = row("taken", HOUR)
    actions.release(lead_id=passed.pk, by=company.revops, reason="x", now=NOW + 2 * HOUR)
    actions.disqualify(lead_id=spam.pk, by=company.revops, reason="spam", now=NOW + 2 * HOUR)
    actions.self_source(lead_id=taken.pk, by=company.reps[0], now=NOW + 2 * HOUR)
    edited = row("edited", HOUR)
    fields = {f"company.{name}": value for name, value in good.items()}
    editing.edit(lead_id=edited.pk, by=company.revops, values=fields, now=NOW + 2 * HOUR)
    for name in ("before", "completed"):
        row(name, 3 * HOUR, company=good)
    row("raises", 3 * HOUR, signals=[{"kind": "demo_request"}])
    for name in ("stays", "passed", "spam", "taken", "edited"):
        row(name, 3 * HOUR, signals=[])
    run(now=NOW + 5 * HOUR)
    rows = ShadowDecision.objects.all()
    assert rows.count() == 15
    told = {(one.lead_id, one.at, *one.differs): (one.real, one.shadow) for one in rows
            if one.differs or one.unknown}  # fmt: skip
    assert not told


def test_another_pool_is_told(company: factories.Company) -> None:
    Pool.objects.create(key="emea", label="EMEA", manager=company.manager)
    in_shadow(company, rule={"pool": "emea"})
    factories.capture(now=NOW + MINUTE, company={"employees": "2000"})
    run(now=NOW + HOUR)
    row = ShadowDecision.objects.get()
    assert (row.real["pool"], row.shadow["pool"]) == ("dach", "emea")
    assert row.differs == ["pool"]


def test_it_touches_nothing_but_its_own_records(company: factories.Company) -> None:
    in_shadow(company)
    for minute in range(5):
        factories.capture(now=NOW + minute * MINUTE + MINUTE)
    own = frozenset({ShadowDecision._meta.db_table})
    before = contents(own)
    assert run(now=NOW + HOUR) == 5
    assert contents(own) == before


def test_it_is_judged_once_and_later_touches_follow(company: factories.Company) -> None:
    in_shadow(company)
    factories.capture(now=NOW + MINUTE)
    assert [run(now=NOW + HOUR), run(now=NOW + HOUR)] == [1, 0]
    factories.capture(now=NOW + 2 * HOUR)
    assert jobs.sweep(NOW + 3 * HOUR)["shadowed"] == 1


def test_what_was_decided_before_the_shadow_is_not_judged(company: factories.Company) -> None:
    factories.capture(now=NOW - MINUTE)
    in_shadow(company)
    assert run(now=NOW + HOUR) == 0


def test_a_version_leaves_the_shadow_when_it_is_published_or_taken_back(
    company: factories.Company,
) -> None:
    version = in_shadow(company)
    with pytest.raises(TooLate, match="already"):
        shadow.start(version, by=company.revops, now=NOW)
    kit_versions.sign(version, now=NOW)
    services.publish(version, by=company.revops, now=NOW)
    assert shadow.running() == []
    factories.capture(now=NOW + MINUTE)
    assert run(now=NOW + HOUR) == 0
    with pytest.raises(TooLate):
        shadow.stop(version, by=company.revops, now=NOW)


def test_a_pass_asks_a_fixed_number_of_queries(
    company: factories.Company, django_assert_max_num_queries: Any
) -> None:
    in_shadow(company)
    for minute in range(2):
        factories.capture(now=NOW + minute * MINUTE + MINUTE)
    run(now=NOW + dt.timedelta(minutes=5))
    for minute in range(10, 30):
        factories.capture(now=NOW + minute * MINUTE)
    with django_assert_max_num_queries(16):
        assert run(now=NOW + HOUR) == 20
