"""Rules in order: who is meant, why they can or cannot take the lead, and what follows."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from governance.conditions import Test
from routing import matching, rule_words, targets
from routing.rules import Rule
from routing.targets import Standing

NOW = dt.datetime(2026, 3, 3, 10, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)

OWNER = Rule("owner", "Owner", "INBOUND", None, "dach", target="ACCOUNT_OWNER")
PASSING = replace(OWNER, key="passing", otherwise="NEXT_RULE")
REST = Rule("rest", "Rest", "INBOUND", None, "inbound")
KATRIN = Standing(7)


def decided(*rules: Rule, moment: str = "INBOUND", **people: Standing) -> matching.Match:
    return matching.decide(rules, {}, moment=moment, people=people, now=NOW)


def off(until: dt.datetime, **more: Any) -> Standing:
    return Standing(7, away="OFF_SHIFT", until=until.isoformat(), back=until.isoformat(), **more)


@pytest.mark.parametrize(
    ("rule", "standing", "refused"),
    [
        (OWNER, KATRIN, ""),
        (OWNER, Standing(), "nobody owns the account"),
        (OWNER, Standing(7, away="INACTIVE"), "inactive"),
        (OWNER, Standing(7, away="ON_LEAVE", back=NOW.isoformat()), "on leave"),
        (OWNER, off(NOW + HOUR), "off shift"),
        (replace(OWNER, within=HOUR), off(NOW + HOUR), ""),
        (replace(OWNER, within=HOUR), off(NOW + HOUR + dt.timedelta(seconds=1)), "off shift"),
        # Only the end of a shift is bridged, however soon they are back.
        (replace(OWNER, within=HOUR), replace(off(NOW + HOUR), away="AWAY"), "away"),
        (replace(OWNER, within=HOUR), Standing(7, away="OFF_SHIFT"), "off shift"),
        (OWNER, Standing(7, open_leads=4, open_cap=5), ""),
        (OWNER, Standing(7, open_leads=5, open_cap=5), "at the cap: 5 of 5 open leads"),
        (OWNER, Standing(7, open_cap=0), "at the cap: 0 of 0 open leads"),
        (replace(OWNER, keeps_to_cap=False), Standing(7, open_leads=9, open_cap=5), ""),
        (OWNER, Standing(7, full="at the cap of the day"), "at the cap of the day"),
        (OWNER, Standing(7, held_before=True), "held it before"),
        (replace(OWNER, target="TERRITORY"), Standing(pool="dach"), ""),
        (replace(OWNER, target="TERRITORY"), Standing(), "no territory takes it in"),
    ],
)
def test_a_person_takes_it_or_the_reason_why_not_is_said(
    rule: Rule, standing: Standing, refused: str
) -> None:
    assert targets.refusal(rule, standing, now=NOW) == refused
    match = decided(rule, REST, owner=standing)
    assert match.rule == "owner"
    assert match.user == (None if refused else standing.user)
    assert match.tried[-1].refused == refused


def test_whom_the_target_cannot_mean_the_pool_below_takes() -> None:
    match = decided(OWNER, REST, owner=Standing(7, away="INACTIVE"))
    assert (match.rule, match.pool, match.user) == ("owner", "dach", None)


def test_what_passes_on_goes_to_the_next_rule_that_fits_and_says_why() -> None:
    match = decided(PASSING, REST, passing=Standing(7, away="ON_LEAVE"))
    assert (match.rule, match.pool, match.target) == ("rest", "inbound", "POOL")
    assert [(one.rule, one.matched, one.refused) for one in match.tried] == [
        ("passing", False, "on leave"),
        ("rest", True, ""),
    ]


def test_a_person_who_can_take_it_ends_the_search() -> None:
    match = decided(PASSING, REST, passing=KATRIN)
    assert (match.rule, match.user, len(match.tried)) == ("passing", 7, 1)


def test_a_chain_that_nobody_ends_is_no_decision() -> None:
    with pytest.raises(matching.NoRule):
        decided(PASSING, passing=Standing())


def test_a_territory_of_a_pool_goes_there() -> None:
    match = decided(replace(OWNER, target="TERRITORY"), owner=Standing(by="north", pool="north"))
    assert (match.pool, match.user) == ("north", None)


def test_the_queue_asks_nobody() -> None:
    match = decided(replace(REST, target="QUEUE"))
    assert (match.target, match.pool, match.user) == ("QUEUE", "inbound", None)


@pytest.mark.parametrize(
    ("moments", "moment", "tried"),
    [
        (("INBOUND",), "INBOUND", 0),
        (("INBOUND",), "REENTRY", 0),
        (("INBOUND", "REENTRY"), "REENTRY", 1),
        (("INBOUND", "REENTRY"), "INBOUND", 0),
        (("INBOUND", "HANDOFF"), "HANDOFF", 1),
    ],
)
def test_each_moment_has_its_rules_and_re_entries_go_by_inbound_without_their_own(
    moments: tuple[str, ...], moment: str, tried: int
) -> None:
    rules = [replace(REST, key=one, moment=one) for one in moments]
    assert decided(*rules, moment=moment).rule == moments[tried]


def test_without_rules_for_hand_offs_nothing_fits() -> None:
    with pytest.raises(matching.NoRule):
        decided(REST, moment="HANDOFF")


def test_only_rules_that_may_be_reached_ask_for_people() -> None:
    german = Test("company.country", "eq", "DE")
    rules = (replace(OWNER, condition=german), PASSING, REST, OWNER)
    fitted = matching.fit(rules, {"company.country": "FR"}, moment="INBOUND")
    assert [rule.key for rule in fitted.fitting] == ["passing", "rest"]


@pytest.mark.parametrize(
    "standing",
    [
        KATRIN,
        Standing(),
        Standing(by="north", pool="north"),
        off(NOW + HOUR, open_leads=3, open_cap=9, by="BUYER"),
        Standing(7, held_before=True, full="at the cap of the week"),
    ],
)
def test_what_a_record_keeps_of_a_person_decides_the_same(standing: Standing) -> None:
    assert targets.from_data(standing.as_data()) == standing


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (REST, "Goes to pool Inbound."),
        (OWNER, "Goes to the account's owner if at work and under their cap; otherwise to pool "
         "dach."),
        (replace(PASSING, within=HOUR, keeps_to_cap=False), "Goes to the account's owner if at "
         "work within an hour; otherwise to the next rule that fits."),
        (replace(OWNER, target="REP", rep="katrin"), "Goes to Katrin Vogel if at work and under "
         "their cap; otherwise to pool dach."),
        (replace(REST, target="QUEUE"), "Waits in the queue of pool Inbound until somebody claims "
         "it."),
    ],
)  # fmt: skip
def test_a_rule_says_where_its_leads_go(rule: Rule, words: str) -> None:
    assert rule_words.goes(rule, {"inbound": "Inbound"}, {"katrin": "Katrin Vogel"}) == words
