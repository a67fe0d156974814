"""Whether a webhook really comes from who shares a secret with us. Pure; times are UTC instants.

Every comparison takes the same time whatever is right about it. Two secrets count at once, so
that one can be changed without losing a delivery.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from enum import StrEnum

TOLERANCE = dt.timedelta(minutes=5)
"""How far the sender's clock may be off; older deliveries could be replays of stolen ones."""


class Scheme(StrEnum):
    """How a sender proves itself."""

    STANDARD = "STANDARD"
    """Standard Webhooks: webhook-id, webhook-timestamp, webhook-signature."""
    HMAC_SHA256 = "HMAC_SHA256"
    """HMAC-SHA256 of the body in a header, hexadecimal or base64, with or without `sha256=`."""
    TOKEN = "TOKEN"  # noqa: S105 - the name of a scheme
    """The secret itself in a header, for senders that can do no better."""


def fault(
    scheme: Scheme,
    *,
    secrets: Iterable[str],
    header: str,
    headers: Mapping[str, str],
    body: bytes,
    now: dt.datetime,
) -> str:
    """What is wrong with the proof of a delivery; empty when it is right.

    `headers` are read without regard to case by whoever passes them; `header` names the one that
    carries the proof, for schemes that have no header of their own.
    """
    usable = [secret for secret in secrets if secret]
    if not usable:
        return "This address has no secret yet."
    if scheme is Scheme.STANDARD:
        return _standard(usable, headers, body, now)
    given = headers.get(header, "").strip()
    if not given:
        return f"The header {header} is missing."
    if scheme is Scheme.TOKEN:
        bare = given.removeprefix("Bearer ").strip()
        right = any(hmac.compare_digest(bare.encode(), one.encode()) for one in usable)
    else:
        right = _any_digest(given, [(_plain(one), body) for one in usable])
    return "" if right else "The signature is wrong."


def _standard(secrets: list[str], headers: Mapping[str, str], body: bytes, now: dt.datetime) -> str:
    name = headers.get("webhook-id", "")
    stamp = headers.get("webhook-timestamp", "")
    given = headers.get("webhook-signature", "")
    if not (name and stamp and given):
        return "Send webhook-id, webhook-timestamp and webhook-signature."
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        return "webhook-timestamp is no number of seconds."
    if abs(now.timestamp() - int(stamp)) > TOLERANCE.total_seconds():
        return "webhook-timestamp is more than five minutes off."
    signed = f"{name}.{stamp}.".encode() + body
    proofs = [part[3:] for part in given.split() if part.startswith("v1,")][:10]
    keys = [(_standard_key(one), signed) for one in secrets]
    return "" if any(_any_digest(proof, keys) for proof in proofs) else "The signature is wrong."


def _any_digest(given: str, signed: list[tuple[bytes, bytes]]) -> bool:
    """Whether the proof is the HMAC of any of these, in hexadecimal or base64."""
    bare = given.removeprefix("sha256=").strip().encode("utf-8", "replace")
    right = False
    for key, content in signed:
        digest = hmac.new(key, content, hashlib.sha256).digest()
        right |= hmac.compare_digest(bare.lower(), digest.hex().encode())
        right |= hmac.compare_digest(bare, base64.b64encode(digest))
    return right


def _standard_key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        return _plain(secret)


def _plain(secret: str) -> bytes:
    return secret.encode()
