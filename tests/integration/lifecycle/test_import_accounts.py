"""Accounts out of an export: every row accounted for, twice the same, parents wherever they are."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from leads.models import Account, ExternalReference
from lifecycle import accounts
from tests import factories

pytestmark = pytest.mark.django_db

EXPORT = """\
Account ID,Account Name,Website,Type,Account Owner,Employees,Revenue,Country,Parent Account ID
1,Acme UK Ltd,www.acme.co.uk/us,Customer - Direct,karl@example.com,"1,200","$2,5M",UK,3
2,Bolt GmbH,bolt.example,Competitor,nobody@example.com,many,,Germany,
3,Acme Holding,acme-holding.com,Prospect,,,,US,
4,Mail Only,gmail.com,Friend,,,,,9
,,,,,,,,
5,,,,,,,,
6,Bolt Two,bolt.example,,,,,,6
"""


@pytest.fixture(autouse=True)
def company(db: None) -> None:
    factories.company()
    factories.user("karl", role="AE")


def run(tmp_path: Path, text: str = EXPORT, **options: Any) -> tuple[str, list[dict[str, str]]]:
    path, out = tmp_path / "accounts.csv", tmp_path / "out.csv"
    path.write_text(text, encoding="utf-8")
    told = io.StringIO()
    call_command("import_accounts", str(path), report=out, stdout=told, stderr=told, **options)
    with out.open(encoding="utf-8-sig", newline="") as stream:
        return told.getvalue(), list(csv.DictReader(stream))


def test_every_row_is_accounted_for(tmp_path: Path) -> None:
    _, rows = run(tmp_path)
    verdicts = [(row["external id"], row["verdict"]) for row in rows]
    assert verdicts == [
        ("1", "created"),
        ("2", "created"),
        ("3", "created"),
        ("4", "created"),
        ("5", "rejected"),
        ("6", "created"),
    ]
    told = {row["external id"]: row["remarks"] for row in rows}
    assert "Account Owner: “nobody@example.com” is nobody here" in told["2"]
    assert "Employees" in told["2"]
    assert all(word in told["4"] for word in ("Website", "Type", "Parent Account ID"))
    assert "Website" in told["6"]
    assert "itself" in told["6"]


def test_the_accounts_stand_as_the_export_says(tmp_path: Path) -> None:
    run(tmp_path)
    acme = Account.objects.get(domain="acme.co.uk")
    assert (acme.status, acme.employees, acme.country) == ("CUSTOMER", 1200, "GB")
    assert str(acme.owner) == "Karl"
    assert acme.parent is not None
    assert acme.parent.domain == "acme-holding.com"
    assert acme.provenance["status"][0] == "import:salesforce"
    assert Account.objects.get(name="Bolt GmbH").status == "COMPETITOR"


def test_running_it_again_changes_nothing(tmp_path: Path) -> None:
    run(tmp_path)
    before = Account.history.count()
    _, rows = run(tmp_path)
    assert {row["verdict"] for row in rows} == {"unchanged", "rejected"}
    assert Account.history.count() == before


def test_a_dry_run_says_the_same_and_writes_nothing(tmp_path: Path) -> None:
    _, dry = run(tmp_path, dry_run=True)
    assert not Account.objects.exists()
    assert not ExternalReference.objects.exists()
    _, real = run(tmp_path)
    assert [row["verdict"] for row in dry] == [row["verdict"] for row in real]


def test_circles_of_parents_are_told_not_made(tmp_path: Path) -> None:
    text = "Account ID,Account Name,Parent Account ID\n1,One,2\n2,Two,3\n3,Three,1\n"
    _, rows = run(tmp_path, text)
    assert ["Parent Account ID" in row["remarks"] for row in rows] == [False, False, True]
    assert "“Three” below “One” below “Two” below “Three”" in rows[2]["remarks"]


TWICE = """\
Account ID,Account Name,Website,Type,Account Owner,Employees,Parent Account ID
1,Acme,acme.example,Customer,karl@example.com,100,3
2,Bolt,bolt.example,,,,
3,Holding,holding.example,,,,
1,Acme Inc,acme.example,Competitor,lena@example.com,200,2
,,acme.example,Customer,gone@example.com,100,3
"""


@pytest.mark.parametrize("dry_run", [False, True])
def test_of_two_rows_about_one_account_the_first_counts_and_both_are_told(
    tmp_path: Path, dry_run: bool
) -> None:
    factories.user("lena", role="AE")
    factories.user("gone", role="AE", is_active=False)
    _, rows = run(tmp_path, TWICE, dry_run=dry_run)
    first, _, _, later, same = [row["remarks"] for row in rows]
    assert "Row 4 (employees, name, owner, parent, status) said otherwise" in first
    assert later.startswith(
        "Account Name, Employees, Type, Account Owner, Parent Account ID: Row 1 is about the same"
    )
    assert "same account" not in same
    assert "not active any more" in same
    assert [row["verdict"] for row in rows[3:]] == ["unchanged", "unchanged"]
    if not dry_run:
        acme = Account.objects.get(domain="acme.example")
        said = (acme.name, acme.status, str(acme.owner), acme.employees, str(acme.parent))
        assert said == ("Acme", "CUSTOMER", "Karl", 100, str(Account.objects.get(name="Holding")))
        _, again = run(tmp_path, TWICE)
        assert {row["verdict"] for row in again} == {"unchanged"}


def test_what_a_person_said_of_owner_status_and_parent_stays(tmp_path: Path) -> None:
    run(tmp_path)
    acme = Account.objects.get(domain="acme.co.uk")
    assert {acme.provenance[one][0] for one in ("owner", "parent", "status", "employees")} == {
        "import:salesforce"
    }
    accounts.edit(
        account_id=acme.pk,
        by=factories.user("rosa", role="REVOPS"),
        reason="She says so",
        owner=None,
        parent=None,
        status="PARTNER",
    )
    _, rows = run(tmp_path)
    assert rows[0]["verdict"] == "unchanged"
    assert "Type, Account Owner, Parent Account ID: A person filled" in rows[0]["remarks"]
    acme.refresh_from_db()
    assert (acme.owner, acme.parent, acme.status) == (None, None, "PARTNER")


def test_parents_are_found_by_name_and_domain_too(tmp_path: Path) -> None:
    text = "account,Website,subsidiary_of\nCheers,,Massive Dynamic\nPub,,massive.example\n"
    run(tmp_path, text + "Massive Dynamic,massive.example,\n")
    parents = Account.objects.filter(parent__domain="massive.example")
    assert set(parents.values_list("name", flat=True)) == {"Cheers", "Pub"}


def test_words_of_one_s_own_and_a_system(tmp_path: Path) -> None:
    mapping = tmp_path / "own.yaml"
    mapping.write_text(
        "system: acmecrm\ncolumns: {status: [Kind]}\nstatus: {Key account: CUSTOMER}\n"
    )
    text = "Id,Name,Kind\nA1,Acme,Key account\n"
    run(tmp_path, text, mapping=mapping)
    assert Account.objects.get(name="Acme").status == "CUSTOMER"
    assert ExternalReference.objects.get().system == "acmecrm"


@pytest.mark.parametrize(
    ("text", "options", "says"),
    [
        ("Colour,Shape\nred,round\n", {}, "No column names the account"),
        ("Id,Name\n1,A\n", {"system": "Sales Force"}, "no name of a system"),
        ("", {}, "is empty"),
    ],
)
def test_what_cannot_be_imported_is_refused_in_one_line(
    tmp_path: Path, text: str, options: dict[str, Any], says: str
) -> None:
    with pytest.raises(CommandError, match=says):
        run(tmp_path, text, **options)


def test_columns_for_region_and_postal_code_are_guessed_and_cleaned(tmp_path: Path) -> None:
    text = (
        "Account Name,Website,Billing Country,Billing State/Province,Billing Zip/Postal Code\n"
        "Dresdner,dresdner.example,Germany,  Sachsen ,1067\n"
        "Westminster,west.example,UK,,sw1a1aa\n"
    )
    run(tmp_path, text)
    kept = Account.objects.filter(domain__in=["dresdner.example", "west.example"])
    assert list(kept.order_by("domain").values_list("region", "postal_code")) == [
        ("Sachsen", "01067"), ("", "SW1A 1AA"),
    ]  # fmt: skip
    assert "postal_code" in kept.get(region="Sachsen").provenance
