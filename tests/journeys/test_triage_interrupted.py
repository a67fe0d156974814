"""The inbox when something comes between: no session, a second click, a lead that is taken away."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from leads.models import Lead
from lifecycle import actions
from people.models import User
from tests import factories
from tests.journeys.conftest import PASSWORD
from tests.journeys.test_triage import captured, settled, steps

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def inbox(visitors: Any) -> Any:
    """Anna's inbox with three leads to accept, the first in hand."""
    company = factories.company(now=timezone.now() - dt.timedelta(days=1), reps=("anna", "ben"))
    anna = company.reps[0]
    for lead in captured(3):
        if lead.owner_id != anna.pk:
            actions.reassign(lead_id=lead.pk, by=company.revops, to=anna.pk, reason="hers now")
    visitor = visitors()
    visitor.log_in(company.reps[0])
    return visitor


def first_of(page: Any) -> int:
    return int(str(page.locator("[data-row]").first.get_attribute("id"))[4:])


def test_words_outlive_all_cookies(inbox: Any) -> None:
    page, told = inbox.page, inbox.page.locator(".toast")
    lead = first_of(page)
    page.keyboard.press("c")
    note = page.locator("#sheet textarea").first
    note.fill("Wants a call on Monday")
    page.context.clear_cookies()
    note.press("Control+Enter")
    with page.context.expect_page() as opened:
        told.get_by_role("link", name="Log in").click()
    other = opened.value
    other.fill("#id_login", "anna")
    other.fill("#id_password", PASSWORD)
    other.click("button.btn--primary")
    other.wait_for_url(lambda url: "/accounts/login/" not in url)
    other.close()
    expect(page.locator(f"#row-{lead}")).to_have_attribute("aria-current", "true")
    expect(page.locator("#pane [data-lead]")).to_have_attribute("data-lead", str(lead))
    page.keyboard.press("c")
    expect(note).to_have_value("Wants a call on Monday")


def test_a_second_click_accepts_nothing_more(inbox: Any) -> None:
    page = inbox.page
    lead = first_of(page)
    page.locator("#pane [data-key=a]").dblclick()
    settled(page)
    expect(page.locator(".toast", has_text="Accepted")).to_have_count(1)
    assert steps(lead) == ["accept"]
    assert inbox.faults == []


def test_a_toast_over_a_form_is_as_high_as_its_words(inbox: Any) -> None:
    page = inbox.page
    page.keyboard.press("a")
    expect(page.locator(".toast", has_text="Accepted")).to_be_visible()
    page.keyboard.press("r")
    expect(page.locator("#sheet-body form")).to_be_visible()
    box = page.locator("#sheet .toast", has_text="Accepted").bounding_box()
    assert box["height"] < 100


def test_a_lead_that_goes_to_a_colleague_is_in_hand_no_more(inbox: Any) -> None:
    page = inbox.page
    lead = Lead.objects.get(pk=first_of(page))
    colleague = User.objects.get(username="ben")
    actions.reassign(
        lead_id=lead.pk, by=factories.standing().revops, to=colleague.pk, reason="on leave"
    )
    page.evaluate("document.getElementById('rows').dispatchEvent(new CustomEvent('refresh'))")
    expect(page.locator("#pane")).to_contain_text("No longer in your inbox")
    expect(page.locator("#pane [data-key=a]")).to_have_count(0)
