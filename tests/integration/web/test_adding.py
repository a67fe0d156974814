"""Adding a lead by hand: whom it may be is told, then it goes the way of every touchpoint."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from leads.models import Lead, Touch
from people.models import Role, Team, User
from tests import factories

pytestmark = pytest.mark.django_db
NEW = {
    "first_name": "Jona", "last_name": "Weiss", "email": "jona@weiss-werke.de", "company": "Weiss",
    "title": "COO", "channel": "OUTBOUND", "note": "Met on the train.",
}  # fmt: skip


@pytest.fixture
def anna() -> User:
    company = factories.company(now=timezone.now() - dt.timedelta(days=1), reps=("anna",))
    return company.reps[0]


def stranger() -> User:
    """A rep of a team that anna is not in."""
    bert = factories.rep("bert", pools=[])
    bert.team = Team.objects.create(name="Nordics")
    bert.save(update_fields=["team"])
    return bert


def found(lead: Lead) -> str:
    """The inbox with the lead in hand."""
    return f"{reverse('console:inbox')}?lead={lead.pk}"


def sent(user: User, data: dict[str, Any], name: str = "lead-add", **more: Any) -> Any:
    client = Client()
    client.force_login(user)
    return client.post(reverse(f"console:{name}"), data, **more)


def test_what_is_added_goes_the_usual_way_and_is_theirs_once(anna: User) -> None:
    answer = sent(anna, NEW)
    lead = Lead.objects.get(person__email=NEW["email"])
    assert (answer.status_code, lead.stage) == (303, "SAL")
    assert (lead.owner, lead.sourced_by, lead.person.title) == (anna, anna, "COO")
    assert answer["Location"] == found(lead)
    touch = Touch.objects.get(lead=lead)
    assert (touch.channel, touch.status, touch.payload["note"]) == (
        "OUTBOUND", "ADVANCED", NEW["note"],
    )  # fmt: skip
    seen = {**NEW, "seen": str(lead.pk)}
    assert sent(anna, seen)["Location"] == found(lead)  # pressed twice
    assert Touch.objects.count() == 1


def test_who_is_known_is_told_before_with_who_works_them(anna: User) -> None:
    bert = stranger()
    sent(bert, NEW)
    lead = Lead.objects.get()
    typed = sent(anna, {"email": " JONA@weiss-werke.de"}, "lead-alike").content.decode()
    assert f"worked by {bert}, team Nordics" in typed
    assert "Jona" not in typed
    refused = sent(anna, {**NEW, "note": "Mine"})
    page = refused.content.decode()
    assert refused.status_code == 409
    assert f"worked by {bert}" in page
    assert 'value="Jona"' in page
    assert "Mine" in page
    assert Touch.objects.count() == 1
    answer = sent(anna, {**NEW, "note": "Mine", "seen": str(lead.pk)})
    lead.refresh_from_db()
    assert (answer.status_code, lead.owner, lead.touches.count()) == (303, bert, 2)


@pytest.mark.parametrize(
    ("typed", "because"),
    [
        ({"phone": "040 123456", "country": "DE"}, "the same number"),
        ({"first_name": "jona", "last_name": "WEISS", "company": "Weiss GmbH"}, "the same name"),
        ({"email": "other@weiss-werke.de"}, "at the same company"),
        ({"email": "jona@gmail.com", "first_name": "Jona"}, ""),
        ({"email": "jona@", "phone": "+"}, ""),
    ],
)
def test_they_are_found_by_whatever_is_typed(
    anna: User, typed: dict[str, str], because: str
) -> None:
    sent(anna, {**NEW, "phone": "+49 40 123456"})
    page = sent(anna, typed, "lead-alike").content.decode()
    assert ("Jona Weiss" in page) is bool(because)
    assert because in page


@pytest.mark.parametrize(
    ("field", "typed"),
    [("email", "no address"), ("phone", "abc"), ("phone", "12"), ("domain", "http://foo bar")],
)
def test_faults_stand_beside_their_fields_and_keep_what_was_typed(
    anna: User, field: str, typed: str
) -> None:
    answer = sent(anna, {**NEW, "country": "DE", field: typed}, headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'value="{typed}"' in page
    assert page.count("field__error") == 1
    assert re.search(rf'name="{field}"[^>]*aria-invalid="true"', page)
    assert not Lead.objects.exists()


def test_only_who_works_leads_adds_them(anna: User) -> None:
    nina = User.objects.create_user("nina", "nina@leadgov.test", role=Role.MARKETING)
    assert sent(nina, NEW).status_code == 403
    assert sent(nina, {"email": NEW["email"]}, "lead-alike").status_code == 403


def test_who_was_theirs_before_stays_theirs_and_nothing_is_offered_to_be_undone(
    anna: User,
) -> None:
    sent(anna, NEW)
    lead = Lead.objects.get()
    answer = sent(anna, {**NEW, "note": "Called back", "seen": str(lead.pk)})
    [said] = list(get_messages(answer.wsgi_request))[-1:]
    assert "was yours already, at SAL" in said.message
    assert not said.extra_tags
