"""Reading one touch as it came in: what it says, in our terms, or what is wrong with it. Pure.

Over-strict doors lose buyers: only what cannot be stored or understood is refused. An unreadable
phone number or employee count is kept in the payload and merely not used.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.errors import DomainError, FieldError
from leads import amounts, cleansing, contact, identity, past, referrers, touchpoint
from leads.models.permission import Permission
from leads.models.touch import Channel, SourceCategory

LIMITS = {
    "person": {
        "first_name": 120,
        "last_name": 120,
        "email": 320,
        "phone": 40,
        "title": 160,
        "country": 60,
        "language": 16,
    },
    "company": {
        "name": 200,
        "domain": 253,
        "industry": 80,
        "employees": 20,
        "annual_revenue": 40,
        "currency": 3,
        "country": 60,
        "region": 80,
        "postal_code": 16,
    },
    "lead": {"potential_value": 40, "currency": 40},
    "source": {
        "category": 20,
        "medium": 120,
        "campaign": 160,
        "content": 160,
        "term": 160,
        "referrer": 2000,
        "partner": 160,
        "source": 120,
        "click_id": 300,
        "landing": 2000,
    },
}
TOP = {"channel", "occurred_at", *LIMITS, "external_id", "external_url", "visitor", "consent",
       "signals", "fields", "note"}  # fmt: skip
# Django makes these lists anew each time they are asked for.
CHANNELS = tuple(Channel.values)
CATEGORIES = tuple(SourceCategory.values)
MOST_SIGNALS = 200
MOST_FIELDS = 500
LONGEST_CONSENT = 500
AMOUNTS = ("annual_revenue", "potential_value")
YES_OR_NO = dict.fromkeys(
    ("yes", "y", "true", "1", "on", "ja", "oui", "si", "sí", "agreed", "accepted", "opt-in"),
    True,
) | dict.fromkeys(
    ("no", "n", "false", "0", "off", "none", "nein", "non", "refused", "declined", "opt-out"),
    False,
)
"""What form tools send for a ticked box and an empty one; any other text is the words agreed to."""
EARLIEST = dt.datetime(1990, 1, 1, tzinfo=dt.UTC)
TOLERANCE = dt.timedelta(minutes=10)
"""How far a source's clock may run ahead of ours."""


@dataclass(slots=True)
class Reading:
    """A touch that can be stored, or the faults that forbid it."""

    payload: dict[str, Any] = field(default_factory=dict)
    channel: str = ""
    occurred_at: dt.datetime | None = None
    category: str = SourceCategory.UNKNOWN.value
    medium: str = ""
    campaign: str = ""
    utm_source: str = ""
    referrer_host: str = ""
    errors: list[FieldError] = field(default_factory=list)
    hashed: str = ""

    @property
    def body_hash(self) -> str:
        """SHA-256 of the canonical payload: the same content, the same hash. Made once."""
        self.hashed = self.hashed or hash_of(self.payload)
        return self.hashed


def hash_of(payload: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical JSON of a payload."""
    text = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def read(body: object, *, now: dt.datetime, historical: bool = False) -> Reading:
    """Read one touch. Never raises: `errors` lists every fault with its dotted path.

    The payload holds only what was said, so that the same body gives the same hash at any time.
    Only `historical` touches may tell of past stages.
    """
    reading = Reading()
    if not isinstance(body, Mapping):
        reading.errors.append(FieldError("", "A touch is an object with a channel and a person."))
        return reading
    for name in sorted(str(key) for key in body if key not in {*TOP, "history"}):
        reading.errors.append(
            FieldError(name[:60], f"Unknown field; known are {', '.join(sorted(TOP))}.", "unknown")
        )
    _channel(body, reading)
    said = _instant(body, "occurred_at", "occurred_at", reading, now=now)
    reading.occurred_at = min(said, now) if said else now
    for section, limits in LIMITS.items():
        _section(body, section, limits, reading)
    _text(body, "external_id", "external_id", 200, reading, into=reading.payload)
    _text(body, "external_url", "external_url", 500, reading, into=reading.payload)
    _text(body, "note", "note", 5_000, reading, into=reading.payload)
    _text(body, "visitor", "visitor", 64, reading, into=reading.payload)
    _consent(body, reading)
    _signals(body, reading, now=now)
    _fields(body, reading)
    _history(body, reading, now=now, historical=historical)
    if said is None and historical:
        reading.occurred_at = past.came(reading.payload.get("history", {}), now=now)
    _source(reading)
    if not reading.errors:
        _identifiable(reading)
    reading.payload["channel"] = reading.channel
    if said is not None:
        reading.payload["occurred_at"] = said.isoformat()
    return reading


def _channel(body: Mapping[str, Any], reading: Reading) -> None:
    raw = body.get("channel")
    value = raw.strip().upper() if isinstance(raw, str) else ""
    if value in CHANNELS:
        reading.channel = value
    else:
        known = ", ".join(choice.lower() for choice in CHANNELS)
        reading.errors.append(FieldError("channel", f"Name a channel: {known}.", "choice"))


def _section(
    body: Mapping[str, Any], section: str, limits: Mapping[str, int], reading: Reading
) -> None:
    raw = body.get(section)
    if raw is None:
        return
    if not isinstance(raw, Mapping):
        reading.errors.append(FieldError(section, "This must be an object.", "type"))
        return
    kept: dict[str, Any] = {}
    for name in sorted(str(key) for key in raw if key not in limits):
        reading.errors.append(
            FieldError(
                f"{section}.{name[:60]}",
                f"Unknown field; known are {', '.join(sorted(limits))}.",
                "unknown",
            )
        )
    for name, limit in limits.items():
        _text(raw, name, f"{section}.{name}", limit, reading, into=kept)
    if kept:
        reading.payload[section] = kept


def _text(
    source: Mapping[str, Any],
    name: str,
    path: str,
    limit: int,
    reading: Reading,
    *,
    into: dict[str, Any],
) -> None:
    raw = source.get(name)
    if raw is None or raw == "":
        return
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        reading.errors.append(FieldError(path, "This must be text.", "type"))
        return
    try:
        text = cleansing.clean_text(amounts.spelt(raw) if name in AMOUNTS else str(raw), limit)
    except DomainError as fault:
        reading.errors.append(FieldError(path, fault.message, fault.code))
        return
    if text:
        into[name] = text


def _instant(
    source: Mapping[str, Any], name: str, path: str, reading: Reading, *, now: dt.datetime
) -> dt.datetime | None:
    raw = source.get(name)
    if raw is None or raw == "":
        return None
    try:
        at = raw if isinstance(raw, dt.datetime) else dt.datetime.fromisoformat(str(raw))
    except ValueError:
        reading.errors.append(
            FieldError(path, "Give an ISO 8601 instant such as 2026-05-04T09:30:00Z.", "instant")
        )
        return None
    if at.tzinfo is None:
        reading.errors.append(
            FieldError(path, "Say the zone too, as in 2026-05-04T09:30:00+02:00.", "zone")
        )
        return None
    try:
        at = at.astimezone(dt.UTC)
    except OverflowError:
        at = EARLIEST - dt.timedelta(days=1)
    if not EARLIEST <= at <= now + TOLERANCE:
        reading.errors.append(FieldError(path, "This lies before 1990 or in the future.", "range"))
        return None
    return at


def _consent(body: Mapping[str, Any], reading: Reading) -> None:
    raw = body.get("consent")
    if raw is None:
        return
    if isinstance(raw, Mapping):
        _consent_by_way(raw, reading)
        return
    if not isinstance(raw, bool | str) or (isinstance(raw, str) and len(raw) > LONGEST_CONSENT):
        reading.errors.append(FieldError("consent", "Say true, false, or the words consented to."))
        return
    if isinstance(raw, str) and raw.strip().casefold() in YES_OR_NO:
        reading.payload["consent"] = YES_OR_NO[raw.strip().casefold()]
    elif isinstance(raw, str):
        _text(body, "consent", "consent", LONGEST_CONSENT, reading, into=reading.payload)
    else:
        reading.payload["consent"] = raw


def _consent_by_way(raw: Mapping[str, Any], reading: Reading) -> None:
    """An object: a yes or no for each way, the lawful basis, the words that were agreed to."""
    kept: dict[str, Any] = {}
    ways = [way.lower() for way in contact.Way]
    for name in sorted(str(key) for key in raw if key not in (*ways, "basis", "words")):
        known = ", ".join([*ways, "basis", "words"])
        reading.errors.append(
            FieldError(f"consent.{name[:60]}", f"Unknown field; known are {known}.", "unknown")
        )
    for way in ways:
        if raw.get(way) is not None:
            if isinstance(raw[way], bool):
                kept[way] = raw[way]
            else:
                reading.errors.append(FieldError(f"consent.{way}", "Say true or false.", "type"))
    _text(raw, "words", "consent.words", LONGEST_CONSENT, reading, into=kept)
    _text(raw, "basis", "consent.basis", 20, reading, into=kept)
    if "basis" in kept:
        kept["basis"] = kept["basis"].upper().replace(" ", "_")
        if kept["basis"] not in Permission.Basis.values:
            named = ", ".join(one.lower() for one in Permission.Basis.values)
            reading.errors.append(FieldError("consent.basis", f"Name one of: {named}.", "choice"))
    if kept:
        reading.payload["consent"] = kept


def _signals(body: Mapping[str, Any], reading: Reading, *, now: dt.datetime) -> None:
    raw = body.get("signals")
    if raw is None:
        return
    if not isinstance(raw, list) or len(raw) > MOST_SIGNALS:
        reading.errors.append(
            FieldError("signals", f"This must be a list of at most {MOST_SIGNALS} signals.", "type")
        )
        return
    kept = []
    for index, signal in enumerate(raw):
        path = f"signals.{index}"
        if not isinstance(signal, Mapping) or set(signal) - {"kind", "occurred_at"}:
            reading.errors.append(FieldError(path, "A signal is {kind, occurred_at?}.", "type"))
            continue
        kind = signal.get("kind")
        if not isinstance(kind, str) or not _is_slug(kind):
            reading.errors.append(
                FieldError(f"{path}.kind", "Use lower-case letters, digits and “_”.", "slug")
            )
            continue
        at = _instant(signal, "occurred_at", f"{path}.occurred_at", reading, now=now)
        kept.append({"kind": kind, "occurred_at": at.isoformat()} if at else {"kind": kind})
    if kept:
        reading.payload["signals"] = kept


def _is_slug(text: str) -> bool:
    allowed = set("abcdefghijklmnopqrstuvwxyz0123456789_")
    return 0 < len(text) <= 60 and set(text) <= allowed and text[0].isalpha()


def _fields(body: Mapping[str, Any], reading: Reading) -> None:
    raw = body.get("fields")
    if raw is None:
        return
    if not isinstance(raw, Mapping) or len(raw) > MOST_FIELDS:
        reading.errors.append(
            FieldError("fields", f"This must be an object of at most {MOST_FIELDS} fields.", "type")
        )
        return
    kept: dict[str, Any] = {}
    for name in raw:
        label = str(name)
        if not 0 < len(label) <= 80 or not label.isprintable():
            reading.errors.append(FieldError("fields", "A field name has 1 to 80 characters."))
            continue
        value = raw[name]
        if isinstance(value, bool):
            kept[label] = value
        else:
            _text(raw, name, f"fields.{label}", 2_000, reading, into=kept)
    if kept:
        reading.payload["fields"] = kept


def _history(
    body: Mapping[str, Any], reading: Reading, *, now: dt.datetime, historical: bool
) -> None:
    raw = body.get("history")
    if raw is None:
        return
    if not historical:
        message = "Past stages are taken from imports of history only; leave this out."
        reading.errors.append(FieldError("history", message, "history"))
        return
    words = past.WORDS
    named = {name: raw[name] for name in words if name in raw} if isinstance(raw, Mapping) else raw
    dated = {name: raw[name] for name in past.INSTANTS if name in raw} if named is not raw else {}
    if named is raw or len(named) + len(dated) < len(raw):
        known = ", ".join((*words, *past.INSTANTS))
        reading.errors.append(FieldError("history", f"This is an object of {known}.", "unknown"))
        return
    _section({"history": named}, "history", words, reading)
    kept = reading.payload.pop("history", {})
    for name in dated:
        at = _instant(dated, name, f"history.{name}", reading, now=past.LATEST)
        kept |= {name: at.isoformat()} if at else {}
    if "stage" in kept:
        kept["stage"] = kept["stage"].upper()
        if kept["stage"] not in past.SAYABLE:
            listed = ", ".join(one.lower() for one in past.SAYABLE)
            reading.errors.append(FieldError("history.stage", f"Name one of: {listed}.", "choice"))
    if kept:
        reading.payload["history"] = kept


def _source(reading: Reading) -> None:
    source = reading.payload.get("source", {})
    raw = source.get("category", "")
    value = touchpoint.category_of(raw)
    if value and value not in CATEGORIES:
        known = ", ".join(choice.lower() for choice in CATEGORIES)
        reading.errors.append(FieldError("source.category", f"Name one of: {known}.", "choice"))
    # Only what the caller states: the kit's attribution rules decide when the touch is advanced.
    reading.category = value or SourceCategory.UNKNOWN.value
    reading.medium = source.get("medium", "")
    reading.campaign = source.get("campaign", "")
    reading.utm_source = source.get("source", "")
    reading.referrer_host = referrers.host_of(source.get("referrer", ""))


def _identifiable(reading: Reading) -> None:
    person = reading.payload.get("person", {})
    email = person.get("email")
    if email:
        try:
            identity.normalise_email(email)
            person["email"] = identity.bare_email(email)
        except DomainError as fault:
            reading.errors.append(FieldError("person.email", fault.message, "email"))
    if not (email or person.get("phone") or reading.payload.get("external_id")):
        reading.errors.append(
            FieldError(
                "person",
                "Give an e-mail address, a phone number or an external id to know the buyer by.",
                "required",
            )
        )
