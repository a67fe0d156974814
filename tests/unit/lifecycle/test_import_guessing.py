"""What unknown columns hold, from their headings and the looks of their values."""

from __future__ import annotations

from contextlib import nullcontext

import pytest

from lifecycle.importing import guessing, mapping
from web.console import import_targets

MAILS = ["a@b.com", "c.d@e.org", "", "info@x.de"]
PHONES = ["+49 30 1234567", "(660) 485-0224", "020 7946 0958"]
SITES = ["www.acme.com", "https://beta.io/x", "gamma.co.uk"]
DATES = ["2026-03-01", "03.04.2025", "12/31/2026"]
WORDS = ["red", "green", "blue"]


@pytest.mark.parametrize(
    ("heading", "values", "target"),
    [
        ("E-Mail", MAILS, "person.email"),
        ("Courriel", MAILS, "person.email"),
        ("Kolumne 7", MAILS, "person.email"),
        ("Email", WORDS, ""),
        ("Name", MAILS, "person.email"),
        ("Vorname", WORDS, "person.first_name"),
        ("Apellidos", WORDS, "person.last_name"),
        ("Erreichbar", PHONES, "person.phone"),
        ("Mobile", [], "person.phone"),
        ("Seite", SITES, "company.domain"),
        ("Firma", WORDS, "company.name"),
        ("Registered at", DATES, "occurred_at"),
        ("Wann", DATES, ""),
        *(
            (word, DATES, "occurred_at")
            for word in (
                "Eingangsdatum",
                "Eingegangen am",
                "Erfasst am",
                "Date de création",
                "Créé le",
                "Data creazione",
                "Data di inserimento",
                "Data de criação",
                "Aanmaakdatum",
                "Data utworzenia",
                "Datum vytvoření",
                "Oprettelsesdato",
            )
        ),
        ("Number", ["123456789", "987654321"], ""),
        ("Shoe size", ["38", "42"], ""),
        ("Unsubscribed", ["yes"], "opt_out"),
        ("Newsletter", ["ja"], "consent"),
        ("UTM_Campaign", WORDS, "source.campaign"),
        ("Prénom", WORDS, "person.first_name"),
        ("Société", WORDS, "company.name"),
        ("Téléphone portable", [], "person.phone"),
        ("Fecha de creación", DATES, "occurred_at"),
        ("Número de empleados", ["12"], "company.employees"),
        ("Angelegt am", DATES, "occurred_at"),
        ("Straße", WORDS, ""),
        ("Zuständig", WORDS, "history.owner"),
        ("Bedrijfsnaam", WORDS, "company.name"),
        ("Person - Job title", WORDS, "person.title"),
        ("country_id/name", WORDS, "person.country"),
        ("Mobil (privat)", [], "person.phone"),
        ("GCLID", WORDS, "source.click_id"),
        ("Kontakt", ["a@b.com; c@d.com", "e@f.com"], "person.email"),
    ],
)
def test_a_column_is_known_by_its_words_or_its_looks(
    heading: str, values: list[str], target: str
) -> None:
    assert guessing.choose([heading], [values]).get(heading, "") == target


def test_of_two_columns_of_one_meaning_the_first_is_taken_but_two_addresses_both() -> None:
    headings = ["Company", "Firma", "Work email", "E-mail", "Name", "First name", "Last name"]
    chosen = guessing.choose(headings, [WORDS, WORDS, MAILS, MAILS, WORDS, WORDS, WORDS])
    assert chosen == {
        "Company": "company.name",
        "Work email": "person.email",
        "E-mail": "person.email",
        "First name": "person.first_name",
        "Last name": "person.last_name",
    }


@pytest.mark.parametrize(
    ("name", "chosen"),
    [
        (["Roe", "Poe"], {"Vorname": "person.first_name", "Name": "person.last_name"}),
        (["Ann Roe", "Jo Poe"], {"Name": "person.full_name"}),
    ],
)
def test_a_name_beside_a_first_name_is_the_last_one_unless_it_holds_both(
    name: list[str], chosen: dict[str, str]
) -> None:
    assert guessing.choose(["Vorname", "Name"], [["Ann", "Jo"], name]) == chosen


@pytest.mark.parametrize("name", mapping.preset_names())
def test_a_preset_said_of_a_table_means_what_the_preset_means(name: str) -> None:
    preset = mapping.load(name)
    headings = [column.headings[0] for column in preset.columns]
    headings = list(dict.fromkeys([*headings, "Shoe size", *sorted(preset.ignored)]))
    bound = mapping.read(guessing.bound(preset, headings), name="bound")
    assert {column.target for column in bound.columns} == {one.target for one in preset.columns}
    assert bound.ignored == preset.ignored
    again = mapping.read(mapping.document_of(bound), name="again")
    assert again.columns == bound.columns


@pytest.mark.parametrize("name", mapping.preset_names())
def test_a_proposal_left_as_it_is_is_what_was_proposed(name: str) -> None:
    preset = mapping.load(name)
    headings = list(dict.fromkeys(one for column in preset.columns for one in column.headings))
    proposed = guessing.bound(preset, headings)
    given = {"system": preset.system, "zone": preset.zone.key}
    given |= {
        f"c{place}": import_targets.chosen(proposed, heading)[0]
        for place, heading in enumerate(headings)
    }
    chosen = import_targets.read(proposed, headings, {**proposed["constants"], **given})
    assert mapping.read(chosen, name="x").columns == mapping.read(proposed, name="x").columns
    assert chosen["constants"] == proposed["constants"]


def test_a_stage_is_known_by_the_words_of_many_systems_but_by_none_that_is_unclear() -> None:
    words = guessing.words_of("history.stage")
    told = {"Closed Won": "WON", "Verloren": "LOST", "Proposal": "OPPORTUNITY", "Gagné": "WON"}
    known = {one: words.get(mapping.plain(one)) for one in told}
    assert known == told
    assert not {"pending", "inprogress", "closed"} & words.keys()


def test_every_target_can_be_chosen_on_the_page() -> None:
    targets = {guessing.WAYS.get(key, (key, ""))[0] for key in import_targets.LABELS}
    assert targets == mapping.TARGETS - {mapping.OF_ALL}


def test_every_heading_that_is_guessed_means_something_that_can_be_chosen() -> None:
    assert set(guessing.HEADINGS.values()) <= set(import_targets.LABELS)


@pytest.mark.parametrize(
    ("word", "chosen", "stage"),
    [
        ("In Arbeit", "MQL", "MQL"),
        ("Won", "", ""),
        ("Won", "LOST", "LOST"),
        ("Gagné", "WON", "WON"),
        ("Qualified", "MERGED", ""),
    ],
)
def test_what_a_word_of_the_table_means_can_be_chosen(word: str, chosen: str, stage: str) -> None:
    proposed = guessing.guess(["Email", "Lead status"], [MAILS[:3], WORDS], zone="UTC", ours="-")
    given = {"system": "", f"stage:{word}": chosen}
    document = import_targets.read(proposed, ["Email", "Lead status"], given)
    columns = {one.target: one for one in mapping.read(document, name="x").columns}
    assert import_targets.stage_of(columns["history.stage"].words, word) == stage


@pytest.mark.parametrize(("how", "refused"), [("history", True), ("live", False)])
def test_ids_of_deals_need_the_name_of_their_system_where_a_past_is_told(
    how: str, *, refused: bool
) -> None:
    headings = ["Email", "Deal ID"]
    proposed = guessing.guess(headings, [MAILS[:3], ["D-1"]], zone="UTC", ours="-")
    assert proposed["columns"]["history.deal_id"] == {"from": ["Deal ID"]}
    with pytest.raises(mapping.BadMapping) if refused else nullcontext():
        import_targets.read(proposed, headings, {"system": "", "as_what": how})
