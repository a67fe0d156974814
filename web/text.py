"""Which text may come in: whatever PostgreSQL can store and people can have meant."""

from __future__ import annotations

import re
from functools import lru_cache

NUL = "contains a NUL character; remove it."
SURROGATE = "contains half of a character (a lone surrogate); send whole characters."
NOT_UTF8 = "is not valid UTF-8; send it as UTF-8."

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def fault(text: str) -> str:
    """Why this text cannot be stored, or nothing."""
    found = _UNSTORABLE.search(text)
    if found is None:
        return ""
    return NUL if found.group() == "\x00" else SURROGATE


def fault_of_bytes(raw: bytes) -> str:
    """The same for text still encoded."""
    try:
        return fault(raw.decode("utf-8"))
    except UnicodeDecodeError:
        return NOT_UTF8


@lru_cache(maxsize=64)
def is_charset(name: str) -> bool:
    """Whether text can come in this charset: Python also knows codecs that are none.

    rot13, base64 and the like turn bytes to bytes; idna and undefined stop at what they dislike.
    """
    try:
        return b"a\xff".decode(name, "replace")[:1] == "a"
    except (LookupError, ValueError, TypeError):
        return False
