"""Texts, names, titles and company names."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InvalidInput
from leads import cleansing


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("plain", "plain"),
        ("  ends \n", "ends"),
        ("two\r\nlines\rand\nmore", "two\nlines\nand\nmore"),
        ("tab\tstays", "tab\tstays"),
        ("bell\a and \x1b[31mescape\x7f\x85", "bell and [31mescape"),
        ("e\u0301", "é"),
        ("👩‍👩‍👧‍👦 and 🏳️‍🌈", "👩‍👩‍👧‍👦 and 🏳️‍🌈"),
        ("\u202eabc", "\u202eabc"),
        ("שלום", "שלום"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("=1+1", "=1+1"),
        ("", ""),
    ],
)
def test_a_text_keeps_what_people_wrote(raw: str, expected: str) -> None:
    assert cleansing.clean_text(raw, 100) == expected


@pytest.mark.parametrize(
    ("raw", "code"),
    [("a\0b", "nul"), ("a\ud83d", "surrogate"), ("\udc00", "surrogate"), ("x" * 11, "too_long")],
)
def test_a_text_that_cannot_be_stored_is_refused_naming_its_field(raw: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        cleansing.clean_text(raw, 10, field="person.title")
    (error,) = refusal.value.errors
    assert (error.field, error.code) == ("person.title", code)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_a_cleaned_text_can_be_stored_and_cleaned_again(raw: str) -> None:
    try:
        text = cleansing.clean_text(raw, 200)
    except InvalidInput:
        return
    assert "\0" not in text.encode().decode()
    assert unicodedata.is_normalized("NFC", text)
    assert cleansing.clean_text(text, 200) == text


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("o'brien", "O'Brien"),
        ("O'BRIEN", "O'Brien"),
        ("O’BRIEN", "O’Brien"),
        ("O'Brien", "O'Brien"),
        ("McDonald", "McDonald"),
        ("deGrasse", "deGrasse"),
        ("jean-luc", "Jean-Luc"),
        ("ÉLODIE", "Élodie"),
        ("DENİZ", "Deniz"),
        ("DE LA CRUZ", "de la Cruz"),
        ("van der berg", "van der Berg"),
        ("von", "Von"),
        ("j.r.r. tolkien", "J.R.R. Tolkien"),
        ("  ada \t lovelace ", "Ada Lovelace"),
        ("JJ", "JJ"),
        ("LI", "LI"),
        ("Ng", "Ng"),
        ("null", "Null"),
        ("Null", "Null"),
        ("陳", "陳"),
        ("أحمد", "أحمد"),
        ("X Æ A-12", "X Æ A-12"),
        ("", ""),
    ],
)
def test_a_name_is_mended_only_where_it_was_shouted_or_mumbled(raw: str, expected: str) -> None:
    assert cleansing.tidy_name(raw) == expected


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(categories=["L", "Zs", "Pd"]), max_size=30))
def test_a_tidied_name_keeps_its_letters(raw: str) -> None:
    assert letters(cleansing.tidy_name(raw)) == letters(raw)


def letters(name: str) -> str:
    """Spell a name out in big letters, without the dot that only a Turkish I has."""
    spelt = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", name).upper())
    return " ".join(spelt.replace("\u0307", "").split())


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("ceo", "CEO"),
        ("VP OF SALES", "VP of Sales"),
        ("vp, sales", "VP, Sales"),
        ("HEAD OF MARKETING", "Head of Marketing"),
        ("cto & founder", "CTO & Founder"),
        ("director (emea)", "Director (EMEA)"),
        ("IT-LEITER", "IT-Leiter"),
        ("women's health lead", "Women's Health Lead"),
        ("Head of marketing", "Head of marketing"),
        ("Geschäftsführer", "Geschäftsführer"),
        ("  Sales   Engineer ", "Sales Engineer"),
        ("", ""),
    ],
)
def test_a_job_title_reads_well(raw: str, expected: str) -> None:
    assert cleansing.tidy_title(raw) == expected


@pytest.mark.parametrize(
    ("full", "first", "last"),
    [
        ("Ada Lovelace", "Ada", "Lovelace"),
        ("  Ada   King  Lovelace ", "Ada King", "Lovelace"),
        ("Dr. Juan Q. Xavier de la Vega III", "Juan Q. Xavier", "de la Vega"),
        ("van der Berg, Jan", "Jan", "van der Berg"),
        ("Müller-Lüdenscheidt, Dr. Anna", "Anna", "Müller-Lüdenscheidt"),
        ("Miles O'Brien", "Miles", "O'Brien"),
        ("Muhammad bin Salman", "Muhammad", "bin Salman"),
        ("Jennifer Null", "Jennifer", "Null"),
        ("Mr. Smith", "", "Smith"),
        ("Prof. Dr. Smith", "", "Smith"),
        ("St. John", "St.", "John"),
        ("Judge Reinhold", "Judge", "Reinhold"),
        ("de la Cruz", "", "de la Cruz"),
        ("陳 大文", "大文", "陳"),
        ("陳", "", "陳"),
        ("O'Brien", "O'Brien", ""),
        ("Madonna", "Madonna", ""),
        ("Null", "Null", ""),
        ("Do", "Do", ""),
        ("Jr.", "Jr.", ""),
        ("Ph.D.", "Ph.D.", ""),
        ("ada@example.com", "ada@example.com", ""),
        ("3M Company", "3M Company", ""),
        ("", "", ""),
    ],
)
def test_a_full_name_is_split(full: str, first: str, last: str) -> None:
    assert cleansing.split_full_name(full) == (first, last)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_no_name_is_lost_by_splitting_it(full: str) -> None:
    first, last = cleansing.split_full_name(full)
    has_letters = any(character.isalpha() for character in full)
    assert bool(first or last) or not has_letters


@pytest.mark.parametrize(
    "spellings",
    [
        ("Acme", "ACME", "Acme, Inc.", "ACME GmbH & Co. KG", "acme Ltd", "Acme S.A.", " a-c-m-e "),
        ("Acme", "Acme Gesellschaft mbH", "Acme Ges.m.b.H.", "Acme S.à r.l.", "Acme e.K."),
        ("Acme", "Acme Aktiengesellschaft", "Acme Co., Ltd.", "Acme UG (haftungsbeschränkt)"),
        ("GTX Pro", "GTXPro", "gtx-pro"),
        ("Johnson & Johnson", "Johnson and Johnson", "Johnson+Johnson"),
        ("Société Générale S.A.", "Societe Generale"),
        ("株式会社トヨタ", "トヨタ株式会社", "トヨタ", "ﾄﾖﾀ"),
        ("ООО Ромашка", "Ромашка"),
        ("Müller AG", "MULLER"),
    ],
)
def test_spellings_of_one_company_share_a_key(spellings: tuple[str, ...]) -> None:
    assert len({cleansing.company_name_key(name) for name in spellings}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme", "Acme Holding"),
        ("ガス", "カス"),
        ("SA", "AG"),
        ("The Limited", "The Company"),
        ("3M", "M"),
        ("!!!", "???"),
        ("Ромашка", "Рябина"),
    ],
)
def test_two_companies_keep_two_keys(one: str, other: str) -> None:
    assert cleansing.company_name_key(one) != cleansing.company_name_key(other)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_a_company_key_is_empty_only_for_a_blank_name(name: str) -> None:
    key = cleansing.company_name_key(name)
    if any(character.isalnum() for character in name):
        assert key
    assert " " not in key
