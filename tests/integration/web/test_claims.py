"""Who claims a lead second is told who was first, also where they may not see it any more."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from core import database
from leads import selectors
from leads.models import Lead
from lifecycle import actions
from people.models import User
from routing.models import PoolMember
from tests import factories
from tests.callers import Caller
from tests.factories import DAY, HOUR, MINUTE

pytestmark = pytest.mark.django_db


@pytest.fixture
def second(db: None) -> User:
    """Of the same pool as anna, and of no team with her."""
    factories.company(now=database.now() - 3 * DAY)
    return factories.rep("second", pools=["dach"])


def taken(*, by: str = "anna", ago: dt.timedelta = MINUTE) -> Lead:
    """A lead that waited in the pool's queue and was claimed."""
    PoolMember.objects.update(open_cap=0)
    lead = factories.capture(now=database.now() - ago - MINUTE)
    assert lead.queue == "dach"
    when = database.now() - ago
    return actions.claim(lead_id=lead.pk, by=User.objects.get(username=by), now=when)


def joined(who: User, at: dt.datetime) -> None:
    """As if they had come into their pools then."""
    PoolMember.history.filter(user=who).update(history_date=at)


def test_the_second_is_told_by_api_and_page(second: User) -> None:
    joined(second, database.now() - DAY)
    lead = taken()
    assert not selectors.visible_to(second).filter(pk=lead.pk).exists()
    answer = Caller(user=second).post(f"/api/v1/leads/{lead.pk}/claim/", {})
    assert answer.status_code == 409
    assert "Anna was first: the lead left the queue at " in answer.json()["detail"]
    assert answer.json()["state"] == {"lead": str(lead.pk), "owner": str(lead.owner_id)}
    client = Client()
    client.force_login(second)
    shown = client.post(f"/leads/{lead.pk}/claim/")
    assert shown.status_code == 409
    assert "Anna was first" in shown.content.decode()
    # Nothing else of the lead is theirs to see, nor to do.
    assert client.get(f"/leads/{lead.pk}/").status_code == 404
    assert client.post(f"/leads/{lead.pk}/accept/").status_code == 404
    assert Caller(user=second).post(f"/api/v1/leads/{lead.pk}/accept/", {}).status_code == 404


@pytest.mark.parametrize("who", ["stranger", "later", "left", "days ago", "no such lead"])
def test_who_could_not_see_it_there_lately_finds_nothing(second: User, who: str) -> None:
    joined(second, database.now() - 2 * DAY)
    lead = taken(ago=25 * HOUR if who == "days ago" else MINUTE)
    if who == "stranger":
        second = factories.rep("stranger")
    if who == "later":
        joined(second, database.now())
    if who == "left":
        member = PoolMember.objects.get(user=second)
        member.active = False
        member.save()
        joined(second, database.now() - HOUR)
    known = 10**9 if who == "no such lead" else lead.pk
    answer = Caller(user=second).post(f"/api/v1/leads/{known}/claim/", {})
    assert answer.status_code == 404
    client = Client()
    client.force_login(second)
    assert client.post(f"/leads/{known}/claim/").status_code == 404


def test_who_is_beaten_to_a_lead_gets_the_next_that_waits(
    second: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    PoolMember.objects.update(open_cap=0)
    first, following = (factories.capture(now=database.now() - ago) for ago in (HOUR, MINUTE))
    claim = actions.claim
    anna = User.objects.get(username="anna")

    def beaten(**asked: Any) -> Lead:
        monkeypatch.setattr(actions, "claim", claim)
        claim(lead_id=asked["lead_id"], by=anna)
        return claim(**asked)

    monkeypatch.setattr(actions, "claim", beaten)
    client = Client()
    client.force_login(second)
    answer = client.post("/queues/dach/claim/")
    assert answer["Location"] == f"/inbox/?lead={following.pk}"
    owners = Lead.objects.order_by("pk").values_list("owner", flat=True)
    assert list(owners) == [anna.pk, second.pk]
    assert first.pk < following.pk
    client.post("/queues/dach/claim/")
    told = client.get("/inbox/").content.decode()
    assert "Nothing waits in this queue any more." in told
