"""Charts on real pages: sound wide and narrow, light and dark; the table opens; paper has all."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from leads.models import Account, Customer
from tests import busy_company, factories
from tests.factories import DAY, NOW
from tests.journeys.soundness import faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SPAN = f"from={NOW.date()}&to={(NOW + 29 * DAY).date()}"
PAGES = {
    "report-sla": f"/reports/sla/?{SPAN}",
    "funnel": f"/reports/funnel/?{SPAN}&compare=before",
    "speed": f"/reports/speed/?{SPAN}",
    "retention": "/customers/retention/",
}


def beyond_the_sheet(page: Page) -> list[str]:
    """What of a chart leaves a sheet of A4, or a label its drawing."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll(".plot, .plot text")]
             .filter((one) => one.getClientRects().length)
             .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
             .map((one) => one.textContent.trim().slice(0, 40))"""
    )
    return found


def test_charts_are_sound_and_print(visitors: Any) -> None:
    company, _now = busy_company.busy()
    never = Account.objects.exclude(pk__in=Customer.objects.values("account"))
    factories.customer(never.earliest("pk"), since=timezone.now() - 70 * DAY)
    visitor = visitors()
    visitor.log_in(company.revops)
    page, found = visitor.page, []
    for name, address in PAGES.items():
        visitor.open(address)
        for table in page.locator(".plot__table summary").all():
            table.click()
        expect(page.locator(".plot svg").first).to_be_visible()
        found += [f"{name} {fault}" for fault in faults(page, f"charts-{name}")]
        page.set_viewport_size({"width": 700, "height": 900})
        page.emulate_media(media="print")
        found += [f"{name} on paper: {one}" for one in beyond_the_sheet(page)]
        page.emulate_media(media="screen")
    assert found == []


def test_paper_has_the_numbers_that_the_drawing_has_not(visitors: Any) -> None:
    company, _now = busy_company.busy()
    visitor = visitors()
    visitor.log_in(company.revops)
    visitor.open(PAGES["report-sla"])
    trend = visitor.page.locator("#attainment-over-time")
    expect(trend.locator("table")).to_be_hidden()
    visitor.page.emulate_media(media="print")
    expect(trend.locator("table")).to_be_visible()
    expect(trend.locator("summary")).to_be_hidden()
    expect(visitor.page.locator("#when-missed table")).to_be_hidden()
