"""Reports as pages: each that is listed opens, with the numbers of the report."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from people.models import User
from reports import registry
from tests import factories

pytestmark = pytest.mark.django_db

NAMES = [one.key for one in registry.all()]


@pytest.fixture
def client() -> Client:
    """Logged in as RevOps of a company with one lead of an hour ago, won."""
    since = timezone.now() - dt.timedelta(hours=1)
    company = factories.company(now=since)
    factories.work(factories.capture(now=since), to="WON", now=since)
    reader = Client()
    reader.force_login(company.revops)
    return reader


@pytest.mark.parametrize("name", NAMES)
def test_every_listed_report_opens_in_every_slice(client: Client, name: str) -> None:
    assert f'href="/reports/{name}/"' in client.get(reverse("console:reports")).content.decode()
    for one in registry.get(name).slices:
        page = client.get(f"/reports/{name}/", {"by": one.key})
        assert page.status_code == 200, one.key
        assert registry.get(name).name in page.content.decode()


def test_the_funnel_says_how_many_came_how_far(client: Client) -> None:
    page = client.get(reverse("console:report", args=["funnel"]), {"by": "channel"})
    (row,) = page.context["report"].rows
    assert row.label == "Web form"
    told = [cell.text for cell in row.cells]
    assert told[:7] == ["1", "1", "1", "0", "1", "1", "1"]
    assert told[-1] == "100.0 %"


def test_the_file_holds_what_the_page_links_to(client: Client) -> None:
    page = client.get(reverse("console:report", args=["funnel"]), {"by": "month", "days": "7"})
    answer = client.get(page.context["report"].csv_url)
    lines = b"".join(answer).decode().splitlines()  # type: ignore[arg-type]
    assert lines[0].startswith("Month,key,leads,mql")
    assert answer["Content-Disposition"].startswith('attachment; filename="funnel-by-month-')


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/reports/moon/", 404, "There is no report"),
        ("/reports/moon.csv", 404, "There is no report"),
        ("/reports/funnel/?by=moon", 422, "source, channel"),
        ("/reports/funnel/?from=moon", 422, "2026-01-31"),
    ],
)
def test_what_cannot_be_shown_is_said(client: Client, address: str, status: int, said: str) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    assert said in answer.content.decode()


def test_strangers_are_sent_to_the_log_in() -> None:
    assert Client().get("/reports/funnel/").status_code == 302


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Los_Angeles"])
def test_decisions_behind_overrides_are_those_of_the_whole_span(client: Client, zone: str) -> None:
    User.objects.update(time_zone=zone)
    here = timezone.now().astimezone(zoneinfo.ZoneInfo(zone)).date()
    asked = {"by": "rule", "from": f"{here - dt.timedelta(days=2)}", "to": f"{here}"}
    page = client.get(reverse("console:report", args=["overrides"]), asked).content.decode()
    spans = set(re.findall(r"/decisions/\?[^\"]*?(since=[^\"]*)", page))
    assert spans == {f"since={asked['from']}&amp;until={asked['to']}"}
