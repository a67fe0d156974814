"""RevOps changes a draft on the kit's pages: the condition builder, by keyboard alone."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Route, expect

from governance import services
from governance.models import Criterion, KitVersion
from tests import factories
from tests.journeys.soundness import faults, is_sound, shoot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def company(transactional_db: None) -> factories.Company:
    """A draft on the kit in force, and leads of 30, 300 and 3,000 people of the last days."""
    now = timezone.now()
    made = factories.company(now=now - dt.timedelta(days=40), reps=("anna",))
    factories.captures(
        [factories.touch(company={"employees": str(size)}) for size in (30, 300, 3000)],
        now=now - dt.timedelta(days=2),
    )
    services.draft(base=KitVersion.objects.get(), title="Wider", by=made.revops, now=now)
    made.revops.is_staff = True
    made.revops.save(update_fields=["is_staff"])
    return made


def focused(page: Any) -> str:
    return str(page.evaluate("document.activeElement.id"))


def settle(page: Any) -> None:
    """Wait until no answer of the builder is on its way."""
    expect(page.locator("[data-busy]")).to_have_count(0)


def choose_field(page: Any, text: str) -> None:
    """Search in the list of fields and take the first one found, without leaving the keyboard."""
    page.keyboard.type(text)
    expect(page.locator(".picker [aria-selected=true]")).to_have_count(1)
    page.keyboard.press("Enter")
    settle(page)


def test_the_icp_is_changed_by_keyboard_alone_and_saved(company: Any, visitors: Any) -> None:
    visitor = visitors()
    visitor.log_in(company.revops)
    page = visitor.page
    visitor.open("/kit/versions/2/parts/criterion/icp/")
    outcome, count = page.locator(".cond__outcome"), page.locator(".cond__count")
    expect(count).to_contain_text("Matches 2 of the 3 leads")

    # the range: typed over, and the sentence and the count follow
    page.focus("#condition-0\\.0-value")
    page.keyboard.press("Control+A")
    page.keyboard.type("1000")
    expect(outcome).to_contain_text("between 1,000 and 5,000 employees")
    expect(count).to_contain_text("Matches 1 of the 3 leads")
    page.keyboard.press("Tab")
    page.keyboard.type("x")
    expect(outcome).to_contain_text("To finish:")
    expect(page.locator("#condition-0\\.0-faults")).to_contain_text("is no whole number")
    page.keyboard.press("Control+A")
    page.keyboard.type("20000")
    expect(outcome).to_contain_text("between 1,000 and 20,000 employees")

    # a test more: the hand is in its field at once
    page.focus("#condition-0-add")
    page.keyboard.press("Enter")
    settle(page)
    assert focused(page) == "condition-0.3-fact"
    choose_field(page, "hand-raiser")
    page.keyboard.press("Tab")
    assert focused(page) == "condition-0.3-op"
    page.keyboard.press("Tab")
    page.keyboard.press("Y")
    expect(outcome).to_contain_text("Hand-raiser is yes")

    # a group more, with a behaviour in it and its number of days
    page.get_by_role("button", name="Add group", exact=True).focus()
    page.keyboard.press("Enter")
    settle(page)
    assert focused(page) == "condition-0.4.0-fact"
    expect(outcome).to_contain_text("Test 5.1: Choose a field.")
    choose_field(page, "number demo request")
    page.keyboard.press("Tab")
    assert focused(page) == "condition-0.4.0-n-days"
    page.keyboard.press("Control+A")
    page.keyboard.type("60")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("1")
    expect(outcome).to_contain_text("Number of “demo request” in 60 days is at least 1")
    expect(count).to_contain_text("Matches 1 of the 3 leads")
    shoot(visitor.page, "builder-nested")

    # out of order, and back: the hand stays on the button
    page.get_by_role("button", name="Move group 5 up").focus()
    page.keyboard.press("Enter")
    settle(page)
    assert focused(page) == "condition-0.3-up"
    page.keyboard.press("Enter")
    settle(page)
    assert focused(page) == "condition-0.2-up"
    is_sound(page)

    page.focus("#condition-0\\.0-value")
    page.keyboard.press("Enter")
    page.wait_for_url("**/kit/versions/2/")
    icp = Criterion.objects.get(kit__number=2, key="icp")
    size, industry, group, country, raised = icp.condition["all"]
    assert size["value"] == [1000, 20000]
    assert group == {"any": [{"fact": "signal.demo_request.count_60d", "op": "gte", "value": 1}]}
    assert raised == {"fact": "lead.hand_raiser", "op": "eq", "value": True}
    assert (industry["op"], country["op"]) == ("in", "in")


def test_what_is_typed_while_an_answer_is_on_its_way_is_not_lost(
    company: Any, visitors: Any
) -> None:
    visitor = visitors()
    visitor.log_in(company.revops)
    page = visitor.page
    visitor.open("/kit/versions/2/parts/criterion/icp/")
    expect(page.locator(".cond__count")).to_contain_text("Matches")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(re.compile(r"field=condition&about=\w+$"), hold)
    page.select_option("#condition-0\\.0-op", "gte")
    expect(page.locator("[data-busy]")).to_have_count(1)
    page.fill("#condition-0\\.0-value", "77")
    held[0].continue_()
    expect(page.locator("#condition-0\\.0-value2")).to_have_count(0)
    expect(page.locator("#condition-0\\.0-value")).to_have_value("77")
    expect(page.locator(".cond__outcome")).to_contain_text("at least 77 employees")


def test_the_text_can_be_edited_applied_and_mended(company: Any, visitors: Any) -> None:
    visitor = visitors()
    visitor.log_in(company.revops)
    page = visitor.page
    visitor.open("/kit/versions/2/parts/criterion/behaviour/")
    page.click("text=As JSON text")
    page.fill("#id_condition", '{"fact": "company.employes", "op": "gte", "value": 100}')
    page.click("text=Apply the text")
    expect(page.locator("#id_condition-faults")).to_contain_text("company.employees")
    page.fill("#id_condition", '{"fact": "company.employees", "op": "gte", "value": 100}')
    page.click("text=Apply the text")
    expect(page.locator("#condition-0-fact")).to_have_value("Company size")
    expect(page.locator(".cond__count")).to_contain_text("Matches 2 of the 3")
    page.click("button:text-is('Save')")
    page.wait_for_url("**/kit/versions/2/")
    saved = Criterion.objects.get(kit__number=2, key="behaviour").condition
    assert saved == {"fact": "company.employees", "op": "gte", "value": 100}


def test_the_builder_works_without_any_script(company: Any, visitors: Any) -> None:
    visitor = visitors(script=False)
    visitor.log_in(company.revops)
    page = visitor.page
    visitor.open("/kit/versions/2/parts/criterion/behaviour/")
    page.get_by_role("button", name="Add test", exact=True).click()
    page.fill("#condition-0\\.2-fact", "Company size")
    page.get_by_role("button", name="Update the inputs").click()
    page.fill("#condition-0\\.2-value", "500")
    page.click("button:text-is('Save')")
    page.wait_for_url("**/kit/versions/2/")
    saved = Criterion.objects.get(kit__number=2, key="behaviour").condition
    assert saved["any"][2] == {"fact": "company.employees", "op": "gte", "value": 500}


def test_the_same_builder_stands_in_the_administration(company: Any, visitors: Any) -> None:
    icp = Criterion.objects.get(kit__number=2, key="icp")
    visitor = visitors()
    visitor.log_in(company.revops)
    page = visitor.page
    visitor.open(f"/admin/governance/criterion/{icp.pk}/change/")
    expect(page.locator(".cond__count")).to_contain_text("Matches 2 of the 3 leads")
    page.get_by_role("button", name="Add test", exact=True).click()
    settle(page)
    choose_field(page, "touchpoints")
    expect(page.locator("#condition-0\\.3-op")).to_have_value("gte")
    page.fill("#condition-0\\.3-value", "1")
    expect(page.locator(".cond__count")).to_contain_text("Matches 2 of the 3 leads")
    shoot(visitor.page, "builder-admin")
    page.click("input[name=_save]")
    expect(page.locator(".messagelist")).to_contain_text("changed successfully")
    icp.refresh_from_db()
    assert icp.condition["all"][3] == {"fact": "lead.touches", "op": "gte", "value": 1}


def test_the_pages_are_sound(company: Any, visitors: Any) -> None:
    visitor = visitors()
    visitor.log_in(company.revops)
    found: list[Any] = []
    for path in ["", "criterion/icp/", "calendar/office_hours/", "checklist/bant/", "signal/new/",
                 "clock_policy/route/"]:  # fmt: skip
        visitor.open(f"/kit/versions/2/parts/{path}")
        if path == "criterion/icp/":
            visitor.page.get_by_role("button", name="Add group", exact=True).click()
            settle(visitor.page)
            visitor.page.keyboard.press("ArrowDown")
            expect(visitor.page.locator(".picker")).to_be_visible()
        name = f"builder-{path.replace('/', '-') or 'list'}"
        found += [(path, fault) for fault in faults(visitor.page, name)]
    assert found == []
