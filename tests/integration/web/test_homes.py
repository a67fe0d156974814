"""The first page of each role: where it is, what it counts, what waits on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from governance import services
from governance.models import KitVersion
from leads.models import Lead, Touch
from lifecycle import actions, bulk_handing, disputes, watching
from lifecycle.handing_rows import Want
from lifecycle.invariants import run
from people.models import User
from tests import factories, kit_versions
from tests.breaking import off_guard
from web.console import home_audit

pytestmark = pytest.mark.django_db

QUERIES = 15


@pytest.fixture
def company() -> factories.Company:
    cache.clear()
    return factories.company(now=timezone.now() - dt.timedelta(days=1))


def opened(reader: User) -> Client:
    client = Client()
    client.force_login(reader)
    return client


@pytest.mark.parametrize(
    ("who", "place"),
    [("anna", None), ("mia", "/team/"), ("mark", "/home/"), ("rita", "/home/")],
)
def test_everybody_begins_where_their_work_is(
    company: factories.Company, who: str, place: str | None
) -> None:
    client = opened(User.objects.get(username=who))
    answer = client.get("/")
    assert answer.headers.get("Location") == place
    assert client.get("/", follow=True).status_code == 200
    side = client.get("/leads/").content.decode()
    assert ('href="/home/"' in side) is (place == "/home/")
    assert ('href="/inbox/"' in side) is (who in {"anna", "mia"})


def test_every_number_is_a_question_of_verify_and_somebodys() -> None:
    known = {one.key for one in run.QUERIES}
    for one in watching.WATCHED:
        assert one.roles
        assert set(one.invariants) <= known, one.key


def _touch_without_reason() -> None:
    with off_guard(), connection.cursor() as cursor:
        cursor.execute("UPDATE leads_touch SET status = 'PARKED'")


def _unsigned() -> None:
    with off_guard(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM governance_signature")


@pytest.mark.parametrize(
    ("broken", "key", "shown_to", "hidden_from"),
    [
        (_touch_without_reason, "undecided", ("mark", "rita"), ("mia", "anna")),
        (_unsigned, "unsigned", ("mia", "mark", "rita"), ("anna",)),
    ],
)
def test_what_is_not_nought_is_told_to_whom_it_concerns(
    company: factories.Company,
    broken: Callable[[], None],
    key: str,
    shown_to: tuple[str, ...],
    hidden_from: tuple[str, ...],
) -> None:
    factories.capture(now=timezone.now())
    (watched,) = (one for one in watching.WATCHED if one.key == key)
    assert watching.look(watched, now=timezone.now()).count == 0
    broken()
    for name in shown_to:
        client = opened(User.objects.get(username=name))
        page = client.get("/", follow=True).content.decode()
        assert f'href="/watched/{key}/" data-tone="late"' in page
        assert "the target is 0" in client.get(f"/watched/{key}/").content.decode()
    for name in hidden_from:
        client = opened(User.objects.get(username=name))
        assert client.get(f"/watched/{key}/").status_code == 404


def test_a_number_is_counted_once_for_pages_opened_together(company: factories.Company) -> None:
    client = opened(company.revops)
    client.get("/home/")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        client.get("/home/")
    assert not [one for one in asked if "count(*) OVER ()" in one["sql"]]


def test_marketing_sees_sources_by_where_their_leads_stand(company: factories.Company) -> None:
    now = timezone.now()
    for campaign, count in (("spring", 2), ("autumn", 1)):
        source = {"category": "PAID", "campaign": campaign}
        factories.captures([factories.touch(source=source) for _ in range(count)], now=now)
    lead = Lead.objects.filter(campaign="autumn").get()
    factories.work(lead, to="SAL", now=now)
    page = " ".join(opened(company.marketing).get("/home/").content.decode().split())
    row = '<th scope="row"><bdi>{}</bdi></th>' + '<td class="number">{}</td>' * 4
    assert row.format("spring", 2, 0, 2, 0) in page
    assert row.format("autumn", 1, 0, 0, 1) in page
    assert row.format("All sources", 3, 0, 2, 1) in page
    assert "Sources and campaigns" not in opened(company.revops).get("/home/").content.decode()


def test_what_awaits_a_signature_and_what_is_on_its_way(company: factories.Company) -> None:
    now = timezone.now()
    document = services.document_of(KitVersion.objects.get(status="ACTIVE"))
    document["parts"]["stage"][0]["label"] = "Hand raised"
    version = services.draft_from_document(document, title="Autumn", by=company.revops, now=now)
    assert "v2 Autumn" in opened(company.revops).get("/home/").content.decode()
    assert "v2 Autumn" not in opened(company.marketing).get("/home/").content.decode()
    kit_versions.review(version, by=company.revops, now=now)
    marketing = opened(company.marketing).get("/home/").content.decode()
    assert "Definitions to sign" in marketing
    assert "v2 Autumn" in marketing


def test_disputes_are_on_the_homes_of_who_disputes_and_decides(company: factories.Company) -> None:
    now = timezone.now()
    lead = factories.capture(now=now)
    actions.reject(lead_id=lead.pk, by=lead.owner, reason="outside_icp", note="Too small.", now=now)
    name = lead.person.name
    assert name in opened(company.marketing).get("/home/").content.decode()
    assert name not in opened(company.revops).get("/home/").content.decode()
    disputes.dispute(lead_id=lead.pk, by=company.marketing, note="It fits.", now=now)
    assert name in opened(company.revops).get("/home/").content.decode()


@pytest.mark.parametrize("who", ["mark", "rita", "otto"])
def test_a_home_costs_the_same_for_little_and_for_much(
    company: factories.Company, who: str
) -> None:
    factories.user("otto", role="AUDITOR")
    client = opened(User.objects.get(username=who))
    client.get("/home/")
    with CaptureQueriesContext(connection) as before:
        client.get("/home/")
    factories.captures([factories.touch() for _ in range(5)], now=timezone.now())
    assert Touch.objects.count() == 5
    with CaptureQueriesContext(connection) as after:
        client.get("/home/")
    assert len(after) == len(before) <= QUERIES


def test_an_auditor_begins_with_what_an_audit_looks_at(company: factories.Company) -> None:
    now = timezone.now()
    otto = factories.user("otto", role="AUDITOR")
    lead = factories.capture(now=now)
    [ben] = [one for one in company.reps if one.pk != lead.owner_id][:1]
    page = opened(otto).get("/home/").content.decode()
    assert "Nothing is sealed yet" in page
    assert f"signed by {company.revops}" in page
    for name in ("decisions", "rejections", "exceptions"):
        assert f"/{name}" in page
    before = _figures(otto)
    actions.reassign(lead_id=lead.pk, by=company.manager, to=ben.pk, reason="Knows them", now=now)
    want = Want("PERSON", company.reps[0].pk)
    bulk_handing.submit([lead.pk], want, by=company.manager, reason="Leave", now=now)
    gained = {
        label: count - before[label]
        for label, count in _figures(otto).items()
        if count != before[label]
    }
    assert gained == {"Decisions that people overrode": 1, "Acts that handed on many leads": 1}
    assert "For the audit" not in opened(company.revops).get("/home/").content.decode()


def test_each_figure_of_an_auditor_leads_to_a_page_that_opens(company: factories.Company) -> None:
    otto = factories.user("otto", role="AUDITOR")
    client = opened(otto)
    found = _audit(otto).figures
    assert len(found) > 6
    assert {client.get(one.url).status_code for one in found} == {200}
    lead = factories.capture(now=timezone.now())
    actions.misroute(lead_id=lead.pk, by=lead.owner, why="LANGUAGE")
    [over] = [one for one in _audit(otto).figures if one.count]
    assert client.get(over.url).content.decode().count("/decisions/") > client.get(
        "/decisions/?overridden=yes&since=2099-01-01"
    ).content.decode().count("/decisions/")


def _audit(reader: User) -> home_audit.Audit:
    found = home_audit.build(reader, now=timezone.now(), zone=dt.UTC).read()
    assert found is not None
    return found


def _figures(reader: User) -> dict[str, int]:
    return {one.label: one.count for one in _audit(reader).figures}
