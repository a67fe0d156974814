"""The pages of a simulation: who sees what, what they say, what they cost."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django import DjangoDbBlocker

from governance.models import KitVersion, Simulation
from leads.models import Lead, Person
from lifecycle.models import SimulatedLead
from lifecycle.simulation import runs
from people.models import Role, User
from tests import factories
from tests.factories import Company, captures, touch
from tests.kit_findings import part
from tests.simulating import draft, edit

HOUR = dt.timedelta(hours=1)


def narrower(document: dict[str, Any]) -> None:
    part(document, "criterion", "icp")["condition"]["all"][0]["value"] = [100, 5000]


@pytest.fixture(scope="module")
def standing(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[tuple[Company, KitVersion, list[Lead]]]:
    """A company with three leads, a draft that loses two of them, and its report."""
    with django_db_blocker.unblock(), transaction.atomic():
        now = timezone.now()
        company = factories.company(now=now - 3 * HOUR)
        small = {"employees": "60"}
        formula = {"last_name": "=cmd()"}
        leads = captures(
            [touch(company=small), touch(company=small, person=formula), touch()],
            now=now - 2 * HOUR,
        )
        version = draft(narrower, by=company.revops, now=now - HOUR)
        runs.run(runs.request(version, by=company.revops, now=now).pk, now=now)
        OrmQ.objects.all().delete()
        yield company, version, leads
        transaction.set_rollback(True)


@pytest.fixture
def company(standing: Any, db: None) -> Company:
    return standing[0]


@pytest.fixture
def version(standing: Any, db: None) -> KitVersion:
    return standing[1]


@pytest.fixture
def leads(standing: Any, db: None) -> list[Lead]:
    return standing[2]


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def url(name: str, version: KitVersion, *args: Any) -> str:
    return reverse(f"console:{name}", args=[version.number, *args])


def page(user: User, version: KitVersion, **query: str) -> Any:
    answer = client_of(user).get(url("kit-simulation", version), query)
    assert answer.status_code == 200
    return answer


def test_the_report_says_in_words_and_numbers_what_would_be_otherwise(
    company: Company, version: KitVersion
) -> None:
    answer = page(company.revops, version)
    report = answer.context["simulation"].report
    assert (report.stale, report.empty) == ("", False)
    assert "3 MQLs before, 1 after: 0 gained, 2 lost." in report.sentences
    assert report.figures[0].value == "3 → 1"
    tables = {table.title: table for table in report.tables}
    (source,) = tables["MQLs by source"].rows
    assert (source.label, source.cells) == ("Paid", ("3", "3", "1", "−2"))
    assert "100.0 %" in report.caveats[0]
    text = answer.content.decode()
    for said in (*report.sentences, "Stage by source", "Load by rep", "Clocks"):
        assert said in text


def test_the_list_is_filtered_by_kind_and_names_what_is_no_kind(
    company: Company, version: KitVersion, leads: list[Lead]
) -> None:
    lost = page(company.revops, version, kind="MQL_LOST").context["leads"]
    assert {row.id for row in lost.rows} == {leads[0].pk, leads[1].pk}
    assert lost.rows[0].differs[0] == "No longer an MQL"
    assert (lost.rows[0].before.stage, lost.rows[0].after.stage) == ("MQL", "INQUIRY")
    assert page(company.revops, version, kind="BAND").context["leads"].chosen == "BAND"
    odd = page(company.revops, version, kind="MOON").context["leads"]
    assert (odd.rows, "MOON" in odd.problem) == ((), True)
    astray = page(company.revops, version, after="x").context["leads"]
    assert "Page" in astray.problem


def test_pages_of_the_list_hold_each_lead_once(
    company: Company, version: KitVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.console.simulation_leads.PAGE", 1)
    address, seen = url("kit-simulation", version), []
    while address:
        found = client_of(company.revops).get(address).context["leads"]
        seen += [row.id for row in found.rows]
        address = found.next_url.partition("#")[0]
    assert sorted(seen) == sorted(SimulatedLead.objects.values_list("lead_id", flat=True))
    assert len(seen) == len(set(seen)) >= 2


def test_one_lead_is_explained_side_by_side(
    company: Company, version: KitVersion, leads: list[Lead]
) -> None:
    answer = client_of(company.revops).get(url("kit-simulation-lead", version, leads[0].pk))
    assert answer.status_code == 200
    shown = answer.context["page"]
    before, after = shown.sides
    assert (before.name, after.name) == ("v1", f"v{version.number}")
    assert (before.stage, after.stage) == ("MQL", "INQUIRY")
    assert before.mql.startswith("MQL since")
    assert after.mql == "No MQL"
    assert [check.tone for check in after.checks] == ["late", "ok"]
    assert "Company size 60 employees" in after.checks[0].text
    assert before.decision.candidates
    labels = [{clock.label for clock in side.clocks} for side in shown.sides]
    assert [("Accept or reject" in found) for found in labels] == [True, False]
    text = answer.content.decode()
    assert "Ideal customer profile" in text
    assert "Not met" in text


def test_the_file_runs_nothing_in_a_spreadsheet(company: Company, version: KitVersion) -> None:
    answer = client_of(company.revops).get(url("kit-simulation-csv", version), {"kind": "MQL_LOST"})
    text = b"".join(answer).decode("utf-8-sig")  # type: ignore[arg-type]
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 2
    assert {row["Stage before"] for row in rows} == {"MQL"}
    assert {row["Stage after"] for row in rows} == {"INQUIRY"}
    assert Person.objects.filter(last_name__startswith="=").exists()
    assert not any(cell.startswith("=") for row in rows for cell in row.values())


PAGES = ("kit-simulation", "kit-simulation-csv", "kit-simulation-lead")


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("role", [Role.SDR, Role.AE, Role.SERVICE])
def test_who_works_on_no_kits_sees_no_simulation(
    company: Company, version: KitVersion, leads: list[Lead], role: Role, name: str
) -> None:
    client = client_of(factories.user("sam", role=role))
    more = [leads[0].pk] if name.endswith("lead") else []
    assert client.get(url(name, version, *more)).status_code == 404
    assert client.post(url("kit-simulation-start", version)).status_code == 404


@pytest.mark.parametrize("who", ["revops", "marketing", "manager"])
def test_who_writes_or_signs_kits_sees_it(
    company: Company, version: KitVersion, leads: list[Lead], who: str
) -> None:
    client = client_of(getattr(company, who))
    for name in PAGES:
        more = [leads[0].pk] if name.endswith("lead") else []
        assert client.get(url(name, version, *more)).status_code == 200, name


def test_leads_that_a_manager_may_not_see_are_not_told_by_name(
    company: Company, version: KitVersion, leads: list[Lead]
) -> None:
    stranger = factories.user("max", role=Role.MANAGER)
    answer = page(stranger, version)
    assert answer.context["leads"].rows == ()
    assert answer.context["simulation"].report.figures[0].value == "3 → 1"
    client = client_of(stranger)
    assert client.get(url("kit-simulation-lead", version, leads[0].pk)).status_code == 404
    file = b"".join(client.get(url("kit-simulation-csv", version)))  # type: ignore[arg-type]
    assert len(file.decode().splitlines()) == 1


def test_a_run_is_asked_for_watched_and_cancelled(company: Company, version: KitVersion) -> None:
    client = client_of(company.marketing)
    answer = client.post(url("kit-simulation-start", version), {"days": "7"})
    assert (answer.status_code, answer["Location"]) == (303, url("kit-simulation", version))
    run = Simulation.objects.latest("pk")
    assert (run.state, run.days, run.requested_by) == ("WAITING", 7, company.marketing)
    assert OrmQ.objects.count() == 1

    Simulation.objects.filter(pk=run.pk).update(state="RUNNING", done=1_200, total=3_000)
    piece = client.get(
        url("kit-simulation", version), headers={"HX-Request": "true", "HX-Request-Type": "partial"}
    )
    text = piece.content.decode()
    assert "1,200 of 3,000 leads" in text
    assert 'hx-trigger="every 2s"' in text
    assert "<html" not in text

    cancelled = client.post(url("kit-simulation-cancel", version))
    assert cancelled.status_code == 303
    run.refresh_from_db()
    assert run.error == f"Cancelled by {company.marketing}."
    ended = client.get(
        url("kit-simulation", version), headers={"HX-Request": "true", "HX-Request-Type": "partial"}
    )
    assert (ended.status_code, ended["HX-Redirect"]) == (204, url("kit-simulation", version))
    assert "Cancelled by" in page(company.marketing, version).content.decode()


@pytest.mark.parametrize("days", ["0", "1000", "-3", "many", "٣"])
def test_a_window_that_makes_no_sense_is_refused(
    company: Company, version: KitVersion, days: str
) -> None:
    answer = client_of(company.revops).post(url("kit-simulation-start", version), {"days": days})
    assert answer.status_code == 422
    assert not Simulation.objects.filter(state="WAITING").exists()


def test_a_report_of_an_earlier_text_says_so(company: Company, version: KitVersion) -> None:
    edit(version, "reason", "timing", label="Later, perhaps")
    report = page(company.revops, version).context["simulation"].report
    assert "edited since" in report.stale


def test_a_draft_that_was_never_simulated_says_what_a_simulation_is(company: Company) -> None:
    fresh = draft(by=company.revops, now=timezone.now())
    answer = page(company.revops, fresh)
    assert answer.context["simulation"].report is None
    assert "Nothing is changed by it" in answer.content.decode()
    assert client_of(company.revops).get(url("kit-simulation-csv", fresh)).status_code == 404


def test_a_time_without_leads_is_told_in_words(company: Company, version: KitVersion) -> None:
    long_ago = timezone.now() - dt.timedelta(days=400)
    asked = runs.request(version, by=company.revops, now=long_ago, days=7)
    runs.run(asked.pk, now=timezone.now() + HOUR)
    answer = page(company.revops, version)
    assert answer.context["simulation"].report.empty
    assert "No lead was touched" in answer.content.decode()


def test_a_page_costs_the_same_for_few_and_many_leads(
    company: Company, version: KitVersion, leads: list[Lead]
) -> None:
    client = client_of(company.revops)
    client.get(url("kit-simulation", version))
    run = Simulation.objects.get(kit=version)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as read:
            client.get(url("kit-simulation", version))
        counts.append(len(read))
        story = SimulatedLead.objects.get(simulation=run, lead=leads[0])
        for lead in captures([touch() for _ in range(10)], now=timezone.now()):
            SimulatedLead.objects.create(
                simulation=run, lead=lead, differs=["BAND"], before=story.before, after=story.after
            )
    assert counts[0] == counts[1] < 50, counts
    with CaptureQueriesContext(connection) as read:
        client.get(url("kit-simulation-lead", version, leads[0].pk))
    assert len(read) < 25
