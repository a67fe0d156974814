"""A kit brought to older leads while people work on them: one wins, nothing doubles."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.db import connection

from core import errors
from leads.models import EventKind, Lead, LeadEvent
from lifecycle import actions, applying, permissions, recalculating, requalifying
from lifecycle.invariants import run as invariants
from lifecycle.models import KitApplication
from routing.models import Assignment
from sla.models import Clock
from tests import factories, kit_edits
from tests.factories import MINUTE, NOW, Company

pytestmark = pytest.mark.django_db(transaction=True)

SOON = NOW + 2 * MINUTE


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


def faults() -> list[str]:
    found = invariants.check(now=SOON)
    told = [f"{one.invariant.key}: {one.found.offences[:2]}" for one in found if one.found.count]
    return [one for one in told if not one.startswith(("outbox", "kit_outbox"))]


def recalculate(company: Company) -> Callable[[], Any]:
    return lambda: recalculating.apply(
        None, by=company.revops, reason="New deadlines", seen=None, now=SOON
    )


def requalify(company: Company) -> Callable[[], Any]:
    return lambda: requalifying.apply(
        None, by=company.revops, reason="New market", seen=None, now=SOON
    )


def test_a_lead_accepted_while_it_is_recalculated_has_one_clock_of_each_kind() -> None:
    company = factories.company()
    leads = factories.captures([factories.touch() for _ in range(10)])
    kit_edits.publish(kit_edits.minutes("accept", 600), by=company.revops, now=NOW + MINUTE)

    def accept(lead: Lead) -> Callable[[], Any]:
        return lambda: actions.accept(
            lead_id=lead.pk, by=lead.owner, icp_confirmed=True, reachable=True, now=SOON
        )

    results = together([recalculate(company), *map(accept, leads)])
    assert [one for one in results if isinstance(one, Exception)] == []
    done = results[0]
    assert done.changed + done.passed_over.get("moved_on", 0) == done.total
    assert set(Lead.objects.values_list("stage", flat=True)) == {"SAL"}
    accepts = Clock.objects.filter(obligation="accept", void=False)
    assert sorted(accepts.values_list("lead_id", flat=True)) == [lead.pk for lead in leads]
    assert set(accepts.values_list("state", flat=True)) == {"STOPPED"}
    assert accepts.filter(kit__number=2).count() == done.changed
    assert faults() == []


def test_two_who_recalculate_at_once_change_each_clock_once() -> None:
    company = factories.company()
    factories.captures([factories.touch() for _ in range(8)])
    kit_edits.publish(kit_edits.minutes("accept", 600), by=company.revops, now=NOW + MINUTE)
    results = together([recalculate(company)] * 3)
    refused = [one for one in results if isinstance(one, Exception)]
    assert all(isinstance(one, errors.InvalidInput) for one in refused), refused
    done = [one for one in results if isinstance(one, KitApplication)]
    assert sum(one.changed for one in done) == 8
    assert LeadEvent.objects.filter(kind=EventKind.RECALCULATED).count() == 8
    assert Clock.objects.filter(void=True).count() == 8
    assert faults() == []


def test_two_workers_on_one_application_share_its_work(monkeypatch: pytest.MonkeyPatch) -> None:
    company = factories.company()
    factories.captures([factories.touch() for _ in range(9)])
    kit_edits.publish(kit_edits.minutes("accept", 600), by=company.revops, now=NOW + MINUTE)
    monkeypatch.setattr(applying, "AT_ONCE", 0)
    monkeypatch.setattr(applying, "CHUNK", 2)
    given = recalculate(company)()
    results = together([lambda: recalculating.resume(given.pk, now=SOON)] * 3)
    assert results == [None, None, None]
    recalculating.resume(given.pk, now=SOON)
    given.refresh_from_db()
    assert (given.state, given.done, given.changed) == ("DONE", 9, 9)
    assert given.passed_over == {}
    assert LeadEvent.objects.filter(kind=EventKind.RECALCULATED).count() == 9
    assert faults() == []


def test_leads_requalified_while_people_and_touches_move_them_move_once() -> None:
    company = factories.company()
    views = [{"kind": "pricing_page_view"}] * 3
    bodies = [factories.touch(company={"employees": "20"}, signals=views) for _ in range(9)]
    leads = factories.captures(bodies)
    kit_edits.publish(kit_edits.sized(10), by=company.revops, now=NOW + MINUTE)

    def source(lead: Lead) -> Callable[[], Any]:
        return lambda: actions.self_source(lead_id=lead.pk, by=company.reps[0], now=SOON)

    def touched(place: int) -> Callable[[], Any]:
        return lambda: factories.capture(bodies[place], now=SOON)

    results = together(
        [requalify(company), requalify(company), *map(source, leads[:3]), *map(touched, (3, 4, 5))]
    )
    odd = [one for one in results if isinstance(one, Exception)]
    assert all(isinstance(one, errors.InvalidInput | errors.TooLate) for one in odd), odd
    steps = LeadEvent.objects.filter(transition__in=["qualify", "self_source"])
    assert steps.filter(transition="qualify").values("lead").distinct().count() == (
        steps.filter(transition="qualify").count()
    )
    assert {lead.stage for lead in Lead.objects.all()} <= {"MQL", "SAL"}
    assert Assignment.objects.filter(ended_at__isnull=True).count() == 9
    assert faults() == []


def test_a_kit_published_in_the_middle_leaves_no_clock_between_two_kits() -> None:
    company = factories.company()
    factories.captures([factories.touch() for _ in range(6)])
    kit_edits.publish(kit_edits.minutes("accept", 600), by=company.revops, now=NOW + MINUTE)
    results = together(
        [
            recalculate(company),
            lambda: kit_edits.publish(
                kit_edits.minutes("accept", 700), by=company.revops, now=NOW + MINUTE
            ),
        ]
    )
    assert not isinstance(results[0], Exception), results
    kits = set(Clock.objects.filter(obligation="accept", state="RUNNING").values_list(
        "kit__number", flat=True))  # fmt: skip
    assert kits <= {1, 2, 3}
    assert faults() == []
    shown = recalculating.preview(
        recalculating.kits.active_kit(), reach=permissions.EVERYWHERE, now=SOON
    )
    recalculate(company)() if shown.lines else None
    assert set(Clock.objects.filter(obligation="accept", state="RUNNING").values_list(
        "kit__number", flat=True)) == {3}  # fmt: skip
    assert faults() == []
