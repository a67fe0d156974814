"""Country names in many spellings and languages, to ISO 3166 alpha-2 codes."""

from __future__ import annotations

import gettext
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import pycountry

# Languages whose country names are read, beside English.
_LANGUAGES = (
    "de", "fr", "es", "it", "nl", "pt", "pl", "sv", "da", "nb", "fi", "cs", "hu", "ro", "el", "tr",
    "ru", "uk", "ja", "ko", "zh_CN", "zh_TW", "ar", "he",
)  # fmt: skip
_ALIASES = {
    "AE": ("UAE", "Emirates"),
    "BA": ("Bosnia",),
    "BO": ("Bolivia",),
    "BN": ("Brunei",),
    "CD": ("DR Congo", "DRC", "Congo Kinshasa", "Democratic Republic of the Congo"),
    "CG": ("Congo Brazzaville", "Republic of the Congo"),
    "CI": ("Ivory Coast",),
    "CN": ("PRC", "Mainland China", "P.R. China"),
    "CV": ("Cape Verde",),
    "CZ": ("Czech Republic", "Tschechische Republik"),
    "DE": ("BRD", "Germany (Federal Republic)"),
    "FM": ("Micronesia",),
    "GB": (
        "UK", "U.K.", "Great Britain", "Britain", "England", "Scotland", "Wales",
        "Northern Ireland", "Großbritannien", "Grossbritannien", "Grande-Bretagne", "Gran Bretaña",
        "Reino Unido", "United Kingdom of Great Britain and Northern Ireland",
    ),
    "GR": ("EL",),
    "HK": ("Hong Kong SAR", "Hongkong"),
    "IE": ("Republic of Ireland", "Eire"),
    "KR": ("Korea", "Republic of Korea", "South-Korea", "Südkorea"),
    "LA": ("Lao",),
    "MK": ("Macedonia", "FYROM"),
    "MM": ("Burma",),
    "MO": ("Macau",),
    "NL": ("Holland", "The Netherlands"),
    "PS": ("Palestine",),
    "RU": ("Russia", "Россия"),
    "SZ": ("Swaziland",),
    "TL": ("East Timor",),
    "TR": ("Turkey",),
    "TW": ("R.O.C.",),
    "US": (
        "USA", "U.S.", "U.S.A.", "America", "United States of America", "The United States",
        "Vereinigte Staaten von Amerika", "Etats-Unis", "EE.UU.", "EEUU", "Estados Unidos",
    ),
    "VA": ("Vatican", "Vatican City"),
    "VN": ("Vietnam",),
    "XK": ("XK", "Kosovo"),
}  # fmt: skip


@lru_cache(maxsize=8192)
def country_code(raw: str) -> str | None:
    """Return the ISO alpha-2 code of a country; None when the text names none.

    Reads codes of two and three letters and names in two dozen languages, whatever their case,
    accents and dots. It does not guess: a misspelt name is None. Kosovo is XK, as in practice.
    """
    text = _folded(raw)
    return _names().get(text) or _names().get(text.removeprefix("the ")) if text else None


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """Collect all spellings, the surest last, so that it outranks the same word elsewhere."""
    names = {_folded(word): code for word, code in _translated()}
    names |= {_folded(word): code for word, code in _english()}
    names |= {_folded(word): code for code, words in _ALIASES.items() for word in words}
    return names | {country.alpha_2.casefold(): country.alpha_2 for country in pycountry.countries}


def _english() -> Iterator[tuple[str, str]]:
    for country in pycountry.countries:
        for word in (country.name, getattr(country, "official_name", ""), country.alpha_3):
            yield word, country.alpha_2
        yield (
            country.name.partition(",")[0] if _is_said_short(country.name) else "",
            country.alpha_2,
        )
        yield getattr(country, "common_name", ""), country.alpha_2


def _is_said_short(name: str) -> bool:
    """Say whether the part before the comma names one country alone (not Congo, not Korea)."""
    return "," in name and not name.startswith(("Congo", "Korea", "Virgin", "Saint", "Bonaire"))


def _translated() -> Iterator[tuple[str, str]]:
    for language in _LANGUAGES:
        catalog = gettext.translation(
            "iso3166-1", pycountry.LOCALES_DIR, languages=[language], fallback=True
        )
        for country in pycountry.countries:
            for word in (country.name, getattr(country, "common_name", country.name)):
                yield catalog.gettext(word), country.alpha_2


def _folded(text: str) -> str:
    """Drop case, Latin accents, dots and extra spaces: two spellings of one name become equal."""
    parts = unicodedata.normalize("NFKD", text.replace(".", ""))
    bare = "".join(part for part in parts if not "\u0300" <= part <= "\u036f")
    words = "".join(part if _is_letter(part) else " " for part in bare)
    return " ".join(words.casefold().split())


def _is_letter(character: str) -> bool:
    """Say whether it belongs to a word; marks do, in the scripts of India above all."""
    return character.isalnum() or unicodedata.category(character).startswith("M")
