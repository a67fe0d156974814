"""Fields changed by hand: who may, what follows, and that machines leave them alone."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import InvalidInput, NotAllowed, TooLate
from leads.models import EventKind, Lead, Person
from leads.stages import Stage
from lifecycle import editing
from lifecycle.invariants import run
from tests import factories
from tests.factories import HOUR, MINUTE, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> factories.Company:
    return factories.company()


def edit(lead: Lead, by: Any, **values: Any) -> Lead:
    named = {name.replace("__", "."): value for name, value in values.items()}
    editing.edit(lead_id=lead.pk, by=by, values=named, now=NOW + MINUTE)
    factories.check_rules()
    return Lead.objects.select_related("person", "account").get(pk=lead.pk)


def test_what_a_person_adds_makes_an_mql_and_tells_no_value(company: factories.Company) -> None:
    thin = factories.capture(company={"employees": ""})
    assert thin.stage == Stage.INQUIRY
    lead = edit(thin, company.revops, company__employees="420", person__title="CFO")
    assert (lead.stage, lead.owner is not None) == (Stage.MQL, True)
    assert (lead.person.seniority, lead.person.function) == ("C_LEVEL", "FINANCE")
    event = lead.events.get(kind=EventKind.EDITED)
    assert (event.because["override"], event.because["fields"]) == (
        True, ["person.title", "company.employees"]
    )  # fmt: skip
    assert "CFO" not in str(event.because)
    assert event.by == company.revops
    assert lead.person.provenance["title"][:2] == ["user", 100]
    change = Person.history.filter(id=lead.person_id).latest("history_date")
    assert (change.title, change.history_user_id) == ("CFO", company.revops.pk)
    assert [one.invariant.key for one in run.check(now=NOW + MINUTE) if one.broken] == []


def test_later_touches_do_not_overwrite_it_whatever_the_kit_says(
    company: factories.Company,
) -> None:
    rules = [
        {
            "key": f"r{number}",
            "position": number,
            "field": field,
            "overwrite": "ALWAYS",
            "prose": "",
        }
        for number, field in enumerate(("person.title", "company.employees"))
    ]
    factories.next_kit(lambda parts: parts.update(field_rule=rules), by=company.revops)
    body = factories.touch(person={"title": "Buyer"})
    lead = edit(factories.capture(body), company.revops, person__title="CFO")
    again = {**body, "company": {**body["company"], "employees": "77"},
             "person": {**body["person"], "title": "Intern"}}  # fmt: skip
    factories.capture(again, now=NOW + HOUR)
    lead.refresh_from_db()
    lead.person.refresh_from_db()
    assert (lead.person.title, lead.account and lead.account.pk) == ("CFO", lead.account_id)
    lead = Lead.objects.select_related("account").get(pk=lead.pk)
    assert lead.account is not None
    assert lead.account.employees == 77  # nobody typed that one


def test_an_emptied_field_is_filled_by_the_buyer_only(company: factories.Company) -> None:
    body = factories.touch()
    lead = edit(factories.capture(body), company.revops, person__title="")
    assert (lead.person.title, lead.person.seniority) == ("", "")
    factories.capture(body, now=NOW + HOUR)
    lead.person.refresh_from_db()
    assert lead.person.title == body["person"]["title"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("person.country", "Atlantis"), ("company.employees", "many"), ("company.employees", "-1"),
        ("company.employees", "1.5"), ("company.employees", "1e99"),
        ("company.employees", "1E+999999999"), ("company.employees", "NaN"),
        ("company.annual_revenue", "1e15"), ("company.annual_revenue", "-1E+99999999"),
        ("company.annual_revenue", "-1"), ("company.annual_revenue", "(500)"),
        ("company.annual_revenue", "1,5,0"), ("company.annual_revenue", "plenty"),
        ("company.currency", "EURO"), ("person.title", "a\0"),
        ("person.seniority", "EMPEROR"), ("person.title", "x" * 161), ("person.email", "a at b"),
        ("company.domain", "x.de"), ("company.status", "CUSTOMER"), ("lead.stage", "WON"), ("", ""),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_leaves_no_trace(
    company: factories.Company, field: str, value: str
) -> None:
    lead = factories.capture()
    with pytest.raises(InvalidInput) as refused:
        editing.edit(
            lead_id=lead.pk, by=company.revops, values={field: value, "person.last_name": "New"}
        )
    assert [one.field for one in refused.value.errors] == [field]
    lead.person.refresh_from_db()
    assert lead.person.last_name != "New"
    assert not lead.events.filter(kind=EventKind.EDITED).exists()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("50.000,00", "50000.00"), ("50,000.5", "50000.50"), ("1.2M", "1200000.00"),
        ("€ 3 400,50", "3400.50"), ("1234.50", "1234.50"), ("0", "0.00"), ("", "None"),
    ],
)  # fmt: skip
def test_a_revenue_is_read_as_those_of_touchpoints(
    company: factories.Company, typed: str, kept: str
) -> None:
    lead = edit(factories.capture(), company.revops, company__annual_revenue=typed)
    assert lead.account is not None
    lead.account.refresh_from_db()
    assert str(lead.account.annual_revenue) == kept


def test_only_the_owner_their_manager_and_revops_may(company: factories.Company) -> None:
    lead = factories.capture()
    other = next(rep for rep in company.reps if rep != lead.owner)
    for by in (other, company.marketing):
        with pytest.raises((NotAllowed, TooLate)):
            edit(lead, by, person__title="CFO")
    for number, by in enumerate((lead.owner, company.manager, company.revops)):
        assert edit(lead, by, person__title=f"CFO {number}").person.title == f"CFO {number}"


def test_saying_what_is_there_already_vouches_for_it_without_an_event(
    company: factories.Company,
) -> None:
    lead = factories.capture()
    lead = edit(lead, company.revops, person__title=lead.person.title)
    assert lead.person.provenance["title"][0] == "user"
    assert not lead.events.filter(kind=EventKind.EDITED).exists()
