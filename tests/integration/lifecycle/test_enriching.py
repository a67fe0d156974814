"""Buyers are enriched by the worker: asked once a company, by the kit's rules, judged again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import sealing
from governance.kit import Kit
from leads.models import EnrichmentProvider, EnrichmentTask, EventKind, Lead, Touch
from leads.stages import Stage
from lifecycle import jobs, pipeline, queues
from lifecycle.enriching import asking
from lifecycle.invariants import run
from tests import factories, provider_server
from tests.factories import DAY, HOUR, MINUTE, NOW
from tests.provider_server import Server, refuses, says

pytestmark = pytest.mark.django_db
MAPPING = {"company.employees": "size", "company.industry": "what", "person.title": "title"}
THIN = {"employees": "", "industry": ""}


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    settings.ALLOW_PRIVATE_PROVIDERS = True
    with provider_server.running() as running:
        yield running


@pytest.fixture
def company() -> factories.Company:
    return factories.company()


@pytest.fixture
def provider(company: factories.Company, server: Server) -> EnrichmentProvider:
    return EnrichmentProvider.objects.create(
        key="acme", label="Acme data", url=server.url + "/?d={domain}", mapping=MAPPING,
        timeout_seconds=1, retries=2, secret=sealing.seal("k3y"),
    )  # fmt: skip


def again(lead: Lead) -> Lead:
    return Lead.objects.select_related("person", "account").get(pk=lead.pk)


def rule(company: factories.Company, field: str, overwrite: str) -> Kit:
    part = {"key": "one", "position": 0, "field": field, "overwrite": overwrite, "prose": ""}
    return factories.next_kit(
        lambda parts: parts.setdefault("field_rule", []).append(part), by=company.revops
    )


def test_an_answer_makes_an_mql_of_who_was_too_little_known(
    provider: EnrichmentProvider, server: Server
) -> None:
    lead = factories.capture(company=THIN)
    assert (lead.stage, server.paths) == (Stage.INQUIRY, [])
    server.behaviour = says({"size": 420, "what": "Computer software"})
    assert asking.run(now=NOW + MINUTE) == asking.Asked(answered=1, filled=1)
    factories.check_rules()
    lead = again(lead)
    assert (lead.stage, lead.owner is not None) == (Stage.MQL, True)
    assert lead.account is not None
    assert (lead.account.employees, lead.account.industry) == (420, "Software")
    assert lead.account.provenance["employees"] == [
        "provider:acme", 70, (NOW + MINUTE).isoformat(timespec="seconds")
    ]  # fmt: skip
    event = lead.events.get(kind=EventKind.ENRICHED)
    assert event.because == {
        "provider": "acme", "fields": ["company.industry", "company.employees"]
    }  # fmt: skip
    assert lead.events.get(transition="qualify").cause_id == event.pk
    assert server.headers[0]["Authorization"] == "k3y"
    assert [one.invariant.key for one in run.check(now=NOW + MINUTE) if one.broken] == []


def test_colleagues_at_the_company_are_judged_again_and_it_is_asked_once(
    provider: EnrichmentProvider, server: Server
) -> None:
    first, second = factories.captures(
        [
            factories.touch(
                company={**THIN, "domain": "firm.de"}, person={"email": f"{one}@firm.de"}
            )
            for one in ("ada", "bo")
        ]
    )
    third = factories.capture(
        company={**THIN, "domain": "firm.de"}, person={"email": "cy@firm.de"}, now=NOW + HOUR
    )
    assert EnrichmentTask.objects.count() == 1
    server.behaviour = says({"size": 420, "what": "Logistics", "title": "Head of Sales"})
    asking.run(now=NOW + 2 * HOUR)
    assert {again(one).stage for one in (first, second, third)} == {Stage.MQL}
    assert len(server.paths) == 1
    later = factories.capture(company={"domain": "firm.de"}, person={"email": "di@firm.de"},
                              now=NOW + 91 * DAY)  # fmt: skip
    assert again(later).person.title != ""
    assert EnrichmentTask.objects.filter(lead=later).count() == 0  # nothing is missing any more


@pytest.mark.parametrize(
    ("overwrite", "size"), [(None, 60), ("NEVER", 60), ("LESS_SURE", 60), ("ALWAYS", 420)]
)
def test_the_kit_says_whether_a_value_gives_way(
    provider: EnrichmentProvider, server: Server, company: factories.Company,
    overwrite: str | None, size: int,
) -> None:  # fmt: skip
    if overwrite:
        rule(company, "company.employees", overwrite)
    lead = factories.capture(company={"employees": "60"}, person={"title": ""})
    server.behaviour = says({"size": 420, "title": "CFO"})
    asking.run(now=NOW + MINUTE)
    lead = again(lead)
    assert lead.account is not None
    assert lead.account.employees == size  # a form is surer (80) than this provider (70)
    assert (lead.person.title, lead.person.seniority, lead.person.function) == (
        "CFO", "C_LEVEL", "FINANCE"
    )  # fmt: skip


def test_a_list_gives_way_to_a_surer_source(
    provider: EnrichmentProvider, server: Server, company: factories.Company
) -> None:
    rule(company, "company.employees", "LESS_SURE")
    lead = factories.capture(channel="IMPORT", company={"employees": "60"})
    server.behaviour = says({"size": 420})
    asking.run(now=NOW + MINUTE)
    account = again(lead).account
    assert account is not None
    assert account.employees == 420


def test_failures_are_tried_again_ever_later_and_given_up_visibly(
    provider: EnrichmentProvider, server: Server
) -> None:
    factories.capture(company=THIN)
    server.behaviour = refuses(503)
    assert asking.run(now=NOW).failed == 1
    task = EnrichmentTask.objects.get()
    assert (task.attempts, task.due_at, task.done_at) == (1, NOW + MINUTE, None)
    assert asking.run(now=NOW).failed == 0  # not due yet
    assert asking.run(now=NOW + MINUTE).failed == 1
    assert asking.run(now=NOW + HOUR).failed == 1
    task.refresh_from_db()
    assert (task.outcome, task.last_error) == ("FAILED", "It answered 503.")
    assert (queues.counts().questions, queues.counts().total) == (1, 1)
    server.behaviour = says({"size": 7})
    assert asking.retry(EnrichmentTask.objects.all(), now=NOW + HOUR) == 1
    assert asking.run(now=NOW + HOUR).filled == 1
    assert queues.counts().questions == 0


def test_a_provider_that_fails_rests_for_the_pass(
    provider: EnrichmentProvider, server: Server
) -> None:
    factories.captures([factories.touch(company=THIN) for _ in range(3)])
    server.behaviour = refuses(500)
    assert asking.run(now=NOW).failed == 1
    assert len(server.paths) == 1


def test_a_question_that_kills_its_process_comes_back_after_its_lease_and_is_given_up(
    provider: EnrichmentProvider, server: Server
) -> None:
    factories.capture(company=THIN)
    EnrichmentTask.objects.update(attempts=3, lease_until=NOW + MINUTE)
    assert asking.run(now=NOW) == asking.Asked()
    assert asking.run(now=NOW + 2 * MINUTE).failed == 1
    assert EnrichmentTask.objects.get().outcome == "FAILED"
    assert server.paths == []


def test_values_that_attack_are_kept_as_text_or_not_at_all(
    provider: EnrichmentProvider, server: Server
) -> None:
    provider.mapping = {**MAPPING, "company.country": "where", "person.seniority": "rank"}
    provider.save()
    lead = factories.capture(
        company={**THIN, "country": "", "name": ""}, person={"title": "", "phone": ""}
    )
    server.behaviour = says(
        {"size": "'; DROP TABLE leads_lead; --", "what": "<script>alert(1)</script>",
         "title": "CEO\u0000\r\n", "where": "Nowhere", "rank": "EMPEROR"}
    )  # fmt: skip
    asking.run(now=NOW + MINUTE)
    lead = again(lead)
    assert lead.account is not None
    assert (lead.account.employees, lead.account.country) == (None, "")
    assert lead.account.industry == "<script>alert(1)</script>"
    assert (lead.person.title, lead.person.seniority) == ("", "")


def test_an_erased_person_is_asked_about_no_more(
    provider: EnrichmentProvider, server: Server
) -> None:
    lead = factories.capture(company=THIN)
    person = again(lead).person
    person.erased_at = NOW
    person.save()
    asking.run(now=NOW + MINUTE)
    assert server.paths == []
    assert EnrichmentTask.objects.get().outcome == "NOTHING"


def test_a_hanging_provider_delays_neither_intake_nor_clocks(
    provider: EnrichmentProvider, server: Server
) -> None:
    server.behaviour = provider_server.hangs
    lead = factories.capture(
        person={"phone": ""}, company={"industry": "Software", "country": "DE"}
    )
    EnrichmentTask.objects.create(lead=lead, provider=provider, due_at=NOW, created_at=NOW)
    assert lead.stage == Stage.MQL
    assert server.paths == []  # nobody was asked on the way
    assert "enriching" not in jobs.DECIDING
    assert asking.run(now=NOW + MINUTE).failed == 1
    assert EnrichmentTask.objects.get().last_error == "No complete answer within 1 seconds."


def test_what_intake_costs_does_not_depend_on_how_many_are_to_be_asked(
    provider: EnrichmentProvider,
) -> None:
    factories.capture()
    queries = {}
    for size in (20, 30):
        ids = [one.pk for one in received(size)]
        with CaptureQueriesContext(connection) as seen:
            pipeline.advance(ids, now=NOW)
        queries[size] = len(seen)
    assert queries[30] == queries[20]
    assert EnrichmentTask.objects.count() == 50


def received(count: int) -> list[Touch]:
    """Touches that are committed and wait."""
    rows = []
    for number in range(count):
        body = factories.touch(company=THIN)
        rows.append(
            Touch(
                channel="FORM", payload=body, received_at=NOW, occurred_at=NOW,
                idempotency_scope="tests", idempotency_key=f"{count}-{number}",
                body_hash="0" * 64, next_attempt_at=NOW,
            )
        )  # fmt: skip
    return Touch.objects.bulk_create(rows)


def test_built_in_providers_fill_what_numbers_and_domains_tell(
    company: factories.Company,
) -> None:
    for key in ("phone-country", "domain-country"):
        EnrichmentProvider.objects.create(key=key, label=key, kind="BUILT_IN")
    lead = factories.capture(
        person={"phone": "+43 1 2345678", "country": ""}, company={"country": "", "name": ""}
    )
    asking.run(now=NOW + MINUTE)
    lead = again(lead)
    assert lead.account is not None
    assert (lead.person.country, lead.account.country) == ("AT", "DE")
    assert lead.account.provenance["country"][:2] == ["rule:domain-country", 50]
