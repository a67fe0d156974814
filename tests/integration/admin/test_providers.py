"""Providers are set up and tried in the administration; their key goes in and never comes out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core import sealing
from leads.models import EnrichmentProvider, EnrichmentTask
from tests import factories, provider_server
from tests.factories import NOW
from tests.provider_server import Server, refuses, says

pytestmark = pytest.mark.django_db
KEY = "Bearer canary-4711"


@pytest.fixture
def company() -> factories.Company:
    return factories.company()


@pytest.fixture
def browser(company: factories.Company) -> Client:
    company.revops.is_staff = True
    company.revops.save()
    client = Client()
    client.force_login(company.revops)
    return client


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    settings.ALLOW_PRIVATE_PROVIDERS = True
    with provider_server.running() as running:
        yield running


def filled(url: str, **more: Any) -> dict[str, Any]:
    return {
        "label": "Acme", "key": "acme", "kind": "HTTP", "active": "on", "position": "0",
        "url": url, "header": "Authorization", "new_key": KEY,
        "mapping": '{"company.employees": "size", "company.country": "where"}',
        "confidence": "70", "timeout_seconds": "1", "retries": "3", "refresh_days": "90", **more,
    }  # fmt: skip


def add(browser: Client, url: str, **more: Any) -> Any:
    return browser.post(reverse("admin:leads_enrichmentprovider_add"), filled(url, **more))


def test_a_key_is_stored_encrypted_and_shown_nowhere(browser: Client, server: Server) -> None:
    assert add(browser, server.url + "/{domain}").status_code == 302
    row = EnrichmentProvider.objects.get()
    assert (KEY not in row.secret, sealing.unseal(row.secret)) == (True, KEY)
    change = reverse("admin:leads_enrichmentprovider_change", args=[row.pk])
    for page in (change, reverse("admin:leads_enrichmentprovider_history", args=[row.pk])):
        text = browser.get(page).content.decode()
        assert KEY not in text
        assert row.secret not in text
    browser.post(change, filled(server.url + "/{domain}", new_key="", reason="calm", retries="1"))
    row.refresh_from_db()
    assert (row.retries, sealing.unseal(row.secret)) == (1, KEY)
    browser.post(change, filled(server.url, new_key="", forget_key="on", reason="gone"))
    row.refresh_from_db()
    assert row.secret == ""


def test_a_stored_key_goes_to_no_other_host(browser: Client, company: factories.Company) -> None:
    add(browser, "https://api.example.com/{domain}")
    row = EnrichmentProvider.objects.get()
    change = reverse("admin:leads_enrichmentprovider_change", args=[row.pk])
    elsewhere = filled("https://evil.example.net/{domain}", new_key="", reason="moved")
    assert "enter it again" in browser.post(change, elsewhere).content.decode()
    row.refresh_from_db()
    assert row.url == "https://api.example.com/{domain}"
    assert browser.post(change, {**elsewhere, "new_key": "another"}).status_code == 302


def test_trying_shows_what_would_be_filled_or_the_exact_error(
    browser: Client, server: Server
) -> None:
    add(browser, server.url + "/{domain}")
    row = EnrichmentProvider.objects.get()
    page = reverse("admin:leads_enrichmentprovider_try", args=[row.pk])
    server.behaviour = says({"size": "51-200", "where": "Atlantis"})
    text = browser.post(page, {"domain": "acme.example"}).content.decode()
    assert server.paths == ["/acme.example"]
    assert "company.employees" in text
    assert "51" in text
    assert "Atlantis" in text  # told as unusable
    server.behaviour = refuses(401)
    assert "It answered 401" in browser.post(page, {"domain": "acme.example"}).content.decode()
    assert "with so little" in browser.post(page, {"email": "a@b.de"}).content.decode()
    assert browser.get(page).status_code == 200
    assert browser.get(page.replace(str(row.pk), "999999")).status_code == 404
    assert not EnrichmentTask.objects.exists()


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"url": "http://api.example.com/{domain}"}, "https://"),
        ({"url": "https://127.0.0.1/{domain}"}, "not on the internet"),
        ({"url": "https://{domain}/"}, "host itself must be fixed"),
        ({"url": "https://api.example.com/{person}"}, "none of"),
        ({"url": "https://api.example.com/{"}, "cannot be used"),
        ({"url": "https://u:p@api.example.com/"}, "user or password"),
        ({"url": ""}, "https://"),
        ({"mapping": '{"lead.stage": "a"}'}, "none of"),
        ({"mapping": '{"company.employees": 3}'}, "as a text"),
        ({"mapping": "{}"}, "Say which value"),
        ({"mapping": "[1]"}, "object"),
        ({"header": "Host"}, "not for a key"),
        ({"header": "X\r\nY"}, "header"),
        ({"new_key": "ключ"}, "printable ASCII"),
        ({"kind": "BUILT_IN"}, "Built in are"),
    ],
)
def test_what_cannot_work_is_refused_with_its_reason(
    browser: Client, change: dict[str, str], word: str
) -> None:
    answer = add(browser, **{"url": "https://api.example.com/{domain}", **change})
    assert answer.status_code == 200
    assert word in answer.content.decode().replace("&quot;", '"')
    assert not EnrichmentProvider.objects.exists()


def test_failed_questions_are_asked_again_from_their_list(browser: Client) -> None:
    row = EnrichmentProvider.objects.create(key="x", label="X", active=False)
    task = EnrichmentTask.objects.create(
        lead=factories.capture(), provider=row, due_at=NOW, created_at=NOW, done_at=NOW,
        outcome="FAILED", last_error="It answered 503.",
    )  # fmt: skip
    listed = reverse("admin:leads_enrichmenttask_changelist")
    assert "It answered 503." in browser.get(listed).content.decode()
    browser.post(listed, {"action": "retry", "_selected_action": [task.pk]})
    task.refresh_from_db()
    assert (task.done_at, task.outcome, task.attempts) == (None, "", 0)


def test_a_key_sealed_before_the_secret_changed_is_read_with_the_fallback(settings: Any) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "first" * 10, []
    stored = sealing.seal(KEY)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "second" * 10, ["first" * 10]
    assert sealing.unseal(stored) == KEY
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(sealing.Unreadable, match="Enter it again"):
        sealing.unseal(stored)
