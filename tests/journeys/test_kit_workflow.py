"""RevOps changes the ICP in the browser; it is simulated, signed, published, and taken back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import OrmQ
from django_q.signing import SignedPackage
from playwright.sync_api import expect

from governance import selectors, services
from governance.models import Criterion, KitStatus, KitVersion
from people.models import User
from tests import factories, kit_versions
from tests.journeys.soundness import is_sound, shoot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def company(transactional_db: None) -> factories.Company:
    """A kit in force for ten days, and the leads that came under it."""
    now = timezone.now()
    made = factories.company(now=now - dt.timedelta(days=10), reps=("anna", "ben"))
    for days in (6, 4, 2):
        bodies = [factories.touch(company={"employees": size}) for size in ("420", "1200")]
        factories.captures(bodies, now=now - dt.timedelta(days=days))
    return made


def run_jobs() -> None:
    """What the worker would take from the queue, in order; errors come out."""
    for row in OrmQ.objects.order_by("pk"):
        task = SignedPackage.loads(row.payload)
        row.delete()
        import_string(task["func"])(*task["args"], **task["kwargs"])


def act(visitor: Any, link: str, button: str, **fields: str) -> None:
    """Open the sheet of an act, fill it in, and send it."""
    page = visitor.page
    page.get_by_role("link", name=link, exact=True).click()
    page.wait_for_selector("dialog[open]")
    for name, text in fields.items():
        page.fill(f"dialog [name={name}]", text)
    page.locator("dialog").get_by_role("button", name=button, exact=True).click()
    page.wait_for_selector("[data-toast]")


def test_a_change_of_the_icp_from_clone_to_rollback(company: Any, visitors: Any) -> None:
    revops, sales, marketing = visitors(), visitors(), visitors()
    for visitor, user in (
        (revops, company.revops), (sales, company.manager), (marketing, company.marketing)
    ):  # fmt: skip
        visitor.log_in(user)
    page = revops.page

    revops.open("/kit/")
    act(revops, "New draft", "Make the draft", title="Larger companies only")
    expect(page.locator("h1")).to_contain_text("Kit v2 Larger companies only")
    expect(page.locator(".page__lead")).to_contain_text("Edit its parts")

    page.get_by_role("link", name="Edit parts").click()
    page.get_by_role("link", name="Ideal customer profile icp").click()
    page.fill("#condition-0\\.0-value", "500")
    page.get_by_role("button", name="Save", exact=True).click()
    revops.open("/kit/versions/2/")
    changed = "Company size is between 50 and 5,000 employees → between 500 and 5,000 employees"
    expect(page.locator(".change__main")).to_contain_text(changed)
    expect(page.locator(".change__main")).to_contain_text(f"{company.revops}, ")
    is_sound(revops.page)

    page.locator(".kit-acts").get_by_role("button", name="Simulate").click()
    page.wait_for_url("**/simulation/")
    run_jobs()
    revops.open("/kit/versions/2/")
    expect(page.locator("aside")).to_contain_text("6 leads replayed under v1 and v2")
    shoot(revops.page, "kit-workflow-simulated")

    page.get_by_role("link", name="Submit for review").click()
    page.locator("dialog").get_by_role("button", name="Submit for review").click()
    expect(page.locator(".field__error")).to_contain_text("required")
    page.fill("dialog [name=note]", "Pools are filled next week.")
    page.locator("dialog").get_by_role("button", name="Submit for review").click()
    expect(page.locator(".page__lead")).to_contain_text("Waiting for the signatures of Sales")

    before = factories.capture(now=timezone.now())
    for visitor, party in ((sales, "Sales"), (marketing, "Marketing")):
        visitor.open("/kit/")
        expect(visitor.page.locator(".side__link[aria-current] .side__count")).to_have_text("1")
        visitor.page.get_by_role("link", name="v2 Larger companies only").click()
        act(visitor, f"Sign for {party}", "Sign")
        expect(visitor.page.locator(".side__link[aria-current] .side__count")).to_have_count(0)
    revops.open("/kit/versions/2/")
    shoot(revops.page, "kit-workflow-signed")
    act(revops, "Publish now", "Publish now")
    expect(page.locator(".badge").first).to_have_text("Active")
    after = factories.capture(now=timezone.now())

    assert (before.stage, after.stage) == ("MQL", "INQUIRY")
    for lead, version in ((before, "Kit v1"), (after, "Kit v2")):
        revops.open(f"/leads/{lead.pk}/")
        expect(page.locator("#story")).to_contain_text(version, ignore_case=True)

    revops.open("/kit/versions/2/")
    act(revops, "Roll back to v1", "Put it up for signature", reason="Too few leads are left.")
    expect(page.locator("h1")).to_contain_text("Kit v3 Back to v1")
    for visitor, party in ((sales, "Sales"), (marketing, "Marketing")):
        visitor.open("/kit/versions/3/")
        act(visitor, f"Sign for {party}", "Sign")
    first = KitVersion.objects.get(number=1)
    assert selectors.active_kit().number == 3
    assert selectors.active_kit().checksum == first.checksum
    assert factories.capture(now=timezone.now()).stage == "MQL"
    revops.open("/kit/compare/1/3/")
    expect(page.locator(".page__lead")).to_contain_text("say the same, word for word")


def in_review(company: factories.Company) -> KitVersion:
    """A draft that two must sign."""
    now = timezone.now()
    version = services.draft(
        base=selectors.active_version(), title="Larger", by=company.revops, now=now
    )
    row = Criterion.objects.get(kit=version, key="icp")
    row.condition["all"][0]["value"] = [100, 5000]
    row._history_user = company.revops
    row.save()
    return kit_versions.review(version, by=company.revops, now=now)


def test_the_pages_are_sound(company: Any, visitors: Any) -> None:
    version = in_review(company)
    visitor = visitors()
    visitor.log_in(company.manager)
    for name, path in (
        ("kit", "/kit/"),
        ("version", f"/kit/versions/{version.number}/"),
        ("compare", f"/kit/compare/1/{version.number}/"),
        ("sign", f"/kit/versions/{version.number}/acts/sign/?party=SALES"),
        ("reopen", f"/kit/versions/{version.number}/acts/reopen/"),
        ("deputies", "/kit/deputies/"),
    ):
        visitor.open(path)
        is_sound(visitor.page, f"kit-{name}")


def test_a_signer_needs_no_mouse(company: Any, visitors: Any) -> None:
    version = in_review(company)
    visitor = visitors()
    visitor.log_in(company.marketing)
    page = visitor.page
    visitor.open(f"/kit/versions/{version.number}/")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == "Sign for Marketing":
            break
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open]")
    assert page.evaluate("document.activeElement.id") == "sheet-title"
    is_sound(visitor.page)
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert not version.signatures.exists()
    assert page.evaluate("document.activeElement.textContent.trim()") == "Sign for Marketing"
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open]")
    for _ in range(5):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == "Sign":
            break
    page.keyboard.press("Enter")
    page.wait_for_selector("text=You have signed")
    assert version.signatures.get().by == company.marketing


def test_everything_works_without_script_and_nothing_typed_is_lost(
    company: Any, visitors: Any
) -> None:
    version = in_review(company)
    kit_versions.sign(version, now=timezone.now())
    User.objects.filter(pk=company.revops.pk).update(time_zone="America/New_York")
    visitor = visitors(script=False)
    visitor.log_in(User.objects.get(pk=company.revops.pk))
    page = visitor.page
    visitor.open(f"/kit/versions/{version.number}/")
    page.get_by_role("link", name="Schedule").click()
    assert "New York time" in page.inner_text("label[for=id_at]")
    page.fill("#id_at", "2020-01-01T09:00")
    page.get_by_role("button", name="Schedule").click()
    assert "instant to come" in page.inner_text(".field__error")
    assert page.input_value("#id_at") == "2020-01-01T09:00"
    tomorrow = timezone.now() + dt.timedelta(days=1)
    page.fill("#id_at", f"{tomorrow:%Y-%m-%dT%H:%M}")
    page.get_by_role("button", name="Schedule").click()
    assert "Comes into force at" in page.inner_text(".page__lead")
    version.refresh_from_db()
    assert version.status == KitStatus.SCHEDULED
