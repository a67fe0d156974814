"""Which partner a touchpoint names, and whether we know it. Pure.

By exact match only: the name, another name, the domain or another domain of an account that is a
partner. Spelling is compared as for companies, so that legal form and case do not matter.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from leads import cleansing

LONGEST_NAME = 200


class Status(StrEnum):
    """What we make of the name."""

    KNOWN = "KNOWN"
    UNKNOWN = "UNKNOWN"
    SEVERAL = "SEVERAL"


CHOICES = (
    (Status.KNOWN.value, "A partner of ours"),
    (Status.UNKNOWN.value, "No partner we know"),
    (Status.SEVERAL.value, "Several partners fit"),
)


@dataclass(frozen=True, slots=True, order=True)
class Keys:
    """What a name is looked up by; `name` is empty where no partner is named."""

    name: str = ""
    domain: str = ""


NOBODY = Keys()


@dataclass(frozen=True, slots=True, order=True)
class Mention:
    """A touchpoint that names a partner; ordered by when the buyer acted."""

    at: dt.datetime
    touch: int
    keys: Keys


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner as we know it, and who looks after it."""

    id: int
    name: str
    manager: int | None


@dataclass(frozen=True, slots=True)
class Naming:
    """What came of it: the partner, where just one fits."""

    status: Status
    partner: Partner | None = None


def keys_of(said: object) -> Keys:
    """The keys of a name as somebody wrote it."""
    name = " ".join(said.split())[:LONGEST_NAME] if isinstance(said, str) else ""
    if not name:
        return NOBODY
    told = cleansing.company_domain(domain=name) if " " not in name and "." in name else None
    domain = (told.domain if told is not None else None) or ""
    key = cleansing.company_name_key(name) or name.casefold()
    return Keys(key[:LONGEST_NAME], domain)


def said_in(payload: Mapping[str, Any]) -> Keys:
    """The keys of the partner whom a touch names."""
    source = payload.get("source")
    return keys_of(source.get("partner")) if isinstance(source, dict) else NOBODY


def latest(
    mentions: Iterable[Mention], *, now: dt.datetime, memory: dt.timedelta
) -> Mention | None:
    """The mention that counts: the last one, unless it was longer ago than `memory`."""
    return max((one for one in mentions if one.at > now - memory), default=None)


def decide(meant: Sequence[Partner]) -> Naming:
    """What the partners whom a name fits make of it: nobody guesses between two."""
    if len(meant) == 1:
        return Naming(Status.KNOWN, meant[0])
    return Naming(Status.SEVERAL if meant else Status.UNKNOWN)


def as_known(naming: Naming | None) -> dict[str, Any]:
    """What a snapshot keeps of it."""
    if naming is None:
        return {}
    known = naming.partner
    return {
        "named_status": naming.status.value,
        "named_partner": known.name if known is not None else "",
        "named_manager": known.manager if known is not None else None,
    }
