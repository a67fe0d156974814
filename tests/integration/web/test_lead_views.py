"""The list of leads: columns of choice, orders, filters by name, files and the log of them."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from leads.models import Lead
from people.models import User
from tests import factories
from web import xlsx_files
from web.console import lead_export
from web.models import LeadExport, SavedFilter


@pytest.fixture
def company(db: None) -> factories.Company:
    return factories.company(now=timezone.now() - factories.DAY)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def test_columns_are_ones_own_and_those_of_a_link_go_before(company: factories.Company) -> None:
    lead = factories.capture(now=timezone.now())
    client = browser(company.revops)

    def shown(**query: str) -> list[str]:
        page = client.get(reverse("console:leads"), query)
        assert lead.person.name in page.content.decode()
        return [column.key for column in page.context["leads"].columns]

    assert shown() == list(lead_export.lead_columns.SHOWN)
    places = {"place-stage": "2", "place-name": "1", "place-campaign": "3", "place-x": "1"}
    sent = client.post(reverse("console:lead-columns"), {**places, "query": "stage=MQL"})
    assert sent["Location"] == "/leads/?stage=MQL"
    assert shown() == ["name", "stage", "campaign"]
    assert shown(columns="email,name,nonsense") == ["email", "name"]
    head, *_ = csv.reader(body(client.get("/leads.csv?columns=name,email")).decode().splitlines())
    assert head[-1] == "E-mail"
    client.post(reverse("console:lead-columns"), {"reset": "1"})
    assert shown() == list(lead_export.lead_columns.SHOWN)


@pytest.mark.parametrize("sort", ["", "oldest", "due"])
def test_each_order_goes_on_without_gaps_or_doubles(
    company: factories.Company, sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.console.lead_list.PAGE", 3)
    now = timezone.now()
    for ago in (5, 3, 3, 1):
        factories.captures([factories.touch(), factories.touch()], now=now - ago * factories.MINUTE)
    reader, url, seen = company.reps[0], f"/leads/?owner=me&sort={sort}", list[int]()
    while url:
        page = browser(reader).get(url).context["leads"]
        seen += [row.id for row in page.rows]
        url = page.next_url
    order = {"": "-created_at", "oldest": "created_at", "due": "next_due_at"}[sort]
    pk = "-pk" if not sort else "pk"
    own = Lead.objects.filter(owner=reader).order_by(order, pk)
    assert seen == list(own.values_list("pk", flat=True))
    assert len(seen) > 3


def test_an_order_that_no_index_gives_is_refused(company: factories.Company) -> None:
    assert browser(company.revops).get("/leads/?sort=due").status_code == 400
    assert browser(company.revops).get("/leads/?sort=name").status_code == 400


def test_a_saved_filter_is_shared_and_shows_each_what_they_may_see(
    company: factories.Company,
) -> None:
    anna, ben = company.reps
    stranger = factories.user("stranger")
    factories.captures([factories.touch(), factories.touch()], now=timezone.now())
    query = "stage=MQL&q=Kaufmann&sort=oldest&columns=name%2Cstage&after=1.1"
    save = reverse("console:saved-keep")
    browser(anna).post(save, {"name": "New ones", "query": query, "share": "TEAM"})
    kept = SavedFilter.objects.get()
    assert kept.query == "stage=MQL&sort=oldest&columns=name%2Cstage"

    def offered(reader: User) -> list[tuple[str, bool]]:
        saved = browser(reader).get(reverse("console:leads")).context["saved"]
        return [(one.name, one.may_change) for one in saved]

    assert offered(anna) == [("New ones", True)]
    assert offered(ben) == [("New ones", False)]
    assert offered(stranger) == []
    change = reverse("console:saved-change", args=[kept.pk])
    assert browser(stranger).post(change, {"delete": "1"}).status_code == 404
    assert browser(ben).post(change, {"delete": "1"}).status_code == 403
    browser(anna).post(change, {"name": "MQLs", "share": "ALL"})
    assert offered(stranger) == [("MQLs", False)]
    assert offered(company.revops) == [("MQLs", True)]
    url = browser(stranger).get(reverse("console:leads")).context["saved"][0].url
    assert browser(stranger).get(url).context["leads"].rows == ()
    assert browser(company.revops).get(url).context["leads"].rows
    browser(anna).post(save, {"name": "MQLs", "query": ""})
    assert SavedFilter.objects.count() == 1, "a name is taken once"
    browser(company.revops).post(change, {"delete": "1"})
    assert offered(anna) == offered(stranger) == []
    undo = reverse("console:saved-restore", args=[kept.pk])
    assert browser(stranger).post(undo).status_code == 404
    browser(anna).post(undo)
    assert offered(stranger) == [("MQLs", False)]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_file_has_all_that_fits_and_nothing_that_runs(
    company: factories.Company, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lead_export, "BATCH", 2)
    now = timezone.now()
    evil = ("=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "<b>&amp;", "Ü😀")
    leads = factories.captures([factories.touch() for _ in evil[:-3]], now=now)
    leads += factories.captures([factories.touch() for _ in evil[-3:]], now=now + factories.MINUTE)
    for lead, text in zip(leads, evil, strict=True):
        lead.person.title = text
        lead.person.save(update_fields=["title"])
    data = body(browser(company.revops).get(f"/leads.{form}?columns=id,title,score&q=petra"))
    if form == "csv":
        rows = [tuple(row) for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))]
    else:
        sheet = openpyxl.load_workbook(io.BytesIO(data)).active
        rows = [tuple("" if cell is None else cell for cell in row) for row in sheet.values]
    told = {int(row[0]): row[1].replace("\r\n", "\n") for row in rows[1:]}
    assert rows[0] == ("Lead", "Job title", "Score")
    assert set(told) == {lead.pk for lead in leads}
    mark = "'" if form == "csv" else ""
    assert [told[lead.pk] for lead in leads][:4] == [f"{mark}{text}" for text in evil[:4]]
    assert [told[lead.pk] for lead in leads][6:] == ["<b>&amp;", "Ü😀"]
    if form == "csv":
        assert all(told[lead.pk].startswith("'") for lead in leads[:6])
    else:
        assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {
            "s",
            "inlineStr",
            "n",
        }
        assert all(isinstance(row[2], int | float) for row in rows[1:])


def test_revops_see_who_exported_what(company: factories.Company) -> None:
    factories.captures([factories.touch(), factories.touch()], now=timezone.now())
    anna = company.reps[0]
    body(browser(anna).get("/leads.csv?owner=me&q=petra&columns=name,email"))
    note = LeadExport.objects.get()
    assert (note.by, note.leads, note.query, note.searched) == (anna, 1, "owner=me", True)
    assert note.ended_at is not None
    text = browser(company.revops).get(reverse("console:lead-exports")).content.decode()
    assert "Anna" in text
    assert "owner: me, a search" in text
    assert "Name, E-mail" in text
    assert "petra" not in text.lower()
    assert browser(company.manager).get(reverse("console:lead-exports")).status_code == 403


def test_roles_that_may_not_export_get_no_file(
    company: factories.Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "EXPORT_ROLES", ["REVOPS"])
    client = browser(company.reps[0])
    assert "leads.csv" not in client.get("/leads/").content.decode()
    assert client.get("/leads.xlsx").status_code == 403
    assert not LeadExport.objects.exists()


def test_a_workbook_is_sent_while_its_rows_are_read() -> None:
    """The first bytes leave before the last row is there, and no piece holds them all."""
    read = 0

    def rows() -> Any:
        nonlocal read
        for number in range(20_000):
            read = number
            yield [number, f"Row {number}", dt.date(2026, 3, 3).isoformat()]

    pieces = xlsx_files.pieces(rows())
    first = next(pieces)
    assert first
    assert read < 1_000
    sizes = [len(piece) for piece in pieces]
    assert max(sizes) < 100_000
    assert read == 19_999
