"""Exclusions against people, touchpoints and jobs at one lead in the same instant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from core import errors
from leads.models import EventKind, Lead, LeadEvent
from lifecycle import accounts, actions, disputes, editing, waking
from lifecycle.waking import WakeUp
from tests import factories, merging_two
from tests.acting import owner
from tests.factories import DAY, MINUTE, NOW, Company
from tests.threads import in_turn

pytestmark = pytest.mark.django_db(transaction=True)

SOON = NOW + 5 * MINUTE
Job = Callable[[], Any]


def fresh(lead: Lead) -> Lead:
    return Lead.objects.select_related("owner").get(pk=lead.pk)


def waiting(**parts: Any) -> Lead:
    lead = factories.capture(company={"country": "US"}, **parts)
    assert (lead.stage, lead.queue) == ("MQL", "americas")
    return lead


def rested() -> Lead:
    """It rests until tomorrow."""
    lead = factories.capture()
    return actions.reject(
        lead_id=lead.pk, by=owner(lead), reason="timing", wake=WakeUp(NOW + DAY), now=NOW + MINUTE
    )


def student(lead: Lead, company: Company, *, at: dt.datetime = SOON) -> Job:
    return lambda: editing.edit(
        lead_id=lead.pk, by=company.revops, values={"person.title": "Student"}, now=at
    )


def touched(lead: Lead) -> Job:
    """Its buyer asks for a person once more."""
    person = {"email": lead.person.email, "title": lead.person.title}
    body = factories.touch(person=person, company={"name": None, "country": None})
    return lambda: factories.capture(body, now=SOON)


def stands(lead: Lead, status: str, company: Company) -> Job:
    return lambda: accounts.edit(
        account_id=lead.account_id or 0, by=company.revops, status=status, reason="x", now=SOON
    )


def steps(lead: Lead) -> list[str]:
    """The steps it took after it became an MQL."""
    rows = LeadEvent.objects.filter(lead=lead, kind=EventKind.STAGE).order_by("sequence")
    return list(rows.values_list("transition", flat=True))[2:]


def test_who_claims_a_lead_before_it_is_excluded_keeps_it_and_after_that_there_is_none() -> None:
    company = factories.company()
    claimed, gone = waiting(), waiting()

    def claim(lead: Lead) -> Job:
        return lambda: actions.claim(lead_id=lead.pk, by=company.manager, now=SOON)

    results = in_turn(claim(claimed), student(claimed, company))
    assert not any(isinstance(one, Exception) for one in results), results
    assert (fresh(claimed).owner, fresh(claimed).exclusion) == (company.manager, "")
    _, refused = in_turn(student(gone, company), claim(gone))
    assert isinstance(refused, errors.TooLate), refused
    assert (fresh(gone).stage, fresh(gone).owner, fresh(gone).queue) == ("DISQUALIFIED", None, "")
    merging_two.assert_clean(SOON)


def test_who_accepts_a_lead_has_it_whichever_comes_first() -> None:
    company = factories.company()
    one, other = factories.captures([factories.touch(), factories.touch()])

    def accept(lead: Lead) -> Job:
        return lambda: actions.accept(
            lead_id=lead.pk, by=owner(lead), icp_confirmed=True, reachable=True, now=SOON
        )

    for results in (
        in_turn(accept(one), student(one, company)),
        in_turn(student(other, company), accept(other)),
    ):
        assert not any(isinstance(found, Exception) for found in results), results
    assert {(fresh(lead).stage, fresh(lead).exclusion) for lead in (one, other)} == {("SAL", "")}
    merging_two.assert_clean(SOON)


def test_a_lead_let_pass_while_a_touchpoint_lets_it_in_comes_back_once() -> None:
    company = factories.company()
    passed, known = (
        factories.capture(person={"title": "Student"}, company={"country": "US"}) for _ in "12"
    )
    factories.next_kit(
        lambda parts: (parts.pop("exclusion"), parts.pop("fixture", None)), by=company.revops
    )

    def let_pass(lead: Lead) -> Job:
        return lambda: actions.reopen(lead_id=lead.pk, by=company.manager, reason="x", now=SOON)

    results = in_turn(let_pass(passed), touched(passed))
    assert not any(isinstance(one, Exception) for one in results), results
    _, refused = in_turn(touched(known), let_pass(known))
    assert isinstance(refused, errors.TooLate), refused
    for lead in (passed, known):
        assert (fresh(lead).stage, fresh(lead).queue, fresh(lead).cycle) == ("MQL", "americas", 1)
        assert steps(lead) == ["readmit", "qualify"]
    assert [fresh(one).passed_exclusions for one in (passed, known)] == [["student"], []]
    merging_two.assert_clean(SOON)


@pytest.mark.parametrize("first", ["status", "touch"])
def test_a_status_and_a_touchpoint_end_alike_whichever_comes_first(first: str) -> None:
    company = factories.company()
    lead = waiting()
    for status, then in (
        ("COMPETITOR", ("DISQUALIFIED", "competitor", "", True)),
        ("PROSPECT", ("MQL", "", "americas", False)),
    ):
        both = [stands(lead, status, company), touched(lead)]
        results = in_turn(*(both if first == "status" else both[::-1]))
        assert not any(isinstance(one, Exception) for one in results), results
        now = fresh(lead)
        assert (now.stage, now.exclusion, now.queue, now.unheard_at is not None) == then
        merging_two.assert_clean(SOON)
    assert steps(lead) == ["disqualify", "readmit"]


def test_a_lead_excluded_on_the_day_it_wakes_does_one_or_the_other() -> None:
    company, at = factories.company(), NOW + DAY
    woken, asleep = rested(), rested()
    Lead.objects.filter(pk=asleep.pk).update(wake_at=NOW + 2 * DAY)

    def wake() -> int:
        return waking.run(now=at)

    assert in_turn(wake, student(woken, company, at=at))[0] == 1
    assert (fresh(woken).stage, fresh(woken).exclusion) == ("MQL", "")
    assert fresh(woken).owner is not None
    at = NOW + 2 * DAY
    assert in_turn(student(asleep, company, at=at), wake)[1] == 0
    assert (fresh(asleep).exclusion, fresh(asleep).wake_at) == ("student", None)
    assert fresh(asleep).before_exclusion["wake_at"] == at.isoformat()


def test_a_rejection_overturned_as_the_lead_is_excluded_brings_an_mql_now_or_later() -> None:
    company = factories.company()
    now, later = rested(), rested()
    for lead in (now, later):
        disputes.dispute(lead_id=lead.pk, by=company.marketing, note="x", now=NOW + 2 * MINUTE)

    def overturn(lead: Lead) -> Job:
        told: dict[str, Any] = {"outcome": "OVERTURNED", "note": "x", "now": SOON}
        return lambda: disputes.rule(lead_id=lead.pk, by=company.revops, **told)

    for results in (
        in_turn(overturn(now), student(now, company)),
        in_turn(student(later, company), overturn(later)),
    ):
        assert not any(isinstance(one, Exception) for one in results), results
    assert (fresh(now).stage, fresh(now).exclusion) == ("MQL", "")
    assert (fresh(later).exclusion, fresh(later).before_exclusion["stage"]) == ("student", "MQL")
    merging_two.assert_clean(SOON)
