"""Who may merge whom, what is refused, and how suggestions are decided."""

from __future__ import annotations

import pytest

from core import errors
from leads.models import DuplicateSuggestion, Lead
from lifecycle import actions, merging
from tests.factories import NOW, Company
from tests.merging_two import LATER, inquiry, merge, mql, quiet, unmerge, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(shared_company: Company) -> Company:
    return shared_company


def test_merged_leads_refuse_to_be_acted_on_and_say_where_it_goes_on(company: Company) -> None:
    one, other = mql(), inquiry()
    merge(one, other, company)
    with pytest.raises(errors.TooLate, match=f"merged into lead {one.pk}") as refusal:
        actions.log_activity(lead_id=other.pk, by=company.revops, kind="CALL", now=LATER)
    assert refusal.value.state["merged_into"] == str(one.pk)


@pytest.mark.parametrize(
    ("pair", "told"),
    [
        (("one", "one"), "one person already"),
        (("one", "other"), "one person already"),
        (("third", "other"), "merged into person"),
        (("one", "nobody"), "There is no person"),
        (("nobody", "one"), "There is no person"),
    ],
)
def test_what_cannot_be_merged_is_refused(
    pair: tuple[str, str], told: str, company: Company
) -> None:
    leads = {"one": quiet(), "other": quiet(), "third": quiet()}
    merge(leads["one"], leads["other"], company)
    ids = {name: lead.person_id for name, lead in leads.items()} | {"nobody": 10**9}
    with pytest.raises(errors.DomainError, match=told):
        merging.merge(winner_id=ids[pair[0]], loser_id=ids[pair[1]], by=company.revops)


def test_choices_that_are_none_are_named_one_by_one(company: Company) -> None:
    one, other = quiet(), quiet()
    with pytest.raises(errors.InvalidInput) as refusal:
        merge(one, other, company, keep={"salary": "LOSER", "title": "BOTH", "email": "LOSER"})
    assert [fault.field for fault in refusal.value.errors] == ["keep.salary", "keep.title"]


def test_a_merge_is_taken_back_once(company: Company) -> None:
    made = merge(quiet(), quiet(), company)
    unmerge(made, company)
    with pytest.raises(errors.TooLate, match="taken back already"):
        unmerge(made, company)


def test_reps_merge_their_own_and_take_back_their_own(company: Company) -> None:
    anna, ben = company.reps
    hers, his, nobodys = mql(), mql(), quiet()
    for lead, rep in ((hers, anna), (his, ben)):
        if lead.owner_id != rep.pk:
            actions.reassign(lead_id=lead.pk, by=company.revops, to=rep.pk, reason="-", now=NOW)
    with pytest.raises(errors.NotAllowed):
        merge(hers, his, company, by=anna)
    with pytest.raises(errors.NotAllowed):  # nobody's, but not hers to see
        merge(hers, nobodys, company, by=anna)
    Lead.objects.filter(pk=nobodys.pk).update(sourced_by=anna)
    made = merge(hers, nobodys, company, by=anna)
    with pytest.raises(errors.NotAllowed):
        merging.unmerge(merge_id=made.pk, by=ben, now=LATER)
    merging.unmerge(merge_id=made.pk, by=anna, now=LATER)


def test_suggestions_are_made_followed_dismissed_and_reopened(company: Company) -> None:
    one, other = quiet(), quiet()
    rep = company.reps[0]
    made = merging.suggest(lead_id=one.pk, other_id=other.pk, by=rep, now=NOW)
    assert merging.suggest(lead_id=other.pk, other_id=one.pk, by=rep, now=NOW).pk == made.pk
    with pytest.raises(errors.NotAllowed):
        merging.dismiss(suggestion_id=made.pk, by=rep)
    before = world()
    done = merge(one, other, company, suggestion_id=made.pk)
    assert DuplicateSuggestion.objects.get().status == "MERGED"
    unmerge(done, company)
    assert world() == before
    assert merging.dismiss(suggestion_id=made.pk, by=company.marketing, now=NOW)
    assert not merging.dismiss(suggestion_id=made.pk, by=company.marketing, now=NOW)
    assert merging.reopen(suggestion_ids=[made.pk], by=company.marketing) == 1
