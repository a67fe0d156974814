"""Secrets of other services at rest: encrypted, so that a copy of the database tells none.

The keys are `LEADGOV_ENCRYPTION_KEYS`, else made from `LEADGOV_SECRET_KEY` and its fallbacks. The
first one seals, all of them open: put a new one in front, and old secrets go on being read.
"""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from core import errors

PURPOSE = b"leadgov.sealing.1:"


class Unreadable(errors.DomainError):
    """A stored secret cannot be opened with the keys there are."""

    code = "secret_unreadable"


def seal(secret: str) -> str:
    """The secret, encrypted, as it may be stored; an empty one stays empty."""
    return _box().encrypt(secret.encode()).decode() if secret else ""


def unseal(stored: str) -> str:
    """The secret again. Raises Unreadable when no key opens it."""
    if not stored:
        return ""
    try:
        return _box().decrypt(stored.encode()).decode()
    except InvalidToken:
        raise Unreadable(
            "The stored key cannot be decrypted: LEADGOV_SECRET_KEY or LEADGOV_ENCRYPTION_KEYS "
            "changed. Enter it again, or add the former value to the list."
        ) from None


def _box() -> MultiFernet:
    words = [*settings.ENCRYPTION_KEYS, settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_key(word)) for word in words])


def _key(word: str) -> bytes:
    """A Fernet key from any long text."""
    return base64.urlsafe_b64encode(hashlib.sha256(PURPOSE + word.encode()).digest())
