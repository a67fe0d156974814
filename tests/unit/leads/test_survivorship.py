"""Whose fields stay and which lead carries on, by the rules alone."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads import survivorship
from leads.stages import Stage
from leads.survivorship import Side, Way

NOW = dt.datetime(2026, 3, 3, 10, tzinfo=dt.UTC)
W, L = Side.WINNER, Side.LOSER


def way(lead: int, side: Side, stage: str, account: int | None = 1, **more: Any) -> Way:
    return Way(
        lead=lead,
        side=side,
        stage=Stage(stage),
        account=account,
        created_at=more.pop("created_at", NOW),
        **more,
    )


@pytest.mark.parametrize(
    ("one", "other", "joins"),
    [
        (way(1, W, "MQL"), way(2, L, "SAL"), {1: 2}),
        (way(1, W, "WON"), way(2, L, "MQL"), {1: 2}),
        (way(1, W, "WON"), way(2, L, "INQUIRY"), {2: 1}),
        (way(1, W, "WON"), way(2, L, "INQUIRY", asked=True), {1: 2}),
        (way(1, W, "WON"), way(2, L, "INQUIRY", account=2), {}),
        (way(1, W, "WON"), way(2, L, "LOST", account=2), {}),
        (way(1, W, "WON"), way(2, L, "LOST", account=None), {2: 1}),
        (way(1, W, "NURTURE"), way(2, L, "MQL", account=2), {1: 2}),
        (way(1, W, "MQL"), way(2, L, "MQL", held=True), {1: 2}),
        (way(1, W, "MQL", held=True), way(2, L, "MQL", held=True, due=True), {1: 2}),
        (way(1, W, "MQL"), way(2, L, "MQL", created_at=NOW - dt.timedelta(days=1)), {1: 2}),
        (way(1, W, "INQUIRY", quarantined=True, held=True), way(2, L, "INQUIRY"), {1: 2}),
        (way(1, W, "OPPORTUNITY", deal=7), way(2, L, "OPPORTUNITY", deal=7), {2: 1}),
        (way(1, W, "OPPORTUNITY", deal=7), way(2, L, "OPPORTUNITY", account=2, deal=8), {}),
        (way(1, W, "MQL"), way(2, W, "MQL", account=2), {}),
    ],
)
def test_which_lead_joins_which(one: Way, other: Way, joins: dict[int, int]) -> None:
    assert survivorship.decide([one, other]).joins == joins
    assert survivorship.decide([other, one]).joins == joins


def test_two_open_deals_of_one_company_clash() -> None:
    leads = [way(1, W, "OPPORTUNITY", deal=7), way(2, L, "OPPORTUNITY", deal=8)]
    assert survivorship.decide(leads).clash == (1, 2)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(
            st.sampled_from([W, L]),
            st.sampled_from([one for one in Stage if one is not Stage.MERGED]),
            st.sampled_from([None, 1, 2, 3]),
            st.booleans(),
            st.sampled_from([None, 7, 8]),
        ),
        max_size=6,
    )
)
def test_whoever_carries_on_joins_nobody_and_no_company_has_two(told: list[Any]) -> None:
    ways = [
        way(number, side, stage.value, account, asked=asked, deal=deal)
        for number, (side, stage, account, asked, deal) in enumerate(told)
    ]
    plan = survivorship.decide(ways)
    if plan.clash is not None:
        return
    sides = {one.lead: one.side for one in ways}
    assert not plan.joins.keys() & set(plan.joins.values())
    assert all(sides[lead] is not sides[into] for lead, into in plan.joins.items())
    left = [one for one in ways if one.lead not in plan.joins]
    winners = {one.account for one in left if one.side is W}
    assert not winners & {one.account for one in left if one.side is L}


@pytest.mark.parametrize(
    ("winner", "loser", "chosen", "value"),
    [
        ("Ann", "Anna", None, "Ann"),
        ("", "Anna", None, "Anna"),
        ("Ann", "", None, "Ann"),
        ("Ann", "Anna", "LOSER", "Anna"),
        ("Ann", "", "LOSER", ""),
    ],
)
def test_whose_value_stays(winner: str, loser: str, chosen: str | None, value: str) -> None:
    empty = dict.fromkeys(survivorship.FIELDS, "")
    keep = {"first_name": chosen} if chosen else {}
    told = survivorship.fields(
        {**empty, "first_name": winner}, {**empty, "first_name": loser}, keep=keep
    )
    assert {one.name: one.value for one in told}["first_name"] == value
