"""Leads that rest until a day, a behaviour or a score, and the cycle that begins when they wake."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from core import errors
from leads.models import EventKind, Lead, LeadEvent
from lifecycle import actions, jobs, notices, waking
from lifecycle.models import Notice
from lifecycle.waking import WakeUp
from tests import factories
from tests.acting import LATER, fresh, owner
from tests.factories import NOW
from tests.realigning import broken

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def company() -> factories.Company:
    return factories.company()


def rest(lead: Lead, **given: Any) -> Lead:
    """Its owner rejects it: not now."""
    said = {"reason": "timing", "note": "In spring", "now": LATER, **given}
    return actions.reject(lead_id=lead.pk, by=owner(lead), **said)


def woken(lead: Lead) -> list[Any]:
    rows = LeadEvent.objects.filter(lead=lead, transition="qualify").order_by("sequence")
    return [(row.cycle, row.because.get("woken")) for row in rows]


def test_the_reason_says_when_unless_somebody_says_otherwise(company: factories.Company) -> None:
    by_reason, by_hand, never = factories.captures([factories.touch() for _ in range(3)])
    rest(by_reason)
    rest(by_hand, wake=WakeUp(NOW + 7 * DAY, "signal:pricing_page_view"))
    rest(never, reason="no_interest")
    kept = [(one.wake_at, one.wake_on) for one in map(fresh, (by_reason, by_hand, never))]
    assert kept == [
        (LATER + 90 * DAY, ""), (NOW + 7 * DAY, "signal:pricing_page_view"), (None, ""),
    ]  # fmt: skip
    told = LeadEvent.objects.get(lead=by_hand, transition="reject").because["wake"]
    assert told == {"at": (NOW + 7 * DAY).isoformat(), "on": "signal:pricing_page_view"}
    with pytest.raises(errors.InvalidInput, match="nothing wakes it"):
        rest(factories.capture(), reason="spam", wake=WakeUp(NOW + 7 * DAY))


@pytest.mark.parametrize(
    ("wake", "field"),
    [
        (WakeUp(NOW - DAY), "wake_at"),
        (WakeUp(NOW + 1000 * DAY), "wake_at"),
        (WakeUp(on="signal:no_such"), "wake_on"),
        (WakeUp(on="someday"), "wake_on"),
    ],
    ids=str,
)
def test_what_cannot_come_is_refused(company: factories.Company, wake: WakeUp, field: str) -> None:
    lead = factories.capture()
    with pytest.raises(errors.InvalidInput) as refusal:
        rest(lead, wake=wake)
    assert [one.field for one in refusal.value.errors] == [field]
    assert fresh(lead).stage == "MQL"


def test_on_its_day_it_is_judged_with_all_it_did_and_its_next_cycle_begins(
    company: factories.Company,
) -> None:
    lead = rest(factories.capture(), wake=WakeUp(NOW + 7 * DAY))
    assert waking.run(now=NOW + 6 * DAY) == 0
    jobs.sweep(now=NOW + 7 * DAY)
    lead = fresh(lead)
    assert (lead.stage, lead.cycle, lead.wake_at, lead.reason) == ("MQL", 2, None, "")
    assert lead.owner is not None
    assert woken(lead) == [(1, None), (2, "day")]
    first, again = LeadEvent.objects.filter(lead=lead, transition="qualify").order_by("sequence")
    assert again.because["signals"] == first.because["signals"] != []
    assert not Notice.objects.filter(kind=Notice.Kind.WOKEN).exists()
    assert waking.run(now=NOW + 8 * DAY) == 0
    assert broken() == {}


def test_who_does_not_qualify_stays_and_marketing_is_told_once(company: factories.Company) -> None:
    lead = rest(factories.capture(), wake=WakeUp(NOW + 60 * DAY))
    for _ in range(2):
        waking.run(now=NOW + 60 * DAY)
    notices.drain(now=NOW + 60 * DAY)
    assert (fresh(lead).stage, fresh(lead).wake_at) == ("NURTURE", None)
    told = Notice.objects.filter(kind=Notice.Kind.WOKEN)
    assert [one.to.username for one in told] == ["mark"]
    event = LeadEvent.objects.get(lead=lead, kind=EventKind.WAKE_UP)
    assert (event.because["due"], event.actor) == (True, "wake-up")


@pytest.mark.parametrize(
    ("on", "signal", "becomes"),
    [
        ("signal:webinar_attended", "webinar_attended", "MQL"),
        ("signal:webinar_attended", "pricing_page_view", "NURTURE"),
        ("band:warm", "pricing_page_view", "MQL"),
        ("", "webinar_attended", "NURTURE"),
    ],
    ids=str,
)
def test_what_it_waited_for_lets_all_it_did_count_again(
    company: factories.Company, on: str, signal: str, becomes: str
) -> None:
    body = factories.touch()
    lead = rest(factories.capture(body), reason="no_interest", wake=WakeUp(on=on))
    again = {**body, "channel": "EVENT", "signals": [{"kind": signal}]}
    factories.capture(again, now=NOW + 3 * DAY)
    assert fresh(lead).stage == becomes
    assert fresh(lead).cycle == (2 if becomes == "MQL" else 1)


def test_marketing_sets_another_day_and_who_leaves_nurture_wakes_no_more(
    company: factories.Company,
) -> None:
    lead = rest(factories.capture())
    rep = company.reps[0]
    with pytest.raises(errors.NotAllowed):
        waking.change(lead_id=lead.pk, by=rep, wake_at=NOW + 9 * DAY, now=LATER)
    waking.change(lead_id=lead.pk, by=company.marketing, wake_at=NOW + 9 * DAY, now=LATER)
    assert fresh(lead).wake_at == NOW + 9 * DAY
    actions.self_source(lead_id=lead.pk, by=rep, now=LATER + DAY)
    assert (fresh(lead).wake_at, fresh(lead).wake_on) == (None, "")
    with pytest.raises(errors.TooLate):
        waking.change(lead_id=lead.pk, by=company.marketing, now=LATER + DAY)


def test_a_talk_of_an_earlier_cycle_makes_no_sql_of_this_one(company: factories.Company) -> None:
    lead = factories.capture()
    who = owner(lead)
    talk = {"kind": "DISCOVERY_CALL", "outcome": "COMPLETED"}
    checklist = {"budget": "50k", "authority": "CTO", "need": "Yes", "timeline": "May"}
    actions.log_activity(lead_id=lead.pk, by=who, now=NOW + dt.timedelta(hours=1), **talk)
    rest(fresh(lead), wake=WakeUp(NOW + 7 * DAY))
    jobs.sweep(now=NOW + 7 * DAY)
    later = NOW + 7 * DAY + dt.timedelta(hours=1)
    factories.work(fresh(lead), to="SAL", now=later)
    who = owner(fresh(lead))
    with pytest.raises(errors.InvalidInput, match="log it first"):
        actions.sales_qualify(lead_id=lead.pk, by=who, checklist=checklist, now=later)
    actions.log_activity(lead_id=lead.pk, by=who, now=later, **talk)
    actions.sales_qualify(lead_id=lead.pk, by=who, checklist=checklist, now=later)
    assert (fresh(lead).stage, fresh(lead).cycle) == ("SQL", 2)
