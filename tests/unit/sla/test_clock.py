"""What a moment starts, where nothing is owed, and which level comes when after a breach."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance import kit as kits
from governance.kit import Kit
from governance.moments import Moment
from sla import clock
from sla.clock import Escalation, Fate
from tests import condition_trees

REGISTRY = condition_trees.sample_registry()
UTC = dt.UTC
FRIDAY = dt.datetime(2026, 3, 6, 16, 0, tzinfo=UTC)
HOUR = dt.timedelta(hours=1)
OFFICE = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


def policy(key: str, **entries: Any) -> dict[str, Any]:
    return {
        "key": key, "obligation": key, "label": key, "stages": ["MQL", "SAL"],
        "starts_on": ["ASSIGNED"], "stopped_by": ["CONTACTED"], "minutes": 60,
        "calendar": "office", **entries,
    }  # fmt: skip


def kit(
    *policies: dict[str, Any],
    levels: dict[str, dict[str, Any]] | None = None,
    exemptions: tuple[dict[str, Any], ...] = (),
) -> Kit:
    found = {
        "clock_policy": list(policies or [policy("accept", escalation="first")]),
        "calendar": [{"key": "office", "label": "Office", "zone": "UTC", "week": OFFICE}],
        "escalation_level": [
            {"key": key, "label": key, "tell": ["MANAGERS"], **entries}
            for key, entries in (levels or {}).items()
        ],
        "clock_exemption": [
            {"key": f"x{number}", "because": "So it was signed.", **entries}
            for number, entries in enumerate(exemptions)
        ],
    }
    document = {"schema": 1, "parts": found}
    return kits.compile(document, id=1, number=1, checksum="c", registry=REGISTRY)


def started(one: Kit, *, stage: str = "MQL", channel: str | None = "FORM") -> list[str]:
    def facts() -> dict[str, object]:
        return {"lead.channel": "IMPORT"}

    found = clock.started_by(one, Moment.ASSIGNED, stage=stage, facts=facts, channel=channel)
    return [policy.key for policy in found]


@pytest.mark.parametrize(
    ("exemption", "stage", "channel", "left"),
    [
        ({"stages": ["MQL"]}, "MQL", "FORM", []),
        ({"stages": ["SAL"]}, "MQL", "FORM", ["accept", "contact"]),
        ({"stages": ["MQL", "SAL"]}, "SAL", "CHAT", []),
        ({"stages": ["MQL"], "channels": ["IMPORT"]}, "MQL", "IMPORT", []),
        ({"stages": ["MQL"], "channels": ["IMPORT"]}, "MQL", "FORM", ["accept", "contact"]),
        ({"stages": ["MQL"], "channels": ["IMPORT"]}, "SAL", "IMPORT", ["accept", "contact"]),
        ({"stages": ["MQL"], "obligation": "contact"}, "MQL", "FORM", ["accept"]),
        ({"stages": ["MQL"], "obligation": "convert"}, "MQL", "FORM", ["accept", "contact"]),
        # the channel is a fact when nobody says it
        ({"stages": ["MQL"], "channels": ["IMPORT"]}, "MQL", None, []),
    ],
)
def test_nothing_starts_where_the_kit_exempts_the_lead(
    exemption: dict[str, Any], stage: str, channel: str | None, left: list[str]
) -> None:
    one = kit(policy("accept"), policy("contact"), exemptions=(exemption,))
    assert started(one, stage=stage, channel=channel) == left


def test_an_exempt_policy_does_not_let_the_next_of_its_obligation_in() -> None:
    one = kit(
        policy("contact.form", obligation="contact"), policy("contact.other", obligation="contact"),
        exemptions=({"stages": ["MQL"], "obligation": "contact"},),
    )  # fmt: skip
    assert started(one) == []


@pytest.mark.parametrize(
    ("moment", "stage", "exempt", "fate"),
    [
        (Moment.CONTACTED, "MQL", True, Fate.STOPPED),
        (Moment.ACCEPTED, "SAL", True, Fate.CANCELLED),
        (Moment.ACCEPTED, "SAL", False, Fate.STAYS),
        (Moment.REJECTED, "NURTURE", False, Fate.CANCELLED),
    ],
)
def test_evidence_meets_a_clock_and_an_exempt_cell_ends_it(
    moment: Moment, stage: str, exempt: bool, fate: Fate
) -> None:
    asked = kit().policy("accept")
    assert clock.fate(asked, moment, stage=stage, exempt=exempt) is fate


def test_levels_count_working_time_from_the_deadline() -> None:
    one = kit(
        levels={
            "first": {"after_minutes": 0, "then": "second"},
            "second": {"after_minutes": 120, "then": "third"},
            "third": {"after_minutes": 480},
        }
    )
    asked = one.policy("accept")
    due_at = FRIDAY + HOUR / 2
    first = clock.escalation(one, asked, due_at)
    second = clock.escalation(one, asked, due_at, after=first)
    third = clock.escalation(one, asked, due_at, after=second)
    assert first == Escalation("first", due_at)
    assert second == Escalation("second", dt.datetime(2026, 3, 9, 10, 30, tzinfo=UTC))
    assert third == Escalation("third", dt.datetime(2026, 3, 9, 16, 30, tzinfo=UTC))
    assert clock.escalation(one, asked, due_at, after=third) is None


@pytest.mark.parametrize(
    ("levels", "told"),
    [
        ({}, []),
        ({"first": {}}, ["first"]),
        ({"first": {"then": "gone"}}, ["first"]),
        ({"other": {}}, []),
        # in a circle: each once
        ({"first": {"then": "second"}, "second": {"then": "first"}}, ["first", "second"]),
        ({"first": {"then": "first"}}, ["first"]),
    ],
)
def test_a_chain_ends_and_tells_each_level_once(
    levels: dict[str, dict[str, Any]], told: list[str]
) -> None:
    one = kit(levels=levels)
    assert [level.key for level in clock.levels(one, one.policy("accept"))] == told


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(minutes=st.lists(st.integers(0, 3_000), min_size=1, max_size=5))
def test_no_level_comes_before_the_deadline_or_before_the_one_it_follows(
    minutes: list[int],
) -> None:
    keys = ["first", *(f"level{number}" for number in range(1, len(minutes)))]
    one = kit(
        levels={
            key: {"after_minutes": after, "then": follows}
            for key, after, follows in zip(keys, minutes, [*keys[1:], ""], strict=True)
        }
    )
    asked, told = one.policy("accept"), []
    coming = clock.escalation(one, asked, FRIDAY)
    while coming is not None:
        told.append(coming)
        coming = clock.escalation(one, asked, FRIDAY, after=coming)
    assert [level.level for level in told] == keys
    times = [FRIDAY, *(level.at for level in told)]
    assert times == sorted(times)
