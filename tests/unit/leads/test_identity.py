"""What a touch says about identity: spellings that are one, and what is no key at all."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InvalidInput
from leads import identity
from leads.identity import Key, KeyKind


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("ada@example.com", "ada@example.com"),
        ("  Ada@Example.COM \n", "ada@example.com"),
        ("A.B+x@Gmail.com", "ab@gmail.com"),
        ("a.b@googlemail.com", "ab@gmail.com"),
        ("A.B+x@example.com", "a.b@example.com"),
        ("+tag@example.com", "+tag@example.com"),
        ("ada+demo+again@example.com", "ada@example.com"),
        ("Ada@MÜLLER.de", "ada@xn--mller-kva.de"),
        ("ada@xn--mller-kva.de", "ada@xn--mller-kva.de"),
        ("ada@mu\u0308ller.de", "ada@xn--mller-kva.de"),
        ("Ａｄａ＠ｅｘａｍｐｌｅ.com", "ada@example.com"),
        ("\ufeffada@exa\u200bmple.com", "ada@example.com"),
        ("mailto:ada@example.com", "ada@example.com"),
        ("José@example.com", "josé@example.com"),
        ("jose\u0301@example.com", "josé@example.com"),
        ("伊昭傑@郵件.商務", "伊昭傑@xn--5nqv22n.xn--lhr59c"),
        ("o'brien@example.com", "o'brien@example.com"),
        ("null@example.com", "null@example.com"),
        ("ada@acme.test", "ada@acme.test"),
        ("ada@acme.example", "ada@acme.example"),
        ("ada@mail.acme.co.uk", "ada@mail.acme.co.uk"),
        ("MAILTO:Ada@example.com?subject=Hello", "ada@example.com"),
        ("Ada Lovelace <ada@example.com>", "ada@example.com"),
        ("<ada@example.com>", "ada@example.com"),
        ('"Lovelace, Ada" <Ada+x@example.com>;', "ada@example.com"),
        ("ada@example.com.", "ada@example.com"),
        ("ada@example.com,", "ada@example.com"),
        ('"ada"@example.com', "ada@example.com"),
        ('"ada.lovelace"@example.com', "ada.lovelace@example.com"),
        ('"Ada Lovelace"@example.com', '"ada lovelace"@example.com'),
        ('"ada@home"@example.com', '"ada@home"@example.com'),
        ('"a b+tag"@example.com', '"a b+tag"@example.com'),
        ("ada@exam\u00adple.com", "ada@example.com"),
        ("ada@example。com", "ada@example.com"),
        ("Δημήτρης@παράδειγμα.ελ", "δημήτρης@xn--hxajbheg2az3al.xn--qxam"),
        ("a.d.a@example.com", "a.d.a@example.com"),
        ("ada-news@yahoo.com", "ada-news@yahoo.com"),
        ("A.D.A.+a+b@googlemail.com", "ada@gmail.com"),
    ],
)
def test_spellings_of_one_address_become_one(raw: str, expected: str) -> None:
    assert identity.normalise_email(raw) == expected


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (identity.EmailPolicy(strip_plus=False), "ab+x@gmail.com"),
        (identity.EmailPolicy(gmail_dots=False), "a.b@gmail.com"),
        (identity.EmailPolicy(strip_plus=False, gmail_dots=False), "a.b+x@gmail.com"),
    ],
)
def test_the_policy_says_which_spellings_are_one(
    policy: identity.EmailPolicy, expected: str
) -> None:
    assert identity.normalise_email("A.B+x@Gmail.com", policy=policy) == expected


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "ada",
        "ada@",
        "@example.com",
        "ada@localhost",
        "ada@intern.local",
        "ada@192.168.0.1",
        "ada@[192.168.0.1]",
        "ada@example..com",
        "ada@exa_mple.com",
        "ada@@example.com",
        "ada@example.com, bob@example.com",
        "ada@example.com\nBcc: all@example.com",
        "ada\0@example.com",
        "ada\ud83d@example.com",
        "a" * 250 + "@example.com",
        "ada@" + "x" * 300 + ".com",
        "Ada Lovelace <>",
        "mailto:",
        ">",
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(raw: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        identity.normalise_email(raw)
    (error,) = refusal.value.errors
    assert error.field == "email"
    assert len(raw) < 4 or raw not in refusal.value.message


@settings(max_examples=60, deadline=None)
@given(st.emails(domains=st.sampled_from(["Gmail.com", "example.com", "müller.de", "x.co.uk"])))
def test_normalising_an_address_twice_changes_nothing_more(raw: str) -> None:
    try:
        once = identity.normalise_email(raw)
    except InvalidInput:
        return
    assert identity.normalise_email(once) == once
    assert identity.normalise_email(raw.upper()) == identity.normalise_email(raw.lower())
    assert unicodedata.is_normalized("NFC", once)


@pytest.mark.parametrize(
    ("email", "is_role"),
    [
        ("info@acme.com", True),
        ("INFO@acme.com", True),
        ("sales@acme.com", True),
        ("no-reply@acme.com", True),
        ("customer.service@acme.com", True),
        ("kontakt@acme.de", True),
        ("vertrieb@acme.de", True),
        ("ventas@acme.es", True),
        ("biuro@acme.pl", True),
        ("info2@acme.com", True),
        ("info+lists@acme.com", True),
        ("info.de@acme.com", True),
        ("sales-emea@acme.com", True),
        ("büro@acme.at", True),
        ("buero@acme.at", True),
        ("asiakaspalvelu@acme.fi", True),
        ("obchod@acme.cz", True),
        ("klantenservice@acme.nl", True),
        ("biuro.wroclaw@acme.pl", False),  # five letters and more may be a name
        ("it.wu@acme.com", False),
        ("anna.info@acme.com", False),
        ("ada@acme.com", False),
        ("infante@acme.com", False),
        ("salesforce.fan@acme.com", False),
        ("ada.sales@acme.com", False),
        ("office.depot.anna@acme.com", False),
        ("陳@acme.com", False),
        ("1@acme.com", False),
        ("123@acme.com", True),
        ("1234567@qq.com", True),
        ("80412345@qq.com", False),
        ("weber@weber.de", True),
        ("asdf@asdf.com", True),
        ("test123@gmail.com", True),
        ("donotreply@acme.com", True),
    ],
)
def test_a_desk_is_told_from_a_person(email: str, is_role: bool) -> None:
    assert identity.is_role_mailbox(email) == is_role


@pytest.mark.parametrize(
    ("raw", "country", "expected"),
    [
        ("+49 30 123456", None, "+4930123456"),
        ("030-123456", "DE", "+4930123456"),
        ("004930123456", None, "+4930123456"),
        ("004930123456", "DE", "+4930123456"),
        ("004930123456", "US", "+4930123456"),
        ("011 49 30 123456", "US", "+4930123456"),
        ("+49 (0)30 123456", "US", "+4930123456"),
        ("tel:+49-30-123456", None, "+4930123456"),
        ("0049 / 30 / 12 34 56", "de", "+4930123456"),
        ("(202) 555-0143 ext. 12", "US", "+12025550143"),
        ("202.555.0143", "US", "+12025550143"),
        ("+1 555 123 4567", None, "+15551234567"),
        ("+44 20 7946 0958", None, "+442079460958"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("+39 06 12345678", None, "+390612345678"),
        ("０３-１２３４-５６７８", "JP", "+81312345678"),
        ("＋81 3 1234 5678", None, "+81312345678"),
        ("+91 98765 43210", None, "+919876543210"),
        ("+49 030 123456", None, "+4930123456"),
        ("(0)30 123456", "DE", "+4930123456"),
        ("0049 (0) 30 123456", None, "+4930123456"),
        ("++49 30 123456", None, "+4930123456"),
        ("8 (495) 123-45-67", "RU", "+74951234567"),
        ("+44 (0)20 7946 0958", None, "+442079460958"),
        ("01 23 45 67 89", "FR", "+33123456789"),
        ("4930123456", "DE", "+4930123456"),
        ("+٤٩٣٠١٢٣٤٥٦", None, "+4930123456"),
        ("+49 30 901820-0", None, "+49309018200"),  # a switchboard's own line
        ("+49 30 901820-15", None, "+493090182015"),
        ("+1-800-FLOWERS", None, "+18003569377"),
    ],
)
def test_spellings_of_one_number_become_one(raw: str, country: str | None, expected: str) -> None:
    assert identity.normalise_phone(raw, country) == expected


@pytest.mark.parametrize(
    ("raw", "country"),
    [
        ("", None),
        ("030-123456", None),
        ("030-123456", "XX"),
        ("12345", "DE"),
        ("0000000000", "US"),
        ("2026-01-01T000000Z", "DE"),
        ("9999999999", "US"),
        ("1234567890", "US"),
        ("1231231231", "US"),
        ("n/a", "US"),
        ("+", "US"),
        ("+49", None),
        ("+49 30 123456 7890 1234 5678", None),
        ("1" * 400, "US"),
        ("call me", "DE"),
        ("\ud83d", "DE"),
        ("5" * 5 + "\0", "DE"),
    ],
)
def test_what_is_no_number_is_refused(raw: str, country: str | None) -> None:
    with pytest.raises(InvalidInput) as refusal:
        identity.normalise_phone(raw, country)
    assert [error.field for error in refusal.value.errors] == ["phone"]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40), st.sampled_from([None, "DE", "US", "GB", "JP", "zz", ""]))
def test_any_text_is_a_number_or_is_refused(raw: str, country: str | None) -> None:
    try:
        once = identity.normalise_phone(raw, country)
    except InvalidInput:
        return
    assert identity.normalise_phone(once, "FR") == once


@pytest.mark.parametrize(
    ("raw", "country", "expected"),
    [
        ("(202) 555-0143 ext. 12", "US", "+12025550143x12"),
        ("tel:+1-202-555-0143;ext=12", None, "+12025550143x12"),
        ("+1 (202) 555-0143 x12", None, "+12025550143x12"),
        ("+33 1 23 45 67 89 #12", None, "+33123456789x12"),
        ("+1 (202) 555-0143", None, "+12025550143"),
    ],
)
def test_an_extension_is_a_line_of_its_own(raw: str, country: str | None, expected: str) -> None:
    assert identity.phone_key(raw, country) == Key(KeyKind.PHONE, expected)


def test_a_touch_is_read_as_far_as_it_can_be_read() -> None:
    reading = identity.keys_of(
        email="Ada@Example.com", phone="n/a", external_id=" 00Q1 ", external_scope="Salesforce"
    )
    assert reading.keys == (
        Key(KeyKind.EMAIL, "ada@example.com"),
        Key(KeyKind.EXTERNAL, "salesforce:00Q1"),
    )
    assert [fault.field for fault in reading.faults] == ["phone"]


def test_a_role_mailbox_is_a_contact_point_and_no_key() -> None:
    reading = identity.keys_of(email="Info@acme.com", phone="030 123456", country="DE")
    assert reading.keys == (Key(KeyKind.PHONE, "+4930123456"),)
    assert reading.contact_points == (Key(KeyKind.EMAIL, "info@acme.com"),)
    assert reading.faults == ()


@pytest.mark.parametrize("blank", [None, "", "  \n"])
def test_blank_fields_are_neither_keys_nor_faults(blank: str | None) -> None:
    reading = identity.keys_of(email=blank, phone=blank, external_id=blank)
    assert reading == identity.KeyReading((), (), ())


@pytest.mark.parametrize(
    ("external_id", "scope", "code"),
    [("7", "", "scope"), ("x" * 201, "crm", "external_id"), ("a\0b", "crm", "external_id")],
)
def test_an_unusable_external_id_is_a_fault(external_id: str, scope: str, code: str) -> None:
    reading = identity.keys_of(external_id=external_id, external_scope=scope)
    assert reading.keys == ()
    assert [(fault.field, fault.code) for fault in reading.faults] == [("external_id", code)]


def test_the_same_id_of_two_systems_is_two_keys() -> None:
    one = identity.external_key("7", scope="hubspot")
    assert one != identity.external_key("7", scope="salesforce")
    assert identity.external_key("b:7", scope="a") != identity.external_key("7", scope="a:b")
