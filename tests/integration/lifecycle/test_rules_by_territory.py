"""Rules ask in which territory a buyer is: when leads come, when they are replayed, and tried."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from governance import checks
from governance.kit import Kit, KitInvalid
from leads.models import Lead, LeadEvent
from lifecycle import previewing
from lifecycle.invariants import run
from lifecycle.previewing import Wanted
from lifecycle.realigning import planning
from lifecycle.realigning.charting import Asked
from lifecycle.simulation import history
from routing import replay
from routing.models import Decision, Pool, Territory, TerritoryArea
from tests import factories, kit_edits, realigning
from tests.factories import DAY, HOUR, NOW, Company
from tests.kit_edits import Parts, rule
from tests.simulating import kit_with, replayed

pytestmark = pytest.mark.django_db
SOUTH, ELSEWHERE = "south", "inbound"
BY_EVENT = {"fact": "lead.channel", "op": "eq", "value": "EVENT"}


def in_territory(*keys: str) -> dict[str, Any]:
    return {"fact": "lead.territory", "op": "in", "value": list(keys)}


BY_TERRITORY = (
    rule("unknown", {"fact": "lead.territory", "op": "is_missing"}, ELSEWHERE),
    rule("south", in_territory("south", "nowhere"), SOUTH),
    rule("rest", in_territory("north"), "dach"),
)


@pytest.fixture
def company(db: None) -> Company:
    """Bavaria and what begins with 7 are the south; a pool looks after it."""
    made = realigning.company()
    Pool.objects.create(key=SOUTH, label="South", manager=made.manager)
    factories.rep("sina", pools=[SOUTH])
    factories.rep("ingo", pools=[ELSEWHERE])
    Territory.objects.create(key="nowhere", label="Nowhere")
    return made


@pytest.fixture
def kit(company: Company) -> Kit:
    return kit_edits.publish(*BY_TERRITORY, by=company.revops, now=NOW)


def captured(*places: dict[str, Any], now: dt.datetime = NOW + HOUR) -> list[Lead]:
    return factories.captures([factories.touch(company=place) for place in places], now=now)


def decision(lead: Lead) -> Decision:
    return Decision.objects.filter(lead=lead).latest("at", "id")


def rule_of(made: Decision) -> str:
    return str(next(one["rule"] for one in made.tried if one["matched"]))


def went(leads: list[Lead]) -> list[tuple[str, str, str]]:
    """By which rule each went to which pool, and in which territory it was found to be."""
    made = map(decision, leads)
    return [(rule_of(one), one.pool, one.facts["lead.territory"] or "") for one in made]


def broken(now: dt.datetime) -> dict[str, list[Any]]:
    return {
        one.invariant.key: list(one.found.offences)
        for one in run.check(now=now)
        if one.found.count and not one.invariant.key.endswith("delivered")
    }


def test_leads_go_by_territory_and_their_decisions_are_made_again(kit: Kit) -> None:
    leads = captured(
        {"region": " BAYERN "}, {"postal_code": "D-70173"}, {"region": "Hessen"}, {"country": "FR"}
    )
    assert went(leads) == [
        ("south", SOUTH, "south"),
        ("south", SOUTH, "south"),
        ("rest", "dach", "north"),
        ("unknown", ELSEWHERE, ""),
    ]
    assert leads[0].owner is not None
    assert leads[0].owner.username == "sina"
    assert all(replay.of(decision(lead)).is_same for lead in leads)
    assert broken(NOW + HOUR) == {}


def test_a_person_s_country_tells_where_the_company_s_is_not_known(kit: Kit) -> None:
    body = factories.touch(company={"country": ""}, person={"country": "DE"})
    assert went(factories.captures([body], now=NOW + HOUR)) == [("rest", "dach", "north")]


def test_from_its_day_on_a_realignment_counts_and_old_decisions_stay(kit: Kit) -> None:
    north = Territory.objects.get(key="north")
    midnight = dt.datetime.combine(NOW.date() + DAY, dt.time(), dt.UTC)
    TerritoryArea.objects.create(
        territory=north, country="DE", region="Bayern", starts_on=midnight.date()
    )
    (before,) = captured({"region": "Bayern"}, now=midnight - dt.timedelta(microseconds=1))
    (after,) = captured({"region": "Bayern"}, now=midnight)
    assert went([before, after]) == [("south", SOUTH, "south"), ("rest", "dach", "north")]
    TerritoryArea.objects.filter(territory__key="south").delete()
    assert replay.of(decision(before)).is_same
    assert broken(midnight) == {}


def test_a_new_label_changes_nothing(kit: Kit) -> None:
    Territory.objects.filter(key="south").update(label="Sunny side")
    assert went(captured({"region": "Bayern"})) == [("south", SOUTH, "south")]


@pytest.mark.parametrize(
    ("places", "more"), [([{}], 1), ([{}, {"country": "FR"}, {"country": "IT"}], 2)]
)
def test_territories_cost_two_queries_at_most_and_nothing_where_no_rule_names_one(
    company: Company,
    django_assert_max_num_queries: Any,
    places: list[dict[str, Any]],
    more: int,
) -> None:
    def reads(count: int, now: dt.datetime) -> int:
        """Messages that ask something; more rows are written in other ways than few."""
        bodies = [factories.touch(company=places[n % len(places)]) for n in range(count)]
        with django_assert_max_num_queries(1000) as seen:
            factories.captures(bodies, now=now)
        asked = [one["sql"] for one in seen.captured_queries]
        named = sum("routing_territoryarea" in sql for sql in asked)
        assert named == (more if is_named else 0)
        return sum(sql.lstrip().startswith("SELECT") for sql in asked)

    is_named = False
    kit_edits.publish(rule("events", BY_EVENT, "dach"), by=company.revops, now=NOW)
    reads(3, NOW)
    plain = reads(6, NOW + HOUR)
    is_named = True
    kit_edits.publish(rule("south", in_territory("south"), "dach"), by=company.revops, now=NOW)
    reads(3, NOW + 2 * HOUR)
    assert reads(6, NOW + 3 * HOUR) == reads(60, NOW + 4 * HOUR) == plain + more


def test_criteria_scores_and_clocks_ask_for_it_too(company: Company) -> None:
    def edit(parts: Parts) -> None:
        kit_edits.part(parts, "criterion", "icp")["condition"] = in_territory("south")
        accept = kit_edits.part(parts, "clock_policy", "accept")
        accept["condition"] = in_territory("south")

    kit_edits.publish(edit, by=company.revops, now=NOW)
    south, north = captured({"region": "Bayern"}, {"region": "Hessen"})
    assert (south.stage, north.stage) == ("MQL", "INQUIRY")
    assert list(south.clocks.filter(policy="accept").values_list("state")) == [("RUNNING",)]
    qualified = LeadEvent.objects.get(lead=south, transition="qualify")
    seen = {
        name: value for one in qualified.because["criteria"] for name, value in one["facts"].items()
    }
    assert seen["lead.territory"] == "south"


def test_courses_of_the_past_know_the_territory_of_each_instant(kit: Kit) -> None:
    north = Territory.objects.get(key="north")
    next_day = NOW.date() + DAY
    TerritoryArea.objects.create(territory=north, country="DE", region="Bayern", starts_on=next_day)
    (lead,) = captured({"region": "Bayern"})
    factories.captures_attached(now=NOW + DAY, person={"email": lead.person.email})
    window = {"since": NOW - DAY, "until": NOW + 2 * DAY}
    (known,) = history.courses([lead.pk], judged_by=[kit], **window)
    assert [step.known.territory for step in known.steps] == ["south", "north"]
    (plain,) = history.courses([lead.pk], **window)
    assert [step.known.territory for step in plain.steps] == ["", ""]


def test_a_draft_by_territory_is_tried_on_the_leads_of_the_past(company: Company) -> None:
    def by_territory(document: dict[str, Any]) -> None:
        document["parts"]["fixture"] = []
        for edit in BY_TERRITORY:
            edit(document["parts"])

    south, north = captured({"region": "Bayern"}, {"region": "Hessen"})
    _, rows = replayed(kit_with(by_territory))
    assert rows[south.pk].before["pools"] == ["dach"]
    assert rows[south.pk].after["pools"] == [SOUTH]
    assert north.pk not in rows or rows[north.pk].after["pools"] == ["dach"]


def test_a_replay_under_the_kit_in_force_goes_as_it_went(kit: Kit) -> None:
    TerritoryArea.objects.create(
        territory=Territory.objects.get(key="north"),
        country="DE",
        region="Bayern",
        starts_on=NOW.date() + DAY,
    )
    captured({"region": "Bayern"}, {"country": "FR"})
    captured({"region": "Bayern"}, now=NOW + DAY)
    told, rows = replayed(kit_with(lambda document: None))
    assert (told["leads"], rows) == (3, {})


def test_a_preview_tells_the_route_by_territory(kit: Kit) -> None:
    body = factories.touch(company={"region": "Bayern"})
    shown = previewing.of_touch(body, scope="tests", wanted=Wanted(kit, NOW + HOUR))
    assert shown.decision is not None
    assert rule_of(shown.decision) == "south"
    assert shown.decision.facts["lead.territory"] == "south"


def test_a_realignment_tells_which_rules_go_by_the_areas_that_move(
    kit: Kit, company: Company
) -> None:
    bavaria = Asked(areas={("DE", "Bayern", ""): "north"})
    wanted = planning.want(bavaria, NOW.date() + DAY)
    shown = planning.preview(wanted, by=company.revops, now=NOW)
    assert shown.remarks == (
        "The kit in force names “north” (routing rule “Rest”): it goes by the new areas from that "
        "day on.",
        "The kit in force names “south” (routing rule “South”): it goes by the new areas from that "
        "day on.",
    )
    holders = realigning.wanted(company)
    assert planning.preview(holders, by=company.revops, now=NOW).remarks == ()


def found_of(kit: Kit, at: dt.datetime = NOW) -> list[tuple[str, str, str, str]]:
    """What the check says of territories that conditions name."""
    return [
        (one.field, one.code, one.message, one.fix)
        for one in checks.run(kit, at=at)
        if "territor" in one.message
    ]


def test_the_check_names_territories_that_are_not_there_and_those_without_areas(kit: Kit) -> None:
    mend = "Give it areas under Territories, or name another territory."
    bare = ("routing_rule.south.condition", "no_areas",
            "“Nowhere” has no area any more: no lead is in that territory.", mend)  # fmt: skip
    assert found_of(kit) == [bare]
    nowhere = Territory.objects.get(key="nowhere")
    later = TerritoryArea.objects.create(
        territory=nowhere, country="CH", starts_on=NOW.date() + DAY
    )
    assert found_of(kit)[0][2] == (
        f"“Nowhere” has no area before {later.starts_on}: until then no lead is in that territory."
    )
    assert found_of(kit, NOW + DAY) == []
    # Bavaria is another's from tomorrow on, and so is the rest.
    north = Territory.objects.get(key="north")
    for area in TerritoryArea.objects.filter(territory__key="south"):
        area.pk, area.territory, area.starts_on = None, north, later.starts_on
        area.save(force_insert=True)
    assert [one[2] for one in found_of(kit, NOW + DAY)] == [
        "“South” has no area any more: no lead is in that territory."
    ]


@pytest.mark.parametrize(
    ("named", "said", "mend"),
    [
        ("souht", "“souht” is no territory.", "Did you mean “south”?"),
        ("Nowhere", "“Nowhere” is the key of no territory.",
         "Rules name a territory by its key: write “nowhere”."),
    ],
)  # fmt: skip
def test_a_key_that_stands_for_nothing_keeps_a_kit_from_review(
    company: Company, named: str, said: str, mend: str
) -> None:
    with pytest.raises(KitInvalid) as refused:
        kit_edits.publish(rule("odd", in_territory(named), "dach"), by=company.revops, now=NOW)
    (found,) = refused.value.errors
    assert (found.field, found.code) == ("routing_rule.odd.condition", "unresolved")
    assert found.message == f"{said} {mend}"


def test_rules_by_territory_that_forget_unknown_ones_are_told(company: Company) -> None:
    def only_south(parts: Parts) -> None:
        last = parts["routing_rule"][-1]
        parts["routing_rule"] = [last]
        rule("south", in_territory("south"), SOUTH)(parts)

    changed = kit_edits.publish(only_south, by=company.revops, now=NOW)
    said = [one.message for one in checks.run(changed, at=NOW)]
    assert any("Rules go by “Territory”, and none says where leads go" in one for one in said)
