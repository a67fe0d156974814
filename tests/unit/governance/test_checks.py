"""What is said against a kit: each defect is found, by code and place, and nothing else is."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from governance import checks, findings
from governance.findings import Severity
from lifecycle import fixtures
from tests import kit_findings
from tests.kit_findings import Change, add, compiled, found, put, without

FAR_OFF = dt.datetime(2035, 1, 1, tzinfo=dt.UTC)


def fact(name: str, op: str, value: Any = None) -> dict[str, Any]:
    return {"fact": name, "op": op} | ({} if value is None else {"value": value})


def size(op: str, value: Any) -> dict[str, Any]:
    return fact("company.employees", op, value)


def channel(op: str, value: Any) -> dict[str, Any]:
    return fact("lead.channel", op, value)


def in_region(*countries: str) -> dict[str, Any]:
    """As the playbook sends leads to a region: by company, else by person."""
    missing = fact("company.country", "is_missing")
    by_person = {"all": [missing, fact("person.country", "in", list(countries))]}
    return {"any": [fact("company.country", "in", list(countries)), by_person]}


def both(*changes: Change) -> Change:
    def change(document: dict[str, Any]) -> None:
        for one in changes:
            one(document)

    return change


def test_nothing_is_said_against_the_playbook() -> None:
    assert found() == []
    assert list(fixtures.of_kit(compiled())) == []


PARTS = [
    (add("stage", key="twin"), "duplicate", "stage"),
    (add("general_policy", key="twin"), "duplicate", "general_policy"),
    (put("stage", "mql", owner_role="BOSS"), "unresolved", "stage.mql.owner_role"),
    (put("clock_policy", "route", calendar="office"), "unresolved", "clock_policy.route.calendar"),
    (put("clock_policy", "route", starts_on=["QUALIFIED", "QUALIFY"]), "unresolved",
     "clock_policy.route.starts_on"),
    (put("clock_policy", "route", stopped_by=[]), "required", "clock_policy.route.stopped_by"),
    (put("clock_policy", "route", stages=[]), "required", "clock_policy.route.stages"),
    (put("clock_policy", "route", stages=["MQL", "MQLS"]), "unresolved",
     "clock_policy.route.stages"),
    (put("clock_policy", "route", escalation="boss"), "unresolved",
     "clock_policy.route.escalation"),
    (put("escalation_level", "revops", then="board"), "unresolved",
     "escalation_level.revops.then"),
    (put("escalation_level", "revops", then="sales"), "cyclic", "escalation_level.sales.then"),
    (put("escalation_level", "revops", then="revops"), "cyclic", "escalation_level.revops.then"),
    (put("escalation_level", "revops", tell=[]), "tells_nobody", "escalation_level.revops.tell"),
    (put("escalation_level", "revops", tell=["CEO"]), "unresolved",
     "escalation_level.revops.tell"),
    (put("escalation_level", "revops", act="SHOUT"), "unresolved", "escalation_level.revops.act"),
    (put("escalation_level", "revops", act="POOL"), "reaches_nobody",
     "escalation_level.revops.pool"),
    (both(put("escalation_level", "revops", act="MANAGER"),
          put("clock_policy", "cleanse", escalation="revops")),
     "no_holder", "clock_policy.cleanse.escalation"),
    (put("escalation_level", "revops", act="BACKUP"), "no_holder", "clock_policy.route.escalation"),
    (put("criterion", "framework", checklists=["bantt"]), "unresolved",
     "criterion.framework.checklists"),
    (put("criterion", "framework", checklists=[]), "required", "criterion.framework.checklists"),
    (put("criterion", "reachable", shown_by=["FAX"]), "unresolved", "criterion.reachable.shown_by"),
    (put("criterion", "framework", shown_by=["EMAIL"]), "unused", "criterion.framework.shown_by"),
    (put("criterion", "icp", condition=None), "required", "criterion.icp.condition"),
    (put("criterion", "icp", proof="GUESS"), "unresolved", "criterion.icp.proof"),
    (put("criterion", "discovery_call", activity_kinds=["CHAT"]), "unresolved",
     "criterion.discovery_call.activity_kinds"),
    (put("criterion", "discovery_call", activity_kinds=[]), "required",
     "criterion.discovery_call.activity_kinds"),
    (put("criterion", "behaviour", condition=fact("signal.demo.count_30d", "gte", 1)),
     "unresolved", "criterion.behaviour.condition"),
    (put("channel", "form", channel="FAX"), "unresolved", "channel.form.channel"),
    (put("reason", "unreachable", criterion="reach"), "unresolved",
     "reason.unreachable.criterion"),
    (put("reason", "unreachable", used_for=["reject", "recycle", "refuse"]), "unresolved",
     "reason.unreachable.used_for"),
    (put("reason", "unreachable", attempt_days=5), "range", "reason.unreachable.attempt_days"),
    (put("reason", "unreachable", outcome="LOST"), "unresolved", "reason.unreachable.outcome"),
    (put("reason", "unreachable", criterion="discovery_call"), "not_contested",
     "reason.unreachable.criterion"),
    (without("reason", "interest_faded", "unreachable"), "required", "reason"),
    (put("score_rule", "demo", signal="demo"), "unresolved", "score_rule.demo.signal"),
    (put("score_rule", "demo", signal=""), "required", "score_rule.demo.signal"),
    (put("score_rule", "size", condition=None), "required", "score_rule.size.condition"),
    (put("score_rule", "demo", condition=fact("lead.touches", "gte", 3)), "ambiguous",
     "score_rule.demo.condition"),
    (put("score_rule", "visit", points="-5"), "penalty_fades", "score_rule.visit.half_life_days"),
    (put("score_band", "warm", leaves_below="46"), "range", "score_band.warm.leaves_below"),
    (put("score_band", "warm", at_least="70"), "duplicate", "score_band"),
    (without("score_band"), "required", "score_band"),
    (put("checklist", "bant", needed=5), "range", "checklist.bant.needed"),
    (put("checklist", "bant", needed=0), "range", "checklist.bant.needed"),
    (put("calendar", "always", week={}), "never_open", "calendar.always.week"),
    (put("stage", "merged", stage="MERGE"), "unresolved", "stage.merged.stage"),
]  # fmt: skip

CLOCKS = [
    (add("clock_policy", key="late", obligation="close", stages=["OPPORTUNITY"],
         starts_on=["CONVERTED"], stopped_by=["CLOSED"]), "unreachable",
     "clock_policy.late.position"),
    (put("clock_policy", "first_contact.event", condition=channel("in", ["FORM", "CHAT"])),
     "shadowed", "clock_policy.first_contact.event.condition"),
    (without("clock_policy", "first_contact.other"), "no_clock", "clock_policy"),
    (put("clock_policy", "first_contact.other", condition=size("gt", 5)), "no_clock",
     "clock_policy"),
    (without("clock_policy", "close"), "no_clock", "clock_policy"),
    (put("clock_policy", "sales_qualify", starts_on=["CONVERTED"]), "never_starts",
     "clock_policy.sales_qualify.starts_on"),
    (both(without("clock_policy", "close"),
          add("clock_exemption", key="none", stages=["OPPORTUNITY"], channels=["FORM"],
              obligation="", because="Deals have dates of their own.")),
     "no_clock", "clock_policy"),
    (add("clock_exemption", key="none", stages=["OPPORTUNITY"], channels=[], obligation="close",
         because=" "), "required", "clock_exemption.none.because"),
    (put("identity_rule", "phone", shared_after=1), "range", "identity_rule.phone.shared_after"),
    (put("identity_rule", "external", shared_after=3), "not_shareable",
     "identity_rule.external.shared_after"),
    (add("clock_exemption", key="none", stages=["OPPORTUNITY"], channels=["FAX"],
         obligation="close", because="No fax here."), "unresolved",
     "clock_exemption.none.channels"),
    (add("clock_exemption", key="none", stages=["OPPORTUNITY"], channels=[], obligation="closing",
         because="No."), "unresolved", "clock_exemption.none.obligation"),
    (put("clock_policy", "route", calendar=""), "required", "clock_policy.route.calendar"),
    (put("clock_policy", "route", calendar="", hours="HOLDER"), "required",
     "clock_policy.route.calendar"),
    (put("clock_policy", "route", calendar="gone", basis="ELAPSED"), "unresolved",
     "clock_policy.route.calendar"),
    (put("clock_policy", "route", hours="HOLDER", basis="ELAPSED"), "two_hours",
     "clock_policy.route.hours"),
    (put("clock_policy", "accept", hours="HOLDER", pauses_for=["LEAVE"]), "leave_twice",
     "clock_policy.accept.pauses_for"),
]  # fmt: skip

CONDITIONS = [
    (put("criterion", "icp", condition={"all": [size("gt", 500), size("lt", 100)]}),
     "contradiction", "criterion.icp.condition"),
    (put("criterion", "icp", condition={"all": []}), "always_holds", "criterion.icp.condition"),
    (put("criterion", "icp", condition={"any": [size("gt", 5), {"not": size("gt", 5)}]}),
     "always_holds", "criterion.icp.condition"),
    (put("criterion", "behaviour", condition=fact("signal.page_view.count_30d", "gte", 0)),
     "always_holds", "criterion.behaviour.condition"),
    (put("criterion", "behaviour", condition=fact("signal.page_view.count_30d", "lt", 0)),
     "contradiction", "criterion.behaviour.condition"),
    (put("criterion", "behaviour", condition=size("gt", 6000)), "contradiction",
     "criterion.behaviour.condition"),
    (put("criterion", "behaviour", condition=fact("score.total", "gte", 5000)), "contradiction",
     "criterion.behaviour.condition"),
    (put("quality_rule", "country", condition={"all": [
        fact("company.country", "is_missing"), fact("company.country", "eq", "DE")]}),
     "contradiction", "quality_rule.country.condition"),
    (put("score_rule", "size", condition={"not": {"all": []}}), "contradiction",
     "score_rule.size.condition"),
    (put("routing_rule", "partner", condition={"all": [
        channel("eq", "PARTNER"), channel("ne", "PARTNER")]}),
     "contradiction", "routing_rule.partner.condition"),
    (put("clock_policy", "first_contact.form", condition={"all": [
        channel("eq", "FORM"), channel("eq", "CHAT")]}),
     "contradiction", "clock_policy.first_contact.form.condition"),
]  # fmt: skip

ROUTING = [
    (add("routing_rule", key="late", condition=fact("company.country", "eq", "PL")),
     "unreachable", "routing_rule.late.position"),
    (put("routing_rule", "fallback", condition=fact("company.country", "eq", "PL")),
     "no_fallback", "routing_rule"),
    (add("routing_rule", key="late", moment="OUTBOUND"), "unresolved",
     "routing_rule.late.moment"),
    (put("routing_rule", "dach", condition=fact("company.land", "eq", "DE")), "invalid",
     "routing_rule.dach.condition.fact"),
    (add("routing_rule", first=True, key="first", pool="inbound",
         condition=in_region("AT", "CH", "DE")), "shadowed", "routing_rule.dach.position"),
    (add("routing_rule", first=True, key="first", pool="dach",
         condition=in_region("AT", "CH", "DE")), "shadowed", "routing_rule.dach.position"),
    (add("routing_rule", key="ch", position=4, pool="inbound", condition=in_region("CH")),
     "shadowed", "routing_rule.ch.position"),
]  # fmt: skip

LACKING = [
    (both(put("criterion", "icp", stage="SAL"), put("criterion", "behaviour", stage="SAL")),
     "no_criterion", "criterion"),
    (put("general_policy", "general", recycle_below="900"), "out_of_reach",
     "general_policy.general.recycle_below"),
]  # fmt: skip

WARNINGS = [
    (put("stage", "mql", definition=""), "no_words", "stage.mql.definition"),
    (put("stage", "mql", label=" "), "no_words", "stage.mql.label"),
    (put("stage", "nurture", owner_role=""), "no_words", "stage.nurture.owner_role"),
    (put("criterion", "icp", prose=""), "no_words", "criterion.icp.prose"),
    (both(put("criterion", "icp_confirmed", stage="MQL"),
          put("criterion", "reachable", stage="MQL")),
     "no_criterion", "criterion"),
    (put("reason", "timing", criterion=""), "no_criterion", "reason.timing.criterion"),
    (put("reason", "timing", returns_turn=True), "no_rejection", "reason.timing.instead"),
    (put("score_rule", "visit", points="0"), "zero_weight", "score_rule.visit.points"),
    (put("score_rule", "visit", cap="0"), "zero_weight", "score_rule.visit.cap"),
    (put("score_rule", "size", times="ONCE"), "no_effect", "score_rule.size.times"),
    (put("score_rule", "size", within_days=30), "no_effect", "score_rule.size.within_days"),
    (put("score_rule", "size", half_life_days="30"), "fit_fades", "score_rule.size.half_life_days"),
    (put("score_rule", "size", condition=fact("score.intent", "gte", 30)), "circular",
     "score_rule.size.condition"),
    (put("score_band", "hot", at_least="900"), "out_of_reach", "score_band.hot.at_least"),
    (put("criterion", "behaviour", condition=fact("score.total", "gte", 30)), "recycled_at_once",
     "general_policy.general.recycle_below"),
    (add("escalation_level", key="board", then=""), "unreachable", "escalation_level.board"),
    (put("escalation_level", "revops", after_minutes=240), "no_later",
     "escalation_level.revops.after_minutes"),
    (without("identity_rule", "contact"), "nobody_at_shared", "identity_rule.email.shared_after"),
    (put("identity_rule", "name", use="MERGE"), "name_merges", "identity_rule.name.use"),
    (put("quality_rule", "country", condition=None), "always_holds",
     "quality_rule.country.condition"),
    (without("channel", "social"), "no_words", "channel"),
    (put("calendar", "weekdays", closed={"2026-12-25": "Christmas Day"}), "holidays_end",
     "calendar.weekdays.closed"),
    (put("criterion", "behaviour", condition={"any": [
        fact("signal.demo_request.count_30d", "gte", 1),
        {"all": [size("gt", 500), size("lt", 100)]}]}),
     "contradiction", "criterion.behaviour.condition.any[1]"),
    (put("criterion", "behaviour", condition={"all": [size("gt", 500), {"any": [
        size("lt", 100), fact("person.title", "is_set")]}]}),
     "contradiction", "criterion.behaviour.condition.all[1].any[0]"),
    (put("criterion", "behaviour", condition={"all": [
        size("gt", 500), fact("signal.page_view.count_30d", "gte", 0)]}),
     "always_holds", "criterion.behaviour.condition.all[1]"),
    (put("score_rule", "size", condition={"all": []}), "always_holds", "score_rule.size.condition"),
    (put("routing_rule", "uk_nordics", condition=in_region("GB", "DE", "AT")), "overlapping",
     "routing_rule.uk_nordics.condition"),
    (both(put("routing_rule", "partner", condition=size("between", [1, 100])),
          put("routing_rule", "dach", condition=size("between", [100, 500]))), "overlapping",
     "routing_rule.dach.condition"),
]  # fmt: skip


AN_HOUR_A_WEEK: dict[str, Any] = {
    "holiday_country": "", "week": {"mon": [["09:00", "10:00"]]}, "opened": {}, "closed": {},
}  # fmt: skip
ENDLESS = [
    # 521 Mondays of an hour are less than 31,500 minutes.
    (both(add("calendar", key="mondays", **AN_HOUR_A_WEEK),
          put("clock_policy", "route", calendar="mondays", minutes=31_500)),
     "clock_policy.route.minutes"),
    # One day of eight hours, and none after it.
    (both(add("calendar", key="fair", holiday_country="", week={}, closed={},
              opened={"2026-09-09": [["09:00", "17:00"]]}),
          put("clock_policy", "route", calendar="fair", minutes=60)),
     "clock_policy.route.minutes"),
    (put("escalation_level", "revops", after_minutes=5_000_000),
     "escalation_level.revops.after_minutes"),
    # Day and night, too: a level that is more than ten years away, of a clock without a calendar.
    (both(put("clock_policy", "route", basis="ELAPSED", calendar="", escalation="late"),
          add("escalation_level", key="late", then="", after_minutes=2_147_483_647)),
     "escalation_level.late.after_minutes"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "field"), ENDLESS, ids=[field for _, field in ENDLESS])
def test_what_would_never_end_on_its_calendar_is_refused(change: Change, field: str) -> None:
    assert ("never_ends", field) in found(change)


@pytest.mark.parametrize(
    "change",
    [
        put("clock_policy", "route", minutes=525_600),
        put("clock_policy", "route", calendar="always", minutes=525_600),
        both(add("calendar", key="mondays", **AN_HOUR_A_WEEK),
             put("clock_policy", "route", calendar="mondays", minutes=31_000)),
        both(add("calendar", key="mondays", **AN_HOUR_A_WEEK),
             put("clock_policy", "route", calendar="mondays", minutes=50_000, basis="ELAPSED")),
        both(put("clock_policy", "route", basis="ELAPSED", calendar="", escalation="late"),
             add("escalation_level", key="late", then="", after_minutes=5_256_000)),
    ],
)  # fmt: skip
def test_what_ends_within_ten_years_is_not_refused(change: Change) -> None:
    assert "never_ends" not in [code for code, _ in found(change)]


@pytest.mark.parametrize(
    ("change", "code", "field"), [*PARTS, *CLOCKS, *CONDITIONS, *ROUTING, *LACKING],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_each_error_is_found_at_its_place_and_nothing_else_is(
    change: Change, code: str, field: str
) -> None:
    (one,) = kit_findings.findings(change)
    assert (one.code, one.field, one.severity) == (code, field, Severity.ERROR)
    assert one.message.endswith(".") or one.code == "invalid"
    assert one.fix.endswith((".", "?"))


@pytest.mark.parametrize(
    ("change", "code", "field"), WARNINGS, ids=lambda v: v if isinstance(v, str) else ""
)
def test_each_warning_is_found_at_its_place_and_nothing_else_is(
    change: Change, code: str, field: str
) -> None:
    (one,) = kit_findings.findings(change)
    assert (one.code, one.field, one.severity) == (code, field, Severity.WARNING)
    assert one.message.endswith(".")
    assert one.fix.endswith(".")


@pytest.mark.parametrize(
    "change",
    [
        # An exception before the general case is what lists are for.
        add("routing_rule", first=True, key="large", pool="inbound", condition={
            "all": [fact("company.country", "eq", "DE"), size("gt", 1000)]}),
        add("routing_rule", first=True, key="social", pool="inbound",
            condition=channel("eq", "SOCIAL")),
        # A cell may be left empty with a reason.
        both(without("clock_policy", "close"),
             add("clock_exemption", key="deals", stages=["OPPORTUNITY"], channels=[],
                 obligation="", because="Deals have dates of their own.")),
        both(without("clock_policy", "first_contact.other"),
             add("clock_exemption", key="lists", channels=["OUTBOUND", "IMPORT"],
                 stages=["INQUIRY", "MQL", "SAL", "SQL", "NURTURE"], obligation="first_contact",
                 because="Nobody there waits to hear from us.")),
        # Two special cases with the stage's default behind them.
        put("clock_policy", "first_contact.form", condition={
            "all": [channel("eq", "FORM"), size("gte", 1000)]}),
        # An MQL must have more points than it may be recycled for.
        put("criterion", "behaviour", condition=fact("score.total", "gte", 40)),
        put("score_rule", "visit", points="-1", half_life_days=None),
        # Facts may be engagement or intent as well, and fade from when they came to be so.
        put("score_rule", "visit", signal="", half_life_days="30",
            condition=fact("lead.touches", "gte", 3)),
        put("score_rule", "visit", times="ONCE", within_days=30),
        put("score_band", "warm", leaves_below="40"),
        put("calendar", "always", holiday_country=""),
    ],
)  # fmt: skip
def test_what_is_meant_is_no_defect(change: Change) -> None:
    assert found(change) == []


def test_findings_speak_in_sentences() -> None:
    said = [
        kit_findings.findings(change)[0]
        for change in (
            CONDITIONS[0][0],
            put("routing_rule", "uk_nordics", condition=in_region("GB", "DE", "AT")),
            without("clock_policy", "close"),
            without("clock_policy", "first_contact.other"),
            put("escalation_level", "revops", then="team"),
            put("clock_policy", "route", calendar="ofice_hours"),
        )
    ]
    assert [one.message for one in said] == [
        "“Company size is above 500 employees” and “Company size is below 100 employees” cannot "
        "both hold.",
        "DE, AT stand in “dach” and in “uk_nordics”; the first wins.",
        "In OPPORTUNITY no clock stands for leads.",
        "In INQUIRY, MQL, SAL, SQL, NURTURE no “first_contact” clock stands for leads through "
        "Outbound prospecting, Import.",
        "The levels go round in a circle: The team's manager, a second time → All sales managers "
        "→ RevOps, because the process did not hold → The team's manager, a second time.",
        "“ofice_hours” is no calendar.",
    ]
    assert said[-1].fix == "Did you mean “office_hours”?"


def test_errors_stand_first_and_execution_is_tried_only_without_any(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    warned = findings.warning("stage", "Odd.", "odd", "Mend it.")
    failed = findings.Finding("stage", "Wrong.", "wrong", "Mend it.")
    tried: list[str] = []

    def last(kit: object) -> list[findings.Finding]:
        tried.append("last")
        return []

    monkeypatch.setattr(checks, "_dated", [lambda kit, at: [warned]])
    monkeypatch.setattr(checks, "_last", [last])
    monkeypatch.setattr(checks, "_registered", [])
    assert checks.run(compiled(), at=FAR_OFF) == [warned]
    assert tried == ["last"]
    monkeypatch.setattr(checks, "_registered", [lambda kit: [failed]])
    assert checks.run(compiled(), at=FAR_OFF) == [failed, warned]
    assert tried == ["last"]
