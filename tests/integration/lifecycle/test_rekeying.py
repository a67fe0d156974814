"""An address or number typed here is a key like one of a touch; taken back, all is as it was."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from core.errors import TooLate
from leads.models import ContactPoint, DuplicateSuggestion, IdentityKey, Lead
from lifecycle import actions, editing
from lifecycle.editing import Edited
from lifecycle.invariants import run
from lifecycle.rekeying import AddressTaken
from tests import factories
from tests.factories import HOUR, MINUTE, NOW

pytestmark = pytest.mark.django_db

PHONE, NEW_MAIL = "+49 30 2345678", "petra@elsewhere.example"


@pytest.fixture
def company() -> factories.Company:
    return factories.company()


@pytest.fixture
def lead(company: factories.Company) -> Lead:
    return factories.capture()


def edit(lead: Lead, by: Any, *, now: dt.datetime = NOW + MINUTE, **values: str) -> Edited:
    named = {f"person.{name}": value for name, value in values.items()}
    done = editing.edit(lead_id=lead.pk, by=by, values=named, now=now)
    factories.check_rules()
    return done


def came(now: dt.datetime = NOW + HOUR, **person: str) -> Lead:
    """The lead of a touch that says nothing but this."""
    return factories.capture({"channel": "PHONE", "person": person}, now=now)


def state() -> dict[str, Any]:
    """Everything that identity hangs on."""
    return {
        "keys": list(IdentityKey.objects.order_by("pk").values()),
        "points": list(ContactPoint.objects.order_by("pk").values()),
        "pairs": list(DuplicateSuggestion.objects.order_by("pk").values()),
        "people": list(Lead.objects.order_by("pk").values_list(
            "person__first_name", "person__title", "person__seniority", "person__function",
            "person__email", "person__phone", "person__provenance", "person__name_key",
            "account__employees", "account__provenance")),
    }  # fmt: skip


def sound() -> None:
    broken = {one.invariant.key for one in run.check(now=NOW + HOUR) if one.broken}
    # Nobody swept the clocks meanwhile.
    assert {key for key in broken if not key.startswith("clock.")} == set()


def test_a_number_that_is_typed_here_recognises_its_buyer(
    company: factories.Company, lead: Lead
) -> None:
    edit(lead, company.revops, phone=PHONE)
    assert came(phone="0049 30 2345678").pk == lead.pk
    sound()


def test_a_new_address_and_the_former_one_both_recognise_the_buyer(
    company: factories.Company, lead: Lead
) -> None:
    former = lead.person.email
    edit(lead, company.revops, email=NEW_MAIL.upper())
    assert came(email=NEW_MAIL).pk == lead.pk
    assert came(email=former).pk == lead.pk
    sound()


@pytest.mark.parametrize("may_see", [True, False])
def test_an_address_by_which_another_is_recognised_is_refused_and_nothing_is_changed(
    company: factories.Company, lead: Lead, may_see: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = factories.capture()
    if not may_see:
        monkeypatch.setattr("leads.selectors.visible_to", lambda _: Lead.objects.none())
    before = state()
    with pytest.raises(AddressTaken) as refused:
        edit(lead, company.revops, email=other.person.email, title="CFO")
    assert refused.value.errors[0].field == "person.email"
    assert refused.value.state == ({"lead": str(other.pk)} if may_see else {})
    assert (other.person.name in refused.value.message) == may_see
    assert state() == before


def test_a_number_of_another_is_how_they_are_reached_and_suggests_the_two(
    company: factories.Company, lead: Lead
) -> None:
    other = factories.capture(person={"phone": PHONE, "last_name": "Kaufmann"})
    told = {one.code for one in edit(lead, company.revops, phone=PHONE).remarks}
    assert told == {"contact", "suggested"}
    assert came(phone=PHONE).pk == other.pk
    pair = DuplicateSuggestion.objects.get()
    assert {pair.first_id, pair.second_id} == {lead.person_id, other.person_id}
    assert (pair.source, pair.touch) == (DuplicateSuggestion.Source.PERSON, None)
    assert ContactPoint.objects.get(person=lead.person_id).value == "+49302345678"
    sound()


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ({"email": "info@nordwind.example"}, {"contact"}),
        ({"phone": "at the porter's"}, {"unreadable"}),
        ({"phone": PHONE, "email": NEW_MAIL}, set()),
        ({"email": ""}, set()),
    ],
)
def test_who_types_it_is_told_what_it_is_worth(
    company: factories.Company, lead: Lead, values: dict[str, str], codes: set[str]
) -> None:
    edited = edit(lead, company.revops, **values)
    assert {one.code for one in edited.remarks} == codes
    lead.person.refresh_from_db()
    assert {name: getattr(lead.person, name) for name in values} == values
    sound()


@pytest.mark.parametrize("phone", [PHONE, "+49 30 7654321"])
def test_what_is_taken_back_is_as_it_was(
    company: factories.Company, lead: Lead, phone: str
) -> None:
    factories.capture(person={"phone": "+49 30 7654321", "first_name": "Olga", "last_name": "Berg"})
    before = state()
    edit(lead, company.revops, phone=phone, email=NEW_MAIL, title="CFO", first_name="Pia")
    assert state() != before
    actions.undo(lead_id=lead.pk, by=company.revops, now=NOW + 2 * MINUTE)
    factories.check_rules()
    assert state() == before
    sound()
    with pytest.raises(TooLate):
        actions.undo(lead_id=lead.pk, by=company.revops, now=NOW + 3 * MINUTE)


def test_only_one_s_own_change_is_taken_back_soon_and_before_anything_follows(
    company: factories.Company, lead: Lead
) -> None:
    edit(lead, company.revops, phone=PHONE)
    for by, at in ((company.manager, NOW + 2 * MINUTE), (company.revops, NOW + 24 * HOUR)):
        with pytest.raises(TooLate):
            actions.undo(lead_id=lead.pk, by=by, now=at)
    came(phone=PHONE, now=NOW + 2 * MINUTE)
    with pytest.raises(TooLate):
        actions.undo(lead_id=lead.pk, by=company.revops, now=NOW + 3 * MINUTE)
