"""A working day in the browser: keyboard, mouse, phone, and without any script."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from leads.models import Activity, Lead
from lifecycle import actions, checklists
from people.models import User
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def company(transactional_db: None) -> factories.Company:
    return factories.company(now=timezone.now() - dt.timedelta(days=1), reps=("anna",))


@pytest.fixture
def anna(company: factories.Company) -> User:
    return company.reps[0]


def leads(count: int) -> list[Lead]:
    now = timezone.now()
    return factories.captures(
        [factories.touch(person={"first_name": f"Buyer{n}"}) for n in range(count)], now=now
    )


def stages_of(made: list[Lead]) -> list[str]:
    return list(
        Lead.objects.filter(pk__in=[lead.pk for lead in made])
        .order_by("pk")
        .values_list("stage", flat=True)
    )


def test_a_refusal_is_shown_in_the_sheet(
    company: factories.Company, anna: User, visitors: Any
) -> None:
    [lead] = leads(1)
    visitor = visitors()
    visitor.log_in(anna)
    page = visitor.page
    page.keyboard.press("r")
    page.locator("#sheet button.btn--danger").click()
    expect(page.locator("#sheet .field__error")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#sheet")).not_to_be_visible()
    assert stages_of([lead]) == ["MQL"]


def test_a_key_pressed_as_soon_as_keys_are_heard_opens_the_sheet(
    company: factories.Company, anna: User, visitors: Any
) -> None:
    leads(1)
    visitor = visitors()
    visitor.page.add_init_script(
        """const listen = document.addEventListener;
        document.addEventListener = function (name, ...more) {
            listen.call(this, name, ...more);
            if (name !== "keydown") return;
            document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "r", bubbles: true}));
        };"""
    )
    visitor.log_in(anna)
    expect(visitor.page.locator("#sheet button.btn--danger")).to_be_visible()


def test_without_script_everything_works_by_links_and_forms(
    company: factories.Company, anna: User, visitors: Any
) -> None:
    [lead] = leads(1)
    visitor = visitors(script=False)
    visitor.log_in(anna)
    page = visitor.page
    page.get_by_role("button", name="Accept").click()
    expect(page.locator(".toast")).to_contain_text("Accepted")
    page.get_by_role("link", name="Log contact").click()
    page.locator("select[name=kind]").select_option("DISCOVERY_CALL")
    page.locator("textarea[name=note]").fill("Good talk")
    page.get_by_role("button", name="Log contact").click()
    page.locator("#pane").get_by_role("link", name="Mark as SQL").click()
    for key, text in factories.BANT.items():
        page.locator(f'[name="bant.{key}"]').fill(text)
    page.get_by_role("button", name="Mark as SQL").click()
    assert stages_of([lead]) == ["SQL"]
    assert Activity.objects.filter(lead=lead, note="Good talk").exists()


def test_on_a_phone_the_lead_in_hand_is_a_page_of_its_own(
    company: factories.Company, anna: User, visitors: Any
) -> None:
    leads(2)
    visitor = visitors(width=390, height=844)
    visitor.log_in(anna)
    page = visitor.page
    expect(page.locator("#pane")).not_to_be_visible()
    page.locator("[data-row]").first.click()
    page.wait_for_url(re.compile(r"\?lead=\d+"))
    expect(page.locator("#pane")).to_be_visible()
    expect(page.locator(".inbox__list")).not_to_be_visible()
    page.locator(".pane__back").click()
    expect(page.locator(".inbox__list")).to_be_visible()


def test_the_clock_ticks_and_turns_late(
    company: factories.Company, anna: User, visitors: Any
) -> None:
    leads(1)
    visitor = visitors()
    visitor.log_in(anna)
    page = visitor.page
    clock = page.locator("[data-row] [data-due]").first
    before = clock.get_attribute("data-state")
    page.evaluate(
        "clock => { clock.dataset.due = new Date(Date.now() - 6e5).toISOString() }",
        clock.element_handle(),
    )
    expect(clock).to_have_attribute("data-state", "late")
    expect(clock.locator("[data-count]")).to_contain_text("−")
    assert before != "late"


def test_the_choice_of_colours_stays(company: factories.Company, anna: User, visitors: Any) -> None:
    visitor = visitors()
    visitor.log_in(anna)
    page = visitor.page
    page.locator("[data-menu] summary").click()
    page.get_by_role("button", name="Dark").click()
    visitor.open("/kit/")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(15, 15, 19)"


def test_a_manager_reassigns_with_a_reason(
    company: factories.Company, anna: User, visitors: Any
) -> None:
    [lead] = leads(1)
    bert = factories.rep("bert", pools=["dach"], team=company.team)
    visitor = visitors()
    visitor.log_in(company.manager)
    page = visitor.page
    visitor.open(f"/leads/{lead.pk}/")
    page.get_by_text("More actions").click()
    page.get_by_role("link", name="Reassign").click()
    page.locator("#sheet select[name=to]").select_option(str(bert.pk))
    page.locator("#sheet input[name=reason]").fill("Knows the industry")
    page.locator("#sheet button.btn--primary").click()
    expect(page.locator(".toast")).to_contain_text("Bert")
    expect(page.locator(".timeline").first).to_contain_text("Knows the industry")
    assert Lead.objects.get(pk=lead.pk).owner_id == bert.pk


def test_a_manager_drags_a_lead_to_somebody_and_hands_another_on_by_keys(
    company: factories.Company, anna: User, visitors: Any
) -> None:
    first, other = leads(2)
    bert = factories.rep("bert", pools=["dach"], team=company.team)
    visitor = visitors()
    visitor.log_in(company.manager)
    page = visitor.page
    visitor.open("/team/board/")
    column = page.locator(f'[data-owner="{bert.pk}"]')
    page.get_by_role("listitem").filter(has_text=first.person.name).drag_to(column)
    expect(page.locator("#sheet select[name=to]")).to_have_value(str(bert.pk))
    expect(page.locator("#sheet [name=reason]")).to_be_focused()
    page.keyboard.type("Knows the industry")
    page.keyboard.press("Enter")
    expect(column).to_contain_text(first.person.name)
    following = page.locator("[data-card]").filter(has_text=other.person.name).get_by_role("link")
    expect(following.first).to_be_focused()
    page.keyboard.press("u")
    expect(page.locator(".toast").first).to_contain_text(f"{first.person.name} is with Anna")
    expect(page).to_have_url(re.compile("/team/board/$"))
    expect(column).not_to_contain_text(first.person.name)
    for one in (first, other):
        page.locator("[data-card]").filter(has_text=one.person.name).get_by_role(
            "link"
        ).first.focus()
        page.keyboard.press("m")
        page.locator("#sheet select[name=to]").select_option(str(bert.pk))
        page.locator("#sheet [name=reason]").fill("Works with the first")
        page.keyboard.press("Enter")
        expect(column).to_contain_text(one.person.name)
    assert set(Lead.objects.values_list("owner", flat=True)) == {bert.pk}
    assert visitor.faults == []


def test_the_keys_are_listed(company: factories.Company, anna: User, visitors: Any) -> None:
    visitor = visitors()
    visitor.log_in(anna)
    visitor.page.keyboard.press("?")
    expect(visitor.page.locator("#keys")).to_be_visible()
    visitor.page.keyboard.press("Escape")
    visitor.page.keyboard.press("g")
    visitor.page.keyboard.press("k")
    visitor.page.wait_for_url(re.compile("/kit/$"))


def test_a_server_that_is_away_changes_nothing_on_the_page(
    company: factories.Company, anna: User, visitors: Any
) -> None:
    leads(2)
    visitor = visitors()
    visitor.log_in(anna)
    page = visitor.page
    before = page.locator("#pane h2").inner_text()
    page.route("**/*lead=*", lambda route: route.abort())
    page.keyboard.press("j")
    expect(page.locator(".toast").last).to_contain_text("No connection")
    assert page.locator("#pane h2").inner_text() == before
    visitor.faults.clear()  # the browser rightly complains about the cut line


def test_missing_letters_are_listed_while_one_writes_and_kept_for_later(
    company: factories.Company, anna: User, visitors: Any
) -> None:
    [lead] = leads(1)
    actions.accept(lead_id=lead.pk, by=anna, icp_confirmed=True)
    visitor = visitors()
    visitor.log_in(anna)
    page = visitor.page
    page.keyboard.press("a")
    missing = page.locator("#sheet [data-missing=bant]")
    expect(missing).to_have_text("Missing: Budget, Authority, Need, Timeline")
    page.locator('#sheet [name="bant.need"]').fill("Growth")
    expect(missing).to_have_text("Missing: Budget, Authority, Timeline")
    page.get_by_role("button", name="Keep for later").click()
    expect(page.locator(".toast")).to_contain_text("BANT: 1 of 4, lacks Budget")
    assert checklists.kept(lead) == {"bant.need": "Growth"}
