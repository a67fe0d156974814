"""A lead is added by hand: what was typed survives a slip, and what is offered is offered once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from leads.models import Lead
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def leave(page: Page) -> None:
    """Close the form by Escape, until the page has the keyboard again."""
    page.keyboard.press("Escape")
    expect(page.locator("body")).to_be_focused()


def test_what_was_typed_is_there_again_until_it_is_cancelled_or_sent(visitors: Any) -> None:
    company = factories.company(now=timezone.now() - dt.timedelta(days=1), reps=("anna",))
    visitor = visitors()
    visitor.log_in(company.reps[0])
    page, sheet = visitor.page, visitor.page.locator("#sheet")
    told, mail = page.locator("[data-toast]"), sheet.get_by_label("E-mail", exact=False)

    page.keyboard.press("n")
    expect(sheet).to_be_visible()
    leave(page)  # nothing was typed: nothing to say
    expect(sheet).to_be_hidden()
    expect(told).to_have_count(0)
    page.keyboard.press("n")
    sheet.get_by_label("First name").fill("Jona")
    sheet.locator("[name=country]").select_option("AT")
    leave(page)
    expect(told.first).to_contain_text("What you typed is here again")
    page.keyboard.press("n")
    expect(sheet.get_by_label("First name")).to_have_value("Jona")
    expect(sheet.locator("[name=country]")).to_have_value("AT")
    page.get_by_role("button", name="Add lead").click()
    expect(sheet.locator(".field__error")).to_have_text("Give an e-mail address or a phone number.")
    leave(page)  # refused, and not lost either
    page.keyboard.press("n")
    expect(sheet.get_by_label("First name")).to_have_value("Jona")
    sheet.get_by_role("link", name="Cancel").click()
    expect(page.locator("body")).to_be_focused()
    page.keyboard.press("n")
    expect(sheet.get_by_label("First name")).to_have_value("")
    sheet.get_by_label("First name").fill("Jona")
    mail.first.fill("jona@weiss-werke.de")
    page.keyboard.press("Enter")
    expect(told.first).to_contain_text("it is yours")
    page.keyboard.press("u")
    expect(told.first).to_contain_text("is not yours any more")
    lead = Lead.objects.get()
    assert (lead.stage, lead.owner) == ("INQUIRY", None)


def test_the_palette_offers_adding_once_and_under_a_heading(visitors: Any) -> None:
    company = factories.company(now=timezone.now() - dt.timedelta(days=1), reps=("anna",))
    visitor = visitors()
    visitor.log_in(company.reps[0])
    page, palette = visitor.page, visitor.page.locator("#palette")
    page.keyboard.press("Control+k")
    page.keyboard.type("add lead")
    expect(palette.locator("#palette-told")).to_have_text("1 to choose from")
    expect(palette.get_by_role("option", name="Add lead")).to_have_count(1)
    expect(palette.get_by_text("On this page")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#sheet")).to_contain_text("Add a lead")
