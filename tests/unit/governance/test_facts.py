"""Facts: names, families, and values that mean the same in Python and in SQL."""

from __future__ import annotations

import json
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance import facts
from governance.facts import Fact, FactFamily, FactType, Registry, Slug, Whole
from tests.condition_trees import from_mapping, sample_registry

REGISTRY = sample_registry()


class Channel(str, Enum):  # noqa: UP042 (its str() is not its value)
    WEB = "WEB"


def fact_of(fact_type: FactType) -> Fact:
    choices = (("WEB", "Web"),) if fact_type is FactType.CHOICE else ()
    return from_mapping("lead.sample", "Sample", fact_type, choices=choices)


def test_a_name_is_registered_only_once() -> None:
    with pytest.raises(ValueError, match=r"company\.employees is registered already"):
        sample_registry().register(from_mapping("company.employees", "Staff", FactType.INTEGER))


def test_a_single_fact_may_not_take_a_name_of_a_family() -> None:
    with pytest.raises(ValueError, match="registered already"):
        sample_registry().register(from_mapping("signal.demo.count_7d", "Demo", FactType.INTEGER))


def test_a_family_may_not_cover_a_registered_fact() -> None:
    with pytest.raises(ValueError, match="registered already"):
        sample_registry().register_family(
            FactFamily(
                "company.{what}",
                "Anything",
                parameters={"what": Slug()},
                make=lambda name, what: from_mapping(name, what, FactType.TEXT),
                example="company.anything",
            )
        )


@pytest.mark.parametrize(
    "name",
    ["employees", "Company.size", "company.", ".size", "a b.c", "__class__.x", "a." + "b" * 200],
)
def test_a_fact_needs_a_dotted_lower_case_name(name: str) -> None:
    with pytest.raises(ValueError, match="must look like"):
        from_mapping(name, "Name", FactType.TEXT)


@pytest.mark.parametrize(
    ("fact_type", "choices"), [(FactType.CHOICE, ()), (FactType.TEXT, (("A", "a"),))]
)
def test_choices_belong_to_choice_facts(fact_type: FactType, choices: Any) -> None:
    with pytest.raises(ValueError, match="choices"):
        from_mapping("lead.channel", "Channel", fact_type, choices=choices)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("company.employes", "company.employees"),
        ("company.industrie", "company.industry"),
        ("signal.pricing_page_view.count_30", "signal.pricing_page_view.count_30d"),
    ],
)
def test_a_mistyped_name_gets_the_nearest_one(wrong: str, right: str) -> None:
    with pytest.raises(facts.UnknownFact, match=f"did you mean “{right}”"):
        REGISTRY.get(wrong)


@pytest.mark.parametrize("name", ["", "__class__", "a.b.__init__", "x" * 10_000, "company", "ß.ß"])
def test_a_strange_name_is_simply_unknown(name: str) -> None:
    with pytest.raises(facts.UnknownFact) as refused:
        REGISTRY.get(name)
    assert len(refused.value.message) < 250
    assert name not in REGISTRY


@pytest.mark.parametrize("days", [1, 30, 365])
def test_a_family_makes_the_fact_its_name_asks_for(days: int) -> None:
    fact = REGISTRY.get(f"signal.demo_request.count_{days}d")
    assert fact.label == f"Demo request in {days} days"


@pytest.mark.parametrize(
    "name",
    ["signal.demo.count_0d", "signal.demo.count_366d", "signal.demo.count_07d",
     "signal.demo.count_999999999d"],
)  # fmt: skip
def test_a_family_says_which_parameter_is_out_of_range(name: str) -> None:
    with pytest.raises(facts.UnknownFact, match=r"days .* whole number from 1 to 365"):
        REGISTRY.get(name)


@pytest.mark.parametrize(
    "name",
    ["signal..count_7d", "signal.Demo.count_7d", "signal.demo.count_d", "signal.demo.count_٣d",
     "signal.demo.count_7d\n", "signal.a.b.count_7d"],
)  # fmt: skip
def test_a_name_of_another_form_is_not_of_the_family(name: str) -> None:
    with pytest.raises(facts.UnknownFact):
        REGISTRY.get(name)


def test_a_closed_parameter_names_the_nearest_known_value() -> None:
    with pytest.raises(ValueError, match="did you mean “pricing_page_view”"):
        Slug(("pricing_page_view", "demo_request")).parse("pricing_page_veiw")


@pytest.mark.parametrize(
    "broken",
    [{"parameters": {}}, {"example": "signal.demo.count_400x"}],
    ids=["unnamed", "example"],
)
def test_a_family_that_cannot_work_is_refused_at_once(broken: dict[str, Any]) -> None:
    sound: dict[str, Any] = {
        "parameters": {"days": Whole(1, 365)},
        "make": lambda name, days: from_mapping(name, "Visits", FactType.INTEGER),
        "example": "visits.count_7d",
    }
    FactFamily("visits.count_{days}d", "Visits", **sound)
    with pytest.raises(ValueError, match="family"):
        FactFamily("visits.count_{days}d", "Visits", **{**sound, **broken})


def test_many_made_facts_do_not_pile_up() -> None:
    registry = sample_registry()
    for number in range(3000):
        registry.get(f"signal.kind_{number}.count_7d")
    assert len(registry._made) <= 1000


@pytest.mark.parametrize(
    ("fact_type", "given_value", "cleaned"),
    [
        (FactType.TEXT, "", None),
        (FactType.TEXT, " ", " "),
        (FactType.CHOICE, Channel.WEB, "WEB"),
        (FactType.INTEGER, 0, 0),
        (FactType.BOOLEAN, False, False),
        (FactType.NUMBER, 0.1 + 0.2, Decimal("0.3")),
        (FactType.NUMBER, 99.99999999999999, 100),
        (FactType.NUMBER, 0.0000005, Decimal("0.000001")),
        (FactType.NUMBER, -0.0000005, Decimal("-0.000001")),
        (FactType.NUMBER, Decimal("2.50"), Decimal("2.5")),
        (FactType.NUMBER, 1e300, Decimal("1e300")),
        (FactType.NUMBER, float("nan"), None),
        (FactType.NUMBER, float("inf"), None),
        (FactType.NUMBER, Decimal("-Infinity"), None),
        (FactType.NUMBER, Decimal("sNaN"), None),
    ],
)
def test_values_are_cleaned(fact_type: FactType, given_value: object, cleaned: object) -> None:
    found = fact_of(fact_type).clean(given_value)
    assert (type(found), found) == (type(cleaned), cleaned)


@pytest.mark.parametrize(
    ("fact_type", "wrong"),
    [
        (FactType.INTEGER, True),
        (FactType.INTEGER, "12"),
        (FactType.INTEGER, 2.0),
        (FactType.NUMBER, False),
        (FactType.NUMBER, "2.5"),
        (FactType.BOOLEAN, 1),
        (FactType.TEXT, 5),
        (FactType.CHOICE, ["WEB"]),
    ],
)
def test_a_reader_of_the_wrong_type_is_found_out(fact_type: FactType, wrong: object) -> None:
    with pytest.raises(facts.FactMisread, match=r"lead\.sample"):
        fact_of(fact_type).clean(wrong)


@pytest.mark.parametrize("fact_type", list(FactType))
def test_none_is_missing_for_every_type(fact_type: FactType) -> None:
    assert fact_of(fact_type).clean(None) is None


@given(st.floats(allow_nan=True, allow_infinity=True) | st.decimals(allow_nan=False, places=9))
def test_cleaning_a_number_twice_changes_nothing(number: float | Decimal) -> None:
    once = facts.clean_number(number)
    assert once is None or facts.clean_number(once) == once


@given(st.floats(allow_nan=False, allow_infinity=False, width=64))
def test_a_cleaned_number_is_within_half_a_millionth(number: float) -> None:
    cleaned = facts.clean_number(number)
    assert cleaned is not None
    assert abs(Decimal(cleaned) - Decimal(repr(number))) <= Decimal("0.0000005")


def test_read_all_reads_only_what_is_named_and_cleans_it() -> None:
    snapshot = {"person.title": "", "company.revenue": 0.1 + 0.2, "signal.demo.count_7d": 2}
    assert REGISTRY.read_all(snapshot, snapshot) == {
        "person.title": None,
        "company.revenue": Decimal("0.3"),
        "signal.demo.count_7d": 2,
    }


@given(st.none() | st.integers() | st.floats(allow_nan=False, allow_infinity=False))
def test_facts_survive_being_kept_as_json(revenue: float | None) -> None:
    values = REGISTRY.read_all({"company.revenue": revenue}, ["company.revenue"])
    kept = json.loads(json.dumps(REGISTRY.to_document(values)))
    assert REGISTRY.from_document(kept) == values


def test_editors_can_list_facts_and_families() -> None:
    registry = Registry()
    registry.register(from_mapping("b.two", "Two", FactType.TEXT))
    registry.register(from_mapping("a.one", "One", FactType.TEXT))
    assert registry.names() == ("b.two", "a.one") == tuple(fact.name for fact in registry)
    assert [family.example for family in REGISTRY.families()] == [
        "signal.pricing_page_view.count_30d"
    ]
