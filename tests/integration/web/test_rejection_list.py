"""The list of rejections: what is contestable, disputed, decided; filters, pages, file."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core import database
from leads.models import Lead
from lifecycle import actions, disputes
from tests import factories
from tests.factories import HOUR, MINUTE, Company
from web.console import rejection_list

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> dt.datetime:
    return database.now() - HOUR


@pytest.fixture
def company(db: None, now: dt.datetime) -> Company:
    return factories.company(now=now)


def reject(count: int, now: dt.datetime, reason: str = "outside_icp") -> list[Lead]:
    leads = factories.captures([factories.touch() for _ in range(count)], now=now)
    for lead in leads:
        actions.reject(lead_id=lead.pk, by=lead.owner, reason=reason, note="No.", now=now + MINUTE)
    return leads


def rows(client: Client, query: str = "") -> str:
    text = client.get(f"/rejections/?{query}").content.decode()
    return text[text.index("<tbody>") :]


def test_each_state_is_found_by_its_filter(
    client: Client, company: Company, now: dt.datetime
) -> None:
    open_, upheld, overturned, late, plain = reject(5, now)
    for lead in (open_, upheld, overturned, late):
        disputes.dispute(
            lead_id=lead.pk, by=company.marketing, note=f"Look at {lead.pk}.", now=now + 2 * MINUTE
        )
    for lead, outcome in ((upheld, "UPHELD"), (overturned, "OVERTURNED")):
        disputes.rule(
            lead_id=lead.pk, by=company.revops, outcome=outcome, note="So be it.",
            now=now + 3 * MINUTE,
        )  # fmt: skip
    late.disputes.update(due_at=now + 4 * MINUTE)
    client.force_login(company.revops)
    wanted = {
        "contestable": {plain},
        "undisputed": {plain},
        "disputed": {open_, late},
        "overdue": {late},
        "upheld": {upheld},
        "overturned": {overturned},
        "overtaken": set(),
        "": {open_, upheld, overturned, late, plain},
    }
    for standing, leads in wanted.items():
        told = rows(client, f"standing={standing}")
        found = {one for one in (open_, upheld, overturned, late, plain)
                 if f"/leads/{one.pk}/#rejection" in told}  # fmt: skip
        assert found == leads, standing
    told = rows(client, "standing=disputed")
    assert f"Look at {open_.pk}." in told
    assert f"/leads/{open_.pk}/decide-dispute/" in told
    assert "Overdue" in told
    file = b"".join(client.get("/rejections.csv?standing=upheld").streaming_content).decode()  # type: ignore[attr-defined]
    assert len(file.splitlines()) == 2
    assert "Rejection upheld" in file


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("reason=spam", 1),
        ("criterion=icp", 2),
        ("source=PAID", 3),
        ("source=EVENT", 0),
        ("by=999999", 0),
    ],
)
def test_it_is_filtered_by_what_was_said(
    client: Client, company: Company, now: dt.datetime, query: str, found: int
) -> None:
    reject(2, now)
    reject(1, now, reason="spam")
    client.force_login(company.marketing)
    assert rows(client, query).count("#rejection") == found


@pytest.mark.parametrize("query", ["standing=gone", "source=XX", "by=me", "after=1"])
def test_an_address_that_means_nothing_is_told(
    client: Client, company: Company, query: str
) -> None:
    client.force_login(company.marketing)
    for page in ("/rejections/", "/rejections.csv"):
        assert client.get(f"{page}?{query}").status_code == 400


def test_what_was_undone_and_what_is_hidden_is_not_listed(
    client: Client, company: Company, now: dt.datetime
) -> None:
    (lead,) = reject(1, now)
    stranger = factories.rep("zoe")
    client.force_login(stranger)
    assert "#rejection" not in rows(client)
    client.force_login(company.revops)
    assert "#rejection" in rows(client)
    assert lead.owner is not None
    actions.undo(lead_id=lead.pk, by=lead.owner, now=now + 2 * MINUTE)
    assert "#rejection" not in rows(client)


def test_pages_follow_one_another_in_as_many_queries(
    client: Client, company: Company, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rejection_list, "PAGE", 2)
    counts = []
    client.force_login(company.marketing)
    for more in (1, 4):
        for lead in reject(more, now + more * MINUTE):
            disputes.dispute(
                lead_id=lead.pk, by=company.marketing, note="No.", now=now + 10 * MINUTE
            )
        asked = rejection_list.read({})
        with CaptureQueriesContext(connection) as read:
            rejection_list.build(company.marketing, asked, now=now + HOUR)
        counts.append(len(read))
    assert counts[0] == counts[1] <= 4
    seen, query = 0, {}
    for _ in range(3):
        page = rejection_list.build(company.marketing, rejection_list.read(query), now=now + HOUR)
        seen += len(page.rows)
        query = {"after": page.next_url.rpartition("after=")[2]} if page.next_url else {}
    assert seen == 5
    assert not query
