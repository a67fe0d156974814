"""Kinds of parts that came later: read as written, and of older documents as they were meant."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from governance import kit
from governance.kit import Kit, KitInvalid
from governance.terms import Exemption, Fixture, IdentityRule, Level
from tests import condition_trees

REGISTRY = condition_trees.sample_registry()


def read(**parts: list[dict[str, Any]]) -> Kit:
    document = {"schema": 1, "parts": parts}
    return kit.compile(document, id=1, number=1, checksum="c", registry=REGISTRY)


class TestADocumentFromBefore:
    def test_who_called_or_chatted_had_asked_for_a_person(self) -> None:
        old = read()
        asked = [one for one in ("FORM", "PHONE", "CHAT", "EVENT") if old.asks_for_person(one)]
        assert asked == ["PHONE", "CHAT"]

    def test_every_known_value_named_its_person(self) -> None:
        assert {value: rule.use for value, rule in read().identity.items()} == {
            "EMAIL": "MERGE", "PHONE": "MERGE", "EXTERNAL": "MERGE",
            "CONTACT": "IGNORE", "NAME": "IGNORE",
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("general", "spelling"),
        [
            ({}, (True, True)),
            ({"strip_plus": False}, (False, True)),
            ({"gmail_dots": False, "strip_plus": False}, (False, False)),
        ],
    )
    def test_the_general_policy_said_which_spellings_are_one(
        self, general: dict[str, Any], spelling: tuple[bool, bool]
    ) -> None:
        email = read(general_policy=[{"key": "general", **general}]).identity["EMAIL"]
        assert (email.strip_plus, email.gmail_dots) == spelling

    def test_nothing_was_exempt_escalated_or_asked_of_records(self) -> None:
        old = read()
        assert (old.exemptions, old.escalations, old.quality, old.fixtures) == ((), {}, (), ())
        assert old.general.emergency == timedelta(hours=24)


def test_channels_are_those_of_the_kit_and_no_others() -> None:
    channels = [
        {"key": "form", "channel": "FORM", "label": "Form"},
        {"key": "fair", "channel": "EVENT", "label": "Fair", "asks_for_person": True},
    ]
    found = read(channel=channels)
    assert found.channels["EVENT"].label == "Fair"
    assert found.asks_for_person("EVENT")
    assert not found.asks_for_person("FORM")
    assert not found.asks_for_person("PHONE")


def test_an_identity_rule_speaks_for_its_value_only() -> None:
    rules = [{"key": "tel", "value": "PHONE", "use": "SUGGEST", "strip_plus": False}]
    old_words = [{"key": "general", "strip_plus": False}]
    found = read(identity_rule=rules, general_policy=old_words)
    assert found.identity["PHONE"] == IdentityRule("tel", "PHONE", "SUGGEST", strip_plus=False)
    assert found.identity["EXTERNAL"].use == "MERGE"


def test_levels_exemptions_and_fixtures_are_read_as_written() -> None:
    found = read(
        escalation_level=[
            {"key": "one", "label": "One", "after_minutes": 90, "tell": ["HOLDER"], "then": "two"}
        ],
        clock_exemption=[{"key": "x", "stages": ["MQL"], "because": "Signed."}],
        fixture=[{"key": "f", "label": "F", "given": {"a": 1}, "expect": {"b": 2}}],
        general_policy=[{"key": "general", "emergency_hours": 4}],
    )
    assert found.escalations == {
        "one": Level("one", "One", timedelta(minutes=90), ("HOLDER",), "two")
    }
    assert found.exemptions == (Exemption("x", frozenset({"MQL"}), frozenset(), "", "Signed."),)
    assert found.fixtures == (Fixture("f", "F", {"a": 1}, {"b": 2}),)
    assert found.general.emergency == timedelta(hours=4)


@pytest.mark.parametrize(
    ("entry", "cell", "covered"),
    [
        ({"stages": ["MQL"]}, ("MQL", "FORM", "accept"), True),
        ({"stages": ["MQL"]}, ("SAL", "FORM", "accept"), False),
        ({"stages": ["MQL"], "channels": ["IMPORT"]}, ("MQL", "FORM", "accept"), False),
        ({"stages": ["MQL"], "channels": ["IMPORT"]}, ("MQL", "IMPORT", "accept"), True),
        ({"stages": ["MQL"], "obligation": "route"}, ("MQL", "FORM", "accept"), False),
        ({"stages": ["MQL"], "obligation": "route"}, ("MQL", "FORM", "route"), True),
    ],
)
def test_an_exemption_covers_its_stages_channels_and_obligation(
    entry: dict[str, Any], cell: tuple[str, str, str], covered: bool
) -> None:
    found = read(clock_exemption=[{"key": "x", "because": "Signed.", **entry}])
    stage, channel, obligation = cell
    exemption = found.exemption(stage=stage, channel=channel, obligation=obligation)
    assert (exemption is not None) == covered


@pytest.mark.parametrize(
    ("kind", "entry", "place"),
    [
        ("identity_rule", {"value": "EMAIL", "use": "GUESS"}, "identity_rule.k"),
        ("identity_rule", {"value": "FAX"}, "identity_rule.k"),
        ("clock_exemption", {"stages": ["MQL"]}, "clock_exemption.k"),
        ("escalation_level", {"label": "L"}, "escalation_level.k"),
        ("quality_rule", {"label": "L", "condition": {"fact": "x.y", "op": "is_set"}},
         "quality_rule.k.condition.fact"),
        ("fixture", {"label": "L", "given": {}}, "fixture.k"),
        ("channel", {"label": "L"}, "channel.k"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named_with_its_place(
    kind: str, entry: dict[str, Any], place: str
) -> None:
    with pytest.raises(KitInvalid) as refusal:
        read(**{kind: [{"key": "k", **entry}]})
    assert [fault.field for fault in refusal.value.errors] == [place]
