"""A day of each role in a browser that runs no script: every link and form is a page that works."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from leads.models import Activity, Lead, LeadEvent
from lifecycle.models import RejectionDispute
from people.models import User
from tests import factories, own_kit
from web.models import SavedFilter

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def company() -> factories.Company:
    return factories.company(now=timezone.now() - dt.timedelta(days=1), reps=("anna", "bert"))


def captured(count: int) -> list[Lead]:
    return factories.captures(
        [
            factories.touch(person={"first_name": f"Buyer{n}", "last_name": "Ohm"})
            for n in range(count)
        ],
        now=timezone.now(),
    )


def of(user: User) -> list[Lead]:
    return list(Lead.objects.filter(owner=user).select_related("person").order_by("pk"))


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=False).first.click()


def follow(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=False).first.click()


def told(page: Page, text: str) -> None:
    expect(page.locator(".toast").first).to_contain_text(text)


def test_a_rep_works_their_leads(company: factories.Company, visitors: Any) -> None:
    anna, bert = company.reps
    captured(8)
    visitor = visitors(script=False)
    visitor.log_in(anna)
    page = visitor.page
    first, second, third, *_ = of(anna)

    visitor.open(f"/leads/{first.pk}/")
    press(page, "Accept")
    told(page, "Accepted")
    press(page, "Undo")
    told(page, "Undone")
    follow(page, "Log contact")
    pick = page.locator("[name='next_step.pick']")
    expect(page.locator("[name='next_step.at']")).to_be_hidden()
    pick.select_option("other")
    page.locator("[name='next_step.at']").fill("2020-01-01T10:00")
    page.get_by_label("What was said").fill("They like blue")
    press(page, "Log contact")
    expect(page.locator(".field__error")).to_contain_text("lies ahead")
    expect(page.get_by_label("What was said")).to_have_value("They like blue")
    pick.select_option(index=1)
    press(page, "Log contact")
    told(page, "Next step: ")
    press(page, "Undo")
    told(page, "nor does the next step promised with it")
    assert Lead.objects.get(pk=first.pk).next_step_at is None
    assert not Activity.objects.standing().filter(lead=first).exists()

    visitor.open(f"/leads/{second.pk}/")
    follow(page, "Reject")
    press(page, "Reject")
    expect(page.locator(".field__error").first).to_be_visible()
    page.locator("[name=reason]").first.check()
    page.locator("textarea[name=note]").fill("Half a company\nis none")
    press(page, "Reject")
    told(page, "Rejected")
    rejected = LeadEvent.objects.filter(lead=second, transition="reject")
    assert rejected.exists()

    visitor.open(f"/leads/{third.pk}/")
    page.get_by_text("More actions").click()
    follow(page, "Reassign")
    page.locator("select[name=to]").select_option(str(bert.pk))
    page.locator("[name=reason]").fill("Knows them")
    press(page, "Reassign")
    told(page, "Bert")
    press(page, "Undo")
    told(page, "is with Anna")


def test_a_rep_finds_adds_and_sets(company: factories.Company, visitors: Any) -> None:
    anna, _bert = company.reps
    own_kit.publish(company.revops)
    captured(6)
    visitor = visitors(script=False)
    visitor.log_in(anna)
    page, mine = visitor.page, of(anna)
    expect(page.locator("[data-open-palette]")).to_be_hidden()  # nothing would come of it
    page.locator("#search").fill(mine[0].person.name)
    page.locator("#search").press("Enter")
    expect(page.locator("main")).to_contain_text(mine[0].person.name)

    visitor.open("/leads/")
    follow(page, "Add lead")
    page.locator("[name=first_name]").fill("Jona")
    press(page, "Add lead")
    expect(page.locator(".field__error")).to_contain_text("an e-mail address or a phone number")
    page.locator("[name=email]").fill("jona@weiss-werke.de")
    press(page, "Add lead")
    told(page, "it is yours")

    visitor.open("/leads/")
    page.locator("[name=owner]").first.select_option("me")
    page.locator("[name=stage]").first.select_option("MQL")
    press(page, "Apply")
    expect(page.locator(".leads tbody tr")).to_have_count(len(mine))
    for lead in mine[:2]:
        page.get_by_label(f"Choose {lead.person.name}").check()
    press(page, "Act on those ticked")
    page.locator("[name=verb]").select_option("SET")
    page.locator("[name=field]").select_option("field.work")
    page.locator("[name=picked]").last.select_option("field.work=Student")
    press(page, "Preview")
    expect(page.locator("main")).to_contain_text("2 leads")
    press(page, "Do it")
    expect(page.locator("main")).to_contain_text("What they do: Student")
    press(page, "Undo")
    expect(page.locator("main")).to_contain_text("Take back")
    assert not Lead.objects.filter(own_fields__has_key="work").exists()


def test_a_manager_hands_on_and_keeps_a_list(company: factories.Company, visitors: Any) -> None:
    anna, bert = company.reps
    captured(6)
    visitor = visitors(script=False)
    visitor.log_in(company.manager)
    page, hers = visitor.page, of(anna)
    visitor.open("/team/board/")
    page.get_by_label(f"Reassign {hers[0].person.name}").click()
    page.locator("select[name=to]").select_option(str(bert.pk))
    page.locator("[name=reason]").fill("Knows them")
    press(page, "Reassign")
    told(page, "Bert")
    press(page, "Undo")
    told(page, "is with Anna")

    visitor.open("/leads/")
    page.locator("[name=owner]").first.select_option(str(anna.pk))
    press(page, "Apply")
    press(page, "Hand on all that match")
    press(page, "Hand them on")
    expect(page.locator(".field__error").first).to_be_visible()
    page.locator("[name=way]").select_option("PERSON")
    page.locator("[name=to]").select_option(str(bert.pk))
    page.locator("[name=reason]").fill("Anna is ill")
    press(page, "Preview")
    expect(page.locator("main")).to_contain_text("What would come of it now")
    press(page, "Hand them on")
    assert of(anna) == []
    press(page, "Undo")
    assert {one.pk for one in of(anna)} == {one.pk for one in hers}

    visitor.open("/leads/?stage=MQL")
    page.locator("summary", has_text="Columns").click()
    places = page.locator("input[name^=place-]")
    expect(places.last).to_have_value("")
    places.last.fill("1")
    shown = page.locator(".leads thead th").count()
    press(page, "Show these")
    expect(page.locator(".leads thead th")).to_have_count(shown + 1)
    page.locator("summary", has_text="Saved filters").click()
    page.get_by_label("Save these filters as").fill("Waiting")
    page.get_by_role("button", name="Save", exact=True).last.click()
    assert SavedFilter.objects.filter(name="Waiting").exists()
    with page.expect_download() as begun:
        follow(page, "CSV")
    assert hers[0].person.name in Path(str(begun.value.path())).read_text()


def test_marketing_disputes_and_revops_decides(company: factories.Company, visitors: Any) -> None:
    [lead, *_] = captured(2)
    reader = visitors(script=False)
    reader.log_in(User.objects.get(pk=lead.owner_id))
    reader.open(f"/leads/{lead.pk}/reject/")
    reader.page.get_by_label("Outside", exact=False).first.check()
    reader.page.locator("textarea[name=note]").fill("Too small.")
    press(reader.page, "Reject")

    visitor = visitors(script=False)
    visitor.log_in(company.marketing)
    page = visitor.page
    follow(page, lead.person.name)
    follow(page, "Dispute the rejection")
    page.locator("textarea[name=note]").fill("They have 420 people.")
    press(page, "Dispute")
    told(page, "isput")

    decider = visitors(script=False)
    decider.log_in(company.revops)
    follow(decider.page, lead.person.name)
    follow(decider.page, "Decide the dispute")
    decider.page.locator("input[type=radio]").last.check()
    decider.page.locator("textarea[name=note]").fill("As agreed.")
    press(decider.page, "Decide")
    assert RejectionDispute.objects.get(lead=lead).state != "OPEN"
