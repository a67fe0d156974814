"""Thousands of random decisions, made by rules and strategies, kept as JSON, and made again."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import json
import random
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from governance import conditions, facts
from governance.facts import Subject
from people.availability import Kind
from routing import matching, redeciding, replay, strategies, targets
from routing import rules as kit_rules
from routing.batch import Batch
from routing.caps import Limit
from routing.models import Decision, PoolSnapshot
from routing.records import Dealer
from routing.redeciding import Supposed
from routing.rules import Rule
from routing.strategies import Candidate, Pick, Terms, Wanted
from routing.targets import Standing

NOW = dt.datetime(2026, 3, 3, 10, tzinfo=dt.UTC)
SOON = (NOW + dt.timedelta(minutes=20)).isoformat()
COUNTRIES = ("DE", "FR", "US", "")
KINDS = [one.value for one in Kind]
PEOPLE = (targets.ACCOUNT_OWNER, targets.CURRENT_OWNER, targets.REP, targets.TERRITORY)
_ids = itertools.count(1)


@dataclasses.dataclass(frozen=True, slots=True)
class World:
    """One pool, its rules, and the decisions made there in order."""

    rules: tuple[Rule, ...]
    decisions: list[Decision]


def kept(document: Any) -> Any:
    """As the database gives it back."""
    return json.loads(json.dumps(document))


def world(seed: int, *, large: bool = False) -> World:
    """A random world; everything in it is drawn from the seed."""
    draw = random.Random(seed)
    rules, terms = tuple(_rules(draw)), _terms(draw)
    candidates = _candidates(draw, draw.randint(51, 60) if large else draw.randint(0, 9))
    outcomes = {
        one.user: {"11-50": (draw.randint(0, 20), draw.randint(20, 60))} for one in candidates
    }
    batch = Batch(
        terms, candidates, window=[draw.choice(candidates).user for _ in range(40) if candidates],
        outcomes=outcomes,
    )  # fmt: skip
    members = [{"user": one.user, "weight": one.weight, "open_cap": one.open_cap}
               for one in candidates]  # fmt: skip
    content = {"pool": "dach", **terms.as_data(), "members": members}
    if batch.is_brief:
        content["state"] = batch.as_data()
    snapshot = PoolSnapshot(pk=next(_ids), checksum=f"{seed}", content=kept(content))
    made = [_decide(draw, rules, batch, snapshot) for _ in range(draw.randint(1, 8))]
    return World(rules, made)


def _rules(draw: random.Random) -> Iterator[Rule]:
    for number in range(draw.randint(0, 4)):
        target = draw.choice((*PEOPLE, kit_rules.POOL, kit_rules.QUEUE))
        condition = {"fact": "company.country", "op": "eq", "value": draw.choice(COUNTRIES[:3])}
        yield Rule(
            f"rule{number}", f"Rule {number}", "INBOUND",
            conditions.parse(condition, facts.registry, about=Subject.LEAD), "dach", target,
            "anna" if target == targets.REP else "", dt.timedelta(minutes=draw.choice((0, 30))),
            draw.random() < 0.7, draw.choice((kit_rules.POOL, kit_rules.NEXT_RULE)),
        )  # fmt: skip
    yield Rule("rest", "The rest", "INBOUND", None, "dach")


def _terms(draw: random.Random) -> Terms:
    return Terms(
        strategy=draw.choice(list(strategies.STRATEGIES)),
        matches_language=draw.random() < 0.4,
        random_percent=draw.choice((0, 0, 20, 50)),
        fewest_outcomes=draw.choice((0, 20, 40)),
        most_percent=draw.choice((10, 40, 100)),
        catches_up=(catches_up := draw.random() < 0.4),
        paced=catches_up and draw.random() < 0.7,
        by_weight=draw.random() < 0.4,
    )


def _candidates(draw: random.Random, count: int) -> list[Candidate]:
    def one(user: int) -> Candidate:
        why = draw.choice((None, None, None, *targets.AWAY.values()))
        limits = tuple(
            Limit(period, draw.randint(0, 3), draw.randint(1, 6), 6, SOON)
            for period in ("DAY", "MONTH")
            if draw.random() < 0.3
        )
        return Candidate(
            user, draw.randint(1, 5), draw.randint(-20, 20), draw.randint(0, 30),
            draw.choice((None, 5, 30)), why, SOON if why else None, why == "on leave", limits,
            tuple(draw.sample(("de", "fr"), draw.randint(0, 2))), lent=draw.choice((0, 9, -20)),
        )  # fmt: skip

    return [one(user) for user in sorted(draw.sample(range(1, 500), count))]


def _standing(draw: random.Random) -> Standing:
    away = draw.choice(("", "", *KINDS))
    return Standing(
        user=draw.choice((None, 7, 8, 901)), away=away, until=SOON if away else None,
        back=SOON if away == Kind.OFF_SHIFT.value else None, open_leads=draw.randint(0, 9),
        open_cap=draw.choice((None, 5)), held_before=draw.random() < 0.1,
    )  # fmt: skip


def _decide(
    draw: random.Random, rules: Sequence[Rule], batch: Batch, snapshot: PoolSnapshot
) -> Decision:
    """What `lifecycle` does for one lead, less the database."""
    known: dict[str, object] = {
        "company.country": draw.choice(COUNTRIES) or None,
        "person.language": draw.choice(("de-AT", "fr", "en", "", None)),
        "company.employee_band": draw.choice(("11-50", "", None)),
    }
    people = {one.key: _standing(draw) for one in rules if one.means_people}
    match = matching.decide(rules, known, moment="INBOUND", people=people, now=NOW)
    by_pool = match.user is None and match.target != kit_rules.QUEUE
    seed = f"{draw.randint(1, 999)}.{draw.randint(1, 999)}" if batch.terms.random_percent else ""
    if by_pool:
        passed = draw.sample(batch.users, draw.randint(0, min(2, len(batch.users))))
        pick = batch.pick(strategies.wanted_of(known, seed=seed), passed=passed)
    else:
        pick = Pick(match.user, match.because or redeciding.FOR_PEOPLE, ())
    if draw.random() < 0.3 and batch.users:
        batch.move(draw.choice(batch.users))  # a lead by another pool meanwhile
    return Decision(
        pk=next(_ids), moment="INBOUND", facts=kept(facts.registry.to_document(known)),
        tried=kept([one.as_data() for one in match.tried]), target=match.target, pool=match.pool,
        snapshot=snapshot if by_pool else None, place=kept(pick.place),
        candidates=kept([one.as_data() for one in pick.considered]), picked_id=pick.user,
        because=pick.because, seed=seed if by_pool else "", kit_id=1, at=NOW,
    )  # fmt: skip


def before(some: World) -> Any:
    """The earlier picks of a decision's batch, as the database would find them."""

    def find(_: Decision, since: int, until: int) -> list[Decision]:
        return [
            one
            for one in some.decisions
            if one.place and one.picked_id is not None and since <= one.place["after"] < until
        ]

    return find


@pytest.mark.parametrize(("seeds", "large"), [(range(1_100), False), (range(160), True)])
def test_every_one_comes_out_bit_for_bit(seeds: range, large: bool) -> None:
    count, outcomes = 0, set()
    for seed in seeds:
        some = world(seed, large=large)
        dealer = Dealer(before(some))
        for one in some.decisions:
            again = replay.of(one, dealer, kit_rules=some.rules)
            assert again.is_same, (seed, one.pk, again)
            assert again.user == one.picked_id
            count += 1
            outcomes.add((one.target, one.picked_id is None, one.because.split(",")[0][:12]))
    assert count > (4_500 if not large else 600)
    assert len(outcomes) > 8, "the worlds are too much alike to say anything"


@pytest.mark.parametrize("large", [False, True])
def test_out_of_order_each_alone_comes_out_too(large: bool) -> None:
    for seed in range(40):
        some = world(seed, large=large)
        for one in reversed(some.decisions):
            assert replay.of(one, Dealer(before(some)), kit_rules=some.rules).is_same


def test_whatever_is_changed_in_a_record_shows() -> None:
    seen: set[str] = set()
    for seed in range(120):
        some = world(seed)
        for one in some.decisions:
            if len(one.candidates) < 2 or one.picked_id is None:
                continue
            for what in ("picked", "rank", "credit", "tried", "pool"):
                other = Decision(**{
                    field.attname: kept(getattr(one, field.attname))
                    for field in Decision._meta.concrete_fields
                    if field.attname != "at"
                }, at=NOW)  # fmt: skip
                other.snapshot = one.snapshot
                _tamper(other, what)
                assert not replay.of(other, Dealer(), kit_rules=some.rules).is_same, (seed, what)
                seen.add(what)
    assert len(seen) == 5


def _tamper(one: Decision, what: str) -> None:
    if what == "picked":
        one.picked_id = next(c["user"] for c in one.candidates if c["user"] != one.picked_id)
    elif what == "rank":
        one.candidates[0]["rank"] = (one.candidates[0]["rank"] or 0) + 1
    elif what == "credit":
        one.candidates[0]["credit_after"] += 1
    elif what == "tried":
        one.tried = [{**one.tried[-1], "label": "Another"}]
    else:
        one.pool = "elsewhere"


@pytest.mark.parametrize("large", [False, True])
def test_suppositions(large: bool) -> None:
    """Nothing supposed is as it was; who is gone never gets it; heavy weight never loses it."""
    checked = 0
    for seed in range(60 if large else 250):
        some = world(seed, large=large)
        for one in some.decisions:
            given = replay.given(one, kit_rules=some.rules, before=before(some))
            assert redeciding.decide(given).user == one.picked_id
            if one.picked_id is None or one.picked_id not in redeciding.people_of(given):
                continue
            same = redeciding.suppose(given, [Supposed(one.picked_id, at_work=True)])
            assert same.user == one.picked_id
            gone = redeciding.suppose(given, [Supposed(one.picked_id, is_gone=True)])
            assert gone.unknown or gone.user != one.picked_id
            others = [Supposed(user, is_gone=True) for user in redeciding.people_of(given)]
            nobody = redeciding.suppose(given, others)
            assert nobody.unknown or nobody.user is None
            checked += 1
    assert checked > 100


def candidate(user: int, **columns: Any) -> Candidate:
    return dataclasses.replace(Candidate(user, 1, 0, 0, None), **columns)


def given(**columns: Any) -> redeciding.Given:
    owner = Rule("owner", "Owner", "INBOUND", None, "dach", targets.ACCOUNT_OWNER)
    plain: dict[str, Any] = {
        "rules": (owner,), "facts": {}, "moment": "INBOUND", "now": NOW,
        "people": {"owner": Standing(9, away="ON_LEAVE")}, "pool": "dach", "terms": Terms(),
        "candidates": (candidate(1), candidate(2)), "wanted": Wanted(),
    }  # fmt: skip
    return redeciding.Given(**(plain | columns))


class TestWhoWouldHaveGotIt:
    def test_the_owner_had_they_been_at_work_before_any_pool(self) -> None:
        made = redeciding.suppose(given(), [Supposed(9, at_work=True)])
        assert (made.user, made.because, made.considered) == (9, "owns the account", ())

    def test_the_owner_at_their_cap_needs_room_as_well(self) -> None:
        full = given(people={"owner": Standing(9, away="AWAY", open_leads=5, open_cap=5)})
        assert redeciding.suppose(full, [Supposed(9, at_work=True)]).user == 1
        assert redeciding.suppose(full, [Supposed(9, at_work=True, has_room=True)]).user == 9

    def test_without_the_owner_who_took_it_the_record_cannot_tell(self) -> None:
        took = given(people={"owner": Standing(9)}, candidates=())
        made = redeciding.suppose(took, [Supposed(9, is_gone=True)])
        assert "was not, so the record does not hold" in made.unknown

    def test_without_the_owner_the_next_rule_s_owner_is_not_guessed(self) -> None:
        owner = dataclasses.replace(given().rules[0], otherwise=kit_rules.NEXT_RULE)
        held = Rule("held", "Held", "INBOUND", None, "dach", targets.CURRENT_OWNER)
        took = given(rules=(owner, held), people={"owner": Standing(9)}, candidates=())
        made = redeciding.suppose(took, [Supposed(9, is_gone=True)])
        assert "Rule “Held” would have been tried next" in made.unknown

    def test_weight_counts_at_that_turn(self) -> None:
        made = redeciding.suppose(given(), [Supposed(2, weight=3)])
        assert made.user == 2

    def test_who_was_on_call_waits_once_somebody_works(self) -> None:
        called = given(
            candidates=(candidate(1, unavailable="off shift"), candidate(2, credit=9)), called=True
        )
        assert redeciding.decide(called).user == 2
        assert redeciding.suppose(called, [Supposed(1, at_work=True)]).user == 1

    def test_kept_for_somebody_who_is_gone_nobody_can_tell_for_whom_else(self) -> None:
        kept_for = given(
            candidates=(candidate(1), candidate(2, unavailable="kept for One")), kept=True
        )
        assert redeciding.suppose(kept_for, [Supposed(1, is_gone=True)]).unknown
        both = [Supposed(1, is_gone=True), Supposed(2, is_new=True)]
        assert redeciding.suppose(kept_for, both).user == 2
