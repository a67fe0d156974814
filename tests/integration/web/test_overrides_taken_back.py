"""What somebody undid overrides nothing: decisions keep it, and say so on pages, files and API."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from core import database
from leads.models import Lead
from lifecycle import actions
from people.models import User
from routing.models import CreditEntry, Decision, PoolMember
from tests import factories
from tests.callers import Caller
from tests.factories import DAY, HOUR, MINUTE

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> dt.datetime:
    return database.now() - HOUR


@pytest.fixture
def company(now: dt.datetime) -> factories.Company:
    return factories.company(now=now - DAY)


@pytest.fixture
def undone(company: factories.Company, now: dt.datetime) -> Decision:
    """Of a lead that its owner said was not theirs, and took back a minute later."""
    lead = factories.capture(now=now)
    owner = lead.owner
    assert owner is not None
    actions.misroute(lead_id=lead.pk, by=owner, why="LANGUAGE", now=now + MINUTE)
    actions.undo(lead_id=lead.pk, by=owner, now=now + 2 * MINUTE)
    return Decision.objects.filter(lead=lead).earliest("pk")


def again(decision: Decision, *, now: dt.datetime) -> User:
    """Its owner says so once more."""
    owner = Lead.objects.get(pk=decision.lead_id).owner
    assert owner is not None
    actions.misroute(lead_id=decision.lead_id, by=owner, why="SEGMENT", now=now)
    return owner


def page(user: User, address: str, **query: Any) -> str:
    client = Client()
    client.force_login(user)
    answer = client.get(address, query)
    assert answer.status_code == 200
    return b"".join(answer).decode() if answer.streaming else answer.content.decode()


@pytest.mark.parametrize("stands", [True, False])
def test_lists_go_by_what_stands(
    company: factories.Company, undone: Decision, now: dt.datetime, stands: bool
) -> None:
    if stands:
        again(undone, now=now + 3 * MINUTE)
    api, link = Caller(user=company.revops), f"/decisions/{undone.pk}/"
    for asked, said in ((True, "yes"), (False, "no")):
        rows = api.get("/api/v1/decisions/", overridden=str(asked).lower()).json()["results"]
        assert (str(undone.pk) in {one["id"] for one in rows}) is (asked is stands)
        assert (link in page(company.revops, "/decisions/", overridden=said)) is (asked is stands)
    assert "Said not to be theirs, taken back" in page(company.revops, "/decisions/")
    text = page(company.revops, "/decisions.csv", overridden="yes" if stands else "no")
    heading, *lines = (line.split(",") for line in text.splitlines())
    [line] = [one for one in lines if one[0] == str(undone.pk)]
    told = dict(zip(heading, line, strict=True))
    kind = "Said not to be theirs"
    assert (told["Overridden"], told["Taken back"]) == (kind if stands else "", kind)


def test_the_api_marks_what_was_taken_back(
    company: factories.Company, undone: Decision, now: dt.datetime
) -> None:
    again(undone, now=now + 3 * MINUTE)
    api = Caller(user=company.revops)
    lead = f"/api/v1/leads/{undone.lead_id}/decisions/"
    rows = [*api.get("/api/v1/decisions/").json()["results"], *api.get(lead).json()["results"]]
    told = [one["overrides"] for one in rows if one["id"] == str(undone.pk)]
    told.append(api.get(f"/api/v1/decisions/{undone.pk}/").json()["overrides"])
    assert len(told) == 3
    for first, second in told:
        assert (first["why"], second["why"]) == ("LANGUAGE", "SEGMENT")
        assert dt.datetime.fromisoformat(first["taken_back_at"]) == now + 2 * MINUTE
        assert second["taken_back_at"] is None


def test_its_page_tells_the_whole_story_in_order(
    company: factories.Company, undone: Decision, now: dt.datetime
) -> None:
    owner = again(undone, now=now + 3 * MINUTE)
    client = Client()
    client.force_login(company.revops)
    lines = client.get(f"/decisions/{undone.pk}/").context["decision"].afterwards
    first, second, *turns = lines
    assert "; taken back at " in first.text
    assert first.text.endswith(f" by {owner}")
    assert "taken back" not in second.text
    assert [one.label for one in turns] == [
        "Turn given back", "Turn counts again", "Turn given back",
    ]  # fmt: skip


def test_the_pool_counts_turns_again_and_corrects_nothing(
    company: factories.Company, undone: Decision
) -> None:
    booked = {
        (one.user_id, one.why): one.change for one in CreditEntry.objects.filter(decision=undone)
    }
    rows = Caller(user=company.revops).get("/api/v1/pools/dach/ledger/").json()["members"]
    assert rows
    for row in rows:
        account, user = row["account"], int(row["user"])
        assert account["counted_again"] == booked[user, "CORRECTED"] == -booked[user, "RETURNED"]
        assert account["corrected"] == 0
        assert (
            account["credit"]
            == PoolMember.objects.get(user=user).credit
            == sum(
                value * (-1 if name == "paid" else 1)
                for name, value in account.items()
                if name != "credit"
            )
        )
    text = page(company.revops, "/pools/dach/")
    assert "Counted again" in text
    assert f"Turn {undone.turn} counts again: undone" in text
