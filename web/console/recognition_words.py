"""Why a touchpoint belongs to its buyer, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.texts import lazy

BY = {
    "EMAIL": lazy("Recognised by e-mail."),
    "EXTERNAL": lazy("Recognised by the id of another system."),
    "CONTACT": lazy("Recognised at a mailbox or number that several people use."),
    "PHONE": lazy("Recognised by phone."),
    "NAME": lazy("Recognised by the name at the company."),
}
NEW = {
    "EXTERNAL_BUT_OTHER_EMAIL": lazy(
        "New: the other system's id is also that of somebody with another e-mail address."
    ),
    "CONTACT_BUT_OTHER_EMAIL": lazy(
        "New: somebody of that name at a shared number has another e-mail address."
    ),
    "CONTACT_BUT_OTHER_EXTERNAL": lazy(
        "New: somebody of that name at a shared number has another id in the same system."
    ),
    "PHONE_BUT_OTHER_EMAIL": lazy(
        "New: the phone is also that of somebody with another e-mail address."
    ),
    "PHONE_BUT_OTHER_EXTERNAL": lazy(
        "New: the phone is also that of somebody with another id in the same system."
    ),
    "EMAIL_BUT_OTHER_NAME": lazy(
        "New: the e-mail address is also that of somebody of another name."
    ),
    "PHONE_BUT_OTHER_NAME": lazy("New: the phone is also that of somebody of another name."),
}
DOUBT = lazy("It may be somebody known already; the two were kept apart.")


def told(identity: Mapping[str, Any]) -> str:
    """One sentence or two; empty for a new buyer about whom there is no doubt."""
    reason = str(identity.get("reason") or "")
    said = BY.get(reason) or NEW.get(reason) or ""
    doubtful = identity.get("suggestion") and reason not in NEW
    return " ".join(one for one in (said, DOUBT if doubtful else "") if one)
