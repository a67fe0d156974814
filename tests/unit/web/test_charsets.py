"""Charsets that are none never reach Django; all others do."""

from __future__ import annotations

import pytest

from web import charsets

NONE = ["rot13", "hex", "zlib", "idna", "undefined", "utf-16", "no-such-thing", "x" * 300, "\0"]
TEXT = ["utf-8", "UTF8", "latin-1", "windows-1252", "koi8-r", "gb18030"]


@pytest.mark.parametrize("name", NONE)
def test_a_charset_that_is_none_is_left_out_and_all_else_stays(name: str) -> None:
    told = f'multipart/form-data; charset="{name}"; boundary="a b"'
    assert charsets.usable(told) == 'multipart/form-data; boundary="a b"'


@pytest.mark.parametrize("name", TEXT)
def test_a_charset_of_texts_stays(name: str) -> None:
    told = f"text/plain; charset={name}"
    assert charsets.usable(told) == told


@pytest.mark.parametrize("told", ["", "application/json", "charset", ";;;"])
def test_whatever_else_is_said_is_left_to_django(told: str) -> None:
    assert charsets.usable(told) == told
