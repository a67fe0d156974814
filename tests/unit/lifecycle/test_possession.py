"""“Why me?” in one or two sentences, for whoever reads it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from lifecycle import possession
from lifecycle.possession import Came, Decided, Reader
from routing import discretion
from routing.discretion import Sight

ANNA, BEN, MIA = 1, 2, 3
NAMES = {ANNA: "Anna", BEN: "Ben", MIA: "Mia"}
POOLS = {"dach": "DACH"}
HELD = {"user": ANNA, "open_leads": 3, "open_cap": 30}


def decided(because: str = "next in the weighted rotation", **more: Any) -> Decided:
    told: dict[str, Any] = {
        "tried": [{"rule": "r", "label": "R", "matched": True, "facts": {}}],
        "target": "POOL", "moment": "INBOUND", "pool": "dach", "picked": ANNA,
        "because": because, "candidates": [HELD],
    }  # fmt: skip
    return Decided(**(told | more))


def said(came: Came, *, reader: int = ANNA) -> str:
    return possession.sentence(
        came, Reader(reader, NAMES, POOLS, lambda at: f"{at:%H:%M}", discretion.ALL)
    )


BY_RULE = "Rule “R” sent it to pool DACH, and you were next in the weighted rotation, with 3 of 30 leads held."  # noqa: E501


@pytest.mark.parametrize(
    ("because", "told"),
    [
        ("next in the weighted rotation", "and you were next in the weighted rotation"),
        ("fewest open leads for their share", "and you had the fewest open leads for your share"),
        ("wins most of leads like this: 40% where the mean is 30%", "and you win most of leads"),
        ("drawn at random, as 20% are, to compare with", "and you were drawn at random, as 20%"),
        ("on call while nobody works, next in the weighted rotation",
         "and you were on call while nobody worked and were next in the weighted rotation"),
        ("kept for them while nobody worked", "where it was kept for you while nobody worked"),
        ("next in the weighted rotation, of those who speak de", "rotation, of those who speak de"),
    ],
)  # fmt: skip
def test_a_pool_s_turn_says_why_it_was_theirs(because: str, told: str) -> None:
    assert told in said(Came(ANNA, decided=decided(because)))


@pytest.mark.parametrize(
    ("came", "told"),
    [
        ({"before": BEN, "ending": "misrouted"}, f"Ben said it was not theirs. {BY_RULE}"),
        ({"before": BEN, "ending": "left"}, f"Ben has left. {BY_RULE}"),
        ({"before": BEN, "ending": "handed off"}, f"Ben handed it off. {BY_RULE}"),
        ({"before": BEN, "ending": "reassigned", "ended_by": BEN},
         f"Ben handed it on, to whom the rules choose. {BY_RULE}"),
        ({"before": BEN, "ending": "reassigned", "ended_by": MIA},
         f"Mia had the rules choose anew after Ben. {BY_RULE}"),
        ({"before": BEN, "ending": "escalated: level L of clock C"},
         f"Ben had it and did not act in time. {BY_RULE}"),
        ({"before": BEN, "ending": "no_such_reason"},
         f"Ben had it before: no such reason. {BY_RULE}"),
        ({"queue": "dach", "waited": dt.timedelta(minutes=125)},
         f"It had waited 2 h 5 min in the queue of DACH. {BY_RULE}"),
        ({"queue": "dach", "waited": dt.timedelta(seconds=5)}, BY_RULE),
        ({"before": BEN, "ending": "misrouted", "queue": "dach", "waited": dt.timedelta(hours=2)},
         f"Ben said it was not theirs. It had waited 2 h in the queue of DACH. {BY_RULE}"),
    ],
)  # fmt: skip
def test_what_came_before_a_rule_is_told_first(came: dict[str, Any], told: str) -> None:
    assert said(Came(ANNA, decided=decided(), **came)) == told


@pytest.mark.parametrize(
    ("why", "what"), [("undo", "A step was"), ("unmerged", "A merge was")], ids=["step", "merge"]
)
def test_what_is_theirs_again_tells_the_rule_again_and_nothing_of_who_had_it_between(
    why: str, what: str
) -> None:
    came = Came(ANNA, why=why, by=ANNA, before=BEN, ending="reassigned", ended_by=ANNA,
                decided=decided())  # fmt: skip
    assert said(came) == f"{what} taken back, so it is yours again. {BY_RULE}"


def test_a_lead_that_waits_says_where_it_had_waited_before() -> None:
    waits = {"why": "nobody is at work", "queue": "dach", "waited": dt.timedelta(hours=2)}
    assert said(Came(None, **waits)) == "It waits in the queue of DACH: nobody is at work."
    assert said(Came(None, **waits, waited_in="other")) == (
        "It waits in the queue of DACH: nobody is at work. It had waited 2 h in the queue of other."
    )


def test_a_buyer_who_came_back_is_said_to_have_done_so() -> None:
    assert said(Came(ANNA, decided=decided(moment="REENTRY"))) == f"The buyer came back. {BY_RULE}"


@pytest.mark.parametrize(
    ("came", "to_them", "to_others"),
    [
        ({"why": "hand-off returned", "by": BEN},
         "Ben returned the hand-off to you: you had handed it off.",
         "Ben returned the hand-off to Anna: they had handed it off."),
        ({"why": "misrouted", "by": BEN, "before": BEN},
         "Ben said it was not theirs, and named you.",
         "Ben said it was not theirs, and named Anna."),
        ({"why": "misrouted", "by": MIA, "before": BEN}, "Mia gave it to you: it was not Ben's.",
         "Mia gave it to Anna: it was not Ben's."),
        ({"why": "claimed", "by": ANNA, "queue": "dach"}, "You claimed it from the queue of DACH.",
         "Anna claimed it from the queue of DACH."),
        ({"why": "claimed", "by": ANNA, "queue": "dach", "waited": dt.timedelta(hours=3)},
         "You claimed it from the queue of DACH, where it had waited 3 h.",
         "Anna claimed it from the queue of DACH, where it had waited 3 h."),
        ({"why": "self-sourced", "by": ANNA}, "You sourced it yourself.",
         "Anna sourced it themselves."),
        ({"why": "reassigned", "by": BEN, "before": BEN, "ending": "reassigned"},
         "Ben handed it over to you.", "Ben handed it over to Anna."),
        ({"why": "reassigned", "by": MIA, "before": BEN},
         "Mia gave it to you; before it was with Ben.",
         "Mia gave it to Anna; before it was with Ben."),
        ({"why": "reassigned", "by": MIA, "queue": "dach"},
         "Mia gave it to you; before it was with the queue of DACH.",
         "Mia gave it to Anna; before it was with the queue of DACH."),
        ({"why": "reassigned", "by": MIA, "before": BEN, "queue": "dach",
          "waited": dt.timedelta(hours=3)},
         "Mia gave it to you; before it was with Ben. It had waited 3 h in the queue of DACH.",
         "Mia gave it to Anna; before it was with Ben. It had waited 3 h in the queue of DACH."),
        ({"why": "known account", "queue": "dach", "waited": dt.timedelta(minutes=9)},
         "You look after this account, so it came to you. "
         "It had waited 9 min in the queue of DACH.",
         "Anna looks after this account, so it came to Anna. "
         "It had waited 9 min in the queue of DACH."),
        ({"why": "reassigned", "by": ANNA, "before": BEN}, "You took it over from Ben.",
         "Anna took it over from Ben."),
        ({"why": "known account"}, "You look after this account, so it came to you.",
         "Anna looks after this account, so it came to Anna."),
        ({"why": "left", "before": BEN}, "Ben has left, and you lead their team.",
         "Ben has left, and Anna leads their team."),
        ({"why": "undo", "by": ANNA}, "A step was taken back, so it is yours again.",
         "A step was taken back, so it is Anna's again."),
        ({"why": "unmerged"}, "A merge was taken back, so it is yours again.",
         "A merge was taken back, so it is Anna's again."),
        ({"is_history": True}, "By imported history it was yours.",
         "By imported history it was Anna's."),
        ({"why": "some_new_way", "before": BEN, "ending": "gone"},
         "Ben had it before: gone. It came to you: some new way.",
         "Ben had it before: gone. It came to Anna: some new way."),
    ],
)  # fmt: skip
def test_what_people_did_is_told_to_them_and_to_others(
    came: dict[str, Any], to_them: str, to_others: str
) -> None:
    assert said(Came(ANNA, **came)) == to_them
    assert said(Came(ANNA, **came), reader=9) == to_others


@pytest.mark.parametrize(
    ("came", "told"),
    [
        ({"decided": decided(picked=None)},
         "Rule “R” sent it to pool DACH; nobody there could take it then."),
        ({"decided": decided(picked=None, target="QUEUE")},
         "Rule “R” sent it to pool DACH, where it waits for people to claim."),
        ({"decided": decided(picked=None), "kept_for": BEN,
          "kept_until": dt.datetime(2026, 3, 3, 8, tzinfo=dt.UTC)},
         "Rule “R” sent it to pool DACH; nobody there could take it then. It is kept for Ben until "
         "08:00."),
        ({"decided": decided(picked=None), "before": ANNA, "ending": "misrouted"},
         "You said it was not yours. Rule “R” sent it to pool DACH; nobody there could take it "
         "then."),
        ({"queue": "dach", "why": "undo"},
         "It waits in the queue of DACH: a step was taken back."),
        ({"why": "recycle"}, "Nobody holds it: recycled."),
        ({}, "Nobody holds it."),
    ],
)  # fmt: skip
def test_why_it_waits_or_is_nobody_s(came: dict[str, Any], told: str) -> None:
    assert said(Came(None, **came)) == told


def test_a_colleagues_load_and_rate_are_not_told_to_who_may_not_see_them() -> None:
    why = "wins most of leads like this: 62% where the mean is 40%"
    came = Came(ANNA, decided=decided(why))
    own = Reader(BEN, NAMES, POOLS, lambda at: f"{at:%H:%M}", Sight(BEN))
    told = possession.sentence(came, own)
    assert told == "Rule “R” sent it to pool DACH, and Anna wins most of leads like this."
    assert "62% where the mean is 40%, with 3 of 30 leads held" in said(came, reader=BEN)
