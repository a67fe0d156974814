"""The pages of costs and quotas: lists, gaps, history, every act, who sees what, and the cost."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core import database
from leads.models import ExchangeRate
from people.models import User
from reports import cost_acts, costs, quota_acts, quotas, spreading
from reports.cost_acts import Said
from reports.models import CostEntry, QuotaEntry
from reports.periods import Period
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def fiona() -> User:
    return factories.user("fiona", role="FINANCE")


def month(back: int = 1) -> tuple[dt.date, dt.date]:
    """A month that is over, so many ago."""
    first = database.now().date().replace(day=1)
    for _ in range(back):
        first = (first - dt.timedelta(days=1)).replace(day=1)
    return first, spreading.last_of_month(first)


def said(**parts: Any) -> Said:
    first, last = month()
    usual = {"first_day": first, "last_day": last, "source": "PAID", "amount": Decimal(3100),
             "currency": "EUR", "label": "Search ads"}  # fmt: skip
    return Said(**{**usual, **parts})


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def shown(user: User, name: str, *args: Any, status: int = 200, **query: Any) -> str:
    answer = client_of(user).get(reverse(f"console:{name}", args=args), query)
    assert answer.status_code == status, answer.content[:500]
    return b"".join(answer).decode() if answer.streaming else answer.content.decode()


def sent(user: User, name: str, *args: Any, **given: Any) -> Any:
    client = client_of(user)
    answer = client.post(reverse(f"console:{name}", args=args), given)
    return client.get(answer["Location"]) if answer.status_code == 303 else answer


def form(**parts: Any) -> dict[str, Any]:
    first, last = month()
    usual = {"first_day": first, "last_day": last, "source": "PAID", "amount": "3.100,50",
             "currency": "EUR", "label": "Search ads"}  # fmt: skip
    return {**usual, **parts}


def test_an_empty_list_says_what_to_do(fiona: User) -> None:
    page = shown(fiona, "costs")
    assert "No cost is known yet" in page
    assert "Enter a cost" in page
    assert "Enter a cost" not in shown(factories.user("otto", role="AUDITOR"), "costs")
    assert "No quota is set yet" in shown(fiona, "quotas")


def test_a_cost_is_entered_with_an_amount_as_germans_write_it(fiona: User) -> None:
    page = sent(fiona, "cost-new", **form()).content.decode()
    entry = CostEntry.objects.get()
    assert (entry.amount, entry.by) == (Decimal("3100.50"), fiona)
    assert "Entered: Paid" in page
    assert "3,100.50 EUR" in page


def test_an_auditor_who_is_of_finance_too_enters_costs() -> None:
    both = factories.user("otto", role="AUDITOR", further_roles=["FINANCE"])
    assert "Entered: Paid" in sent(both, "cost-new", **form()).content.decode()
    alone = factories.user("olga", role="AUDITOR")
    assert sent(alone, "cost-new", **form(label="Other")).status_code == 403


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"amount": "many"}, "is no amount"),
        ({"amount": "-5"}, "not below 0"),
        ({"amount": ""}, "This field is required"),
        ({"source": ""}, "This field is required"),
        ({"currency": "E1"}, "is no currency"),
        ({"first_day": "2999-01-01", "last_day": "2999-01-31"}, "out of range"),
        ({"last_day": "2020-01-01"}, "must not lie before"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(
    fiona: User, wrong: dict[str, str], told: str
) -> None:
    answer = sent(fiona, "cost-new", **form(note="From the agency", **wrong))
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert "From the agency" in answer.content.decode()
    assert not CostEntry.objects.exists()


def test_a_correction_shows_what_it_changed_and_why(fiona: User) -> None:
    entry = cost_acts.enter(said(), by=fiona)
    given = form(amount="4300", reason="The invoice came", seen=1)
    page = sent(fiona, "cost-act", entry.number, "correct", **given).content.decode()
    for words in ("Amount: 3,100 EUR → 4,300 EUR", "The invoice came", "1 change", "Undo"):
        assert words in page
    again = sent(fiona, "cost-act", entry.number, "correct", **{**given, "amount": "9"})
    assert again.status_code == 409
    assert "has changed entry" in again.content.decode()
    assert costs.entries_as_of().get().amount == Decimal(4300)


def test_an_entry_is_withdrawn_and_that_is_taken_back(fiona: User) -> None:
    entry = cost_acts.enter(said(), by=fiona)
    sent(fiona, "cost-act", entry.number, "withdraw", reason="Twice", seen=1)
    assert not costs.entries_as_of().exists()
    assert "Search ads" in shown(fiona, "costs", state="withdrawn")
    assert "Search ads" not in shown(fiona, "costs")
    page = sent(fiona, "cost-act", entry.number, "undo", seen=2).content.decode()
    assert "Taken back" in page
    assert costs.entries_as_of().count() == 1
    page = sent(fiona, "cost-act", entry.number, "undo").content.decode()
    assert "can no longer be taken back" in page


def test_a_month_without_a_cost_is_a_gap_that_leads_to_the_form(fiona: User) -> None:
    for back in (1, 3):
        first, last = month(back)
        cost_acts.enter(said(first_day=first, last_day=last), by=fiona)
    page, gap = shown(fiona, "costs"), month(2)[0]
    assert f"No cost is known for Paid in {gap:%B %Y}." in page
    assert f"first_day={gap}" in page
    assert "for Event" not in page
    form_page = shown(fiona, "cost-new", source="EVENT", first_day=gap)
    assert f'value="{gap}"' in form_page
    assert '<option value="EVENT" selected>' in form_page


def test_what_was_said_late_is_told_above_the_list(fiona: User) -> None:
    first, last = month(4)
    entry = cost_acts.enter(said(first_day=first, last_day=last), by=fiona)
    page = shown(fiona, "costs")
    assert "Said late in the last 60 days" in page
    assert "by Fiona: +3,100 EUR for Paid" in page
    anna, ben = factories.user("anna"), factories.user("ben")
    for rep in (anna, ben):
        quota_acts.enter(quota(rep=rep, first_day=first, last_day=last), by=fiona)
    seen = shown(anna, "quotas")
    assert "for Anna" in seen
    assert "for Ben" not in seen
    cost_acts.undo(entry.number, by=fiona)
    assert "Taken back" in shown(fiona, "costs")


def test_before_the_first_cost_of_a_source_there_is_no_gap(fiona: User) -> None:
    first, last = month(2)
    cost_acts.enter(said(first_day=first, last_day=last), by=fiona)
    page = shown(fiona, "costs")
    assert f"for Paid in {month(1)[0]:%B %Y}." in page
    assert f"for Paid in {month(3)[0]:%B %Y}." not in page


def test_nought_is_no_gap(fiona: User) -> None:
    for back in (1, 2, 3):
        first, last = month(back)
        cost_acts.enter(said(first_day=first, last_day=last, amount=Decimal(0)), by=fiona)
    assert f"Paid in {month(2)[0]:%B %Y}" not in shown(fiona, "costs")


def test_filters_narrow_and_wrong_ones_are_told(fiona: User) -> None:
    cost_acts.enter(said(), by=fiona)
    first, last = month(4)
    cost_acts.enter(said(source="EVENT", label="Fair", first_day=first, last_day=last), by=fiona)
    assert "Fair" not in shown(fiona, "costs", source="PAID")
    assert "Search ads" not in shown(fiona, "costs", month=f"{first:%Y-%m}")
    late = shown(fiona, "costs", state="late")
    assert "Fair" in late
    assert "pick one from the list" in shown(fiona, "costs", status=400, source="ADS")
    assert "No entry fits" in shown(fiona, "costs", state="unvalued")


def test_without_a_rate_the_page_says_so_until_one_is_entered(fiona: User) -> None:
    cost_acts.enter(said(currency="USD"), by=fiona)
    page = shown(fiona, "costs")
    assert "There is no rate for USD" in page
    assert "still no rate" in sent(fiona, "costs-value").content.decode()
    ExchangeRate.objects.create(currency="USD", day=month()[1], rate=Decimal("0.5"), source="test")
    page = sent(fiona, "costs-value").content.decode()
    assert "Valued: 1 cost" in page
    assert "1,550" in page
    assert "There is no rate" not in page


def test_the_file_holds_what_the_filters_show_and_runs_nothing(fiona: User) -> None:
    cost_acts.enter(said(label="=1+1"), by=fiona)
    cost_acts.enter(said(source="EVENT", label="Fair"), by=fiona)
    text = shown(fiona, "costs-csv", source="PAID")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [(row["Source"], row["Label"], row["Amount"]) for row in rows] == [
        ("PAID", "'=1+1", "3100.00")
    ]


def quota(**parts: Any) -> quota_acts.Said:
    first, last = month(0)
    return quota_acts.Said(**{"first_day": first, "last_day": last, "amount": Decimal(9), **parts})


def test_a_manager_sets_quotas_of_the_own_team_and_is_offered_no_others() -> None:
    mia = factories.user("mia", role="MANAGER")
    dach, uk = factories.team("DACH", manager=mia), factories.team("UK")
    anna, alien = factories.user("anna", team=dach), factories.user("alien", team=uk)
    page = shown(mia, "quota-new")
    assert f'value="2-{anna.pk}"' in page
    assert f'value="2-{alien.pk}"' not in page
    assert 'value="0-0"' not in page
    first, last = month(0)
    given = {"first_day": first, "last_day": last, "amount": "50 000", "deals": "3"}
    page = sent(mia, "quota-new", party=f"2-{anna.pk}", **given).content.decode()
    assert "Set: Anna" in page
    assert QuotaEntry.objects.get().amount == Decimal(50_000)
    refused = sent(mia, "quota-new", party=f"2-{alien.pk}", **given)
    assert refused.status_code == 422
    again = sent(mia, "quota-new", party=f"2-{anna.pk}", **given)
    assert again.status_code == 422
    assert "choose days apart" in again.content.decode()


def test_reps_see_their_own_quota_and_change_none() -> None:
    rita = factories.user("rita", role="REVOPS")
    dach = factories.team("DACH")
    anna, ben = factories.user("anna", team=dach), factories.user("ben", team=dach)
    own = quota_acts.enter(quota(rep=anna, note="Annas"), by=rita)
    other = quota_acts.enter(quota(rep=ben, note="Bens"), by=rita)
    page = shown(anna, "quotas")
    assert "Annas" in page
    assert "Bens" not in page
    assert "Set a quota" not in page
    assert "Correct" not in shown(anna, "quota", own.number)
    shown(anna, "quota", other.number, status=404)
    assert "Bens" not in shown(anna, "quotas-csv")
    refused = sent(anna, "quota-act", own.number, "withdraw", reason="too much", seen=1)
    assert refused.status_code == 403
    refused = sent(anna, "quota-act", own.number, "undo")
    assert refused.status_code == 403
    whole = Period.of_days(*month(0), dt.UTC)
    assert quotas.of(anna, whole) is not None


def test_reports_lead_to_the_books_one_reads() -> None:
    for role, read in (("FINANCE", {"costs", "quotas"}), ("SDR", {"quotas"}), ("ADMIN", set())):
        page = shown(factories.user(role.lower(), role=role), "reports")
        found = {one for one in ("costs", "quotas") if f'href="/reports/{one}/"' in page}
        assert found == read, role


@pytest.mark.parametrize("name", ["costs", "quotas"])
def test_a_long_list_costs_few_queries(fiona: User, name: str) -> None:
    for back in range(6):
        first, last = month(back)
        for number in range(5):
            cost_acts.enter(
                said(first_day=first, last_day=last, label=f"Vendor {number}"), by=fiona
            )
        rep = factories.user(f"rep{back}")
        for later in range(3):
            first, last = month(later)
            quota_acts.enter(quota(rep=rep, first_day=first, last_day=last), by=fiona)
    client = client_of(fiona)
    client.get(reverse(f"console:{name}"))
    with CaptureQueriesContext(connection) as told:
        answer = client.get(reverse(f"console:{name}"))
    assert answer.status_code == 200
    assert len(told) < 15, [one["sql"][:100] for one in told]
    assert len(answer.content) < 60_000


def test_pages_follow_each_other(fiona: User) -> None:
    for number in range(53):
        cost_acts.enter(said(label=f"Vendor {number}"), by=fiona)
    page = shown(fiona, "costs")
    assert "50 shown" in page
    assert "after=50" in page
    assert "3 shown" in shown(fiona, "costs", after="50")
    shown(fiona, "costs", status=422, after="x")


FILE = (
    "Month;Source;Vendor;Amount (EUR)\n{month:%Y-%m};Paid;Ads;1.234,50\n{month:%Y-%m};TV;Spot;5\n"
)


def upload(user: User, text: str, name: str = "costs") -> Any:
    file = io.BytesIO(text.encode())
    file.name = "ads.csv"
    return client_of(user).post(reverse(f"console:{name}-import"), {"file": file})


def field(page: str, name: str) -> str:
    found = re.search(f'name="{name}" value="([^"]*)"', page)
    assert found is not None
    return found[1]


def test_a_file_is_looked_at_then_taken_in_and_its_refused_rows_come_back(fiona: User) -> None:
    page = upload(fiona, FILE.format(month=month()[0])).content.decode()
    assert "1 New" in page
    assert "“Source”: “TV” is none of ours" in page
    assert not CostEntry.objects.exists()
    given = {"packed": field(page, "packed"), "seen": field(page, "seen")}
    refused = client_of(fiona).post(reverse("console:costs-import"), {**given, "do": "refused"})
    told = b"".join(refused).decode()  # type: ignore[arg-type]
    assert 'TV,Spot,5,3,"“Source”: “TV” is none of ours' in told
    page = client_of(fiona).post(
        reverse("console:costs-import"), {**given, "do": "take", "reason": ""}
    ).content.decode()  # fmt: skip
    assert "Taken in: 1 new, 0 restated, 0 known already, 1 refused." in page
    assert 'value="take"' not in page
    assert CostEntry.objects.get().amount == Decimal("1234.50")
    again = upload(fiona, FILE.format(month=month()[0])).content.decode()
    assert "1 Known already" in again
    assert "nothing to write" in again


def test_a_file_that_others_were_faster_than_is_shown_again(fiona: User) -> None:
    page = upload(fiona, FILE.format(month=month()[0])).content.decode()
    cost_acts.enter(said(label="Ads"), by=factories.user("rita", role="REVOPS"))
    given = {"packed": field(page, "packed"), "seen": field(page, "seen"), "do": "take",
             "reason": "The bill"}  # fmt: skip
    page = client_of(fiona).post(reverse("console:costs-import"), given).content.decode()
    assert "Since you looked" in page
    assert "Amount: 3100.00 → 1234.50" in page
    assert 'value="The bill"' in page
    assert CostEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "Choose a file first"),
        ({"do": "take", "packed": "x"}, "did not come back whole"),
        ({"do": "refused", "packed": "x"}, "did not come back whole"),
    ],
)
def test_what_is_no_file_is_told(fiona: User, given: dict[str, str], told: str) -> None:
    answer = client_of(fiona).post(reverse("console:costs-import"), given)
    assert answer.status_code == 422
    assert told in answer.content.decode()


def test_what_is_no_table_is_told_by_its_name(fiona: User) -> None:
    answer = upload(fiona, "")
    assert answer.status_code == 422
    assert "ads.csv is empty" in answer.content.decode()
    answer = upload(fiona, "a,b\n1,2\n", "quotas")
    assert "No column is called Whose" in answer.content.decode()


@pytest.mark.parametrize("name", ["costs", "quotas"])
def test_what_was_downloaded_is_taken_in_again_and_changes_nothing(name: str, fiona: User) -> None:
    ExchangeRate.objects.create(currency="USD", day=month()[0], rate=Decimal(2), source="test")
    cost_acts.enter(said(label="=1+1", note="a\n+2", channel="EVENT", campaign="-x"), by=fiona)
    cost_acts.enter(said(currency="USD", external_id="R-1", amount=Decimal("0.05")), by=fiona)
    anna = factories.user("anna", last_name="O'Neil")
    for party in ({}, {"rep": anna}, {"team": factories.team("DACH, East")}):
        quota_acts.enter(quota(**party, deals=3, note="-"), by=fiona)
    file = shown(fiona, f"{name}-csv")
    page = upload(fiona, file, name).content.decode()
    assert ("2 Known already" if name == "costs" else "3 Known already") in page
    for other in ("New", "Restates", "Refused"):
        assert f" {other}</span>" not in page
