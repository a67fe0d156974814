"""RevOps brings a new kit to clocks and leads of before, and sees first what it would do."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from leads.models import Lead
from lifecycle.models import KitApplication
from sla import sweeps
from sla.models import Clock
from tests import factories, kit_edits
from tests.journeys.soundness import is_sound, shoot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

VIEWS = [{"kind": "pricing_page_view"}] * 3


@pytest.fixture
def company(transactional_db: None) -> factories.Company:
    """Leads of the last days; a new kit gives less time, and takes smaller companies."""
    now = timezone.now()
    made = factories.company(now=now - dt.timedelta(days=9), reps=("anna", "ben"))
    factories.captures([factories.touch() for _ in range(2)], now=now - dt.timedelta(days=8))
    sweeps.warn_and_breach(now=now - dt.timedelta(days=1))
    factories.captures([factories.touch() for _ in range(4)], now=now - dt.timedelta(hours=3))
    factories.captures([factories.touch() for _ in range(4)], now=now - dt.timedelta(minutes=5))
    small = [factories.touch(company={"employees": "20"}, signals=VIEWS) for _ in range(3)]
    waiting = factories.touch(company={"employees": "60", "country": "US"}, signals=VIEWS)
    factories.captures([*small, waiting], now=now - dt.timedelta(hours=3))
    exempt = [{"key": "forms", "stages": ["MQL"], "channels": ["FORM"],
               "obligation": "first_contact", "because": "A robot calls them."}]  # fmt: skip
    always = [
        {
            "key": "always",
            "label": "Round the clock",
            "zone": "UTC",
            "week": {
                day: [["00:00", "24:00"]]
                for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
            },
        }
    ]

    def urgent(parts: kit_edits.Parts) -> None:
        if not [one for one in parts["calendar"] if one["key"] == "always"]:
            parts["calendar"] += always
        accept = kit_edits.part(parts, "clock_policy", "accept")
        accept["minutes"], accept["calendar"] = 120, "always"
        parts["clock_exemption"] = exempt

    sizes = [{"fact": "company.employees", "op": "between", "value": value}
             for value in ([10, 30], [400, 500])]  # fmt: skip
    icp = kit_edits.criterion("icp", {"any": sizes})
    kit_edits.publish(urgent, icp, by=made.revops, now=now)
    return made


def test_clocks_and_leads_follow_the_new_kit_once_confirmed(
    company: factories.Company, visitors: Any
) -> None:
    visitor = visitors()
    visitor.log_in(company.revops)
    page = visitor.page

    visitor.open("/kit/recalculate/")
    is_sound(page, "kit-recalculate")
    expect(page.locator("h1")).to_contain_text("under kit v2")
    expect(page.locator("main")).to_contain_text("A robot calls them.")
    expect(page.locator("main")).to_contain_text("a breach is never cured")
    page.get_by_label("Only those I tick in the list").check()
    page.locator("input[name=row]").first.check()
    page.get_by_role("button", name="Recalculate").click()
    expect(page.locator("textarea:invalid")).to_have_count(1)
    page.get_by_label("Why").fill("We promised to answer faster")
    page.get_by_role("button", name="Recalculate").click()
    expect(page.locator(".page__lead")).to_contain_text("1 clock changed under kit v2, of 1 chosen")
    is_sound(page, "kit-recalculated")
    assert KitApplication.objects.get().changed == 1

    page.get_by_role("link", name="Look again").click()
    factories.captures([factories.touch()], now=timezone.now())
    page.get_by_label("Why").fill("All of them")
    late = (
        Clock.objects.filter(state="RUNNING", obligation="accept", kit__number=1, breached_at=None)
        .latest("pk")
        .lead
    )
    factories.work(late, to="SAL", now=timezone.now())
    page.get_by_role("button", name="Recalculate").click()
    expect(page.locator("[role=alert]")).to_contain_text("changed since. Look again.")
    shoot(page, "kit-changed-since")
    page.get_by_role("button", name="Recalculate").click()
    expect(page.locator("h1")).to_contain_text("SLAs recalculated")

    visitor.open("/kit/requalify/")
    is_sound(page, "kit-requalify")
    page.locator("input[name=recycle]").first.check()
    page.get_by_label("Why").fill("Small companies buy too")
    page.get_by_role("button", name="Re-qualify").click()
    expect(page.locator(".page__lead")).to_contain_text("4 leads changed under kit v2, of 4")
    visitor.open("/kit/requalify/")
    expect(page.locator("main")).to_contain_text("Nothing would change")
    is_sound(page, "kit-nothing")
    lead = Lead.objects.filter(events__kind="RECALCULATED").latest("pk")
    visitor.open(f"/leads/{lead.pk}/")
    expect(page.locator(".timeline")).to_contain_text("Rita recalculated the SLAs under kit v2")
    expect(page.locator(".timeline")).to_contain_text("All of them")
    shoot(page, "kit-lead")


def test_without_script_a_preview_is_confirmed_by_links_and_forms(
    company: factories.Company, visitors: Any
) -> None:
    visitor = visitors(script=False)
    visitor.log_in(company.revops)
    visitor.open("/kit/requalify/")
    visitor.page.get_by_label("Why").fill("Small companies buy too")
    visitor.page.get_by_role("button", name="Re-qualify").click()
    expect(visitor.page.locator(".page__lead")).to_contain_text("3 leads changed under kit v2")
