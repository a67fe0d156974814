"""What a message of a page means: which signal it is, of whom, seen where. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

FIELDS = frozenset(("visitor", "id", "url", "kind"))


def read(body: bytes) -> dict[str, str]:
    """The fields of a message, all text. Raises ValueError for what is none."""
    try:
        said = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as fault:
        raise ValueError("This is no JSON.") from fault
    if not isinstance(said, dict) or set(said) - FIELDS:
        raise ValueError("Send an object of visitor, id, url and perhaps kind.")
    if not all(isinstance(one, str) for one in said.values()) or not said.get("visitor"):
        raise ValueError("Its fields are text, and the visitor is needed.")
    return said


def kind_of(
    said: dict[str, str],
    *,
    rules: Sequence[tuple[str, str]],
    events: Sequence[str],
    page_signal: str,
) -> str:
    """The signal it is; empty where the site counts nothing of the kind."""
    named = said.get("kind")
    if named is not None:
        return named if named in events else ""
    path = _path(said.get("url", ""))
    return next((kind for pattern, kind in rules if fits(path, pattern)), page_signal)


def signal(said: dict[str, str], kind: str, *, origin: str) -> dict[str, Any]:
    """The same as a signal for intake. The page is told as one of the origin that sent it."""
    found = {"kind": kind, "visitor": said["visitor"], "url": origin + _path(said.get("url", ""))}
    return found | ({"source_id": said["id"]} if said.get("id") else {})


def fits(path: str, pattern: str) -> bool:
    """Whether a path is one of a pattern, in which “*” stands for anything."""
    first, *others = pattern.split("*")
    if not others:
        return path == pattern
    if not path.startswith(first):
        return False
    rest = path[len(first) :]
    *inner, last = others
    for piece in inner:
        place = rest.find(piece)
        if place < 0:
            return False
        rest = rest[place + len(piece) :]
    return rest.endswith(last)


def _path(url: str) -> str:
    try:
        return urlsplit(url).path or "/"
    except ValueError:
        return "/"
