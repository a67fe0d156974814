"""Which account a company is: by domain, alias, name; and never by a guess."""

from __future__ import annotations

import pytest

from leads import company_matching
from leads.company_matching import By, Directory, Held, Match

ACME, ACME_IO, NAMED, KNOWN, GERMAN = 1, 2, 3, 4, 5


def directory(*held: Held) -> Directory:
    made = Directory()
    for one in held:
        made.add(one)
    return made


acme = Held(ACME, "acme.com", "acme", "US")
acme_io = Held(ACME_IO, "acme.io", "acme", "GB")
named = Held(NAMED, None, "acme", "")
known = Held(KNOWN, None, "hewlettpackard", "", stands=True)
german = Held(GERMAN, None, "acme", "DE")


@pytest.mark.parametrize(
    ("held", "said", "by", "account"),
    [
        pytest.param([acme], ("acme.com", "other", ""), By.DOMAIN, ACME, id="a domain wins"),
        pytest.param([acme], (None, "acme", ""), By.NAME, ACME, id="one of that name"),
        pytest.param([acme], (None, "acme", "DE"), By.NAME, ACME, id="a company is abroad too"),
        pytest.param([acme, acme_io], (None, "acme", ""), By.AMBIGUOUS, None, id="two of a name"),
        pytest.param(
            [acme, acme_io], (None, "acme", "GB"), By.NAME_AND_COUNTRY, ACME_IO, id="country tells"
        ),
        pytest.param(
            [acme, acme_io], (None, "acme", "FR"), By.AMBIGUOUS, None, id="a third country"
        ),
        pytest.param(
            [acme, acme_io, named], (None, "acme", ""), By.AMBIGUOUS, NAMED, id="its own nameless"
        ),
        pytest.param([acme], ("acme.de", "acme", ""), By.NAME, ACME, id="another ending"),
        pytest.param([acme], ("apex.de", "acme", ""), By.NEW, None, id="another domain"),
        pytest.param([acme], ("apex.de", "", ""), By.NEW, None, id="unknown, without a name"),
        pytest.param([named], ("acme.com", "acme", "US"), By.NAME, NAMED, id="learns its domain"),
        pytest.param([named], ("agency.com", "acme", ""), By.NEW, None, id="an agency's domain"),
        pytest.param([known], ("hp.com", "hewlettpackard", ""), By.NAME, KNOWN, id="known by CRM"),
        pytest.param([german], (None, "acme", "AT"), By.NEW, None, id="a namesake abroad"),
        pytest.param([german], (None, "acme", ""), By.NAME, GERMAN, id="a vague name"),
        pytest.param([], (None, "acme", ""), By.NEW, None, id="nobody yet"),
    ],
)
def test_what_is_said_finds_its_account(
    held: list[Held], said: tuple[str | None, str, str], by: By, account: int | None
) -> None:
    domain, name_key, country = said
    match = company_matching.decide(
        directory(*held), domain=domain, name_key=name_key, country=country
    )
    assert (match.by, match.account) == (by, account)


def test_aliases_name_their_account_and_settle_what_is_ambiguous() -> None:
    known = directory(acme, acme_io)
    known.domain_aliases["acme-group.com"] = acme
    known.name_aliases["acme"] = acme
    by_domain = company_matching.decide(known, domain="acme-group.com", name_key="", country="")
    by_name = company_matching.decide(known, domain=None, name_key="acme", country="")
    assert by_domain == Match(By.DOMAIN_ALIAS, ACME)
    assert by_name == Match(By.NAME_ALIAS, ACME)


@pytest.mark.parametrize(
    ("said", "learns"),
    [
        (("acme.com", "acme", "US"), (True, True)),
        ((None, "acme", "US"), (False, True)),
        ((None, "acme", ""), (False, False)),
    ],
)
def test_an_account_known_by_name_learns_what_fits_it(
    said: tuple[str | None, str, str], learns: tuple[bool, bool]
) -> None:
    domain, name_key, country = said
    match = company_matching.decide(
        directory(named), domain=domain, name_key=name_key, country=country
    )
    assert (match.learns_domain, match.learns_country) == learns


def test_a_known_company_never_takes_over_a_domain_that_sounds_otherwise() -> None:
    match = company_matching.decide(
        directory(known), domain="hp.com", name_key="hewlettpackard", country=""
    )
    assert not match.learns_domain


@pytest.mark.parametrize(
    ("domain", "name_key", "sounds"),
    [
        ("hollowmere.example", "hollowmerecargo", True),
        ("acme-group.com", "acme", True),
        ("hp.com", "hewlettpackard", False),
        ("ab.com", "abacus", False),
        ("agency.com", "acme", False),
    ],
)
def test_a_domain_sounds_like_a_name(domain: str, name_key: str, sounds: bool) -> None:
    assert company_matching.agrees(domain, name_key) is sounds
