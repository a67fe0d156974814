"""Turns of a pool: numbered, fair while people come and go, given back exactly, made again."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from governance import selectors as kits
from leads.ledger import Ledger
from leads.models import Lead
from lifecycle import actions
from lifecycle.invariants import run
from people.models import Leave, User
from routing import desk, records
from routing import services as routing
from routing.matching import Match
from routing.models import Assignment, CreditEntry, Decision, Pool, PoolMember, PoolSnapshot
from tests import factories
from tests.factories import DAY, HOUR, NOW

pytestmark = pytest.mark.django_db


def ledger(now: dt.datetime = NOW) -> Ledger:
    return Ledger(kit=kits.active_kit(), now=now, actor="tests")


def verified(now: dt.datetime = NOW) -> None:
    ours = ("pool.", "member.", "decision.", "turn.", "assignment.")
    broken = {
        one.invariant.key: one.found.offences
        for one in run.check(now=now)
        if one.found.count and one.invariant.key.startswith(ours)
    }
    assert broken == {}


def turns(*sizes: int, now: dt.datetime = NOW) -> Counter[str]:
    """Who gets how many of these batches' leads."""
    given: Counter[str] = Counter()
    for size in sizes:
        for lead in factories.captures([factories.touch() for _ in range(size)], now=now):
            given[lead.owner.username if lead.owner else ""] += 1
    return given


def picks(times: int, *, batch: int = 20, now: dt.datetime = NOW) -> Counter[int | None]:
    """Only the desk's picks, without leads: decisions are recorded for one and the same lead."""
    lead = Lead.objects.order_by("pk").first() or factories.capture(now=now)
    given: Counter[int | None] = Counter()
    for start in range(0, times, batch):
        with transaction.atomic():
            paper, counter = ledger(now), desk.open_for(["dach"], now=now)
            for _ in range(min(batch, times - start)):
                chosen = counter.pick("dach", ledger=paper, lead_id=lead.pk)
                routing.record_decision(
                    lead, MATCH, chosen, facts={}, snapshot=counter.snapshot("dach", ledger=paper),
                    ledger=paper, moment="INBOUND",
                )  # fmt: skip
                given[chosen.user] += 1
            paper.flush()
    return given


MATCH = Match("dach", "DACH", "dach", ())


@pytest.fixture
def three() -> tuple[User, ...]:
    """Anna with weight two, Ben and Cleo with one."""
    factories.company(reps=())
    return tuple(
        factories.rep(name, pools=["dach"], weight=weight)
        for name, weight in (("anna", 2), ("ben", 1), ("cleo", 1))
    )


def members(*users: User) -> list[PoolMember]:
    found = {one.user_id: one for one in PoolMember.objects.filter(pool__key="dach")}
    return [found[user.pk] for user in users]


def test_turns_are_numbered_and_the_ledger_adds_up(three: tuple[User, ...]) -> None:
    assert turns(1, 5, 2) == {"anna": 4, "ben": 2, "cleo": 2}
    rows = Decision.objects.filter(turn__isnull=False).order_by("turn")
    assert list(rows.values_list("turn", flat=True)) == list(range(1, 9))
    assert Pool.objects.get(key="dach").turns == 8
    verified()


def test_a_lead_that_waits_takes_no_turn() -> None:
    factories.company(reps=())
    factories.rep("anna", pools=["dach"], cap=1)
    assert turns(3) == {"anna": 1, "": 2}
    assert Pool.objects.get(key="dach").turns == 1
    assert Decision.objects.filter(picked=None, turn=None).count() == 2
    verified()


def test_who_a_person_hands_a_lead_to_keeps_their_turn(three: tuple[User, ...]) -> None:
    anna, ben, _ = three
    (lead,) = factories.captures([factories.touch()])
    assert lead.owner == anna
    before = [(one.credit, one.since_turn) for one in members(*three)]
    actions.reassign(lead_id=lead.pk, by=anna, to=ben.pk, reason="knows them", now=NOW)
    assert [(one.credit, one.since_turn) for one in members(*three)] == before
    assert turns(1, 1, 1) == {"anna": 1, "ben": 1, "cleo": 1}
    verified()


class TestComingAndGoing:
    def test_who_joins_starts_level_with_the_others(self, three: tuple[User, ...]) -> None:
        before = picks(101)
        late = factories.rep("dora", pools=["dach"], weight=1)
        after = picks(200)
        assert before[three[0].pk] in (50, 51)
        fair = {three[0].pk: 80, three[1].pk: 40, three[2].pk: 40, late.pk: 40}
        assert all(abs(after[user] - share) <= 1 for user, share in fair.items())
        assert not CreditEntry.objects.exclude(why="BEGAN").exists()

    def test_who_comes_back_starts_level_too(self, three: tuple[User, ...]) -> None:
        anna, ben, cleo = three
        first = picks(50)
        PoolMember.objects.filter(user=cleo).update(active=False)
        away = picks(150)
        assert abs(away[anna.pk] - 100) <= 1
        assert away[cleo.pk] == 0
        PoolMember.objects.filter(user=cleo).update(active=True)
        back = picks(200)
        fair = {anna.pk: 100, ben.pk: 50, cleo.pk: 50}
        assert all(abs(back[user] - share) <= 1 for user, share in fair.items())
        assert first[cleo.pk] in (12, 13)

    @pytest.mark.parametrize("way", ["membership", "leave"])
    def test_a_pool_that_catches_up_makes_it_even_again(
        self, three: tuple[User, ...], way: str
    ) -> None:
        anna, ben, cleo = three
        Pool.objects.filter(key="dach").update(catches_up=True)
        given = picks(60)
        if way == "membership":
            PoolMember.objects.filter(user=cleo).update(active=False)
        else:
            Leave.objects.create(user=cleo, starts_at=NOW, ends_at=NOW + DAY)
        given += picks(100, now=NOW + HOUR)
        PoolMember.objects.filter(user=cleo).update(active=True)
        given += picks(240, now=NOW + 2 * DAY)
        fair = {anna.pk: 200, ben.pk: 100, cleo.pk: 100}
        assert all(abs(given[user] - share) <= 1 for user, share in fair.items())

    def test_while_it_is_paid_back_joining_returns_and_replay_add_up(
        self, three: tuple[User, ...]
    ) -> None:
        anna, _, cleo = three
        Pool.objects.filter(key="dach").update(catches_up=True)
        Leave.objects.create(user=cleo, starts_at=NOW, ends_at=NOW + DAY)
        turns(24, now=NOW + HOUR)
        assert [one.lent for one in members(*three)] == [-32, -16, 48]
        later = NOW + 2 * DAY
        assert turns(8, now=later)["cleo"] == 4
        dora = factories.rep("dora", pools=["dach"])
        assert turns(5, now=later)["dora"] <= 2
        before = [(one.credit, one.lent) for one in members(*three, dora)]
        (lead,) = factories.captures([factories.touch()], now=later)
        assert [one.lent for one in members(anna, cleo)] != [before[0][1], before[2][1]]
        assert routing.return_turn(Decision.objects.get(lead=lead), "misroute", ledger(later))
        assert [(one.credit, one.lent) for one in members(*three, dora)] == before
        assert before[3][1] == 0
        verified(later)
        routing.start_anew(
            Pool.objects.get(key="dach"), by=anna, reason="Otherwise now.", now=later
        )
        assert {(one.credit, one.lent) for one in members(*three, dora)} == {(0, 0)}
        verified(later)

    def test_leave_without_catching_up_neither_owes_nor_is_owed(
        self, three: tuple[User, ...]
    ) -> None:
        anna, ben, cleo = three
        given = picks(40)
        Leave.objects.create(user=cleo, starts_at=NOW, ends_at=NOW + DAY)
        given += picks(90, now=NOW + HOUR)
        assert (given[anna.pk], given[ben.pk], given[cleo.pk]) == (80, 40, 10)
        given = picks(40, now=NOW + 2 * DAY)
        assert (given[anna.pk], given[ben.pk], given[cleo.pk]) == (20, 10, 10)

    def test_the_ledger_adds_up_whoever_comes_and_goes(self, three: tuple[User, ...]) -> None:
        Pool.objects.filter(key="dach").update(catches_up=True)
        turns(5)
        PoolMember.objects.filter(user=three[2]).update(active=False)
        turns(7, 2)
        factories.rep("dora", pools=["dach"], weight=3)
        turns(3)
        PoolMember.objects.filter(user=three[2]).update(active=True)
        turns(4)
        assert CreditEntry.objects.filter(why="BEGAN").count() >= 3
        verified()


class TestGivingBack:
    def test_a_returned_turn_gives_back_what_it_cost(self, three: tuple[User, ...]) -> None:
        turns(2)
        before = [one.credit for one in members(*three)]
        turns(1)
        decision = Decision.objects.latest("pk")
        book = ledger()
        assert routing.return_turn(decision, "misroute", book)
        book.flush()
        assert [one.credit for one in members(*three)] == before
        entries = CreditEntry.objects.filter(decision=decision)
        assert {one.turn for one in entries} == {4}
        assert {one.note for one in entries} == {"misroute"}
        verified()

    def test_it_is_given_back_once(self, three: tuple[User, ...]) -> None:
        turns(1)
        decision = Decision.objects.latest("pk")
        assert routing.return_turn(decision, "duplicate", ledger())
        assert not routing.return_turn(decision, "duplicate", ledger())
        assert Pool.objects.get(key="dach").turns == 2

    def test_a_return_that_is_undone_counts_after_all_and_can_be_returned_again(
        self, three: tuple[User, ...]
    ) -> None:
        turns(4)
        decision, before = Decision.objects.latest("pk"), [one.credit for one in members(*three)]
        assert not routing.count_turn_again(decision, "undone", ledger())
        assert routing.return_turn(decision, "duplicate", ledger())
        assert routing.count_turn_again(decision, "undone", ledger())
        assert [one.credit for one in members(*three)] == before
        assert routing.return_turn(decision, "duplicate", ledger())
        assert [one.credit for one in members(*three)] != before
        verified()

    def test_it_is_given_back_though_everybody_has_left(self, three: tuple[User, ...]) -> None:
        turns(7)
        one, other = Decision.objects.order_by("pk")[:2]
        PoolMember.objects.update(active=False)
        routing.return_turns([one, other], "merged", ledger())
        assert {(each.since_turn, each.left_turn) for each in members(*three)} == {(None, 7)}
        assert CreditEntry.objects.values("turn").distinct().count() == 2
        verified()

    def test_the_next_lead_goes_to_who_was_passed_over_wrongly(
        self, three: tuple[User, ...]
    ) -> None:
        turns(4)
        (lead,) = factories.captures([factories.touch()])
        routing.return_turn(Decision.objects.get(lead=lead), "misroute", ledger())
        (again,) = factories.captures([factories.touch()])
        assert again.owner_id == lead.owner_id

    def test_a_returned_lead_does_not_count_towards_the_day(self) -> None:
        factories.company(reps=())
        rep = factories.rep("anna", pools=["dach"])
        PoolMember.objects.filter(user=rep).update(day_cap=2)
        assert turns(3) == {"anna": 2, "": 1}
        routing.return_turn(Decision.objects.earliest("pk"), "misroute", ledger())
        assert turns(2) == {"anna": 1, "": 1}


class TestCapsOfPeriods:
    def test_a_day_begins_in_the_zone_of_the_rep(self) -> None:
        factories.company(reps=())
        rep = factories.rep("anna", pools=["dach"], time_zone="Asia/Kolkata")
        PoolMember.objects.filter(user=rep).update(day_cap=2)
        evening = NOW.replace(hour=18, minute=0)  # 23:30 in Kolkata
        assert turns(3, now=evening) == {"anna": 2, "": 1}
        assert turns(3, now=evening + HOUR) == {"anna": 2, "": 1}
        told = Decision.objects.latest("pk").candidates[0]
        assert told["excluded"] == "at the cap: 2 of 2 leads today"
        verified(evening + HOUR)

    def test_what_people_hand_over_counts_for_no_cap_of_a_day(self) -> None:
        company = factories.company(reps=())
        rep = factories.rep("anna", pools=["dach"])
        PoolMember.objects.filter(user=rep).update(day_cap=1)
        (lead,) = factories.captures([factories.touch()])
        Assignment.objects.filter(lead=lead).update(automatic=False)
        assert turns(2) == {"anna": 1, "": 1}
        assert company.pools["dach"].pk

    def test_a_month_cap_is_spread(self) -> None:
        factories.company(reps=())
        rep = factories.rep("anna", pools=["dach"])
        PoolMember.objects.filter(user=rep).update(month_cap=14)
        got = [turns(5, now=NOW.replace(day=day))["anna"] for day in (1, 2, 3, 10, 31)]
        assert got == [1, 0, 1, 3, 5]


class TestMessages:
    def asked(self) -> int:
        with CaptureQueriesContext(connection) as seen:
            desk.open_for(["dach", "inbound"], now=NOW)
        return len(seen)

    def test_three_messages_whatever_the_pools_prescribe(self, three: tuple[User, ...]) -> None:
        turns(1)
        assert self.asked() == 3
        Pool.objects.filter(key="dach").update(
            strategy="BEST_PERFORMER", matches_language=True, random_percent=20, catches_up=True
        )
        PoolMember.objects.update(day_cap=5, week_cap=9, month_cap=30)
        assert self.asked() == 3


class TestOutcomes:
    def test_only_what_was_known_then_counts(self, three: tuple[User, ...]) -> None:
        Pool.objects.filter(key="dach").update(strategy="BEST_PERFORMER", fewest_outcomes=1)
        (lead,) = factories.captures([factories.touch()])
        factories.work(lead, to="WON", now=NOW + HOUR)
        band = {"company.employee_band": "201-500"}

        def known(now: dt.datetime) -> tuple[int, int]:
            counter = desk.open_for(["dach"], now=now)
            chosen = counter.pick("dach", ledger=ledger(now), known=band)
            told = {one.candidate.user: one.candidate for one in chosen.considered}
            return told[lead.owner_id].won, told[lead.owner_id].decided

        assert known(NOW + 2 * HOUR) == (1, 1)
        assert known(NOW + HOUR - dt.timedelta(seconds=1)) == (0, 0)
        assert known(NOW + 2 * 365 * DAY) == (0, 0)

    def test_decisions_by_outcome_replay(self, three: tuple[User, ...]) -> None:
        Pool.objects.filter(key="dach").update(
            strategy="BEST_PERFORMER", fewest_outcomes=0, random_percent=30, matches_language=True
        )
        for lead in factories.captures([factories.touch() for _ in range(4)]):
            factories.work(lead, to="WON" if lead.pk % 2 else "LOST", now=NOW + HOUR)
        turns(1, 9, now=NOW + 2 * HOUR)
        assert Decision.objects.exclude(seed="").exists()
        verified(NOW + 2 * HOUR)


class TestLargePools:
    @pytest.fixture
    def many(self) -> list[User]:
        factories.company(reps=())
        return [factories.rep(f"rep{n}", pools=["dach"], weight=1 + n % 3) for n in range(52)]

    def test_records_hold_a_place_and_replay_from_the_snapshot(self, many: list[User]) -> None:
        turns(1, 7)
        rows = list(Decision.objects.order_by("turn"))
        assert [(one.place or {})["after"] for one in rows] == [0, *range(7)]
        assert all(len(one.candidates) == 1 for one in rows)
        assert PoolSnapshot.objects.count() == 2
        assert len(records.candidates(rows[5])) == 52
        assert records.candidates(rows[5])[0]["weight"] == 1
        verified()

    def test_what_is_lent_is_dealt_again_too(self, many: list[User]) -> None:
        Pool.objects.filter(key="dach").update(catches_up=True)
        Leave.objects.create(user=many[4], starts_at=NOW, ends_at=NOW + DAY)
        turns(5, now=NOW + HOUR)
        assert members(many[4])[0].lent == 2 * 5 * members(many[4])[0].weight
        turns(5, now=NOW + 2 * DAY)
        assert members(many[4])[0].lent < 20
        verified(NOW + 2 * DAY)

    @pytest.mark.parametrize("strategy", ["LEAST_LOADED", "BEST_PERFORMER"])
    def test_other_strategies_and_caps_replay_too(self, many: list[User], strategy: str) -> None:
        Pool.objects.filter(key="dach").update(
            strategy=strategy, random_percent=30, matches_language=True
        )
        PoolMember.objects.filter(user__in=many[:20]).update(day_cap=0, open_cap=1)
        User.objects.filter(pk=many[30].pk).update(languages=["de"])
        turns(6)
        verified()

    def test_a_returned_turn_is_exact(self, many: list[User]) -> None:
        turns(3)
        before = [one.credit for one in members(*many)]
        turns(4)
        for decision in Decision.objects.order_by("-turn")[:4]:
            assert routing.return_turn(decision, "misroute", ledger())
        assert [one.credit for one in members(*many)] == before
        verified()
