"""The hidden field of a public form: when the page was made, for which form, from which source
and with which questions.

It makes a double click one touch, tells how long filling in took, and carries the source, without
a cookie and without a row. It is signed, so nothing in it can be made up.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core import signing

SALT = "web.capture.ticket"
VALID_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Ticket:
    """A page that was shown once."""

    id: str
    form: str
    source: dict[str, str]
    asked: dict[str, str] | None
    """What the page asked: label by name."""
    hasty: bool
    """Whether it came back sooner than anybody reads; kept aside for people to look at."""
    visitor: str = ""
    """The browser's id, where it agreed to have one."""

    def key(self, answers: Mapping[str, Any]) -> str:
        """The same page sent twice with the same answers is one touch; changed answers are new."""
        text = json.dumps(dict(answers), sort_keys=True, default=str)
        return f"{self.id}:{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def issue(
    form: str,
    source: Mapping[str, str],
    *,
    asked: Mapping[str, str] | None = None,
    visitor: str = "",
) -> str:
    """The ticket of a page made now, which asks for these labels by name."""
    content: dict[str, Any] = {
        "id": secrets.token_urlsafe(12), "form": form, "source": dict(source),
    }  # fmt: skip
    if asked is not None:
        content["asked"] = dict(asked)
    if visitor:
        content["visitor"] = visitor
    return signing.dumps(content, salt=SALT, compress=True)


def read(text: str, *, form: str, soonest: int) -> Ticket | None:
    """The ticket, or None when it is not ours, another form's, or older than a day.

    `soonest` is how many seconds filling in takes at least.
    """
    try:
        content = signing.loads(text, salt=SALT, max_age=VALID_SECONDS)
    except signing.BadSignature:
        return None
    if content["form"] != form:
        return None
    hasty = soonest > 0
    try:
        signing.loads(text, salt=SALT, max_age=soonest)
    except signing.SignatureExpired:
        hasty = False
    return Ticket(
        content["id"],
        content["form"],
        content["source"],
        content.get("asked"),
        hasty,
        content.get("visitor", ""),
    )
