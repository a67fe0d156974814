"""RevOps changes a draft in the administration, with the condition written as text."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from governance.models import Criterion, KitVersion
from people.models import User
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def act(visitor: Any, title: str, number: int) -> str:
    """Choose an act for one version in the list, confirm it, and read the answer."""
    visitor.open("/admin/governance/kitversion/")
    version = KitVersion.objects.get(number=number)
    visitor.page.check(f"input.action-select[value='{version.pk}']")
    visitor.page.select_option("select[name=action]", label=title)
    visitor.page.click("button[name=index]")
    if visitor.page.locator("input[name=confirmed]").count():
        shoot(visitor, f"confirm-{title.split(maxsplit=1)[0].lower()}")
        visitor.page.click(f"input[type=submit][value='{title}']")
    return str(visitor.page.inner_text(".messagelist"))


def shoot(visitor: Any, name: str) -> None:
    if folder := os.environ.get("LEADGOV_SCREENSHOTS"):
        visitor.page.screenshot(path=f"{folder}/admin-{name}.png", full_page=True, caret="initial")


def test_a_definition_is_drafted_and_changed_as_text(visitors: Any) -> None:
    company = factories.company()
    User.objects.filter(role="REVOPS").update(is_staff=True)
    revops = visitors()
    revops.log_in(company.revops)
    assert "1 cloned" in act(revops, "Clone to a new draft", 1)
    shoot(revops, "versions")

    icp = Criterion.objects.get(kit__number=2, key="icp")
    revops.open(f"/admin/governance/criterion/{icp.pk}/change/")
    shoot(revops, "criterion")
    condition = {"fact": "company.employes", "op": "gte", "value": 100}
    revops.page.click("text=As JSON text")
    revops.page.fill("#id_condition", json.dumps(condition))
    revops.page.click("input[name=_save]")
    assert "did you mean “company.employees”" in revops.page.inner_text(".errorlist")
    shoot(revops, "criterion-refused")
    sound = {**condition, "fact": "company.employees"}
    revops.page.fill("#id_condition", json.dumps(sound))
    with revops.page.expect_navigation():
        revops.page.click("input[name=_save]")
    icp.refresh_from_db()
    assert icp.condition == sound

    revops.open(f"/admin/governance/kitversion/{KitVersion.objects.get(number=2).pk}/change/")
    shoot(revops, "version")
    revops.open(f"/admin/governance/criterion/{icp.pk}/history/")
    assert "Rita" in revops.page.inner_text("#change-history")
    shoot(revops, "history")
    revops.open("/admin/")
    shoot(revops, "index")
