"""The form and the API that log a contact take a next step along; one undo takes both back."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from leads.models import Activity, Lead
from people.models import User
from tests import factories

pytestmark = pytest.mark.django_db

CALL = {"kind": "CALL", "outcome": "COMPLETED", "direction": "OUTBOUND", "at": "", "note": ""}
PICK, AT, KIND = "next_step.pick", "next_step.at", "next_step.kind"


@pytest.fixture
def company() -> factories.Company:
    return factories.company(now=timezone.now() - dt.timedelta(days=1))


@pytest.fixture
def lead(company: factories.Company) -> Lead:
    return factories.capture(now=timezone.now())


def asked(user: User | None, lead: Lead, data: dict[str, Any] | None = None) -> Any:
    client, url = Client(), reverse("console:lead-action", args=[lead.pk, "activity"])
    assert user is not None
    client.force_login(user)
    return client.get(url) if data is None else client.post(url, data)


def page(user: User | None, lead: Lead) -> str:
    client = Client()
    assert user is not None
    client.force_login(user)
    return client.get(reverse("console:lead", args=[lead.pk])).content.decode()


def days(form: str) -> list[str]:
    return re.findall(r'<option value="(\d{4}-[^"]+)"', form)


def promised(lead: Lead) -> tuple[dt.datetime | None, str]:
    lead.refresh_from_db()
    return lead.next_step_at, lead.next_step_kind


def test_a_day_that_is_offered_is_promised_with_the_contact_and_undone_with_it(lead: Lead) -> None:
    first = days(asked(lead.owner, lead).content.decode())[0]
    answer = asked(lead.owner, lead, {**CALL, PICK: first, AT: "", KIND: "EMAIL"})
    assert answer.status_code == 303
    assert promised(lead) == (dt.datetime.fromisoformat(first), "EMAIL")
    told = page(lead.owner, lead)
    assert "promised the next step" in told
    assert "Next step: e-mail" in told
    client = Client()
    client.force_login(lead.owner)  # type: ignore[arg-type]
    undo = reverse("console:lead-action", args=[lead.pk, "undo"])
    [said] = get_messages(client.post(undo).wsgi_request)
    assert "nor does the next step promised with it" in said.message
    assert promised(lead) == (None, "")
    assert not Activity.objects.standing().filter(lead=lead, kind="CALL").exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({PICK: "other", AT: ""}, "choose a day above"),
        ({PICK: "other", AT: "2020-01-01T10:00"}, "It lies ahead, within a year"),
        ({PICK: "2020-01-01T10:00:00+00:00"}, "It lies ahead, within a year"),
        ({PICK: "whenever"}, "Select a valid choice"),
        ({PICK: "2026-13-01T10:00:00+00:00"}, "Select a valid choice"),
        ({PICK: "other", AT: "2020-01-01T10:00", KIND: "NOTE"}, "Select a valid choice"),
    ],
)
def test_a_time_that_cannot_be_is_refused_in_words_and_nothing_is_lost(
    lead: Lead, given: dict[str, str], said: str
) -> None:
    answer = asked(lead.owner, lead, {**CALL, "note": "They like blue", **given})
    assert answer.status_code == 422
    told = answer.content.decode()
    assert said in told
    assert "They like blue" in told
    assert not Activity.objects.filter(lead=lead).exists()


def test_who_does_not_work_the_lead_is_offered_no_next_step(
    lead: Lead, company: factories.Company
) -> None:
    other = next(one for one in company.reps if one.pk != lead.owner_id)
    assert PICK not in asked(other, lead).content.decode()
    assert PICK in asked(company.manager, lead).content.decode()


def test_a_day_offered_before_is_shown_again_where_something_else_is_wrong(lead: Lead) -> None:
    in_a_week = (timezone.now() + dt.timedelta(days=9)).replace(microsecond=0).isoformat()
    answer = asked(lead.owner, lead, {**CALL, "kind": "NONE", PICK: in_a_week})
    assert re.search(rf'<option value="{re.escape(in_a_week)}" selected', answer.content.decode())
