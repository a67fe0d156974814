"""The palette in a browser: to a lead, to a page, to what the page offers, by keys alone."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_anything_is_reached_by_keys(visitors: Any) -> None:
    company = factories.company(now=timezone.now() - dt.timedelta(days=1), reps=("anna",))
    lead = factories.capture(now=timezone.now(), person={"last_name": "Weißmüller"})
    visitor = visitors()
    visitor.log_in(company.reps[0])
    page = visitor.page
    ask, options = page.locator("#palette-ask"), page.locator('#palette [role="option"]')
    chosen = page.locator('#palette [aria-selected="true"]')

    page.keyboard.press("Control+k")
    expect(ask).to_be_focused()
    page.keyboard.type("weissmul")
    expect(options).to_have_count(1)
    expect(chosen).to_contain_text("Weißmüller")
    expect(ask).to_have_attribute("aria-activedescendant", str(chosen.get_attribute("id")))
    violations = Axe().run(page, context="#palette").response["violations"]
    assert violations == [], violations
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/leads/{lead.pk}/")

    page.keyboard.press("Control+k")
    page.keyboard.type("log cont")
    expect(chosen).to_have_text("Log contact")
    page.keyboard.press("Enter")
    expect(page.locator("#sheet")).to_contain_text("Log contact")
    page.keyboard.press("Escape")

    page.keyboard.press("Control+k")
    page.keyboard.type("reports")
    page.keyboard.press("Enter")
    page.wait_for_url("**/reports/")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette-recent-1")).to_contain_text("Weißmüller")
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    assert visitor.faults == []
