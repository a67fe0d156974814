"""Pages by key: where the next page begins, in an address. Pure."""

from __future__ import annotations

import re
from datetime import datetime

from core.errors import FieldError, InvalidInput

CURSOR = re.compile(r"(\d{1,17})\.(\d{1,18})")
EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
OTHER = "Use the links below the list; this address is not one of them."


def write(at: datetime, pk: int) -> str:
    """The last row of a page."""
    return f"{(at - EPOCH) // datetime.resolution}.{pk}"


def read(text: str) -> tuple[datetime, int] | None:
    """The row after which a page begins; None for the first. Raises InvalidInput for others."""
    if not text:
        return None
    found = CURSOR.fullmatch(text)
    if found is None:
        raise InvalidInput(OTHER, errors=[FieldError("after", OTHER)])
    return EPOCH + datetime.resolution * int(found[1]), int(found[2])
