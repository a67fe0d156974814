"""Two at one lead in the same instant: one order, one owner, and who was too late is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError
from django.db.models import QuerySet

from core import errors
from leads import services
from leads.models import EventKind, Lead, LeadEvent
from lifecycle import actions, jobs
from lifecycle.invariants import run as invariants
from people.models import User
from routing.models import Assignment, PoolMember
from sla import sweeps
from tests import acting_levels, factories
from tests.acting_levels import ANEW, DUE
from tests.factories import MINUTE, Company
from tests.threads import in_turn

pytestmark = pytest.mark.django_db(transaction=True)

LATE = DUE + MINUTE

Job = Callable[[], Any]


def fresh(lead: Lead) -> Lead:
    return Lead.objects.select_related("owner").get(pk=lead.pk)


def moves(lead: Lead) -> list[tuple[str, str, int | None]]:
    """What became of it since it was due, in order: the step, level or reason, and to whom."""
    kinds = (EventKind.STAGE, EventKind.ASSIGNED, EventKind.QUEUED, EventKind.ESCALATED)
    rows = LeadEvent.objects.filter(lead=lead, recorded_at__gte=LATE, kind__in=kinds)
    return [
        (row.kind, row.transition or row.because.get("level") or row.because["why"], row.owner_id)
        for row in rows.order_by("sequence")
    ]


def verified() -> None:
    assert jobs.sweep(LATE)["errors"] == 0
    broken = [one for one in invariants.check(now=LATE, replay=50) if one.broken]
    assert {one.invariant.key: one.found.offences for one in broken} == {}
    for lead in Lead.objects.all():
        held = Assignment.objects.filter(lead=lead, ended_at__isnull=True)
        assert list(held.values_list("user", flat=True)) == (
            [lead.owner_id] if lead.owner_id else []
        )


def sweep() -> sweeps.Swept:
    return sweeps.warn_and_breach(now=LATE)


def accept(lead: Lead, by: User | None) -> Job:
    assert by is not None
    return lambda: actions.accept(
        lead_id=lead.pk, by=by, icp_confirmed=True, reachable=True, now=LATE
    )


def hand_over(lead: Lead, by: User | None, to: User) -> Job:
    assert by is not None
    return lambda: actions.reassign(lead_id=lead.pk, by=by, to=to.pk, reason="Yours.", now=LATE)


def claim(lead: Lead, by: User) -> Job:
    return lambda: actions.claim(lead_id=lead.pk, by=by, now=LATE)


def refused(found: Any, *, naming: User | None) -> None:
    """Told, as an API would answer 409, who has it now."""
    assert isinstance(found, errors.TooLate), found
    assert found.status == 409
    assert str(naming) in found.message


def held() -> tuple[Company, Lead]:
    """A lead whose owner has done nothing for two hours; the first level gives it anew."""
    here = acting_levels.company(scope="OWNERSHIP", one=ANEW)
    return here, fresh(factories.capture())


def waiting() -> tuple[Company, Lead]:
    """A lead that waits in a queue of people at their caps; after two hours zoe is to have it."""
    here = acting_levels.company(clock="route", one={"act": "BACKUP", "rep": "zoe"})
    PoolMember.objects.update(open_cap=0)
    factories.rep("zoe", pools=["americas"])
    lead = fresh(factories.capture())
    assert (lead.owner, lead.queue) == (None, "dach")
    return here, lead


def test_of_two_who_claim_at_once_one_has_it_and_the_other_reads_who() -> None:
    here, lead = waiting()
    anna, ben = here.reps[:2]
    won, lost = in_turn(claim(lead, anna), claim(lead, ben))
    assert won.owner_id == anna.pk
    refused(lost, naming=anna)
    assert moves(lead) == [("ASSIGNED", "claimed", anna.pk)]
    verified()


def test_without_the_lock_of_the_lead_who_claims_second_would_go_by_what_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here, lead = waiting()
    monkeypatch.setattr(services, "lock", lambda pk: Lead.objects.get(pk=pk))
    _, lost = in_turn(claim(lead, here.reps[0]), claim(lead, here.reps[1]))
    assert not isinstance(lost, errors.DomainError)  # nobody tells them


def test_who_claims_as_the_level_gives_it_away_reads_whose_it_is() -> None:
    here, lead = waiting()
    swept, lost = in_turn(sweep, claim(lead, here.reps[0]))
    zoe = User.objects.get(username="zoe")
    assert swept.escalated == 1
    refused(lost, naming=zoe)
    assert moves(lead) == [("ESCALATED", "one", None), ("ASSIGNED", "one", zoe.pk)]
    verified()


def test_who_claims_just_before_the_level_keeps_it() -> None:
    here, lead = waiting()
    won, swept = in_turn(claim(lead, here.reps[0]), sweep)
    assert swept.total == 0
    verified()
    assert moves(lead) == [("ASSIGNED", "claimed", won.owner_id)]
    assert fresh(lead).owner == here.reps[0]


def test_who_accepts_as_the_level_takes_it_away_reads_whose_it_is() -> None:
    _, lead = held()
    swept, lost = in_turn(sweep, accept(lead, lead.owner))
    now = fresh(lead)
    assert swept.escalated == 1
    assert now.owner not in (None, lead.owner)
    refused(lost, naming=now.owner)
    assert now.stage == "MQL"
    assert moves(lead) == [("ESCALATED", "one", None), ("ASSIGNED", "one", now.owner_id)]
    verified()


def test_who_accepts_just_before_the_level_keeps_it() -> None:
    _, lead = held()
    won, swept = in_turn(accept(lead, lead.owner), sweep)
    assert won.stage == "SAL"
    assert swept.total == 0
    verified()
    assert moves(lead) == [("STAGE", "accept", None)]
    assert fresh(lead).owner == lead.owner


def test_who_hands_over_as_the_level_takes_it_away_reads_whose_it_is() -> None:
    here, lead = held()
    to = next(one for one in here.reps if one != lead.owner)
    _, lost = in_turn(sweep, hand_over(lead, lead.owner, to))
    now = fresh(lead)
    refused(lost, naming=now.owner)
    assert moves(lead) == [("ESCALATED", "one", None), ("ASSIGNED", "one", now.owner_id)]
    verified()


def test_what_a_manager_hands_over_meanwhile_comes_after_the_level() -> None:
    here, lead = held()
    swept, given = in_turn(sweep, hand_over(lead, here.manager, here.manager))
    assert (swept.escalated, given.owner_id) == (1, here.manager.pk)
    assert [kind for kind, *_ in moves(lead)] == ["ESCALATED", "ASSIGNED", "ASSIGNED"]
    assert moves(lead)[-1] == ("ASSIGNED", "reassigned", here.manager.pk)
    verified()
    assert fresh(lead).owner == here.manager


def test_what_is_handed_over_just_before_the_level_stays_where_it_went() -> None:
    here, lead = held()
    to = next(one for one in here.reps if one != lead.owner)
    given, swept = in_turn(hand_over(lead, lead.owner, to), sweep)
    assert (given.owner_id, swept.total) == (to.pk, 0)
    verified()
    assert moves(lead) == [("ASSIGNED", "reassigned", to.pk)]
    assert fresh(lead).owner == to


def test_without_its_lock_a_sweep_would_take_a_lead_from_who_has_just_accepted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, lead = held()
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_: rows)
    won, swept = in_turn(accept(lead, lead.owner), sweep)
    assert isinstance(won, IntegrityError)  # all that is left is that events have one order
    assert swept.escalated == 1


def test_two_sweeps_at_once_let_a_level_act_once() -> None:
    _, lead = held()
    one, other = in_turn(sweep, sweep)
    assert (one.escalated, other.total) == (1, 0)
    assert [kind for kind, *_ in moves(lead)] == ["ESCALATED", "ASSIGNED"]
    verified()
