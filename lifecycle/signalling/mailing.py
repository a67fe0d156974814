"""What became of mails that others sent for us: signals, and addresses that take no more mail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from core.errors import InvalidInput
from leads import identity
from lifecycle import contacting
from lifecycle.contacting import Entry
from lifecycle.intake import Answer
from lifecycle.signalling import receiving

BOUNCED, COMPLAINED = "Mail bounced", "Complained of mail"


def take(
    signals: Sequence[dict[str, Any]],
    *,
    shut: Sequence[tuple[str, str]],
    scope: str,
    now: dt.datetime | None = None,
) -> list[Answer]:
    """Capture these signals; nothing is mailed any more to the addresses in `shut`.

    Each of those comes with the source it is listed under. They are listed first: what is
    delivered again after a failure is listed and counted once.
    """
    for source in sorted({source for _, source in shut}):
        entries = [Entry("EMAIL", one) for one, named in shut if named == source and _is_one(one)]
        if entries:
            contacting.suppress(entries, reach="MAIL", source=source, by=None, now=now)
    return receiving.capture(signals, scope=scope, now=now)


def _is_one(text: str) -> bool:
    try:
        identity.normalise_email(text)
    except InvalidInput:
        return False
    return True
