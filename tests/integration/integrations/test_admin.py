"""Endpoints are set up in the administration; addresses and secrets go in and never come out."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core import sealing
from governance.kit import Kit
from integrations.models import Attempt, Endpoint, Sending
from people.models import Role
from tests import small_company as company
from tests.provider_server import Server, refuses

ADD = "admin:integrations_endpoint_add"
LIST = "admin:integrations_endpoint_changelist"


@pytest.fixture
def browser(kit: Kit) -> Client:
    client = Client()
    client.force_login(company.person("Rita", role=Role.REVOPS, is_staff=True))
    return client


def filled(url: str, **more: Any) -> dict[str, Any]:
    return {"label": "Warehouse", "kind": "EVENTS", "active": "on", "new_url": url,
            "kinds": ["STAGE", "ASSIGNED"], "pool": "", **more}  # fmt: skip


def told(answer: Any) -> str:
    return " ".join(str(one) for one in answer.context["messages"])


def test_a_secret_is_shown_once_and_the_address_never(browser: Client, server: Server) -> None:
    url = server.url + "/canary-4711"
    answer = browser.post(reverse(ADD), filled(url), follow=True)
    row = Endpoint.objects.get()
    secret = sealing.unseal(row.secret)
    assert secret in told(answer)
    assert (sealing.unseal(row.url), row.host) == (url, "127.0.0.1")
    assert url not in row.url
    change = reverse("admin:integrations_endpoint_change", args=[row.pk])
    history = reverse("admin:integrations_endpoint_history", args=[row.pk])
    for page in (reverse(LIST), change, history):
        text = browser.get(page).content.decode()
        assert "canary-4711" not in text
        assert secret not in text
        assert row.secret not in text


def test_a_new_secret_leaves_the_former_signing_until_it_is_dropped(
    browser: Client, server: Server
) -> None:
    browser.post(reverse(ADD), filled(server.url))
    first = Endpoint.objects.get().secret
    change = reverse("admin:integrations_endpoint_change", args=[Endpoint.objects.get().pk])
    assert "Say why" in browser.post(change, filled("", new_secret="on")).content.decode()
    browser.post(change, filled("", new_secret="on", reason="yearly"))
    row = Endpoint.objects.get()
    assert row.former_secret == first != row.secret
    browser.post(change, filled("", drop_former="on", reason="taken over"))
    row.refresh_from_db()
    assert (row.former_secret, bool(row.secret)) == ("", True)
    assert row.history.count() == 3


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/", "https://localhost/", "http://hooks.example.com/", ""]
)
def test_an_address_that_leads_inside_is_not_saved(browser: Client, url: str) -> None:
    answer = browser.post(reverse(ADD), filled(url))
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors["new_url"]
    assert not Endpoint.objects.exists()


def test_a_test_event_is_sent_and_what_failed_is_sent_again(
    browser: Client, server: Server
) -> None:
    browser.post(reverse(ADD), filled(server.url))
    row = Endpoint.objects.get()
    chosen = {"action": "send_test", "_selected_action": [row.pk]}
    assert "will be sent" in told(browser.post(reverse(LIST), chosen, follow=True))
    sent = Sending.objects.get()
    server.behaviour = refuses(500)
    Sending.objects.update(state="DEAD", due_at=None, attempts=1)
    Attempt.objects.create(sending=sent, round=1, number=1, at=sent.created_at, arrived=False,
                           status=500, milliseconds=3, why="It answered 500.")  # fmt: skip
    page = reverse("admin:integrations_sending_change", args=[sent.pk])
    assert "It answered 500." in browser.get(page).content.decode()
    again = {"action": "replay", "_selected_action": [sent.pk]}
    listed = reverse("admin:integrations_sending_changelist")
    assert "1 will be sent again" in told(browser.post(listed, again, follow=True))
    sent.refresh_from_db()
    assert (sent.state, sent.round) == ("RETRYING", 2)


@pytest.mark.parametrize("role", [Role.SDR, Role.MANAGER, Role.MARKETING])
def test_nobody_but_revops_sees_them(kit: Kit, role: Role) -> None:
    client = Client()
    client.force_login(company.person("Someone", role=role, is_staff=True))
    assert client.get(reverse(LIST)).status_code == 403
    assert client.get(reverse(ADD)).status_code == 403
