"""Reading one signal that was sent by itself: what it says, or what is wrong with it. Pure.

What it shares with a touch is read as of a touch, so that both find the same buyer.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.errors import DomainError, FieldError
from leads import cleansing, identity, intake, visiting
from leads.identity import EmailPolicy, Key

PERSON = ("email", "phone", "country")
TOP = ("kind", "occurred_at", "person", "external_id", "visitor", "url", "source_id")
LONGEST_URL = 2_000
LONGEST_ID = 180
MOST_SIGNALS = 1_000
VISITOR = "VISITOR"
WHOSE = "Give an e-mail address, a phone number, an external id or a visitor to know the buyer by."


@dataclass(slots=True)
class Reading:
    """A signal that can be stored, or the faults that forbid it."""

    kind: str = ""
    occurred_at: dt.datetime | None = None
    payload: dict[str, Any] = field(default_factory=dict)
    source_id: str = ""
    errors: list[FieldError] = field(default_factory=list)

    @property
    def body_hash(self) -> str:
        """SHA-256 of what it says: the same content, the same hash."""
        said = self.occurred_at.isoformat() if self.occurred_at else None
        return intake.hash_of({**self.payload, "kind": self.kind, "occurred_at": said})

    def key(self, given: str | None) -> str:
        """What makes it one signal, however often it is sent.

        The sender's own id first, then the key that was `given`. Without either the same words of
        the same instant are one; who names no instant is counted each time.
        """
        if self.source_id:
            return f"id:{self.source_id}"
        if given:
            return given
        return f"auto:{self.body_hash if self.occurred_at else secrets.token_hex(16)}"


def read(body: object, *, now: dt.datetime) -> Reading:
    """Read one signal. Never raises: `errors` lists every fault with its dotted path."""
    reading = Reading()
    if not isinstance(body, Mapping):
        reading.errors.append(FieldError("", "A signal is an object with a kind and a person."))
        return reading
    for name in sorted(str(key) for key in body if key not in TOP):
        text = f"Unknown field; known are {', '.join(TOP)}."
        reading.errors.append(FieldError(name[:60], text, "unknown"))
    _as_of_a_touch(body, reading, now=now)
    _url(body, reading)
    _own_id(body, reading)
    known_by = (reading.payload.get("person") or {}).keys() & {"email", "phone"}
    named = known_by or {"external_id", "visitor"} & reading.payload.keys()
    if not named and not reading.errors:
        reading.errors.append(FieldError("person", WHOSE, "required"))
    return reading


def keys_of(
    payload: Mapping[str, Any], *, scope: str, country: str, spelling: EmailPolicy | None = None
) -> tuple[Key, ...]:
    """The identity keys that a signal names. Mailboxes of desks name nobody, and are none."""
    person = payload.get("person") or {}
    read = identity.keys_of(
        email=person.get("email"),
        phone=person.get("phone"),
        external_id=payload.get("external_id"),
        external_scope=scope,
        country=cleansing.country_code(person.get("country") or "") or country or None,
        policy=spelling,
    )
    return read.keys


def found_by(keys: tuple[Key, ...], visitor: str) -> list[str]:
    """By what a signal, or whoever makes its buyer known, is looked up: KIND:value."""
    found = [f"{key.kind.value}:{key.value}" for key in keys]
    return [*found, f"{VISITOR}:{visitor}"] if visitor else found


def _as_of_a_touch(body: Mapping[str, Any], reading: Reading, *, now: dt.datetime) -> None:
    said = {name: body[name] for name in ("person", "external_id", "visitor") if name in body}
    signal = {name: body[name] for name in ("kind", "occurred_at") if body.get(name) is not None}
    touch = intake.read({"channel": "TRIAL", **said, "signals": [signal]}, now=now)
    for fault in touch.errors:
        path = fault.field.removeprefix("signals.0.").replace("signals.0", "kind")
        if fault.code != "required":
            reading.errors.append(FieldError(path, fault.message, fault.code))
    told = touch.payload.get("person") or {}
    for name in sorted(set(told) - set(PERSON)):
        text = f"Unknown field; known are {', '.join(PERSON)}."
        reading.errors.append(FieldError(f"person.{name}", text, "unknown"))
    reading.payload = {name: touch.payload[name] for name in said if name in touch.payload}
    if not visiting.is_id(reading.payload.get("visitor", "")) and "visitor" in reading.payload:
        reading.errors.append(FieldError("visitor", visiting.SHAPE, "visitor"))
    for one in touch.payload.get("signals", ()):
        reading.kind = one["kind"]
        if "occurred_at" in one:
            reading.occurred_at = min(dt.datetime.fromisoformat(one["occurred_at"]), now)


def _url(body: Mapping[str, Any], reading: Reading) -> None:
    raw = body.get("url")
    if raw in (None, ""):
        return
    try:
        if not isinstance(raw, str):
            raise TypeError
        text = cleansing.clean_text(raw, LONGEST_URL)
    except (TypeError, DomainError):
        text = f"This is an address of at most {LONGEST_URL} characters."
        reading.errors.append(FieldError("url", text, "url"))
        return
    # What people searched for or carry in links is not ours.
    reading.payload["url"] = text.partition("?")[0].partition("#")[0]


def _own_id(body: Mapping[str, Any], reading: Reading) -> None:
    raw = body.get("source_id")
    if raw in (None, ""):
        return
    text = str(raw) if isinstance(raw, str | int) and not isinstance(raw, bool) else ""
    if 0 < len(text) <= LONGEST_ID and text.isprintable():
        reading.source_id = text
    else:
        told = f"An id has 1 to {LONGEST_ID} visible characters."
        reading.errors.append(FieldError("source_id", told, "source_id"))
