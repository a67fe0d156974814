"""Merging two people and taking it back: both stand as they stood, to the byte."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from core import errors
from governance import selectors as kits
from leads import score_rows, scoring
from leads.models import (
    EventKind,
    Lead,
    LeadEvent,
    Person,
    PersonMerge,
    Signal,
)
from lifecycle import actions, merging
from lifecycle.privacy import erasing
from people.models import User
from sla import sweeps
from sla.models import Clock, ClockState
from tests import factories
from tests.acting import fresh, open_clocks, owner
from tests.factories import DAY, MINUTE, NOW, Company
from tests.merging_two import (
    PRICING,
    SOON,
    again,
    assert_clean,
    at,
    inquiry,
    merge,
    mql,
    nurtured,
    quarantined,
    quiet,
    unmerge,
    world,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(shared_company: Company) -> Company:
    return shared_company


KINDS = [
    inquiry,
    mql,
    at("SAL"),
    at("SQL"),
    at("OPPORTUNITY"),
    at("WON"),
    at("LOST"),
    nurtured,
    quarantined,
]


PAIRS = [(one, KINDS[(place + shift) % 9]) for shift in (1, 4) for place, one in enumerate(KINDS)]


@pytest.mark.parametrize(
    ("winner", "loser"), PAIRS, ids=[f"{one.__name__}-{other.__name__}" for one, other in PAIRS]
)
def test_an_unmerge_restores_both_to_the_byte(
    winner: Callable[..., Lead], loser: Callable[..., Lead], company: Company
) -> None:
    one, other = winner(), loser()
    before = world()
    made = merge(one, other, company)
    assert world() != before
    unmerge(made, company)
    assert world() == before


@pytest.mark.parametrize("carries_on", ["winner", "loser"])
def test_later_touches_follow_the_key_they_came_by(carries_on: str, company: Company) -> None:
    makers = (mql, inquiry) if carries_on == "winner" else (inquiry, mql)
    one, other = makers[0](), makers[1]()
    home = {"one": one.pk, "other": other.pk}
    before = world()
    made = merge(one, other, company)
    touches = {
        "other": [again(other, **PRICING), again(other, **PRICING)],
        "one": [again(one, **PRICING)],
    }
    (carrier,) = {touch.lead_id for each in touches.values() for touch in each}
    assert carrier == home["one" if carries_on == "winner" else "other"]
    assert_clean(SOON + MINUTE)
    done = unmerge(made, company)
    for name, lead in (("one", one), ("other", other)):
        for touch in touches[name]:
            touch.refresh_from_db()
            assert (touch.lead_id, touch.person_id) == (lead.pk, lead.person_id)
            assert set(touch.signals.values_list("lead_id", flat=True)) == {lead.pk}
            assert touch.came_as_id is None
    assert done.touches == (2 if carries_on == "winner" else 1)
    kept = ("stage", "owner_id", "queue", "account_id", "person_id", "entered_stage_at", "cycle")
    for lead in (one, other):
        stands, stood = world()["Lead"][lead.pk], before["Lead"][lead.pk]
        assert {name: stands[name] for name in kept} == {name: stood[name] for name in kept}
    assert world()["Clock"] == before["Clock"]


def test_touches_that_had_gone_apart_make_the_same_scores(company: Company) -> None:
    one, other = inquiry(), inquiry()
    made = merge(one, other, company)
    for lead in (one, other, other):
        again(lead, **PRICING)
    unmerge(made, company)
    kit = kits.active_kit()
    for lead, views in ((one, 2), (other, 3)):
        signals = Signal.objects.filter(lead=lead).order_by("pk")
        assert signals.count() == views
        fresh_parts = scoring.behaviour(signals.values_list("kind", "occurred_at"), kit)
        parts = [one for one in score_rows.of_lead(lead.pk) if one.category != "FIT"]
        assert {part.rule: part for part in parts} == fresh_parts


def test_the_score_of_both_is_that_of_one_who_did_it_all(company: Company) -> None:
    views = [{"kind": "pricing_page_view"}] * 3
    one, other = inquiry(signals=views), inquiry(signals=views)
    merge(one, other, company)
    rule = next(one for one in company.kit.score_rules if one.signal == "pricing_page_view")
    carrier = fresh(one if fresh(other).stage == "MERGED" else other)
    (part,) = [one for one in score_rows.of_lead(carrier.pk) if one.rule == rule.key]
    assert rule.cap is not None
    assert 6 * rule.points > rule.cap
    assert part.present(NOW) == rule.cap
    assert part.value == pytest.approx(6 * rule.points)


def test_a_request_that_came_by_the_losers_key_goes_back_with_it(company: Company) -> None:
    one, other = quiet(), quiet()
    made = merge(one, other, company)
    demo = again(other, company={"employees": "3"})
    carrier = fresh(one)
    assert (carrier.hand_raised_at, carrier.owner_id is not None) == (SOON + MINUTE, True)
    due = due_times(carrier)
    unmerge(made, company)
    demo.refresh_from_db()
    assert demo.lead_id == other.pk
    assert (fresh(one).hand_raised_at, fresh(one).owner_id, open_clocks(one)) == (None, None, set())
    assert fresh(other).hand_raised_at == SOON + MINUTE
    assert fresh(other).owner_id is not None
    assert due_times(other) == due


def test_what_people_did_meanwhile_stays_where_they_did_it(company: Company) -> None:
    one, other = mql(), mql()
    made = merge(one, other, company)
    actions.accept(
        lead_id=one.pk, by=owner(one), icp_confirmed=True, reachable=True, now=SOON + MINUTE
    )
    unmerge(made, company)
    assert (fresh(one).stage, fresh(other).stage) == ("SAL", "MQL")
    assert fresh(other).owner_id == other.owner_id
    assert "accept" in open_clocks(other)


def test_the_earlier_promise_is_kept_once_and_both_stand_again_after(company: Company) -> None:
    early = mql()
    late = factories.capture(now=NOW + MINUTE)
    early_due = set(due_times(early))
    late_due = set(due_times(late))
    made = merge(late, early, company)
    carrier = late if fresh(early).stage == "MERGED" else early
    assert set(due_times(carrier)) == early_due
    unmerge(made, company)
    assert (set(due_times(early)), set(due_times(late))) == (early_due, late_due)


def due_times(lead: Lead) -> list[tuple[str, dt.datetime]]:
    running = Clock.objects.filter(lead=lead, state=ClockState.RUNNING)
    return sorted(running.values_list("obligation", "due_at"))


def test_a_deadline_that_passed_meanwhile_is_breached_at_the_deadline(company: Company) -> None:
    one, other = mql(), mql()
    made = merge(one, other, company)
    late = NOW + DAY
    sweeps.warn_and_breach(now=late)
    merging.unmerge(merge_id=made.pk, by=company.revops, now=late)
    while sweeps.warn_and_breach(now=late).total:
        pass
    assert_clean(late)
    clock = Clock.objects.filter(lead=other, state=ClockState.RUNNING).earliest("due_at")
    assert clock.breached_at == clock.due_at < late


def test_fields_follow_the_choice_and_go_back(company: Company) -> None:
    one = quiet(person={"first_name": "Bob", "title": "CFO", "phone": ""})
    other = quiet(person={"first_name": "Robert", "title": "VP", "phone": "+49 30 2345678"})
    before = world()
    made = merge(one, other, company, keep={"first_name": "LOSER"})
    person = Person.objects.get(pk=one.person_id)
    assert (person.first_name, person.title) == ("Robert", "CFO")
    assert person.phone == Person.objects.get(pk=other.person_id).phone
    assert made.kept["title"] == "WINNER"
    unmerge(made, company)
    assert world() == before


def test_a_field_that_was_edited_since_keeps_the_edit_and_it_is_said(company: Company) -> None:
    one, other = quiet(person={"title": ""}), quiet(person={"title": "VP Sales"})
    made = merge(one, other, company)
    Person.objects.filter(pk=one.person_id).update(title="CRO")
    done = unmerge(made, company)
    assert done.edited == ("title",)
    assert Person.objects.get(pk=one.person_id).title == "CRO"


@pytest.mark.parametrize(("first", "second"), [(0, 0), (0, 1), (1, 0)])
def test_chains_come_apart_in_any_order(first: int, second: int, company: Company) -> None:
    a, b, c, d = mql(), inquiry(), at("SAL")(), quiet()
    before = world()
    pairs = [(b, a), (c, b), (c, d)]
    for winner, loser in pairs:
        merge(winner, loser, company)
    assert set(Person.objects.exclude(merged_into=None).values_list("merged_into", flat=True)) == {
        c.person_id
    }
    losers = [loser.person_id for _, loser in pairs]
    for index in (first, second, 0):
        made = PersonMerge.objects.get(loser_id=losers.pop(index), undone_at=None)
        unmerge(made, company)
    assert world() == before


def test_a_touch_of_the_innermost_goes_home_through_the_whole_chain(company: Company) -> None:
    a, b, c = quiet(), quiet(), quiet()
    inner = merge(b, a, company)
    merge(c, b, company)
    touch = again(a, **PRICING)
    assert (touch.person_id, touch.came_as_id) == (c.person_id, a.person_id)
    unmerge(inner, company)
    touch.refresh_from_db()
    assert (touch.person_id, touch.lead_id, touch.came_as_id) == (a.person_id, a.pk, None)
    assert {fresh(b).stage, fresh(c).stage} == {"INQUIRY", "MERGED"}


KONZERN = {"domain": "konzern.de", "name": "Konzern AG"}


def colleagues(*stages: str) -> tuple[Lead, Lead]:
    """Two leads at one company, which came in before either was taken anywhere."""
    leads = factories.captures([factories.touch(company=KONZERN) for _ in stages])
    for lead, stage in zip(leads, stages, strict=True):
        if stage == "NURTURE":
            actions.reject(lead_id=lead.pk, by=owner(lead), reason="timing", now=NOW)
        else:
            factories.work(lead, to=stage, now=NOW)
    one, other = (fresh(lead) for lead in leads)
    return one, other


def strangers(one: str, other: str) -> tuple[Lead, Lead]:
    return at(one)(), at(other)()


def one_without_company(stage: str) -> tuple[Lead, Lead]:
    body = factories.touch(person={"email": "petra@gmail.com"})
    return factories.capture({**body, "company": {}}), at(stage)()


@pytest.mark.parametrize(
    ("pair", "stages", "become"),
    [
        (colleagues, ("MQL", "MQL"), {"MQL", "MERGED"}),
        (colleagues, ("WON", "MQL"), {"MERGED", "MQL"}),
        (colleagues, ("WON", "NURTURE"), {"WON", "MERGED"}),
        (colleagues, ("OPPORTUNITY", "OPPORTUNITY"), {"OPPORTUNITY", "MERGED"}),
        (strangers, ("WON", "LOST"), {"WON", "LOST"}),
        (strangers, ("OPPORTUNITY", "OPPORTUNITY"), {"OPPORTUNITY"}),
        (one_without_company, ("WON",), {"INQUIRY", "MERGED"}),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_what_becomes_of_two_leads(
    pair: Callable[..., tuple[Lead, Lead]],
    stages: tuple[str, ...],
    become: set[str],
    turned: bool,
    company: Company,
) -> None:
    one, other = pair(*stages)[:: -1 if turned else 1]
    before = world()
    made = merge(one, other, company)
    assert {fresh(one).stage, fresh(other).stage} == become
    living = Lead.objects.exclude(stage="MERGED")
    assert set(living.values_list("person_id", flat=True)) == {one.person_id}
    unmerge(made, company)
    assert world() == before


def test_two_open_deals_of_one_company_do_not_merge(company: Company) -> None:
    one, other = colleagues("OPPORTUNITY", "OPPORTUNITY")
    Lead.objects.filter(pk=other.pk).update(opportunity=None)
    with pytest.raises(errors.TooLate, match="Win or lose one of them first"):
        merge(one, other, company)


def test_a_deal_won_meanwhile_is_won_for_both(company: Company) -> None:
    one, other = colleagues("OPPORTUNITY", "OPPORTUNITY")
    made = merge(one, other, company)
    carrier = one if fresh(other).stage == "MERGED" else other
    factories.work(fresh(carrier), to="WON", now=SOON + MINUTE)
    unmerge(made, company)
    assert (fresh(one).stage, fresh(other).stage) == ("WON", "WON")


def test_an_owner_who_has_left_is_not_given_the_lead_again(company: Company) -> None:
    one, other = mql(), mql()
    made = merge(one, other, company)
    joined = other if fresh(other).stage == "MERGED" else one
    User.objects.filter(pk=joined.owner_id).update(is_active=False)
    unmerge(made, company)
    assert fresh(joined).stage == "MQL"
    assert fresh(joined).owner_id not in (None, joined.owner_id)


def test_who_was_erased_is_neither_merged_nor_parted_nor_suggested(company: Company) -> None:
    one, other, third = quiet(), quiet(), quiet()
    made = merge(one, other, company)
    given = {"by": company.revops, "now": SOON}
    erasing.erase(person_id=other.person_id, reason="asked for it", **given)
    assert_clean(SOON)
    pair = {"winner_id": third.person_id, "loser_id": one.person_id}
    for refused in (
        lambda: merging.unmerge(merge_id=made.pk, **given),
        lambda: merging.merge(**pair, **given),
        lambda: merging.suggest(lead_id=third.pk, other_id=one.pk, **given),
    ):
        with pytest.raises(errors.TooLate, match="erased"):
            refused()
    assert "erased" in merging.preview(**pair).refusal


def test_events_tell_of_both_ways_without_personal_data(company: Company) -> None:
    one, other = mql(), inquiry()
    made = merge(one, other, company)
    unmerge(made, company)
    told = LeadEvent.objects.filter(kind__in=[EventKind.JOINED, EventKind.PARTED])
    assert list(told.order_by("pk").values_list("kind", "lead_id")) == [
        ("JOINED", one.pk),
        ("PARTED", one.pk),
    ]
    for text in map(str, LeadEvent.objects.values_list("because", flat=True)):
        assert "petra" not in text.lower()
        assert "kaufmann" not in text.lower()
