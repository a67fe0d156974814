"""Every page of the administration opens, for everybody who may see it, at a steady price."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance import services
from governance.models import KitVersion
from leads.models import Lead
from lifecycle import actions
from people.models import ApiKey, Leave
from tests import factories

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
INLINE_CODE = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*application/json)|<style|\sstyle=|\son\w+="
)


@pytest.fixture
def company(db: None) -> factories.Company:
    """Something of everything the administration lists."""
    made = factories.company()
    lead = factories.capture()
    factories.work(lead, to="WON", now=factories.NOW + factories.HOUR)
    services.draft(base=KitVersion.objects.get(), title="Next", by=made.revops,
                   now=factories.NOW)  # fmt: skip
    Leave.objects.create(user=made.reps[0], starts_at=factories.NOW + factories.DAY,
                         ends_at=factories.NOW + 2 * factories.DAY)  # fmt: skip
    ApiKey.objects.create(user=made.revops, name="website", scope="CAPTURE", expiry=None)
    return made


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages without the list of all models at their side: half the work, the same on every page."""
    monkeypatch.setattr(admin.site, "enable_nav_sidebar", False)
    monkeypatch.setattr(admin.site, "get_app_list", lambda *_: [])


def client(company: factories.Company, role: str) -> Client:
    """A browser in which somebody of that role is logged in to the administration."""
    user = {"REVOPS": company.revops, "MANAGER": company.manager,
            "MARKETING": company.marketing, "SDR": company.reps[0],
            "SUPERUSER": company.revops}[role]  # fmt: skip
    user.is_staff, user.is_superuser = True, role == "SUPERUSER"
    user.save(update_fields=["is_staff", "is_superuser"])
    browser = Client()
    browser.force_login(user)
    return browser


def address(model: Any, page: str, *arguments: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=arguments)


def pages(model: Any, *, thorough: bool) -> list[str]:
    """The list and the newest row; thoroughly, a search, what is done to a row and histories."""
    newest = model._default_manager.order_by("-pk")[:1]
    listed = address(model, "changelist")
    if not thorough:
        return [listed, *(address(model, "change", row.pk) for row in newest)]
    found = [f"{listed}?q=1", address(model, "add")]
    for row in newest:
        found += [address(model, page, row.pk) for page in ("change", "history", "delete")]
    if hasattr(model, "history") and (record := model.history.order_by("pk").first()):
        found.append(address(model, "simple_history", record.id, record.pk))
    return found


def is_sound(answer: HttpResponse) -> bool:
    text = answer.content.decode()
    return answer.status_code in (200, 302, 403) and not INLINE_CODE.search(text)


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("role", ["SUPERUSER", "REVOPS"])
def test_every_page_opens_or_is_refused_and_holds_no_inline_code(
    company: factories.Company, role: str
) -> None:
    browser = client(company, role)
    unsound = {
        page: answer.status_code
        for model in MODELS
        for page in pages(model, thorough=role == "SUPERUSER")
        if not is_sound(answer := browser.get(page))
    }
    assert unsound == {}


@pytest.mark.parametrize("role", ["SUPERUSER", "REVOPS", "MANAGER"])
@pytest.mark.parametrize("page", ["admin:index", "admin:leads_lead_changelist"])
def test_the_list_of_models_holds_no_inline_code(
    company: factories.Company, role: str, page: str
) -> None:
    answer = client(company, role).get(reverse(page))
    assert is_sound(answer)
    assert reverse("admin:leads_lead_changelist") in answer.content.decode()


def test_nobody_edits_schedules_queue_rows_or_evidence(company: factories.Company) -> None:
    labels = {model._meta.app_label for model in MODELS}
    assert not labels & {"django_q", "knox"}
    browser = client(company, "SUPERUSER")
    for name in ("leads.LeadEvent", "sla.Clock", "routing.Decision", "leads.Lead", "leads.Touch"):
        model = next(one for one in MODELS if one._meta.label == name)
        assert browser.get(address(model, "add")).status_code == 403
        row = model._default_manager.first()
        assert browser.post(address(model, "change", row.pk), {"stage": "WON"}).status_code == 403
        assert browser.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403


@pytest.mark.usefixtures("bare")
def test_lists_cost_the_same_for_one_row_and_for_many(company: factories.Company) -> None:
    browser = client(company, "SUPERUSER")
    before = {model: queries(browser, model) for model in MODELS}
    for number in range(6):
        lead = factories.capture(now=factories.NOW + dt.timedelta(hours=2, minutes=number))
        factories.work(lead, to="LOST", now=factories.NOW + factories.DAY)
    grown = {
        model._meta.label: (before[model], now)
        for model in MODELS
        if (now := queries(browser, model)) > before[model] + 1
    }
    assert grown == {}
    assert max(before.values()) <= 16


def queries(browser: Client, model: Any) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert browser.get(address(model, "changelist")).status_code == 200
    return len(seen)


def test_a_lead_is_recycled_from_the_list_and_refusals_are_told(company: factories.Company) -> None:
    browser = client(company, "REVOPS")
    mql = factories.capture(now=factories.NOW)
    won = Lead.objects.get(stage="WON")
    answer = browser.post(
        address(Lead, "changelist"),
        {"action": "recycle", "_selected_action": [mql.pk, won.pk]},
        follow=True,
    )
    text = answer.content.decode()
    assert "1 recycled" in text
    assert f"#{won.pk} WON" in text
    assert Lead.objects.get(pk=mql.pk).stage == "NURTURE"


def test_a_manager_sees_only_leads_that_are_theirs_to_see(company: factories.Company) -> None:
    stranger = factories.rep("otto", pools=["dach"], team=factories.team("Elsewhere"))
    lead = factories.capture()
    actions.reassign(lead_id=lead.pk, by=company.revops, to=stranger.pk, reason="moved",
                     now=factories.NOW + factories.MINUTE)  # fmt: skip
    browser = client(company, "MANAGER")
    text = browser.get(address(Lead, "changelist")).content.decode()
    assert f"/leads/{lead.pk}/" not in text
    assert f"/leads/{Lead.objects.get(stage='WON').pk}/" in text
