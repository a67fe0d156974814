"""Which text may come in: whatever PostgreSQL can store and people can have meant."""

from __future__ import annotations

import re

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
