"""Languages as people write them."""

from __future__ import annotations

import pytest

from people import languages


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("", []),
        ("de, fr", ["de", "fr"]),
        ("French; GERMAN, de", ["de", "fr"]),
        ("pt_BR, zh-Hant", ["pt", "zh"]),
        ("English, en-GB, Greek", ["el"]),
        ("Norwegian Bokmål, Serbo-Croatian", ["nb", "sh"]),
    ],
)
def test_codes_and_names_are_read(text: str, codes: list[str]) -> None:
    assert languages.read(text) == codes
    assert languages.read(languages.write(codes)) == codes


@pytest.mark.parametrize("text", ["xx", "deutsch", "de fr", "d", "deu", "de, ?"])
def test_what_is_no_language_is_named(text: str) -> None:
    with pytest.raises(languages.Unreadable, match="is no language"):
        languages.read(text)


def test_names_are_shown_for_codes() -> None:
    assert languages.names(["de", "el", "zz"]) == "German, Greek, zz"
