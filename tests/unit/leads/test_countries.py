"""Country names to codes."""

from __future__ import annotations

import pycountry
import pytest

from leads import countries


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("DE", "DE"),
        ("de", "DE"),
        ("DEU", "DE"),
        ("Germany", "DE"),
        ("  gErMaNy ", "DE"),
        ("Deutschland", "DE"),
        ("Allemagne", "DE"),
        ("UK", "GB"),
        ("U.K.", "GB"),
        ("England", "GB"),
        ("Great Britain", "GB"),
        ("USA", "US"),
        ("u.s.a.", "US"),
        ("the united states", "US"),
        ("United States of America", "US"),
        ("Estados Unidos", "US"),
        ("Österreich", "AT"),
        ("Oesterreich", None),
        ("Espana", "ES"),
        ("Côte d'Ivoire", "CI"),
        ("Cote D\u2019Ivoire", "CI"),
        ("Ivory Coast", "CI"),
        ("Schweiz", "CH"),
        ("Suisse", "CH"),
        ("日本", "JP"),
        ("中国", "CN"),
        ("대한민국", "KR"),
        ("Korea, Republic of", "KR"),
        ("South Korea", "KR"),
        ("Россия", "RU"),
        ("Türkiye", "TR"),
        ("Turkey", "TR"),
        ("Holland", "NL"),
        ("The Netherlands", "NL"),
        ("Czech Republic", "CZ"),
        ("Viet Nam", "VN"),
        ("Vietnam", "VN"),
        ("Taiwan", "TW"),
        ("Iran", "IR"),
        ("Bolivia", "BO"),
        ("Niger", "NE"),
        ("Nigeria", "NG"),
        ("Guinea", "GN"),
        ("Georgia", "GE"),
        ("Jersey", "JE"),
        ("Kosovo", "XK"),
        ("", None),
        ("-", None),
        ("n/a", None),
        ("Select", None),
        ("Germny", None),
        ("EU", None),
        ("ZZ", None),
        ("\0", None),
        ("\ud83d", None),
        ("x" * 10000, None),
    ],
)
def test_a_country_has_one_code(raw: str, code: str | None) -> None:
    assert countries.country_code(raw) == code


@pytest.mark.parametrize("country", list(pycountry.countries), ids=lambda country: country.alpha_2)
def test_every_country_answers_to_its_own_codes_and_names(country: object) -> None:
    for spelling in ("alpha_2", "alpha_3", "name", "common_name", "official_name"):
        if word := getattr(country, spelling, None):
            assert countries.country_code(word) == country.alpha_2, word
