"""The guided tour: offered where it was meant to be, step by step, resumed, ended, taken again."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from people import tours
from people.models import Role, Tour, User
from tests import factories
from web.console import tour_steps

pytestmark = pytest.mark.django_db

PANEL = 'id="tour"'


@pytest.fixture
def company() -> factories.Company:
    return factories.company(now=timezone.now() - factories.DAY)


def opened(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return " ".join(answer.content.decode().split())


def test_it_is_offered_on_the_first_page_alone_and_refused_for_good(
    company: factories.Company,
) -> None:
    boss = opened(company.manager)
    assert PANEL not in text(boss, "/team/")
    assert boss.post("/tour/", {"step": "1"}).status_code == 404
    tours.offer([company.manager, company.marketing])
    assert "A tour of 6 steps" in text(boss, "/team/")
    assert PANEL not in text(boss, "/leads/")
    assert PANEL not in text(opened(company.reps[0]), "/inbox/")
    boss.post("/tour/", {"step": "0"})
    shown = text(boss, "/team/")
    assert PANEL not in shown
    assert "Take the tour again" in shown
    tours.offer([company.manager])
    assert PANEL not in text(boss, "/team/")
    assert PANEL in text(opened(company.marketing), "/home/")


@pytest.mark.parametrize(
    ("name", "role"),
    [("anna", "SDR"), ("mia", "MANAGER"), ("mark", "MARKETING"), ("rita", "REVOPS")],
)
def test_it_leads_through_real_pages_and_goes_on_where_it_was_left(
    company: factories.Company, name: str, role: str
) -> None:
    factories.captures([factories.touch() for _ in range(2)], now=timezone.now())
    user = User.objects.get(username=name)
    tours.offer([user])
    client, steps = opened(user), tour_steps.STEPS[role]
    address = "/"
    for place, step in enumerate(steps, 1):
        answer = client.post("/tour/", {"step": place})
        address = answer["Location"]
        shown = text(client, address)
        assert f"Step {place} of {len(steps)}" in shown
        assert step.title.replace("'", "&#x27;") in shown
        assert "Take me there" not in shown
        assert f"Step {place} of {len(steps)}" in text(opened(user), "/help/")
        assert "Take me there" in text(client, "/help/")
    assert "Finish" in text(client, address)
    assert client.post("/tour/", {"next": address})["Location"] == address
    assert PANEL not in text(client, address)
    assert Tour.objects.get(user=user).ended_at is not None
    assert client.post("/tour/", {"step": "1"})["Location"] == reverse(f"console:{steps[0].page}")
    assert "Step 1 of" in text(client, "/help/")
    assert client.post("/tour/", {"step": "99"})["Location"] == address


def test_who_has_no_role_with_a_tour_sees_none() -> None:
    fin = factories.user("fin", role=Role.FINANCE)
    tours.offer([fin])
    client = opened(fin)
    assert PANEL not in text(client, "/opportunities/")
    assert client.post("/tour/", {"step": "1"}).status_code == 404
