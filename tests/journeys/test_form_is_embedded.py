"""A visitor of the company's own site fills in the form that a script put there."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from leads.models import Touch
from tests import factories, hosted_forms

pytestmark = pytest.mark.browser
PAGE = """<!doctype html><html lang="en"><title>Ours</title><body><h1>Our own site</h1>
<script src="{address}/f/contact.js" async></script><p>Below the form</p></body></html>"""
ANSWERS = {
    "first_name": "Mara", "last_name": "Lindqvist", "email": "mara@nordwind-logistik.de",
    "company": "Nordwind",
}  # fmt: skip


@pytest.fixture
def site(live_server: Any) -> Iterator[str]:
    """The origin of another site, whose pages hold our script."""
    body = PAGE.format(address=live_server.url).encode()

    class Ours(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
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


@pytest.mark.parametrize(("width", "dark"), [(1200, False), (390, True)])
def test_the_form_grows_with_its_faults_and_tells_of_the_visit(
    visitors: Any, site: str, width: int, dark: bool
) -> None:
    factories.company()
    hosted_forms.first()
    hosted_forms.changed("contact", allowed_origins=site, min_seconds=0)
    visitor = visitors(width=width, dark=dark)
    page = visitor.page
    page.goto(f"{site}/pricing?utm_medium=cpc&utm_source=google&gclid=EAIa&secret=1")
    frame = page.frame_locator("iframe")
    for name, value in ANSWERS.items():
        frame.locator(f"[name={name}]").fill(value)
    before = page.locator("iframe").bounding_box()
    frame.get_by_role("button", name="Send message").click()
    expect(frame.locator("#note-error")).to_be_visible()
    expect(frame.locator("[name=first_name]")).to_have_value("Mara")
    page.wait_for_function(
        "was => document.querySelector('iframe').clientHeight > was", arg=before["height"]
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    frame.locator("[name=note]").fill("Hello.")
    frame.get_by_role("button", name="Send message").click()
    expect(frame.get_by_role("heading", name="Thank you")).to_be_visible()
    page.wait_for_function("document.querySelector('iframe').clientHeight < 400")
    touch = Touch.objects.get()
    assert touch.payload["source"] == {
        "source": "google", "medium": "cpc", "click_id": "gclid=EAIa",
        "landing": f"{site}/pricing",
    }  # fmt: skip
    assert (touch.category, touch.status) == ("PAID", "ADVANCED")


def test_a_site_that_is_not_named_gets_no_form(visitors: Any, site: str) -> None:
    factories.company()
    hosted_forms.first()
    hosted_forms.changed("contact", allowed_origins="https://www.ours.example")
    visitor = visitors()
    visitor.page.goto(f"{site}/pricing")
    visitor.page.locator("iframe").wait_for()
    visitor.page.wait_for_timeout(500)
    assert visitor.page.frame_locator("iframe").locator("form").count() == 0
    assert any("frame-ancestors" in fault for fault in visitor.faults)
    visitor.faults.clear()
