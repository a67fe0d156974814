"""Signatures of outgoing webhooks, by the Standard Webhooks specification. Pure.

The signed text is `id.timestamp.body`; the key is what stands after `whsec_`, in base64.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
from collections.abc import Iterable

PREFIX = "whsec_"


def new_secret(random: bytes) -> str:
    """A secret as receivers' libraries take it, from 24 to 64 random bytes."""
    return PREFIX + base64.b64encode(random).decode()


def headers(key: str, body: bytes, *, at: dt.datetime, secrets: Iterable[str]) -> dict[str, str]:
    """The three headers of a webhook: one signature for each secret that is live."""
    stamp = str(int(at.timestamp()))
    signed = f"{key}.{stamp}.".encode() + body
    given = (_signature(secret, signed) for secret in secrets if secret)
    return {
        "webhook-id": key,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{one}" for one in given),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
