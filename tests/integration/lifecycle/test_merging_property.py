"""Whatever is merged, touched and parted in whatever order, everybody ends as themselves."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import errors
from leads import score_rows, scoring
from leads.models import Lead, PersonMerge, ScorePart, Signal, Touch
from lifecycle import merging
from tests import factories
from tests.factories import NOW, Company
from tests.merging_two import (
    PRICING,
    again,
    assert_clean,
    at,
    inquiry,
    mql,
    nurtured,
    quarantined,
    quiet,
    world,
)

KINDS = (quiet, inquiry, mql, at("SAL"), nurtured, quarantined, at("WON"), at("LOST"))
SECOND = factories.MINUTE / 60

steps = st.one_of(
    st.tuples(st.just("merge"), st.integers(0, 4), st.integers(0, 4)),
    st.tuples(st.just("merge"), st.integers(0, 4), st.integers(0, 4)),
    st.tuples(st.just("part"), st.integers(0, 4), st.just(0)),
    st.tuples(st.just("touch"), st.integers(0, 4), st.just(0)),
)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    kinds=st.lists(st.sampled_from(KINDS), min_size=2, max_size=4),
    story=st.lists(steps, min_size=2, max_size=9),
    touches=st.booleans(),
)
def test_people_who_were_one_end_as_they_began(
    shared_company: Company, kinds: list[Any], story: list[Any], touches: bool
) -> None:
    company = shared_company
    with transaction.atomic():
        leads = [kind() for kind in kinds]
        before, came = world(), []
        now = NOW + SECOND
        for act, first, second in story:
            now += SECOND
            one, other = leads[first % len(leads)], leads[second % len(leads)]
            if act == "touch" and touches:
                came.append((one, again(one, now=now, **PRICING)))
            elif act == "merge":
                tried(merging.merge, winner_id=one.person_id, loser_id=other.person_id,
                      by=company.revops, now=now)  # fmt: skip
            elif act == "part":
                part_one(first, company, now)
            assert_clean(now)
        while part_one(len(came), company, now):
            assert_clean(now)
        if not came:
            assert world() == before
        for lead, touch in came:
            is_home(lead, touch)
        for lead in leads:
            adds_up(lead, company)
        transaction.set_rollback(True)


def tried(act: Any, **given: Any) -> None:
    """What is refused leaves no trace."""
    stood = world()
    try:
        with transaction.atomic():
            act(**given)
    except errors.DomainError:
        assert world() == stood


def part_one(number: int, company: Company, now: Any) -> bool:
    """Take back one of the merges that stand, whichever it is."""
    standing = list(PersonMerge.objects.filter(undone_at=None).order_by("pk"))
    if not standing:
        return False
    made = standing[number % len(standing)]
    merging.unmerge(merge_id=made.pk, by=company.revops, now=now)
    return True


def is_home(lead: Lead, touch: Touch) -> None:
    touch.refresh_from_db()
    assert (touch.lead_id, touch.person_id) == (lead.pk, lead.person_id)
    assert set(Signal.objects.filter(touch=touch).values_list("lead_id", flat=True)) == {lead.pk}


def adds_up(lead: Lead, company: Company) -> None:
    """The parts of the score are those of the lead's own behaviour, in the order it came."""
    signals = Signal.objects.filter(lead=lead).order_by("pk").values_list("kind", "occurred_at")
    expected = scoring.behaviour(signals, company.kit)
    rows = ScorePart.objects.filter(lead=lead).exclude(category="FIT").exclude(value=0)
    assert {row.rule: score_rows.part(row, signals) for row in rows} == expected
