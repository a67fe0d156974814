"""Merging while others merge, post, accept and part: one order, nobody lost, no deadlock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core import errors
from leads.models import Lead, Person, PersonMerge, Touch
from lifecycle import actions, intake, merging
from lifecycle.invariants import run
from tests import factories, threads
from tests.factories import Company

pytestmark = pytest.mark.django_db(transaction=True)


def assert_clean() -> None:
    late = {"clock.breached_in_time", "clock.escalated_in_time"}
    broken = [one for one in run.check() if one.broken and one.invariant.key not in late]
    assert not broken, [(one.invariant.key, one.found) for one in broken]


def refusals(results: list[Any]) -> list[BaseException]:
    """What was refused; anything else that was raised is a fault."""
    raised = [one for one in results if isinstance(one, BaseException)]
    assert all(isinstance(one, errors.DomainError) for one in raised), raised
    return raised


def merges(winner: Lead, loser: Lead, company: Company) -> Callable[[], PersonMerge]:
    return lambda: merging.merge(
        winner_id=winner.person_id, loser_id=loser.person_id, by=company.revops
    )


def posts(lead: Lead, number: int) -> Callable[[], Any]:
    body = factories.touch(person={"email": lead.person.email})
    return lambda: intake.capture([body], scope="t", keys=[f"{lead.pk}-{number}"])


def test_merges_in_opposite_directions_make_one_person() -> None:
    company = factories.company()
    one, other = factories.captures([factories.touch(), factories.touch()])
    results = threads.together([merges(one, other, company), merges(other, one, company)] * 2)
    assert len(refusals(results)) == 3
    assert Person.objects.exclude(merged_into=None).count() == 1
    assert_clean()


def test_touches_merges_and_acts_at_once_leave_one_buyer() -> None:
    company = factories.company()
    a, b, c = factories.captures([factories.touch() for _ in range(3)])
    jobs = [merges(a, b, company), merges(b, c, company), merges(a, c, company)]
    jobs += [posts(lead, number) for number in range(3) for lead in (a, b, c)]
    jobs += [
        lambda lead=lead: actions.accept(  # type: ignore[misc]
            lead_id=lead.pk, by=lead.owner, icp_confirmed=True, reachable=True
        )
        for lead in (a, b, c)
    ]
    refusals(threads.together(jobs))
    intake_left = Touch.objects.exclude(status="ADVANCED").count()
    assert intake_left == 0
    living = Lead.objects.exclude(stage="MERGED")
    assert living.count() == Person.objects.filter(merged_into=None).count()
    assert_clean()


def test_parting_while_touches_come_loses_none() -> None:
    company = factories.company()
    a, b = factories.captures([factories.touch(), factories.touch()])
    made = merges(a, b, company)()
    parts = [lambda: merging.unmerge(merge_id=made.pk, by=company.revops)] * 2
    jobs = [*parts, *(posts(lead, number) for number in range(4) for lead in (a, b))]
    assert len(refusals(threads.together(jobs))) == 1
    for lead in (a, b):
        homes = Touch.objects.filter(idempotency_key__startswith=f"{lead.pk}-")
        assert set(homes.values_list("lead_id", "person_id")) == {(lead.pk, lead.person_id)}
    assert_clean()
