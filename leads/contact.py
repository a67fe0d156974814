"""May this buyer be written to or called, for this purpose? Pure: a verdict with its reason.

The first that holds decides:

1. An address, number or domain on a suppression list, or a company that is not to be contacted:
   no, whatever was said. Only a request of the buyer's own that came after the entry of their
   address or number may be answered, by the way it came or names: somebody who asks by e-mail has
   not asked to be called. Domains stay shut.
2. An open request of the buyer: answering it is allowed, also to who wants no news; by a way they
   refused only if the request came by it, or names it.
3. The last word on this way: refused or withdrawn means no, granted means yes.
4. Nothing was said: one may be approached one to one, but gets no campaigns.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Way(StrEnum):
    """How somebody is reached."""

    EMAIL = "EMAIL"
    PHONE = "PHONE"
    SOCIAL = "SOCIAL"
    POST = "POST"


class Purpose(StrEnum):
    """What for: to answer an open request, to approach one person, to send to many."""

    ANSWER = "ANSWER"
    REACH_OUT = "REACH_OUT"
    NEWS = "NEWS"


class Because(StrEnum):
    """Why it is allowed or not."""

    SUPPRESSED = "SUPPRESSED"
    DO_NOT_CONTACT = "DO_NOT_CONTACT"
    ASKED = "ASKED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"
    GRANTED = "GRANTED"
    UNSAID = "UNSAID"


class State(StrEnum):
    """What a person said of a way."""

    GRANTED = "GRANTED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"


STOPS = {
    Way.EMAIL: frozenset({"MAIL", "ALL"}),
    Way.PHONE: frozenset({"CALL", "ALL"}),
    Way.SOCIAL: frozenset({"ALL"}),
    Way.POST: frozenset({"ALL"}),
}
"""Which reach of a suppression stops which way."""


@dataclass(frozen=True, slots=True)
class Word:
    """The last word of a person on one way."""

    state: State
    basis: str
    source: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether it is allowed, and why; `source` and `since` tell where and when that was said.

    `reason` is that of the list.
    """

    allowed: bool
    because: Because
    source: str = ""
    since: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Stop:
    """An entry of a suppression list with its reason; `whole` is one of a whole domain."""

    source: str
    since: datetime
    whole: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything that decides about contact with one buyer.

    `suppressed` maps a way to the entry that stops it: of several, the hardest to get past.
    `asked_at` is that of the open request, if there is one; `asked_by` when the buyer's requests
    last named a way.
    """

    words: Mapping[Way, Word]
    suppressed: Mapping[Way, Stop]
    do_not_contact: bool = False
    asked_at: datetime | None = None
    asked_by: Mapping[Way, datetime] = field(default_factory=dict)


def decide(way: Way, purpose: Purpose, standing: Standing) -> Verdict:
    """Judge one way for one purpose, by the rules at the head of this module."""
    stop = standing.suppressed.get(way)
    answers = purpose is Purpose.ANSWER and standing.asked_at is not None
    if stop is not None and not (answers and _asked_since(stop, way, standing)):
        listed = (stop.source, stop.since, stop.reason)
        return Verdict(False, Because.SUPPRESSED, *listed)  # noqa: FBT003
    if standing.do_not_contact:
        return Verdict(False, Because.DO_NOT_CONTACT)  # noqa: FBT003
    word = standing.words.get(way)
    is_open = word is None or word.state is State.GRANTED or way in standing.asked_by
    if answers and is_open:
        return Verdict(True, Because.ASKED, since=standing.asked_at)  # noqa: FBT003
    if word is None:
        return Verdict(purpose is not Purpose.NEWS, Because.UNSAID)
    allowed = word.state is State.GRANTED
    return Verdict(allowed, Because(word.state), word.source, word.at)


def _asked_since(stop: Stop, way: Way, standing: Standing) -> bool:
    asked = standing.asked_by.get(way)
    return asked is not None and asked > stop.since and not stop.whole


def ways_of(channel: str, person: Mapping[str, Any]) -> frozenset[Way]:
    """The ways that a request opens for its answer: the one it came by, and those it names."""
    ways = {_CAME_BY[channel]} if channel in _CAME_BY else set()
    if person.get("email"):
        ways.add(Way.EMAIL)
    if person.get("phone"):
        ways.add(Way.PHONE)
    return frozenset(ways)


_CAME_BY = {"INBOUND_EMAIL": Way.EMAIL, "PHONE": Way.PHONE, "SOCIAL": Way.SOCIAL}


@dataclass(frozen=True, slots=True)
class Said:
    """A word on one way that a touchpoint carried."""

    way: Way
    state: State
    basis: str = "CONSENT"
    words: str = ""


UNSUBSCRIBED = "unsubscribe"
"""The behaviour that withdraws the permission to write."""


def said_in(payload: Mapping[str, Any]) -> tuple[Said, ...]:
    """What a touchpoint says about permission.

    `consent` is true, the words agreed to, or an object of ways; each means e-mail where no way is
    named. A box on a form that was left empty says nothing; elsewhere false is a refusal.
    """
    found = list(_consents(payload.get("consent"), channel=str(payload.get("channel", ""))))
    kinds = (one.get("kind") for one in payload.get("signals") or [])
    if UNSUBSCRIBED in kinds:
        found.append(Said(Way.EMAIL, State.WITHDRAWN))
    return tuple(found)


def _consents(consent: object, *, channel: str) -> Iterable[Said]:
    if isinstance(consent, str) and consent.strip():
        yield Said(Way.EMAIL, State.GRANTED, words=consent)
    elif isinstance(consent, bool):
        if consent:
            yield Said(Way.EMAIL, State.GRANTED)
        elif channel != "FORM":
            yield Said(Way.EMAIL, State.REFUSED)
    elif isinstance(consent, Mapping):
        for way in Way:
            answer = consent.get(way.lower())
            if answer is True or (answer is False and channel != "FORM"):
                yield Said(
                    way,
                    State.GRANTED if answer else State.REFUSED,
                    basis=str(consent.get("basis") or "CONSENT"),
                    words=str(consent.get("words") or ""),
                )


def value_hash(kind: str, value: str) -> str:
    """The fingerprint under which a suppressed value is kept: SHA-256 over kind and normal form."""
    return hashlib.sha256(f"leadgov suppression\n{kind}\n{value}".encode()).hexdigest()


def hint(kind: str, value: str) -> str:
    """Enough of a value to recognise its entry by, too little to be it: m…@nordwind.de."""
    if kind == "EMAIL":
        local, _, domain = value.rpartition("@")
        return f"{local[:1]}…@{domain[:1]}…{domain[domain.rfind('.') :]}"
    if kind == "PHONE":
        return f"{value[:3]}…{value[-2:]}"
    return value[:60]
