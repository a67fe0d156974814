"""What is done with many leads at once, in the browser."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from leads.models import Lead
from tests import factories, own_kit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_list_offers_the_choices_of_the_field_that_is_set(visitors: Any) -> None:
    company = factories.company(now=timezone.now() - dt.timedelta(days=1), reps=("anna",))
    own_kit.publish(company.revops)
    lead = factories.capture(now=timezone.now())
    visitor = visitors()
    visitor.log_in(company.revops)
    page = visitor.page
    visitor.open(f"/leads/act/?lead={lead.pk}")
    page.locator("[name=verb]").select_option("SET")
    typed, picked = page.locator("[name=value]"), page.locator("[name=picked]")
    page.locator("[name=field]").select_option("field.city")
    expect(typed).to_be_visible()
    expect(picked).to_be_hidden()
    page.locator("[name=field]").select_option("field.work")
    expect(typed).to_be_hidden()
    expect(picked).to_be_visible()
    expect(picked.locator("optgroup:not([hidden])")).to_have_count(1)
    picked.select_option("field.work=Student")
    page.get_by_role("button", name="Do it").click()
    expect(page.locator("main")).to_contain_text("What they do: Student")
    assert Lead.objects.get(pk=lead.pk).own_fields["work"][0] == "Student"
