"""Mappings: which table is whose, and what a wrong mapping is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from lifecycle.importing import mapping
from lifecycle.importing.mapping import BadMapping

TABLES = {
    "zoho": [
        "LEADID,Last Name,Company,Lead Owner,Email,Mobile,Lead Source,Created Time",
        "Record Id,Lead Owner.id,Lead Owner,Company,First Name,Last Name,Lead Source,Created Time",
    ],
    "salesforce": [
        "Lead Owner,First Name,Last Name,Title,Company / Account,Lead Source,Rating,Street,Email",
        "Id,IsDeleted,LastName,FirstName,Company,LeadSource,IsConverted,OwnerId,CreatedDate",
        "id,is_deleted,last_name,first_name,company,lead_source,is_converted,owner_id,created_date",
        "ID,LASTNAME,COMPANY,LEADSOURCE,OWNERID",
    ],
    "hubspot": [
        "Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Lead Status,Create Date",
        "Contact ID,First Name,Last Name,Annual Revenue,Company Name,Lifecycle Stage",
        "_fivetran_deleted,_fivetran_synced,property_email,id,property_company,property_createdate",
        "vid,email,firstname,lastname,lifecyclestage,createdate",
    ],
    "marketo": ["Id,First Name,Last Name,Email Address,Person Source,Person Status"],
    "olist": ["mql_id,first_contact_date,landing_page_id,origin"],
}


@pytest.mark.parametrize(
    ("preset", "headings"), [(name, line) for name, lines in TABLES.items() for line in lines]
)
def test_a_table_is_known_by_its_headings_however_they_are_written(
    preset: str, headings: str
) -> None:
    assert [one.name for one, _ in mapping.recognise(headings.split(","))] == [preset]


@pytest.mark.parametrize(
    "headings", ["id,created_at,email,first_name", "Name,Phone", "deal_id,amount,stage"]
)
def test_a_table_anybody_could_have_written_is_not_guessed_at(headings: str) -> None:
    assert mapping.recognise(headings.split(",")) == []


def test_a_table_that_two_presets_know_is_told_by_both() -> None:
    both = [*TABLES["olist"][0].split(","), "Record ID", "Lifecycle Stage"]
    assert {one.name for one, _ in mapping.recognise(both)} == {"olist", "hubspot"}


@pytest.mark.parametrize("name", mapping.preset_names())
def test_every_preset_can_tell_buyers_and_when_they_came(name: str) -> None:
    targets = {column.target for column in mapping.load(name).columns}
    assert {"external_id", "occurred_at"} <= targets


def test_an_own_mapping_extends_a_preset(tmp_path: Path) -> None:
    path = tmp_path / "ours.yaml"
    path.write_text(
        "extends: zoho\n"
        "zone: Europe/Berlin\n"
        "constants: {channel: EVENT}\n"
        "columns: {person.phone: [Telefon]}\n"
    )
    ours, zoho = mapping.load(str(path)), mapping.load("zoho")
    by_target = {column.target: column for column in ours.columns}
    assert (ours.system, ours.zone.key) == ("zoho", "Europe/Berlin")
    assert by_target["person.phone"].headings == ("Telefon",)
    assert "channel" not in by_target
    assert {c.target for c in zoho.columns} - by_target.keys() == {"channel"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("columns: {person.email: [Email]}", "system"),
        ("system: Acme CRM\ncolumns: {person.email: [Email]}", "system"),
        ("system: acme\ncolumns: {person.mail: [Email]}", r"columns\.person\.mail"),
        ("system: acme\ncolumns: {person.email: []}", r"columns\.person\.email\.from"),
        ("system: acme\ncolumns: {person.email: {from: [E], as: guess}}", r"\.as"),
        ("system: acme\ncolumns: {channel: {from: [S], words: {Fair: FAIR}}}", "FAIR"),
        ("system: acme\ncolumns: {occurred_at: {from: [D], formats: ['%H:%M']}}", "%H:%M"),
        ("system: acme\nconstants: {external_id: x}", r"constants\.external_id"),
        ("system: acme\nconstants: {channel: Fair}", "Fair"),
        ("system: acme\nzone: Mars/Base", "Mars/Base"),
        ("system: acme\nzone: ../etc/passwd", "zone"),
        ("system: acme\ncolumns: [Email]", "columns"),
        ("system: acme\nfields: {}", "fields"),
        ("extends: nobody", "nobody"),
    ],
)
def test_a_wrong_mapping_is_told_where_it_is_wrong(text: str, told: str) -> None:
    with pytest.raises(BadMapping, match=told):
        mapping.parse(text, name="ours")


def test_an_unknown_preset_is_told_the_known_ones() -> None:
    with pytest.raises(BadMapping, match="dynamics, freshsales, hubspot"):
        mapping.load("pigeon")
