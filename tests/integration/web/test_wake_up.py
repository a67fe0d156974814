"""Wake-ups at the doors: the form with the step, the lead's page, the list, and the API."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from people.models import User
from tests import factories
from tests.acting import fresh, owner
from tests.callers import Caller

pytestmark = pytest.mark.django_db


def client(of: User) -> Client:
    found = Client()
    found.force_login(of)
    return found


def test_it_is_set_with_the_step_shown_listed_and_changed() -> None:
    company = factories.company()
    lead = factories.capture()
    rep = client(owner(lead))
    address = reverse("console:lead-action", args=[lead.pk, "reject"])
    assert "Looked at again after 90 days." in rep.get(address).content.decode()
    soon = timezone.localdate() + dt.timedelta(days=5)
    said = {
        "reason": "timing",
        "note": "Spring",
        "wake_at": soon.isoformat(),
        "wake_on": "band:hot",
    }
    assert rep.post(address, said).status_code == 303
    assert fresh(lead).wake_on == "band:hot"
    mark = client(company.marketing)
    page = mark.get(reverse("console:lead", args=[lead.pk])).content.decode()
    assert "or once their score is hot" in page
    listed = mark.get(reverse("console:leads"), {"due": "waking"}).content.decode()
    assert lead.person.last_name in listed
    door = Caller(user=company.marketing)
    shown = door.get(f"/api/v1/leads/{lead.pk}/").json()
    assert (shown["wake_at"][:10], shown["wake_on"]) == (soon.isoformat(), "band:hot")
    answer = door.post(f"/api/v1/leads/{lead.pk}/wake_up/", {"wake_on": "signal:trial_start"})
    assert answer.status_code == 200, answer.content
    assert (answer.json()["wake_at"], answer.json()["wake_on"]) == (None, "signal:trial_start")
    form = reverse("console:lead-action", args=[lead.pk, "wake-up"])
    assert mark.post(form, {"wake_at": "", "wake_on": ""}).status_code == 303
    assert fresh(lead).wake_on == ""
    assert (
        "set that nothing wakes it"
        in mark.get(reverse("console:lead", args=[lead.pk])).content.decode()
    )


def test_the_api_takes_it_with_the_step_and_refuses_what_cannot_come() -> None:
    factories.company()
    lead = factories.capture()
    door = Caller(user=owner(lead))
    at = (timezone.now() + dt.timedelta(days=30)).isoformat()
    said = {"reason": "timing", "note": "Spring", "wake_at": at, "wake_on": "signal:no"}
    answer = door.post(f"/api/v1/leads/{lead.pk}/reject/", said)
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == ["wake_on"]
    answer = door.post(f"/api/v1/leads/{lead.pk}/reject/", {**said, "wake_on": ""})
    assert answer.status_code == 200, answer.content
    assert fresh(lead).wake_at is not None
