"""What another kit makes of a running clock: nothing without a change, and only once."""

from __future__ import annotations

import copy
import datetime as dt
import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance import facts
from governance import kit as kits
from governance.kit import Kit
from leads import facts as lead_facts
from sla import clock as clocks
from sla import recalculation
from sla.hours import Hours
from sla.recalculation import Outcome, Running, Verdict
from sla.retracing import Turn

NOW = dt.datetime(2026, 3, 3, 10, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
OFFICE = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
_ids = itertools.count(1)

REGISTRY = facts.Registry()
lead_facts.register(REGISTRY)


def policy(key: str, **more: Any) -> dict[str, Any]:
    return {
        "key": key,
        "obligation": "accept",
        "label": key,
        "stages": ["MQL"],
        "starts_on": ["ASSIGNED"],
        "stopped_by": ["ACCEPTED"],
        "minutes": 240,
        "calendar": "office",
        "warn_percent": 50,
        **more,
    }


def kit(*policies: dict[str, Any], closed: tuple[str, ...] = (), **parts: Any) -> Kit:
    """A kit of these policies, each copied, with one calendar."""
    document = {
        "schema": 1,
        "parts": {
            "calendar": [
                {"key": "office", "label": "Office", "zone": "UTC", "week": OFFICE,
                 "closed": dict.fromkeys(closed, "Holiday")}
            ],
            "clock_policy": copy.deepcopy(list(policies)),
            **parts,
        },
    }  # fmt: skip
    number = next(_ids)
    return kits.compile(
        document, id=number, number=number, checksum=kits.checksum(document), registry=REGISTRY
    )


def running(under: Kit, key: str = "accept", **more: Any) -> Running:
    """A clock that this kit started at ten."""
    due = clocks.due(under, under.policy(key), NOW)
    given = {"stage": "MQL", "channel": "FORM", "breached": False, **more}
    return Running(
        policy=key, obligation=under.policy(key).obligation, scope="STAGE", started_at=NOW,
        warn_at=due.warn_at, due_at=due.due_at, **given,
    )  # fmt: skip


def decide(clock: Running, old: Kit, new: Kit, **known: Any) -> Verdict:
    return recalculation.decide(clock, old=old, new=new, now=NOW + HOUR, facts=lambda: known)


def ask_nothing() -> dict[str, Any]:
    raise AssertionError("the facts of the lead are asked without need")


OLD = kit(policy("accept"))
CHANNEL = {"fact": "lead.channel", "op": "eq", "value": "FORM"}
EXEMPT = [{"key": "x", "stages": ["MQL"], "channels": ["FORM"], "obligation": "accept",
           "because": "Nobody reads them."}]  # fmt: skip

CASES = {
    "the same": (kit(policy("accept")), "SAME"),
    "other words": (kit(policy("accept", label="Take it")), "SAME"),
    "another end": (kit(policy("accept", stopped_by=["REJECTED"])), "SAME"),
    "a holiday after the deadline": (kit(policy("accept"), closed=("2026-03-04",)), "SAME"),
    "more time": (kit(policy("accept", minutes=300)), "MOVES"),
    "an earlier warning": (kit(policy("accept", warn_percent=10)), "MOVES"),
    "a holiday on the day": (kit(policy("accept"), closed=("2026-03-03",)), "MOVES"),
    "another stage": (kit(policy("accept", stages=["SAL"])), "ENDS"),
    "another obligation": (kit(policy("take", obligation="take")), "ENDS"),
    "started by something else": (kit(policy("new", starts_on=["QUALIFIED"])), "ENDS"),
    "an exemption": (kit(policy("accept"), clock_exemption=EXEMPT), "EXEMPT"),
    "a more special policy first": (
        kit(policy("forms", condition=CHANNEL, minutes=30), policy("accept")), "MOVES",
    ),
    "a special policy for others": (
        kit(policy("chats", condition={**CHANNEL, "value": "CHAT"}), policy("accept")), "SAME",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_only_what_moves_a_deadline_counts(name: str) -> None:
    new, outcome = CASES[name]
    assert decide(running(OLD), OLD, new, **{"lead.channel": "FORM"}).outcome == outcome


def test_the_first_policy_that_fits_takes_over() -> None:
    new = kit(policy("forms", condition=CHANNEL, minutes=30), policy("accept", minutes=60))
    forms = decide(running(OLD), OLD, new, **{"lead.channel": "FORM"})
    others = decide(running(OLD), OLD, new, **{"lead.channel": "CHAT"})
    assert [one.due.policy.key for one in (forms, others) if one.due] == ["forms", "accept"]
    assert forms.due is not None
    assert forms.due.started_at == NOW


def test_facts_are_asked_only_where_the_choice_has_changed() -> None:
    old = kit(policy("forms", condition=CHANNEL), policy("accept"))
    longer = kit(policy("forms", condition=CHANNEL, minutes=300), policy("accept"))
    verdict = recalculation.decide(
        running(old, "forms"), old=old, new=longer, now=NOW, facts=ask_nothing
    )
    assert verdict.outcome == "MOVES"


def test_a_lead_that_became_another_one_keeps_its_policy_while_the_rules_stay() -> None:
    """Facts change with time; that alone must not move a deadline."""
    old = kit(policy("forms", condition=CHANNEL, minutes=30), policy("accept"))
    new = kit(policy("forms", condition=CHANNEL, minutes=30), policy("accept", prose="Reworded"))
    clock = running(old, "forms", channel="CHAT")
    assert decide(clock, old, new, **{"lead.channel": "CHAT"}).outcome == "SAME"


@pytest.mark.parametrize("name", CASES)
def test_a_breach_is_left_alone_and_so_is_a_deadline_that_has_passed(name: str) -> None:
    new, outcome = CASES[name]
    known = {"lead.channel": "FORM"}
    expected = "SAME" if outcome == "SAME" else "STAYS"
    breached = decide(running(OLD, breached=True), OLD, new, **known)
    late = recalculation.decide(
        running(OLD), old=OLD, new=new, now=NOW + 5 * HOUR, facts=lambda: known
    )
    assert (breached.outcome, late.outcome) == (expected, expected)
    assert not breached.changes
    assert not late.changes


def test_a_calendar_that_never_opens_leaves_the_clock_as_it_is() -> None:
    shut = kit(
        policy("accept", calendar="shut"),
        calendar=[{"key": "shut", "label": "Shut", "zone": "UTC", "week": {}}],
    )
    verdict = decide(running(OLD), OLD, shut)
    assert (verdict.outcome, verdict.changes) == ("STAYS", False)
    assert verdict.why


POLICIES = st.lists(
    st.fixed_dictionaries(
        {
            "key": st.sampled_from(["accept", "forms", "chats"]),
            "minutes": st.integers(1, 2_000),
            "warn_percent": st.integers(1, 99),
            "stages": st.lists(st.sampled_from(["MQL", "SAL"]), min_size=1, unique=True),
            "starts_on": st.lists(
                st.sampled_from(["ASSIGNED", "QUALIFIED"]), min_size=1, unique=True
            ),
            "condition": st.sampled_from([None, CHANNEL, {"not": CHANNEL}]),
        }
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda one: one["key"],
)
KITS = st.builds(
    lambda policies, closed, exempt: kit(
        *(policy(**one) for one in policies), closed=tuple(closed), clock_exemption=exempt
    ),
    POLICIES,
    st.lists(st.sampled_from(["2026-03-03", "2026-03-04", "2026-03-09"]), max_size=2, unique=True),
    st.sampled_from([[], EXEMPT]),
)
LEADS = st.fixed_dictionaries(
    {"stage": st.sampled_from(["MQL", "SAL"]), "channel": st.sampled_from(["FORM", "CHAT"])}
)


@settings(max_examples=150, deadline=None)
@given(KITS, KITS, LEADS, st.booleans())
def test_recalculating_twice_is_recalculating_once(
    old: Kit, new: Kit, lead: dict[str, str], breached: bool
) -> None:
    known = {"lead.channel": lead["channel"]}
    for one in old.policies:
        clock = running(old, one.key, breached=breached, **lead)
        assert decide(clock, old, old, **known).outcome is Outcome.SAME
        verdict = decide(clock, old, new, **known)
        if not recalculation.may_differ(old, new, one.key):
            assert verdict.outcome is Outcome.SAME
        if verdict.outcome is Outcome.MOVES:
            assert not breached
            assert verdict.due is not None
            assert verdict.due.started_at == clock.started_at
            assert clocks.due(new, verdict.due.policy, NOW) == verdict.due
            after = running(new, verdict.due.policy.key, **lead)
            assert decide(after, new, new, **known).outcome is Outcome.SAME
        if verdict.outcome is Outcome.EXEMPT:
            assert new.exemption(stage=clock.stage, channel=clock.channel, obligation="accept")


VERDICTS = st.lists(st.sampled_from([Verdict(one) for one in Outcome]), max_size=4)


@given(VERDICTS, st.booleans())
def test_something_stays_due_on_a_lead_that_is_owed_something(
    verdicts: list[Verdict], owed: bool
) -> None:
    kept = recalculation.keep_one(verdicts, owed=owed)
    assert len(kept) == len(verdicts)
    ends = [one.outcome for one in kept].count(Outcome.ENDS)
    if owed and verdicts:
        assert ends < len(kept)
    if not owed:
        assert kept == verdicts


def test_a_pinned_clock_never_moves_for_a_calendar_or_shifts_that_it_does_not_count() -> None:
    """Another kit has other office hours."""
    mine = policy("accept", hours="HOLDER")
    old, other = kit(mine), kit(mine, closed=("2026-03-03",))
    pinned = Hours(old.calendars["office"], own=True)
    clock = running(old, turns=(Turn("STARTED", NOW, 1, pinned),))
    assert decide(clock, old, other) == recalculation.SAME
    assert decide(clock, old, kit({**mine, "minutes": 60})).outcome == "MOVES"
