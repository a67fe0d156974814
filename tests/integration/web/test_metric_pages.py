"""Pages of metrics: the number in a sentence, its lines, and the leads behind each."""

from __future__ import annotations

import csv
import datetime as dt
import io
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from people.models import Role, User
from reports import steps
from reports.metrics import catalogue
from tests import factories
from tests.callers import Caller
from tests.factories import Company
from web.console import metric_words
from web.models import LeadExport

pytestmark = pytest.mark.django_db
MOST_QUERIES = 15


@pytest.fixture
def company() -> Company:
    """Three leads of an hour ago, one of them won; facts are made."""
    now = timezone.now()
    made = factories.company(now=now - dt.timedelta(hours=1))
    since = now - dt.timedelta(minutes=50)
    leads = factories.captures([factories.touch() for _ in range(3)], now=since)
    factories.work(leads[0], to="WON", now=since)
    steps.facts(now, float("inf"))
    return made


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("key", catalogue.ALL)
def test_every_number_opens_as_many_leads(company: Company, key: str) -> None:
    client = client_of(company.revops)
    page = client.get(f"/reports/{key}/", {"period": "7"}).context["metric"]
    units = {one.key: one.unit for one in page.columns}
    for line in (*page.rows, page.totals):
        for column, cell in zip(page.columns, line.cells, strict=True):
            if not cell.url:
                continue
            answer = client.get(cell.url)
            assert answer.status_code == 200
            if units[column.key] == "count":
                assert len(answer.context["page"].rows) == int(cell.text)


def test_no_page_asks_too_much(company: Company) -> None:
    for user in (company.revops, company.manager, company.reps[0]):
        client = client_of(user)
        for key in catalogue.ALL:
            for address in (f"/reports/{key}/?period=90", f"/reports/{key}/leads/"):
                client.get(address)
                with CaptureQueriesContext(connection) as seen:
                    answer = client.get(address)
                assert answer.status_code == 200
                assert len(seen) < MOST_QUERIES, (key, address, len(seen))
                assert len(answer.content) < 60_000


def test_the_sentence_says_number_n_interval_days_and_kit(company: Company) -> None:
    said = client_of(company.revops).get("/reports/mql_to_sal/").context["metric"].sentence
    assert "33.3 % (n = 3; 6.1 to 79.2 % at 95 %)" in said
    assert "under kit v1" in said
    assert str(timezone.now().year) in said


def test_small_numbers_are_said_to_be_small(company: Company) -> None:
    page = client_of(company.revops).get("/reports/mql_to_sal/").context["metric"]
    assert page.few == "Few: one more or less would move it by 33 %."


def test_a_line_keeps_to_itself(company: Company) -> None:
    client = client_of(company.revops)
    page = client.get("/reports/mql_to_sal/", {"by": "channel"}).context["metric"]
    (line,) = page.rows
    kept = client.get(line.keep_url).context["metric"]
    assert [(one.label, one.value) for one in kept.kept] == [("Channel", "Web form")]
    assert kept.totals.cells == () or kept.totals.cells[0].text == "3"
    assert "channel=" not in kept.kept[0].drop_url


def test_file_and_workbook_hold_what_the_page_shows(company: Company) -> None:
    client = client_of(company.revops)
    for key, metric in catalogue.ALL.items():
        for by in metric.slices:
            page = client.get(f"/reports/{key}/", {"by": by, "period": "7"}).context["metric"]
            lines = b"".join(client.get(page.csv_url)).decode().splitlines()  # type: ignore[arg-type]
            book = openpyxl.load_workbook(
                io.BytesIO(b"".join(client.get(page.xlsx_url)))  # type: ignore[arg-type]
            )
            assert len(lines) == book.worksheets[0].max_row == 1 + len(page.rows) + 1, (key, by)
            shown = [cell.text for cell in page.totals.cells]
            row = [cell.value for cell in book.worksheets[0][len(lines)]][2 : 2 + len(shown)]
            for text, value, column in zip(shown, row, page.columns, strict=True):
                if column.unit == "count":
                    assert text == ("–" if value is None else f"{value:,}"), (key, by, column.key)
                elif column.unit == "share" and value is not None:
                    assert text == f"{100 * value:.1f} %", (key, by, column.key)


def test_finance_is_told_of_leads_it_may_not_open(company: Company) -> None:
    fiona = factories.user("fiona", role=Role.FINANCE)
    page = client_of(fiona).get("/reports/mql_to_sal/leads/", {"of": "n"}).context["page"]
    assert (page.rows, page.csv_url) == ((), "")
    assert "3 are of leads that you may not open" in page.sentence
    assert client_of(fiona).get("/reports/mql_to_sal/leads.csv").status_code == 403


def test_taking_leads_away_is_written_down(company: Company) -> None:
    client = client_of(company.revops)
    page = client.get("/reports/mql_to_sal/leads/", {"of": "part"}).context["page"]
    lines = b"".join(client.get(page.csv_url)).decode().splitlines()  # type: ignore[arg-type]
    assert len(lines) == 2
    note = LeadExport.objects.get()
    assert (note.by, note.leads) == (company.revops, 1)
    assert parse_qs(note.query)["report"] == ["mql_to_sal"]


def test_pages_of_leads_follow_each_other(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.console.metric_leads.PAGE", 2)
    client = client_of(company.revops)
    first = client.get("/reports/mql_to_sal/leads/", {"of": "n"}).context["page"]
    query = parse_qs(urlsplit(unescape(first.next_url)).query)
    rest = client.get("/reports/mql_to_sal/leads/", {k: v[0] for k, v in query.items()})
    shown = [one.url for one in (*first.rows, *rest.context["page"].rows)]
    assert len(shown) == len(set(shown)) == 3
    assert rest.context["page"].next_url == ""


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/reports/mql_to_sal/?period=moon", 422, "last-quarter"),
        ("/reports/mql_to_sal/?compare=moon", 422, "before"),
        ("/reports/mql_to_sal/?by=moon", 422, "source"),
        ("/reports/mql_to_sal/?from=moon", 422, "2026-01-31"),
        ("/reports/mql_to_sal/?source=PAID&rep=1&team=1", 422, "two values"),
        ("/reports/mql_to_sal/leads/?of=moon", 422, "part"),
        ("/reports/mql_to_sal/leads/?after=moon", 422, "links below"),
        ("/reports/funnel/leads/", 404, "no metric"),
    ],
)
def test_what_cannot_be_shown_is_said(
    company: Company, address: str, status: int, said: str
) -> None:
    answer = client_of(company.revops).get(address)
    assert answer.status_code == status
    assert said in unescape(answer.content.decode())


def test_figures_that_are_still_counted_say_how_far_they_are() -> None:
    made = factories.company()
    said = client_of(made.revops).get("/reports/mql_to_sal/").content.decode()
    assert "0 % of the leads are in" in said


def test_all_of_them_at_a_glance_are_those_of_their_pages(company: Company) -> None:
    for user in (company.revops, company.reps[0]):
        client = client_of(user)
        tiles = client.get("/reports/").context["tiles"]
        found = {one.name: one for _group, ones in tiles.groups for one in ones}
        assert len(found) == len(catalogue.ALL)
        for metric in catalogue.ALL.values():
            page = client.get(found[metric.name].url).context["metric"]
            assert (page.value, page.change) == (
                found[metric.name].value, found[metric.name].change,
            )  # fmt: skip
        with CaptureQueriesContext(connection) as seen:
            client.get("/reports/")
        assert len(seen) < MOST_QUERIES


def test_page_file_and_api_say_the_same_in_any_zone(company: Company, settings: Any) -> None:
    settings.REPORT_ZONE = "Pacific/Auckland"
    steps.facts(timezone.now(), float("inf"))
    client, caller = client_of(company.revops), Caller(user=company.revops)
    held = 0
    for key, metric in catalogue.ALL.items():
        for by in metric.slices:
            page = client.get(f"/reports/{key}/", {"by": by, "period": "7"}).context["metric"]
            answer = caller.get(f"/api/v1/reports/{key}/", by=by, **page.span.query).json()
            file = b"".join(client.get(page.csv_url)).decode()  # type: ignore[arg-type]
            lines = list(csv.DictReader(io.StringIO(file)))
            rows = [*answer["rows"], answer["totals"]]
            assert [row["label"] for row in answer["rows"]] == [row.label for row in page.rows]
            for row, line, shown in zip(rows, lines, [*page.rows, page.totals], strict=True):
                for column, cell in zip(page.columns, shown.cells, strict=True):
                    told, text = row[column.key], line[column.key]
                    assert (told is None) == (text == ""), (key, by, column.key)
                    assert told is None or float(text) == pytest.approx(told, abs=5e-5)
                    assert cell.text == metric_words.say(told, column.unit)
                    held += told is not None
    assert held > 1_000
