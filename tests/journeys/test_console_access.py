"""Everybody can use it: no fault by the accessibility rules, no page that scrolls sideways."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone

from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = [
    "/",
    "/leads/",
    "/leads/{lead}/",
    "/leads/{lead}/reject/",
    "/accounts/",
    "/team/",
    "/reports/",
    "/reports/sla/",
    "/kit/",
    "/notices/",
    "/search/?q=b",
    "/worker/",
]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}


@pytest.fixture
def lead(transactional_db: None) -> Any:
    now = timezone.now()
    factories.company(now=now - dt.timedelta(days=20), reps=("anna",))
    factories.captures([factories.touch() for _ in range(3)], now=now - dt.timedelta(days=9))
    return factories.capture(factories.touch(person={"first_name": "Buyer"}), now=now)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_accessibility_rules_find_nothing(lead: Any, visitors: Any, dark: bool) -> None:
    visitor = visitors(dark=dark)
    found = []
    for path in ["/accounts/login/", "/accounts/password/reset/", "/nothing/"]:
        visitor.open(path)
        found += _violations(visitor, path)
    visitor.log_in(lead.owner)
    for path in PAGES:
        visitor.open(path.format(lead=lead.pk))
        found += _violations(visitor, path)
    assert found == []


def _violations(visitor: Any, path: str) -> list[str]:
    answer = Axe().run(visitor.page, options=RULES).response
    return [
        f"{path} {one['id']}: {node['html'][:160]}"
        for one in answer["violations"]
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("width", [360, 768, 1024])
def test_no_page_scrolls_sideways(lead: Any, visitors: Any, width: int) -> None:
    visitor = visitors(width=width)
    visitor.log_in(lead.owner)
    wide = []
    for path in PAGES:
        visitor.open(path.format(lead=lead.pk))
        over = visitor.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if over > 0:
            wide.append((path, over))
    assert wide == []


def test_every_page_is_light_to_load(lead: Any, visitors: Any) -> None:
    visitor = visitors()
    visitor.log_in(lead.owner)
    sizes: dict[str, int] = {}
    for path in PAGES:
        visitor.open(path.format(lead=lead.pk))
        sizes[path] = len(visitor.page.content())
    assert max(sizes.values()) < 150_000, sizes
