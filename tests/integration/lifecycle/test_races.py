"""Many at once: real threads, real transactions, one outcome."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.db import connection

from core import errors
from leads.models import Account, IdentityKey, Lead, LeadEvent, Person, Touch
from lifecycle import actions, decay, intake, waiting
from routing.models import Assignment
from sla import sweeps
from sla.models import Clock, ClockEvent
from tests import factories
from tests.factories import HOUR, MINUTE, NOW

pytestmark = pytest.mark.django_db(transaction=True)


def together(jobs: Iterable[Callable[[], Any]]) -> list[Any]:
    """Run the jobs at the same instant, each on its own connection; results or exceptions."""
    work = list(jobs)
    barrier = threading.Barrier(len(work))
    results: list[Any] = [None] * len(work)

    def run(index: int, job: Callable[[], Any]) -> None:
        try:
            barrier.wait(timeout=30)
            results[index] = job()
        except Exception as error:
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(i, job)) for i, job in enumerate(work)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=100)
    return results


def test_one_buyer_posted_forty_times_at_once_is_one_lead_with_forty_touches() -> None:
    factories.company()
    spellings = ["petra@acme.de", "Petra@ACME.de", "petra+a@acme.de", " petra@acme.de"]
    bodies = [
        factories.touch(
            person={"email": spellings[i % 4], "phone": "+49 30 901820", "last_name": "Kaufmann"}
        )
        for i in range(40)
    ]

    def post(index: int) -> Callable[[], Any]:
        return lambda: intake.capture([bodies[index]], scope="t", keys=[str(index)])

    answers = [answer for (answer,) in together(post(i) for i in range(40))]
    assert Counter(answer.status for answer in answers) == {201: 40}
    assert len({answer.receipt["lead"] for answer in answers if answer.receipt}) == 1
    assert (Person.objects.count(), Lead.objects.count(), Account.objects.count()) == (1, 1, 1)
    assert Touch.objects.filter(status="ADVANCED").count() == 40
    assert IdentityKey.objects.count() == 2
    assert Assignment.objects.count() == 1
    assert LeadEvent.objects.filter(kind="TOUCHED").count() == 40


def test_batches_that_share_buyers_in_opposite_order_all_get_through() -> None:
    factories.company()
    emails = [f"buyer{i}@acme{i % 5}.de" for i in range(15)]

    def post(name: str, order: list[str]) -> Callable[[], Any]:
        bodies = [factories.touch(person={"email": email}) for email in order]
        keys = [f"{name}-{email}" for email in order]
        return lambda: intake.capture(bodies, scope="t", keys=keys)

    batches = [post(str(i), emails if i % 2 else list(reversed(emails))) for i in range(6)]
    answers = [answer for batch in together(batches) for answer in batch]
    assert {answer.status for answer in answers} == {201}
    assert Lead.objects.count() == Person.objects.count() == 15


def test_the_same_key_posted_at_once_is_one_touch_with_one_receipt() -> None:
    factories.company()
    body = factories.touch()
    answers = [
        answer
        for (answer,) in together([lambda: intake.capture([body], scope="t", keys=["k"])] * 10)
    ]
    assert Touch.objects.count() == 1
    receipts = [answer.receipt for answer in answers if answer.status in (200, 201)]
    assert all(receipt == receipts[0] for receipt in receipts)
    assert len(receipts) == 10


def test_of_two_who_accept_and_reject_at_once_one_wins_and_the_other_is_told() -> None:
    factories.company()
    lead = factories.capture()
    common: dict[str, Any] = {"lead_id": lead.pk, "by": lead.owner, "now": NOW + HOUR}
    results = together(
        [
            lambda: actions.accept(**common, icp_confirmed=True, reachable=True),
            lambda: actions.reject(**common, reason="timing", criterion="icp"),
            lambda: actions.accept(**common, icp_confirmed=True, reachable=True),
        ]
    )
    losers = [one for one in results if isinstance(one, errors.TooLate)]
    assert len(losers) == 2
    assert all(one.state["stage"] in ("SAL", "NURTURE") for one in losers)
    steps = LeadEvent.objects.filter(lead=lead, transition__in=["accept", "reject"])
    assert steps.count() == 1


def test_two_workers_record_each_breach_once_while_people_accept() -> None:
    factories.company()
    leads = factories.captures([factories.touch() for _ in range(12)])
    due = Clock.objects.filter(obligation="accept").latest("due_at").due_at
    late = due + MINUTE

    def accept(lead: Lead) -> Callable[[], Any]:
        return lambda: actions.accept(
            lead_id=lead.pk, by=lead.owner, icp_confirmed=True, reachable=True, now=late
        )

    def sweep() -> Any:
        return [sweeps.warn_and_breach(now=late, limit=5) for _ in range(6)]

    results = together([sweep, sweep, *[accept(lead) for lead in leads[:6]]])
    assert not [one for one in results if isinstance(one, Exception)], results
    sweeps.warn_and_breach(now=late)
    for clock in Clock.objects.filter(obligation="accept"):
        assert clock.breached_at == clock.due_at
        assert clock.events.filter(kind=ClockEvent.Kind.BREACHED).count() == 1
    accepted = Clock.objects.filter(obligation="accept", state="STOPPED")
    assert accepted.count() == 6


def test_two_workers_tell_each_escalation_level_once_while_people_make_contact() -> None:
    factories.company()
    leads = factories.captures([factories.touch() for _ in range(12)])
    sweeps.warn_and_breach(now=NOW + HOUR)
    late = NOW + 5 * HOUR

    def contact(lead: Lead) -> Callable[[], Any]:
        return lambda: actions.log_activity(lead_id=lead.pk, by=lead.owner, kind="CALL", now=late)

    def sweep() -> Any:
        return [sweeps.warn_and_breach(now=late, limit=5).escalated for _ in range(6)]

    results = together([sweep, sweep, *[contact(lead) for lead in leads[:6]]])
    assert not [one for one in results if isinstance(one, Exception)], results
    sweeps.warn_and_breach(now=late)
    told = [
        (event.lead_id, event.because["policy"], event.because["level"])
        for event in LeadEvent.objects.filter(kind="ESCALATED").order_by("lead", "sequence")
    ]
    assert len(told) == len(set(told))
    for lead in leads[6:]:
        levels = [level for owner, _, level in told if owner == lead.pk]
        assert levels == ["team", "sales"]


def test_reps_at_their_cap_get_nothing_however_many_doors_are_open() -> None:
    factories.company(reps=())
    rep = factories.rep("anna", pools=["dach"], cap=5)

    def post(index: int) -> Callable[[], Any]:
        return lambda: intake.capture([factories.touch()], scope="t", keys=[str(index)], now=NOW)

    together(post(i) for i in range(16))
    assert Assignment.objects.filter(user=rep, ended_at__isnull=True).count() == 5
    assert Lead.objects.filter(queue="dach").count() == 11


def test_a_waiting_lead_is_given_out_once_by_two_workers() -> None:
    factories.company(reps=())
    factories.rep("late", pools=["dach"], shifts=[(1, "12:00", "18:00")])
    factories.captures([factories.touch() for _ in range(6)])
    later = NOW + 3 * HOUR
    found = together([lambda: waiting.route(now=later)] * 3)
    assert sum(found) <= 6
    waiting.route(now=later)
    assert Assignment.objects.count() == 6
    assert Assignment.objects.filter(ended_at__isnull=True).count() == 6


def test_decay_by_two_workers_settles_every_lead_once() -> None:
    factories.company()
    factories.captures([factories.touch() for _ in range(8)])
    later = NOW + 60 * 24 * HOUR
    done = together([lambda: decay.run(now=later, limit=5)] * 3)
    assert not [one for one in done if isinstance(one, Exception)], done
    while decay.run(now=later):
        pass
    assert set(Lead.objects.values_list("decays_at", flat=True)) & {later} == set()
    assert not Lead.objects.filter(decays_at__lte=later).exists()
