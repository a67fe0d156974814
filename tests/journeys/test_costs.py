"""Finance brings in what was spent, mends what was refused, and puts an entry right."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from reports import cost_acts, costs, spreading
from tests import factories
from tests.journeys import soundness

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FILE = """\
Monat;Quelle;Lieferant;Betrag (EUR);Belegnummer
{month:%m/%Y};Bezahlt;Suchanzeigen;1.234,50;R-1
{month:%m/%Y};Fernsehen;Spot;5.000;R-2
"""


@pytest.mark.parametrize("script", [True, False], ids=["", "without script"])
def test_fiona_imports_mends_and_corrects(visitors: Any, tmp_path: Path, *, script: bool) -> None:
    now = timezone.now()
    factories.company(now=now - dt.timedelta(days=1))
    fiona = factories.user("fiona", role="FINANCE")
    month = (now.date().replace(day=1) - dt.timedelta(days=1)).replace(day=1)
    visitor = visitors(width=1280, script=script)
    visitor.log_in(fiona)
    page = visitor.page
    file = tmp_path / "kosten.csv"
    file.write_text(FILE.format(month=month), encoding="utf-8")

    visitor.open("/reports/")
    page.get_by_role("link", name="Costs").click()
    expect(page.locator("main")).to_contain_text("No cost is known yet")
    page.get_by_role("link", name="From a file").click()
    page.set_input_files("#file", file)
    page.get_by_role("button", name="See what it would do").click()
    expect(page.locator("main")).to_contain_text("“Quelle”: “Fernsehen” is none of ours")
    assert not costs.entries_as_of().exists()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Refused rows").click()
    refused = Path(waiting.value.path()).read_text(encoding="utf-8-sig")
    page.get_by_role("button", name="Take it in").click()
    expect(page.locator("main")).to_contain_text("Taken in: 1 new, 0 restated")

    mended = tmp_path / "mended.csv"
    mended.write_text(refused.replace("Fernsehen", "Event"), encoding="utf-8")
    page.set_input_files("#file", mended)
    page.get_by_role("button", name="See what it would do").click()
    expect(page.locator("main")).to_contain_text("Event · ")
    page.get_by_role("button", name="Take it in").click()
    expect(page.locator("main")).to_contain_text("Taken in: 1 new, 0 restated")
    page.get_by_role("link", name="To Costs").click()
    expect(page.locator("main")).to_contain_text("1,234.50 EUR")

    entry = costs.entries_as_of().get(external_id="R-2")
    visitor.open(f"/reports/costs/{entry.number}/")
    page.get_by_role("link", name="Correct").click()
    page.fill("[name=amount]", "4.300,00")
    page.fill("[name=reason]", "The final invoice came")
    page.locator("main").get_by_role("button", name="Correct").click()
    expect(page.locator("main")).to_contain_text("Amount: 5,000 EUR → 4,300 EUR")
    expect(page.locator("main")).to_contain_text("The final invoice came")
    assert costs.entries_as_of().get(external_id="R-2").amount == Decimal(4300)
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator(".toast")).to_contain_text("Taken back")
    assert costs.entries_as_of().get(external_id="R-2").amount == Decimal(5000)


def test_the_pages_of_costs_can_be_used_by_everybody(visitors: Any) -> None:
    factories.company(now=timezone.now() - dt.timedelta(days=1))
    fiona = factories.user("fiona", role="FINANCE")
    first = (timezone.now().date().replace(day=1) - dt.timedelta(days=40)).replace(day=1)
    said = cost_acts.Said(
        first_day=first, last_day=spreading.last_of_month(first), source="PAID",
        amount=Decimal(5), currency="USD",
    )  # fmt: skip
    entry = cost_acts.enter(said, by=fiona)
    cost_acts.correct(entry.number, replace(said, note="x"), reason="because", by=fiona)
    visitor = visitors()
    visitor.log_in(fiona)
    for path in ("costs/", "quotas/new/", f"costs/{entry.number}/", "costs/import/"):
        visitor.open(f"/reports/{path}")
        soundness.is_sound(visitor.page)
