"""Everybody can use it: no fault by the accessibility rules, no page that scrolls sideways."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from leads.models import DuplicateSuggestion, Lead
from lifecycle import merging
from tests import busy_company, factories
from tests.journeys.soundness import faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STRANGERS = ("/accounts/login/", "/accounts/password/reset/", "/nothing/")
OF_A_REP = (
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
    "/help/clocks/",
    "/me/mail/",
    "/accounts/2fa/totp/activate/",
    "/accounts/sessions/",
)
OF_REVOPS = (
    "/",
    "/queues/exceptions/",
    "/queues/quarantine/",
    "/queues/spam/",
    "/duplicates/",
    "/duplicates/{pair}/",
    "/leads/{lead}/",
    "/leads/{lead}/edit/",
    "/leads/{lead}/permission/",
    "/leads/{lead}/score/",
    "/leads/{lead}/same-as/",
    "/people/{person}/data/",
    "/accounts/{account}/",
    "/accounts/{account}/edit/",
    "/import/",
    "/team/invitations/",
    "/team/calendar/",
    "/suppressions/",
    "/operations/",
    "/seals/",
    "/wall/",
)


def walk(visitor: Any, paths: tuple[str, ...], **values: int) -> list[str]:
    """The faults of these pages, each with its path."""
    found = []
    for path in paths:
        visitor.open(path.format(**values))
        title = visitor.page.title()
        assert ("Not here" in title) == (path == "/nothing/"), (path, title)
        name = "page" + path.split("?", maxsplit=1)[0].format(**values).replace("/", "-")
        found += [f"{path} {fault}" for fault in faults(visitor.page, name)]
    return found


def test_a_rep_meets_no_fault_on_any_page(visitors: Any) -> None:
    now = timezone.now()
    factories.company(now=now - dt.timedelta(days=20), reps=("anna",))
    factories.captures([factories.touch() for _ in range(3)], now=now - dt.timedelta(days=9))
    lead = factories.capture(factories.touch(person={"first_name": "Buyer"}), now=now)
    visitor = visitors()
    found = walk(visitor, STRANGERS)
    visitor.log_in(lead.owner)
    assert found + walk(visitor, OF_A_REP, lead=lead.pk) == []


def test_revops_meets_no_fault_on_the_pages_of_intake(visitors: Any) -> None:
    company, _ = busy_company.busy()
    one, other = Lead.objects.filter(stage="MQL").order_by("pk")[:2]
    merging.suggest(lead_id=one.pk, other_id=other.pk, by=company.revops)
    visitor = visitors()
    visitor.log_in(company.revops)
    pair = DuplicateSuggestion.objects.latest("pk").pk
    ids = {"lead": one.pk, "person": one.person_id, "account": one.account_id or 0, "pair": pair}
    assert walk(visitor, OF_REVOPS, **ids) == []
