"""Every page of the console, as several people see it: nothing against the accessibility rules.

In light and in dark, and no page scrolls sideways from 1440 to 360 pixels; nothing is complained
about by the browser. A dozen of these pages are looked at by each run of the journeys.
"""

from __future__ import annotations

from typing import Any

import pytest

from people.models import Role, User
from tests import busy_company, factories
from tests.faults.house import SHORT
from tests.integration.web.test_permission_matrix import MATRIX, filled
from tests.journeys.conftest import chromium, visitors  # noqa: F401 - fixtures
from tests.journeys.soundness import faults

pytestmark = [pytest.mark.browser, pytest.mark.faults, pytest.mark.django_db(transaction=True)]

NO_PAGE = ("csv", "xlsx", "raw", "export", "download")
EVERYBODY = ("revops", "manager", "rep", "marketing", "finance", "auditor")
PAGES = [name for name, rules in MATRIX.items() if "GET" in rules and not name.endswith(NO_PAGE)]


def reader(who: str, company: factories.Company) -> User:
    if who == "rep":
        return company.reps[0]
    known: User | None = getattr(company, who, None)
    return known or factories.user(f"the-{who}", role=Role[who.upper()])


@pytest.mark.parametrize("who", EVERYBODY[:1] if SHORT else EVERYBODY)
def test_no_page_has_a_fault(visitors: Any, who: str) -> None:  # noqa: F811 - the fixture
    company, now = busy_company.busy()
    factories.captures([factories.touch() for _ in range(12)], now=now)
    things, visitor = busy_company.things(company), visitors()
    visitor.log_in(reader(who, company))
    found, seen = [], 0
    for name in PAGES:
        answer = visitor.page.goto(visitor.address + filled(name, things))
        assert answer.status < 500, name
        if answer.status == 200 and "html" in answer.headers.get("content-type", ""):
            seen += 1
            found += [f"{name} {fault}" for fault in faults(visitor.page, name)]
    assert found == []
    assert seen > len(PAGES) // 4
