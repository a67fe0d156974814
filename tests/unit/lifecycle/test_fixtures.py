"""Examples in a kit: decided as real leads are, and told apart when the outcome is another."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance import facts
from governance.facts import FactType
from governance.findings import Finding
from leads.snapshot import Snapshot
from lifecycle import fixture_reading, fixtures
from lifecycle.fixture_reading import FIELDS
from tests.kit_findings import Change, add, compiled, put, without

ICP = {"company.country": "DE", "company.employees": 420, "company.industry": "Software"}
DEMO: dict[str, Any] = {**ICP, "signals": ["demo_request"]}
FRIDAY = {**DEMO, "at": "2026-03-06T16:00:00+01:00"}


def tried(lead: dict[str, Any], expect: dict[str, Any], *changes: Change) -> list[Finding]:
    """What is said against one example."""
    one = add("fixture", key="one", label="One", given=lead, expect=expect)
    kit = compiled(*changes, without("fixture"), one)
    return list(fixtures.of_kit(kit))


@pytest.mark.parametrize("key", [one.key for one in compiled().fixtures])
def test_the_playbook_decides_its_examples_as_they_state(key: str) -> None:
    (outcome,) = [one for one in fixtures.run(compiled()) if one.key == key]
    assert outcome.passed, outcome.findings


@pytest.mark.parametrize(
    ("lead", "expect"),
    [
        (DEMO, {"stage": "MQL", "pool": "dach", "owner_pool": "dach", "rule": "dach"}),
        (DEMO, {"band": "warm", "score": {"at_least": 65, "at_most": 65}}),
        (FRIDAY, {"due": {"route": "2026-03-09T12:00:00+01:00"}}),
        (FRIDAY, {"due": {"route": "2026-03-09T11:00:00+00:00", "close": None}}),
        ({**DEMO, "company.employees": None}, {"stage": "INQUIRY"}),
        ({**DEMO, "company.employees": 50}, {"stage": "MQL"}),
        ({**DEMO, "company.employees": 5001}, {"stage": "INQUIRY"}),
        ({**DEMO, "lead.stage": "NURTURE"}, {"stage": "MQL"}),
        ({**DEMO, "lead.stage": "LOST"}, {"stage": "MQL", "due": {"route": {"minutes": 240}}}),
        ({**ICP, "lead.stage": "LOST"}, {"stage": "LOST", "due": {"route": None}}),
        ({**DEMO, "lead.stage": "LOST", "account.status": "COMPETITOR"}, {"stage": "LOST"}),
        ({**ICP, "lead.stage": "SAL"}, {"stage": "SAL", "due": {
            "sales_qualify": {"minutes": 14400}, "accept": None}}),
        ({**ICP, "lead.stage": "SQL", "at": "2026-03-06T16:00:00+01:00"},
         {"due": {"convert": "2026-03-10T16:00:00+01:00"}}),
        ({**ICP, "lead.hand_raiser": True}, {"due": {"resolve": {"minutes": 7200}}}),
        ({**ICP, "signals": [{"kind": "demo_request", "days_ago": 1}], "lead.hand_raiser": False},
         {"stage": "MQL", "due": {"route": {"minutes": 240}}}),
        ({"lead.channel": "CHAT"}, {"due": {"first_contact": {"minutes": 15}}}),
        ({"lead.channel": "EVENT"}, {"due": {"first_contact": None}}),
        ({"signals": [{"kind": "demo_request", "days_ago": 14}]},
         {"score": {"at_least": 9.9, "at_most": 10.1}}),
    ],
    ids=str,
)  # fmt: skip
def test_what_comes_out_as_stated_passes(lead: dict[str, Any], expect: dict[str, Any]) -> None:
    assert tried(lead, expect) == []


def test_a_clock_that_counts_all_time_needs_no_calendar() -> None:
    all_time = put("clock_policy", "route", basis="ELAPSED", calendar="")
    assert tried(FRIDAY, {"due": {"route": "2026-03-06T20:00:00+01:00"}}, all_time) == []
    (one,) = tried(FRIDAY, {"due": {"route": None}}, all_time)
    assert "got Fri 2026-03-06 19:00 UTC" in one.message


@pytest.mark.parametrize(
    ("lead", "expect", "place", "words"),
    [
        (ICP, {"stage": "MQL"}, "stage",
         "“One”: expected stage “MQL”, got “INQUIRY”: “Behavioural trigger” not met."),
        (DEMO, {"pool": "inbound"}, "pool",
         "“One”: expected pool “inbound”, got “dach” by the rule “DACH”."),
        (DEMO, {"band": "hot"}, "band",
         "“One”: expected band “hot”, got “warm” with 65.0 points."),
        (DEMO, {"score": {"at_least": 66}}, "score",
         "“One”: expected a score of at least 66, got 65.0."),
        (FRIDAY, {"due": {"route": "2026-03-09T13:00:00+01:00"}}, "due.route",
         "“One”: expected “route” due Mon 2026-03-09 13:00 CET, got Mon 2026-03-09 12:00 CET by "
         "“Route to Sales”."),
        (DEMO, {"due": {"route": {"minutes": 60}}}, "due.route",
         "“One”: expected “route” within 60 minutes, got 240 by “Route to Sales”."),
        (ICP, {"due": {"route": {"minutes": 240}}}, "due.route",
         "“One”: expected “route” within 240 minutes, got no such clock."),
        (FRIDAY, {"due": {"route": None}}, "due.route",
         "“One”: expected no clock “route”, got Mon 2026-03-09 12:00 CET by “Route to Sales”."),
    ],
    ids=lambda value: value if isinstance(value, str) and " " not in value else "",
)  # fmt: skip
def test_what_comes_out_otherwise_is_told_with_both(
    lead: dict[str, Any], expect: dict[str, Any], place: str, words: str
) -> None:
    (one,) = tried(lead, expect)
    assert (one.code, one.field) == ("fixture_failed", f"fixture.one.expect.{place}")
    assert one.message == words
    assert one.is_error


@pytest.mark.parametrize(
    ("lead", "expect", "code", "place"),
    [
        ({"at": "2026-03-06 16:00"}, {"stage": "MQL"}, "fixture_invalid", "given.at"),
        ({"at": "soon"}, {"stage": "MQL"}, "fixture_invalid", "given.at"),
        ({"at": 5}, {"stage": "MQL"}, "fixture_invalid", "given.at"),
        ({"signals": "demo_request"}, {"stage": "MQL"}, "fixture_invalid", "given.signals"),
        ({"signals": ["demo"]}, {"stage": "MQL"}, "unresolved", "given.signals[0]"),
        ({"signals": [{"kind": "demo_request", "at": "x"}]}, {"stage": "MQL"}, "fixture_invalid",
         "given.signals[0]"),
        ({"signals": [{"kind": "demo_request", "days_ago": -1}]}, {"stage": "MQL"},
         "fixture_invalid", "given.signals[0].days_ago"),
        ({"signals": [7]}, {"stage": "MQL"}, "fixture_invalid", "given.signals[0]"),
        ({"company.employes": 5}, {"stage": "MQL"}, "unresolved", "given.company.employes"),
        ({"company.employees": "5"}, {"stage": "MQL"}, "fixture_invalid",
         "given.company.employees"),
        ({"lead.channel": "FAX"}, {"stage": "MQL"}, "fixture_invalid", "given.lead.channel"),
        ({"score.total": 5}, {"stage": "MQL"}, "fixture_invalid", "given.score.total"),
        ({"signal.demo_request.count_30d": 5}, {"stage": "MQL"}, "fixture_invalid",
         "given.signal.demo_request.count_30d"),
        ({}, {}, "fixture_invalid", "expect"),
        ({}, {"stages": "MQL"}, "unresolved", "expect.stages"),
        ({}, {"stage": "MQLS"}, "unresolved", "expect.stage"),
        ({}, {"stage": ["MQL"]}, "unresolved", "expect.stage"),
        ({}, {"rule": "dacht"}, "unresolved", "expect.rule"),
        ({}, {"band": "boiling"}, "unresolved", "expect.band"),
        ({}, {"pool": 5}, "fixture_invalid", "expect.pool"),
        ({}, {"score": 5}, "fixture_invalid", "expect.score"),
        ({}, {"score": {"over": 5}}, "fixture_invalid", "expect.score"),
        ({}, {"score": {"at_least": "5"}}, "fixture_invalid", "expect.score"),
        ({}, {"due": []}, "fixture_invalid", "expect.due"),
        ({}, {"due": {"rout": None}}, "unresolved", "expect.due.rout"),
        ({}, {"due": {"route": "tomorrow"}}, "fixture_invalid", "expect.due.route"),
        ({}, {"due": {"route": {"hours": 4}}}, "fixture_invalid", "expect.due.route"),
        ({}, {"due": {"route": {"minutes": True}}}, "fixture_invalid", "expect.due.route"),
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_tried_is_told_at_its_place(
    lead: dict[str, Any], expect: dict[str, Any], code: str, place: str
) -> None:
    (one,) = tried(lead, expect)
    assert (one.code, one.field) == (code, f"fixture.one.{place}")
    assert one.fix


@given(lead=st.dictionaries(st.text(max_size=5) | st.sampled_from([*FIELDS, "at", "signals"]),
                            st.recursive(st.none() | st.booleans() | st.integers() | st.text(),
                                         lambda inner: st.lists(inner) | st.dictionaries(
                                             st.text(), inner), max_leaves=4), max_size=4),
       expect=st.dictionaries(st.sampled_from([*fixture_reading.EXPECTED, "x"]),
                              st.none() | st.integers() | st.text() | st.lists(st.text())
                              | st.dictionaries(st.text(), st.none() | st.text())))  # fmt: skip
def test_whatever_is_written_is_answered_with_findings(
    lead: dict[str, Any], expect: dict[str, Any]
) -> None:
    assert all(one.message and one.fix for one in tried(lead, expect))


@pytest.mark.parametrize(
    ("change", "failed"),
    [
        (put("clock_policy", "route", minutes=300), {"friday_afternoon.expect.due.route",
         "before_easter.expect.due.route", "pricing_thrice.expect.due.route"}),
        (put("calendar", "office_hours", closed={"2027-01-01": "New Year's Day"}),
         {"before_easter.expect.due.route"}),
        (put("criterion", "behaviour", condition={
            "fact": "signal.pricing_page_view.count_30d", "op": "gte", "value": 2}),
         {"friday_afternoon.expect.stage", "friday_afternoon.expect.due.route",
          "before_easter.expect.due.route", "friday_afternoon.expect.due.accept",
          "pricing_twice.expect.stage", "pricing_twice.expect.due.route",
          "pricing_long_ago.expect.stage", "partner_in_dach.expect.stage"}),
        (put("routing_rule", "partner", position=9),
         {"partner_in_dach.expect.rule", "partner_in_dach.expect.pool"}),
    ],
    ids=["slower", "no holidays", "fewer views", "partners last"],
)  # fmt: skip
def test_a_changed_rule_fails_the_examples_that_state_otherwise(
    change: Change, failed: set[str]
) -> None:
    said = fixtures.of_kit(compiled(change))
    assert {one.field.removeprefix("fixture.") for one in said} == failed


def test_every_plain_fact_can_be_stated_except_what_follows_from_behaviour() -> None:
    about_leads = [fact.name for fact in facts.registry if fact.subject is facts.Subject.LEAD]
    plain = {name for name in about_leads if not name.startswith("score.")}
    derived = {"company.employee_band", "lead.last_touch_days", "person.company_mailbox"}
    assert plain == {*FIELDS, *derived}


@pytest.mark.parametrize("name", FIELDS)
def test_a_stated_fact_is_the_one_that_rules_read(name: str) -> None:
    fact = facts.registry.get(name)
    value: Any = {FactType.TEXT: "DE", FactType.INTEGER: 7, FactType.NUMBER: 7,
                  FactType.BOOLEAN: True}.get(fact.type)  # fmt: skip
    value = value or ("south" if fact.listed else fact.choices[-1][0])
    now = dt.datetime(2026, 3, 3, tzinfo=dt.UTC)
    lead = dataclasses.replace(Snapshot(now=now), **{FIELDS[name]: value})
    assert fact.value(lead) == value
