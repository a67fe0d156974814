"""Opportunities out of an export: each row told, twice the same, what people did here stays."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import database
from leads import references
from leads.models import (
    Account,
    Customer,
    ExternalReference,
    Lead,
    Opportunity,
    OpportunityStep,
    Product,
)
from leads.references import Kind, Reference
from lifecycle import deal_closing, deal_edits, deal_lines, deal_moving
from lifecycle.deal_importing import batch
from lifecycle.deal_importing.said import Outcome, Said
from lifecycle.invariants import run as invariants
from tests import factories
from tests.factories import DAY, HOUR, NOW

pytestmark = pytest.mark.django_db

HEADINGS = "Opportunity ID,Account,Owner,Stage,Product,Amount,Created Date,Close Date,Loss Reason\n"
EXPORT = """\
won,Acme,anna@example.com,Closed Won,GTXPro,"1,000.50",2025-01-10,2025-03-01,
lost,Bolt,Ben,Closed Lost,,500,2025-01-10,2025-02-01,Price
open,Cargo,anna,Proposal,GTX Basic,70,2025-01-10,2025-09-30,
first,Acme,gone,Won,GTX Old,10,,2024-12-24,
"""
BAD = {
    "account": "no-account,Nowhere,anna,Won,,1,,2025-03-01,",
    "owner": "no-owner,Acme,nobody,Won,,1,,2025-03-01,",
    "owner: Say": "unowned,Acme,,Won,,1,,2025-03-01,",
    "owner: Nobody": "of-gone,Acme,gone,Proposal,,1,,,",
    "stage": "no-stage,Acme,anna,Dreaming,,1,,,",
    "products": "no-product,Acme,anna,Won,Unheard of,1,,2025-03-01,",
    "amount": "no-amount,Acme,anna,Won,,much,,2025-03-01,",
    "amount: An": f"too-much,Acme,anna,Won,,{'9' * 17},,2025-03-01,",
    "closed": "no-day,Acme,anna,Won,,1,,soon,",
    "closed: Say": "no-end,Acme,anna,Won,,1,,,",
    "closed: It": "backwards,Acme,anna,Won,,1,2025-03-01,2025-02-01,",
    "opened": "ahead,Acme,anna,Won,,1,2999-01-01,2999-02-01,",
    "external_id: Row 1": "won,Acme,ben,Lost,,1,,2025-03-01,",
    "external_id": ",Acme,ben,Lost,,1,,2025-03-01,",
}


@pytest.fixture(autouse=True)
def company(db: None) -> factories.Company:
    made = factories.company()
    factories.user("gone", role="AE", is_active=False)
    for key, name in (("pro", "GTX Pro"), ("basic", "GTX Basic"), ("old", "GTX Old")):
        Product.objects.create(key=key, name=name, active=key != "old")
    for name in ("Acme", "Bolt", "Cargo"):
        Account.objects.create(name=name, name_key=name.lower(), created_at=NOW)
    return made


def run(tmp_path: Path, text: str = EXPORT, **options: Any) -> dict[str, dict[str, str]]:
    """Import these rows; the report's lines by the ids of the rows."""
    path, out = tmp_path / "deals.csv", tmp_path / "out.csv"
    path.write_text(options.pop("headings", HEADINGS) + text, encoding="utf-8")
    options = {"by": "rita", "system": "crm", "report": out, "stdout": io.StringIO()} | options
    call_command("import_opportunities", str(path), stderr=io.StringIO(), **options)
    factories.check_rules()
    with out.open(encoding="utf-8-sig", newline="") as stream:
        return {row["external id"]: row for row in csv.DictReader(stream)}


def verdicts(rows: dict[str, dict[str, str]]) -> dict[str, str]:
    return {key: row["verdict"] for key, row in rows.items()}


def deal(called: str) -> Opportunity:
    return Opportunity.objects.get(references__value=called)


def statuses() -> dict[str, str]:
    return dict(Account.objects.values_list("name", "status"))


def broken() -> dict[str, Any]:
    """What does not hold; nobody delivers notices of the kit here."""
    found = invariants.check(now=database.now())
    told = {one.invariant.key: one.found.offences for one in found if one.found.count}
    told.pop("kit_outbox.delivered", None)
    return told


def test_won_lost_and_open_stand_as_the_export_says(
    tmp_path: Path, company: factories.Company
) -> None:
    rows = run(tmp_path)
    assert set(verdicts(rows).values()) == {"created"}
    assert "“GTXPro” is read as GTX Pro." in rows["won"]["remarks"]
    won, lost, still = deal("won"), deal("lost"), deal("open")
    assert (won.status, won.amount_base, str(won.closed_at)[:10]) == (
        "WON",
        Decimal("1000.50"),
        "2025-03-01",
    )
    assert (won.owner.username, won.name, won.lines.get().product.key) == ("anna", "Acme", "pro")
    assert (lost.status, lost.reason, lost.owner.username) == ("LOST", "price", "ben")
    assert (still.status, still.sales_stage, str(still.expected_close)) == (
        "OPEN",
        "proposal",
        "2025-09-30",
    )
    assert statuses() == {"Acme": "CUSTOMER", "Bolt": "PROSPECT", "Cargo": "OPEN_OPPORTUNITY"}
    customer = Customer.objects.get()
    assert (str(customer.since)[:10], customer.value_base) == ("2024-12-24", Decimal("1010.50"))
    assert broken() == {}
    assert deal_moving.may_undo(won, company.revops, window=HOUR, now=database.now()) is None


def test_a_row_that_cannot_be_taken_says_why_and_keeps_no_other_back(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    run(tmp_path, EXPORT + "\n".join(BAD.values()) + "\n")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        told = {int(row["row"]): row for row in csv.DictReader(stream)}
    for place, said in enumerate(BAD, start=5):
        row = told.pop(place)
        assert row["verdict"] == "rejected", row
        assert row["remarks"].startswith(said), row
    assert {row["verdict"] for row in told.values()} == {"created"}
    assert Opportunity.objects.count() == 4


def test_a_dry_run_writes_nothing_and_a_second_run_changes_nothing(tmp_path: Path) -> None:
    dry = run(tmp_path, dry_run=True)
    assert not Opportunity.objects.exists()
    assert not ExternalReference.objects.exists()
    assert set(statuses().values()) == {"PROSPECT"}
    assert verdicts(run(tmp_path)) == verdicts(dry)
    kept = (OpportunityStep.objects.count(), Opportunity.history.count(), Account.history.count())
    assert set(verdicts(run(tmp_path)).values()) == {"unchanged"}
    now = (OpportunityStep.objects.count(), Opportunity.history.count(), Account.history.count())
    assert now == kept


def test_a_later_export_goes_on_but_for_what_people_here_changed(
    tmp_path: Path, company: factories.Company
) -> None:
    ben = company.reps[1]
    more = """\
sold,Bolt,ben,Proposal,GTX Basic,9,2025-01-10,,
again,Bolt,ben,Proposal,,9,2025-01-10,,
"""
    run(tmp_path, EXPORT + more)
    amount = {"amount": Decimal(650), "currency": "EUR"}
    deal_edits.revise(opportunity_id=deal("lost").pk, by=ben, values=amount)
    sold = deal("sold").pk
    deal_lines.put(opportunity_id=sold, by=ben, products=[deal_lines.Said("pro", 3)])
    deal_moving.move(opportunity_id=sold, by=ben, stage="verbal")
    lost = deal_closing.Outcome("lose", reason="price")
    deal_closing.close(opportunity_id=deal("again").pk, by=ben, outcome=lost)
    deal_moving.undo(opportunity_id=deal("again").pk, by=ben)
    rows = run(tmp_path, """\
won,Bolt,anna,Lost,,0,,2025-03-02,
lost,Bolt,anna,Closed Lost,,400,2025-01-10,2025-02-01,Price
open,,ben,Closed Won,GTX Pro,90,2025-01-10,2025-08-01,best_fit
sold,Bolt,ben,Closed Won,GTX Basic,12,2025-01-10,2025-05-01,
again,Bolt,ben,Closed Won,,12,2025-01-10,2025-05-01,best_fit
""")  # fmt: skip
    assert {key: row["changed"] for key, row in rows.items()} == {
        "won": "",
        "lost": "owner",
        "open": "owner amount reason products status",
        "sold": "amount status",
        "again": "amount",
    }
    assert "It is another account’s here" in rows["won"]["remarks"]
    assert "It is won here" in rows["won"]["remarks"]
    assert deal("won").amount == Decimal("1000.50")
    for key, kept in (("lost", "amount"), ("sold", "products")):
        assert f"{kept}: {batch.KEPT}" in rows[key]["remarks"]
    assert f"status: {batch.REOPENED}" in rows["again"]["remarks"]
    assert (deal("again").status, deal("again").reason) == ("OPEN", "")
    assert (deal("lost").amount, deal("lost").owner.username) == (650, "anna")
    ended = deal("open")
    assert (ended.status, ended.amount_base, ended.reason) == ("WON", 90, "best_fit")
    assert [one.product.key for one in ended.lines.all()] == ["pro"]
    ended = deal("sold")
    assert (ended.status, ended.amount_base, ended.sales_stage) == ("WON", 12, "verbal")
    assert [one.product.key for one in ended.lines.all()] == ["pro"]
    assert statuses() == {"Acme": "CUSTOMER", "Bolt": "CUSTOMER", "Cargo": "CUSTOMER"}
    assert broken() == {}


def test_what_leads_stand_on_is_ended_here_with_them(tmp_path: Path) -> None:
    lead = factories.work(factories.capture(), to="OPPORTUNITY", now=NOW + HOUR)
    named = Reference("crm", "open")
    references.attach(Kind.OPPORTUNITY, {named: lead.opportunity_id or 0}, now=NOW)
    Opportunity.history.update(history_user=None)
    rows = run(tmp_path, "open,,anna,Closed Won,,90,,2025-08-01,best_fit\n")
    assert batch.WORKED in rows["open"]["remarks"]
    assert (deal("open").status, Lead.objects.get(pk=lead.pk).stage) == ("OPEN", "OPPORTUNITY")


def test_a_mapping_says_what_headings_and_words_mean(tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(
        "system: crm\n"
        "columns: {external_id: Nr, stage: Status, owner: Rep}\n"
        "stages: {Gewonnen: won, Angebot: proposal}\n"
        "products: {P-1: pro}\n"
        "owners: {M. Frase: anna}\n"
        "dates: '%d.%m.%Y'\n"
    )
    rows = run(
        tmp_path,
        "a,Delta,M. Frase,Gewonnen,P-1,1,31.01.2025\nb,Delta,else,Angebot,P-1,2,\n",
        headings="Nr,Account,Rep,Status,Product,Amount,Closed Date\n",
        mapping=mapping, system="", make_accounts=True, owner_else="ben",
    )  # fmt: skip
    assert verdicts(rows) == {"a": "created", "b": "created"}
    assert "it is ben’s" in rows["b"]["remarks"]
    assert [(one.status, one.owner.username) for one in (deal("a"), deal("b"))] == [
        ("WON", "anna"),
        ("OPEN", "ben"),
    ]
    assert statuses()["Delta"] == "CUSTOMER"


def test_only_revops_brings_opportunities_in(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Only RevOps"):
        run(tmp_path, by="anna")


def test_a_larger_batch_asks_no_more_of_the_database(company: factories.Company) -> None:
    def asked(numbers: range) -> int:
        rows = [
            Said(external_id=str(one), account="Acme", owner="anna", status="WON",
                 closed=(NOW - one * DAY).date())
            for one in numbers
        ]  # fmt: skip
        with CaptureQueriesContext(connection) as queries:
            done = batch.take(rows, by=company.revops, system="crm", now=NOW)
        assert {one.outcome for one in done} == {Outcome.CREATED}
        return len(queries)

    asked(range(1, 3))
    assert asked(range(10, 12)) == asked(range(20, 50))
