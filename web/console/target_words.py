"""Whom a rule wanted, and why they could or could not take the lead, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from routing import rule_words, targets
from web.console import words

HELD = "held it before"
AT_THE_CAP = "at the cap"
IS = ("at the cap", *targets.AWAY.values())


def wanted(tried: Mapping[str, Any], names: Mapping[int, str]) -> str:
    """“the account's owner, Katrin Vogel, who is on leave until Monday”; empty for pools."""
    meant = tried.get("meant")
    if not isinstance(meant, Mapping):
        return ""
    whom = rule_words.WANTED.get(str(tried.get("target")), "somebody")
    if tried.get("target") == targets.TERRITORY and meant.get("by"):
        whom = f"the territory “{meant['by']}”"
    refused = str(tried.get("refused") or "")
    if meant.get("user") is None:
        return f"{whom}; {refused}" if refused else whom
    name = names.get(meant["user"], f"User {meant['user']}")
    if not refused:
        return f"{whom}, {name}"
    return f"{whom}, {name}, who {_verb(refused)}{_until(meant)}"


def users(tried: list[dict[str, Any]]) -> list[int]:
    """Everybody whom the rules tried meant."""
    found = (one["meant"].get("user") for one in tried if isinstance(one.get("meant"), Mapping))
    return [user for user in found if user is not None]


def load(meant: Mapping[str, Any]) -> str:
    """What they held then: “3 of 30 open leads”."""
    cap, held = meant.get("open_cap"), meant.get("open_leads", 0)
    if cap is None:
        return words.plural(held, "open lead")
    return f"{held} of {words.plural(cap, 'open lead')}"


def _verb(refused: str) -> str:
    return f"was {refused}" if refused.startswith(IS) else refused


def _until(meant: Mapping[str, Any]) -> str:
    """When the reason would end, in the reader's zone."""
    if not (meant.get("until") and meant.get("away")):
        return ""
    at = datetime.fromisoformat(meant["until"])
    return f" until {words.moment(at, now=timezone.now(), zone=timezone.get_current_timezone())}"
