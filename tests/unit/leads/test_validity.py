"""Which addresses are at the company, and which numbers can be called."""

from __future__ import annotations

import pytest

from leads import validity


@pytest.mark.parametrize(
    ("email", "domain", "at"),
    [
        ("ada@acme.de", "acme.de", True),
        ("Ada@ACME.de", "acme.de", True),
        ("ada@mail.acme.de", "acme.de", True),
        ("ada@notacme.de", "acme.de", False),
        ("ada@acme.de.com", "acme.de", False),
        ("ada@gmail.com", "acme.de", False),
        ("odd@name@acme.de", "acme.de", True),
        ("acme.de", "acme.de", False),
        ("ada@acme.de", "", False),
        ("ada@acme.de", None, False),
        ("", "acme.de", False),
    ],
)
def test_a_mailbox_is_the_company_s_by_its_domain(email: str, domain: str | None, at: bool) -> None:
    assert validity.is_at(validity.email_host(email), domain) is at


@pytest.mark.parametrize(
    ("phone", "can"),
    [
        ("+49 (30) 90 18-20", True), ("9018200", True), ("901820", False), ("", False),
        ("+49 30 9018200 ext. 4567890", False), ("0" * 15, True), ("0" * 16, False),
        ("\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667", False),
    ],
)  # fmt: skip
def test_a_number_has_as_many_digits_as_can_be_dialled(phone: str, can: bool) -> None:
    assert validity.can_be_called(phone) is can
