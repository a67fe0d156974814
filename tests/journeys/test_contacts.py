"""What was said and what comes next are one form: logged at once, taken back by one key."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from leads.models import Activity, Lead
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_call_and_its_next_step_are_logged_and_undone_by_keyboard(visitors: Any) -> None:
    company = factories.company(now=timezone.now() - dt.timedelta(days=1), reps=("anna",))
    lead = factories.capture(now=timezone.now())
    visitor = visitors()
    visitor.log_in(company.reps[0])
    page, told = visitor.page, visitor.page.locator(".toast")
    visitor.open(f"/leads/{lead.pk}/")
    page.keyboard.press("c")
    pick, by = page.get_by_label("Next step", exact=False).first, page.get_by_label("Next step by")
    expect(pick).to_be_visible()
    expect(by).to_be_hidden()
    pick.select_option("other")
    at = page.get_by_label("Next step at")
    expect(at).to_be_visible()
    at.fill("2020-01-01T10:00")
    page.get_by_role("button", name="Log contact").click()
    expect(page.locator("#sheet .field__error")).to_contain_text("lies ahead")
    pick.select_option(index=1)
    by.select_option("EMAIL")
    page.get_by_role("button", name="Log contact").click()
    expect(told.first).to_contain_text("Next step: ")
    lead.refresh_from_db()
    assert (lead.next_step_at is not None, lead.next_step_kind) == (True, "EMAIL")
    expect(page.locator("main")).to_contain_text("promised the next step: e-mail")

    page.keyboard.press("u")
    expect(told.first).to_contain_text("nor does the next step promised with it")
    assert Lead.objects.get(pk=lead.pk).next_step_at is None
    assert not Activity.objects.standing().filter(lead=lead).exists()


ON_TOP = """toast => {
    const box = toast.getBoundingClientRect();
    const seen = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return toast.contains(seen);
}"""


def test_what_is_told_while_a_form_is_open_is_seen_in_it_and_can_be_undone(visitors: Any) -> None:
    company = factories.company(now=timezone.now() - dt.timedelta(days=1), reps=("anna",))
    lead = factories.capture(now=timezone.now())
    visitor = visitors()
    visitor.log_in(company.reps[0])
    page, told = visitor.page, visitor.page.locator("[data-toast]")
    visitor.open(f"/leads/{lead.pk}/")
    page.keyboard.press("c")
    page.get_by_role("button", name="Log contact").click()
    expect(told.first).to_contain_text("Logged contact")
    page.keyboard.press("c")
    expect(page.get_by_role("button", name="Log contact")).to_be_visible()
    assert told.first.evaluate(ON_TOP)
    expect(page.get_by_role("dialog").get_by_role("status")).to_contain_text("Logged contact")
    page.get_by_role("dialog").get_by_role("button", name="Undo").click()
    expect(told.first).to_contain_text("counts no more")
    page.keyboard.press("c")
    expect(page.get_by_role("dialog").locator("#toasts")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("main > #toasts")).to_have_count(1)
    assert not Activity.objects.standing().filter(lead=lead).exists()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_slider_says_when_each_event_was_and_opens_on_enter(visitors: Any, dark: bool) -> None:
    company = factories.company(now=timezone.now() - dt.timedelta(days=1), reps=("anna",))
    lead = factories.capture(now=timezone.now() - dt.timedelta(hours=2))
    visitor = visitors(dark=dark)
    visitor.log_in(company.reps[0])
    page = visitor.page
    visitor.open(f"/leads/{lead.pk}/")
    slider = page.get_by_role("slider")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("as it is now$"))
    slider.focus()
    page.keyboard.press("Home")
    expect(slider).to_have_attribute(
        "aria-valuetext", re.compile(r"^As of event 1 of \d+: \d\d:\d\d ")
    )
    expect(page.locator("label[for=as-of]")).to_contain_text(re.compile(r"event 1 of \d+: \d\d:"))
    expect(page).to_have_url(re.compile(rf"/leads/{lead.pk}/$"))
    box = slider.bounding_box()
    assert box is not None
    assert box["height"] >= 24  # a finger hits it
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("step=1$"))
    expect(page.get_by_role("slider")).to_have_attribute(
        "aria-valuetext", re.compile(r"yesterday|today")
    )
