"""RevOps adds a finding and gives it away, Sales and Marketing sign, the pack is taken home."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from reports.models import Review, ReviewState
from reports.reviews import findings, opening
from reports.reviews.findings import Given
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def begin() -> tuple[factories.Company, Review]:
    """A company of last month, whose review was opened; what rules propose is none of ours."""
    now = timezone.now()
    company = factories.company(now=now - dt.timedelta(days=45))
    assert opening.open_due(now) == 1
    review = Review.objects.get()
    for one in review.findings.all():
        given = Given(one.text, None, None, "NONE", "Not today.")
        findings.change(review.number, one.number, given, by=company.revops, now=now)
    return company, review


def add(page: Page) -> None:
    """A finding of one's own, given to Anna."""
    page.get_by_role("link", name="Add a finding").click()
    page.fill("[name=text]", "Forms of the fair lose the phone number.")
    page.select_option("[name=owner]", label="Anna")
    page.get_by_role("button", name="Add the finding").click()


def decide(page: Page) -> None:
    """What the finding lacks: a day, a decision, why."""
    page.locator(".review-finding").last.get_by_role("link", name="Open").click()
    page.fill("[name=due_on]", (timezone.now() + dt.timedelta(days=9)).date().isoformat())
    page.select_option("[name=decision]", label="Repair data or a system")
    page.fill("[name=reason]", "It is one field.")
    page.get_by_role("button", name="Save").click()


@pytest.mark.parametrize("script", [True, False], ids=["", "without script"])
def test_a_review_is_decided_signed_and_taken_home(visitors: Any, *, script: bool) -> None:
    company, review = begin()
    rita, mia, mark, anna = (visitors(width=1280, script=script) for _ in range(4))
    for visitor, user in ((rita, company.revops), (mia, company.manager),
                          (mark, company.marketing), (anna, company.reps[0])):  # fmt: skip
        visitor.log_in(user)

    rita.open("/")
    rita.page.get_by_role("link", name="No governance review is closed yet").click()
    rita.page.locator(".list__row").first.click()
    add(rita.page)
    expect(rita.page.locator("main")).to_contain_text("lacks a decision and a due date")
    decide(rita.page)
    rita.page.get_by_role("button", name="Ask for signatures").click()
    expect(rita.page.locator("main")).to_contain_text("Awaits the signature of Sales and Marketing")

    for visitor, party in ((mia, "Sales"), (mark, "Marketing")):
        visitor.open("/notices/")
        visitor.page.get_by_role("link", name="awaits your signature").first.click()
        visitor.page.get_by_role("button", name=f"Sign for {party}").click()
    expect(mark.page.locator("main")).to_contain_text("Closed and signed: it never changes")
    review.refresh_from_db()
    assert review.state == ReviewState.CLOSED

    with mark.page.expect_download() as waiting:
        mark.page.get_by_role("link", name="Pack as HTML").click()
    taken = Path(waiting.value.path()).read_bytes()
    assert waiting.value.suggested_filename == f"governance-review-{review.number}.html"
    assert hashlib.sha256(taken).hexdigest() == review.pack_checksum
    with mark.page.expect_download() as waiting:
        mark.page.get_by_role("link", name="Pack as PDF").click()
    assert Path(waiting.value.path()).read_bytes().startswith(b"%PDF-")

    anna.open("/notices/")
    anna.page.get_by_role("link", name="is yours").first.click()
    anna.page.fill("[name=note]", "The field is there again.")
    anna.page.get_by_role("button", name="It is done").click()
    expect(anna.page.locator("main")).to_contain_text("Done today by Anna")
    anna.open("/")
    expect(anna.page.locator(".review-age")).to_contain_text("closed today by Mia and Mark")
