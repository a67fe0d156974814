"""What one touch says of where it came from, as plain frozen data. Facts about touchpoints read it.

Pure: made from a touch's columns and its payload, under no kit.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from governance.condition_operators import fold

CLICK_IDS = (
    ("gclid", "Google Ads (gclid)"),
    ("gbraid", "Google Ads (gbraid)"),
    ("wbraid", "Google Ads (wbraid)"),
    ("dclid", "Google Display (dclid)"),
    ("msclkid", "Microsoft Ads (msclkid)"),
    ("fbclid", "Facebook or Instagram (fbclid)"),
    ("li_fat_id", "LinkedIn Ads (li_fat_id)"),
    ("ttclid", "TikTok Ads (ttclid)"),
    ("twclid", "X Ads (twclid)"),
    ("rdt_cid", "Reddit Ads (rdt_cid)"),
    ("yclid", "Yandex Direct (yclid)"),
)
"""Parameters by which networks mark a click, and what they are called."""

OTHER_CLICK = "other"
_KNOWN_CLICKS = frozenset(name for name, _ in CLICK_IDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Touchpoint:
    """One touch's origin. Empty text means missing; medium, source and click are in lower case."""

    channel: str
    medium: str = ""
    utm_source: str = ""
    campaign: str = ""
    content: str = ""
    term: str = ""
    referrer_host: str = ""
    landing: str = ""
    partner: str = ""
    click: str = ""
    stated: str = ""
    form: str = ""


def read(
    payload: Mapping[str, Any], *, channel: str, utm_source: str, referrer_host: str
) -> Touchpoint:
    """The origin as the payload tells it; source and host as they were read from it on receipt."""
    said = payload.get("source") or {}
    form = (payload.get("fields") or {}).get("form", "")
    return Touchpoint(
        channel=channel,
        medium=fold(said.get("medium", "")),
        utm_source=fold(utm_source),
        campaign=said.get("campaign", ""),
        content=said.get("content", ""),
        term=said.get("term", ""),
        referrer_host=referrer_host,
        landing=said.get("landing", ""),
        partner=said.get("partner", ""),
        click=click_of(said.get("click_id", "")),
        stated=category_of(said.get("category", "")),
        form=form if isinstance(form, str) else json.dumps(form),
    )


def click_of(click_id: str) -> str:
    """Which network marked the click: `gclid=EAIa…` is gclid, a bare id is `other`."""
    if not click_id:
        return ""
    name = fold(click_id.partition("=")[0])
    return name if name in _KNOWN_CLICKS else OTHER_CLICK


def category_of(text: str) -> str:
    """A category as callers may write it, “self-serve”, in our terms: SELF_SERVE."""
    return text.strip().upper().replace(" ", "_").replace("-", "_")
