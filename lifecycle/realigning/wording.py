"""What people are told of a realignment, for the console and for mail. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core import phrases

NOUNS = {
    "ACCOUNT": ("account", "accounts"),
    "OPPORTUNITY": ("opportunity", "opportunities"),
    "LEAD": ("lead", "leads"),
}


def headline(words: Mapping[str, Any]) -> str:
    """In a few words."""
    return "Realignment undone" if words.get("undone") else "Territories realigned"


def sentence(words: Mapping[str, Any]) -> str:
    """What came to somebody and what went from them, in one or two sentences."""
    came, went = counted(words.get("came") or {}), counted(words.get("went") or {})
    said = []
    if came:
        said.append(
            f"{phrases.capital(came)} {'came back' if words.get('undone') else 'came'} to you."
        )
    if went:
        said.append(f"{phrases.capital(went)} went to others.")
    return " ".join(said)


def counted(counts: Mapping[str, int]) -> str:
    """So many accounts, opportunities and leads."""
    return phrases.listed(
        [phrases.plural(counts[kind], *NOUNS[kind]) for kind in NOUNS if counts.get(kind)]
    )
