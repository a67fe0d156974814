"""How a company was found to be an account, in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.texts import lazy
from leads.company_matching import By

WORDS = {
    By.DOMAIN: lazy("matched by domain"),
    By.DOMAIN_ALIAS: lazy("matched by an alias of the domain"),
    By.NAME: lazy("matched by name"),
    By.NAME_AND_COUNTRY: lazy("matched by name and country"),
    By.NAME_ALIAS: lazy("matched by an alias of the name"),
    By.NEW: lazy("a new account"),
    By.AMBIGUOUS: lazy("several accounts have this name, so none of them was guessed"),
}


def matched(company: Mapping[str, Any], domain: str = "") -> str:
    """`matched by domain acme.co.uk`; empty where a touch named no company."""
    by = company.get("by", "")
    if by not in WORDS:
        return ""
    told = WORDS[By(by)]
    return f"{told} {domain}" if by == By.DOMAIN and domain else told
