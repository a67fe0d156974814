"""POST /s/KEY/: what pages of our own websites send, from where they may, and no more of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from leads.models import Lead, SentSignal, Signal, Visitor
from tests import hosted_forms, websites
from tests.callers import Company
from tests.sent_signals import VISITOR
from tests.websites import ORIGIN
from web.models import FormSendings

pytestmark = pytest.mark.django_db

HERE = "/s/main/"


def send(body: Any = None, *, origin: str = ORIGIN, **headers: str) -> Any:
    said = {"visitor": VISITOR, "url": f"{ORIGIN}/pricing"} if body is None else body
    raw = said if isinstance(said, bytes) else json.dumps(said).encode()
    told = {"Origin": origin, **{name.replace("_", "-"): one for name, one in headers.items()}}
    return Client(enforce_csrf_checks=True).post(
        HERE, raw, content_type="text/plain", headers={k: v for k, v in told.items() if v}
    )


def kinds() -> list[str]:
    return list(SentSignal.objects.order_by("pk").values_list("kind", flat=True))


def test_a_look_at_a_page_is_the_signal_its_path_says(company: Company) -> None:
    websites.site()
    answer = send()
    send({"visitor": VISITOR, "url": f"{ORIGIN}/blog"})
    send({"visitor": VISITOR, "url": f"{ORIGIN}/blog", "kind": "content_download"})
    assert kinds() == ["pricing_page_view", "page_view", "content_download"]
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer["Access-Control-Allow-Origin"] == ORIGIN
    assert "Origin" in answer["Vary"]
    assert not answer.cookies
    assert "Access-Control-Allow-Credentials" not in answer
    assert SentSignal.objects.first().idempotency_scope == "site:main"


def test_what_the_site_does_not_count_is_not_kept(company: Company) -> None:
    websites.site(page_signal="")
    assert send({"visitor": VISITOR, "url": "/blog"}).status_code == 204
    assert send({"visitor": VISITOR, "kind": "demo_request"}).status_code == 204
    assert kinds() == []


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", ORIGIN + ".evil.example"])
def test_other_origins_are_refused_and_not_told_more(company: Company, origin: str) -> None:
    websites.site()
    answer = send(origin=origin)
    assert answer.status_code == 403
    assert "Access-Control-Allow-Origin" not in answer
    assert kinds() == []


@pytest.mark.parametrize("header", ["DNT", "Sec_GPC"])
def test_who_asks_not_to_be_tracked_is_not(company: Company, header: str) -> None:
    websites.site()
    assert send(**{header: "1"}).status_code == 204
    assert kinds() == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"no json", 400),
        ({"visitor": "short"}, 400),
        ({"visitor": VISITOR, "email": "petra@acme.de"}, 400),
        ({"visitor": VISITOR, "url": "x" * 5000}, 413),
    ],
)
def test_what_is_no_message_is_not_kept(company: Company, body: Any, status: int) -> None:
    websites.site()
    assert send(body).status_code == status
    assert kinds() == []


def test_a_site_takes_so_much_from_one_network_and_forms_go_on(company: Company) -> None:
    websites.site(network_limit=2)
    answers = [send({"visitor": VISITOR, "id": str(one)}) for one in range(3)]
    assert [one.status_code for one in answers] == [204, 204, 429]
    assert int(answers[2]["Retry-After"]) > 0
    assert answers[2]["Access-Control-Allow-Origin"] == ORIGIN
    assert not FormSendings.objects.filter(bucket="all").exists()


def test_an_asking_browser_is_told_what_it_may_send(company: Company) -> None:
    websites.site()
    told = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
    answer = Client().options(HERE, headers=told)
    assert answer.status_code == 204
    assert answer["Access-Control-Allow-Methods"] == "POST"


@pytest.mark.parametrize("columns", [{"active": False}, {"key": "other"}])
def test_an_unknown_site_is_404(company: Company, columns: dict[str, Any]) -> None:
    websites.site(**columns)
    assert send().status_code == 404


def test_the_script_is_small_and_may_be_kept() -> None:
    answer = Client().get("/s.js")
    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    assert "max-age" in answer["Cache-Control"]
    assert len(answer.content) < 3_000
    assert not answer.cookies


# ─ a form makes the visitor known ─


def fill(*, query: str, referer: str) -> Lead | None:
    """Somebody loads the form with this query and sends it."""
    client = Client()
    page = client.get(f"/f/contact/?{query}", headers={"Referer": referer} if referer else {})
    ticket = page.content.decode().split('name="ticket" value="')[1].split('"')[0]
    answers = {
        "first_name": "Mara", "last_name": "Lindqvist", "email": "mara@nordwind-logistik.de",
        "company": "Nordwind", "note": "Hello.", "ticket": ticket,
    }  # fmt: skip
    assert client.post(f"/f/contact/?{query}", answers).status_code == 303
    return Lead.objects.first()


@pytest.fixture
def form(company: Company) -> None:
    websites.site()
    hosted_forms.first()
    hosted_forms.changed("contact", allowed_origins=ORIGIN, min_seconds=0)


def test_what_a_visitor_looked_at_is_the_buyers_once_they_send_a_form(form: None) -> None:
    for place in range(3):
        send({"visitor": VISITOR, "url": "/pricing", "id": str(place)})
    lead = fill(query=f"embed=1&visitor={VISITOR}", referer=f"{ORIGIN}/contact")
    assert Signal.objects.filter(lead=lead, kind="pricing_page_view").count() == 3
    send({"visitor": VISITOR, "url": "/pricing", "id": "later"})
    assert Signal.objects.filter(lead=lead, kind="pricing_page_view").count() == 4


@pytest.mark.parametrize(
    ("query", "referer"),
    [
        (f"visitor={VISITOR}", f"{ORIGIN}/contact"),
        (f"embed=1&visitor={VISITOR}", "https://evil.example/"),
        (f"embed=1&visitor={VISITOR}", ""),
        ("embed=1&visitor=short", f"{ORIGIN}/contact"),
    ],
)
def test_a_link_to_a_form_names_nobodys_browser(form: None, query: str, referer: str) -> None:
    send({"visitor": VISITOR, "url": "/pricing"})
    lead = fill(query=query, referer=referer)
    assert lead is not None
    assert not Signal.objects.filter(lead=lead, kind="pricing_page_view").exists()
    assert not Visitor.objects.exists()
