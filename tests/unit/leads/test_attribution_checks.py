"""What a kit's attribution rules get wrong, and where conditions speak of the wrong thing."""

from __future__ import annotations

from typing import Any

import pytest

from governance import facts, kit
from governance.fact_catalogue import Catalogue
from governance.facts import Subject
from leads import attribution_checks
from lifecycle import playbook
from routing import kit_checks
from tests.unit.leads.test_attribution import kit_of, rule

CPC = {"fact": "touch.medium", "op": "eq", "value": "cpc"}
PAID = {"fact": "touch.medium", "op": "in", "value": ["cpc", "ppc"]}
STATED = {"fact": "touch.stated_category", "op": "is_set"}


def found(*rules: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one.field, one.code) for one in attribution_checks.of_kit(kit_of(*rules))]


@pytest.mark.parametrize(
    ("rules", "faults"),
    [
        ([rule("a", "PAID", CPC), rule("b", "DIRECT")], []),
        ([rule("a", "MAGIC")], [("attribution_rule.a.category", "unresolved")]),
        ([rule("a", "PAID", PAID), rule("b", "PAID", CPC)],
         [("attribution_rule.b.position", "shadowed")]),
        ([rule("a", "PAID", CPC), rule("b", "PAID", PAID)], []),
        ([rule("a", "DIRECT"), rule("b", "PAID", CPC)],
         [("attribution_rule.b.position", "shadowed")]),
        ([rule("a", "DIRECT"), rule("b", "PARTNER", STATED)], []),
        ([rule("a", "PARTNER", STATED), rule("b", "PAID", {"all": [STATED, CPC]})],
         [("attribution_rule.b.position", "shadowed")]),
        ([rule("a", "PAID", CPC), rule("b", "PAID", {"not": CPC}), rule("c", "DIRECT")],
         [("attribution_rule.c.position", "shadowed")]),
        ([rule("a", "PAID", {"fact": "lead.channel", "op": "eq", "value": "FORM"})],
         [("attribution_rule.a.condition.fact", "invalid")]),
    ],
    ids=str,
)  # fmt: skip
def test_a_rule_that_cannot_work_is_told(
    rules: list[dict[str, Any]], faults: list[tuple[str, str]]
) -> None:
    assert found(*rules) == faults


def test_a_criterion_cannot_speak_of_one_touchpoint() -> None:
    document = playbook.document()
    document["parts"]["criterion"][0]["condition"] = CPC
    with pytest.raises(kit.KitInvalid, match="one touchpoint; this condition is about the lead"):
        kit.compile(document, id=1, number=1, checksum="", registry=facts.registry)


def test_a_routing_rule_cannot_speak_of_one_touchpoint() -> None:
    document = playbook.document()
    asked = {"key": "ads", "label": "Ads", "moment": "INBOUND", "pool": "dach", "condition": CPC}
    document["parts"]["routing_rule"] = [asked]
    compiled = kit.compile(document, id=1, number=1, checksum="x", registry=facts.registry)
    assert any("one touchpoint" in one.message for one in kit_checks.of_kit(compiled))


@pytest.mark.parametrize("about", list(Subject))
def test_the_builder_offers_the_facts_of_its_subject_only(about: Subject) -> None:
    catalogue = Catalogue(facts.registry, known={"kind": ["demo_request"]}, about=about)
    of_touch = {offer.name.startswith("touch.") for offer in catalogue.offers}
    assert of_touch == {about is Subject.TOUCHPOINT}
    assert (catalogue.find("touch.medium") is not None) == (about is Subject.TOUCHPOINT)
    assert (catalogue.find("company.employees") is not None) == (about is Subject.LEAD)
    assert (catalogue.find("signal.x.count_30d") is not None) == (about is Subject.LEAD)
