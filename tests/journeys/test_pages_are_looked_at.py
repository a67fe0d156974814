"""A visitor of the company's own site: nothing before they agree, and what they looked at after."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from leads.models import SentSignal, Signal, Visitor
from tests import factories, hosted_forms, websites

pytestmark = pytest.mark.browser
PAGE = """<!doctype html><html lang="en"><title>Ours</title><body><h1>Our own site</h1>
<script src="{address}/s.js" data-site="main" async></script>{form}</body></html>"""
FORM = '<script src="{address}/f/contact.js" async></script>'
KEPT = "Object.keys(localStorage).length + document.cookie.length"
ANSWERS = {
    "first_name": "Mara", "last_name": "Lindqvist", "email": "mara@nordwind-logistik.de",
    "company": "Nordwind", "note": "Hello.",
}  # fmt: skip


@pytest.fixture
def site(live_server: Any) -> Iterator[str]:
    """The origin of our own website, whose pages hold the script, and one of them the form."""

    class Ours(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            form = FORM.format(address=live_server.url) if self.path == "/contact" else ""
            body = PAGE.format(address=live_server.url, form=form).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Ours) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def ours(site: str) -> str:
    """The same with everything that is needed here set up."""
    factories.company()
    hosted_forms.first()
    hosted_forms.changed("contact", allowed_origins=site, min_seconds=0)
    websites.site(allowed_origins=site)
    return site


def look(page: Page, address: str) -> None:
    """Open a page and wait until the script is there."""
    page.goto(address)
    page.wait_for_function("window.leadgov !== undefined")


def told(page: Page, act: str) -> None:
    """Do something of which the script tells, and wait for the answer."""
    with page.expect_response(lambda answer: "/s/main/" in answer.url) as answered:
        page.evaluate(act)
    assert answered.value.status == 204


def test_nothing_before_consent_then_what_they_look_at_until_they_take_it_back(
    visitors: Any, ours: str
) -> None:
    page = visitors().page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    look(page, f"{ours}/pricing")
    page.evaluate("leadgov.page(); leadgov.track('content_download')")
    assert page.evaluate(KEPT) == 0
    assert page.context.cookies() == []
    assert not [url for url in asked if "/s/main/" in url]

    told(page, "leadgov.consent(true)")
    visitor = page.evaluate("leadgov.visitor()")
    told(page, "leadgov.track('content_download')")
    with page.expect_response(lambda answer: "/s/main/" in answer.url):
        page.goto(f"{ours}/blog?secret=1")
    kinds = SentSignal.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["pricing_page_view", "content_download", "page_view"]
    assert set(SentSignal.objects.values_list("payload__visitor", flat=True)) == {visitor}
    assert SentSignal.objects.order_by("pk").last().payload["url"] == f"{ours}/blog"

    page.evaluate("leadgov.consent(false)")
    assert page.evaluate(KEPT) == 0
    count = len(asked)
    page.evaluate("leadgov.page()")
    assert asked[count:] == []
    assert page.context.cookies() == []


def test_a_browser_that_asks_not_to_be_tracked_is_left_alone(visitors: Any, ours: str) -> None:
    page = visitors().page
    page.add_init_script(
        "Object.defineProperty(navigator, 'globalPrivacyControl', { get: () => true })"
    )
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    look(page, f"{ours}/pricing")
    page.evaluate("leadgov.consent(true); leadgov.page()")
    assert page.evaluate(KEPT) == 0
    assert not [url for url in asked if "/s/main/" in url]


def test_the_form_on_the_site_makes_its_visitor_known(visitors: Any, ours: str) -> None:
    page = visitors().page
    look(page, f"{ours}/pricing")
    told(page, "leadgov.consent(true)")
    with page.expect_response(lambda answer: "/s/main/" in answer.url):
        page.goto(f"{ours}/contact")
    frame = page.frame_locator("iframe")
    for name, value in ANSWERS.items():
        frame.locator(f"[name={name}]").fill(value)
    frame.get_by_role("button", name="Send message").click()
    expect(frame.get_by_role("heading", name="Thank you")).to_be_visible()
    seen = Signal.objects.filter(sent_as__isnull=False).order_by("pk")
    assert list(seen.values_list("kind", flat=True)) == ["pricing_page_view", "page_view"]
    assert Visitor.objects.get().person.email == ANSWERS["email"]
