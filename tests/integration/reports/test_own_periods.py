"""Each holder's own time of a lead that nobody had when its clock began."""

from __future__ import annotations

import datetime as dt

import pytest

from leads.models import Lead
from lifecycle import actions, playbook
from people.models import User
from reports import sla
from reports.periods import Period
from sla import sweeps
from sla.models import Clock
from tests import factories
from tests.factories import DAY, HOUR, MINUTE, NOW, Company
from tests.kit_edits import part

pytestmark = pytest.mark.django_db

PERIOD = Period(NOW - DAY, NOW + 9 * DAY)
TAKEN = NOW + HOUR


@pytest.fixture
def company() -> Company:
    """Contact is owed within four hours, and by whoever gets the lead from somebody as well."""
    document = playbook.document()
    document["parts"].pop("fixture", None)
    whole = part(document["parts"], "clock_policy", "first_contact.form")
    whole |= {"minutes": 240, "calendar": "always"}
    own = {"key": "contact.own", "scope": "OWNERSHIP", "starts_on": ["REASSIGNED"]}
    document["parts"]["clock_policy"].append({**whole, **own})
    return factories.company(text=document)


@pytest.fixture
def lead(company: Company) -> Lead:
    """Waits in a queue from when the buyer asked."""
    made = factories.capture(company={"country": "US"})
    assert made.owner_id is None
    return made


def give(lead: Lead, to: User | None, company: Company, now: dt.datetime) -> None:
    actions.reassign(lead_id=lead.pk, by=company.revops, to=to and to.pk, reason="Theirs", now=now)


def call(lead: Lead, by: User, now: dt.datetime) -> None:
    actions.log_activity(lead_id=lead.pk, by=by, kind="CALL", now=now)


def own(company: Company, now: dt.datetime, by: str = "rep") -> dict[str, sla.Row]:
    only = {"obligation": "first_contact", "scope": "OWNERSHIP"}
    found = sla.build(company.revops, period=PERIOD, by=by, only=only, now=now)
    return {row.key: row for row in found.rows}


def figures(row: sla.Row) -> tuple[int, int, int, int, int]:
    return row.met, row.late, row.breached, row.running, row.cancelled


def test_it_begins_when_they_get_it(company: Company, lead: Lead) -> None:
    anna = company.reps[0]
    assert own(company, TAKEN) == {}
    give(lead, anna, company, TAKEN)
    key = str(anna.pk)
    assert figures(own(company, TAKEN)[key]) == (0, 0, 0, 1, 0)
    call(lead, anna, TAKEN + HOUR)
    row = own(company, TAKEN + HOUR)[key]
    assert figures(row) == (1, 0, 0, 0, 0)
    assert (row.elapsed_median, row.working_median) == (3600, None)
    whole = sla.build(company.revops, period=PERIOD, only={"obligation": "first_contact"})
    assert (whole.totals.met, whole.totals.elapsed_median) == (1, 7200)


def test_it_ends_when_they_hand_it_on(company: Company, lead: Lead) -> None:
    anna, ben = company.reps
    give(lead, anna, company, TAKEN)
    give(lead, ben, company, NOW + 5 * HOUR)  # an hour after it was due
    call(lead, ben, NOW + 6 * HOUR)
    found = own(company, NOW + 6 * HOUR)
    assert figures(found[str(anna.pk)]) == (0, 1, 0, 0, 0)
    assert found[str(anna.pk)].elapsed_median == 4 * 3600
    assert figures(found[str(ben.pk)]) == (1, 0, 0, 0, 0)


def test_what_nobody_kept_is_held_against_nobody(company: Company, lead: Lead) -> None:
    anna = company.reps[0]
    late = NOW + 5 * HOUR
    sweeps.warn_and_breach(now=late)
    give(lead, anna, company, late)
    assert figures(own(company, late)[str(anna.pk)]) == (0, 0, 0, 0, 1)
    call(lead, anna, late + MINUTE)
    row = own(company, late + MINUTE)[str(anna.pk)]
    assert (figures(row), row.cancelled_late, row.elapsed_median) == ((0, 0, 0, 0, 1), 0, None)
    assert Clock.objects.get(lead=lead, obligation="first_contact").breached_at is not None


def test_the_day_is_that_on_which_they_got_it(company: Company, lead: Lead) -> None:
    Clock.objects.filter(lead=lead).update(due_at=NOW + 3 * DAY)
    give(lead, company.reps[0], company, NOW + DAY)
    assert [*own(company, NOW + DAY, by="day")] == [str((NOW + DAY).date())]
