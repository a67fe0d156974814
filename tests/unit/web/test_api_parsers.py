"""JSON read strictly: what is refused, by which name; what passes, unchanged. No database."""

from __future__ import annotations

import io
import json
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.api import parsers
from web.api.parsers import BadJSON, BodyTooLarge, StrictJSONParser

SAFE_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | SAFE_TEXT
)
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(SAFE_TEXT, inner, max_size=4),
    max_leaves=12,
)


def parse(raw: bytes, **view: Any) -> Any:
    return StrictJSONParser().parse(io.BytesIO(raw), None, {"view": SimpleNamespace(**view)})


@given(DOCUMENTS, st.booleans(), st.booleans())
def test_sound_documents_come_through_unchanged(document: Any, escaped: bool, bom: bool) -> None:
    raw = json.dumps(document, ensure_ascii=escaped).encode()
    assert parse((parsers.BOM if bom else b"") + raw) == document


@pytest.mark.parametrize(
    ("raw", "named"),
    [
        (b'{"a": NaN}', "a"),
        (b'{"a": [1, Infinity]}', "a.1"),
        (b'{"a": {"b": -Infinity}}', "a.b"),
        (b'{"a": 1e400}', "a"),
        (b'{"a": "x\\u0000y"}', "a"),
        (b'{"a": {"b": "\\ud83d"}}', "a.b"),
        (b'{"a": "\\ude00\\ud83d"}', "a"),
        (b'{"x\\u0000": 1}', "x\\0"),
        (b'{"\\udc80": 1}', "?"),
        (b'{"a": 1, "a": 1}', "a"),
        (b'{"p": {"b": 1, "c": 2, "b": 3}}', "b"),
        (b'{"a": ' + b"[" * 20 + b"]" * 20 + b"}", "a" + ".0" * 19),
    ],
)
def test_what_is_refused_is_named_by_its_place(raw: bytes, named: str) -> None:
    with pytest.raises(BadJSON) as refused:
        parse(raw)
    assert named in [fault.field for fault in refused.value.faults]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"{'a': 1}",
        b'{"a": 1,}',
        b'{"a": 01}',
        b'{"a": .5}',
        b'{"a": "tab\tinside"}',
        b"\xff\xfe{\x00}\x00",
        b'{"a": "\xff"}',
        b'{"a": "\xed\xa0\xbd"}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b'{"a":' * 40_000,
        b"// comment\n{}",
        b"nan",
    ],
    ids=lambda raw: raw[:12],
)
def test_what_is_no_json_is_refused_in_words(raw: bytes) -> None:
    with pytest.raises(BadJSON):
        parse(raw)


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert parse(b'{"a": "\\ud83d\\ude00"}') == {"a": "\N{GRINNING FACE}"}


def test_depth_twenty_is_still_taken() -> None:
    parse(b"[" * 20 + b"]" * 20)


@pytest.mark.parametrize(("size", "taken"), [(99, True), (100, True), (101, False)])
def test_the_limit_is_the_views(size: int, taken: bool) -> None:
    raw = b'"' + b"x" * (size - 2) + b'"'
    if taken:
        assert parse(raw, body_limit=100)
    else:
        with pytest.raises(BodyTooLarge):
            parse(raw, body_limit=100)


def test_items_that_are_checked_alone_do_not_spoil_the_rest() -> None:
    raw = b'{"touches": [{"a": "\\u0000"}, {"a": NaN}]}'
    assert len(parse(raw, item_list="touches")["touches"]) == 2
    with pytest.raises(BadJSON):
        parse(b'{"touches": [], "note": "\\u0000"}', item_list="touches")
    with pytest.raises(BadJSON):
        parse(raw)


class Unread:
    """A body that would never end; whoever reads it fails."""

    def read(self, size: int) -> bytes:
        raise AssertionError("nobody should read this")


def test_a_body_announced_as_too_large_is_not_even_read() -> None:
    request = SimpleNamespace(headers={"Content-Length": "99999999999"})
    with pytest.raises(BodyTooLarge):
        StrictJSONParser().parse(Unread(), None, {"request": request})  # type: ignore[arg-type]
