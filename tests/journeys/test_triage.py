"""A morning's inbox by keyboard alone: accept, undo, reject, meet who was faster, hear of news."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from leads.models import Lead, LeadEvent
from lifecycle import actions
from tests import factories
from tests.journeys.conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def captured(count: int, *, first: int = 0) -> list[Lead]:
    return factories.captures(
        [
            factories.touch(person={"first_name": f"Buyer{first + n}", "last_name": "Ohm"})
            for n in range(count)
        ],
        now=timezone.now(),
    )


def in_hand(page: Page) -> int:
    """The lead that is marked."""
    row = page.locator('[data-row][aria-current="true"]')
    return int((row.get_attribute("id") or "").removeprefix("row-"))


def steps(lead_id: int) -> list[str]:
    told = LeadEvent.objects.filter(lead=lead_id, kind="STAGE").exclude(by=None)
    return list(told.order_by("sequence").values_list("transition", flat=True))


def settled(page: Page) -> None:
    """Everything that was done has been answered, and the list read anew."""
    expect(page.locator("[data-leaving]")).to_have_count(0)
    expect(page.locator("[data-row][hidden]")).to_have_count(0)


def test_leads_are_worked_as_fast_as_keys_are_pressed(visitors: Any) -> None:
    company = factories.company(now=timezone.now() - dt.timedelta(days=1), reps=("anna",))
    [anna] = company.reps
    captured(6)
    visitor = visitors()
    visitor.log_in(anna)
    page, told = visitor.page, visitor.page.locator(".toast")
    worked = [int(str(row.get_attribute("id"))[4:]) for row in page.locator("[data-row]").all()]

    for lead_id in worked[:2]:  # the second before its lead is shown, perhaps
        expect(page.locator(f"#row-{lead_id}")).to_have_attribute("aria-current", "true")
        page.keyboard.press("a")
        expect(page.locator(f"#row-{lead_id}")).to_be_hidden()
    expect(page.locator(f"#row-{worked[2]}")).to_be_focused()
    expect(told.first).to_contain_text(f"Accepted {Lead.objects.get(pk=worked[1]).person.name}")
    settled(page)
    assert [steps(one) for one in worked[:3]] == [["accept"], ["accept"], []]
    assert in_hand(page) == worked[2]

    page.keyboard.press("u")
    expect(told.first).to_contain_text("Undone")
    expect(page.locator(f"#row-{worked[1]}")).to_have_attribute("aria-current", "true")
    settled(page)
    assert steps(worked[1]) == ["accept", "undo"]

    page.keyboard.press("r")
    reason = page.locator("#sheet label", has_text="No interest of their own")
    expect(reason).to_contain_text("Failed: Behaviour")
    expect(reason).to_contain_text("Marketing may dispute this")
    page.keyboard.press("Escape")
    expect(page.locator("#sheet")).to_be_hidden()
    page.keyboard.press("r")
    expect(reason).to_be_visible()
    page.keyboard.press("1")
    expect(page.locator("#sheet textarea")).to_be_focused()  # it needs a note
    [late] = captured(1, first=9)
    page.evaluate("document.getElementById('rows').dispatchEvent(new CustomEvent('refresh'))")
    expect(page.locator(f"#row-{late.pk}")).to_be_attached()
    expect(told.filter(has_text="New lead: Buyer9 Ohm")).to_have_count(1)
    page.keyboard.press("Control+Enter")  # the note is missing: it is not even sent
    expect(page.locator("#sheet textarea:invalid")).to_be_focused()
    page.locator("#sheet textarea").fill("Half a company")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    page.keyboard.type("is none")
    page.keyboard.press("Control+Enter")
    expect(told.first).to_contain_text("Rejected")
    settled(page)
    assert steps(worked[1]) == ["accept", "undo", "reject"]

    taken = in_hand(page)
    bert = factories.rep("bert", pools=["dach"], team=company.team)
    actions.reassign(lead_id=taken, by=company.manager, to=bert.pk, reason="Knows them")
    page.keyboard.press("a")
    row = page.locator(f"#row-{taken}")
    expect(row).to_contain_text(f"gave it to {bert}")
    expect(row).not_to_have_attribute("aria-current", "true")
    assert steps(taken) == []


def test_keys_reach_the_lead_they_were_pressed_for_however_slow_the_line_is(visitors: Any) -> None:
    company = factories.company(now=timezone.now() - dt.timedelta(days=1), reps=("anna",))
    captured(4)
    visitor = visitors()
    visitor.log_in(company.reps[0])
    page, sheet = visitor.page, visitor.page.locator("#sheet")
    first, second, third, _ = [
        int(str(row.get_attribute("id"))[4:]) for row in page.locator("[data-row]").all()
    ]
    slow = page.context.new_cdp_session(page)
    slow.send("Network.enable")
    slow.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 300, "downloadThroughput": -1, "uploadThroughput": -1},
    )

    for key in ("r", "3", "Enter"):  # who was never called; the form is still on its way
        page.keyboard.press(key)
    expect(page.locator(f"#row-{second}")).to_have_attribute("aria-current", "true")
    for key in ("r", "4", "Enter"):  # meant for the next lead, before it is even shown
        page.keyboard.press(key)
    expect(page.locator(f"#row-{second}")).to_be_hidden()
    expect(page.locator(f"#row-{third}")).to_have_attribute("aria-current", "true")
    expect(page.locator(f"#row-{first}")).to_contain_text("Not sent")
    page.keyboard.press("r")
    page.keyboard.press("j")  # gone on before the form came: it does not come any more
    expect(page.locator(f"#row-{third}")).not_to_have_attribute("aria-current", "true")
    settled(page)
    expect(sheet).to_be_hidden()
    assert [steps(one) for one in (first, second, third)] == [[], ["reject"], []]

    page.locator(f"#row-{first}").click()
    page.keyboard.press("r")
    expect(sheet).to_contain_text("attempt")
    expect(sheet.locator("input[type=radio]:checked")).to_have_count(1)
    page.keyboard.press("4")
    page.keyboard.press("Enter")
    expect(page.locator(".toast").first).to_contain_text("Rejected")
    settled(page)
    assert steps(first) == ["reject"]


def test_a_lost_line_and_an_ended_session_lose_nothing(visitors: Any) -> None:
    company = factories.company(now=timezone.now() - dt.timedelta(days=1), reps=("anna",))
    captured(2)
    visitor = visitors()
    page, told = visitor.page, visitor.page.locator(".toast")
    # Before the first page: on a busy machine what is cut later may be too late for one request.
    page.route(re.compile("/accept/"), lambda route: route.abort())
    visitor.log_in(company.reps[0])
    first, second = [
        int(str(row.get_attribute("id"))[4:]) for row in page.locator("[data-row]").all()
    ]

    page.keyboard.press("a")
    expect(page.locator(f"#row-{first}")).to_contain_text("No connection")
    expect(page.locator(f"#row-{first}")).to_have_attribute("aria-current", "true")
    expect(told).to_have_count(1)
    page.unroute(re.compile("/accept/"))
    page.keyboard.press("a")
    expect(told.filter(has_text="Accepted")).to_have_count(1)
    settled(page)

    page.locator(f"#row-{second}").click()
    page.keyboard.press("r")
    page.keyboard.press("1")
    page.keyboard.type("Half a company")
    page.context.clear_cookies(name="sessionid")
    page.keyboard.press("Control+Enter")
    with page.context.expect_page() as opened:
        told.get_by_role("link", name="Log in").click()
    other = opened.value
    other.fill("#id_login", company.reps[0].username)
    other.fill("#id_password", PASSWORD)
    other.click("button.btn--primary")
    other.wait_for_url(lambda url: "/accounts/login/" not in url)
    other.close()
    expect(page.locator(f"#row-{second}")).to_have_attribute("aria-current", "true")
    page.keyboard.press("r")
    expect(page.locator("#sheet textarea")).to_have_value("Half a company")
    page.locator("#sheet textarea").focus()
    page.keyboard.press("Control+Enter")
    expect(told.filter(has_text="Rejected")).to_have_count(1)
    assert [steps(one) for one in (first, second)] == [["accept"], ["reject"]]
    visitor.faults.clear()  # the browser complains of the line that was cut


def test_what_is_done_without_a_line_waits_and_is_sent_once_it_is_back(visitors: Any) -> None:
    company = factories.company(now=timezone.now() - dt.timedelta(days=1), reps=("anna",))
    captured(2)
    visitor = visitors()
    visitor.log_in(company.reps[0])
    page, bar = visitor.page, visitor.page.locator("#line")
    first, second = [
        int(str(row.get_attribute("id"))[4:]) for row in page.locator("[data-row]").all()
    ]
    expect(bar).to_be_hidden()

    page.context.set_offline(True)
    expect(bar).to_have_text("You are offline. What you do waits here.")
    page.keyboard.press("a")
    expect(page.locator(f"#row-{first}")).to_be_hidden()
    assert steps(first) == []
    page.evaluate("document.querySelector('[data-due]').dataset.due = new Date(0).toISOString()")
    expect(page.locator("[data-due]").first).to_have_attribute("data-state", "late")
    page.get_by_role("link", name="Leads", exact=True).first.click()  # it would lose the page
    expect(page.locator(".toast").first).to_contain_text("You are offline")
    assert page.url.startswith(f"{visitor.address}/")
    assert "/leads/" not in page.url
    [late] = captured(1, first=9)

    page.context.set_offline(False)
    expect(bar).to_have_text("Back online.")
    expect(page.locator(".toast", has_text="Accepted")).to_have_count(1)
    expect(page.locator(f"#row-{late.pk}")).to_be_attached()
    settled(page)
    assert steps(first) == ["accept"]
    expect(page.locator("#pane [data-lead]")).to_have_attribute("data-lead", str(second))
    expect(bar).to_be_hidden(timeout=10_000)
    visitor.faults.clear()  # the browser complains of the line that was cut
