"""What somebody typed into the search, and how closely a name fits it."""

from __future__ import annotations

import pytest

from leads import search_ranks, search_words


@pytest.mark.parametrize(
    ("text", "words", "digits", "number"),
    [
        ("  Jürgen   O’Brien ", ("jurgen", "obrien"), "", None),
        ("Mueller & Söhne", ("muller", "sohne"), "", None),
        ("+49 (0) 30 123-456", (), "4930123456", None),
        ("0171 1234567", (), "1711234567", None),
        ("0049 171 1234567", (), "491711234567", None),
        ("4567", (), "4567", 4567),
        ("#12", (), "", 12),
        ("12", ("12",), "", 12),
        ("Firma 24", ("firma", "24"), "", None),
        ("a@b.de", (), "", None),
    ],
)
def test_a_search_is_read(
    text: str, words: tuple[str, ...], digits: str, number: int | None
) -> None:
    asked = search_words.read(text)
    assert (asked.words, asked.digits, asked.number) == (words, digits, number)


@pytest.mark.parametrize(
    ("text", "country", "keys"),
    [
        ("Anna <Anna+x@ACME.com>", "", ()),
        ("Anna+x@ACME.com", "", ("anna@acme.com",)),
        ("030 901820", "DE", ("+4930901820",)),
        ("+49 30 901820", "", ("+4930901820",)),
    ],
)
def test_whole_addresses_and_numbers_are_keys(
    text: str, country: str, keys: tuple[str, ...]
) -> None:
    asked = search_words.read(text, country=country)
    assert tuple(key.value for key in asked.keys) == keys


def test_a_word_of_another_alphabet_is_looked_for_in_latin_letters_too() -> None:
    asked = search_words.read("Юлия")
    assert (asked.words, asked.other_words) == (("юлия",), ("yuliya",))


def test_a_legal_form_names_no_company() -> None:
    assert search_words.of_a_company(("acme", "gmbh")) == ("acme",)
    assert search_words.of_a_company(("gmbh",)) == ("gmbh",)


def test_words_are_split_between_a_person_and_a_company_in_both_orders() -> None:
    assert search_words.splits(("anna", "acme")) == [
        (("anna",), ("acme",)),
        (("acme",), ("anna",)),
    ]


@pytest.mark.parametrize(
    ("words", "closeness"),
    [
        (("muller", "anna"), search_ranks.WHOLE),
        (("anna",), search_ranks.WORDS),
        (("ann", "mul"), search_ranks.BEGUN),
        (("ller",), search_ranks.PART),
    ],
)
def test_a_name_fits_more_or_less_closely(words: tuple[str, ...], closeness: int) -> None:
    assert search_ranks.closeness(words, "anna muller") == closeness


@pytest.mark.parametrize(
    ("words", "alike"),
    [
        (("mulller",), True),
        (("ana", "muler"), True),
        (("mullre", "anna"), True),
        (("mulel",), True),
        (("miller",), True),
        (("maria",), False),
        (("anna", "schmidt"), False),
    ],
)
def test_a_slip_of_the_pen_is_forgiven_in_each_word(words: tuple[str, ...], *, alike: bool) -> None:
    assert search_ranks.is_alike(words, "anna muller") is alike
