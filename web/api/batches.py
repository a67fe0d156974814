"""Bodies that bring many things at once: the list in them, and what becomes of each item."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from core.errors import FieldError, InvalidInput


def items(document: Any, name: str, *, most: int, beside: Collection[str] = ()) -> list[Any]:
    """The list `name` of a body that may say what is `beside` it, and nothing else.

    Raises InvalidInput (422) naming what is wrong with it.
    """
    found = document.get(name) if isinstance(document, dict) else None
    if not isinstance(found, list):
        fault = FieldError(name, f"Send {{“{name}”: [ … ]}}.", "required")
    elif len(found) > most:
        fault = FieldError(name, f"Send at most {most} {name} at once, not {len(found)}.", "most")
    elif unknown := sorted(set(document) - {name, *beside}):
        known = ", ".join((*beside, name))
        fault = FieldError(unknown[0], f"Unknown field; known is: {known}.", "unknown")
    else:
        return found
    raise InvalidInput(f"{fault.field}: {fault.message}", errors=[fault])
